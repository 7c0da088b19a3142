"""Who takes only the leads she likes: a share so far from the others' that chance does not explain it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb

LEAST = 10
"""Fewer leads say nothing about anybody."""
LEVEL = 0.01
"""Once in a hundred honest consultants, by chance, after allowing for all that were looked at."""
TIMES = 1.5


@dataclass(frozen=True)
class Count:
    """Of so many leads of one consultant, so many were of the kind that is looked at."""

    code: str
    all: int
    hit: int

    @property
    def share(self) -> float:
        return self.hit / self.all if self.all else 0.0


@dataclass(frozen=True)
class Alarm:
    code: str
    hit: int
    all: int
    others: float
    """The share among all others."""
    chance: float


def tail(hit: int, drawn: int, good: int, total: int) -> float:
    """How often chance alone gives at least so many hits: Fisher's exact test, one-sided."""
    most = min(drawn, good)
    ways = sum(comb(good, k) * comb(total - good, drawn - k) for k in range(hit, most + 1))
    return ways / comb(total, drawn)


def alarms(counts: Sequence[Count], *, tests: int = 1) -> list[Alarm]:
    """Those whose share is higher than the others' by half, and by more than chance; the clearest first."""
    total, good = sum(one.all for one in counts), sum(one.hit for one in counts)
    looked = sum(one.all >= LEAST for one in counts) * tests
    found = []
    for one in counts:
        rest = total - one.all
        if one.all < LEAST or rest < LEAST:
            continue
        others = (good - one.hit) / rest
        chance = tail(one.hit, one.all, good, total) * looked
        if one.share > others * TIMES and chance < LEVEL:
            found.append(Alarm(one.code, one.hit, one.all, others, chance))
    return sorted(found, key=lambda one: one.chance)


def by_kind(claims: Mapping[str, Mapping[str, int]]) -> dict[str, list[Count]]:
    """Claims by consultant and kind of interest, turned round: for each kind everybody's counts."""
    kinds = sorted({kind for one in claims.values() for kind in one})
    return {
        kind: [Count(code, sum(one.values()), one.get(kind, 0)) for code, one in claims.items()]
        for kind in kinds
    }
