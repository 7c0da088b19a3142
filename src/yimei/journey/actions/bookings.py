"""From the wish for a time to the moment somebody is seen, or the wish ends."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core import jobs
from yimei.core.database.locks import lock
from yimei.core.errors import Conflict, RuleBroken
from yimei.hospital.models import Campus, Procedure
from yimei.journey import access
from yimei.journey.actions import arrangements, cases, claims, reminders
from yimei.journey.enums import (
    BookingKind,
    BookingStatus,
    CaseStage,
    ResourceKind,
    VisitKind,
    WaitingStatus,
)
from yimei.journey.models import (
    Booking,
    BookingMove,
    BookingPart,
    Case,
    WaitingEntry,
    WaitingOffer,
)
from yimei.journey.queries import visits as visit_queries
from yimei.journey.rules import bookings as rules
from yimei.journey.rules import visits as visit_rules
from yimei.journey.rules.claims import Hold, Resource, Stretch
from yimei.people.access import open_patient
from yimei.people.actions import care
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission

Row = TypeVar("Row")

NOTE_LENGTH, REASON_LENGTH = 500, 80
SEE_WITHIN = timedelta(minutes=15)
CALL_BACK_WITHIN = timedelta(days=1)
MINUTE = timedelta(minutes=1)


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
    by: Staff,
    now: datetime,
    case_public_id: UUID | None = None,
    series: UUID | None = None,
    also: Iterable[Resource] = (),
    offer: WaitingOffer | None = None,
    tells: bool = False,
) -> Booking:
    """Book for a customer and at a place that the caller has opened, within the caller's transaction.

    ``also`` is locked with the rest, for a caller who will book again; ``offer`` gives up what it holds.
    With ``tells`` the caller sends a message next, and the lock for that is taken before the log's.
    """
    lock(f"journey.request:{patient.pk}")
    if known := Booking.objects.with_people().filter(key=key).first():
        return _same(known, patient=patient, by=by)
    note = rules.check_words(note, limit=NOTE_LENGTH)
    arranged = arrange()
    stretch = (starts_at, starts_at + arranged.duration)
    arrangements.check_consulted(patient, kind, procedure, starts_at)
    case = _case(patient, campus, procedure, case_public_id, by=by, now=now)
    claims.lock_all(
        [
            (ResourceKind.PATIENT, patient.pk),
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
        created_at=now,
        created_by=by,
    )
    if len(rows) > 1 or rows[0].device_id:
        for row in rows:
            row.booking = booking
        BookingPart.objects.bulk_create(rows)
    _claim(booking)
    _next(case, _("确认预约"), due_at=min(now + rules.FIRST_RESPONSE, starts_at), owner=by)
    if tells:
        lock(f"outbox.patient:{patient.pk}")
    _write(booking, old="", by=by, now=now)
    return booking


@transaction.atomic
def confirm(booking_id: UUID, *, by: Staff, now: datetime) -> Booking:
    booking = access.open_booking(booking_id, by=by, lock=True, permission=Permission.BOOKING_WRITE)
    return confirm_opened(booking, by=by, now=now)


def confirm_opened(booking: Booking, *, by: Staff, now: datetime) -> Booking:
    """Confirm a booking that the caller holds; who stayed away too often pays a deposit first."""
    rules.check_move(BookingStatus(booking.status), BookingStatus.CONFIRMED)
    if refusal := arrangements.needs_deposit(booking, now=now):
        raise refusal
    _next(booking.case, _("接待到诊"), due_at=booking.starts_at, owner=booking.staff)
    reminders.tell(booking, "booking.confirmed", by=by, now=now)
    return _move(booking, to=BookingStatus.CONFIRMED, by=by, now=now)


@transaction.atomic
def arrive(booking_id: UUID, *, by: Staff, now: datetime, visit_kind: VisitKind | None = None) -> Booking:
    """Note that the customer stands at the desk; who cares for her from here on may see her."""
    booking = access.open_booking(booking_id, by=by, lock=True, permission=Permission.RECEPTION_WRITE)
    rules.check_move(BookingStatus(booking.status), BookingStatus.ARRIVED)
    rules.check_arrival_day(starts_at=booking.starts_at, now=now)
    booking.visit_kind = visit_kind or booking.visit_kind
    rules.check_arrival(
        is_registered=booking.patient.is_registered,
        patient_id=booking.patient.public_id,
        booking_id=booking.public_id,
        visit_kind=booking.visit_kind,
    )
    booking.arrived_at = now
    case = booking.case
    _entrust(booking, case, now=now)
    _next(case, _("接诊"), due_at=now + SEE_WITHIN, owner=booking.staff)
    _move(booking, "arrived_at", "visit_kind", to=BookingStatus.ARRIVED, by=by, now=now)
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
    case, before = booking.case, booking.staff
    _put(booking, starts_at=booking.starts_at, staff_id=staff_public_id, room_id=room_public_id, at=now)
    if booking.staff_id != before.pk:
        _dismiss(before, booking.patient, case, now=now)
    _entrust(booking, case, now=now)
    _next(case, _("接诊"), due_at=now + SEE_WITHIN, owner=booking.staff)
    note = _("分诊：%(old)s → %(new)s，%(room)s")
    words = {"old": before.name, "new": booking.staff.name, "room": booking.room.name}
    _write(booking, old=booking.status, by=by, now=now, note=note % words, action="triage")
    return booking


@transaction.atomic
def serve(booking_id: UUID, *, by: Staff, now: datetime) -> Booking:
    """Begin to see the customer: the waiting clock stops."""
    booking = access.open_booking(booking_id, by=by, lock=True)
    if by.pk != booking.staff_id and not by.may(Permission.RECEPTION_WRITE):
        raise RuleBroken(_("由接诊人本人或前台登记接诊；换人请先改派。"))
    rules.check_move(BookingStatus(booking.status), BookingStatus.SERVED)
    booking.served_at = now
    _next(
        booking.case,
        _("完成面诊记录"),
        due_at=max(booking.ends_at, now + SEE_WITHIN),
        owner=booking.staff,
    )
    return _move(booking, "served_at", to=BookingStatus.SERVED, by=by, now=now)


@transaction.atomic
def mark_no_show(booking_id: UUID, *, by: Staff, now: datetime) -> Booking:
    booking = access.open_booking(booking_id, by=by, lock=True, permission=Permission.BOOKING_WRITE)
    rules.check_move(BookingStatus(booking.status), BookingStatus.NO_SHOW)
    rules.check_no_show(starts_at=booking.starts_at, now=now)
    return _end(booking, to=BookingStatus.NO_SHOW, by=by, now=now)


@transaction.atomic
def cancel(booking_id: UUID, *, reason: str, by: Staff, now: datetime) -> Booking:
    booking = access.open_booking(booking_id, by=by, lock=True, permission=Permission.BOOKING_WRITE)
    return cancel_opened(booking, reason=reason, by=by, now=now)


def cancel_opened(booking: Booking, *, reason: str, by: Staff | None, now: datetime) -> Booking:
    """Cancel a booking that the caller holds; nobody as ``by`` is the customer herself."""
    rules.check_move(BookingStatus(booking.status), BookingStatus.CANCELLED)
    booking.cancel_reason = rules.check_words(reason, limit=REASON_LENGTH, required=_("请写明取消原因。"))
    return _end(
        booking, "cancel_reason", to=BookingStatus.CANCELLED, by=by, now=now, note=booking.cancel_reason
    )


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
    before = (booking.starts_at, booking.ends_at)
    rules.check_time(_stretch(booking, starts_at), now=now)
    _put(booking, starts_at=starts_at, staff_id=staff_public_id, room_id=room_public_id, at=now)
    _rescheduled(booking, before=before, by=by, now=now)
    return booking


@transaction.atomic
def swap(one_id: UUID, other_id: UUID, *, by: Staff, now: datetime) -> tuple[Booking, Booking]:
    """Let two bookings change places: time, person and room; each keeps its own length."""
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
    before = ((one.starts_at, one.ends_at), (other.starts_at, other.ends_at))
    one.starts_at, other.starts_at = other.starts_at, one.starts_at
    one.staff, other.staff = other.staff, one.staff
    one.room, other.room = other.room, one.room
    claims.lock_all(claims.held_by(one, other))
    for booking in pair:
        booking.ends_at = _stretch(booking, booking.starts_at)[1]
        _check_place(booking)
        claims.release(booking, now)
    for booking in pair:
        _claim(booking)
        booking.save(update_fields=["starts_at", "ends_at", "staff", "room"])
    lock(*(f"outbox.patient:{booking.patient_id}" for booking in pair))  # the first message holds the log
    for booking, was in zip(pair, before, strict=True):
        _rescheduled(booking, before=was, by=by, now=now)
    return pair


# ---- finding what a booking needs ---------------------------------------------------------------


def _same(known: Booking, *, patient: Patient, by: Staff) -> Booking:
    if known.patient_id != patient.pk or known.created_by_id != by.pk:
        raise Conflict(_("这次提交已用于另一个预约，请刷新页面后重新登记。"))
    return known


def _case(
    patient: Patient,
    campus: Campus,
    procedure: Procedure,
    public_id: UUID | None,
    *,
    by: Staff,
    now: datetime,
) -> Case:
    """The named case, the open one for this procedure, or a new one."""
    if public_id is not None:
        case = access.open_case(public_id, by=by, lock=True)
        if case.patient_id != patient.pk or case.stage in cases.ENDED:
            raise RuleBroken(_("这次诊疗已经结束，或不属于这位客户。"))
        return case
    known = patient.cases.open().filter(procedure=procedure, campus=campus).order_by("pk").first()
    joined = access.lock_case(known.pk) if known else None
    if joined is None or joined.stage in cases.ENDED:
        return cases.open_new(patient=patient, campus=campus, procedure=procedure, by=by, now=now)
    return joined


def _stretch(booking: Booking, starts_at: datetime) -> Stretch:
    return starts_at, starts_at + visit_rules.duration_of(visit_queries.parts_of(booking))


# ---- moving it ----------------------------------------------------------------------------------


def _put(
    booking: Booking, *, starts_at: datetime, staff_id: UUID | None, room_id: UUID | None, at: datetime
) -> None:
    """Give a booking its new place; the locks of the old and of the new one are taken together."""
    if staff_id is not None and staff_id != booking.staff.public_id:
        booking.staff = arrangements.only_one(
            Staff.objects.active().at(booking.campus).filter(public_id=staff_id).first()
        )
    if room_id is not None and room_id != booking.room.public_id:
        booking.room = arrangements.only_one(
            booking.campus.rooms.filter(public_id=room_id, is_active=True).first()
        )
    BookingPart.objects.filter(booking=booking, position=0).update(staff=booking.staff, room=booking.room)
    booking.starts_at, booking.ends_at = _stretch(booking, starts_at)
    _check_place(booking)
    claims.lock_all(claims.held_by(booking) | {hold.resource for hold in _holds(booking)})
    claims.release(booking, at)
    _claim(booking)
    booking.save(update_fields=["starts_at", "ends_at", "staff", "room"])


def _check_place(booking: Booking) -> None:
    """Everybody of the visit is on duty for his own part, in a room that suits it."""
    parts = visit_queries.parts_of(booking)
    visit_rules.check_parts(parts)
    for row, part in zip(visit_queries.rows_of(booking), parts, strict=True):
        kind = BookingKind(row.kind)
        arrangements.check_staff(
            row.staff, kind, (booking.starts_at + part.offset, booking.starts_at + part.ends)
        )
        rules.check_room(row.room.name, kind, row.room.kind)


def _holds(booking: Booking) -> list[Hold]:
    return visit_rules.holds_of(
        visit_queries.parts_of(booking), booking.starts_at, patient=booking.patient_id
    )


def _claim(booking: Booking) -> None:
    parts = visit_queries.parts_of(booking)
    claims.claim_holds(
        visit_rules.holds_of(parts, booking.starts_at, patient=booking.patient_id),
        wanted=(booking.starts_at, booking.ends_at),
        booking=booking,
        services=visit_rules.services_of(parts) if len(parts) > 1 else {},
    )


def _rescheduled(booking: Booking, *, before: Stretch, by: Staff, now: datetime) -> None:
    if booking.acknowledged_at is not None:
        booking.acknowledged_at = None
        booking.save(update_fields=["acknowledged_at"])
    _announce(booking, before, now=now)
    if booking.status == BookingStatus.CONFIRMED:
        _next(booking.case, _("接待到诊"), due_at=booking.starts_at, owner=booking.staff)
        reminders.tell(booking, "booking.confirmed", by=by, now=now)
    words = {
        "old": reminders.when_text(before[0]),
        "new": reminders.when_text(booking.starts_at),
        "name": booking.staff.name,
    }
    note = _("改期：%(old)s → %(new)s，%(name)s") % words
    _write(booking, old=booking.status, by=by, now=now, note=note, action="reschedule")


def _end(
    booking: Booking, *changed: str, to: BookingStatus, by: Staff | None, now: datetime, note: str = ""
) -> Booking:
    claims.lock_all(claims.held_by(booking))
    claims.release(booking, now)
    _announce(booking, (booking.starts_at, booking.ends_at), now=now)
    owner = booking.patient.online or booking.created_by
    _next(booking.case, _("联系客户，另约时间"), due_at=now + CALL_BACK_WITHIN, owner=owner)
    return _move(booking, *changed, to=to, by=by, now=now, note=note)


def _announce(booking: Booking, freed: Stretch, *, now: datetime) -> None:
    """Let those who wait for a time be asked, once this is committed."""
    if WaitingEntry.objects.filter(campus=booking.campus, status=WaitingStatus.WAITING).exists():
        start, end = freed
        jobs.enqueue(
            "journey.waiting.fill",
            {"campus": str(booking.campus.public_id), "from": start.isoformat(), "to": end.isoformat()},
            key=f"journey.waiting:{booking.public_id}:{now.isoformat()}",
        )


def _next(case: Case, action: str, *, due_at: datetime, owner: Staff) -> None:
    """Say the next step while the case waits for its first consultation; later ones belong to other rooms."""
    if case.stage in {CaseStage.BOOKED, CaseStage.ARRIVED}:
        cases.set_next(case, action=action, due_at=due_at, owner=owner)


def _entrust(booking: Booking, case: Case, *, now: datetime) -> None:
    """Let the one who will see the customer see the file, and name her on the case."""
    staff, reason = booking.staff, rules.CARE_REASONS[booking.staff.role_code]
    care.begin(booking.patient, staff=staff, reason=reason, at=now)
    field = rules.CASE_OWNERS[reason]
    if getattr(case, f"{field}_id") is None:
        setattr(case, field, staff)
        case.save(update_fields=[field])


def _dismiss(staff: Staff, patient: Patient, case: Case, *, now: datetime) -> None:
    """Take the customer back from somebody who will not see her after all, unless she is his by ownership."""
    reason = rules.CARE_REASONS[staff.role_code]
    field = rules.CASE_OWNERS[reason]
    if getattr(case, f"{field}_id") == staff.pk:
        setattr(case, field, None)
        case.save(update_fields=[field])
    if staff.pk not in {patient.consultant_id, patient.surgeon_id}:
        care.end(patient, staff=staff, reason=reason, at=now)


def _move(
    booking: Booking, *changed: str, to: BookingStatus, by: Staff | None, now: datetime, note: str = ""
) -> Booking:
    old = BookingStatus(booking.status)
    rules.check_move(old, to)
    booking.status = to
    booking.save(update_fields=["status", *changed])
    _write(booking, old=old, by=by, now=now, note=note)
    return booking


def _write(
    booking: Booking, *, old: str, by: Staff | None, now: datetime, note: str = "", action: str = ""
) -> None:
    """Add the history row and, last, the line of the log."""
    BookingMove.objects.create(booking=booking, old=old, new=booking.status, note=note[:120], by=by, at=now)
    log.record(
        f"journey.booking.{action or BookingStatus(booking.status).value}",
        at=now,
        by=by,
        target=booking,
        subject=booking.patient.person.vault_key,
    )
