"""Figures far from their like: by the median and its deviation, within a group, beside the same weekday."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

FAR = 5.0
"""So many robust standard deviations from the middle; one in a million of what is normal lies there."""
SMALLEST = 20
MOST = 200
GROUPS: Mapping[str, tuple[str, ...]] = {
    "finance": ("account", "procedure"),
    "market": ("kind", "channel"),
    "operations": ("campus", "room"),
}
"""Within which columns figures of a kind of table are alike."""
SEASONAL = frozenset({"operations"})


@dataclass(frozen=True)
class Outlier:
    """One figure that stands apart: where, how far, and between which figures its like lie."""

    at: int
    score: float
    low: float
    high: float


def find(
    figures: Sequence[float | None],
    groups: Sequence[object] | None = None,
    days: Sequence[str | None] | None = None,
) -> list[Outlier]:
    """Return the figures that stand apart, the farthest first; groups too small for a middle say nothing."""
    places: dict[object, list[int]] = defaultdict(list)
    for at, figure in enumerate(figures):
        if figure is not None and math.isfinite(figure):
            places[groups[at] if groups else None].append(at)
    found: list[Outlier] = []
    for rows in places.values():
        if len(rows) >= SMALLEST:
            found += _within([(at, float(figures[at] or 0)) for at in rows], days)
    return sorted(found, key=lambda one: (-one.score, one.at))[:MOST]


def _within(rows: Sequence[tuple[int, float]], days: Sequence[str | None] | None) -> list[Outlier]:
    """Amounts that span several sizes are compared by size; those with days beside their weekday."""
    is_wide = not days and min(figure for _at, figure in rows) > 0 and _skew(rows) > 3
    season = _season(rows, days) if days else {}
    said = [
        (at, math.log(figure) if is_wide else figure - season.get(_weekday(days, at), 0.0))
        for at, figure in rows
    ]
    middle = median(figure for _at, figure in said)
    spread = _spread([figure for _at, figure in said], middle)
    if not spread:
        return []
    found = []
    for at, figure in said:
        score = abs(figure - middle) / spread
        if score > FAR:
            base = season.get(_weekday(days, at), 0.0)
            low, high = middle + base - FAR * spread, middle + base + FAR * spread
            found.append(
                Outlier(
                    at,
                    round(score, 1),
                    math.exp(low) if is_wide else low,
                    math.exp(high) if is_wide else high,
                )
            )
    return found


def _spread(figures: Sequence[float], middle: float) -> float:
    """The deviation of the middle half; when most are equal, of the quartiles."""
    deviation = 1.4826 * median(abs(figure - middle) for figure in figures)
    if deviation:
        return deviation
    ordered = sorted(figures)
    return (ordered[len(ordered) * 3 // 4] - ordered[len(ordered) // 4]) / 1.349


def _skew(rows: Sequence[tuple[int, float]]) -> float:
    ordered = sorted(figure for _at, figure in rows)
    return ordered[len(ordered) * 3 // 4] / ordered[len(ordered) // 4]


def _season(rows: Sequence[tuple[int, float]], days: Sequence[str | None] | None) -> dict[int, float]:
    """How far each weekday usually lies from the whole."""
    whole = median(figure for _at, figure in rows)
    by_day: dict[int, list[float]] = defaultdict(list)
    for at, figure in rows:
        by_day[_weekday(days, at)].append(figure)
    return {weekday: median(figures) - whole for weekday, figures in by_day.items() if len(figures) >= 4}


def _weekday(days: Sequence[str | None] | None, at: int) -> int:
    day = days[at] if days else None
    return date.fromisoformat(day).weekday() if day else -1
