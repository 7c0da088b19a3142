"""Staff and what they may do: accounts, roles and grants, licences and authorisations."""

from collections.abc import Mapping
from datetime import date, datetime
from secrets import token_urlsafe
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.errors import RuleBroken
from yimei.core.language import in_house
from yimei.hospital.enums import Field, Grade
from yimei.hospital.models import Campus, Department
from yimei.people.access import need, open_privilege, open_staff
from yimei.people.actions import sessions
from yimei.people.enums import LicenceKind
from yimei.people.models import CareRelation, Grant, Licence, Privilege, Role, Staff
from yimei.people.roles import SEED_GRANTS, TOTP_ROLES, Permission, RoleCode, Scope
from yimei.people.rules import accounts
from yimei.vault.keys import new_key


@transaction.atomic
@in_house()
def seed_roles(at: datetime) -> int:
    """Make the seeded roles that do not exist yet; a role the hospital has edited stays as it is."""
    made = []
    for code, grants in SEED_GRANTS.items():
        role, is_new = Role.objects.get_or_create(
            code=code, defaults={"name": str(code.label), "needs_totp": code in TOTP_ROLES}
        )
        if is_new:
            _write_grants(role, grants)
            made.append(str(code))
    if made:
        log.record("people.role.seed", at=at, rows=len(made), detail={"roles": made})
    return len(made)


@transaction.atomic
def create(
    *,
    username: str,
    name: str,
    role: str,
    campus: Campus,
    password: str,
    by: Staff | None,
    at: datetime,
    department: Department | None = None,
    title: str = "",
    email: str = "",
    must_change_password: bool = True,
) -> Staff:
    """Open an account. ``by`` is None only for the command line, which makes the first administrator."""
    if by is not None:
        _check_campus(need(by, Permission.STAFF_WRITE), by, campus)
    if department is not None and department.campus_id != campus.pk:
        raise RuleBroken(_("科室不属于该院区。"), code="department")
    folded = accounts.clean_username(username)
    if Staff.objects.filter(username=folded).exists():
        raise RuleBroken(_("用户名已被使用。"), code="username")
    staff = Staff(
        vault_key=new_key(),
        username=folded,
        name=accounts.clean_name(name),
        email=_clean_email(email),
        title=title.strip()[:40],
        role=_role(role),
        campus=campus,
        department=department,
    )
    sessions.check_password(password, staff)
    staff.set_password(password)
    staff.password_changed_at, staff.must_change_password = at, must_change_password
    staff.save(force_insert=True)
    log.record("people.staff.create", at=at, by=by, target=staff, detail={"role": role})
    return staff


@transaction.atomic
def update(
    staff_id: UUID,
    *,
    by: Staff,
    at: datetime,
    name: str | None = None,
    title: str | None = None,
    email: str | None = None,
    campus: Campus | None = None,
    department: Department | None = None,
) -> Staff:
    """Change what is given; a new campus without a department leaves the old department."""
    staff = _open(staff_id, by=by)
    values: dict[str, object] = {}
    if name is not None:
        values["name"] = accounts.clean_name(name)
    if title is not None:
        values["title"] = title.strip()[:40]
    if email is not None:
        values["email"] = _clean_email(email)
    if campus is not None and campus != staff.campus:
        _check_campus(need(by, Permission.STAFF_WRITE), by, campus)
        values |= {"campus": campus, "department": department}
    elif department is not None:
        values["department"] = department
    placed = values.get("department")
    if isinstance(placed, Department) and placed.campus_id != (campus or staff.campus).pk:
        raise RuleBroken(_("科室不属于该院区。"), code="department")
    changed = [field for field, value in values.items() if getattr(staff, field) != value]
    for field in changed:
        setattr(staff, field, values[field])
    if changed:
        staff.save(update_fields=changed)
        log.record("people.staff.update", at=at, by=by, target=staff, fields=changed)
    return staff


@transaction.atomic
def set_role(staff_id: UUID, *, role: str, by: Staff, at: datetime) -> Staff:
    """Give another role; open browsers must sign in again."""
    staff = _open(staff_id, by=by)
    if staff.pk == by.pk:
        raise RuleBroken(_("不能修改自己的角色。"))
    old, staff.role = staff.role_code, _role(role)
    if old != role:
        staff.save(update_fields=["role"])
        sessions.end_all(staff, reason="role", now=at)
        log.record("people.staff.role", at=at, by=by, target=staff, detail={"old": old, "new": role})
    return staff


@transaction.atomic
def deactivate(staff_id: UUID, *, by: Staff, at: datetime) -> Staff:
    """Close an account: sessions end, care relations end, the history stays."""
    staff = _open(staff_id, by=by)
    if staff.pk == by.pk:
        raise RuleBroken(_("不能停用自己的账号。"))
    if not staff.is_active:
        raise RuleBroken(_("该账号已停用。"))
    staff.is_active = False
    staff.save(update_fields=["is_active"])
    sessions.end_all(staff, reason="inactive", now=at)
    CareRelation.objects.filter(staff=staff, until=None).update(until=at)
    log.record("people.staff.deactivate", at=at, by=by, target=staff)
    return staff


