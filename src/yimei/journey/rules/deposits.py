"""Who pays a booking deposit (预约定金), how much, by which words, and what may become of it.

The share is that of the Civil Code (art. 586 II); what happens when one side does not come is its art. 587.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.core.money import format_yuan, yuan
from yimei.journey.enums import BookingStatus, CancelSide, DepositFate
from yimei.journey.rules.bookings import HOLDING

YUAN, PERCENT, FREE_HOURS = 200, 20, 24
"""Shipped; the hospital's own stand in its register as ``booking.deposit_…``."""


@dataclass(frozen=True)
class Policy:
    """The numbers in force when a deposit is asked for."""

    most: int
    days: int
    yuan: int
    percent: int
    free_hours: int


@dataclass(frozen=True)
class Visit:
    """One booking of the episode, as far as its deposit depends on it."""

    status: BookingStatus
    starts_at: datetime
    cancelled_at: datetime | None = None
    side: str = ""


def amount_of(policy: Policy, *, price: Decimal | None) -> Decimal:
    """The house's amount, never above its share of the list price."""
    wanted = Decimal(policy.yuan)
    if price:
        wanted = min(wanted, price * policy.percent / 100)
    return yuan(max(wanted, Decimal("0.01")))


def terms(amount: Decimal, *, free_hours: int) -> str:
    """What is said before the money is taken; kept word by word beside it."""
    return _(
        "预约定金 %(amount)s：到院后抵作诊疗费用，没有消费则原路退还；改期顺延。预约时间 %(hours)d 小时以前"
        "取消，全额退还；此后取消或没有到院，定金不退（《民法典》第五百八十七条）。医院原因取消的，全额退还，"
        "您还可以依同一条要求双倍返还。"
    ) % {"amount": format_yuan(amount), "hours": free_hours}


def fate(
    visits: Sequence[Visit], *, taken_at: datetime, free_hours: int, has_ended: bool = False
) -> DepositFate:
    """What the bookings of an episode make of the deposit that was taken for them.

    The last visit that ended after it decides; one that still stands keeps it, unless the last was broken.
    """
    ended = [one for one in visits if one.status not in HOLDING and _ended_at(one) >= taken_at]
    kept = [one for one in visits if one.status == BookingStatus.SERVED and one.starts_at >= taken_at]
    stands = any(one.status in HOLDING and one.status != BookingStatus.SERVED for one in visits)
    last = max((*ended, *kept), key=lambda one: one.starts_at, default=None)
    if last is not None and is_broken(last, free_hours=free_hours):
        return DepositFate.BROKEN
    if stands:
        return DepositFate.HOLDS
    came = last is not None and last.status == BookingStatus.SERVED
    return DepositFate.FREE if came and not has_ended else DepositFate.OWED


def is_broken(visit: Visit, *, free_hours: int) -> bool:
    """She did not come, or said so too late; what the hospital cancelled is never hers."""
    if visit.status == BookingStatus.NO_SHOW:
        return True
    if visit.status != BookingStatus.CANCELLED or visit.side == CancelSide.HOSPITAL:
        return False
    return visit.cancelled_at is not None and visit.cancelled_at > visit.starts_at - timedelta(
        hours=free_hours
    )


def _ended_at(visit: Visit) -> datetime:
    return visit.cancelled_at or visit.starts_at


def check_asked(*, is_asked: bool) -> None:
    """Money is taken for a reason only: somebody who stayed away too often waits for her confirmation."""
    if not is_asked:
        raise RuleBroken(_("这位客户现在不需要预约定金：没有待确认的预约，或没有达到爽约次数。"))


def check_told(*, is_told: bool) -> None:
    if not is_told:
        raise RuleBroken(_("收取前须向客户说明定金规则，请勾选「已说明」。"))


def check_given_back(fate: DepositFate) -> None:
    if fate == DepositFate.HOLDS:
        raise RuleBroken(_("预约还在，定金为它保留；请先取消预约，或等客户到院后再退。"))


def check_kept(fate: DepositFate) -> None:
    """What was told beforehand, and nothing else, lets a deposit be kept."""
    if fate != DepositFate.BROKEN:
        raise RuleBroken(_("只有客户没有到院，或没有按规则提前取消，定金才可以不退。"))
