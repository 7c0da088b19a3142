"""From a report to a closed incident: scope from the log, letters by the one gate, two people to exempt."""

from datetime import date, datetime, timedelta

import pytest

from tests.factories.people import GuardianFactory, PatientFactory, StaffFactory
from yimei.core import jobs
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.models import Campus
from yimei.outbox.actions import reference as outbox_reference
from yimei.outbox.enums import Channel
from yimei.outbox.models import Message, Notification
from yimei.outbox.queries import address_of
from yimei.people.actions import looks
from yimei.people.models import Patient, Staff
from yimei.privacy.actions import incidents, letters, packs
from yimei.privacy.enums.incidents import DutyState, IncidentKind, IncidentLevel, LetterState
from yimei.privacy.models import Incident, Letter
from yimei.privacy.queries.incidents import reach

pytestmark = pytest.mark.django_db
TEXTS = {"harm": "可能收到骚扰电话", "measures": "已停用账号并改密", "advice": "留意陌生来电"}


@pytest.fixture
def officer(campus: Campus, now: datetime) -> Staff:
    outbox_reference.load(now)
    return StaffFactory(role="privacy", campus=campus)


@pytest.fixture
def thief(campus: Campus) -> Staff:
    return StaffFactory(role="reception", campus=campus)


def reported(by: Staff, now: datetime, **values: object) -> Incident:
    made = {
        "kind": IncidentKind.MISUSE,
        "title": "账号夜间批量查看",
        "what": "前台账号连续查看客户",
        **values,
    }
    return incidents.report(discovered_at=now - timedelta(hours=1), by=by, now=now, **made)  # type: ignore[arg-type]


def opened(officer: Staff, now: datetime, **values: object) -> Incident:
    incident = reported(officer, now, is_drill=bool(values.pop("is_drill", False)))
    judged = {
        "kind": IncidentKind.MISUSE, "level": IncidentLevel.MINOR, "is_sensitive": True, "is_crime": False,
        "loss_wan": 0, "persons": 0, "minors": 0, **values,
    }  # fmt: skip
    return incidents.triage(incident.public_id, by=officer, now=now, **judged)  # type: ignore[arg-type]


def scoped(incident: Incident, thief: Staff, officer: Staff, now: datetime) -> Incident:
    window = {"since": now - timedelta(days=2), "until": now}
    return incidents.find_affected(incident.public_id, account=thief, by=officer, now=now, **window)  # type: ignore[arg-type]


def seen(thief: Staff, campus: Campus, now: datetime, count: int = 3) -> list[Patient]:
    patients = [PatientFactory(campus=campus) for _ in range(count)]
    for patient in patients:
        looks.record(patient, page="detail", by=thief, at=now - timedelta(hours=3))
    return patients


def test_anybody_reports_and_the_officer_hears(thief: Staff, officer: Staff, now: datetime) -> None:
    incident = reported(thief, now)
    assert (
        Notification.objects.filter(staff=officer, where=f"desk:incident:{incident.public_id}").count() == 1
    )
    with pytest.raises(NotFound):
        incidents.note(incident.public_id, text="x", by=thief, now=now)
    with pytest.raises(NotFound):
        reported(thief, now, is_drill=True)
    with pytest.raises(RuleBroken, match="晚于现在"):
        incidents.report(
            kind=IncidentKind.LEAK,
            title="以后的事",
            what="x",
            discovered_at=now + timedelta(1),
            by=thief,
            now=now,
        )


