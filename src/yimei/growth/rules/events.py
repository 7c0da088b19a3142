"""Events: when one may register, what a ticket says, what a scan means, what came of the money."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from hmac import compare_digest
from uuid import UUID

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.growth.enums.events import EventStatus, ScanResult, SeatStatus

MOVES: Mapping[EventStatus, frozenset[EventStatus]] = {
    EventStatus.DRAFT: frozenset({EventStatus.OPEN}),
    EventStatus.OPEN: frozenset({EventStatus.CANCELLED}),
}
SEAT_MOVES: Mapping[SeatStatus, frozenset[SeatStatus]] = {
    SeatStatus.WAITING: frozenset({SeatStatus.HELD, SeatStatus.CANCELLED}),
    SeatStatus.HELD: frozenset({SeatStatus.CAME, SeatStatus.ABSENT, SeatStatus.CANCELLED}),
    SeatStatus.ABSENT: frozenset({SeatStatus.CAME}),
}
PREFIX, MARK_LENGTH = "YME1", 16
MOST_PLACES, MOST_WAITING = 2000, 200
LATE = timedelta(hours=12)
"""How long after the end scans of a door without a network are still taken."""
EARLY = timedelta(hours=6)
"""From how long before the start somebody may be here."""
OPENS = timedelta(days=2)
"""From how long before the start the page of the door can be opened and kept on a device."""


def check_move(old: EventStatus, new: EventStatus) -> None:
    if new not in MOVES.get(old, frozenset()):
        text = _("活动现在是「%(old)s」，不能变为「%(new)s」。")
        raise RuleBroken(text % {"old": old.label, "new": new.label}, code="status")


def check_frame(*, starts_at: datetime, ends_at: datetime, capacity: int, waits: int, now: datetime) -> None:
    if starts_at <= now:
        raise RuleBroken(_("开始时间已经过去。"), code="day")
    if not timedelta(0) < ends_at - starts_at <= timedelta(hours=14):
        raise RuleBroken(_("结束应在开始之后，同一天之内。"), code="ends")
    if not 1 <= capacity <= MOST_PLACES:
        raise RuleBroken(_("名额应为 1 到 %(n)d。") % {"n": MOST_PLACES}, code="capacity")
    if not 0 <= waits <= MOST_WAITING:
        raise RuleBroken(_("候补应为 0 到 %(n)d。") % {"n": MOST_WAITING}, code="waits")


def check_open(*, status: EventStatus, ends_at: datetime, now: datetime) -> None:
    if status == EventStatus.CANCELLED:
        raise RuleBroken(_("这场活动已取消。"), code="over")
    if status != EventStatus.OPEN or now >= ends_at:
        raise RuleBroken(_("这场活动的报名已经结束。"), code="over")


def check_door(*, starts_at: datetime, now: datetime) -> None:
    if now < starts_at - EARLY:
        raise RuleBroken(_("开始前 6 小时起才能签到；页面可以先打开。"), code="early")


def ticket(seat_id: UUID, mark: str) -> str:
    """What the picture of a ticket says: no name, nothing that a stranger could use."""
    return f"{PREFIX}.{seat_id.hex}.{mark[:MARK_LENGTH]}"


def read_ticket(text: str) -> tuple[UUID, str] | None:
    """The seat and the mark of a scanned text, or nothing when it is none of ours."""
    parts = text.strip().split(".")
    if len(parts) != 3 or parts[0] != PREFIX or len(parts[2]) != MARK_LENGTH:
        return None
    try:
        return UUID(parts[1]), parts[2]
    except ValueError:
        return None


def is_genuine(mark: str, true_mark: str) -> bool:
    return compare_digest(mark.encode(), true_mark[:MARK_LENGTH].encode())


def result_of(status: SeatStatus) -> ScanResult:
    """What a genuine code of this event means at the door."""
    return {
        SeatStatus.HELD: ScanResult.CAME,
        SeatStatus.ABSENT: ScanResult.CAME,
        SeatStatus.CAME: ScanResult.AGAIN,
        SeatStatus.WAITING: ScanResult.WAITING,
        SeatStatus.CANCELLED: ScanResult.CANCELLED,
    }[status]


def arrived_at(said: datetime, *, starts_at: datetime, ends_at: datetime, now: datetime) -> datetime:
    """When somebody came: as the device says, unless that cannot be; clocks of devices are wrong at times."""
    if starts_at - EARLY <= said <= min(now, ends_at + EARLY):
        return said
    return min(max(now, starts_at), ends_at)


@dataclass(frozen=True)
class Money:
    """What an event cost and what came of its people; a refund counts back."""

    cost: Decimal
    fresh: Decimal
    known: Decimal
    came: int

    @property
    def each(self) -> Decimal | None:
        return (self.cost / self.came).quantize(Decimal("0.01")) if self.came else None

    @property
    def back(self) -> float | None:
        """Net receipts of people who were nobody's before, per yuan spent, less that yuan."""
        return float((self.fresh - self.cost) / self.cost) if self.cost > 0 else None
