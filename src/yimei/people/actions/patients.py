"""Customers: pre-registration, file, correction, ownership, and looking at a full phone number."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.audit.enums import Look
from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.hospital.models import Campus
from yimei.people import queries, registry
from yimei.people.access import need, open_patient, refuse_merged
from yimei.people.actions import care, pairs, tokens
from yimei.people.enums import CareReason, RevealPurpose, Sex, SourceKind, TokenKind
from yimei.people.models import FileSeries, Patient, Person, Staff
from yimei.people.roles import Permission, RoleCode, Scope
from yimei.people.rules import identity, search
from yimei.vault.keys import KeyDestroyed, new_key

Owner = Literal["online", "consultant", "surgeon"]

OWNER_REASONS: Mapping[Owner, CareReason] = {
    "online": CareReason.ONLINE,
    "consultant": CareReason.CONSULTANT,
    "surgeon": CareReason.SURGEON,
}
OWNER_BY_ROLE: Mapping[str, Owner] = {RoleCode.ONLINE: "online", RoleCode.CONSULTANT: "consultant"}
"""Who writes a customer down in these roles, owns her."""


@transaction.atomic
def create(
    *,
    name: str,
    phone: str,
    source: str,
    campus: Campus,
    by: Staff,
    at: datetime,
    sex: str = Sex.UNKNOWN,
    birth_date: date | None = None,
    id_no: str = "",
    online: Staff | None = None,
) -> Patient:
    """Write down somebody who called or came (预登记); the file number follows at registration."""
    if need(by, Permission.PATIENT_WRITE) == Scope.CAMPUS and campus != by.campus:
        raise RuleBroken(_("您只能登记本院区的客户。"))
    who = identity.clean(
        name=name, phone_no=phone, id_no=id_no, birth_date=birth_date, sex=sex, today=local_date(at)
    )
    if who.id_no:
        tokens.check_id_no_free(who.id_no)
    owners: dict[Owner, Staff] = {"online": online} if online else {}
    if owner := OWNER_BY_ROLE.get(by.role_code):
        owners.setdefault(owner, by)
    return _add(who, source=source, campus=campus, owners=owners, by=by, at=at)


@transaction.atomic
def create_herself(
    *, name: str, phone: str, source: str, campus: Campus, online: Staff | None, at: datetime
) -> Patient:
    """Write down somebody who proved her number on the website; ``online`` looks after her from now on."""
    who = identity.clean(
        name=name, phone_no=phone, id_no="", birth_date=None, sex=Sex.UNKNOWN, today=local_date(at)
    )
    owners: dict[Owner, Staff] = {"online": online} if online else {}
    return _add(who, source=source, campus=campus, owners=owners, by=None, at=at)


def _add(
    who: identity.Identity,
    *,
    source: str,
    campus: Campus,
    owners: Mapping[Owner, Staff],
    by: Staff | None,
    at: datetime,
) -> Patient:
    person = _new_person(who, at=at)
    patient = Patient.objects.create(
        person=person,
        campus=campus,
        source=SourceKind(source),
        created_at=at,
        created_by=by,
        online=owners.get("online"),
        consultant=owners.get("consultant"),
    )
    tokens.write_first(patient)
    for owner, staff in owners.items():
        care.begin(patient, staff=staff, reason=OWNER_REASONS[owner], at=at)
    pairs.note(patient, at=at)
    log.record(
        "people.patient.create",
        at=at,
        by=by,
        target=patient,
        subject=person.vault_key,
        detail={owner: str(staff.public_id) for owner, staff in owners.items()},
    )
    return patient


@transaction.atomic
def register(
    public_id: UUID,
    *,
    by: Staff,
    at: datetime,
    name: str | None = None,
    phone: str | None = None,
    sex: str | None = None,
    birth_date: date | None = None,
    id_no: str | None = None,
    is_vip: bool | None = None,
    is_other: bool = False,
) -> Patient:
    """Open the file (建档): complete the identity and give the next file number of the year.

    ``is_other`` says that somebody looked: she is not the one of the same name and telephone who has a file.
    """
    patient = open_patient(public_id, by=by, lock=True, under=Permission.PATIENT_WRITE)
    refuse_merged(patient)
    if patient.is_registered:
        raise RuleBroken(_("该客户已建档，档案号 %(file_no)s。") % {"file_no": patient.file_no})
    who = _merged(patient, at=at, name=name, phone=phone, sex=sex, birth_date=birth_date, id_no=id_no)
    if missing := identity.missing_for_file(who):
        raise RuleBroken(_("资料不全，不能建档。"), missing=missing, code="incomplete")
    file_no = _next_file_no(local_date(at).year)  # two at once wait here, so that the second sees the first
    words = {TokenKind.PHONE: who.phone, TokenKind.NAME: search.fold(who.name)}
    identity.check_one_file(queries.files_like(patient, kinds=words), is_other=is_other)
    _write_identity(patient, who)
    patient.file_no = file_no
    patient.registered_at, patient.registered_by = at, by
    if is_vip is not None:
        patient.is_vip = is_vip
    patient.save(update_fields=["file_no", "registered_at", "registered_by", "is_vip"])
    tokens.write(patient)
    pairs.note(patient, at=at)
    log.record("people.patient.register", at=at, by=by, target=patient, subject=patient.person.vault_key)
    return patient


@transaction.atomic
def correct(
    public_id: UUID,
    *,
    by: Staff,
    at: datetime,
    name: str | None = None,
    phone: str | None = None,
    sex: str | None = None,
    birth_date: date | None = None,
    id_no: str | None = None,
    under: Permission = Permission.PATIENT_WRITE,
) -> Patient:
    """Change an identity; what is not given stays. The log keeps the names of the fields, never values.

    ``under`` is the right by which the caller has come here: a granted correction is one of its own.
    """
    patient = open_patient(public_id, by=by, lock=True, under=under)
    refuse_merged(patient)
    who = _merged(patient, at=at, name=name, phone=phone, sex=sex, birth_date=birth_date, id_no=id_no)
    if patient.is_registered and (missing := identity.missing_for_file(who)):
        raise RuleBroken(_("已建档的客户不能缺少这些资料。"), missing=missing, code="incomplete")
    if changed := _write_identity(patient, who):
        tokens.write(patient)
        log.record(
            "people.patient.correct",
            at=at,
            by=by,
            target=patient,
            subject=patient.person.vault_key,
            fields=changed,
        )
    return patient


@transaction.atomic
def set_vip(public_id: UUID, *, is_vip: bool, by: Staff, at: datetime) -> Patient:
    patient = open_patient(public_id, by=by, lock=True, under=Permission.PATIENT_WRITE)
    refuse_merged(patient)
    if patient.is_vip != is_vip:
        patient.is_vip = is_vip
        patient.save(update_fields=["is_vip"])
        log.record(
            "people.patient.vip",
            at=at,
            by=by,
            target=patient,
            subject=patient.person.vault_key,
            detail={"is_vip": is_vip},
        )
    return patient


@transaction.atomic
def set_employee(public_id: UUID, *, username: str, by: Staff, at: datetime) -> Patient:
    """Say that a customer works here: from now on only the team that treats her reads her chart."""
    patient = open_patient(public_id, by=by, lock=True, under=Permission.PATIENT_WRITE)
    refuse_merged(patient)
    word = username.strip()
    before = patient.employee
    if word == (before.username if before else ""):
        return patient
    if not word:
        if before is not None and before.is_active:
            raise RuleBroken(_("在职期间不能取消员工本人的标记；离职后才能取消。"), code="employee")
        patient.employee = None
    else:
        patient.employee = Staff.objects.filter(username=word, is_active=True).first()
        if patient.employee is None:
            raise RuleBroken(_("没有这个用户名的在职员工。"), code="employee")
        if Patient.objects.filter(employee=patient.employee).exclude(pk=patient.pk).exists():
            raise RuleBroken(_("这位员工已经对应另一份档案，请先核对。"), code="employee")
    patient.save(update_fields=["employee"])
    log.record(
        "people.patient.employee",
        at=at,
        by=by,
        target=patient,
        subject=patient.person.vault_key,
        detail={"employee": patient.employee.public_id if patient.employee else ""},
    )
    return patient


@transaction.atomic
def assign(
    public_id: UUID,
    *,
    by: Staff,
    at: datetime,
    online: Staff | None = None,
    consultant: Staff | None = None,
    surgeon: Staff | None = None,
) -> Patient:
    """Hand the customer to her owners (归属); the care relation moves with each of them."""
    patient = open_patient(public_id, by=by, lock=True)
    refuse_merged(patient)
    given: dict[Owner, Staff | None] = {"online": online, "consultant": consultant, "surgeon": surgeon}
    changed = {
        owner: staff
        for owner, staff in given.items()
        if staff is not None and getattr(patient, f"{owner}_id") != staff.pk
    }
    for owner, staff in changed.items():
        if not staff.is_active:
            raise RuleBroken(_("%(name)s已停用，不能分配客户。") % {"name": staff.name})
        if owner == "surgeon" and not staff.is_clinical:
            raise RuleBroken(_("%(name)s不是医护人员，不能作为主诊医师。") % {"name": staff.name})
        if former := getattr(patient, owner):
            care.end(patient, staff=former, reason=OWNER_REASONS[owner], at=at)
        care.begin(patient, staff=staff, reason=OWNER_REASONS[owner], at=at)
        setattr(patient, owner, staff)
    if changed:
        patient.save(update_fields=list(changed))
        log.record(
            "people.patient.assign",
            at=at,
            by=by,
            target=patient,
            subject=patient.person.vault_key,
            detail={owner: str(staff.public_id) for owner, staff in changed.items()},
        )
    return patient


@transaction.atomic
def reveal_phone(public_id: UUID, *, purpose: str, by: Staff, at: datetime, is_call: bool = False) -> str:
    """Return the whole number, to be read or to be dialled; every look is in the log with its purpose."""
    if purpose not in RevealPurpose:
        raise RuleBroken(_("请选择查看完整号码的用途。"), code="purpose")
    patient = open_patient(public_id, by=by, under=Permission.PATIENT_REVEAL)
    if purpose != RevealPurpose.EMERGENCY and (refused := registry.refusal(by, at)) is not None:
        raise refused
    if patient.person.vault_key.is_destroyed:
        raise KeyDestroyed
    number = patient.head.person.phone or patient.person.phone
    if not number:
        raise RuleBroken(_("没有登记电话。"))
    log.record(
        f"people.patient.{Look.REVEAL}",
        at=at,
        by=by,
        target=patient,
        subject=patient.person.vault_key,
        fields=["phone"],
        purpose=purpose,
        detail={"call": True} if is_call else {},
    )
    return number


@transaction.atomic
def reveal_identity(public_id: UUID, *, page: str, by: Staff, at: datetime) -> None:
    """Note that name, number and papers are shown whole, to be filed or corrected: a look at the number."""
    patient = open_patient(public_id, by=by, under=Permission.PATIENT_WRITE)
    if (refused := registry.refusal(by, at)) is not None:
        raise refused
    log.record(
        f"people.patient.{Look.REVEAL}",
        at=at,
        by=by,
        target=patient,
        subject=patient.person.vault_key,
        fields=["name", "phone", "id_no", "birth_date"],
        purpose=RevealPurpose.VERIFY.value,
        detail={"page": page},
    )


def _new_person(who: identity.Identity, *, at: datetime) -> Person:
    return Person.objects.create(
        vault_key=new_key(),
        name=who.name,
        phone=who.phone,
        id_no=who.id_no,
        birth_date=who.birth_date,
        sex=who.sex,
        created_at=at,
    )


def _merged(
    patient: Patient,
    *,
    at: datetime,
    name: str | None,
    phone: str | None,
    sex: str | None,
    birth_date: date | None,
    id_no: str | None,
) -> identity.Identity:
    """Return today's identity with the given values over it; a new identity number outranks old answers."""
    person = patient.person
    if person.vault_key.is_destroyed:
        raise KeyDestroyed
    has_new_number = bool(id_no) and id_no != person.id_no
    return identity.clean(
        name=person.name if name is None else name,
        phone_no=person.phone if phone is None else phone,
        id_no=person.id_no if id_no is None else id_no,
        birth_date=birth_date or (None if has_new_number else person.birth_date),
        sex=sex or (Sex.UNKNOWN if has_new_number else person.sex),
        today=local_date(at),
    )


def _write_identity(patient: Patient, who: identity.Identity) -> list[str]:
    """Save what differs and return the names of those fields."""
    person = patient.person
    changed = [
        field
        for field in ("name", "phone", "id_no", "birth_date", "sex")
        if getattr(person, field) != getattr(who, field)
    ]
    if "id_no" in changed and who.id_no:
        tokens.check_id_no_free(who.id_no, person=person)
    for field in changed:
        setattr(person, field, getattr(who, field))
    if changed:
        person.save(update_fields=changed)
    return changed


def _next_file_no(year: int) -> str:
    """Return the next number of the group; two at once wait for each other."""
    FileSeries.objects.get_or_create(year=year)
    series = FileSeries.objects.select_for_update().get(year=year)
    series.last += 1
    series.save(update_fields=["last"])
    return identity.file_no(year, series.last)