def test_an_alarm_opens_one_incident(officer: Staff, now: datetime) -> None:
    made = [
        incidents.report_alarm("alarm:7", title="批量导出报警", what="250 人", at=now, now=now)
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert Incident.objects.count() == 1


def test_the_log_says_whom_it_touches(thief: Staff, officer: Staff, campus: Campus, now: datetime) -> None:
    patients = seen(thief, campus, now)
    looks.record(patients[0], page="detail", by=thief, at=now - timedelta(hours=2))
    looks.record(PatientFactory(campus=campus), page="detail", by=thief, at=now - timedelta(days=9))
    looks.record(PatientFactory(campus=campus), page="detail", by=officer, at=now - timedelta(hours=3))
    looks.searched(rows=40, by=thief, at=now - timedelta(hours=1))
    incident = scoped(opened(officer, now), thief, officer, now)
    assert {(one.patient, one.looks) for one in incident.affected.all()} == {
        (patients[0], 2), (patients[1], 1), (patients[2], 1),
    }  # fmt: skip
    assert (incident.persons, incident.unnamed_rows, incident.is_sensitive) == (3, 40, True)
    assert "姓名" in incident.categories
    again = scoped(incident, thief, officer, now)
    assert again.persons == 3


@pytest.fixture
def child(thief: Staff, campus: Campus, now: datetime) -> Patient:
    """Seventeen years and 364 days old; somebody looked at her."""
    child = seen(thief, campus, now, 1)[0]
    child.person.birth_date = date(2008, 6, 17)
    child.person.save()
    return child


def told(child: Patient, thief: Staff, officer: Staff, now: datetime) -> Incident:
    incident = scoped(opened(officer, now), thief, officer, now)
    incidents.describe(incident.public_id, by=officer, now=now, **TEXTS)
    letters.draft(incident.public_id, by=officer, now=now)
    return incident


def test_minors_bring_their_guardians(child: Patient, thief: Staff, officer: Staff, now: datetime) -> None:
    GuardianFactory(patient=child)
    incident = scoped(opened(officer, now), thief, officer, now)
    assert incident.minors == 1
    assert incident.duties.filter(code="minors.guardians").exists()
    incidents.describe(incident.public_id, by=officer, now=now, **TEXTS)
    assert letters.draft(incident.public_id, by=officer, now=now) == 2
    assert letters.draft(incident.public_id, by=officer, now=now) == 0


def test_a_guardian_is_told_at_her_own_number_and_in_her_own_words(
    child: Patient, thief: Staff, officer: Staff, now: datetime
) -> None:
    proved = GuardianFactory(patient=child, person__phone="12000000021")
    incident = told(child, thief, officer, now)
    letters.send(incident.public_id, by=officer, now=now)
    letters.hand_over(incident.public_id, by_id=officer.public_id, now=now)
    assert set(incident.letters.values_list("state", flat=True)) == {LetterState.HANDED}
    message = Message.objects.select_related("patient__person__vault_key").get(guardian=proved)
    assert message.template.code == "privacy.incident.guardian"
    assert "您监护的未成年人" in (message.body or "")
    assert address_of(message.patient, Channel.FILE, guardian=message.guardian) == "12000000021"
    assert Message.objects.filter(guardian=None, patient=child).count() == 1
    assert reach.papers(incident) == []


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ({"verified_at": None, "verified_by": None}, "监护关系未核对"),
        ({"person__phone": ""}, "没有登记可用的联系方式"),
    ],
)
def test_whom_no_message_reaches_is_told_on_paper(
    child: Patient, thief: Staff, officer: Staff, now: datetime, made: dict[str, object], why: str
) -> None:
    GuardianFactory(patient=child, **made)
    incident = told(child, thief, officer, now)
    assert letters.mark_printed(incident.public_id, guardians=True, by=officer, now=now) == 0
    letters.send(incident.public_id, by=officer, now=now)
    letters.hand_over(incident.public_id, by_id=officer.public_id, now=now)
    waiting = reach.papers(incident)
    assert [(one.to_guardians, one.count) for one in waiting] == [(True, 1)]
    assert why in waiting[0].why
    assert letters.mark_printed(incident.public_id, guardians=False, by=officer, now=now) == 0
    assert letters.mark_printed(incident.public_id, guardians=True, by=officer, now=now) == 1
    assert reach.papers(incident) == []


def test_she_is_eighteen_before_the_letters_leave_and_only_she_is_told(
    child: Patient, thief: Staff, officer: Staff, now: datetime
) -> None:
    GuardianFactory(patient=child, person__phone="12000000021")
    incident = told(child, thief, officer, now)
    letters.send(incident.public_id, by=officer, now=now)
    letters.hand_over(incident.public_id, by_id=officer.public_id, now=now + timedelta(days=1))
    assert list(incident.letters.values_list("guardian", "state")) == [(None, LetterState.HANDED)]
    assert not Message.objects.exclude(guardian=None).exists()


def test_a_minor_for_whom_nobody_is_known_to_answer_is_counted(
    child: Patient, thief: Staff, officer: Staff, now: datetime
) -> None:
    incident = told(child, thief, officer, now)
    assert reach.without_guardian(incident) == 1
    GuardianFactory(patient=child)
    assert reach.without_guardian(incident) == 0


