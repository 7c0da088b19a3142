"""公海: how long an owner is protected, when a lead goes back, who may claim it (domain 7.6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.growth.enums import EndReason


@dataclass(frozen=True)
class Protection:
    """Days of an owner's protection; none of them is law, each hospital sets its own."""

    first: int = 10
    """From the claim."""
    activity: int = 3
    """From each contact, if that is later."""
    most: int = 20
    """From the claim, whatever happens."""
    idle: int = 7
    """Without any contact; 0 is never."""


@dataclass(frozen=True)
class Limits:
    """How much one person may take from the pool."""

    per_day: int = 10
    holding: int = 60
    ban_days: int = 3
    """For which the former owner must leave a lead to others."""


def due_on(claimed: date, active: Iterable[date], rule: Protection) -> date:
    """The last day of protection: longer by each contact, never beyond the most."""
    due = claimed + timedelta(days=rule.first)
    for day in sorted(active):
        due = extended(due, claimed, day, rule)
    return min(due, claimed + timedelta(days=rule.most))


def extended(due: date, claimed: date, active: date, rule: Protection) -> date:
    """The last day after one more contact; what has ended is not brought back."""
    if active > due:
        return due
    return min(max(due, active + timedelta(days=rule.activity)), claimed + timedelta(days=rule.most))


def recycle_reason(*, due: date, last_contact: date, on: date, rule: Protection) -> EndReason | None:
    """Why a lead goes back to the pool on a day; its last day of protection is still protected."""
    if on > due:
        return EndReason.EXPIRED
    if rule.idle and on > last_contact + timedelta(days=rule.idle):
        return EndReason.IDLE
    return None


REMINDED = (3, 1)
"""How many days before it goes back its owner is told; one is the last day that she has it."""


def days_left(*, due: date, last_contact: date, on: date, rule: Protection) -> int:
    """In how many days a lead goes back when nobody does anything; none or fewer when it goes now."""
    last = min(due, last_contact + timedelta(days=rule.idle)) if rule.idle else due
    return (last - on).days + 1


def check_claim(
    *, claimed_today: int, holding: int, last_ended: date | None, on: date, limits: Limits
) -> None:
    """Refuse what is over a limit; leads that were booked count for neither."""
    if claimed_today >= limits.per_day:
        raise RuleBroken(
            _("今天已领取 %(n)d 条，达到每日上限，请明天再领。") % {"n": claimed_today}, code="day"
        )
    if holding >= limits.holding:
        text = _("您手上还有 %(n)d 条跟进中的线索，达到上限。请先跟进、预约或放回一些。")
        raise RuleBroken(text % {"n": holding}, code="holding")
    if last_ended is not None and on < last_ended + timedelta(days=limits.ban_days):
        free = last_ended + timedelta(days=limits.ban_days)
        text = _("这条线索刚从您名下回到公海，%(day)s 起才可再次领取。")
        raise RuleBroken(text % {"day": f"{free:%Y-%m-%d}"}, code="ban")
