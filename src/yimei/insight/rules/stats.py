"""Small-sample statistics; each returns its uncertainty beside its value."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

Z95 = 1.959964
"""Two-sided 95 % quantile of the standard normal distribution."""


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval and the number of observations behind it."""

    value: float
    low: float
    high: float
    n: int


def mean(values: Sequence[float]) -> Estimate | None:
    """Return the mean with a normal 95 % interval; no interval from fewer than two values."""
    if not values:
        return None
    value = statistics.fmean(values)
    half = Z95 * statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    return Estimate(value, value - half, value + half, len(values))


def net_promoter(scores: Sequence[int]) -> Estimate | None:
    """Return the net promoter score (−100 to 100): share of 9–10 minus share of 0–6 (Reichheld 2003)."""
    if not scores:
        return None
    marks = [100.0 if score >= 9 else -100.0 if score <= 6 else 0.0 for score in scores]
    found = mean(marks)
    if found is None:
        return None
    return Estimate(found.value, max(-100.0, found.low), min(100.0, found.high), found.n)


def share(part: int, whole: int) -> Estimate | None:
    """Return a proportion with the Wilson 95 % interval (Wilson 1927)."""
    if whole == 0:
        return None
    p, z2 = part / whole, Z95 * Z95
    centre = (p + z2 / (2 * whole)) / (1 + z2 / whole)
    half = Z95 * math.sqrt(p * (1 - p) / whole + z2 / (4 * whole * whole)) / (1 + z2 / whole)
    return Estimate(p, max(0.0, centre - half), min(1.0, centre + half), whole)


def median(waits: Sequence[timedelta]) -> timedelta | None:
    """Return the median wait; of an even number the mean of the middle two."""
    return timedelta(seconds=statistics.median(wait.total_seconds() for wait in waits)) if waits else None


def quantile(waits: Sequence[timedelta], q: float) -> timedelta | None:
    """Return the q-th quantile by the nearest rank."""
    if not waits:
        return None
    ranked = sorted(waits)
    return ranked[max(0, math.ceil(q * len(ranked)) - 1)]
