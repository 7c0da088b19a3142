"""Booking by oneself, signed in: what may be booked, and the sentence for what may not."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from yimei.core.clock import SHANGHAI
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.journey.enums import BookingKind
from yimei.journey.rules.bookings import is_consulted

LONGEST = 1095
"""Days: nobody's face is the same after three years."""


@dataclass(frozen=True)
class Herself:
    """Who asks, as far as it matters."""

    is_registered: bool
    lacks_guardian: bool
    """Somebody must answer for her, and it is not he who asks."""


@dataclass(frozen=True)
class Wish:
    """One service that she may wish for, with what stands in its way or has come before it."""

    kind: BookingKind
    procedure: str
    needs_consult_days: int
    """What the procedure says, else the house's usual number."""
    last_consulted: datetime | None
    standing: datetime | None
    """When she comes for it anyway."""


def obstacle(who: Herself, wish: Wish, *, starts_at: datetime) -> str:
    """Return why this cannot be booked by herself for an instant; nothing where it can."""
    if who.lacks_guardian:
        return _("须由监护人登录后预约，或由监护人致电医院（《医疗美容服务管理办法》第二十条）。")
    if wish.standing is not None:
        at = wish.standing.astimezone(SHANGHAI)
        return _("您已约好 %(month)d 月 %(day)d 日 %(clock)s，可以改期。") % {
            "month": at.month,
            "day": at.day,
            "clock": f"{at:%H:%M}",
        }
    if wish.kind != BookingKind.TREATMENT:
        return ""
    if not who.is_registered:
        return _("治疗前须先到院建档，请先预约面诊。")
    days = wish.needs_consult_days
    if not is_consulted(wish.last_consulted, starts_at=starts_at, days=days):
        text = _("「%(procedure)s」须先面诊，面诊 %(days)d 天内有效，请先预约面诊。")
        return text % {"procedure": wish.procedure, "days": days}
    return ""


def check(who: Herself, wish: Wish | None, *, starts_at: datetime) -> Wish:
    """Return the wish when it may be booked; what is not on offer is not found."""
    if wish is None:
        raise NotFound
    text = obstacle(who, wish, starts_at=starts_at)
    if not text:
        return wish
    raise (Conflict if wish.standing and not who.lacks_guardian else RuleBroken)(text)


def check_slot(starts_at: datetime, *, is_offered: bool, until: datetime, days: int) -> None:
    """Only what the page could have offered: whole and half hours, neither too near nor too far."""
    if not is_offered:
        raise RuleBroken(_("这个时间不能在网上预约，请另选一个，或致电医院。"))
    if starts_at >= until:
        raise RuleBroken(_("网上只能预约最近 %(days)d 天。") % {"days": days})


def check_open(*, known: int, most: int) -> None:
    """One person keeps only so many times to come: others want to come as well."""
    if known >= most:
        text = _("您已有 %(count)d 个还没到的网上预约，请先改期或取消其中一个，或致电医院。")
        raise RuleBroken(text % {"count": known})


def check_days(days: int | None) -> int | None:
    """How long a consultation counts: not asked for, or between a day and three years."""
    if days is not None and not 1 <= days <= LONGEST:
        raise RuleBroken(_("面诊的有效天数须在 1 到 %(most)d 之间；不要求就空着。") % {"most": LONGEST})
    return days
