"""The mart on disk: facts in Parquet, served as one DuckDB file; versions lie side by side, one is current.

A version is written whole beside the others, then ``CURRENT`` is replaced by one rename. Older versions go at
once, for they may hold somebody who asked to be forgotten; whoever reads one still has it open.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from yimei.insight.rules.mart import (
    BROUGHT,
    CUSTOMER,
    FACTS,
    HOUSE,
    IDENTITY,
    Table,
    accounts,
    derived,
    dimensions,
    house,
)
from yimei.insight.rules.mart.brought import brought_sql
from yimei.insight.rules.mart.dimensions import COLUMNS, KEYS, Version
from yimei.insight.rules.mart.tables import BATCH_KEY, CUSTOMER_KEY, HOUSE_KEY, LEAD_KEY

SHAPE = 9
"""Raised when a table changes its columns or what they mean: what was built in another shape is neither added
to nor read.
"""
BATCH_ROWS = 200_000
BUILD_MEMORY = "2GB"
SMALL = 4_000_000
"""Bytes of facts below which one thread builds: handing the work out would cost more than the work."""
TABLES: tuple[Table, ...] = (CUSTOMER, IDENTITY, *FACTS, *HOUSE, *BROUGHT)
MOST_WORDS = 200
AT_ONCE = 500
_BANDS = ", ".join(f"('{label}')" for _low, label in derived.AGE_BANDS)
SHARED_WORDS: Mapping[str, tuple[str, str]] = {
    "sex": ("memory.base.customer", "customer"),
    "source": ("memory.base.customer", "customer"),
    "province": ("memory.base.customer", "customer"),
    "age_band": (f"(VALUES {_BANDS}) AS b(age_band)", "customer"),
    "category": ("procedure", "procedure"),
    "role": ("staff", "staff"),
}
"""Columns that many facts share: where their values are found, and whose they are."""
UNCOUNTED = frozenset({CUSTOMER.name, IDENTITY.name})
"""Tables whose rows are nobody's facts."""

ARROW = {
    "BIGINT": "int64",
    "INTEGER": "int32",
    "VARCHAR": "string",
    "BOOLEAN": "bool_",
    "DOUBLE": "float64",
    "DATE": "date32",
}


