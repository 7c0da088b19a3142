"""RFM: how lately, how often, how much. The limits are the hospital's own, no norm (院方默认)."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal


@dataclass(frozen=True)
class Steps:
    """Where one layer ends and the next begins."""

    recent_days: int = 180
    lost_days: int = 365
    often: int = 3
    much: int = 20_000


def layer(paid_on: date | None, times: int, total: Decimal, *, on: date, steps: Steps) -> str:
    """Name the layer of one person."""
    if paid_on is None or times < 1:
        return "none"
    age = (on - paid_on).days
    is_high = total >= steps.much or times >= steps.often
    if age <= steps.recent_days:
        return "champion" if is_high else "loyal" if times > 1 else "new"
    if is_high and age <= 2 * steps.lost_days:
        return "risk"
    return "loyal" if times > 1 and age <= steps.lost_days else "asleep"


def turning_days(on: date, steps: Steps) -> list[date]:
    """Days of a last payment whose layer is another one today than it was yesterday."""
    ages = (steps.recent_days, steps.lost_days, 2 * steps.lost_days)
    return [on - timedelta(days=age + 1) for age in ages]
