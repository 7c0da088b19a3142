"""Booking one visit of several services, in sequence or side by side: all of it, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.hospital.models import Campus, Device, Room
from yimei.journey.actions import arrangements, bookings
from yimei.journey.actions.arrangements import Arrangement
from yimei.journey.enums import BookingKind, ResourceKind, VisitKind
from yimei.journey.models import Booking, BookingPart
from yimei.journey.queries import bookings as booking_queries
from yimei.journey.queries import visits as queries
from yimei.journey.queries.visits import Ask, PartSlot
from yimei.journey.rules import bookings as booking_rules
from yimei.journey.rules import visits as rules
from yimei.journey.rules.claims import OFFERED, Stretch, covers, hours_text, overlaps
from yimei.people.access import open_patient
from yimei.people.models import Patient, Staff

Thing = TypeVar("Thing", Staff, Room, Device)


@dataclass(frozen=True)
class Wanted:
    """One service as it is asked for; without a name the first who is free."""

    kind: BookingKind
    procedure_public_id: UUID
    offset: timedelta = timedelta(0)
    staff_public_id: UUID | None = None
    room_public_id: UUID | None = None
    device_public_id: UUID | None = None


@transaction.atomic
def request(
    *,
    patient_public_id: UUID,
    campus_public_id: UUID,
    wanted: Sequence[Wanted],
    visit_kind: VisitKind | None,
    starts_at: datetime,
    note: str,
    key: UUID,
    by: Staff,
    now: datetime,
    case_public_id: UUID | None = None,
) -> Booking:
    """Book every service of a visit together; a refusal names the one that does not fit."""
    patient = open_patient(patient_public_id, by=by)
    campus = arrangements.open_campus(campus_public_id, by=by)
    asks = [ask_for(one, campus) for one in wanted]
    _check_order(patient, asks, starts_at)
    rules.check_longest(max(ask.ends for ask in asks))
    _check_side_by_side(asks)
    return bookings.book(
        patient=patient,
        campus=campus,
        kind=asks[0].kind,
        visit_kind=visit_kind,
        procedure=asks[0].procedure,
        starts_at=starts_at,
        arrange=lambda: _arrangement(asks, starts_at, now=now),
        note=note,
        key=key,
        by=by,
        now=now,
        case_public_id=case_public_id,
    )


def asks_for(wanted: Sequence[Wanted], *, patient_public_id: UUID, by: Staff, now: datetime) -> list[Ask]:
    """Return what to search for, once nothing that must come first is missing; nothing is written."""
    patient = open_patient(patient_public_id, by=by)
    asks = [ask_for(one, by.campus) for one in wanted]
    _check_order(patient, asks, now)
    rules.check_longest(max(ask.ends for ask in asks))
    _check_side_by_side(asks)
    return asks


def duration_of(kind: BookingKind, procedure_public_id: UUID) -> timedelta:
    procedure = arrangements.open_procedure(procedure_public_id)
    return booking_queries.length_of(kind, procedure).duration


def _check_order(patient: Patient, asks: Sequence[Ask], starts_at: datetime) -> None:
    """What asks for a consultation has one: before the visit, or as an earlier service of it."""
    if not asks:
        raise RuleBroken(_("请至少选择一个项目。"))
    for number, ask in enumerate(asks):
        about = ask.procedure.category
        talks = (one for one in asks[:number] if one.kind == BookingKind.CONSULT)
        if not any(talk.procedure.category == about for talk in talks):
            arrangements.check_consulted(patient, ask.kind, ask.procedure, starts_at)


def _check_side_by_side(asks: Sequence[Ask]) -> None:
    rules.check_side_by_side(
        [
            rules.Wish(
                title=f"{ask.procedure.name}（{ask.kind.label}）",
                room_kind=str(booking_rules.ROOM_KINDS[ask.kind].label),
                staff=frozenset(one.pk for one in ask.staff),
                rooms=frozenset(one.pk for one in ask.rooms),
                begins=ask.offset,
                ends=ask.ends,
                devices=frozenset(one.pk for one in ask.devices),
            )
            for ask in asks
        ]
    )


def ask_for(wanted: Wanted, campus: Campus) -> Ask:
    """Return a service with everybody and everything that could do it at this campus."""
    procedure = arrangements.open_procedure(wanted.procedure_public_id)
    return Ask(
        procedure=procedure,
        kind=wanted.kind,
        staff=_named(booking_queries.serving_staff(wanted.kind, campus), wanted.staff_public_id),
        rooms=_named(booking_queries.rooms_for(wanted.kind, campus), wanted.room_public_id),
        devices=_named(queries.devices_of(campus), wanted.device_public_id)
        if wanted.device_public_id
        else (),
        offset=wanted.offset,
        length=booking_queries.length_of(wanted.kind, procedure),
    )


def _named(things: Sequence[Thing], public_id: UUID | None) -> Sequence[Thing]:
    """Keep the one that is named; a name that is not among them is not found."""
    if public_id is None:
        return things
    found = [thing for thing in things if thing.public_id == public_id]
    if not found:
        raise NotFound
    return found


def _arrangement(asks: Sequence[Ask], starts_at: datetime, *, now: datetime) -> Arrangement:
    duration = max(ask.ends for ask in asks)
    stretch = (starts_at, starts_at + duration)
    booking_rules.check_time(stretch, now=now)
    for ask in asks:
        if len(ask.staff) == 1:
            arrangements.check_staff(ask.staff[0], ask.kind, (starts_at + ask.offset, starts_at + ask.ends))

    def choose() -> list[BookingPart]:
        found = queries.first_times(asks, stretch)
        parts = found[0].parts if found else _as_named(asks, starts_at)
        rows = [
            arrangements.part_of(
                position,
                part.ask.kind,
                part.ask.procedure,
                part.staff,
                part.room,
                part.ask.length,
                offset=part.ask.offset,
                device=part.device,
            )
            for position, part in enumerate(parts)
        ]
        rules.check_parts([queries.part_from(row) for row in rows])
        return rows

    return Arrangement(
        duration=duration,
        resources=[
            *((ResourceKind.STAFF, one.pk) for ask in asks for one in ask.staff),
            *((ResourceKind.ROOM, one.pk) for ask in asks for one in ask.rooms),
            *((ResourceKind.DEVICE, one.pk) for ask in asks for one in ask.devices),
        ],
        choose=choose,
    )


def _as_named(asks: Sequence[Ask], starts_at: datetime) -> list[PartSlot]:
    """Where not everything fits: whoever is free, else the only one, for the claim to name who is taken."""
    found = []
    for ask in asks:
        stretch = (starts_at + ask.offset, starts_at + ask.ends)
        around = (stretch[0] - ask.length.setup, stretch[1] + ask.length.cleanup)
        hours = booking_queries.duties([one.pk for one in ask.staff], stretch)
        on_duty = [one for one in ask.staff if covers(hours[one.pk], stretch)]

        def pick(kind: ResourceKind, things: Sequence[Thing], held: Stretch, what: str) -> Thing:
            taken = booking_queries.busy([(kind, one.pk) for one in things], held)
            free = [one for one in things if not overlaps(taken[kind, one.pk], held)]
            if free or len(things) == 1:
                return (free or things)[0]
            raise _nobody(asks, ask, what, starts_at)  # noqa: B023 - called before the next turn

        room_kind = str(booking_rules.ROOM_KINDS[ask.kind].label)
        staff = pick(ResourceKind.STAFF, on_duty, stretch, _("接诊人"))
        room = pick(ResourceKind.ROOM, ask.rooms, around, room_kind)
        device = pick(ResourceKind.DEVICE, ask.devices, around, _("设备")) if ask.devices else None
        found.append(PartSlot(ask, staff, room, device))
    return found


def _nobody(asks: Sequence[Ask], ask: Ask, what: str, starts_at: datetime) -> Conflict:
    """Say which service finds nobody, and when the whole visit fits next."""
    horizon = (starts_at, starts_at + booking_queries.HORIZON)
    offers = queries.first_times(asks, horizon, count=OFFERED)
    text = _("「%(procedure)s」%(hours)s 没有空闲的%(what)s。") % {
        "procedure": ask.procedure.name,
        "hours": hours_text([(starts_at + ask.offset, starts_at + ask.ends)]),
        "what": what,
    }
    return Conflict(text, next_free=[(slot.starts_at, slot.ends_at) for slot in offers])
