"""Time to an event when some are still waiting: Kaplan and Meier's curve, and the log-rank test."""

import math
from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from yimei.insight.rules.intervals import Z95
from yimei.insight.rules.statistics.comparisons import Finding, Pair
from yimei.insight.rules.statistics.corrections import holm
from yimei.insight.rules.words import Words

HALF = 0.5 + 1e-9
"""A product of shares may miss a half by the last digit."""

Times = Sequence[tuple[float, bool]]
"""Each one's time, and whether the event came (else she was last seen then)."""


@dataclass(frozen=True)
class Point:
    """The share without the event after a time, with its interval (log-log), those at risk before it, and
    to how many it had come by then."""

    time: float
    share: float
    low: float
    high: float
    at_risk: int
    came: int = 0


@dataclass(frozen=True)
class Curve:
    """One group's curve; ``half`` is the median of the whole, which may lie between two points told."""

    name: str
    n: int
    events: int
    points: Sequence[Point]
    half: float | None = None

    @property
    def median(self) -> float | None:
        """The first time at which no more than half are without the event."""
        return next((point.time for point in self.points if point.share <= HALF), None)

    def at(self, time: float) -> float:
        return self.before(time).share

    def before(self, time: float) -> Point:
        """The last point that is no later than a time."""
        first = Point(0, 1.0, 1.0, 1.0, self.n)
        return next((point for point in reversed(self.points) if point.time <= time), first)

    def back(self, time: float) -> float | None:
        """To what share the event came by a time, where the curve has a point."""
        return next((1 - point.share for point in self.points if point.time == time), None)


def curve(name: str, times: Times) -> Curve:
    """Return the product-limit estimate (1958) with Greenwood's variance on the log-log scale."""
    points: list[Point] = []
    share, variance, left, so_far = 1.0, 0.0, len(times), 0
    for time in sorted({time for time, _came in times}):
        here = [came for at, came in times if at == time]
        came = sum(here)
        if came:
            share *= 1 - came / left
            variance += came / (left * (left - came)) if left > came else 0.0
            so_far += came
            points.append(Point(time, share, *_bounds(share, variance), left, so_far))
        left -= len(here)
    return Curve(name, len(times), sum(came for _time, came in times), points)


def told(name: str, times: Times, days: Sequence[float], least: int) -> Curve:
    """Return the curve at days from which no number of people under ``least`` follows.

    From one point to the next, and after the last, the event comes to nobody or to at least so many; and at
    least so many are still under watch, or nobody waits any more. ``days`` are tried first, then the median,
    then every day on which it came.
    """
    whole = curve(name, times)
    kept = [Point(0, 1.0, 1.0, 1.0, whole.n)]
    for day in (*days, *([] if whole.median is None else [whole.median]), *(p.time for p in whole.points)):
        watched = sum(time > day for time, _came in times)
        point = replace(whole.before(day), time=day, at_risk=sum(time >= day for time, _came in times))
        if (watched >= least or not point.share) and _stands(point, kept, whole.events, least):
            insort(kept, point, key=lambda one: one.time)
    return replace(whole, points=kept, half=whole.median)


def _stands(point: Point, kept: Sequence[Point], events: int, least: int) -> bool:
    """Whether the point parts nobody, or enough, from those that stand beside it."""
    if any(one.time == point.time for one in kept):
        return False
    before = max(one.came for one in kept if one.time < point.time)
    after = min((one.came for one in kept if one.time > point.time), default=events)
    return all(not few or few >= least for few in (point.came - before, after - point.came))


def log_rank(groups: Mapping[str, Times]) -> Finding:
    """Return the test that all groups wait alike (Mantel 1966); of more than two also each pair (Holm)."""
    import numpy as np
    from scipy import stats

    gap, variance = _gaps(groups)
    statistic = float(gap[:-1] @ np.linalg.pinv(variance[:-1, :-1]) @ gap[:-1])
    freedom = len(groups) - 1
    return Finding(
        Words("log-rank 检验", "Log-rank test"),
        "χ²",
        statistic,
        (float(freedom),),
        float(stats.chi2.sf(statistic, freedom)),
        pairs=_pairs(groups) if freedom > 1 else (),
        pair_words=Words("风险比（Peto）", "hazard ratio (Peto)"),
    )


def _pairs(groups: Mapping[str, Times]) -> list[Pair]:
    """Two by two: the hazard ratio as Peto has it, and the log-rank p corrected for the number of pairs."""
    names = list(combinations(groups, 2))
    tests = [log_rank({a: groups[a], b: groups[b]}) for a, b in names]
    ratios = []
    for a, b in names:
        gap, variance = _gaps({a: groups[a], b: groups[b]})
        ratios.append(math.exp(float(gap[0] / variance[0, 0])) if variance[0, 0] else 1.0)
    adjusted = holm([test.p for test in tests])
    return [
        Pair(a, b, ratio, test.p, better)
        for (a, b), ratio, test, better in zip(names, ratios, tests, adjusted, strict=True)
    ]


def _gaps(groups: Mapping[str, Times]) -> tuple[Any, Any]:
    """How many more came than would have if all waited alike, group by group, and the covariance of that."""
    import numpy as np

    names = list(groups)
    observed, expected = np.zeros(len(names)), np.zeros(len(names))
    variance = np.zeros((len(names), len(names)))
    for time in sorted({time for times in groups.values() for time, came in times if came}):
        risk = np.array([sum(at >= time for at, _came in groups[name]) for name in names], float)
        came = np.array([sum(at == time and came for at, came in groups[name]) for name in names], float)
        n, d = risk.sum(), came.sum()
        observed += came
        expected += risk * d / n
        if n > 1:
            factor = d * (n - d) / (n - 1)
            variance += factor * (np.diag(risk / n) - np.outer(risk, risk) / n**2)
    return observed - expected, variance


def _bounds(share: float, variance: float) -> tuple[float, float]:
    if share in {0.0, 1.0} or variance == 0:
        return share, share
    half = Z95 * math.sqrt(variance) / abs(math.log(share))
    return share ** math.exp(half), share ** math.exp(-half)
