"""Small-sample statistics; each returns its uncertainty beside its value."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from yimei.insight.rules import intervals
from yimei.insight.rules.intervals import Interval


@dataclass(frozen=True)
class Estimate:
    """A value, its 95 % interval (None where too few were seen for one) and the number of observations."""

    value: float
    interval: Interval | None
    n: int


def mean(values: Sequence[float], bounds: tuple[float, float]) -> Estimate | None:
    """Return the mean with its t interval, which keeps within the scale of the values."""
    if not values:
        return None
    total, n = math.fsum(values), len(values)
    spread = intervals.mean_t(total, n, math.fsum(value * value for value in values))
    return Estimate(total / n, intervals.within(spread, bounds), n)


def net_promoter(scores: Sequence[int]) -> Estimate | None:
    """Return the net promoter score (−100 to 100): share of 9–10 minus share of 0–6 (Reichheld 2003)."""
    marks = [100 if score >= 9 else -100 if score <= 6 else 0 for score in scores]
    return mean(marks, (-100, 100))


def share(part: int, whole: int) -> Estimate | None:
    """Return a proportion with the Wilson interval (1927)."""
    return Estimate(part / whole, intervals.wilson(part, whole), whole) if whole else None


def median(waits: Sequence[timedelta]) -> timedelta | None:
    """Return the median wait; of an even number the mean of the middle two."""
    return timedelta(seconds=statistics.median(wait.total_seconds() for wait in waits)) if waits else None


def quantile(waits: Sequence[timedelta], q: float) -> timedelta | None:
    """Return the q-th quantile by the nearest rank."""
    if not waits:
        return None
    ranked = sorted(waits)
    return ranked[max(0, math.ceil(q * len(ranked)) - 1)]
