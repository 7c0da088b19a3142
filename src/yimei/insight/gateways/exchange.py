"""Tables as files of other programs: SPSS with its labels, R, Parquet, and Tableau where its library is."""

import tempfile
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from yimei.insight.rules.exchange import Table
from yimei.insight.rules.exchange_sql import dump


def sav(table: Table) -> bytes:
    """SPSS: codes keep their value labels, columns their words."""
    import pyreadstat

    frame = _frame(table, labelled=False)
    labels: dict[str, dict[int | float, str]] = {
        column.name: {place: word for place, word in column.labels.items()}  # noqa: C416
        for column in table.columns
        if column.labels
    }

    def write(path: Path) -> None:
        pyreadstat.write_sav(
            frame,
            path,
            file_label=table.words[:60],
            column_labels={column.name: column.words for column in table.columns},
            variable_value_labels=labels,
            variable_measure={c.name: "nominal" if c.labels else "scale" for c in table.columns},
        )

    return _written(write, "table.sav")


def rds(table: Table) -> bytes:
    """R: a data frame; codes are factors' words."""
    import rdata

    frame = _frame(table, labelled=True)
    return _written(lambda path: rdata.write_rds(path, frame), "table.rds")


def parquet(table: Table) -> bytes:
    """Parquet: typed columns, their words beside them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields, arrays = [], []
    for column in table.columns:
        kind = pa.string() if column.labels else pa.int64() if column.is_whole else pa.float64()
        fields.append(pa.field(column.name, kind, metadata={"label": column.words}))
        arrays.append(pa.array([column.said(value) for value in column.values], kind))
    made = pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata={"title": table.words}))
    return _written(lambda path: pq.write_table(made, path, compression="zstd"), "table.parquet")


def sql(table: Table) -> bytes:
    """A dump that MySQL, PostgreSQL and SQLite load."""
    return dump(table).encode()


def hyper(table: Table) -> bytes:
    """Tableau: one table of an extract; needs the extra `tableau`."""
    pantab: Any = import_module("pantab")
    frame = _frame(table, labelled=True).astype({one.name: "Int64" for one in table.columns if one.is_whole})
    return _written(lambda path: pantab.frame_to_hyper(frame, path, table="figures"), "table.hyper")


SHAPES: Mapping[str, Callable[[Table], bytes]] = {
    "sav": sav,
    "rds": rds,
    "parquet": parquet,
    "sql": sql,
    **({"hyper": hyper} if find_spec("pantab") else {}),
}


def _frame(table: Table, *, labelled: bool) -> Any:
    import pandas as pd

    frame = {}
    for column in table.columns:
        if labelled and column.labels:
            frame[column.name] = pd.Series([column.said(value) for value in column.values], dtype=object)
        else:
            numbers = [float("nan") if value is None else float(value) for value in column.values]
            frame[column.name] = pd.Series(numbers, dtype="float64")
    return pd.DataFrame(frame)


def _written(write: Callable[[Path], Any], name: str) -> bytes:
    """These libraries write files only; the folder is gone at once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()
