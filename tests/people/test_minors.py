"""A minor's chart opens to her treating team; to others after somebody's word, for a day, recorded."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest

from tests.factories.people import CareRelationFactory, PatientFactory, PersonFactory, StaffFactory
from tests.people.test_care import put_in_force
from yimei.audit.models import Entry
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.people import access, queries
from yimei.people.actions import minors, patients
from yimei.people.enums import CareReason, Why
from yimei.people.models import MinorLook, Patient, Staff

pytestmark = pytest.mark.django_db

REASON = "今晚由我代管该患者的换药"


@pytest.fixture
def girl(now: datetime) -> Patient:
    return PatientFactory(person=PersonFactory(birth_date=date(2009, 7, 1)))


@pytest.fixture
def nurse(girl: Patient) -> Staff:
    return StaffFactory(role="nurse", campus=girl.campus)


def test_the_width_of_a_role_does_not_open_a_minors_chart(girl: Patient, nurse: Staff, now: datetime) -> None:
    assert access.why_clinical(nurse, girl, now) == Why.MINOR
    assert not access.may_see_clinical(nurse, girl, now)
    adult = now + timedelta(days=500)
    assert access.may_see_clinical(nurse, girl, adult), "from the eighteenth birthday on"
    relation = CareRelationFactory(patient=girl, staff=nurse, reason=CareReason.NURSE)
    assert access.may_see_clinical(relation.staff, girl, now)


def test_an_approved_look_lasts_a_day(girl: Patient, nurse: Staff, now: datetime) -> None:
    surgeon = CareRelationFactory(patient=girl, staff=StaffFactory(role="surgeon")).staff
    look = minors.ask(girl.public_id, reason=REASON, by=nurse, now=now)
    assert queries.minor_looks_waiting(surgeon) == 1
    assert list(queries.minor_looks(nurse)) == list(queries.minor_looks(surgeon)) == [look]
    minors.judge(look.public_id, is_granted=True, by=surgeon, now=now)
    assert access.why_clinical(nurse, girl, now) == Why.APPROVED
    assert not access.may_see_clinical(nurse, girl, now + timedelta(hours=24))
    lines = Entry.objects.filter(action__startswith="people.minor_look").order_by("seq")
    assert [line.action.rsplit(".", 1)[-1] for line in lines] == ["asked", "granted"]
    assert REASON not in str([line.__dict__ for line in lines])


def test_the_hours_of_an_approved_look_come_from_the_rules_in_force(
    girl: Patient, nurse: Staff, now: datetime
) -> None:
    officer = StaffFactory(role="privacy")
    look = minors.ask(girl.public_id, reason=REASON, by=nurse, now=now)
    minors.judge(look.public_id, is_granted=True, by=officer, now=now)
    put_in_force("minor.look_hours", 2, local_date(now))
    assert access.may_see_clinical(nurse, girl, now + timedelta(hours=23)), "what was given stays"
    later = now + timedelta(hours=24)
    again = minors.ask(girl.public_id, reason=REASON, by=nurse, now=later)
    assert minors.judge(again.public_id, is_granted=True, by=officer, now=later).until == later + timedelta(
        hours=2
    )


def test_a_refused_or_twice_asked_look_opens_nothing(girl: Patient, nurse: Staff, now: datetime) -> None:
    officer = StaffFactory(role="privacy")
    look = minors.ask(girl.public_id, reason=REASON, by=nurse, now=now)
    with pytest.raises(RuleBroken, match="还在等待"):
        minors.ask(girl.public_id, reason=REASON, by=nurse, now=now)
    minors.judge(look.public_id, is_granted=False, by=officer, now=now)
    assert not access.may_see_clinical(nurse, girl, now)
    with pytest.raises(RuleBroken, match="已经审批"):
        minors.judge(look.public_id, is_granted=True, by=officer, now=now)
    again = minors.ask(girl.public_id, reason=REASON, by=nurse, now=now)
    assert MinorLook.objects.filter(judged_at=None).get() == again


def test_nobody_approves_her_own_look_and_no_stranger_does(
    girl: Patient, nurse: Staff, now: datetime
) -> None:
    look = minors.ask(girl.public_id, reason=REASON, by=nurse, now=now)
    with pytest.raises(RuleBroken, match="自己的"):
        minors.judge(look.public_id, is_granted=True, by=nurse, now=now)
    for role in ("surgeon", "nurse", "director", "admin"):
        with pytest.raises(NotFound):
            minors.judge(look.public_id, is_granted=True, by=StaffFactory(role=role), now=now)
    colleague = CareRelationFactory(patient=girl, staff=StaffFactory(role="nurse"), reason=CareReason.NURSE)
    with pytest.raises(NotFound):
        minors.judge(look.public_id, is_granted=True, by=colleague.staff, now=now)


def test_only_whoever_could_reach_her_otherwise_may_ask(girl: Patient, now: datetime) -> None:
    for staff in (StaffFactory(role="nurse"), StaffFactory(role="reception", campus=girl.campus)):
        with pytest.raises(NotFound):
            minors.ask(girl.public_id, reason=REASON, by=staff, now=now)
    with pytest.raises(NotFound):
        minors.ask(uuid4(), reason=REASON, by=StaffFactory(role="nurse"), now=now)
    adult = PatientFactory()
    with pytest.raises(RuleBroken, match="不需要"):
        minors.ask(
            adult.public_id, reason=REASON, by=StaffFactory(role="nurse", campus=adult.campus), now=now
        )
    with pytest.raises(RuleBroken, match="10"):
        minors.ask(girl.public_id, reason="看", by=StaffFactory(role="nurse", campus=girl.campus), now=now)


def test_a_colleague_who_is_a_patient_is_closed_to_all_but_her_team(now: datetime) -> None:
    colleague = StaffFactory(role="nurse")
    patient = PatientFactory(campus=colleague.campus, employee=colleague)
    nurse = StaffFactory(role="nurse", campus=colleague.campus)
    assert access.why_clinical(nurse, patient, now) == Why.COLLEAGUE
    assert access.why_clinical(colleague, patient, now) == Why.SELF
    assert not access.may_see_clinical(colleague, patient, now)
    assert access.display_name(patient, nurse).startswith("同事 ")
    CareRelationFactory(patient=patient, staff=nurse, reason=CareReason.NURSE)
    assert access.may_see_clinical(nurse, patient, now)
    assert access.display_name(patient, nurse) == patient.person.name


def test_who_works_here_is_said_by_her_username_and_kept_while_she_does(now: datetime) -> None:
    desk = StaffFactory(role="reception")
    colleague = StaffFactory(role="nurse", campus=desk.campus)
    patient, other = PatientFactory(campus=desk.campus), PatientFactory(campus=desk.campus)

    def say(whose: Patient, username: str, by: Staff = desk) -> Patient:
        return patients.set_employee(whose.public_id, username=username, by=by, at=now)

    assert say(patient, f" {colleague.username} ").employee == colleague
    say(patient, colleague.username)
    assert Entry.objects.filter(action="people.patient.employee").count() == 1, (
        "the same again changes nothing"
    )
    for whose, username, said in (
        (patient, "", "在职期间"),
        (other, colleague.username, "另一份档案"),
        (other, "nobody", "没有这个用户名"),
    ):
        with pytest.raises(RuleBroken, match=said):
            say(whose, username)
    with pytest.raises(NotFound):
        say(other, "", by=StaffFactory(role="privacy"))
    Staff.objects.filter(pk=colleague.pk).update(is_active=False)
    assert say(patient, "").employee is None
