"""From the promise to come to the moment somebody is seen, or the wish ends."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.core.errors import RuleBroken
from yimei.core.language import kept
from yimei.journey import access
from yimei.journey.actions import arrangements, cases, reminders
from yimei.journey.actions.bookings import steps
from yimei.journey.actions.bookings.steps import SEE_WITHIN
from yimei.journey.enums import BookingStatus, CancelSide, CaseStage, VisitKind
from yimei.journey.models import Booking
from yimei.journey.rules import bookings as rules
from yimei.people.models import Staff
from yimei.people.roles import Permission

REASON_LENGTH = 80


@transaction.atomic
def confirm(booking_id: UUID, *, by: Staff, now: datetime) -> Booking:
    booking = access.open_booking(booking_id, by=by, lock=True, permission=Permission.BOOKING_WRITE)
    return confirm_opened(booking, by=by, now=now)


def confirm_opened(booking: Booking, *, by: Staff | None, now: datetime) -> Booking:
    """Confirm a booking that the caller holds; who stayed away too often pays a deposit first."""
    rules.check_move(BookingStatus(booking.status), BookingStatus.CONFIRMED)
    if refusal := arrangements.needs_deposit(booking, now=now):
        raise refusal
    steps.say_next(booking.case, gettext_noop("接待到诊"), due_at=booking.starts_at, owner=booking.staff)
    reminders.tell(booking, "booking.confirmed", by=by, now=now)
    return steps.move(booking, to=BookingStatus.CONFIRMED, by=by, now=now)


@transaction.atomic
def arrive(booking_id: UUID, *, by: Staff, now: datetime, visit_kind: VisitKind | None = None) -> Booking:
    """Note that the customer stands at the desk; who cares for her from here on may see her."""
    booking = access.open_booking(booking_id, by=by, lock=True, permission=Permission.RECEPTION_WRITE)
    booking.visit_kind = visit_kind or booking.visit_kind
    return arrive_opened(booking, by=by, now=now)


def arrive_opened(booking: Booking, *, by: Staff | None, now: datetime) -> Booking:
    """Let a booking that the caller holds arrive; nobody as ``by`` is the customer herself."""
    rules.check_move(BookingStatus(booking.status), BookingStatus.ARRIVED)
    rules.check_arrival_day(starts_at=booking.starts_at, now=now)
    rules.check_arrival(
        is_registered=booking.patient.is_registered,
        patient_id=booking.patient.public_id,
        booking_id=booking.public_id,
        visit_kind=booking.visit_kind,
    )
    booking.arrived_at = booking.announced_at or now
    case = booking.case
    steps.entrust(booking, case, now=now)
    steps.say_next(case, gettext_noop("接诊"), due_at=now + SEE_WITHIN, owner=booking.staff)
    steps.move(booking, "arrived_at", "visit_kind", to=BookingStatus.ARRIVED, by=by, now=now)
    if case.stage == CaseStage.BOOKED:
        cases.move(case, to=CaseStage.ARRIVED, by=by, now=now)
    return booking


@transaction.atomic
def triage(
    booking_id: UUID, *, staff_public_id: UUID, room_public_id: UUID | None = None, by: Staff, now: datetime
) -> Booking:
    """Hand an arrived customer to somebody, perhaps another than booked (改派), with the trail of it."""
    booking = access.open_booking(booking_id, by=by, lock=True, permission=Permission.RECEPTION_WRITE)
    if booking.status != BookingStatus.ARRIVED:
        raise RuleBroken(_("客户到诊后才能分诊。"))
    case, before = booking.case, steps.place_of(booking)
    steps.put(booking, starts_at=booking.starts_at, staff_id=staff_public_id, room_id=room_public_id, at=now)
    if booking.staff_id != before.staff.pk:
        steps.dismiss(before.staff, booking.patient, case, now=now)
    steps.entrust(booking, case, now=now)
    steps.say_next(case, gettext_noop("接诊"), due_at=now + SEE_WITHIN, owner=booking.staff)
    note = gettext_noop("分诊：%(old)s → %(new)s，%(room)s")
    words = {"old": before.staff.name, "new": booking.staff.name, "room": booking.room.name}
    steps.write(
        booking, old=booking.status, by=by, now=now, note=note % words, action="triage", before=before
    )
    return booking


@transaction.atomic
def serve(booking_id: UUID, *, by: Staff, now: datetime) -> Booking:
    """Begin to see the customer: the waiting clock stops."""
    booking = access.open_booking(booking_id, by=by, lock=True)
    if by.pk != booking.staff_id and not by.may(Permission.RECEPTION_WRITE):
        raise RuleBroken(_("由接诊人本人或前台登记接诊；换人请先改派。"))
    rules.check_move(BookingStatus(booking.status), BookingStatus.SERVED)
    booking.served_at = now
    steps.say_next(
        booking.case,
        gettext_noop("完成面诊记录"),
        due_at=max(booking.ends_at, now + SEE_WITHIN),
        owner=booking.staff,
    )
    return steps.move(booking, "served_at", to=BookingStatus.SERVED, by=by, now=now)


@transaction.atomic
def mark_no_show(booking_id: UUID, *, by: Staff, now: datetime) -> Booking:
    booking = access.open_booking(booking_id, by=by, lock=True, permission=Permission.BOOKING_WRITE)
    rules.check_move(BookingStatus(booking.status), BookingStatus.NO_SHOW)
    rules.check_no_show(starts_at=booking.starts_at, now=now)
    return steps.end(booking, to=BookingStatus.NO_SHOW, by=by, now=now)


@transaction.atomic
def cancel(
    booking_id: UUID,
    *,
    reason: str,
    by: Staff,
    now: datetime,
    side: CancelSide = CancelSide.CUSTOMER,
) -> Booking:
    """Cancel a booking, saying for whose sake: the hospital's own doing never costs a deposit."""
    booking = access.open_booking(booking_id, by=by, lock=True, permission=Permission.BOOKING_WRITE)
    return cancel_opened(booking, reason=reason, by=by, now=now, side=side)


def cancel_opened(
    booking: Booking,
    *,
    reason: str,
    by: Staff | None,
    now: datetime,
    side: CancelSide = CancelSide.CUSTOMER,
) -> Booking:
    """Cancel a booking that the caller holds; nobody as ``by`` is the customer herself."""
    rules.check_move(BookingStatus(booking.status), BookingStatus.CANCELLED)
    booking.cancel_reason = rules.check_words(reason, limit=REASON_LENGTH, required=_("请写明取消原因。"))
    booking.cancel_side = CancelSide(side)
    note = f"{kept(booking.cancel_side.label)}：{booking.cancel_reason}"
    return steps.end(
        booking, "cancel_reason", "cancel_side", to=BookingStatus.CANCELLED, by=by, now=now, note=note
    )
