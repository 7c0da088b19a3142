"""What every move of a booking is made of: its place, its claims, who cares, its history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core import jobs
from yimei.hospital.models import Room
from yimei.journey.actions import arrangements, cases, claims, reminders
from yimei.journey.enums import BookingKind, BookingStatus, CaseStage, WaitingStatus
from yimei.journey.models import Booking, BookingMove, BookingPart, Case, UndoSlip, WaitingEntry
from yimei.journey.queries import visits as visit_queries
from yimei.journey.rules import bookings as rules
from yimei.journey.rules import visits as visit_rules
from yimei.journey.rules.claims import Hold, Resource, Stretch
from yimei.people.actions import care
from yimei.people.models import Patient, Staff

SEE_WITHIN = timedelta(minutes=15)
CALL_BACK_WITHIN = timedelta(days=1)


@dataclass(frozen=True)
class Place:
    """When, with whom and where a booking stands."""

    starts_at: datetime
    ends_at: datetime
    staff: Staff
    room: Room


def place_of(booking: Booking) -> Place:
    return Place(booking.starts_at, booking.ends_at, booking.staff, booking.room)


def stretch_of(booking: Booking, starts_at: datetime) -> Stretch:
    return starts_at, starts_at + visit_rules.duration_of(visit_queries.parts_of(booking))


def put(
    booking: Booking, *, starts_at: datetime, staff_id: UUID | None, room_id: UUID | None, at: datetime
) -> None:
    """Give a booking its new place; the locks of the old and of the new one are taken together."""
    aim(booking, starts_at=starts_at, staff_id=staff_id, room_id=room_id)
    BookingPart.objects.filter(booking=booking, position=0).update(staff=booking.staff, room=booking.room)
    claims.lock_all(claims.held_by(booking) | {hold.resource for hold in holds_of(booking)})
    claims.release(booking, at)
    claim(booking)
    booking.save(update_fields=["starts_at", "ends_at", "staff", "room"])


def hold_anew(bookings: Sequence[Booking], *, at: datetime) -> None:
    """Let several bookings hold their new places at once, each giving up its old one before any takes one."""
    wanted = {hold.resource for booking in bookings for hold in holds_of(booking)}
    claims.lock_all(claims.held_by(*bookings) | wanted)
    for booking in bookings:
        claims.release(booking, at)
    for booking in bookings:
        claim(booking)
        booking.save(update_fields=["starts_at", "ends_at", "staff", "room"])


def aim(booking: Booking, *, starts_at: datetime, staff_id: UUID | None, room_id: UUID | None) -> None:
    """Name a new place on the row in hand, checked but neither held nor saved."""
    if staff_id is not None and staff_id != booking.staff.public_id:
        booking.staff = arrangements.only_one(
            Staff.objects.active().at(booking.campus).filter(public_id=staff_id).first()
        )
    if room_id is not None and room_id != booking.room.public_id:
        booking.room = arrangements.only_one(
            booking.campus.rooms.filter(public_id=room_id, is_active=True).first()
        )
    booking.starts_at, booking.ends_at = stretch_of(booking, starts_at)
    check_place(booking)


def check_place(booking: Booking) -> None:
    """Everybody of the visit is on duty for his own part, in a room that suits it."""
    parts = visit_queries.parts_of(booking)
    visit_rules.check_parts(parts)
    for row, part in zip(visit_queries.rows_of(booking), parts, strict=True):
        kind = BookingKind(row.kind)
        arrangements.check_staff(
            row.staff, kind, (booking.starts_at + part.offset, booking.starts_at + part.ends)
        )
        rules.check_room(row.room.name, kind, row.room.kind)


def holds_of(booking: Booking) -> list[Hold]:
    return visit_rules.holds_of(
        visit_queries.parts_of(booking), booking.starts_at, patient=booking.patient.head_id
    )


def claim(booking: Booking) -> None:
    claims.claim_holds(
        holds_of(booking),
        wanted=(booking.starts_at, booking.ends_at),
        booking=booking,
        services=services_of(booking),
    )


def services_of(booking: Booking) -> Mapping[Resource, str]:
    """What each resource of a visit with several services is needed for; one service names itself."""
    parts = visit_queries.parts_of(booking)
    return visit_rules.services_of(parts) if len(parts) > 1 else {}


def rescheduled(booking: Booking, *, before: Place, by: Staff | None, now: datetime) -> None:
    """Tell everybody whom the new place concerns, and write it down; nobody as ``by`` is she herself."""
    if booking.acknowledged_at is not None:
        booking.acknowledged_at = None
        booking.save(update_fields=["acknowledged_at"])
    announce(booking, (before.starts_at, before.ends_at), now=now)
    if booking.status == BookingStatus.CONFIRMED:
        say_next(booking.case, gettext_noop("接待到诊"), due_at=booking.starts_at, owner=booking.staff)
        reminders.tell(booking, "booking.confirmed", by=by, now=now, occasion=f"{now:%H%M%S}")
    words = {
        "old": reminders.when_text(before.starts_at),
        "new": reminders.when_text(booking.starts_at),
        "name": booking.staff.name,
    }
    by_whom = gettext_noop("改期：%(old)s → %(new)s，%(name)s")
    text = by_whom if by else gettext_noop("客户自己改期：%(old)s → %(new)s，%(name)s")
    note = text % words
    write(booking, old=booking.status, by=by, now=now, note=note, action="reschedule", before=before)


def end(
    booking: Booking, *changed: str, to: BookingStatus, by: Staff | None, now: datetime, note: str = ""
) -> Booking:
    claims.lock_all(claims.held_by(booking))
    claims.release(booking, now)
    announce(booking, (booking.starts_at, booking.ends_at), now=now)
    again = gettext_noop("联系客户，另约时间")
    say_next(booking.case, again, due_at=now + CALL_BACK_WITHIN, owner=booking.keeper)
    return move(booking, *changed, to=to, by=by, now=now, note=note)


def announce(booking: Booking, freed: Stretch, *, now: datetime) -> None:
    """Let those who wait for a time be asked, once this is committed."""
    if WaitingEntry.objects.filter(campus=booking.campus, status=WaitingStatus.WAITING).exists():
        start, end = freed
        jobs.enqueue(
            "journey.waiting.fill",
            {"campus": str(booking.campus.public_id), "from": start.isoformat(), "to": end.isoformat()},
            key=f"journey.waiting:{booking.public_id}:{now.isoformat()}",
        )


def say_next(case: Case, action: str, *, due_at: datetime, owner: Staff) -> None:
    """Say the next step while the case waits for its first consultation; later ones belong to other rooms."""
    if case.stage in {CaseStage.BOOKED, CaseStage.ARRIVED}:
        cases.set_next(case, action=action, due_at=due_at, owner=owner)


def entrust(booking: Booking, case: Case, *, now: datetime) -> None:
    """Let the one who will see the customer see the file, and name her on the case."""
    staff, reason = booking.staff, rules.CARE_REASONS[booking.staff.role_code]
    care.begin(booking.patient, staff=staff, reason=reason, at=now)
    field = rules.CASE_OWNERS[reason]
    if getattr(case, f"{field}_id") is None:
        setattr(case, field, staff)
        case.save(update_fields=[field])


def dismiss(staff: Staff, patient: Patient, case: Case, *, now: datetime) -> None:
    """Take the customer back from somebody who will not see her after all, unless she is his by ownership."""
    reason = rules.CARE_REASONS[staff.role_code]
    field = rules.CASE_OWNERS[reason]
    if getattr(case, f"{field}_id") == staff.pk:
        setattr(case, field, None)
        case.save(update_fields=[field])
    if staff.pk not in {patient.consultant_id, patient.surgeon_id}:
        care.end(patient, staff=staff, reason=reason, at=now)


def move(
    booking: Booking, *changed: str, to: BookingStatus, by: Staff | None, now: datetime, note: str = ""
) -> Booking:
    old = BookingStatus(booking.status)
    rules.check_move(old, to)
    booking.status = to
    booking.save(update_fields=["status", *changed])
    before = place_of(booking) if by and to in rules.REVERSIBLE else None
    write(booking, old=old, by=by, now=now, note=note, before=before)
    return booking


def write(
    booking: Booking,
    *,
    old: str,
    by: Staff | None,
    now: datetime,
    note: str = "",
    action: str = "",
    before: Place | None = None,
) -> BookingMove:
    """Add the history row, what is needed to take it back and, last, the line of the log."""
    row = BookingMove.objects.create(
        booking=booking, old=old, new=booking.status, note=note[:120], by=by, at=now
    )
    if before is not None:
        UndoSlip.objects.create(move=row, starts_at=before.starts_at, staff=before.staff, room=before.room)
    log.record(
        f"journey.booking.{action or BookingStatus(booking.status).value}",
        at=now,
        by=by,
        target=booking,
        subject=booking.patient.person.vault_key,
    )
    return row
