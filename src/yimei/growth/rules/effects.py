"""Whether there is less of something after an improvement than before, beyond what chance does."""

from fractions import Fraction
from math import comb

from yimei.growth.enums.feedback import Effect

LEVEL = 0.05


def chance(before: int, after: int) -> float:
    """How often two equal rates differ at least so much in equal times: exact, given the sum (two-sided)."""
    total = before + after
    if total == 0:
        return 1.0
    here = comb(total, after)
    ways = sum(comb(total, k) for k in range(total + 1) if comb(total, k) <= here)
    return min(float(Fraction(ways, 2**total)), 1.0)


def effect(before: int, after: int) -> Effect:
    if chance(before, after) >= LEVEL:
        return Effect.SAME
    return Effect.FEWER if after < before else Effect.MORE
