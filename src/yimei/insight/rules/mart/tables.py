"""What a table of the mart is: its grain, its columns, and from where in the records each one comes."""

from collections.abc import Iterable
from dataclasses import dataclass

from yimei.insight.rules.words import Words

CUSTOMER_KEY, BATCH_KEY, LEAD_KEY, HOUSE_KEY = "customer", "batch", "lead", "house"
"""By what rows are read again when something changed: one customer's, one import's, or one lead's; those of
the house's own books are read whole each time."""
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


def fact(
    name: str, zh: str, en: str, grain: tuple[str, str], source: str, text: str, key: str = CUSTOMER_KEY
) -> Table:
    """Return a table with one row per record, whose first columns are those of every fact."""
    whose = "patient, as a random pseudonym"
    if key == LEAD_KEY:
        whose += "; of whom is no customer yet, a keyed number of the lead, below nothing"
    keys = f"""
        row BIGINT 记录 | record | id, kept back
        customer BIGINT 客户代号 | customer | {whose}
        campus INTEGER 院区 | campus
    """
    return Table(name, Words(zh, en), Words(*grain), source, columns(source, keys + text), key)
