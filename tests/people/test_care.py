"""The chart opens to those who care; an emergency look is short, reasoned and judged by somebody else."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from tests.factories.hospital import CalendarDayFactory
from tests.factories.people import (
    PASSWORD,
    AlertFactory,
    CareRelationFactory,
    PatientFactory,
    RoleFactory,
    StaffFactory,
)
from yimei.audit.queries import looks_at
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.people import access, queries
from yimei.people.actions import alerts, care
from yimei.people.enums import AlertKind, CareReason, GlassCode
from yimei.people.models import BreakGlass, CareRelation, Patient, Staff
from yimei.people.roles import Permission, Scope
from yimei.people.rules.glass import SHIPPED, Number
from yimei.privacy.models import Limit
from yimei.privacy.queries import register
from yimei.vault.fields import Sealed

pytestmark = pytest.mark.django_db

REASON = "客户术后大出血，主诊医师不在场"


def open_glass(
    patient_id: UUID, *, by: Staff, now: datetime, reason: str = REASON, proof: str = PASSWORD
) -> BreakGlass:
    """An emergency look, as the screen asks for it."""
    return care.break_glass(
        patient_id, code=GlassCode.RESCUE, reason=reason, proof=proof, ip=None, by=by, now=now
    )


def test_a_surgeon_sees_the_chart_of_her_own_patients_only(now: datetime) -> None:
    relation = CareRelationFactory()
    assert access.may_see_clinical(relation.staff, relation.patient, now)
    assert not access.may_see_clinical(relation.staff, PatientFactory(campus=relation.patient.campus), now)


def test_a_nurse_sees_the_charts_of_her_campus(now: datetime) -> None:
    patient = PatientFactory()
    assert access.may_see_clinical(StaffFactory(role="nurse", campus=patient.campus), patient, now)
    assert not access.may_see_clinical(StaffFactory(role="nurse"), patient, now)


@pytest.mark.parametrize(
    "role", ["admin", "director", "privacy", "auditor", "reception", "consultant", "cashier", "online"]
)
def test_no_other_role_opens_a_chart_even_with_a_care_relation(now: datetime, role: str) -> None:
    patient = PatientFactory()
    staff = StaffFactory(role=role, campus=patient.campus)
    CareRelationFactory(patient=patient, staff=staff, reason=CareReason.CONSULTANT)
    assert not access.may_see_clinical(staff, patient, now)
    with pytest.raises(NotFound):
        access.open_clinical_patient(patient.public_id, by=staff, now=now)
    with pytest.raises(NotFound):
        open_glass(patient.public_id, by=staff, now=now)


def test_clinical_view_over_the_group_needs_no_relation(now: datetime) -> None:
    role = RoleFactory(code="chief", name="医务部主任")
    role.grants.create(permission=Permission.CLINICAL_VIEW, scope=Scope.GROUP)
    assert access.may_see_clinical(StaffFactory(role=role), PatientFactory(), now)


def test_breaking_the_glass_opens_the_chart_for_two_hours(now: datetime) -> None:
    patient, surgeon = PatientFactory(), StaffFactory(role="surgeon")
    glass = open_glass(patient.public_id, by=surgeon, now=now)
    assert access.open_clinical_patient(patient.public_id, by=surgeon, now=now) == patient
    just_before = now + timedelta(hours=2) - timedelta(seconds=1)
    assert access.may_see_clinical(surgeon, patient, just_before)
    assert not access.may_see_clinical(surgeon, patient, now + timedelta(hours=2))
    assert not access.may_see_clinical(StaffFactory(role="surgeon"), patient, now)
    entry = looks_at(patient.person.vault_key.public_id).get()
    assert (entry.object_id, entry.actor) == (str(glass.public_id), surgeon.public_id)
    assert REASON not in str(entry.__dict__)


def test_the_reason_is_sealed(now: datetime) -> None:
    glass = open_glass(PatientFactory().public_id, by=StaffFactory(role="surgeon"), now=now)
    row = BreakGlass.objects.select_related("patient__person__vault_key").get()
    assert isinstance(row.__dict__["reason"], Sealed)
    assert row.reason == glass.reason == REASON


def test_the_review_is_due_at_the_end_of_the_third_working_day(now: datetime) -> None:
    CalendarDayFactory(day=now.date() + timedelta(days=1))
    glass = open_glass(PatientFactory().public_id, by=StaffFactory(role="surgeon"), now=now)
    assert glass.review_due_at == datetime(2026, 6, 22, 16, tzinfo=UTC)


@pytest.mark.parametrize("reason", ["", "急", " 　" * 20, "九个字的理由不够的", "急" * 501])
def test_a_reason_has_ten_characters_at_least(now: datetime, reason: str) -> None:
    with pytest.raises(RuleBroken, match="理由"):
        open_glass(PatientFactory().public_id, reason=reason, by=StaffFactory(role="surgeon"), now=now)
    assert not BreakGlass.objects.exists()


def test_who_may_see_already_breaks_nothing(now: datetime) -> None:
    relation = CareRelationFactory()
    with pytest.raises(RuleBroken, match="无需"):
        open_glass(relation.patient.public_id, by=relation.staff, now=now)


def test_a_forged_id_breaks_nothing(now: datetime) -> None:
    with pytest.raises(NotFound):
        open_glass(uuid4(), by=StaffFactory(role="surgeon"), now=now)


def test_an_unjustified_look_ends_at_its_review(now: datetime) -> None:
    patient, surgeon, officer = PatientFactory(), StaffFactory(role="surgeon"), StaffFactory(role="privacy")
    glass = open_glass(patient.public_id, by=surgeon, now=now)
    assert list(queries.break_glasses_awaiting(officer)) == [glass]
    later = now + timedelta(minutes=10)
    care.review(glass.public_id, is_justified=False, by=officer, now=later)
    assert not access.may_see_clinical(surgeon, patient, later)
    assert list(queries.break_glasses_awaiting(officer)) == []
    with pytest.raises(RuleBroken, match="已经审阅"):
        care.review(glass.public_id, is_justified=True, by=officer, now=later)


@pytest.mark.parametrize("role", ["surgeon", "admin", "director", "auditor"])
def test_only_the_privacy_officer_judges(now: datetime, role: str) -> None:
    glass = open_glass(PatientFactory().public_id, by=StaffFactory(role="surgeon"), now=now)
    with pytest.raises(NotFound):
        care.review(glass.public_id, is_justified=True, by=StaffFactory(role=role), now=now)


def test_nobody_judges_their_own_look(now: datetime) -> None:
    role = RoleFactory(code="both", name="兼任")
    for permission in (Permission.CLINICAL_VIEW, Permission.PRIVACY_VIEW, Permission.PRIVACY_WRITE):
        scope = Scope.OWN if permission == Permission.CLINICAL_VIEW else Scope.GROUP
        role.grants.create(permission=permission, scope=scope)
    staff = StaffFactory(role=role)
    glass = open_glass(PatientFactory().public_id, by=staff, now=now)
    with pytest.raises(RuleBroken, match="自己的"):
        care.review(glass.public_id, is_justified=True, by=staff, now=now)


def test_a_care_relation_opens_once_and_closes_once(now: datetime) -> None:
    patient, staff = PatientFactory(), StaffFactory(role="nurse")
    first = care.begin(patient, staff=staff, reason=CareReason.NURSE, at=now)
    assert care.begin(patient, staff=staff, reason=CareReason.NURSE, at=now) == first
    with pytest.raises(IntegrityError), transaction.atomic():
        CareRelationFactory(patient=patient, staff=staff, reason=CareReason.NURSE)
    care.end(patient, staff=staff, reason=CareReason.NURSE, at=now)
    assert not access.cares_for(staff, patient)
    care.begin(patient, staff=staff, reason=CareReason.NURSE, at=now)
    assert CareRelation.objects.filter(patient=patient).count() == 2


def test_a_vip_is_an_alias_to_those_who_do_not_care_for_her() -> None:
    patient = PatientFactory(is_vip=True)
    shown = access.display_name(patient, StaffFactory(campus=patient.campus))
    assert shown == f"贵宾 {str(patient.public_id)[:4].upper()}"
    assert access.display_name(patient, CareRelationFactory(patient=patient).staff) == "林晓雨"
    assert access.display_name(PatientFactory(), StaffFactory()) == "林晓雨"


def test_a_name_leads_to_no_alias_and_an_alias_to_no_name() -> None:
    """Whoever knows who she is by name must not learn which alias is hers; her number is proof enough."""
    vip = PatientFactory(is_vip=True, registered=True)
    person, campus = vip.person, vip.campus
    other = PatientFactory(campus=campus, person__name=person.name)
    stranger = StaffFactory(role="reception", campus=campus)
    for word in (person.name, person.name[:2], "LXY"):
        assert queries.search(word, by=stranger) == [other], word
    for word in (person.phone, person.phone[-4:], str(vip.file_no)):
        assert vip in queries.search(word, by=stranger), word
    carer = CareRelationFactory(patient=vip, staff=StaffFactory(role="nurse", campus=campus)).staff
    assert set(queries.search(person.name, by=carer)) == {vip, other}
    assert [one.public_id for one in queries.possible_duplicates("", person.name, "", by=stranger)] == [
        other.public_id
    ]


def test_a_file_joined_to_a_vips_is_found_by_no_name_either(now: datetime) -> None:
    vip = PatientFactory(is_vip=True)
    PatientFactory(campus=vip.campus, person__name="林晓云", merged_into=vip, merged_at=now)
    assert queries.search("林晓云", by=StaffFactory(role="reception", campus=vip.campus)) == []
    PatientFactory(campus=vip.campus, person__name="林晓月", employee=StaffFactory())
    assert queries.search("林晓月", by=StaffFactory(role="reception", campus=vip.campus)) == []


def test_a_safety_flag_is_seen_by_those_who_care_and_ends_once(now: datetime) -> None:
    patient = PatientFactory()
    nurse = StaffFactory(role="nurse", campus=patient.campus)
    alert = alerts.add(
        patient.public_id, kind=AlertKind.ALLERGY, text="青霉素 ", is_severe=True, by=nurse, at=now
    )
    consultant = StaffFactory(role="consultant")
    assert queries.open_alerts(patient, by=consultant, now=now) == []
    CareRelationFactory(patient=patient, staff=consultant, reason=CareReason.CONSULTANT)
    [seen] = queries.open_alerts(patient, by=consultant, now=now)
    assert (seen.text, seen.is_severe) == ("青霉素", True)
    alerts.end(alert.public_id, by=nurse, at=now)
    assert queries.open_alerts(patient, by=nurse, now=now) == []
    with pytest.raises(RuleBroken, match="已结束"):
        alerts.end(alert.public_id, by=nurse, at=now)


def test_a_flag_of_another_campus_is_not_there(now: datetime) -> None:
    with pytest.raises(NotFound):
        alerts.end(AlertFactory().public_id, by=StaffFactory(role="nurse"), at=now)


def test_who_may_not_read_a_flag_may_not_end_it(now: datetime) -> None:
    alert = AlertFactory()
    with pytest.raises(NotFound):
        alerts.end(alert.public_id, by=StaffFactory(campus=alert.patient.campus), at=now)


@pytest.mark.parametrize("text", ["", "  ", "过" * 501, "\0"])
def test_a_flag_says_something_short(now: datetime, text: str) -> None:
    patient = PatientFactory()
    with pytest.raises(RuleBroken, match="提醒内容"):
        alerts.add(
            patient.public_id, kind="allergy", text=text, by=StaffFactory(campus=patient.campus), at=now
        )


@pytest.mark.django_db(transaction=True)
def test_an_unlocked_tablet_opens_no_chart(now: datetime) -> None:
    patient, surgeon = PatientFactory(), StaffFactory(role="surgeon")
    for left in (4, 3, 2, 1):
        with pytest.raises(RuleBroken, match=f"还可以试 {left} 次"):
            open_glass(patient.public_id, by=surgeon, now=now, proof="guess")
    with pytest.raises(RuleBroken, match="尝试次数过多"):
        open_glass(patient.public_id, by=surgeon, now=now, proof="guess")
    with pytest.raises(RuleBroken, match="尝试次数过多"):
        open_glass(patient.public_id, by=surgeon, now=now)
    assert not BreakGlass.objects.exists()


def test_the_right_is_lost_while_a_look_stays_unjudged(now: datetime) -> None:
    surgeon = StaffFactory(role="surgeon")
    glass = open_glass(PatientFactory().public_id, by=surgeon, now=now)
    open_glass(PatientFactory().public_id, by=surgeon, now=now + timedelta(hours=3))
    late = glass.review_due_at + timedelta(seconds=1)
    with pytest.raises(RuleBroken, match="逾期未审阅"):
        open_glass(PatientFactory().public_id, by=surgeon, now=late)
    officer = StaffFactory(role="privacy")
    for one in queries.break_glasses_awaiting(officer):
        care.review(one.public_id, is_justified=True, by=officer, now=late)
    assert open_glass(PatientFactory().public_id, by=surgeon, now=late).code == GlassCode.RESCUE


def test_the_right_is_lost_for_ninety_days_after_a_look_without_ground(now: datetime) -> None:
    surgeon = StaffFactory(role="surgeon")
    glass = open_glass(PatientFactory().public_id, by=surgeon, now=now)
    care.review(glass.public_id, is_justified=False, by=StaffFactory(role="privacy"), now=now)
    with pytest.raises(RuleBroken, match="理由不成立"):
        open_glass(PatientFactory().public_id, by=surgeon, now=now + timedelta(days=89))
    open_glass(PatientFactory().public_id, by=surgeon, now=now + timedelta(days=90))


def put_in_force(code: str, value: int, on: date) -> None:
    """What accepting a pack of rules does with a number of its own."""
    Limit.objects.filter(code=code).update(effective_to=on - timedelta(days=1))
    Limit.objects.create(
        code=code,
        name=code,
        value=value,
        unit="hours",
        source="院方规则",
        mark="unverified",
        effective_from=on,
    )


def test_the_hours_and_days_come_from_the_rules_in_force_and_running_clocks_never_move(now: datetime) -> None:
    surgeon, officer = StaffFactory(role="surgeon"), StaffFactory(role="privacy")
    first = open_glass(PatientFactory().public_id, by=surgeon, now=now)
    assert first.until == now + timedelta(hours=2)
    due = first.review_due_at
    later = now + timedelta(days=1)
    put_in_force("glass.hours", 1, local_date(later))
    put_in_force("glass.review_workdays", 1, local_date(later))
    put_in_force("glass.lost_days", 10, local_date(later))
    second = open_glass(PatientFactory().public_id, by=surgeon, now=later)
    assert second.until == later + timedelta(hours=1)
    assert second.review_due_at < due
    first.refresh_from_db()
    assert (first.until, first.review_due_at) == (now + timedelta(hours=2), due)
    judged = care.review(second.public_id, is_justified=False, by=officer, now=later)
    assert judged.lost_until == later + timedelta(days=10)
    care.review(first.public_id, is_justified=True, by=officer, now=later)
    put_in_force("glass.lost_days", 300, local_date(later + timedelta(days=5)))
    with pytest.raises(RuleBroken, match="理由不成立"):
        open_glass(PatientFactory().public_id, by=surgeon, now=later + timedelta(days=9))
    open_glass(PatientFactory().public_id, by=surgeon, now=later + timedelta(days=10))


def test_a_rule_that_says_nought_still_leaves_a_clock_an_hour(now: datetime) -> None:
    put_in_force("glass.hours", 0, local_date(now))
    glass = open_glass(PatientFactory().public_id, by=StaffFactory(role="surgeon"), now=now)
    assert glass.until == now + timedelta(hours=1)


def test_the_shipped_numbers_are_those_that_hold_without_the_part_above() -> None:
    shipped = {row["code"]: row["value"] for row in register.shipped("limits")}
    assert {code: shipped[code] for code in Number} == dict(SHIPPED)


@pytest.mark.parametrize("scope", [None, *Scope])
@pytest.mark.parametrize("is_here", [True, False])
@pytest.mark.parametrize("cares", [True, False])
def test_a_row_that_was_read_is_reached_exactly_where_a_query_would_find_it(
    scope: Scope | None, *, is_here: bool, cares: bool
) -> None:
    staff = StaffFactory.create(role=RoleFactory.create(code="clerk"))
    if scope:
        staff.role.grants.create(permission=Permission.PATIENT_VIEW, scope=scope)
    patient = PatientFactory.create(**({"campus": staff.campus} if is_here else {}))
    if cares:
        CareRelationFactory.create(staff=staff, patient=patient)
    found = Patient.objects.visible_to(staff).filter(pk=patient.pk).exists()
    said = access.reaches(staff, Permission.PATIENT_VIEW, campus_id=patient.campus_id, is_own=cares)
    assert said == found
