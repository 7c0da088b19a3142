"""The gates from an id in a URL to a row, and what may be seen of it."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from yimei.core.database.rows import only
from yimei.core.errors import NotFound
from yimei.people.models import Alert, BreakGlass, Guardian, Patient, Staff
from yimei.people.roles import Permission, Scope


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
    return only(Patient.objects.within_reach(by, under).with_person(), public_id, lock=lock)


def open_clinical_patient(public_id: UUID, *, by: Staff, now: datetime, lock: bool = False) -> Patient:
    """Return a patient whose clinical content the reader may see: by care, by campus, or by break-glass."""
    need(by, Permission.CLINICAL_VIEW)
    patient = only(Patient.objects.with_person(), public_id, lock=lock)
    if not may_see_clinical(by, patient, now):
        raise NotFound
    return patient


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
    if scope is None:
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
