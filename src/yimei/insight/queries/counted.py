"""The rows of many cuts by buckets of people, counted in one look at the books.

A few cuts of a fact are counted by the engine at once, each in a column of its own. Of many, the rows are
fetched, each as its cell and its bucket, in the order of their days; a cut of some days is then a stretch of
them, and a condition more is a flag beside them.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yimei.insight.gateways import reader
from yimei.insight.queries import mart
from yimei.insight.queries.cuts import Cut
from yimei.insight.rules.differencing import BUCKETS, Counts

PATIENCE = 60.0
MOST_ROWS = 8_000_000
"""Of a larger fact each cut is counted by the database by itself."""
FEW = 12
"""Up to so many cuts the engine counts row by row faster than rows are fetched."""
MOST_FLAGS = 24
MOST_CELLS = 8192
PEOPLE_AT_ONCE = 62
"""Of so many cuts a person's part is kept in one whole number, a bit for each."""
_DAYS = re.compile(r"(\w+) >= DATE '([\d-]{10})' AND \1 < DATE '([\d-]{10})'(?: AND (.+))?", re.DOTALL)

Keys = tuple[object, ...]
Cells = dict[Keys, Counts]


@dataclass(frozen=True)
class _Stretch:
    """A cut as days [start, end) of a column and what else is asked of a row."""

    cut: Cut
    time: str
    start: str
    end: str
    rest: str


@dataclass(frozen=True)
class _Rows:
    """Rows in the order of their days: the place of each among all cells and buckets, and its flags."""

    days: NDArray[np.datetime64]
    places: NDArray[np.int64]
    flags: Mapping[str, NDArray[np.bool_]]
    names: Sequence[Keys]


def counted_together(cuts: Sequence[Cut]) -> Mapping[Cut, Cells]:
    """Return the rows of each cut by cell and bucket; those that one look cannot count are left out."""
    found: dict[Cut, Cells] = {}
    for group in _alike(cuts):
        if len(group) <= FEW:
            found |= _at_once(group)
            continue
        for some in _by_flags(group):
            rows = _fetched(some)
            if rows is not None:
                found |= {one.cut: cells for one in some if (cells := _cells(rows, one)) is not None}
    return found


def _alike(cuts: Sequence[Cut]) -> Iterator[Sequence[_Stretch]]:
    """Put together what is split alike along the same days."""
    groups: dict[tuple[str, tuple[str, ...], str], list[_Stretch]] = defaultdict(list)
    for cut in cuts:
        if match := _DAYS.fullmatch(cut.condition):
            time, start, end, rest = match.groups()
            groups[cut.fact, cut.keys, time].append(_Stretch(cut, time, start, end, rest or ""))
    yield from groups.values()


def _by_flags(group: Sequence[_Stretch]) -> Iterator[Sequence[_Stretch]]:
    """A number of conditions at a time; one cut alone is not worth fetching rows for."""
    rests = list(dict.fromkeys(one.rest for one in group))
    for first in range(0, len(rests), MOST_FLAGS):
        some = set(rests[first : first + MOST_FLAGS])
        if len(alike := [one for one in group if one.rest in some]) > 1:
            yield alike


def _span(some: Sequence[_Stretch]) -> str:
    begin, end = min(one.start for one in some), max(one.end for one in some)
    return f"{some[0].time} >= DATE '{begin}' AND {some[0].time} < DATE '{end}'"


def _asks(one: _Stretch) -> tuple[str, ...]:
    """What is asked of a row: that its day lies in the days, and what else."""
    days = f"{one.time} >= DATE '{one.start}' AND {one.time} < DATE '{one.end}'"
    return (days, one.rest) if one.rest else (days,)


def _at_once(some: Sequence[_Stretch]) -> dict[Cut, Cells]:
    """Count a few cuts in one query, which reads the rows of all their days once."""
    keys = some[0].cut.keys
    picks = [f"{key} AS k{place}" for place, key in enumerate(keys)]
    picks.append(f"CAST(COALESCE(customer, 0) & {BUCKETS - 1} AS UTINYINT) AS bucket")
    asked = {text: f"f{place}" for place, text in enumerate(dict.fromkeys(sum(map(_asks, some), ())))}
    picks += [f"({text}) AS {name}" for text, name in asked.items()]
    counts = [
        f"COUNT(*) FILTER (WHERE {' AND '.join(asked[text] for text in _asks(one))}) AS c{place}"
        for place, one in enumerate(some)
    ]
    groups = ", ".join([*(f"k{place}" for place in range(len(keys))), "bucket"])
    rows = reader.table(
        mart.path(),
        f"SELECT {groups}, {', '.join(counts)}"
        f" FROM (SELECT {', '.join(picks)} FROM {some[0].cut.fact} WHERE {_span(some)})"
        f" GROUP BY {groups} LIMIT {reader.MOST_ROWS + 1}",
        seconds=PATIENCE,
    )
    if rows.num_rows > reader.MOST_ROWS:
        return {}
    cells, names = _numbered(rows, len(keys))
    places = cells * BUCKETS + rows["bucket"].to_numpy().astype(np.int64)
    return {one.cut: _spread(places, rows[f"c{place}"], names) for place, one in enumerate(some)}


def _spread(places: NDArray[np.int64], column: Any, names: Sequence[Keys]) -> Cells:
    """Lay counts out by cell and bucket; cells without a row are left out."""
    counts = np.zeros(len(names) * BUCKETS, np.int64)
    counts[places] = column.to_numpy()
    return _by_name(counts.reshape(-1, BUCKETS), names)


