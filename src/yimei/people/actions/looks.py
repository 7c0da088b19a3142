"""Every look at one customer is written down, with its purpose (个人信息保护法 第五十四条)."""

from datetime import datetime

from yimei.audit import log
from yimei.people.access import cares_for, has_broken_glass
from yimei.people.enums import LookPurpose
from yimei.people.models import Patient, Staff
from yimei.people.roles import RoleCode

PURPOSE_BY_ROLE = {
    RoleCode.SURGEON: LookPurpose.TREATMENT,
    RoleCode.ANAESTHETIST: LookPurpose.TREATMENT,
    RoleCode.NURSE: LookPurpose.TREATMENT,
    RoleCode.SCHEDULER: LookPurpose.SCHEDULING,
    RoleCode.CASHIER: LookPurpose.MONEY,
    RoleCode.AFTERCARE: LookPurpose.AFTERCARE,
    RoleCode.PRIVACY: LookPurpose.REQUEST,
    RoleCode.AUDITOR: LookPurpose.REQUEST,
    RoleCode.DIRECTOR: LookPurpose.MANAGEMENT,
}


def purpose_of(staff: Staff, patient: Patient, now: datetime) -> LookPurpose:
    """Return what this reader looks at this customer for; an emergency look says so."""
    is_emergency = (
        staff.is_clinical and not cares_for(staff, patient) and has_broken_glass(staff, patient, now)
    )
    return purpose_for(staff, is_emergency=is_emergency)


def purpose_for(staff: Staff, *, is_emergency: bool) -> LookPurpose:
    """The same for whoever knows already whether the reader broke the glass."""
    if is_emergency:
        return LookPurpose.EMERGENCY
    if staff.role_code not in RoleCode:
        return LookPurpose.SERVICE
    return PURPOSE_BY_ROLE.get(RoleCode(staff.role_code), LookPurpose.SERVICE)


def record(patient: Patient, *, page: str, by: Staff, at: datetime, purpose: str = "") -> LookPurpose:
    """Write down that a page of this customer was shown; return the purpose, which the page says too."""
    reason = LookPurpose(purpose) if purpose else purpose_of(by, patient, at)
    log.record(
        "people.patient.view",
        at=at,
        by=by,
        target=patient,
        subject=patient.person.vault_key,
        purpose=reason.value,
        detail={"page": page},
    )
    return reason


def searched(*, rows: int, by: Staff, at: datetime) -> None:
    """Write down that somebody searched, and how many customers she was shown; never the words."""
    log.record("people.patient.search", at=at, by=by, rows=rows)
