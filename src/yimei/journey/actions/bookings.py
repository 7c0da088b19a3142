"""From the wish for a time to the moment somebody is seen, or the wish ends."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import SHANGHAI
from yimei.core.database.locks import lock
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.hospital.models import Campus, Procedure, Room
from yimei.journey import access
from yimei.journey.actions import cases, claims
from yimei.journey.enums import BookingKind, BookingStatus, CaseStage, ResourceKind, VisitKind
from yimei.journey.models import Booking, BookingMove, Case
from yimei.journey.queries import bookings as queries
from yimei.journey.rules import bookings as rules
from yimei.journey.rules.bookings import Length
from yimei.journey.rules.claims import Hold, Stretch, apart, covers, hours_text, overlaps
from yimei.outbox.actions import messages
from yimei.people.access import need, open_patient
from yimei.people.actions import care
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission, Scope

Row = TypeVar("Row")

NOTE_LENGTH, REASON_LENGTH = 500, 80
SEE_WITHIN = timedelta(minutes=15)
CALL_BACK_WITHIN = timedelta(days=1)


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
    campus = _campus(campus_public_id, by=by)
    procedure = _only(Procedure.objects.filter(public_id=procedure_public_id, is_active=True).first())
    lock(f"journey.request:{patient.pk}")
    if known := Booking.objects.with_people().filter(key=key).first():
        return _same(known, patient=patient, by=by)
    note = rules.check_words(note, limit=NOTE_LENGTH)
    length = queries.length_of(kind, procedure)
    stretch = length.stretch(starts_at)
    rules.check_time(stretch, now=now)
    candidates = _candidates(kind, campus, stretch, staff_public_id)
    rooms = _rooms(kind, campus, room_public_id)
    case = _case(patient, campus, procedure, case_public_id, by=by, now=now)
    claims.lock_all(
        [
            (ResourceKind.PATIENT, patient.pk),
            *((ResourceKind.STAFF, staff.pk) for staff in candidates),
            *((ResourceKind.ROOM, room.pk) for room in rooms),
        ]
    )
    staff, room = _choose(kind, procedure, campus, candidates, rooms, length, starts_at)
    booking = Booking.objects.create(
        case=case,
        patient=patient,
        campus=campus,
        kind=kind,
        visit_kind=visit_kind or "",
        procedure=procedure,
        staff=staff,
        room=room,
        starts_at=stretch[0],
        ends_at=stretch[1],
        note=note,
        key=key,
        created_at=now,
        created_by=by,
    )
    holds = length.holds(starts_at, patient=patient.pk, staff=staff.pk, room=room.pk)
    claims.claim_holds(holds, wanted=stretch, booking=booking)
    _next(case, _("确认预约"), due_at=min(now + rules.FIRST_RESPONSE, starts_at), owner=by)
    _write(booking, old="", by=by, now=now)
    return booking


@transaction.atomic
def confirm(booking_id: UUID, *, by: Staff, now: datetime) -> Booking:
    booking = access.open_booking(booking_id, by=by, lock=True, permission=Permission.BOOKING_WRITE)
    rules.check_move(BookingStatus(booking.status), BookingStatus.CONFIRMED)
    _next(booking.case, _("接待到诊"), due_at=booking.starts_at, owner=booking.staff)
    _tell(booking, by=by, now=now)
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
    before = booking.starts_at
    rules.check_time(_length_of(booking).stretch(starts_at), now=now)
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
    if one.campus_id != other.campus_id:
        raise RuleBroken(_("两个预约不在同一院区，不能互换。"))
    before = (one.starts_at, other.starts_at)
    one.starts_at, other.starts_at = other.starts_at, one.starts_at
    one.staff, other.staff = other.staff, one.staff
    one.room, other.room = other.room, one.room
    claims.lock_all(claims.held_by(one, other))
    for booking in pair:
        booking.ends_at = _length_of(booking).stretch(booking.starts_at)[1]
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


def _only(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row


def _campus(public_id: UUID, *, by: Staff) -> Campus:
    campus = _only(Campus.objects.filter(public_id=public_id, is_active=True).first())
    if need(by, Permission.BOOKING_WRITE) != Scope.GROUP and campus.pk != by.campus_id:
        raise NotFound
    return campus


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


def _candidates(kind: BookingKind, campus: Campus, stretch: Stretch, public_id: UUID | None) -> list[Staff]:
    """The named one, checked, or everybody who may take it and is on duty, in the fixed order."""
    if public_id is not None:
        staff = _only(Staff.objects.active().at(campus).filter(public_id=public_id).first())
        _check_staff(staff, kind, stretch)
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
        room = _only(campus.rooms.filter(public_id=public_id, is_active=True).first())
        rules.check_room(room.name, kind, room.kind)
        return [room]
    rooms = queries.rooms_for(kind, campus)
    if not rooms:
        raise RuleBroken(_("本院区没有可用的%(room)s。") % {"room": rules.ROOM_KINDS[kind].label})
    return rooms


def _choose(
    kind: BookingKind,
    procedure: Procedure,
    campus: Campus,
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


def _length_of(booking: Booking) -> Length:
    return queries.length_of(BookingKind(booking.kind), booking.procedure)


def _check_staff(staff: Staff, kind: BookingKind, stretch: Stretch) -> None:
    rules.check_role(staff.name, kind, staff.role_code)
    rules.check_duty(staff.name, stretch, queries.duties_of_day(staff, stretch[0]))


# ---- moving it ----------------------------------------------------------------------------------


def _put(
    booking: Booking, *, starts_at: datetime, staff_id: UUID | None, room_id: UUID | None, at: datetime
) -> None:
    """Give a booking its new place; the locks of the old and of the new one are taken together."""
    if staff_id is not None and staff_id != booking.staff.public_id:
        booking.staff = _only(Staff.objects.active().at(booking.campus).filter(public_id=staff_id).first())
    if room_id is not None and room_id != booking.room.public_id:
        booking.room = _only(booking.campus.rooms.filter(public_id=room_id, is_active=True).first())
    booking.starts_at, booking.ends_at = _length_of(booking).stretch(starts_at)
    _check_place(booking)
    claims.lock_all(claims.held_by(booking) | {hold.resource for hold in _holds(booking)})
    claims.release(booking, at)
    _claim(booking)
    booking.save(update_fields=["starts_at", "ends_at", "staff", "room"])


def _check_place(booking: Booking) -> None:
    kind = BookingKind(booking.kind)
    _check_staff(booking.staff, kind, (booking.starts_at, booking.ends_at))
    rules.check_room(booking.room.name, kind, booking.room.kind)


def _holds(booking: Booking) -> list[Hold]:
    return _length_of(booking).holds(
        booking.starts_at, patient=booking.patient_id, staff=booking.staff_id, room=booking.room_id
    )


def _claim(booking: Booking) -> None:
    claims.claim_holds(_holds(booking), wanted=(booking.starts_at, booking.ends_at), booking=booking)


def _rescheduled(booking: Booking, *, before: datetime, by: Staff, now: datetime) -> None:
    if booking.status == BookingStatus.CONFIRMED:
        _next(booking.case, _("接待到诊"), due_at=booking.starts_at, owner=booking.staff)
        _tell(booking, by=by, now=now)
    words = {"old": _when(before), "new": _when(booking.starts_at), "name": booking.staff.name}
    note = _("改期：%(old)s → %(new)s，%(name)s") % words
    _write(booking, old=booking.status, by=by, now=now, note=note, action="reschedule")


def _end(
    booking: Booking, *changed: str, to: BookingStatus, by: Staff, now: datetime, note: str = ""
) -> Booking:
    claims.lock_all(claims.held_by(booking))
    claims.release(booking, now)
    owner = booking.patient.online or booking.created_by
    _next(booking.case, _("联系客户，另约时间"), due_at=now + CALL_BACK_WITHIN, owner=owner)
    return _move(booking, *changed, to=to, by=by, now=now, note=note)


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


def _tell(booking: Booking, *, by: Staff, now: datetime) -> None:
    """Send the confirmation; a new time is a new message."""
    messages.send(
        "booking.confirmed",
        patient=booking.patient,
        params={
            "when": _when(booking.starts_at),
            "place": booking.campus.name,
            "phone": booking.campus.phone,
        },
        key=f"booking.confirmed:{booking.public_id}:{booking.starts_at:%Y%m%dT%H%M}",
        now=now,
        by=by,
    )


def _when(instant: datetime) -> str:
    local = instant.astimezone(SHANGHAI)
    return _("%(month)d 月 %(day)d 日 %(clock)s") % {
        "month": local.month,
        "day": local.day,
        "clock": f"{local:%H:%M}",
    }


def _move(
    booking: Booking, *changed: str, to: BookingStatus, by: Staff, now: datetime, note: str = ""
) -> Booking:
    old = BookingStatus(booking.status)
    rules.check_move(old, to)
    booking.status = to
    booking.save(update_fields=["status", *changed])
    _write(booking, old=old, by=by, now=now, note=note)
    return booking


def _write(booking: Booking, *, old: str, by: Staff, now: datetime, note: str = "", action: str = "") -> None:
    """Add the history row and, last, the line of the log."""
    BookingMove.objects.create(booking=booking, old=old, new=booking.status, note=note[:120], by=by, at=now)
    log.record(
        f"journey.booking.{action or BookingStatus(booking.status).value}",
        at=now,
        by=by,
        target=booking,
        subject=booking.patient.person.vault_key,
    )
