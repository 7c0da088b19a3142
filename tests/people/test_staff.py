"""Accounts, roles and grants, licences and authorisations."""

from datetime import date, datetime
from typing import Any

import pytest

from tests.factories.hospital import CampusFactory, DepartmentFactory
from tests.factories.people import (
    PASSWORD,
    CareRelationFactory,
    LicenceFactory,
    PrivilegeFactory,
    RoleFactory,
    StaffFactory,
)
from yimei.audit.models import Entry
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.enums import Field, Grade
from yimei.people import access, queries
from yimei.people.actions import sessions
from yimei.people.actions import staff as actions
from yimei.people.enums import LicenceKind
from yimei.people.models import Grant, Privilege, Role, Staff
from yimei.people.roles import CLINICAL_ROLES, SEED_GRANTS, TOTP_ROLES, Permission, RoleCode, Scope

pytestmark = pytest.mark.django_db

CLINICAL = {
    p
    for p in Permission
    if p.value.startswith(("clinical.", "plan.", "anaesthesia.", "surgery.", "recovery."))
}


def create(by: Staff | None, now: datetime, **given: Any) -> Staff:
    values: dict[str, Any] = {
        "username": "Lin.X",
        "name": "林晓",
        "role": "nurse",
        "password": "quiet-river-2026",
    }
    if "campus" not in given:
        values["campus"] = by.campus if by else CampusFactory()
    return actions.create(**{**values, **given}, by=by, at=now)


@pytest.fixture
def admin() -> Staff:
    RoleFactory(code="nurse")
    staff: Staff = StaffFactory(role="admin")
    return staff


def test_seeding_twice_makes_the_roles_once_and_keeps_what_was_edited(now: datetime) -> None:
    assert actions.seed_roles(now) == len(RoleCode)
    Grant.objects.filter(role__code="nurse", permission=Permission.PATIENT_VIEW).update(scope=Scope.OWN)
    assert actions.seed_roles(now) == 0
    nurse = Role.objects.get(code="nurse")
    assert nurse.scopes[Permission.PATIENT_VIEW] == Scope.OWN
    for code, grants in SEED_GRANTS.items():
        if code != RoleCode.NURSE:
            assert Role.objects.get(code=code).scopes == grants
    assert set(Role.objects.filter(needs_totp=True).values_list("code", flat=True)) == TOTP_ROLES


@pytest.mark.parametrize("code", sorted(set(RoleCode) - CLINICAL_ROLES))
def test_no_seeded_role_but_the_clinical_ones_touches_clinical_content(code: RoleCode) -> None:
    assert not CLINICAL & set(SEED_GRANTS[code])


def test_every_seeded_role_has_its_grants() -> None:
    assert set(SEED_GRANTS) == set(RoleCode)


def test_rights_end_with_the_service() -> None:
    staff = StaffFactory(role="reception")
    assert access.may(staff, Permission.PATIENT_VIEW)
    assert access.scope_of(staff, Permission.PATIENT_VIEW) == Scope.CAMPUS
    staff.is_active = False
    assert not access.may(staff, Permission.PATIENT_VIEW)


