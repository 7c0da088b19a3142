"""Roles: changed as a whole, by another administrator, never with powers that stay apart."""

from datetime import datetime

import pytest
from django.db import IntegrityError, transaction

from tests.factories.people import RoleFactory, StaffFactory
from yimei.audit.models import Entry
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.people import queries
from yimei.people.actions import roles as actions
from yimei.people.actions.staff import seed_roles
from yimei.people.models import Grant, PermissionOffer, Role, Staff
from yimei.people.roles import SEED_GRANTS, Permission, RoleCode, Scope
from yimei.people.rules.duties_apart import APART, held_together

pytestmark = pytest.mark.django_db
VIEW = Permission.BOOKING_VIEW


@pytest.fixture
def admin(now: datetime) -> Staff:
    seed_roles(now)
    return StaffFactory(role="admin")


def change(code: str, grants: dict[Permission, Scope], by: Staff, now: datetime, seen: str = "") -> Role:
    return actions.change(code, grants, seen=seen or queries.open_role(code).fingerprint, by=by, now=now)


def test_a_role_gets_exactly_what_was_chosen_and_each_difference_is_logged(
    admin: Staff, now: datetime
) -> None:
    before = queries.open_role("nurse").scopes
    wanted = {one: scope for one, scope in before.items() if one != Permission.TEST_WRITE}
    wanted |= {VIEW: Scope.CAMPUS, Permission.PATIENT_VIEW: Scope.OWN}
    assert change("nurse", wanted, admin, now).scopes == wanted
    told = [entry.detail for entry in Entry.objects.filter(action="people.role.grant")]
    assert {(each["permission"], each["scope"]) for each in told} == {
        ("test.write", ""),
        ("booking.view", "campus"),
        ("patient.view", "own"),
    }
    change("nurse", wanted, admin, now)
    assert Entry.objects.filter(action="people.role.grant").count() == 3


def test_the_second_of_two_writers_is_told(admin: Staff, now: datetime) -> None:
    seen = queries.open_role("nurse").fingerprint
    change("nurse", {VIEW: Scope.CAMPUS}, admin, now, seen)
    with pytest.raises(Conflict, match="刚被别人改过"):
        change("nurse", {VIEW: Scope.OWN}, admin, now, seen)


def test_nobody_raises_her_own_role(admin: Staff, now: datetime) -> None:
    with pytest.raises(RuleBroken, match="自己所属角色"):
        change("admin", {Permission.CATALOGUE_WRITE: Scope.GROUP}, admin, now)


