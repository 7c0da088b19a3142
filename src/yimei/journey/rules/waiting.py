"""Who of those who wait may be offered a time, and how long an offer stands."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from yimei.core.clock import SHANGHAI
from yimei.core.errors import NotFound, RuleBroken
from yimei.journey.enums import OfferStatus
from yimei.journey.rules.claims import Stretch

EVERY_DAY = "0123456"
LONGEST = timedelta(days=180)
OFFER_MINUTES = 15
"""The shipped number; the hospital's own stands in its register as ``waiting.offer_minutes``."""
NIGHT = {"night_from": 21, "night_until": 8}
"""Local hours in which nobody is asked, shipped; the hospital's own stand as ``waiting.night_*``."""


@dataclass(frozen=True)
class Wish:
    """The days and local hours that suit a customer; ``valid_to`` included."""

    weekdays: str
    from_hour: int
    to_hour: int
    valid_from: date
    valid_to: date

    def suits(self, slot: Stretch) -> bool:
        start, end = (instant.astimezone(SHANGHAI) for instant in slot)
        midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
        return (
            self.valid_from <= start.date() <= self.valid_to
            and str(start.weekday()) in self.weekdays
            and start - midnight >= timedelta(hours=self.from_hour)
            and end - midnight <= timedelta(hours=self.to_hour)
        )


def check_wish(wish: Wish, *, today: date) -> None:
    if not wish.weekdays or set(wish.weekdays) - set(EVERY_DAY):
        raise RuleBroken(_("请至少选择一个星期几。"))
    if not 0 <= wish.from_hour < wish.to_hour <= 24:
        raise RuleBroken(_("时段的结束须晚于开始。"))
    if wish.valid_to < max(wish.valid_from, today):
        raise RuleBroken(_("候补的截止日期已经过去，或早于开始日期。"))
    if wish.valid_to - today > LONGEST:
        raise RuleBroken(_("候补最长登记 %(days)d 天。") % {"days": LONGEST.days})


def worth_offering(slot: Stretch, *, expires_at: datetime) -> bool:
    """A time that begins before its offer ends cannot be answered any more."""
    return slot[0] > expires_at


def check_answerable(*, status: str, expires_at: datetime, now: datetime) -> None:
    """The answer of a customer counts only while the time is held for her."""
    if status == OfferStatus.ACCEPTED:
        raise RuleBroken(_("您已接受这个时间，无需重复操作。"))
    if status == OfferStatus.DECLINED:
        raise RuleBroken(_("您已谢绝这个时间。如又方便，请致电医院。"))
    if status != OfferStatus.OPEN or now >= expires_at:
        raise NotFound(_("这个时间的保留已到期，已让给下一位；您仍在候补名单上。"))
