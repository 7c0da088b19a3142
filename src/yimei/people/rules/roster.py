"""Which days a line of the roster means, and which hours it would put upon others."""

from collections.abc import Collection, Container, Iterable, Sequence
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _

from yimei.core.clock import SHANGHAI
from yimei.core.errors import RuleBroken

WEEK = 7
LONGEST = timedelta(days=92)
AHEAD = timedelta(days=366)

Hours = tuple[datetime, datetime]


def days_between(
    first: date, last: date, *, weekdays: Collection[int], off: Container[date], today: date
) -> list[date]:
    """Return the days on these weekdays (Monday is 0), both ends included, that are not ``off``."""
    if first < today:
        raise RuleBroken(_("过去的日子不能再排班。"), code="first")
    if last < first:
        raise RuleBroken(_("结束日期早于开始日期。"), code="last")
    if last - first > LONGEST or last > today + AHEAD:
        words = {"days": LONGEST.days, "ahead": AHEAD.days}
        raise RuleBroken(_("一次最多排 %(days)d 天，最远到 %(ahead)d 天后。") % words, code="last")
    every = (first + timedelta(days=n) for n in range((last - first).days + 1))
    days = [day for day in every if day.weekday() in weekdays and day not in off]
    if not days:
        raise RuleBroken(_("这段日子里没有要排的一天：请看星期与节假日。"), code="weekdays")
    return days


def hours_on(day: date, starts: time, ends: time) -> Hours:
    """The instants of a shift, whose hours are those of the local clock, on a day."""
    return datetime.combine(day, starts, SHANGHAI), datetime.combine(day, ends, SHANGHAI)


def free_of(wanted: Iterable[Hours], taken: Sequence[Hours]) -> list[Hours]:
    """Leave out what would lie upon hours that are planned already: nobody is on duty twice at once."""
    return [one for one in wanted if not any(one[0] < end and start < one[1] for start, end in taken)]


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
