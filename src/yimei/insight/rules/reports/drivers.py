"""Which part of the whole moved a figure, and by how much: sums split by part, rates by weight and by rate.

A rate's change is taken apart as Kitagawa (1955) did it: what moved because parts changed their rate, and
what moved because the parts changed their weight. The pieces add up to the whole change.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from yimei.insight.rules import intervals
from yimei.insight.rules.intervals import Difference
from yimei.insight.rules.metrics.metric import Kind, Metric

DIMENSIONS = ("source", "category", "visit_kind", "age", "sex", "campus", "method", "kind", "weekday")
"""By what a change is taken apart, where the figure knows it; never by single members of staff."""
SURE = 0.05


@dataclass(frozen=True)
class Part:
    """One part of one period: its sums, and how many people stand behind it."""

    num: float
    den: float
    sq: float
    n: int
    some: int = 0
    """Of a share or a ratio the people of its numerator."""


@dataclass(frozen=True)
class Piece:
    """What one part gave to the change; `mix` is what its weight alone gave."""

    name: str
    value: float
    mix: float
    before: float | None
    after: float | None
    change: Difference | None
    is_beyond_chance: bool = False


def can_split(metric: Metric) -> bool:
    """Medians and percentiles do not add up from parts."""
    return metric.kind not in {Kind.MEDIAN, Kind.P90, Kind.PER_PERSON}


def pieces(
    metric: Metric,
    before: Mapping[Hashable, Part],
    after: Mapping[Hashable, Part],
    names: Mapping[Hashable, str],
) -> list[Piece]:
    """Return what each part gave, the largest first."""
    keys = list(dict.fromkeys([*after, *before]))
    none = Part(0, 0, 0, 0)
    if metric.is_additive or metric.kind is Kind.PEOPLE:
        found = []
        for key in keys:
            old, new = before.get(key, none).num, after.get(key, none).num
            change = intervals.count_difference(new, old) if metric.kind is not Kind.SUM else None
            found.append(Piece(names[key], new - old, 0.0, old, new, change))
    else:
        found = _rates(metric, keys, before, after, names)
    return sorted(found, key=lambda piece: -abs(piece.value))


def _rates(
    metric: Metric,
    keys: Sequence[Hashable],
    before: Mapping[Hashable, Part],
    after: Mapping[Hashable, Part],
    names: Mapping[Hashable, str],
) -> list[Piece]:
    whole = [sum(side[key].den for key in side) for side in (before, after)]
    if not all(whole):
        return []
    rate = [
        sum(side[key].num for key in side) / total for side, total in zip((before, after), whole, strict=True)
    ]
    middle = sum(rate) / 2
    found = []
    for key in keys:
        old, new = before.get(key), after.get(key)
        r0 = old.num / old.den if old and old.den else None
        r1 = new.num / new.den if new and new.den else None
        w0, w1 = (old.den / whole[0] if old else 0.0), (new.den / whole[1] if new else 0.0)
        known = [r for r in (r0, r1) if r is not None]
        if not known:
            continue
        mix = (w1 - w0) * (sum(known) / len(known) - middle)
        within = (w0 + w1) / 2 * (r1 - r0) if r0 is not None and r1 is not None else 0.0
        found.append(Piece(names[key], mix + within, mix, r0, r1, _difference(metric, new, old)))
    return found


def _difference(metric: Metric, new: Part | None, old: Part | None) -> Difference | None:
    if not new or not old:
        return None
    if metric.is_share:
        return intervals.share_difference((new.num, new.den), (old.num, old.den))
    if metric.kind is Kind.MEAN:
        return intervals.mean_difference((new.num, new.den, new.sq), (old.num, old.den, old.sq))
    return None


def corrected(groups: Sequence[Sequence[Piece]]) -> list[list[Piece]]:
    """Say of which parts the change is beyond chance although so many were looked at (Holm 1979)."""
    tested = [
        (_chance(piece.change), at, place)
        for at, group in enumerate(groups)
        for place, piece in enumerate(group)
        if piece.change is not None
    ]
    sure: set[tuple[int, int]] = set()
    for rank, (chance, at, place) in enumerate(sorted(tested)):
        if chance * (len(tested) - rank) > SURE:
            break
        sure.add((at, place))
    return [
        [
            Piece(p.name, p.value, p.mix, p.before, p.after, p.change, (at, place) in sure)
            for place, p in enumerate(group)
        ]
        for at, group in enumerate(groups)
    ]


def _chance(change: Difference) -> float:
    """The two-sided chance of such a change, read back from its 95 % interval on the side of zero."""
    half = change.value - change.low if change.value > 0 else change.high - change.value
    if half <= 0:
        return 0.0 if change.value else 1.0
    return math.erfc(abs(change.value) / half * intervals.Z95 / math.sqrt(2))
