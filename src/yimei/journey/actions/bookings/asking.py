"""The wish for a time becomes a booking that holds everybody and everything it needs."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.core.database.locks import lock
from yimei.core.errors import Conflict, RuleBroken
from yimei.hospital.models import Campus, Procedure
from yimei.journey import access
from yimei.journey.actions import arrangements, cases, claims
from yimei.journey.actions.bookings import steps
from yimei.journey.enums import BookingChannel, BookingKind, ResourceKind, VisitKind
from yimei.journey.models import Booking, BookingPart, Case, OnlineHold, WaitingOffer
from yimei.journey.rules import bookings as rules
from yimei.journey.rules.claims import Resource
from yimei.people.access import open_patient
from yimei.people.models import Patient, Staff

NOTE_LENGTH = 500


@transaction.atomic
def request(
    *,
    patient_public_id: UUID,
    campus_public_id: UUID,
    kind: BookingKind,
    visit_kind: VisitKind | None,
    procedure_public_id: UUID,
    starts_at: datetime,
    staff_public_id: UUID | None,
    room_public_id: UUID | None,
    note: str,
    key: UUID,
    by: Staff,
    now: datetime,
    case_public_id: UUID | None = None,
    channel: BookingChannel = BookingChannel.PHONE,
) -> Booking:
    """Book a time; without a name the first who is free takes it. The same key gives the same booking."""
    patient = open_patient(patient_public_id, by=by)
    campus = arrangements.open_campus(campus_public_id, by=by)
    procedure = arrangements.open_procedure(procedure_public_id)
    return book(
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
        key=key,
        by=by,
        now=now,
        case_public_id=case_public_id,
        channel=channel,
    )


def book(
    *,
    patient: Patient,
    campus: Campus,
    kind: BookingKind,
    visit_kind: VisitKind | None,
    procedure: Procedure,
    starts_at: datetime,
    arrange: Callable[[], arrangements.Arrangement],
    note: str,
    key: UUID,
    by: Staff | None,
    now: datetime,
    case_public_id: UUID | None = None,
    series: UUID | None = None,
    also: Iterable[Resource] = (),
    offer: WaitingOffer | OnlineHold | None = None,
    tells: bool = False,
    channel: BookingChannel = BookingChannel.PHONE,
    owner: Staff | None = None,
    said: str = "",
) -> Booking:
    """Book for a customer and at a place that the caller has opened, within the caller's transaction.

    ``also`` is locked with the rest, for a caller who will book again; ``offer`` gives up what it holds.
    With ``tells`` the caller sends a message next, and the lock for that is taken before the log's.
    Nobody as ``by`` is the customer herself; ``owner`` answers for what she began, ``said`` is noted.
    """
    keeper = arrangements.only_one(by or owner)
    lock(f"journey.request:{patient.head_id}")
    if known := Booking.objects.with_people().filter(key=key).first():
        return _same(known, patient=patient, by=by)
    note = rules.check_words(note, limit=NOTE_LENGTH)
    arranged = arrange()
    stretch = (starts_at, starts_at + arranged.duration)
    arrangements.check_consulted(patient, kind, procedure, starts_at)
    case = _case(patient, campus, procedure, case_public_id, by=by, owner=keeper, now=now)
    patient = case.patient
    claims.lock_all(
        [
            (ResourceKind.PATIENT, patient.head_id),
            *arranged.resources,
            *also,
            *(claims.held_by(offer) if offer else ()),
        ]
    )
    if offer:
        claims.release(offer, now)
    rows = arranged.choose()
    booking = Booking.objects.create(
        case=case,
        patient=patient,
        campus=campus,
        kind=kind,
        visit_kind=visit_kind or "",
        procedure=procedure,
        staff=rows[0].staff,
        room=rows[0].room,
        starts_at=stretch[0],
        ends_at=stretch[1],
        note=note,
        series=series,
        key=key,
        channel=channel,
        created_at=now,
        created_by=by,
    )
    if len(rows) > 1 or rows[0].device_id:
        for row in rows:
            row.booking = booking
        BookingPart.objects.bulk_create(rows)
    steps.claim(booking)
    steps.say_next(
        case, gettext_noop("确认预约"), due_at=min(now + rules.FIRST_RESPONSE, starts_at), owner=keeper
    )
    if tells:
        lock(f"outbox.patient:{patient.pk}")
    steps.write(booking, old="", by=by, now=now, note=said)
    return booking


def _same(known: Booking, *, patient: Patient, by: Staff | None) -> Booking:
    if known.patient.head_id != patient.head_id or known.created_by_id != (by and by.pk):
        raise Conflict(_("这次提交已用于另一个预约，请刷新页面后重新登记。"))
    return known


def _case(
    patient: Patient,
    campus: Campus,
    procedure: Procedure,
    public_id: UUID | None,
    *,
    by: Staff | None,
    owner: Staff,
    now: datetime,
) -> Case:
    """The named case, the open one for this procedure in any of her files, or a new one."""
    if public_id is not None and by is not None:
        case = access.open_case(public_id, by=by, lock=True)
        if case.patient.head_id != patient.head_id or case.stage in cases.ENDED:
            raise RuleBroken(_("这次诊疗已经结束，或不属于这位客户。"))
        return case
    hers = Case.objects.open().filter(patient__in=Patient.objects.files_of(patient))
    known = hers.filter(procedure=procedure, campus=campus).order_by("pk").first()
    joined = access.lock_case(known.pk) if known else None
    if joined is None or joined.stage in cases.ENDED:
        return cases.open_new(
            patient=patient, campus=campus, procedure=procedure, by=by, owner=owner, now=now
        )
    return joined
