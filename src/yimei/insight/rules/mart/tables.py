"""What a table of the mart is: its grain, its columns, and from where in the records each one comes."""

from collections.abc import Iterable
from dataclasses import dataclass

from yimei.insight.rules.words import Words

CUSTOMER_KEY, BATCH_KEY = "customer", "batch"
"""By what rows are read again when something changed: one customer's, or one import's."""
KEPT_BACK = "row"
"""The number of the record behind a row: kept in the store for drilling, never in what readers query."""


@dataclass(frozen=True)
class Column:
    """One column: its type, its names, and where its value comes from."""

    name: str
    kind: str
    words: Words
    lineage: str


@dataclass(frozen=True)
class Table:
    """One table; ``source`` names the records of which it holds one row each."""

    name: str
    words: Words
    grain: Words
    source: str
    columns: tuple[Column, ...]
    key: str = CUSTOMER_KEY

    def has(self, name: str) -> bool:
        return any(column.name == name for column in self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def find(tables: Iterable[Table], name: str) -> Table:
    return next(table for table in tables if table.name == name)


def columns(source: str, text: str) -> tuple[Column, ...]:
    """Read lines of ``name kind 中文 | English | lineage``; the lineage of a plain copy may be left out."""
    found = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        head, *rest = (part.strip() for part in line.split("|"))
        name, kind, zh = head.split(None, 2)
        english = rest[0] if rest else name
        lineage = rest[1] if len(rest) > 1 else name
        found.append(Column(name, kind, Words(zh, english), f"{source}: {lineage}"))
    return tuple(found)
