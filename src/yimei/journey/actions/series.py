"""Booking a course of treatment: every session or none, or as many as fit with a report."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.core.errors import Conflict, RuleBroken
from yimei.hospital.models import Campus
from yimei.journey.actions import arrangements, bookings, reminders
from yimei.journey.enums import BookingKind, ResourceKind, VisitKind
from yimei.journey.models import Booking
from yimei.journey.queries import bookings as queries
from yimei.journey.rules import series as rules
from yimei.journey.rules.claims import Resource, Stretch
from yimei.people.access import open_patient
from yimei.people.models import Staff


@dataclass(frozen=True)
class Session:
    """One session of a course: booked, or why not and when instead."""

    number: int
    starts_at: datetime
    booking: Booking | None
    refusal: str = ""
    next_free: Sequence[Stretch] = ()


@dataclass(frozen=True)
class Course:
    """What came of the request for a course."""

    series: UUID
    sessions: Sequence[Session]

    @property
    def booked(self) -> list[Booking]:
        return [session.booking for session in self.sessions if session.booking]

    @property
    def is_whole(self) -> bool:
        return len(self.booked) == len(self.sessions)


@transaction.atomic
def request(
    *,
    patient_public_id: UUID,
    campus_public_id: UUID,
    kind: BookingKind,
    visit_kind: VisitKind | None,
    procedure_public_id: UUID,
    first_at: datetime,
    sessions: int,
    every_days: int,
    staff_public_id: UUID | None,
    room_public_id: UUID | None,
    note: str,
    key: UUID,
    by: Staff,
    now: datetime,
    as_many_as_fit: bool = False,
) -> Course:
    """Book a course; the first session that does not fit refuses all, unless as many as fit are wanted."""
    patient = open_patient(patient_public_id, by=by)
    campus = arrangements.open_campus(campus_public_id, by=by)
    procedure = arrangements.open_procedure(procedure_public_id)
    everything = _everything(kind, campus, staff_public_id, room_public_id)

    def book(number: int, starts_at: datetime) -> Booking:
        return bookings.book(
            patient=patient,
            campus=campus,
            kind=kind,
            visit_kind=visit_kind,
            procedure=procedure,
            starts_at=starts_at,
            arrange=lambda: arrangements.of_one(
                kind,
                procedure,
                campus,
                starts_at,
                staff_public_id=staff_public_id,
                room_public_id=room_public_id,
                now=now,
            ),
            note=note,
            key=uuid5(key, str(number)),
            by=by,
            now=now,
            series=key,
            also=everything,
        )

    done = []
    for number, starts_at in enumerate(rules.times(first_at, sessions=sessions, every_days=every_days), 1):
        try:
            with transaction.atomic():
                done.append(Session(number, starts_at, book(number, starts_at)))
        except RuleBroken as refusal:
            next_free = refusal.next_free if isinstance(refusal, Conflict) else ()
            if not as_many_as_fit:
                raise _refusal(number, starts_at, refusal, next_free) from refusal
            done.append(Session(number, starts_at, None, refusal.message, next_free))
    course = Course(key, done)
    if not course.booked:
        raise Conflict(
            _("疗程的每一次都没有约上：%(why)s") % {"why": done[0].refusal}, next_free=done[0].next_free
        )
    return course


def _everything(
    kind: BookingKind, campus: Campus, staff_id: UUID | None, room_id: UUID | None
) -> list[Resource]:
    """All that any session may take: locked with the first, for no lock follows the log."""
    staff = queries.serving_staff(kind, campus)
    rooms = queries.rooms_for(kind, campus)
    return [
        *((ResourceKind.STAFF, one.pk) for one in staff if staff_id in {None, one.public_id}),
        *((ResourceKind.ROOM, one.pk) for one in rooms if room_id in {None, one.public_id}),
    ]


def _refusal(
    number: int, starts_at: datetime, refusal: RuleBroken, next_free: Sequence[Stretch]
) -> RuleBroken:
    words = {"number": number, "when": reminders.said_when(starts_at), "why": refusal.message}
    text = _("第 %(number)d 次（%(when)s）约不上，整个疗程都没有登记：%(why)s") % words
    if isinstance(refusal, Conflict):
        return Conflict(text, next_free=next_free)
    return RuleBroken(text, missing=refusal.missing)
