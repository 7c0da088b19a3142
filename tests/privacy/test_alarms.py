"""Alarms are raised from the log once, judged by the officer, and never shown to whom they concern."""

from datetime import datetime, timedelta

import pytest

from tests.factories.audit import EntryFactory
from tests.factories.people import CareRelationFactory, PatientFactory, StaffFactory, broken_glass
from yimei.audit.models import Entry
from yimei.core.errors import NotFound, RuleBroken
from yimei.outbox.models import Notification
from yimei.people.models import Canary, Staff
from yimei.privacy.actions import alarms
from yimei.privacy.enums.watch import AlarmKind, AlarmVerdict
from yimei.privacy.models import Alarm, Incident
from yimei.privacy.queries import alarms as queries

pytestmark = pytest.mark.django_db


def strangers(staff: Staff, count: int, now: datetime) -> None:
    for number in range(count):
        patient = PatientFactory(campus=staff.campus)
        at = now - timedelta(minutes=5 * number)
        EntryFactory("people.patient.view", subject=patient.person.vault_key, by=staff, at=at)


def test_strangers_are_noticed_and_own_and_live_customers_are_not(now: datetime) -> None:
    nurse = StaffFactory(role="nurse")
    strangers(nurse, 6, now)
    [alarm] = alarms.scan(now=now)
    assert (alarm.kind, alarm.staff, alarm.seen, alarm.usual) == (AlarmKind.NOT_OWN, nurse, 6, 5)
    assert alarms.scan(now=now) == [], "the same finding is raised once"
    honest = StaffFactory(role="nurse")
    for number in range(7):
        patient = PatientFactory(campus=honest.campus)
        if number % 2:
            CareRelationFactory(patient=patient, staff=honest)
        else:
            EntryFactory(
                "journey.booking.arrived", subject=patient.person.vault_key, at=now - timedelta(days=2)
            )
        EntryFactory("people.patient.view", subject=patient.person.vault_key, by=honest, at=now)
    assert alarms.scan(now=now) == []


def test_a_campaign_does_not_make_strangers_ordinary(now: datetime) -> None:
    """A message to everybody the day before, points counted by the night: still nobody had work with them."""
    nurse = StaffFactory(role="nurse")
    strangers(nurse, 6, now)
    sender = StaffFactory(role="marketing")
    for key in Entry.objects.filter(subject_key__isnull=False).values_list("subject_key", flat=True):
        EntryFactory("outbox.message.decided", subject=key, by=sender, at=now - timedelta(days=1))
        EntryFactory("growth.points.follow", subject=key, at=now - timedelta(days=1))
    [alarm] = alarms.scan(now=now)
    assert alarm.kind == AlarmKind.NOT_OWN


def test_an_open_alarm_grows_with_what_is_seen(now: datetime) -> None:
    nurse = StaffFactory(role="nurse")
    strangers(nurse, 6, now)
    alarms.scan(now=now)
    strangers(nurse, 1, now)
    assert alarms.scan(now=now) == []
    assert Alarm.objects.get().seen == 7


def test_a_night_is_one_alarm_on_both_sides_of_midnight(now: datetime) -> None:
    nurse, officer = StaffFactory(role="nurse"), StaffFactory(role="privacy")
    midnight = now.replace(hour=16)
    strangers(nurse, 5, midnight - timedelta(minutes=10))
    [alarm] = alarms.scan(now=midnight - timedelta(minutes=5))
    assert alarm.kind == AlarmKind.HOURS
    strangers(nurse, 1, midnight + timedelta(minutes=10))
    [other] = alarms.scan(now=midnight + timedelta(minutes=15))
    assert other.kind == AlarmKind.NOT_OWN, "the night's own alarm only grows"
    assert Alarm.objects.get(kind=AlarmKind.HOURS).seen == 6
    for one in (alarm, other):
        alarms.close(one.public_id, verdict=AlarmVerdict.WORK, note="值班整理旧档案", by=officer, now=now)
    assert alarms.scan(now=midnight + timedelta(minutes=20)) == [], "what was explained does not come back"


def test_the_officer_hears_of_an_emergency_look_at_once(now: datetime) -> None:
    officer, relation = StaffFactory(role="privacy"), CareRelationFactory()
    surgeon = StaffFactory(role="surgeon", campus=relation.patient.campus)
    broken_glass(relation.patient, by=surgeon, now=now)
    [alarm] = Alarm.objects.all()
    assert (alarm.kind, alarm.severity, alarm.staff) == (AlarmKind.GLASS, "note", surgeon)
    assert Notification.objects.filter(staff=officer, where=f"desk:alarm:{alarm.public_id}").count() == 1
    assert alarms.scan(now=now) == [], "the scan finds it told"


def month(staff: Staff, a_day: int, now: datetime, *, own: int = 8) -> None:
    """Ten working days: some people of her own each day, and as many strangers as said."""
    mine = [CareRelationFactory(staff=staff, patient__campus=staff.campus).patient for _one in range(own)]
    for day in range(1, 11):
        at = now - timedelta(days=day)
        for patient in mine:
            EntryFactory("people.patient.view", subject=patient.person.vault_key, by=staff, at=at)
        for _one in range(a_day):
            key = PatientFactory(campus=staff.campus).person.vault_key
            EntryFactory("people.patient.view", subject=key, by=staff, at=at)