def _by_name(counts: Counts, names: Sequence[Keys]) -> Cells:
    return {names[cell]: counts[cell] for cell in np.flatnonzero(counts.any(axis=1)).tolist()}


def _fetched(some: Sequence[_Stretch]) -> _Rows | None:
    cut, time, span = some[0].cut, some[0].time, _span(some)
    count = reader.run(mart.path(), f"SELECT COUNT(*) FROM {cut.fact} WHERE {span}").rows[0][0]
    if count > MOST_ROWS:
        return None
    rests = [rest for rest in dict.fromkeys(one.rest for one in some) if rest]
    picks = [f"{key} AS k{place}" for place, key in enumerate(cut.keys)]
    picks += [f"COALESCE(customer, 0) & {BUCKETS - 1} AS bucket", f"CAST({time} AS DATE) AS at"]
    picks += [f"COALESCE({rest}, FALSE) AS c{place}" for place, rest in enumerate(rests)]
    rows = reader.table(
        mart.path(), f"SELECT {', '.join(picks)} FROM {cut.fact} WHERE {span}", seconds=PATIENCE
    )
    days = rows["at"].to_numpy().astype("datetime64[D]")
    order = np.argsort(
        (days - np.datetime64(min(one.start for one in some))).astype(np.uint16), kind="stable"
    )
    cells, names = _numbered(rows, len(cut.keys))
    places = cells * BUCKETS + rows["bucket"].to_numpy().astype(np.int64)
    flags = {rest: rows[f"c{place}"].to_numpy()[order] for place, rest in enumerate(rests)}
    return _Rows(days[order], places[order], flags, names)


def _numbered(rows: Any, depth: int) -> tuple[NDArray[np.int64], Sequence[Keys]]:
    """Give each row the number of its cell, and each number the keys of the cell."""
    cells = np.zeros(rows.num_rows, np.int64)
    found: list[Keys] = [()]
    for place in range(depth):
        column = rows[f"k{place}"].combine_chunks()
        if hasattr(column, "dictionary"):
            column = column.dictionary_decode()
        coded = column.dictionary_encode(null_encoding="encode")
        values = coded.dictionary.to_pylist()
        cells = cells * max(len(values), 1) + coded.indices.to_numpy().astype(np.int64)
        if len(found) * len(values) <= MOST_CELLS:
            found = [(*one, value) for one in found for value in values]
            continue
        seen, cells = np.unique(cells, return_inverse=True)
        pairs = (divmod(int(one), len(values)) for one in seen)
        found = [(*found[before], values[last]) for before, last in pairs]
    return cells, found


def _cells(rows: _Rows, one: _Stretch) -> Cells | None:
    first, last = np.searchsorted(rows.days, [np.datetime64(one.start), np.datetime64(one.end)])
    places = rows.places[first:last]
    if one.rest:
        places = places[rows.flags[one.rest][first:last]]
    counts = np.bincount(places, minlength=len(rows.names) * BUCKETS).reshape(-1, BUCKETS)
    if np.count_nonzero(counts) > reader.MOST_ROWS:
        return None
    return _by_name(counts, rows.names)


def people_together(cuts: Sequence[Cut]) -> Mapping[Cut, Mapping[Keys, int]]:
    """How many people are in each cell of some cuts split alike: each person once, a bit for each cut."""
    found: dict[Cut, Mapping[Keys, int]] = {}
    for first in range(0, len(cuts), PEOPLE_AT_ONCE):
        found |= _people(cuts[first : first + PEOPLE_AT_ONCE])
    return found


def _people(cuts: Sequence[Cut]) -> Mapping[Cut, Mapping[Keys, int]]:
    keys = [f"{key} AS k{place}" for place, key in enumerate(cuts[0].keys)]
    mask = " | ".join(
        f"CASE WHEN {cut.condition} THEN {1 << place}::BIGINT ELSE 0::BIGINT END"
        for place, cut in enumerate(cuts)
    )
    groups = "".join(f"k{place}, " for place in range(len(keys)))
    inner = ", ".join([*keys, "customer", f"{mask} AS mask"])
    each = (
        f"SELECT {groups}customer, BIT_OR(mask) AS mask"
        f" FROM (SELECT {inner} FROM {cuts[0].fact}{_days(cuts)})"
        f" WHERE mask <> 0 AND customer IS NOT NULL GROUP BY {groups}customer"
    )
    counts = ", ".join(f"COUNT(*) FILTER (WHERE mask & {1 << place} <> 0)" for place in range(len(cuts)))
    by = f" GROUP BY {groups.removesuffix(', ')}" if keys else ""
    rows = reader.table(mart.path(), f"SELECT {groups}{counts} FROM ({each}){by}", seconds=PATIENCE)
    columns = [column.to_pylist() for column in rows.columns]
    names = list(zip(*columns[: len(keys)], strict=True)) if keys else [()] * rows.num_rows
    return {
        cut: dict(zip(names, column, strict=True))
        for cut, column in zip(cuts, columns[len(keys) :], strict=True)
    }


def _days(cuts: Sequence[Cut]) -> str:
    """The days of all cuts together, so that rows of other days need not be looked at."""
    groups = list(_alike(cuts))
    alone = len(groups) == 1 and len(groups[0]) == len(cuts)
    return f" WHERE {_span(groups[0])}" if alone else ""