def test_letters_leave_by_the_one_gate(thief: Staff, officer: Staff, campus: Campus, now: datetime) -> None:
    seen(thief, campus, now, 2)
    incident = scoped(opened(officer, now), thief, officer, now)
    with pytest.raises(RuleBroken, match="先填写"):
        letters.draft(incident.public_id, by=officer, now=now)
    incidents.describe(incident.public_id, by=officer, now=now, **TEXTS)
    letters.draft(incident.public_id, by=officer, now=now)
    letters.send(incident.public_id, by=officer, now=now)
    jobs.run_waiting()
    assert set(incident.letters.values_list("state", flat=True)) == {LetterState.HANDED}
    assert Message.objects.filter(template__code="privacy.incident").count() == 2
    assert "骚扰电话" in Letter.objects.first().body  # type: ignore[union-attr]


def test_a_drill_sends_nothing(thief: Staff, officer: Staff, campus: Campus, now: datetime) -> None:
    seen(thief, campus, now, 2)
    incident = scoped(opened(officer, now, is_drill=True), thief, officer, now)
    incidents.describe(incident.public_id, by=officer, now=now, **TEXTS)
    letters.draft(incident.public_id, by=officer, now=now)
    letters.send(incident.public_id, by=officer, now=now)
    jobs.run_waiting()
    assert not Message.objects.exists()
    assert set(incident.letters.values_list("state", flat=True)) == {LetterState.HELD}
    with pytest.raises(RuleBroken, match="演练"):
        letters.mark_printed(incident.public_id, guardians=True, by=officer, now=now)


def test_two_people_leave_persons_untold(officer: Staff, campus: Campus, now: datetime) -> None:
    duty = opened(officer, now).duties.get(code="pipl.persons")
    director = StaffFactory(role="director", campus=campus)
    with pytest.raises(RuleBroken, match="没有等待批准的豁免"):
        incidents.approve_exemption(duty.public_id, by=director, now=now)
    incidents.ask_exemption(duty.public_id, evidence="设备已远程擦除，全程加密", by=officer, now=now)
    with pytest.raises(RuleBroken, match="另一人"):
        incidents.approve_exemption(duty.public_id, by=officer, now=now)
    with pytest.raises(RuleBroken, match="已经研判为事件"):
        incidents.dismiss(duty.incident.public_id, reason="误报，没有泄露", by=officer, now=now)
    incidents.approve_exemption(duty.public_id, by=director, now=now)
    with pytest.raises(RuleBroken, match="没有等待批准的豁免"):
        incidents.approve_exemption(duty.public_id, by=director, now=now)
    duty.refresh_from_db()
    assert (duty.state, duty.done_by) == (DutyState.EXEMPT, director)
    with pytest.raises(RuleBroken, match="办结"):
        incidents.fulfil(duty.public_id, evidence="回执 1", by=officer, now=now)


def test_it_closes_when_nothing_is_open(officer: Staff, now: datetime) -> None:
    incident = opened(officer, now, level=IncidentLevel.LARGER)
    incidents.describe(incident.public_id, by=officer, now=now, measures="停用账号", report="原因与整改")
    incidents.end_handling(incident.public_id, by=officer, now=now)
    assert incident.duties.filter(code="csl.final").exists()
    with pytest.raises(RuleBroken) as caught:
        incidents.close(incident.public_id, by=officer, now=now)
    assert len(caught.value.missing) == 4
    for duty in incident.duties.all():
        incidents.fulfil(duty.public_id, evidence="回执 2026-001", by=officer, now=now)
    incidents.close(incident.public_id, by=officer, now=now)
    with pytest.raises(RuleBroken, match="已经结束"):
        incidents.note(incident.public_id, text="再记", by=officer, now=now)


def test_a_new_pack_moves_no_clock_that_runs(officer: Staff, now: datetime) -> None:
    from tests.privacy.actions.test_packs import hours

    incident = opened(officer, now, level=IncidentLevel.LARGER)
    due = incident.duties.get(code="csl.report").due_at
    pack = packs.load(hours(1), by=officer, now=now)
    packs.accept(pack.public_id, by=officer, now=now)
    assert incident.duties.get(code="csl.report").due_at == due
    pack.refresh_from_db()
    assert any(use["is_running"] for line in pack.impact for use in line["uses"])
    later = opened(officer, now, level=IncidentLevel.LARGER)
    assert later.duties.get(code="csl.report").due_at == due - timedelta(hours=3)


def test_the_papers_print(officer: Staff, now: datetime) -> None:
    incident = opened(officer, now)
    incidents.describe(incident.public_id, by=officer, now=now, **TEXTS)
    assert incidents.authority_report(incident.public_id, by=officer, now=now).startswith(b"%PDF")
    assert letters.printed(incident.public_id, by=officer, now=now).startswith(b"%PDF")
