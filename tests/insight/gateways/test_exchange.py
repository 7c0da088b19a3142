"""Each shape is opened by a reader of that format; labels are kept, hidden figures are empty."""

import io
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pyarrow.parquet as pq
import pyreadstat
import pytest
import rdata

from yimei.insight.gateways import exchange
from yimei.insight.rules.exchange import Column, Table, coded

WORDS = ["抖音", "=1+1", "𠮷田 🙂"]
TABLE = Table(
    "win_rate",
    "成交率",
    [
        Column("source", "首次来源", *coded(WORDS)),
        Column("value", "成交率（%）", [0.25, None, 0.5]),
        Column("people", "人数", [20, None, 40], is_whole=True),
    ],
)


def test_words_are_numbered_by_first_sight() -> None:
    assert coded(["乙", "甲", "乙"]) == ([1, 2, 1], {1: "乙", 2: "甲"})


@pytest.mark.slow(reason="loads pandas and pyreadstat")
def test_spss_keeps_labels(tmp_path: Path) -> None:
    path = tmp_path / "t.sav"
    path.write_bytes(exchange.sav(TABLE))
    frame, meta = pyreadstat.read_sav(str(path))
    assert meta.column_names_to_labels == {"source": "首次来源", "value": "成交率（%）", "people": "人数"}
    assert meta.variable_value_labels["source"] == {1.0: "抖音", 2.0: "=1+1", 3.0: "𠮷田 🙂"}
    assert frame["value"].isna().tolist() == [False, True, False]
    assert frame["source"].tolist() == [1.0, 2.0, 3.0]


def test_r_reads_a_data_frame(tmp_path: Path) -> None:
    path = tmp_path / "t.rds"
    path.write_bytes(exchange.rds(TABLE))
    frame = rdata.read_rds(path)
    assert frame["source"].tolist() == WORDS
    assert frame["value"].tolist()[::2] == [0.25, 0.5]
    assert frame["value"].isna().tolist() == [False, True, False]


def test_parquet_keeps_types_and_words() -> None:
    found = pq.read_table(io.BytesIO(exchange.parquet(TABLE)))
    assert found.column("source").to_pylist() == WORDS
    assert found.column("people").to_pylist() == [20, None, 40]
    assert found.schema.field("value").metadata == {b"label": "成交率（%）".encode()}


def test_duckdb_reads_the_parquet(tmp_path: Path) -> None:
    import duckdb

    path = tmp_path / "t.parquet"
    path.write_bytes(exchange.parquet(TABLE))
    assert duckdb.sql(f"SELECT SUM(people) FROM '{path}'").fetchone() == (60,)


@pytest.mark.slow(reason="starts Tableau's engine, where it is installed")
def test_tableau_reads_its_own_extract(tmp_path: Path) -> None:
    """With the extra `tableau` by its own reader; without it nobody is offered a file that cannot be made."""
    if find_spec("pantab") is None:
        assert "hyper" not in exchange.SHAPES
        return
    path = tmp_path / "t.hyper"
    path.write_bytes(exchange.SHAPES["hyper"](TABLE))
    frame = import_module("pantab").frame_from_hyper(path, table="figures", return_type="pandas")
    assert frame["source"].tolist() == WORDS
    assert frame["value"].tolist()[::2] == [0.25, 0.5]
    assert frame["value"].isna().tolist() == [False, True, False]
    assert str(frame["people"].dtype).lower().startswith("int")
