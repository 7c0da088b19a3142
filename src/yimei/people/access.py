"""The gates from an id in a URL to a row, and what may be seen of it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.database.rows import only
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.models import Campus
from yimei.people import registry
from yimei.people.enums import Why
from yimei.people.models import (
    Alert,
    BreakGlass,
    CapacityFinding,
    Duty,
    Guardian,
    MinorLook,
    Patient,
    Privilege,
    Staff,
)
from yimei.people.roles import Permission, Scope
from yimei.people.rules.access import GROUNDS, NAMED_GROUNDS, Reader, Subject, ground_of
from yimei.people.rules.capacity import needs_guardian
from yimei.vault.keys import KeyDestroyed


def may(staff: Staff, permission: Permission) -> bool:
    return staff.may(permission)


def scope_of(staff: Staff, permission: Permission) -> Scope | None:
    return staff.scope_of(permission)


def reaches(staff: Staff, permission: Permission, *, campus_id: int | None, is_own: bool) -> bool:
    """Whether a row that is already read lies within the scope of a permission; `scoped` finds such rows."""
    scope = staff.scope_of(permission)
    if scope == Scope.CAMPUS:
        return campus_id == staff.campus_id
    return scope == Scope.GROUP or (scope is not None and is_own)


def need(staff: Staff, permission: Permission) -> Scope:
    """Return the scope of a permission; without it nothing is there to be found."""
    scope = staff.scope_of(permission)
    if scope is None:
        raise NotFound
    return scope


def open_patient(
    public_id: UUID, *, by: Staff, lock: bool = False, under: Permission = Permission.PATIENT_VIEW
) -> Patient:
    """Return a patient within reach of a permission; clinical content needs ``open_clinical_patient``.

    Whoever reaches one file of a person reaches all of them: they are one customer.
    """
    try:
        patient = only(Patient.objects.reachable(by, under).with_person(), public_id, lock=lock)
    except NotFound:
        if not _reaches_another_file(public_id, by=by, under=under):
            raise
        patient = only(Patient.objects.with_person(), public_id, lock=lock)
    refuse_sealed(patient, by=by)
    return patient


def _reaches_another_file(public_id: UUID, *, by: Staff, under: Permission) -> bool:
    asked = Patient.objects.filter(public_id=public_id).first()
    if asked is None:
        return False
    files = Patient.objects.files_of(asked)
    return Patient.objects.reachable(by, under).filter(pk__in=files).exists()


def refuse_merged(patient: Patient) -> None:
    """What says who somebody is, is written in the file that stands for her."""
    if patient.merged_into is not None:
        kept = patient.merged_into.file_no or _("另一份档案")
        text = _("该档案已并入 %(kept)s，请在保留的档案上办理；确非同一人的，先撤销并档。")
        raise RuleBroken(text % {"kept": kept}, code="merged")


def open_clinical_patient(public_id: UUID, *, by: Staff, now: datetime, lock: bool = False) -> Patient:
    """Return a patient whose clinical content the reader may see: by care, by campus, or by break-glass."""
    need(by, Permission.CLINICAL_VIEW)
    patient = only(Patient.objects.with_person(), public_id, lock=lock)
    refuse_sealed(patient, by=by)
    why = why_clinical(by, patient, now)
    if why == Why.UNTRAINED and (refused := registry.refusal(by, now)) is not None:
        raise refused
    if why not in GROUNDS:
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


def open_capacity_finding(public_id: UUID, *, by: Staff, lock: bool = False) -> CapacityFinding:
    rows = CapacityFinding.objects.filter(patient__in=Patient.objects.visible_to(by), ended_at=None)
    return only(rows.select_related("patient__person__vault_key"), public_id, lock=lock)


def open_break_glass(public_id: UUID, *, by: Staff, lock: bool = False) -> BreakGlass:
    glasses = BreakGlass.objects.visible_to(by).select_related("patient__person__vault_key", "staff")
    return only(glasses, public_id, lock=lock)


def open_staff(public_id: UUID, *, by: Staff, lock: bool = False) -> Staff:
    return only(Staff.objects.visible_to(by), public_id, lock=lock)


def open_privilege(public_id: UUID, *, by: Staff, lock: bool = False) -> Privilege:
    """Return an authorisation of somebody whose account the reader looks after."""
    need(by, Permission.STAFF_WRITE)
    rows = Privilege.objects.filter(staff__in=Staff.objects.visible_to(by))
    return only(rows.select_related("staff"), public_id, lock=lock)


def open_duty(public_id: UUID, *, by: Staff, lock: bool = False) -> Duty:
    return only(Duty.objects.visible_to(by).select_related("staff"), public_id, lock=lock)


def open_minor_look(public_id: UUID, *, by: Staff, lock: bool = False) -> MinorLook:
    return only(MinorLook.objects.visible_to(by).with_people(), public_id, lock=lock)


def may_see_clinical(
    staff: Staff, patient: Patient, now: datetime, *, subject: Subject | None = None
) -> bool:
    """Whether the chart opens: the right to see charts *and* a ground for this one."""
    if staff.scope_of(Permission.CLINICAL_VIEW) is None or patient.is_sealed:
        return False
    return why_clinical(staff, patient, now, subject=subject) in GROUNDS


def may_see_special(staff: Staff, patient: Patient, now: datetime) -> bool:
    """Whether level 5 is shown too (GB/T 39725): to those who care for her by name, or in an emergency."""
    return not patient.is_sealed and why_clinical(staff, patient, now) in NAMED_GROUNDS


def why_clinical(staff: Staff, patient: Patient, now: datetime, *, subject: Subject | None = None) -> Why:
    """The ground on which the chart opens to this reader, or what keeps it closed.

    Whoever owes a required course has none, be it care or the width of the role (P-8); an emergency counts.
    A page that has read what ties the reader to the patient hands it down.
    """
    tied = subject or subject_of(patient, by=staff, now=now)
    why = ground_of(reader_of(staff), tied, Permission.CLINICAL_VIEW, now)
    if why not in GROUNDS or why == Why.EMERGENCY or registry.refusal(staff, now) is None:
        return why
    return Why.EMERGENCY if has_broken_glass(staff, patient, now) else Why.UNTRAINED


def reader_of(staff: Staff, *, is_trained: bool = True) -> Reader:
    """What a decision needs to know of who looks; no query once the role is loaded."""
    return Reader(
        id=staff.pk,
        campus_id=staff.campus_id,
        scopes=staff.role.scopes,
        is_active=staff.is_active,
        is_trained=is_trained,
    )


def subject_of(patient: Patient, *, by: Staff, now: datetime) -> Subject:
    """What a decision needs to know of whose data they are: read once for a page, at most three queries."""
    cares = cares_for(by, patient)
    head = patient.head
    is_minor = needs_guardian(head.person.birth_date, local_date(now))
    return Subject(
        campus_id=patient.campus_id,
        cares=cares,
        glass_until=None if cares else _glass_until(by, patient, now),
        is_sealed=patient.is_sealed,
        is_minor=is_minor,
        minor_until=_minor_until(by, patient, now) if is_minor and not cares else None,
        employee_id=head.employee_id or patient.employee_id,
        is_vip=head.is_vip or patient.is_vip,
    )


def _glass_until(staff: Staff, patient: Patient, now: datetime) -> datetime | None:
    files = Patient.objects.files_of(patient)
    running = staff.break_glasses.filter(patient__in=files, at__lte=now, until__gt=now)
    return running.order_by("-until").values_list("until", flat=True).first()


def _minor_until(staff: Staff, patient: Patient, now: datetime) -> datetime | None:
    files = Patient.objects.files_of(patient)
    granted = staff.minor_looks.filter(patient__in=files, is_granted=True, until__gt=now)
    return granted.order_by("-until").values_list("until", flat=True).first()


def cares_for(staff: Staff, patient: Patient) -> bool:
    return patient.care_relations.filter(staff=staff, until=None).exists()


def has_broken_glass(staff: Staff, patient: Patient, now: datetime) -> bool:
    return _glass_until(staff, patient, now) is not None


def alias(patient: Patient) -> str:
    """What a VIP or a colleague is called before those who do not care for her."""
    tail = {"tail": str(patient.head.public_id)[:4].upper()}
    return _("贵宾 %(tail)s") % tail if patient.head.is_vip else _("同事 %(tail)s") % tail


def has_alias(patient: Patient) -> bool:
    return patient.head.is_vip or patient.head.employee_id is not None


def shown_names(patients: Collection[Patient], *, by: Staff) -> dict[int, str]:
    """Name by patient as this reader may see it in a list; one query, if anybody has an alias."""
    hidden = {patient.pk for patient in patients if has_alias(patient)}
    if hidden:
        relations = by.care_relations.filter(until=None, patient__in=hidden)
        hidden -= set(relations.values_list("patient_id", flat=True))
    return {
        patient.pk: alias(patient) if patient.pk in hidden else patient.person.name for patient in patients
    }


def display_name(patient: Patient, by: Staff) -> str:
    """The name to show in lists: a VIP is an alias to everybody who does not care for her."""
    return shown_names([patient], by=by)[patient.pk]


def campuses_of(staff: Staff) -> list[Campus]:
    """Return where somebody may work, her own campus first.

    Whoever holds every right for the whole group may stand anywhere: it widens nothing.
    """
    home = staff.home_campus_id or staff.campus_id
    active = Campus.objects.filter(is_active=True)
    if not _is_of_the_group(staff):
        active = active.filter(Q(pk=home) | Q(pk__in=staff.campus_accesses.open().values("campus")))
    return sorted(active, key=lambda campus: (campus.pk != home, campus.code))


def stand_at(staff: Staff, campus_id: UUID) -> bool:
    """Let the reader in hand work at another campus from here on; nothing is saved, her rights stay the same.

    Every scope of a campus then means that one. False where she may not stand.
    """
    campus = next((one for one in campuses_of(staff) if one.public_id == campus_id), None)
    if campus is None:
        return False
    staff.home_campus_id = staff.home_campus_id or staff.campus_id
    staff.campus = campus
    return True


def _is_of_the_group(staff: Staff) -> bool:
    scopes = staff.role.scopes.values()
    return bool(scopes) and all(scope == Scope.GROUP for scope in scopes)
