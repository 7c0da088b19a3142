"""Over which days a report speaks: whole months and weeks, and how far back a chart reaches."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.insight.enums import Cadence
from yimei.insight.rules.questions import FIRST, months_later
from yimei.insight.rules.words import Words

LONGEST = timedelta(days=800)
REACHES: Mapping[str, tuple[Words, int]] = {
    "period": (Words("本期", "the period"), 0),
    "3m": (Words("近三个月", "3 months"), 3),
    "12m": (Words("近十二个月", "12 months"), 12),
    "24m": (Words("近两年", "24 months"), 24),
}
"""How far back a chart reaches from the last day of a report, in months."""


@dataclass(frozen=True)
class Period:
    """Days from start, up to but without end."""

    start: date
    end: date

    @property
    def last(self) -> date:
        return self.end - timedelta(days=1)

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def is_month(self) -> bool:
        return self.start.day == 1 and self.end == months_later(self.start, 1)


def latest(cadence: Cadence, today: date) -> Period:
    """Return the last whole month or week (from Monday) that is over."""
    if cadence == Cadence.WEEK:
        monday = today - timedelta(days=today.weekday())
        return Period(monday - timedelta(days=7), monday)
    first = today.replace(day=1)
    return Period(months_later(first, -1), first)


def is_due(cadence: Cadence, day: int, today: date) -> bool:
    """Whether the report of the last month or week is to be written by today: from that day on."""
    return (today.isoweekday() if cadence == Cadence.WEEK else today.day) >= day


def check(start: date, end: date, today: date) -> Period:
    """Return the period of a report, or say what is wrong with it; the last day counts in."""
    if end < start:
        raise RuleBroken(_("结束日期早于开始日期。"), code="end")
    if start < FIRST or end - start > LONGEST:
        raise RuleBroken(_("一份报告最多覆盖两年。"), code="start")
    if end >= today:
        raise RuleBroken(_("报告期须已经结束：结束日期最晚是昨天。"), code="end")
    return Period(start, end + timedelta(days=1))


def window(reach: str, period: Period) -> Period:
    """Return the days that a chart shows."""
    months = REACHES[reach][1]
    if not months:
        return period
    return Period(months_later(period.end, -months), period.end)


def words(period: Period) -> str:
    if period.is_month:
        return _("%(year)d 年 %(month)d 月") % {"year": period.start.year, "month": period.start.month}
    return _("%(start)s 至 %(last)s") % {"start": period.start, "last": period.last}
