"""Working days: Monday to Friday, corrected by the State Council's yearly table (regulations T-2).

A table maps a day to what it is instead of what its weekday says. A year is known when the table holds one
of its holidays; a result that had to look at an unknown year is provisional: Monday to Friday was assumed.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.hospital.enums import DayKind

SATURDAY = 5
DAY = timedelta(days=1)
LONGEST = timedelta(days=30)


def check_span(first: date, last: date) -> list[date]:
    """Return the days of one holiday or make-up stretch; no notice names more than a month."""
    if last < first:
        raise RuleBroken(_("结束日期早于开始日期。"), code="last")
    if last - first > LONGEST:
        raise RuleBroken(_("一次最多登记 %(n)d 天，请核对日期。") % {"n": LONGEST.days + 1}, code="last")
    return [first + n * DAY for n in range((last - first).days + 1)]


def is_workday(day: date, table: Mapping[date, DayKind]) -> bool:
    kind = table.get(day)
    return day.weekday() < SATURDAY if kind is None else kind == DayKind.WORKDAY


def known_years(table: Mapping[date, DayKind]) -> frozenset[int]:
    """A make-up workday alone may belong to the neighbour year's notice, so only holidays count."""
    return frozenset(day.year for day, kind in table.items() if kind == DayKind.HOLIDAY)


def add_workdays(day: date, n: int, table: Mapping[date, DayKind]) -> tuple[date, bool]:
    """Return the n-th working day after `day`, which is not counted, and whether it is provisional."""
    if n < 0:
        raise ValueError("n must not be negative")
    known, provisional = known_years(table), False
    while n:
        day += DAY
        provisional = provisional or day.year not in known
        n -= is_workday(day, table)
    return day, provisional


def next_workday(day: date, table: Mapping[date, DayKind]) -> tuple[date, bool]:
    """Return the first working day on or after `day` and whether it is provisional."""
    return add_workdays(day - DAY, 1, table)
