"""One click taken back (撤销): by whoever made it, at once, while nothing has followed."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.core.database.locks import lock
from yimei.core.errors import RuleBroken
from yimei.core.language import kept
from yimei.journey import access
from yimei.journey.actions import cases, claims, reminders
from yimei.journey.actions.bookings import steps
from yimei.journey.enums import BookingStatus, CaseStage
from yimei.journey.models import Booking, BookingMove, Consultation, UndoSlip
from yimei.journey.rules import bookings as rules
from yimei.people.models import Staff


@transaction.atomic
def undo(booking_id: UUID, *, by: Staff, now: datetime) -> Booking:
    """Put a booking back to where it stood before its last move; what was given away meanwhile refuses it.

    One of two that changed places takes the other back with it.
    """
    twin_id = _twin_of(access.open_booking(booking_id, by=by))
    if twin_id is not None:
        return _undo_swap(booking_id, twin_id, by=by, now=now)
    booking = access.open_booking(booking_id, by=by, lock=True)
    last, slip = _last_of(booking)
    rules.check_undo(
        is_undoable=slip is not None,
        is_undo=UndoSlip.objects.filter(undone_by=last).exists(),
        is_own=last.by_id == by.pk,
        at=last.at,
        now=now,
    )
    assert slip is not None
    rules.check_nothing_followed(has_followed=_has_followed(booking, last))
    was = BookingStatus(booking.status)
    if last.old == last.new:
        _put_back(booking, slip, by=by, now=now)
    else:
        _reopen(booking, last, now=now)
    _say_next(booking, by=by, now=now)
    note = gettext_noop("撤销：%(step)s") % {"step": last.note or kept(BookingStatus(last.new).label)}
    row = steps.write(booking, old=was, by=by, now=now, note=note, action="undo")
    slip.undone_by = row
    slip.save(update_fields=["undone_by"])
    if was == BookingStatus.ARRIVED and last.old != last.new:
        cases.step_back(booking.case, taken_at=last.at, by=by, now=now, note=note)
    return booking


def _twin_of(booking: Booking) -> UUID | None:
    """With which booking this one changed places by its last move (互换), if it did."""
    last = booking.moves.order_by("-at", "-id").first()
    slip = UndoSlip.objects.filter(move=last, undone_by=None).first() if last else None
    if last is None or slip is None or last.old != last.new:
        return None
    twins = Booking.objects.filter(
        moves__at=last.at,
        moves__by=last.by,
        moves__slip__starts_at=booking.starts_at,
        moves__slip__staff=booking.staff_id,
        moves__slip__room=booking.room_id,
        starts_at=slip.starts_at,
        staff=slip.staff_id,
        room=slip.room_id,
    )
    return twins.exclude(pk=booking.pk).values_list("public_id", flat=True).first()


def _undo_swap(booking_id: UUID, twin_id: UUID, *, by: Staff, now: datetime) -> Booking:
    found = access.open_bookings({booking_id, twin_id}, by=by)
    pair = (found[booking_id], found[twin_id])
    slips, instants = [], set()
    for booking in pair:
        last, slip = _last_of(booking)
        rules.check_undo(
            is_undoable=slip is not None,
            is_undo=UndoSlip.objects.filter(undone_by=last).exists(),
            is_own=last.by_id == by.pk,
            at=last.at,
            now=now,
        )
        rules.check_nothing_followed(has_followed=_has_followed(booking, last))
        assert slip is not None
        instants.add(last.at)
        slips.append((slip, last.note, (booking.starts_at, booking.ends_at)))
    rules.check_nothing_followed(has_followed=len(instants) > 1)
    for booking, (slip, _note, _taken) in zip(pair, slips, strict=True):
        booking.staff, booking.room = slip.staff, slip.room
        booking.starts_at, booking.ends_at = steps.stretch_of(booking, slip.starts_at)
        steps.check_place(booking)
    steps.hold_anew(pair, at=now)
    lock(*(f"outbox.patient:{booking.patient_id}" for booking in pair))  # the first message holds the log
    for booking, (slip, said, taken) in zip(pair, slips, strict=True):
        steps.announce(booking, taken, now=now)
        if booking.status == BookingStatus.CONFIRMED:
            reminders.tell(booking, "booking.confirmed", by=by, now=now, occasion=f"{now:%H%M%S}")
        _say_next(booking, by=by, now=now)
        note = gettext_noop("撤销：%(step)s") % {"step": said}
        slip.undone_by = steps.write(booking, old=booking.status, by=by, now=now, note=note, action="undo")
        slip.save(update_fields=["undone_by"])
    return pair[0]


def _last_of(booking: Booking) -> tuple[BookingMove, UndoSlip | None]:
    last = booking.moves.order_by("-at", "-id").first()
    if last is None:
        raise RuleBroken(_("这个预约没有可以撤销的步骤。"))
    return last, UndoSlip.objects.select_related("staff__role", "room").filter(move=last).first()


def _has_followed(booking: Booking, last: BookingMove) -> bool:
    """Whether the case went on, or somebody wrote about this visit, after the move."""
    case = booking.case
    return (
        case.stage in cases.ENDED
        or case.moves.filter(at__gt=last.at).exists()
        or Consultation.objects.filter(case=case, started_at__gte=last.at).exists()
        or booking.reviews.exists()
    )


def _put_back(booking: Booking, slip: UndoSlip, *, by: Staff, now: datetime) -> None:
    """Give a booking its old place again, under the same refusal of overlap as any other."""
    taken = steps.place_of(booking)
    steps.put(
        booking,
        starts_at=slip.starts_at,
        staff_id=slip.staff.public_id,
        room_id=slip.room.public_id,
        at=now,
    )
    steps.announce(booking, (taken.starts_at, taken.ends_at), now=now)
    if booking.status == BookingStatus.ARRIVED:
        if taken.staff.pk != booking.staff_id:
            steps.dismiss(taken.staff, booking.patient, booking.case, now=now)
            steps.entrust(booking, booking.case, now=now)
    elif booking.status == BookingStatus.CONFIRMED:
        reminders.tell(booking, "booking.confirmed", by=by, now=now, occasion=f"{now:%H%M%S}")


def _reopen(booking: Booking, last: BookingMove, *, now: datetime) -> None:
    """Take back the change of status; whoever gave up claims holds them again or is refused."""
    gone = BookingStatus(booking.status)
    booking.status = BookingStatus(last.old)
    if gone == BookingStatus.ARRIVED:
        booking.arrived_at = booking.announced_at = None
        if _began_to_care(booking, last):
            steps.dismiss(booking.staff, booking.patient, booking.case, now=now)
    elif gone == BookingStatus.SERVED:
        booking.served_at = None
    elif gone in {BookingStatus.CANCELLED, BookingStatus.NO_SHOW}:
        booking.cancel_reason = booking.cancel_side = ""
        claims.lock_all({hold.resource for hold in steps.holds_of(booking)})
        steps.claim(booking)
    back = ["status", "announced_at", "arrived_at", "served_at", "cancel_reason", "cancel_side"]
    booking.save(update_fields=back)


def _began_to_care(booking: Booking, last: BookingMove) -> bool:
    """Whether the arrival itself opened the file to whoever was to see her."""
    open_ones = booking.patient.care_relations.filter(until=None)
    return open_ones.filter(staff=booking.staff, since=last.at).exists()


def _say_next(booking: Booking, *, by: Staff, now: datetime) -> None:
    """Say again what the status asks for, as its own move said it."""
    case, owner = booking.case, booking.staff
    if booking.status == BookingStatus.REQUESTED:
        due_at = min(booking.created_at + rules.FIRST_RESPONSE, booking.starts_at)
        keeper = booking.created_by or booking.keeper
        steps.say_next(case, gettext_noop("确认预约"), due_at=due_at, owner=keeper)
    elif booking.status == BookingStatus.CONFIRMED:
        steps.say_next(case, gettext_noop("接待到诊"), due_at=booking.starts_at, owner=owner)
    elif booking.arrived_at and case.stage in {CaseStage.BOOKED, CaseStage.ARRIVED}:
        steps.say_next(case, gettext_noop("接诊"), due_at=booking.arrived_at + steps.SEE_WITHIN, owner=owner)