class Store:
    """One folder with the versions of the mart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def current(self) -> Path | None:
        """The newest version, if there is one; looked for again when a newer one just took its place."""
        before = None
        while (name := self._pointer()) not in {None, before}:
            path = self.folder / str(name)
            if (path / "mart.duckdb").is_file():
                return path
            before = name
        return None

    def _pointer(self) -> str | None:
        try:
            return (self.folder / "CURRENT").read_text("utf-8").strip()
        except FileNotFoundError:
            return None

    @property
    def manifest(self) -> Mapping[str, Any]:
        path = self.current
        return json.loads((path / "manifest.json").read_text("utf-8")) if path else {}

    @property
    def served(self) -> Path | None:
        """The version that readers open, unless it was built in another shape and has to be built anew."""
        path = self.current
        return path if path and _shape(path) == SHAPE else None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One builder at a time, whatever process it is in; a dead one lets go by itself."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / "lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def begin(self, version: str) -> "Draft":
        path = self.folder / version
        shutil.rmtree(path, ignore_errors=True)
        (path / "base").mkdir(parents=True, mode=0o700)
        return Draft(self, path)

    def publish(self, draft: "Draft", manifest: Mapping[str, Any]) -> None:
        """Make a finished draft the current version, and throw all others away."""
        (draft.path / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), "utf-8")
        pointer = self.folder / "CURRENT.new"
        pointer.write_text(draft.path.name, "utf-8")
        os.replace(pointer, self.folder / "CURRENT")
        for old in self.folder.iterdir():
            if old.is_dir() and old != draft.path:
                shutil.rmtree(old, ignore_errors=True)

    def customers(self, table: str, statuses: Iterable[str]) -> list[int]:
        """Return the pseudonyms with rows in one of these states, as the current version has them."""
        path = self.current
        if path is None:
            return []
        listed = ", ".join(f"'{status}'" for status in statuses)
        with _builder(path) as con:
            found = con.execute(
                f"SELECT DISTINCT customer FROM read_parquet('{path / 'base' / table}.parquet')"
                f" WHERE status IN ({listed})"
            ).fetchall()
        return [code for (code,) in found]


class Draft:
    """A version while it is written."""

    def __init__(self, store: Store, path: Path) -> None:
        self.store = store
        self.path = path
        self._writers: dict[str, Any] = {}

    def add(self, table: Table, rows: Iterable[Sequence[object]]) -> int:
        """Append rows to the new part of a table."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        rows = list(rows)
        if not rows:
            return 0
        schema = arrow_schema(table)
        columns = [
            pa.array(values, type=field.type)
            for values, field in zip(zip(*rows, strict=True), schema, strict=True)
        ]
        if table.name not in self._writers:
            self._writers[table.name] = pq.ParquetWriter(self._part(table), schema, compression="zstd")
        self._writers[table.name].write_table(pa.Table.from_arrays(columns, schema=schema))
        return len(rows)

    def merge(
        self, customers: Sequence[int], batches: Sequence[int], leads: Sequence[int], *, keep: bool
    ) -> int:
        """Join the new parts with what the current version holds of the unchanged; return the rows of facts.

        Whoever is neither new nor among the unchanged is gone: nobody has to know her pseudonym any more.
        The same holds of an import that was taken back, and of a lead that was erased.
        """
        import pyarrow as pa

        for writer in self._writers.values():
            writer.close()
        old = self.store.current if keep else None
        count = 0
        with _builder(self.path, old) as con:
            for key, same in ((CUSTOMER_KEY, customers), (BATCH_KEY, batches), (LEAD_KEY, leads)):
                con.register(f"same_{key}", pa.table({key: pa.array(same, type=pa.int64())}))
            for table in TABLES:
                target, new = self.path / "base" / f"{table.name}.parquet", self._part(table)
                parts = []
                if old and table.key != HOUSE_KEY and (old / "base" / target.name).is_file():
                    parts.append(
                        f"SELECT * FROM read_parquet('{old / 'base' / target.name}') "
                        f" WHERE {table.key} IN (SELECT {table.key} FROM same_{table.key})"
                    )
                if new.is_file():
                    parts.append(f"SELECT * FROM read_parquet('{new}')")
                if not parts:
                    picks = ", ".join(f"NULL::{c.kind} AS {c.name}" for c in table.columns)
                    parts.append(f"SELECT {picks} WHERE FALSE")
                con.execute(
                    f"COPY ({' UNION ALL '.join(parts)} ORDER BY day, row) TO '{target}'"
                    " (FORMAT parquet, COMPRESSION zstd)"
                )
                found = con.execute(f"SELECT COUNT(*) FROM read_parquet('{target}')").fetchone()
                count += found[0] if table.name not in UNCOUNTED else 0
                new.unlink(missing_ok=True)
        return count

    def serve(
        self,
        versions: Iterable[Version],
        holidays: Sequence[object],
        as_of: date,
        batches: Sequence[Sequence[object]] = (),
    ) -> None:
        """Write the file that readers open: wide tables without the numbers of records."""
        versions, today = list(versions), f"DATE '{as_of.isoformat()}'"
        with _builder(self.path) as con:
            con.execute(f"ATTACH '{self.path / 'mart.duckdb'}' AS served")
            con.execute("USE served")
            con.execute("CREATE SCHEMA memory.base")
            for table in TABLES:
                path = self.path / "base" / f"{table.name}.parquet"
                con.execute(f"CREATE VIEW memory.base.{table.name} AS SELECT * FROM read_parquet('{path}')")
            con.execute("ALTER VIEW memory.base.customer RENAME TO people")
            con.execute(
                "CREATE TABLE memory.base.customer AS SELECT *,"
                " CAST(ROW_NUMBER() OVER (ORDER BY customer) - 1 AS INTEGER) AS nth FROM memory.base.people"
            )
            con.execute("CREATE TEMP TABLE holiday (day DATE)")
            _insert(con, "holiday", [[day] for day in holidays])
            con.execute("BEGIN")  # committed one by one, each of a hundred statements waits for the disk
            for name, attributes in COLUMNS.items():
                _dimension(con, name, attributes, dimensions.rows(versions, name))
            shared = _words(con, SHARED_WORDS)
            for table in FACTS:
                own = {
                    c.name: (f"memory.base.{table.name}", table.name)
                    for c in table.columns
                    if c.kind == "VARCHAR" and (table.name, c.name) not in derived.WRITTEN
                }
                made = derived.fact_sql(table, today, shared | _words(con, own))
                con.execute(f"CREATE TABLE {table.name} AS {_at_base(made)}")
            con.execute(f"CREATE TABLE customer AS {_at_base(derived.customer_sql(today))}")
            con.execute(f"CREATE TABLE room_day AS {_at_base(derived.room_day_sql(today))}")
            con.execute(f"CREATE TABLE cost AS {_at_base(house.cost_sql(derived.spans_sql('f.day')))}")
            con.execute(f"CREATE TABLE spend AS {house.spend_sql()}")
            for table in BROUGHT:
                made = brought_sql(table, today, derived.AGE_BANDS, derived.spans_sql("f.day"))
                con.execute(f"CREATE TABLE {table.name} AS {_at_base(made)}")
            con.execute(f"CREATE TABLE acquisition AS {accounts.acquisition_sql()}")
            con.execute(f"CREATE TABLE profit AS {accounts.profit_sql()}")
            kinds = ", ".join(f"{column.name} {column.kind}" for column in derived.BATCH.columns)
            con.execute(f"CREATE TABLE batch ({kinds})")
            _insert(con, "batch", batches)
            con.execute(
                f"CREATE TABLE about AS SELECT {today} AS as_of, '{self.path.name}' AS version,"
                " (SELECT COUNT(*) FROM memory.base.customer) AS customers"
            )
            con.execute("COMMIT")
            con.execute("USE memory")
            con.execute("DETACH served")
        for path in self.path.rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)

    def drop(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def _part(self, table: Table) -> Path:
        return self.path / "base" / f"{table.name}.new.parquet"


@lru_cache(maxsize=8)
def _shape(path: Path) -> object:
    """In which shape a version was built; it is never written again."""
    return json.loads((path / "manifest.json").read_text("utf-8")).get("shape")


def _words(con: Any, columns: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Make a type of the values of each column that has few, so that the engine groups by small numbers."""
    found = {}
    for name, (table, owner) in columns.items():
        rows = con.execute(
            f"SELECT DISTINCT CAST({name} AS VARCHAR) AS v FROM {table} WHERE {name} IS NOT NULL"
            f" ORDER BY v LIMIT {MOST_WORDS + 1}"
        ).fetchall()
        if 0 < len(rows) <= MOST_WORDS:
            found[name] = f"{owner}_{name}"
            listed = ", ".join("'" + value.replace("'", "''") + "'" for (value,) in rows)
            con.execute(f"CREATE TYPE {found[name]} AS ENUM ({listed})")
    return found


def arrow_schema(table: Table) -> Any:
    import pyarrow as pa

    def kind(name: str) -> Any:
        return pa.decimal128(14, 2) if name.startswith("DECIMAL") else getattr(pa, ARROW[name])()

    return pa.schema([(column.name, kind(column.kind)) for column in table.columns])


def _dimension(
    con: Any, name: str, attributes: Sequence[tuple[str, str]], rows: Sequence[Sequence[object]]
) -> None:
    kinds = ", ".join(f"{attribute} {kind}" for attribute, kind in attributes)
    con.execute(
        f"CREATE TABLE {name} ({name} {KEYS.get(name, 'INTEGER')}, {kinds}, valid_from DATE, valid_to DATE,"
        " is_current BOOLEAN)"
    )
    _insert(con, name, rows)


def _insert(con: Any, table: str, rows: Sequence[Sequence[object]]) -> None:
    """Write many rows with each statement: every one is planned anew."""
    for start in range(0, len(rows), AT_ONCE):
        part = rows[start : start + AT_ONCE]
        marks = ", ".join(f"({', '.join('?' * len(row))})" for row in part)
        con.execute(f"INSERT INTO {table} VALUES {marks}", [value for row in part for value in row])


def _at_base(sql: str) -> str:
    return sql.replace("base.", "memory.base.")


@contextmanager
def _builder(*versions: Path | None) -> Iterator[Any]:
    """An engine for these versions, with as many threads as they are worth."""
    import duckdb

    con = duckdb.connect(config={"memory_limit": BUILD_MEMORY, "preserve_insertion_order": "true"})
    if sum(file.stat().st_size for path in versions if path for file in path.rglob("*.parquet")) < SMALL:
        con.execute("SET threads = 1")
    try:
        yield con
    finally:
        con.close()
