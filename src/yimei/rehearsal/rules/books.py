"""What a house like this spends: shares of its receipts, as clinics publish them (domain 12 and 7.7)."""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from random import Random

VARIABLE: Mapping[str, float] = {"耗材": 0.16, "药品": 0.08}
"""Used on patients: they follow the receipts of their month."""
FIXED: Mapping[str, float] = {"设备": 0.17, "人力": 0.28, "房租": 0.05}
"""Paid whoever comes, every day of a year alike."""
ADS: Mapping[str, float] = {"抖音": 0.09, "微信": 0.03, "新氧": 0.05, "官网": 0.02}
"""Advertising by channel: between the 15 % of leading clinics and the 25 % of others."""
ADVERTISING = "广告"
Spent = tuple[date, str, int]


def costs(receipts: Mapping[date, float], months: Sequence[date], today: date, rng: Random) -> list[Spent]:
    """Return what some months of one year spent by account, advertising together."""
    mean = _daily(receipts, months, today)
    return [
        (month, account, amount)
        for month in months
        for account, base in _bases(receipts.get(month, 0.0), mean * _days(month))
        if (amount := round(base * rng.uniform(0.95, 1.05))) > 0
    ]


def advertising(
    receipts: Mapping[date, float], months: Sequence[date], today: date, rng: Random
) -> Iterator[Spent]:
    """Return what some months of one year spent on each channel."""
    mean = _daily(receipts, months, today)
    for month in months:
        for channel, share in ADS.items():
            if amount := round(share * mean * _days(month) * rng.uniform(0.8, 1.2)):
                yield month, channel, amount


def _bases(taken: float, usual: float) -> Iterator[tuple[str, float]]:
    for account, share in VARIABLE.items():
        yield account, share * taken
    for account, share in FIXED.items():
        yield account, share * usual
    yield ADVERTISING, sum(ADS.values()) * usual


def _daily(receipts: Mapping[date, float], months: Sequence[date], today: date) -> float:
    """Receipts of a day of these months, as far as they have come."""
    days = sum(min(_days(month), (today - month).days + 1) for month in months)
    return sum(receipts.get(month, 0.0) for month in months) / days


def _days(month: date) -> int:
    return monthrange(month.year, month.month)[1]