@transaction.atomic
def reset_password(staff_id: UUID, *, by: Staff, at: datetime) -> str:
    """Return a password to be used once and changed; every browser is signed out."""
    staff = _open(staff_id, by=by)
    if staff.pk == by.pk:
        raise RuleBroken(_("请在「修改密码」里更换自己的密码。"))
    password = token_urlsafe(12)
    sessions.set_password(staff, password, now=at, must_change=True)
    sessions.end_all(staff, reason="password", now=at)
    log.record("people.password.reset", at=at, by=by, target=staff)
    return password


@transaction.atomic
def reset_totp(staff_id: UUID, *, by: Staff, at: datetime) -> Staff:
    """Forget a lost second factor; a role that needs one enrols again at the next sign-in."""
    staff = _open(staff_id, by=by)
    if staff.pk == by.pk:
        raise RuleBroken(_("请由另一位管理员重置您的动态口令。"))
    staff.totp_secret, staff.totp_confirmed_at = "", None
    staff.save(update_fields=["totp_secret", "totp_confirmed_at"])
    sessions.end_all(staff, reason="totp", now=at)
    log.record("people.totp.reset", at=at, by=by, target=staff)
    return staff


@transaction.atomic
def grant_licence(
    staff_id: UUID,
    *,
    kind: str,
    number: str,
    practising_since: date,
    by: Staff,
    at: datetime,
    field: str = "",
    is_responsible: bool = False,
    valid_to: date | None = None,
) -> Licence:
    """Write down a licence, or its renewal: one row for a kind and field."""
    staff = _open(staff_id, by=by)
    accounts.check_licence(
        kind=kind,
        field=field,
        number=number,
        practising_since=practising_since,
        valid_to=valid_to,
        operates=is_responsible or staff.role_code == RoleCode.SURGEON,
    )
    licence, _is_new = Licence.objects.update_or_create(
        staff=staff,
        kind=LicenceKind(kind),
        field=Field(field) if field else "",
        defaults={
            "number": number.strip(),
            "practising_since": practising_since,
            "is_responsible": is_responsible,
            "valid_to": valid_to,
        },
    )
    log.record("people.staff.licence", at=at, by=by, target=licence, detail={"staff": str(staff.public_id)})
    return licence


@transaction.atomic
def grant_privilege(
    staff_id: UUID,
    *,
    field: str,
    max_grade: int,
    valid_from: date,
    valid_to: date,
    by: Staff,
    at: datetime,
) -> Privilege:
    """Authorise a physician for operations up to a grade, for a period; nobody authorises themselves."""
    staff = _open(staff_id, by=by)
    if staff.pk == by.pk:
        raise RuleBroken(_("不能给自己授权。"))
    accounts.check_privilege(max_grade=max_grade, valid_from=valid_from, valid_to=valid_to)
    privilege = Privilege.objects.create(
        staff=staff,
        field=Field(field),
        max_grade=Grade(max_grade),
        valid_from=valid_from,
        valid_to=valid_to,
        granted_by=by,
    )
    log.record(
        "people.staff.privilege", at=at, by=by, target=privilege, detail={"staff": str(staff.public_id)}
    )
    return privilege


@transaction.atomic
def withdraw_privilege(privilege_id: UUID, *, reason: str, by: Staff, at: datetime) -> Privilege:
    """Take an authorisation back at once; operations that stand on it are stopped at their next gate."""
    privilege = open_privilege(privilege_id, by=by, lock=True)
    if privilege.staff_id == by.pk:
        raise RuleBroken(_("自己的授权由别人撤销。"))
    accounts.check_withdrawal(reason, is_ended=privilege.ended_at is not None)
    privilege.ended_at, privilege.ended_by, privilege.ended_reason = at, by, reason.strip()
    privilege.save(update_fields=["ended_at", "ended_by", "ended_reason"])
    log.record(
        "people.staff.privilege_withdrawn",
        at=at,
        by=by,
        target=privilege,
        detail={"staff": str(privilege.staff.public_id)},
    )
    return privilege


def _open(staff_id: UUID, *, by: Staff) -> Staff:
    need(by, Permission.STAFF_WRITE)
    return open_staff(staff_id, by=by, lock=True)


def _role(code: str, *, lock: bool = False) -> Role:
    roles = Role.objects.select_for_update() if lock else Role.objects.all()
    role = roles.filter(code=code).first()
    if role is None:
        raise RuleBroken(_("没有「%(code)s」这个角色。") % {"code": code[:24]}, code="role")
    return role


def _write_grants(role: Role, grants: Mapping[Permission, Scope]) -> None:
    Grant.objects.bulk_create(
        Grant(role=role, permission=permission, scope=scope) for permission, scope in grants.items()
    )


def _check_campus(scope: Scope, by: Staff, campus: Campus) -> None:
    if scope != Scope.GROUP and campus != by.campus:
        raise RuleBroken(_("您只能维护本院区的员工。"), code="campus")


def _clean_email(text: str) -> str:
    address = text.strip()
    if address:
        try:
            validate_email(address)
        except ValidationError:
            raise RuleBroken(_("邮箱地址不正确。"), code="email") from None
    return address
