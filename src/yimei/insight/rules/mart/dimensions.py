"""Dimensions with their history: one row per version, from a day on until the next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

BEGINNING = date(1900, 1, 1)
END = date(9999, 12, 31)

COLUMNS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "campus": (("name", "VARCHAR"),),
    "room": (("name", "VARCHAR"), ("kind", "VARCHAR"), ("campus", "INTEGER")),
    "procedure": (("name", "VARCHAR"), ("category", "VARCHAR"), ("grade", "INTEGER"), ("field", "VARCHAR")),
    "staff": (("role", "VARCHAR"), ("department", "VARCHAR"), ("campus", "INTEGER")),
    "source": (("name", "VARCHAR"),),
}
KEYS = {"source": "VARCHAR"}
"""The type of a key where it is not a number."""


@dataclass(frozen=True)
class Version:
    """What one thing looked like from a day on."""

    dimension: str
    key: str
    values: Mapping[str, object]
    valid_from: date


def rows(versions: Iterable[Version], dimension: str) -> Sequence[tuple[object, ...]]:
    """Return the table of one dimension: key, attributes, from, to (not included), whether it is the newest.

    The first version reaches back to the beginning: what was before anybody looked is taken to be the same.
    """
    mine = sorted(
        (one for one in versions if one.dimension == dimension), key=lambda one: (one.key, one.valid_from)
    )
    found: list[tuple[object, ...]] = []
    for _key, group in groupby(mine, key=lambda one: one.key):
        chain = list(group)
        for number, one in enumerate(chain):
            start = one.valid_from if number else BEGINNING
            end = chain[number + 1].valid_from if number + 1 < len(chain) else END
            key = one.key if dimension in KEYS else int(one.key)
            values = (one.values.get(name) for name, _kind in COLUMNS[dimension])
            found.append((key, *values, start, end, end == END))
    return found