@pytest.mark.parametrize("role", [RoleCode.SURGEON, RoleCode.DIRECTOR, RoleCode.PRIVACY])
def test_nobody_else_changes_roles(admin: Staff, now: datetime, role: RoleCode) -> None:
    by = StaffFactory(role=role.value)
    for attempt in (
        lambda: change("nurse", {}, by, now),
        lambda: actions.create(name="替班", like="nurse", by=by, now=now),
        lambda: actions.answer("lead.view", accept=True, by=by, now=now),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_who_looks_after_one_campus_changes_no_role(admin: Staff, now: datetime) -> None:
    role = RoleFactory(code="campus-admin", name="院区管理员")
    role.grants.create(permission=Permission.STAFF_WRITE, scope=Scope.CAMPUS)
    with pytest.raises(NotFound):
        change("nurse", {}, StaffFactory(role=role), now)


@pytest.mark.parametrize(("one", "other"), APART)
def test_powers_that_stay_apart_are_refused(
    admin: Staff, now: datetime, one: Permission, other: Permission
) -> None:
    with pytest.raises(RuleBroken) as refused:
        change("nurse", {one: Scope.GROUP, other: Scope.GROUP}, admin, now)
    assert [str(other.label) in each.what for each in refused.value.missing] == [True]


def test_the_shipped_roles_keep_powers_apart_and_leave_no_permission_out() -> None:
    assert not [code for code, grants in SEED_GRANTS.items() if held_together(grants.keys())]
    assert {one for grants in SEED_GRANTS.values() for one in grants} == set(Permission)


def test_a_role_of_ones_own_begins_as_a_copy(admin: Staff, now: datetime) -> None:
    role = actions.create(name=" 替班护士 ", like="nurse", by=admin, now=now)
    assert (role.name, queries.open_role(role.code).scopes) == ("替班护士", queries.open_role("nurse").scopes)
    with pytest.raises(RuleBroken, match="不能与已有的角色相同"):
        actions.create(name="替班护士", like="nurse", by=admin, now=now)


def test_a_new_hospital_is_asked_nothing(admin: Staff, now: datetime) -> None:
    assert actions.offer_new(now=now) == 0
    assert actions.offer_new(now=now) == 0
    assert queries.open_offers() == []


def test_an_update_asks_once_and_gives_only_what_was_accepted(admin: Staff, now: datetime) -> None:
    """A hospital of before: its roles never heard of leads and members."""
    Grant.objects.filter(permission__in=["lead.view", "member.view"]).delete()
    assert actions.offer_new(now=now) == 2
    assert [one for one, _suggested in queries.open_offers()] == ["lead.view", "member.view"]

    given = actions.answer("lead.view", accept=True, by=admin, now=now)
    assert {role.code for role in given} == {
        str(code) for code, grants in SEED_GRANTS.items() if Permission.LEAD_VIEW in grants
    }
    assert queries.open_role("online").scopes[Permission.LEAD_VIEW] == Scope.OWN
    assert actions.answer("member.view", accept=False, by=admin, now=now) == []
    assert not Grant.objects.filter(permission="member.view").exists()
    assert queries.open_offers() == []
    assert actions.offer_new(now=now) == 0
    with pytest.raises(Conflict):
        actions.answer("lead.view", accept=False, by=admin, now=now)
    with pytest.raises(NotFound):
        actions.answer("no.such", accept=True, by=admin, now=now)


@pytest.mark.parametrize("second", ["admin", "auditor", "privacy"])
def test_the_writers_own_role_waits_for_a_second_person(admin: Staff, now: datetime, second: str) -> None:
    Grant.objects.filter(permission=Permission.CATALOGUE_WRITE).delete()
    PermissionOffer.objects.create(permission=Permission.CATALOGUE_WRITE, at=now)
    given = actions.answer("catalogue.write", accept=True, by=admin, now=now)
    assert "admin" not in {role.code for role in given}
    assert Permission.CATALOGUE_WRITE not in queries.open_role("admin").scopes
    assert [each.asked_by for each in queries.own_role_offers()] == [admin]
    assert queries.open_offers() == []
    with pytest.raises(Conflict):
        actions.answer("catalogue.write", accept=True, by=StaffFactory(role="admin"), now=now)
    with pytest.raises(RuleBroken, match="另一位管理员或审计人员"):
        actions.confirm("catalogue.write", accept=True, by=admin, now=now)
    for code in ("director", "nurse"):
        with pytest.raises(NotFound):
            actions.confirm("catalogue.write", accept=True, by=StaffFactory(role=code), now=now)

    by = StaffFactory(role=second)
    assert actions.confirm("catalogue.write", accept=True, by=by, now=now)
    assert queries.open_role("admin").scopes[Permission.CATALOGUE_WRITE] == Scope.GROUP
    assert Entry.objects.get(action="people.role.confirm").actor == by.public_id
    assert not queries.own_role_offers()
    with pytest.raises(Conflict):
        actions.confirm("catalogue.write", accept=False, by=by, now=now)


def test_a_second_person_may_say_no(admin: Staff, now: datetime) -> None:
    Grant.objects.filter(permission=Permission.CATALOGUE_WRITE).delete()
    PermissionOffer.objects.create(permission=Permission.CATALOGUE_WRITE, at=now)
    by = StaffFactory(role="auditor")
    with pytest.raises(NotFound):
        actions.confirm("catalogue.write", accept=True, by=by, now=now)
    actions.answer("catalogue.write", accept=True, by=admin, now=now)
    assert not actions.confirm("catalogue.write", accept=False, by=by, now=now)
    assert Permission.CATALOGUE_WRITE not in queries.open_role("admin").scopes
    assert not queries.own_role_offers()
    with pytest.raises(IntegrityError), transaction.atomic():
        PermissionOffer.objects.update(answered_by=admin)
