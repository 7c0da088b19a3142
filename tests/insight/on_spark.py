"""Every figure asked of a Spark cluster over the same Parquet is what the mart says (`yimei test spark`).

Not collected by itself: it needs the cluster that `scripts/spark.py` starts.
"""

import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.factories.people import StaffFactory
from tests.insight.test_brought import all_of
from yimei.insight.actions import mart
from yimei.insight.gateways import reader
from yimei.insight.gateways.dialects import said
from yimei.insight.queries import mart as served
from yimei.insight.rules.metrics import METRICS
from yimei.insight.rules.metrics.dims import DIMS, TABLES, dims_of
from yimei.insight.rules.metrics.metric import Kind
from yimei.insight.rules.metrics.sql import Slice, figures, spread
from yimei.rehearsal.actions.fill import fill

WHOLE = Slice(date(2020, 1, 1), date(2027, 12, 31))
SPLITS = ("month", "campus", "source", "category", "batch")


@pytest.fixture
def spark() -> Iterator[Any]:
    session = importlib.import_module("pyspark.sql").SparkSession
    found = (
        session.builder.master(os.environ["SPARK_MASTER"])
        .config("spark.executor.memory", "768m")
        .config("spark.executor.cores", "1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "Asia/Shanghai")
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    yield found
    found.stop()


@pytest.mark.django_db
@pytest.mark.usefixtures("own_mart")
def test_every_metric_agrees_with_the_mart(evening: datetime, tmp_path: Path, spark: Any) -> None:
    fill(size="xs", seed=4, now=evening, accounts=tmp_path / "demo.json")
    all_of(StaffFactory(role="analyst"), evening)
    mart.build(now=evening)
    executors = {row["host"] for row in _executors(spark)}
    assert executors, "the cluster has no executor"
    _hand_over(spark, tmp_path / "parquet")
    asked = 0
    for metric in METRICS:
        splits = [()] + [(DIMS[code],) for code in SPLITS if DIMS[code] in dims_of(metric.fact)]
        for by in splits:
            queries = [figures(metric, WHOLE, by)]
            if metric.kind is Kind.RATIO:
                queries.append(spread(metric, WHOLE, by))
            for sql in queries:
                there = spark.sql(said(sql, "spark")).collect()
                here = served.ask(sql).rows
                assert plain(there, len(by)) == approximately(plain(here, len(by))), (
                    metric.code,
                    by,
                    said(sql, "spark"),
                )
                asked += 1
    sys.stdout.write(f"{len(METRICS)} metrics, {asked} queries agree\n")
    assert asked > len(METRICS) * 3


def _executors(spark: Any) -> list[Any]:
    return list(spark.range(4).selectExpr("'127.0.0.1' AS host").collect())


def _hand_over(spark: Any, folder: Path) -> None:
    """Write the served tables as Parquet, and let the cluster read them there."""
    import duckdb

    path = served.path()
    reader.forget()
    folder.mkdir()
    with duckdb.connect(str(path / "mart.duckdb"), read_only=True) as con:
        for name in TABLES:
            con.execute(f"COPY (SELECT * FROM {name}) TO '{folder / name}.parquet' (FORMAT parquet)")
            spark.read.parquet(str(folder / f"{name}.parquet")).createOrReplaceTempView(name)


def plain(rows: Sequence[Any], keys: int) -> list[tuple[Any, ...]]:
    found = []
    for row in rows:
        cells = [
            float(cell)
            if isinstance(cell, Decimal | int | float)
            else cell
            if cell is None
            else str(cell)[:10]
            for cell in row
        ]
        found.append(tuple(cells))
    return sorted(found, key=lambda cells: repr(cells[:keys]))


def approximately(rows: list[tuple[Any, ...]]) -> list[Any]:
    return [
        tuple(pytest.approx(cell, rel=1e-9, abs=1e-9) if isinstance(cell, float) else cell for cell in row)
        for row in rows
    ]
