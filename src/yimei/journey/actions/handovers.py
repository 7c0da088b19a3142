"""A customer handed from one consultant to another (交接): asked with a reason, taken by the other's word."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.journey import access
from yimei.journey.actions import cases
from yimei.journey.enums import HandoverStatus
from yimei.journey.models import Case, Handover
from yimei.journey.rules import bookings as booking_rules
from yimei.journey.rules import handovers as rules
from yimei.outbox.actions import notifications
from yimei.people.actions import care
from yimei.people.enums import CareReason
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission, RoleCode


@transaction.atomic
def ask(case_id: UUID, *, to_staff_public_id: UUID, reason: str, by: Staff, now: datetime) -> Handover:
    """Ask another consultant of the campus to take over; until she does, nothing changes hands."""
    case = access.open_case(case_id, by=by, lock=True)
    rules.check_giver(
        has_consultant=case.consultant_id is not None,
        is_own=case.consultant_id == by.pk,
        is_desk=by.may(Permission.RECEPTION_WRITE),
        is_over=case.stage in cases.ENDED,
    )
    words = booking_rules.check_words(reason, limit=rules.REASON_LENGTH, required=_("请写明交接的原因。"))
    consultants = Staff.objects.active().at(case.campus).in_role(RoleCode.CONSULTANT)
    to_staff = consultants.filter(public_id=to_staff_public_id).first()
    if to_staff is None:
        raise NotFound
    assert case.consultant is not None
    if to_staff == case.consultant:
        raise RuleBroken(_("客户本来就由%(name)s负责。") % {"name": to_staff.name})
    try:
        with transaction.atomic():
            row = Handover.objects.create(
                case=case,
                from_staff=case.consultant,
                to_staff=to_staff,
                reason=words,
                asked_at=now,
                asked_by=by,
            )
    except IntegrityError as error:
        raise Conflict(_("这位客户已有一次待接手的交接，请先收回。")) from error
    _tell(to_staff, gettext_noop("有客户请您接手，请答复。"), row, now=now)
    log.record("journey.handover.asked", at=now, by=by, target=row, subject=case.subject)
    return row


@transaction.atomic
def accept(handover_id: UUID, *, by: Staff, now: datetime) -> Handover:
    """Take the customer: case, ownership, care and next step go to the one who says so."""
    row = _locked(handover_id, by=by)
    rules.check_answer(is_open=row.status == HandoverStatus.OPEN, is_addressee=row.to_staff_id == by.pk)
    case, patient = row.case, row.case.patient
    rules.check_still_hers(is_same=case.consultant_id == row.from_staff_id and case.stage not in cases.ENDED)
    case.consultant = by
    if case.next_owner_id == row.from_staff_id:
        case.next_owner = by
    case.save(update_fields=["consultant", "next_owner"])
    if patient.consultant_id == row.from_staff_id:
        patient.consultant = by
        patient.save(update_fields=["consultant"])
    care.begin(patient, staff=by, reason=CareReason.CONSULTANT, at=now)
    hers = Case.objects.open().filter(patient__in=Patient.objects.files_of(patient))
    others = hers.filter(consultant=row.from_staff).exclude(pk=case.pk)
    if not others.exists():
        care.end(patient, staff=row.from_staff, reason=CareReason.CONSULTANT, at=now)
    _decide(row, HandoverStatus.ACCEPTED, by=by, now=now)
    _tell(row.asked_by, gettext_noop("客户已由%(name)s接手。") % {"name": by.name}, row, now=now)
    log.record("journey.handover.accepted", at=now, by=by, target=row, subject=case.subject)
    return row


@transaction.atomic
def decline(handover_id: UUID, *, answer: str, by: Staff, now: datetime) -> Handover:
    row = _locked(handover_id, by=by)
    rules.check_answer(is_open=row.status == HandoverStatus.OPEN, is_addressee=row.to_staff_id == by.pk)
    required = _("请写明不能接手的原因。")
    row.answer = booking_rules.check_words(answer, limit=rules.REASON_LENGTH, required=required)
    _decide(row, HandoverStatus.DECLINED, "answer", by=by, now=now)
    _tell(row.asked_by, gettext_noop("%(name)s不能接手这位客户。") % {"name": by.name}, row, now=now)
    log.record("journey.handover.declined", at=now, by=by, target=row, subject=row.case.subject)
    return row


@transaction.atomic
def withdraw(handover_id: UUID, *, by: Staff, now: datetime) -> Handover:
    """Take the request back; its maker, the one who gives, or the desk."""
    row = _locked(handover_id, by=by)
    if by.pk not in {row.asked_by_id, row.from_staff_id}:
        raise RuleBroken(_("由发起人或原负责人收回。"))
    rules.check_answer(is_open=row.status == HandoverStatus.OPEN, is_addressee=True)
    _decide(row, HandoverStatus.WITHDRAWN, by=by, now=now)
    log.record("journey.handover.withdrawn", at=now, by=by, target=row, subject=row.case.subject)
    return row


def _locked(handover_id: UUID, *, by: Staff) -> Handover:
    """Return a handover read afresh under the lock of its case; others' are not found."""
    rows = Handover.objects.concerning(by).with_people()
    found = rows.filter(public_id=handover_id).first()
    if found is None:
        raise NotFound
    case = access.lock_case(found.case_id)
    row = rows.get(pk=found.pk)
    row.case = case
    return row


def _decide(row: Handover, status: HandoverStatus, *changed: str, by: Staff, now: datetime) -> None:
    row.status, row.decided_at, row.decided_by = status, now, by
    row.save(update_fields=["status", "decided_at", "decided_by", *changed])


def _tell(staff: Staff, text: str, row: Handover, *, now: datetime) -> None:
    key = f"journey.handover:{row.public_id}:{row.status}"
    notifications.notify(staff, text, key=key, now=now, where=f"desk:handover:{row.public_id}")
