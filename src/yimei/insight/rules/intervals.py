"""How sure a figure is, and whether two differ by more than chance; on plain numbers, no library."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

Z95 = 1.959963984540054
ROUNDS = 300
MOST = 200
"""Up to so many draws a bootstrap; above, the large-sample formula says the same and at once."""
SEED = 20260616


@dataclass(frozen=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float


@dataclass(frozen=True)
class Difference:
    """What changed, with its 95 % interval; it is beyond chance when the interval leaves zero out."""

    value: float
    low: float
    high: float

    @property
    def is_beyond_chance(self) -> bool:
        return self.low > 0 or self.high < 0


def wilson(part: float, whole: float) -> Interval | None:
    """Return the Wilson interval of a share (1927)."""
    if whole <= 0:
        return None
    p, z2 = part / whole, Z95 * Z95
    centre = (p + z2 / (2 * whole)) / (1 + z2 / whole)
    half = Z95 * math.sqrt(p * (1 - p) / whole + z2 / (4 * whole * whole)) / (1 + z2 / whole)
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


def mean_t(total: float, count: float, squares: float) -> Interval | None:
    """Return the t interval of a mean from its sums; none from fewer than two values."""
    if count < 2:
        return None
    mean = total / count
    variance = max(0.0, (squares - count * mean * mean) / (count - 1))
    half = t95(count - 1) * math.sqrt(variance / count)
    return Interval(mean - half, mean + half)


def within(interval: Interval | None, bounds: tuple[float, float] | None) -> Interval | None:
    """Return an interval that does not reach beyond the scale of its figure."""
    if interval is None or bounds is None:
        return interval
    return Interval(max(interval.low, bounds[0]), min(interval.high, bounds[1]))


def t95(freedom: float) -> float:
    """The two-sided 95 % quantile of Student's t: from a table below five, else by Cornish and Fisher."""
    if freedom < 1:
        raise ValueError("no degree of freedom")
    if freedom < 5:
        return TABLE[int(freedom)]
    z, f = Z95, freedom
    g1 = (z**3 + z) / 4
    g2 = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    g3 = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    g4 = (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160
    return z + g1 / f + g2 / f**2 + g3 / f**3 + g4 / f**4


TABLE = {1: 12.706204736, 2: 4.302652730, 3: 3.182446305, 4: 2.776445105}


def bootstrap_ratio(parts: Sequence[tuple[float, float]], rounds: int = ROUNDS) -> Interval | None:
    """Return the interval of sum ÷ sum over whole customers: bootstrap of few, the delta method of many."""
    if len(parts) > MOST:
        return _delta(parts)
    found = sorted(_ratios(parts, rounds))
    return _middle(found)


def bootstrap_quantile(values: Sequence[float], q: float, rounds: int = ROUNDS) -> Interval | None:
    if len(values) < 2:
        return None
    if len(values) > MOST:
        return _order(sorted(values), q)
    chance = random.Random(SEED)
    found = sorted(quantile(sorted(chance.choices(values, k=len(values))), q) for _ in range(rounds))
    return _middle(found)


def quantile(ranked: Sequence[float], q: float) -> float:
    """Return the q-th quantile of ranked values, between neighbours in proportion (type 7)."""
    place = (len(ranked) - 1) * q
    low = math.floor(place)
    high = min(low + 1, len(ranked) - 1)
    return ranked[low] + (ranked[high] - ranked[low]) * (place - low)


def _delta(parts: Sequence[tuple[float, float]]) -> Interval | None:
    count, below = len(parts), sum(den for _num, den in parts)
    if not below:
        return None
    above = sum(num for num, _den in parts)
    squares = sum(num * num for num, _den in parts)
    products = sum(num * den for num, den in parts)
    return delta(above, below, squares, products, sum(den * den for _num, den in parts), count)


def delta(
    above: float, below: float, squares: float, products: float, squares_below: float, count: float
) -> Interval | None:
    """Return the interval of sum ÷ sum by the delta method, from sums over whole customers."""
    if not below or count < 2:
        return None
    ratio = above / below
    spread = max(0.0, squares - 2 * ratio * products + ratio * ratio * squares_below)
    half = Z95 * math.sqrt(spread * count / (count - 1)) / abs(below)
    return Interval(ratio - half, ratio + half)


def _order(ranked: Sequence[float], q: float) -> Interval:
    """The two ranked values between which the quantile lies (binomial, by the normal)."""
    count = len(ranked)
    half = Z95 * math.sqrt(count * q * (1 - q))
    low, high = max(0, math.floor(count * q - half)), min(count - 1, math.ceil(count * q + half))
    return Interval(ranked[low], ranked[high])


def _ratios(parts: Sequence[tuple[float, float]], rounds: int) -> Sequence[float]:
    if len(parts) < 2:
        return []
    chance = random.Random(SEED)
    found = []
    for _ in range(rounds):
        drawn = chance.choices(parts, k=len(parts))
        below = sum(den for _num, den in drawn)
        if below:
            found.append(sum(num for num, _den in drawn) / below)
    return found


def _middle(ranked: Sequence[float]) -> Interval | None:
    if len(ranked) < 2:
        return None
    return Interval(quantile(ranked, 0.025), quantile(ranked, 0.975))


def share_difference(new: tuple[float, float], old: tuple[float, float]) -> Difference | None:
    """Return the difference of two shares with Newcombe's interval (1998, method 10)."""
    a, b = wilson(*new), wilson(*old)
    if a is None or b is None:
        return None
    p, q = new[0] / new[1], old[0] / old[1]
    low = math.sqrt((p - a.low) ** 2 + (b.high - q) ** 2)
    high = math.sqrt((a.high - p) ** 2 + (q - b.low) ** 2)
    return Difference(p - q, p - q - low, p - q + high)


def mean_difference(new: tuple[float, float, float], old: tuple[float, float, float]) -> Difference | None:
    """Return the difference of two means with Welch's interval, from sums, counts and sums of squares."""
    sides = []
    for total, count, squares in (new, old):
        if count < 2:
            return None
        mean = total / count
        sides.append((mean, max(0.0, (squares - count * mean * mean) / (count - 1)) / count, count - 1))
    (a, va, fa), (b, vb, fb) = sides
    variance = va + vb
    if variance == 0:
        return Difference(a - b, a - b, a - b)
    freedom = variance**2 / (va**2 / fa + vb**2 / fb)
    half = t95(max(1.0, freedom)) * math.sqrt(variance)
    return Difference(a - b, a - b - half, a - b + half)


def count_difference(new: float, old: float) -> Difference:
    """Return the difference of two counts, each as Poisson would have it."""
    half = Z95 * math.sqrt(max(new, 0) + max(old, 0))
    return Difference(new - old, new - old - half, new - old + half)


def interval_difference(
    new: float, new_interval: Interval | None, old: float, old_interval: Interval | None
) -> Difference | None:
    """Return the difference of two figures whose own intervals are all that is known of them."""
    if new_interval is None or old_interval is None:
        return None
    low = math.hypot(new - new_interval.low, old_interval.high - old)
    high = math.hypot(new_interval.high - new, old - old_interval.low)
    return Difference(new - old, new - old - low, new - old + high)