@pytest.mark.slow(reason="writes two weeks of looks")
def test_a_few_strangers_a_day_add_up_to_one_alarm(now: datetime) -> None:
    thief, honest = StaffFactory(role="nurse"), StaffFactory(role="nurse")
    month(thief, 3, now)
    month(honest, 0, now)
    assert alarms.scan(now=now) == [], "no single day is odd"
    [alarm] = alarms.scan_month(now=now)
    assert (alarm.kind, alarm.staff, alarm.seen, alarm.usual) == (AlarmKind.DRIP, thief, 30, 2)
    assert (alarm.facts["days"], len(queries.lines_behind(alarm))) == (10, 30)
    strangers(thief, 2, now)
    assert alarms.scan_month(now=now + timedelta(hours=1)) == [], "the open one grows"
    assert Alarm.objects.get().seen == 32
    officer = StaffFactory(role="privacy")
    alarms.close(alarm.public_id, verdict=AlarmVerdict.WORK, note="整理旧电话名单", by=officer, now=now)
    assert alarms.scan_month(now=now + timedelta(days=1)) == [], "what was explained is done with"


def test_a_file_opened_before_its_booking_is_no_stranger(now: datetime) -> None:
    clerk = StaffFactory(role="reception")
    for day in range(3, 10):
        for _one in range(3):
            key = PatientFactory(campus=clerk.campus).person.vault_key
            at = now - timedelta(days=day)
            EntryFactory("people.patient.view", subject=key, by=clerk, at=at)
            EntryFactory("journey.booking.requested", subject=key, by=clerk, at=at + timedelta(hours=30))
    assert alarms.scan_month(now=now) == []


def test_a_canary_and_an_emergency_look_are_told_with_whom_they_concern(now: datetime) -> None:
    nurse, surgeon = StaffFactory(role="nurse"), StaffFactory(role="surgeon")
    decoy = PatientFactory(campus=nurse.campus)
    Canary.objects.create(patient=decoy, planted_for=nurse, planted_at=now)
    EntryFactory("people.patient.view", subject=decoy.person.vault_key, by=nurse, at=now)
    broken_glass(PatientFactory(), by=surgeon, now=now)
    alarms.scan(now=now)
    raised = {alarm.kind: alarm for alarm in Alarm.objects.all()}
    assert set(raised) == {AlarmKind.CANARY, AlarmKind.GLASS}
    assert raised[AlarmKind.CANARY].subject_key == decoy.person.vault_key.public_id
    assert len(queries.lines_behind(raised[AlarmKind.CANARY])) == 1


def test_the_officer_takes_and_closes_and_nobody_sees_their_own(now: datetime) -> None:
    officer, nurse = StaffFactory(role="privacy"), StaffFactory(role="nurse")
    strangers(nurse, 6, now)
    [alarm] = alarms.scan(now=now)
    assert queries.open_count(officer) == 1
    assert queries.open_count(nurse) == 0
    for role in ("nurse", "admin", "surgeon"):
        with pytest.raises(NotFound):
            alarms.take(alarm.public_id, by=StaffFactory(role=role), now=now)
    alarms.take(alarm.public_id, by=officer, now=now)
    with pytest.raises(RuleBroken, match="已有人接手"):
        alarms.take(alarm.public_id, by=StaffFactory(role="privacy"), now=now)
    with pytest.raises(RuleBroken, match="核查结果"):
        alarms.close(alarm.public_id, verdict=AlarmVerdict.WORK, note="好", by=officer, now=now)
    alarms.close(alarm.public_id, verdict=AlarmVerdict.WORK, note="当天代班，已核对排班", by=officer, now=now)
    with pytest.raises(RuleBroken, match="已经结案"):
        alarms.close(alarm.public_id, verdict=AlarmVerdict.WORK, note="当天代班", by=officer, now=now)
    own = Alarm.objects.create(
        key="own",
        kind="rate",
        severity="warn",
        staff=officer,
        since=now,
        until=now,
        seen=9,
        usual=1,
        raised_at=now,
    )
    with pytest.raises(NotFound):
        queries.open_alarm(own.public_id, by=officer)


def test_an_alarm_rises_to_an_incident_whose_clocks_run_from_the_alarm(now: datetime) -> None:
    officer, nurse = StaffFactory(role="privacy"), StaffFactory(role="nurse")
    strangers(nurse, 6, now)
    [alarm] = alarms.scan(now=now)
    bell = Notification.objects.get()
    assert (bell.staff, bell.where) == (officer, f"desk:alarm:{alarm.public_id}")
    later = now + timedelta(hours=3)
    closed = alarms.close(
        alarm.public_id, verdict=AlarmVerdict.INCIDENT, note="违规查看，已停用账号", by=officer, now=later
    )
    incident = Incident.objects.get()
    assert closed.incident == f"desk:incident:{incident.public_id}"
    assert (incident.discovered_at, incident.source) == (now, f"alarm:{alarm.public_id}")


def test_a_scan_costs_the_same_however_many_people_were_seen(
    now: datetime, django_assert_max_num_queries: object
) -> None:
    nurse = StaffFactory(role="nurse")
    strangers(nurse, 5, now)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        alarms.scan(now=now)
