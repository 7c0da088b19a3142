"""The gates from an id in a URL to a row, and what may be seen of it."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from yimei.core.database.rows import only
from yimei.core.errors import NotFound, RuleBroken
from yimei.people.models import Alert, BreakGlass, Guardian, Patient, Staff
from yimei.people.roles import Permission, Scope
from yimei.vault.keys import KeyDestroyed


def may(staff: Staff, permission: Permission) -> bool:
    return staff.may(permission)


def scope_of(staff: Staff, permission: Permission) -> Scope | None:
    return staff.scope_of(permission)


def need(staff: Staff, permission: Permission) -> Scope:
    """Return the scope of a permission; without it nothing is there to be found."""
    scope = staff.scope_of(permission)
    if scope is None:
        raise NotFound
    return scope


def open_patient(
    public_id: UUID, *, by: Staff, lock: bool = False, under: Permission = Permission.PATIENT_VIEW
) -> Patient:
    """Return a patient within reach of a permission; clinical content needs ``open_clinical_patient``."""
    patient = only(Patient.objects.reachable(by, under).with_person(), public_id, lock=lock)
    refuse_sealed(patient, by=by)
    return patient


def open_clinical_patient(public_id: UUID, *, by: Staff, now: datetime, lock: bool = False) -> Patient:
    """Return a patient whose clinical content the reader may see: by care, by campus, or by break-glass."""
    need(by, Permission.CLINICAL_VIEW)
    patient = only(Patient.objects.with_person(), public_id, lock=lock)
    refuse_sealed(patient, by=by)
    if not may_see_clinical(by, patient, now):
        raise NotFound
    return patient


def refuse_sealed(patient: Patient, *, by: Staff) -> None:
    """Let nobody read or write what is sealed or erased; who could not reach it learns nothing of it."""
    if not patient.is_sealed:
        return
    reach = Patient.objects.reachable(by, Permission.PATIENT_VIEW).filter(pk=patient.pk)
    if not by.may(Permission.CLINICAL_VIEW) and not reach.exists():
        raise NotFound
    if patient.person.vault_key.is_destroyed:
        raise KeyDestroyed
    if patient.sealed_until is None:
        raise RuleBroken(_("该客户的资料已限制处理，不能查看或修改。"), code="sealed")
    text = _(
        "该客户的资料已封存至 %(day)s，不能查看或修改；确有法定理由的，请向个人信息保护负责人申请解封查阅。"
    )
    raise RuleBroken(text % {"day": f"{patient.sealed_until:%Y-%m-%d}"}, code="sealed")


def open_alert(public_id: UUID, *, by: Staff, lock: bool = False) -> Alert:
    return only(
        Alert.objects.visible_to(by).select_related("patient__person__vault_key"), public_id, lock=lock
    )


def open_guardian(public_id: UUID, *, by: Staff, lock: bool = False) -> Guardian:
    guardians = Guardian.objects.visible_to(by).select_related(
        "person__vault_key", "patient__person__vault_key"
    )
    return only(guardians, public_id, lock=lock)


def open_break_glass(public_id: UUID, *, by: Staff, lock: bool = False) -> BreakGlass:
    glasses = BreakGlass.objects.visible_to(by).select_related("patient__person__vault_key", "staff")
    return only(glasses, public_id, lock=lock)


def open_staff(public_id: UUID, *, by: Staff, lock: bool = False) -> Staff:
    return only(Staff.objects.visible_to(by), public_id, lock=lock)


def may_see_clinical(staff: Staff, patient: Patient, now: datetime) -> bool:
    """Whether the chart opens: the right to see charts *and* a ground for this one."""
    scope = staff.scope_of(Permission.CLINICAL_VIEW)
    if scope is None or patient.is_sealed:
        return False
    if scope == Scope.GROUP or (scope == Scope.CAMPUS and patient.campus_id == staff.campus_id):
        return True
    return cares_for(staff, patient) or has_broken_glass(staff, patient, now)


def cares_for(staff: Staff, patient: Patient) -> bool:
    return patient.care_relations.filter(staff=staff, until=None).exists()


def has_broken_glass(staff: Staff, patient: Patient, now: datetime) -> bool:
    return patient.break_glasses.filter(staff=staff, at__lte=now, until__gt=now).exists()


def display_name(patient: Patient, by: Staff) -> str:
    """The name to show in lists: a VIP is an alias to everybody who does not care for her."""
    if patient.is_vip and not cares_for(by, patient):
        return _("贵宾 %(tail)s") % {"tail": str(patient.public_id)[:4].upper()}
    return patient.person.name
