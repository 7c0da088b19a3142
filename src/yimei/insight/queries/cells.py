"""Groups of the mart for a picture: the ones with too few people behind them are never handed on."""

from collections.abc import Mapping
from typing import Any

from yimei.insight.queries import mart
from yimei.insight.rules.small_cells import Cell, hidden


def groups(sql: str, *, is_personal: bool) -> tuple[Mapping[Any, tuple[Any, ...]], frozenset[Any]]:
    """Return the groups of a query of our own (key, people, values…), and the keys of those hidden.

    Small groups are hidden, and what would give one away by subtraction.
    """
    rows = mart.ask(sql).rows
    people: dict[Cell, int] = {(row[0],): row[1] for row in rows}
    gone = {key for (key,) in hidden(people)} if is_personal else set()
    return {row[0]: tuple(row[2:]) for row in rows if row[0] not in gone}, frozenset(gone)
