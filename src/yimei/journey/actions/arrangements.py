"""How a booking finds its people and rooms, and what must be so before it is made."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.hospital.models import Campus, Device, Procedure, Room
from yimei.journey.enums import BookingKind, ResourceKind
from yimei.journey.models import Booking, BookingPart
from yimei.journey.queries import bookings as queries
from yimei.journey.queries import deposits
from yimei.journey.queries import visits as visit_queries
from yimei.journey.rules import bookings as rules
from yimei.journey.rules.bookings import Length
from yimei.journey.rules.claims import Resource, Stretch, apart, covers, hours_text, overlaps
from yimei.people.access import need
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission, Scope

Row = TypeVar("Row")

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Arrangement:
    """How the people and things of a visit are found: what to lock, then whom to choose."""

    duration: timedelta
    resources: Sequence[Resource]
    choose: Callable[[], list[BookingPart]]


def only_one(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row


def open_procedure(public_id: UUID) -> Procedure:
    return only_one(Procedure.objects.filter(public_id=public_id, is_active=True).first())


def open_campus(public_id: UUID, *, by: Staff) -> Campus:
    campus = only_one(Campus.objects.filter(public_id=public_id, is_active=True).first())
    if need(by, Permission.BOOKING_WRITE) != Scope.GROUP and campus.pk != by.campus_id:
        raise NotFound
    return campus


def _candidates(kind: BookingKind, campus: Campus, stretch: Stretch, public_id: UUID | None) -> list[Staff]:
    """The named one, checked, or everybody who may take it and is on duty, in the fixed order."""
    if public_id is not None:
        staff = only_one(Staff.objects.active().at(campus).filter(public_id=public_id).first())
        check_staff(staff, kind, stretch)
        return [staff]
    everybody = queries.serving_staff(kind, campus)
    hours = queries.duties([staff.pk for staff in everybody], stretch)
    on_duty = [staff for staff in everybody if covers(hours[staff.pk], stretch)]
    if not on_duty:
        roles = "、".join(str(role.label) for role in rules.SERVING_ROLES[kind])
        raise RuleBroken(
            _("%(hours)s没有值班的%(roles)s。") % {"hours": hours_text([stretch]), "roles": roles}
        )
    return on_duty


def _rooms(kind: BookingKind, campus: Campus, public_id: UUID | None) -> list[Room]:
    if public_id is not None:
        room = only_one(campus.rooms.filter(public_id=public_id, is_active=True).first())
        rules.check_room(room.name, kind, room.kind)
        return [room]
    rooms = queries.rooms_for(kind, campus)
    if not rooms:
        raise RuleBroken(_("本院区没有可用的%(room)s。") % {"room": rules.ROOM_KINDS[kind].label})
    return rooms


def of_one(
    kind: BookingKind,
    procedure: Procedure,
    campus: Campus,
    starts_at: datetime,
    *,
    staff_public_id: UUID | None,
    room_public_id: UUID | None,
    now: datetime,
    rather: Collection[int] = (),
) -> Arrangement:
    """How a visit of one service finds its one and its room: as named, or the first who are free.

    ``rather`` are those whom the customer knows; they are tried first.
    """
    length = queries.length_of(kind, procedure)
    rules.check_time(length.stretch(starts_at), now=now)
    candidates = _candidates(kind, campus, length.stretch(starts_at), staff_public_id)
    candidates.sort(key=lambda one: one.pk not in rather)
    rooms = _rooms(kind, campus, room_public_id)

    def choose() -> list[BookingPart]:
        staff, room = _choose(kind, procedure, candidates, rooms, length, starts_at)
        return [part_of(0, kind, procedure, staff, room, length)]

    return Arrangement(
        duration=length.duration,
        resources=[
            *((ResourceKind.STAFF, staff.pk) for staff in candidates),
            *((ResourceKind.ROOM, room.pk) for room in rooms),
        ],
        choose=choose,
    )


def part_of(
    position: int,
    kind: BookingKind,
    procedure: Procedure,
    staff: Staff,
    room: Room,
    length: Length,
    *,
    offset: timedelta = timedelta(0),
    device: Device | None = None,
) -> BookingPart:
    """Return one service of a visit, not yet saved."""
    return BookingPart(
        position=position,
        kind=kind,
        procedure=procedure,
        staff=staff,
        room=room,
        device=device,
        offset_minutes=offset // MINUTE,
        minutes=length.duration // MINUTE,
        setup_minutes=length.setup // MINUTE,
        cleanup_minutes=length.cleanup // MINUTE,
    )


def _choose(
    kind: BookingKind,
    procedure: Procedure,
    candidates: Sequence[Staff],
    rooms: Sequence[Room],
    length: Length,
    starts_at: datetime,
) -> tuple[Staff, Room]:
    """Take the first of each who is free; a single one is taken as named and left to the claim to judge."""
    start, end = length.stretch(starts_at)
    around = (start - length.setup, end + length.cleanup)
    staff_of = {(ResourceKind.STAFF, staff.pk): staff for staff in candidates}
    room_of = {(ResourceKind.ROOM, room.pk): room for room in rooms}
    taken = queries.busy([*staff_of, *room_of], around)
    free_staff = [staff_of[one] for one in staff_of if not overlaps(taken[one], (start, end))]
    free_rooms = [room_of[one] for one in room_of if not overlaps(taken[one], around)]
    if (not free_staff and len(candidates) > 1) or (not free_rooms and len(rooms) > 1):
        window = (start, start + queries.HORIZON)
        offers = queries.free_times(kind, procedure, window, staff=candidates, rooms=rooms)
        what = _("接诊人") if not free_staff else rules.ROOM_KINDS[kind].label
        text = _("%(hours)s %(what)s都已有安排。") % {"hours": hours_text([(start, end)]), "what": what}
        raise Conflict(text, next_free=apart((slot.starts_at, slot.ends_at) for slot in offers))
    return (free_staff or candidates)[0], (free_rooms or rooms)[0]


def check_consulted(patient: Patient, kind: BookingKind, procedure: Procedure, starts_at: datetime) -> None:
    """A treatment that asks for it follows a consultation that is still valid, held or booked before it."""
    days = procedure.needs_consult_days
    if kind == BookingKind.TREATMENT and days is not None:
        rules.check_consulted(
            procedure.name,
            last_consulted=visit_queries.last_consulted(patient, before=starts_at, about=procedure),
            starts_at=starts_at,
            days=days,
            patient_id=patient.public_id,
        )


def needs_deposit(booking: Booking, *, now: datetime) -> RuleBroken | None:
    """Return the refusal for who stayed away too often while the hospital holds no money for this case."""
    asked = deposits.asked_for(booking, now=now)
    if asked is None:
        return None
    return rules.deposit_refusal(
        missed=asked.missed, days=asked.days, amount=asked.amount, booking_id=booking.public_id
    )


def check_staff(staff: Staff, kind: BookingKind, stretch: Stretch) -> None:
    rules.check_role(staff.name, kind, staff.role_code)
    rules.check_duty(staff.name, stretch, queries.duties_of_day(staff, stretch[0]))
