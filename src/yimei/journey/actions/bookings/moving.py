"""A booking changes its time, its person or its room."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.core.database.locks import lock
from yimei.core.errors import RuleBroken
from yimei.journey import access
from yimei.journey.actions import claims
from yimei.journey.actions.bookings import steps
from yimei.journey.enums import BookingStatus
from yimei.journey.models import Booking, BookingPart
from yimei.journey.rules import bookings as rules
from yimei.people.models import Staff
from yimei.people.roles import Permission


@transaction.atomic
def reschedule(
    booking_id: UUID,
    *,
    starts_at: datetime,
    staff_public_id: UUID | None = None,
    room_public_id: UUID | None = None,
    by: Staff,
    now: datetime,
) -> Booking:
    """Move a booking to another time; whoever and wherever is not named stays."""
    booking = access.open_booking(booking_id, by=by, lock=True, permission=Permission.BOOKING_WRITE)
    rules.check_movable(BookingStatus(booking.status))
    before = steps.place_of(booking)
    rules.check_time(steps.stretch_of(booking, starts_at), now=now)
    steps.put(booking, starts_at=starts_at, staff_id=staff_public_id, room_id=room_public_id, at=now)
    rules.check_moved(is_same=steps.place_of(booking) == before)
    steps.rescheduled(booking, before=before, by=by, now=now)
    return booking


def try_place(
    booking_id: UUID,
    *,
    starts_at: datetime,
    staff_public_id: UUID | None = None,
    room_public_id: UUID | None = None,
    by: Staff,
    now: datetime,
) -> Booking:
    """Refuse as ``reschedule`` would refuse now; nothing is written. For a bar that is still in the hand."""
    booking = access.open_booking(booking_id, by=by, permission=Permission.BOOKING_WRITE)
    rules.check_movable(BookingStatus(booking.status))
    rules.check_time(steps.stretch_of(booking, starts_at), now=now)
    steps.aim(booking, starts_at=starts_at, staff_id=staff_public_id, room_id=room_public_id)
    claims.check_free(
        steps.holds_of(booking),
        wanted=(booking.starts_at, booking.ends_at),
        without=booking,
        services=steps.services_of(booking),
    )
    return booking


@transaction.atomic
def swap(one_id: UUID, other_id: UUID, *, by: Staff, now: datetime) -> tuple[Booking, Booking]:
    """Let two bookings change places: time, person and room; each keeps its own length."""
    pair, before = _exchange(one_id, other_id, by=by, now=now)
    lock(*(f"outbox.patient:{booking.patient_id}" for booking in pair))  # the first message holds the log
    for booking, was in zip(pair, before, strict=True):
        steps.rescheduled(booking, before=was, by=by, now=now)
    return pair


def try_swap(one_id: UUID, other_id: UUID, *, by: Staff, now: datetime) -> tuple[Booking, Booking]:
    """Refuse as ``swap`` would refuse now; what was tried is rolled back, so nothing is written."""
    with transaction.atomic():
        pair, _before = _exchange(one_id, other_id, by=by, now=now)
        transaction.set_rollback(True)
    return pair


def _exchange(
    one_id: UUID, other_id: UUID, *, by: Staff, now: datetime
) -> tuple[tuple[Booking, Booking], tuple[steps.Place, steps.Place]]:
    """Give each the other's place and its claims; nobody is told yet."""
    if one_id == other_id:
        raise RuleBroken(_("请选择两个不同的预约。"))
    found = access.open_bookings({one_id, other_id}, by=by, permission=Permission.BOOKING_WRITE)
    one, other = found[one_id], found[other_id]
    pair = (one, other)
    for booking in pair:
        rules.check_movable(BookingStatus(booking.status))
    if BookingPart.objects.filter(booking__in=pair).exists():
        raise RuleBroken(_("含多个项目或设备的到院不能互换，请改期。"))
    if one.campus_id != other.campus_id:
        raise RuleBroken(_("两个预约不在同一院区，不能互换。"))
    before = (steps.place_of(one), steps.place_of(other))
    one.starts_at, other.starts_at = other.starts_at, one.starts_at
    one.staff, other.staff = other.staff, one.staff
    one.room, other.room = other.room, one.room
    for booking in pair:
        stretch = steps.stretch_of(booking, booking.starts_at)
        rules.check_time(stretch, now=now)
        booking.ends_at = stretch[1]
        steps.check_place(booking)
    steps.hold_anew(pair, at=now)
    return pair, before
