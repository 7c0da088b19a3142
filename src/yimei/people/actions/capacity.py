"""Who is capable of civil acts when age alone does not tell: recorded with evidence, approved by another."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.people.access import open_capacity_finding, open_patient
from yimei.people.enums import CapacityKind
from yimei.people.models import CapacityFinding, Staff
from yimei.people.roles import Permission
from yimei.people.rules import capacity as rules

APPROVERS = (Permission.PLAN_WRITE, Permission.PRIVACY_WRITE)
LIMIT = 300


@transaction.atomic
def record(
    patient_id: UUID, *, kind: CapacityKind, evidence: str, by: Staff, at: datetime
) -> CapacityFinding:
    """Write down what was found. A limit protects at once; own income frees only when another approved it."""
    patient = open_patient(patient_id, by=by, lock=True, under=Permission.PATIENT_WRITE)
    rules.check_finding(
        is_own_income=kind == CapacityKind.OWN_INCOME,
        birth_date=patient.person.birth_date,
        on=local_date(at),
    )
    words = " ".join(evidence.replace("\0", "").split())
    if len(words) < 5 or len(words) > LIMIT:
        raise RuleBroken(_("请写明依据材料的名称与编号，不超过 300 个字。"), code="evidence")
    if patient.capacity_findings.filter(kind=kind, ended_at=None).exists():
        raise RuleBroken(_("已经有同样的认定。"), code="kind")
    found = CapacityFinding.objects.create(
        patient=patient, kind=kind, evidence=words, recorded_at=at, recorded_by=by
    )
    log.record("people.capacity.record", at=at, by=by, target=found, subject=patient.person.vault_key)
    return found


@transaction.atomic
def approve(finding_id: UUID, *, by: Staff, at: datetime) -> CapacityFinding:
    """Confirm the evidence by a second name."""
    found = _open(finding_id, by=by)
    if found.approved_at is not None:
        raise RuleBroken(_("该认定已批准。"))
    found.approved_at, found.approved_by = at, by
    found.save(update_fields=["approved_at", "approved_by"])
    log.record("people.capacity.approve", at=at, by=by, target=found, subject=found.patient.person.vault_key)
    return found


@transaction.atomic
def end(finding_id: UUID, *, by: Staff, at: datetime) -> CapacityFinding:
    """End a finding by another name than the one that recorded it; it stays in the history."""
    found = _open(finding_id, by=by)
    found.ended_at, found.ended_by = at, by
    found.save(update_fields=["ended_at", "ended_by"])
    log.record("people.capacity.end", at=at, by=by, target=found, subject=found.patient.person.vault_key)
    return found


def _open(finding_id: UUID, *, by: Staff) -> CapacityFinding:
    if not any(by.may(right) for right in APPROVERS):
        raise NotFound
    found = open_capacity_finding(finding_id, by=by, lock=True)
    if found.recorded_by_id == by.pk:
        raise RuleBroken(_("须由另一位医师或个人信息保护负责人批准。"), code="second")
    return found
