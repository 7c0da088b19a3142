"""A table of figures in the SQL of other databases: a dump that many read, and a view for a server of theirs.

Nothing a reader typed becomes an identifier. A text is a literal whose quotes are doubled and that has no
backslash, which MySQL alone would read as an escape. A view is made of constants: nobody can write into it.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from yimei.insight.rules.exchange import Column, Table

READER = "yimei_mart_reader"
SCHEMA = "yimei_mart"
MOST_NAME = 60


class Dialect(StrEnum):
    POSTGRES = "postgres"
    MYSQL = "mysql"


TYPES: Mapping[Dialect, tuple[str, str, str]] = {
    Dialect.POSTGRES: ("VARCHAR(300)", "INTEGER", "DOUBLE PRECISION"),
    Dialect.MYSQL: ("CHAR(300)", "SIGNED", "DOUBLE"),
}
"""How each says text, whole number and number when it casts."""


def dump(table: Table) -> str:
    """Return statements that make one table and fill it: in MySQL, PostgreSQL and SQLite alike."""
    columns = ",\n".join(f"  {_name(column)} {_kind(column, Dialect.POSTGRES)}" for column in table.columns)
    lines = [
        f"-- {' '.join(table.words.split())}",
        "/*!40101 SET NAMES utf8mb4 */;",
        f"CREATE TABLE {safe(table.name)} (\n{columns}\n);",
    ]
    rows = [f"({', '.join(cells)})" for cells in _rows(table)]
    if rows:
        lines.append(f"INSERT INTO {safe(table.name)} VALUES\n" + ",\n".join(rows) + ";")
    return "\n".join(lines) + "\n"


def view(table: Table, name: str, dialect: Dialect) -> list[str]:
    """Return the statements that put a view of a table in the place of the one before it.

    The first row says the types: PostgreSQL takes two hidden figures one after the other for texts.
    """
    whole = f"{SCHEMA}.{name}" if dialect is Dialect.POSTGRES else name
    names = [_name(column) for column in table.columns]
    typed = ", ".join(
        f"CAST({one} AS {_kind(column, dialect)}) AS {one}"
        for one, column in zip(names, table.columns, strict=True)
    )
    rows = list(_rows(table)) or [["NULL"] * len(names)]
    first = ", ".join(
        f"CAST({cell} AS {_kind(column, dialect)}) AS {one}"
        for cell, one, column in zip(rows[0], names, table.columns, strict=True)
    )
    union = " UNION ALL SELECT ".join([first, *(", ".join(cells) for cells in rows[1:])])
    query = f"SELECT {typed} FROM (SELECT {union}) AS t{'' if table.rows else ' WHERE 1 = 0'}"
    making = f"CREATE OR REPLACE VIEW {whole} AS {query}"
    if dialect is Dialect.MYSQL:
        return [making]
    return [
        making,
        f"COMMENT ON VIEW {whole} IS {literal(table.words)}",
        *(
            f"COMMENT ON COLUMN {whole}.{one} IS {literal(column.words)}"
            for one, column in zip(names, table.columns, strict=True)
        ),
    ]


def safe(name: str) -> str:
    """A name of small letters, digits and low lines, which needs no quotes anywhere."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name.lower())
    return (kept if kept[:1].isalpha() else f"t_{kept}")[:MOST_NAME]


def literal(value: str | float | int | None) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.replace("\\", "＼").replace("\0", "").replace("'", "''") + "'"
    return repr(value)


def _name(column: Column) -> str:
    """The short name of a column; one that figures are split by begins so that it is no word of SQL."""
    return f"by_{safe(column.name)}" if column.labels else safe(column.name)


def _kind(column: Column, dialect: Dialect) -> str:
    text, whole, number = TYPES[dialect]
    return text if column.labels else whole if column.is_whole else number


def _rows(table: Table) -> Iterator[list[str]]:
    for row in table.rows:
        yield [
            literal(int(value) if column.is_whole and isinstance(value, int | float) else value)
            for value, column in zip(row, table.columns, strict=True)
        ]