def test_the_administrator_opens_an_account(admin: Staff, now: datetime) -> None:
    staff = create(admin, now, department=DepartmentFactory(campus=admin.campus), email="lin@example.cn")
    assert (staff.username, staff.role_code, staff.must_change_password) == ("lin.x", "nurse", True)
    assert sessions.sign_in("lin.x", "quiet-river-2026", ip=None, device="", now=now) == staff
    assert Entry.objects.get(action="people.staff.create").detail == {"role": "nurse"}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"username": "a b"}, "用户名为"),
        ({"username": "x"}, "用户名为"),
        ({"name": ""}, "姓名"),
        ({"email": "not-an-address"}, "邮箱"),
        ({"password": "short"}, "至少 12 个字符"),
        ({"password": "林晓的密码很长很长很长很长"}, "用户名或姓名"),
    ],
)
def test_a_refused_account_is_not_there(
    admin: Staff, now: datetime, given: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(RuleBroken, match=sentence):
        create(admin, now, **given)
    assert Staff.objects.count() == 1


def test_a_user_name_is_given_once(admin: Staff, now: datetime) -> None:
    create(admin, now)
    with pytest.raises(RuleBroken, match="已被使用"):
        create(admin, now, username="LIN.X")


def test_a_department_belongs_to_the_campus(admin: Staff, now: datetime) -> None:
    with pytest.raises(RuleBroken, match="科室"):
        create(admin, now, department=DepartmentFactory())
    staff = StaffFactory()
    with pytest.raises(RuleBroken, match="科室"):
        actions.update(staff.public_id, department=DepartmentFactory(), by=admin, at=now)


@pytest.mark.parametrize("role", ["surgeon", "director", "privacy", "reception"])
def test_nobody_else_keeps_accounts(now: datetime, role: str) -> None:
    RoleFactory(code="nurse")
    by, other = StaffFactory(role=role), StaffFactory()
    for attempt in (
        lambda: create(by, now),
        lambda: actions.set_role(other.public_id, role="nurse", by=by, at=now),
        lambda: actions.reset_password(other.public_id, by=by, at=now),
        lambda: actions.deactivate(by.public_id, by=by, at=now),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_an_administrator_of_one_campus_stays_there(now: datetime) -> None:
    role = RoleFactory(code="campus-admin", name="院区管理员")
    role.grants.create(permission=Permission.STAFF_WRITE, scope=Scope.CAMPUS)
    RoleFactory(code="nurse")
    by = StaffFactory(role=role)
    with pytest.raises(RuleBroken, match="本院区"):
        create(by, now, campus=CampusFactory())
    with pytest.raises(NotFound):
        actions.deactivate(StaffFactory().public_id, by=by, at=now)


def test_nobody_raises_themselves(admin: Staff, now: datetime) -> None:
    with pytest.raises(RuleBroken, match="自己的角色"):
        actions.set_role(admin.public_id, role="nurse", by=admin, at=now)
    with pytest.raises(RuleBroken, match="自己授权"):
        authorise(admin, admin, now)
    with pytest.raises(RuleBroken, match="另一位管理员"):
        actions.reset_totp(admin.public_id, by=admin, at=now)


def test_another_role_begins_with_signing_in_again(admin: Staff, now: datetime) -> None:
    staff = StaffFactory()
    sessions.start(staff, session_key="key", ip=None, device="", now=now)
    assert actions.set_role(staff.public_id, role="nurse", by=admin, at=now).role_code == "nurse"
    assert not sessions.touch("key", now)


def test_who_leaves_cares_for_nobody_any_more(admin: Staff, now: datetime) -> None:
    relation = CareRelationFactory()
    actions.deactivate(relation.staff.public_id, by=admin, at=now)
    relation.refresh_from_db()
    assert relation.until == now
    with pytest.raises(RuleBroken, match="已停用"):
        actions.deactivate(relation.staff.public_id, by=admin, at=now)


def test_a_reset_password_must_be_changed(admin: Staff, now: datetime) -> None:
    staff = StaffFactory(username="lin")
    password = actions.reset_password(staff.public_id, by=admin, at=now)
    assert password != PASSWORD
    assert sessions.sign_in("lin", password, ip=None, device="", now=now).must_change_password


def test_a_lost_factor_is_enrolled_anew(admin: Staff, now: datetime) -> None:
    staff = actions.reset_totp(StaffFactory(role="director").public_id, by=admin, at=now)
    assert staff.must_enrol_totp


def test_a_licence_is_renewed_in_place(admin: Staff, now: datetime) -> None:
    surgeon = StaffFactory(role="surgeon")
    for number in ("110", "111"):
        licence = actions.grant_licence(
            surgeon.public_id,
            kind=LicenceKind.PHYSICIAN,
            field=Field.SURGERY,
            number=number,
            practising_since=date(2015, 1, 1),
            is_responsible=True,
            by=admin,
            at=now,
        )
    assert (surgeon.licences.get(), licence.number) == (licence, "111")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"field": ""}, "注明医疗美容专业"),
        ({"number": " "}, "证号"),
        ({"valid_to": date(2014, 1, 1)}, "有效期"),
    ],
)
def test_a_licence_that_cannot_be_is_refused(
    admin: Staff, now: datetime, given: dict[str, Any], sentence: str
) -> None:
    values: dict[str, Any] = {
        "kind": LicenceKind.PHYSICIAN,
        "field": Field.SURGERY,
        "number": "110",
        "practising_since": date(2015, 1, 1),
    }
    surgeon = StaffFactory(role="surgeon")
    with pytest.raises(RuleBroken, match=sentence):
        actions.grant_licence(surgeon.public_id, **{**values, **given}, by=admin, at=now)


def test_an_anaesthetist_practises_outside_the_fields_of_aesthetic_medicine(
    admin: Staff, now: datetime
) -> None:
    staff = StaffFactory(role="anaesthetist")
    values = {"kind": LicenceKind.PHYSICIAN, "number": "110", "practising_since": date(2015, 1, 1)}
    assert actions.grant_licence(staff.public_id, **values, by=admin, at=now).field == ""
    with pytest.raises(RuleBroken, match="注明医疗美容专业"):
        actions.grant_licence(staff.public_id, **values, is_responsible=True, by=admin, at=now)


def authorise(staff: Staff, by: Staff, now: datetime, **given: Any) -> Privilege:
    values: dict[str, Any] = {
        "field": Field.SURGERY,
        "max_grade": Grade.TWO,
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2026, 12, 31),
    }
    return actions.grant_privilege(staff.public_id, **{**values, **given}, by=by, at=now)


def test_an_authorisation_names_who_gave_it(admin: Staff, now: datetime) -> None:
    assert authorise(StaffFactory(role="surgeon"), admin, now).granted_by == admin


@pytest.mark.parametrize("given", [{"max_grade": 0}, {"max_grade": 5}, {"valid_to": date(2025, 12, 31)}])
def test_an_authorisation_that_cannot_be_is_refused(
    admin: Staff, now: datetime, given: dict[str, Any]
) -> None:
    with pytest.raises(RuleBroken):
        authorise(StaffFactory(role="surgeon"), admin, now, **given)


def test_who_may_operate_is_read_from_licence_and_authorisation(now: datetime) -> None:
    surgeon = LicenceFactory().staff
    wanted = {"field": Field.SURGERY, "grade": Grade.FOUR, "on": now.date()}
    assert [m.what for m in queries.missing_to_operate(surgeon, **wanted)] == ["美容外科四级手术授权"]
    PrivilegeFactory(staff=surgeon)
    assert queries.missing_to_operate(surgeon, **wanted) == []
