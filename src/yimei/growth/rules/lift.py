"""What a flow brought about beyond what happens anyway: treated against held out, with its interval."""

from dataclasses import dataclass
from math import ceil, sqrt

Z95 = 1.959963984540054
LEAST = 30
"""Fewer people than so many on a side say nothing yet, whatever their interval (院方默认)."""


@dataclass(frozen=True)
class Rate:
    """So many of so many."""

    hits: int
    n: int

    @property
    def value(self) -> float:
        return self.hits / self.n if self.n else 0.0


@dataclass(frozen=True)
class Lift:
    """The difference of two rates with its 95 % interval (Newcombe's hybrid score)."""

    treated: Rate
    held: Rate
    difference: float
    low: float
    high: float

    @property
    def is_beyond_chance(self) -> bool:
        return self.low > 0 or self.high < 0

    @property
    def is_enough(self) -> bool:
        return min(self.treated.n, self.held.n) >= LEAST

    @property
    def extra(self) -> float:
        """How many of the treated it adds up to."""
        return self.difference * self.treated.n


def wilson(rate: Rate) -> tuple[float, float]:
    """The score interval of one rate."""
    if not rate.n:
        return 0.0, 1.0
    p, n, z2 = rate.value, rate.n, Z95 * Z95
    middle, half = p + z2 / (2 * n), Z95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return (middle - half) / (1 + z2 / n), (middle + half) / (1 + z2 / n)


def lift(treated: Rate, held: Rate) -> Lift | None:
    """Compare; nothing where one side has nobody."""
    if not treated.n or not held.n:
        return None
    (low1, high1), (low2, high2) = wilson(treated), wilson(held)
    p1, p2 = treated.value, held.value
    below = sqrt((p1 - low1) ** 2 + (high2 - p2) ** 2)
    above = sqrt((high1 - p1) ** 2 + (p2 - low2) ** 2)
    return Lift(treated, held, p1 - p2, p1 - p2 - below, p1 - p2 + above)


def people_until_enough(holdout: int) -> int:
    """How many have to be through, at such a share in per cent held out, until both sides have enough."""
    share = min(holdout, 100 - holdout)
    return ceil(LEAST * 100 / share) if share > 0 else 0
