"""Training closes charts, drills teach, audits are signed, counters start clocks, green is earned."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.factories.people import GuardianFactory, PatientFactory, StaffFactory
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.actions import leads
from yimei.growth.actions import reference as growth_reference
from yimei.growth.enums import AssignRule, TouchKind
from yimei.hospital.models import CalendarDay, Campus
from yimei.outbox.models import Notification
from yimei.people.access import open_clinical_patient
from yimei.people.actions import looks, patients
from yimei.people.models import BreakGlass, Canary, Staff
from yimei.privacy.actions import audits, packs, posture, training
from yimei.privacy.enums import CheckResult, DrillOutcome, ProofState, RoundKind
from yimei.privacy.models import (
    AuditRound,
    ControlRun,
    CounterAlarm,
    CounterReading,
    Course,
    DrillTarget,
    Limit,
    TrainingRecord,
)
from yimei.privacy.queries import audits as queries
from yimei.privacy.queries import training as training_queries
from yimei.privacy.rules.training import read_quiz

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(campus: Campus) -> Staff:
    return StaffFactory(role="privacy", campus=campus)


@pytest.fixture
def nurse(campus: Campus) -> Staff:
    return StaffFactory(role="nurse", campus=campus)


def right(code: str) -> dict[int, int]:
    return {
        n: one.answer for n, one in enumerate(read_quiz(Course.objects.filter(code=code).latest("pk").quiz))
    }


def learn(staff: Staff, now: datetime) -> None:
    for one in training_queries.courses():
        training.attempt(one.code, answers=right(one.code), by=staff, now=now)


def fresh(staff: Staff) -> Staff:
    return Staff.objects.get(pk=staff.pk)


def test_a_quiz_is_passed_or_not_and_every_attempt_stays(nurse: Staff, now: datetime) -> None:
    failed = training.attempt("basics", answers={0: 99}, by=nurse, now=now)
    assert not failed.is_passed
    with pytest.raises(RuleBroken, match="及格"):
        training.certificate(failed.public_id, by=nurse, now=now)
    passed = training.attempt("basics", answers=right("basics"), by=nurse, now=now)
    assert (passed.score, passed.valid_to) == (100, date(2027, 6, 16))
    assert training.certificate(passed.public_id, by=nurse, now=now).startswith(b"%PDF")
    with pytest.raises(NotFound):
        training.certificate(passed.public_id, by=StaffFactory(role="nurse"), now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        TrainingRecord.objects.filter(pk=failed.pk).update(is_passed=True, valid_to=date(2030, 1, 1))


def test_charts_close_when_training_lapses_and_open_with_it(
    nurse: Staff, officer: Staff, campus: Campus, now: datetime
) -> None:
    patient = PatientFactory(campus=campus)
    open_clinical_patient(patient.public_id, by=fresh(nurse), now=now)
    packs.declare("training.gate", "on", by=officer, now=now - timedelta(days=29))
    open_clinical_patient(patient.public_id, by=fresh(nurse), now=now)
    later = now + timedelta(days=1)
    with pytest.raises(RuleBroken, match="培训已逾期") as caught:
        open_clinical_patient(patient.public_id, by=fresh(nurse), now=later)
    assert caught.value.missing[0].where == "desk:course:basics"
    BreakGlass.objects.create(
        patient=patient, staff=nurse, reason="患者昏迷", at=later, until=later + timedelta(hours=2),
        review_due_at=later + timedelta(days=3),
    )  # fmt: skip
    open_clinical_patient(patient.public_id, by=fresh(nurse), now=later)
    other = PatientFactory(campus=campus)
    with pytest.raises(RuleBroken):
        open_clinical_patient(other.public_id, by=fresh(nurse), now=later)
    learn(nurse, later)
    open_clinical_patient(other.public_id, by=fresh(nurse), now=later)
    with pytest.raises(RuleBroken, match="逾期"):
        open_clinical_patient(other.public_id, by=fresh(nurse), now=later + timedelta(days=366))


def test_full_numbers_close_as_well(campus: Campus, officer: Staff, now: datetime) -> None:
    desk = StaffFactory(role="reception", campus=campus)
    patient = PatientFactory(campus=campus)
    packs.declare("training.gate", "on", by=officer, now=now - timedelta(days=40))
    with pytest.raises(RuleBroken, match="培训"):
        patients.reveal_phone(patient.public_id, purpose="booking", by=fresh(desk), at=now)
    assert patients.reveal_phone(patient.public_id, purpose="emergency", by=fresh(desk), at=now)


def test_a_new_version_keeps_what_was_passed(nurse: Staff, officer: Staff, now: datetime) -> None:
    learn(nurse, now)
    old = Course.objects.get(code="basics")
    made = training.publish(
        "basics", title="新版", minutes=5, body="## 一\n内容", quiz=old.quiz, pass_mark=60, months=6,
        is_required=True, by=officer, now=now,
    )  # fmt: skip
    assert made.version == 2
    assert {one.state for one in training_queries.standings(nurse, local_date(now))} == {"current"}
    with pytest.raises(NotFound):
        training.publish(
            "basics", title="新版", minutes=5, body="## 一\n内容", quiz=old.quiz, pass_mark=60, months=6,
            is_required=True, by=nurse, now=now,
        )  # fmt: skip


def test_a_drill_keeps_the_first_reaction(nurse: Staff, officer: Staff, now: datetime) -> None:
    training.start_drill("account", by=officer, now=now)
    target = DrillTarget.objects.get(staff=nurse)
    assert Notification.objects.filter(staff=nurse, where=f"desk:message:{target.public_id}").exists()
    training.react(target.public_id, outcome=DrillOutcome.FELL, by=nurse, now=now)
    again = training.react(target.public_id, outcome=DrillOutcome.REPORTED, by=nurse, now=now)
    assert again.outcome == DrillOutcome.FELL
    with pytest.raises(NotFound):
        training.react(target.public_id, outcome=DrillOutcome.REPORTED, by=officer, now=now)
    drill = training_queries.drills().get()
    assert (drill.sent, drill.fell, drill.reported) == (1, 1, 0)  # type: ignore[attr-defined]


def test_nobody_declares_a_measure_green(officer: Staff, nurse: Staff, now: datetime) -> None:
    states = {one.number: one.state for one in queries.posture(now)}
    assert set(states.values()) == {ProofState.NONE}
    posture.run(now=now, by=officer)
    by_number = {one.number: one for one in queries.posture(now)}
    assert by_number[9].state == ProofState.BAD
    assert by_number[3].tests
    learn(nurse, now)
    learn(officer, now)
    training.start_drill("bonus", by=officer, now=now)
    posture.run(now=now, by=officer)
    assert {one.number: one.state for one in queries.posture(now)}[9] == ProofState.GOOD
    stale = {one.number: one.state for one in queries.posture(now + timedelta(hours=37))}
    assert set(stale.values()) == {ProofState.NONE}
    with pytest.raises(NotFound):
        posture.run(now=now, by=nurse)
    with pytest.raises(IntegrityError), transaction.atomic():
        ControlRun.objects.update(state=ProofState.GOOD)


def test_a_counter_sounds_once_a_step_and_starts_a_clock(
    officer: Staff, campus: Campus, now: datetime
) -> None:
    PatientFactory(campus=campus)
    found = posture.count(now=now)
    assert found["persons"] == 1
    assert not CounterAlarm.objects.exists()
    Limit.objects.filter(code="counter.persons").update(value=1)
    posture.count(now=now)
    posture.count(now=now)
    alarms = {one.percent: one for one in CounterAlarm.objects.filter(limit_code="counter.persons")}
    assert set(alarms) == {80, 95, 100}
    assert alarms[80].due_on is None
    assert alarms[100].due_on == date(2026, 7, 28)
    assert alarms[100].is_provisional
    CalendarDay.objects.create(day=date(2026, 6, 19), kind="holiday", name="端午节", source="国务院办公厅")
    posture.count(now=now)
    alarms[100].refresh_from_db()
    assert (alarms[100].due_on, alarms[100].is_provisional) == (date(2026, 7, 29), False)
    with pytest.raises(RuleBroken, match="证据"):
        posture.settle(alarms[100].public_id, evidence="", by=officer, now=now)
    posture.settle(alarms[100].public_id, evidence="网信办回执 8", by=officer, now=now)
    with pytest.raises(RuleBroken, match="办结"):
        posture.settle(alarms[100].public_id, evidence="网信办回执 8", by=officer, now=now)
    assert CounterReading.objects.filter(code="persons").count() == 4


def started(officer: Staff, now: datetime, kind: RoundKind = RoundKind.GENERAL) -> AuditRound:
    return audits.start(
        kind, title="年度审计", period_from=date(2026, 1, 1), period_to=date(2026, 6, 16), seed="S1",
        by=officer, now=now,
    )  # fmt: skip


def test_persons_are_customers_guardians_and_who_only_asked_and_nobody_invented(
    officer: Staff, campus: Campus, now: datetime
) -> None:
    GuardianFactory(patient__campus=campus)
    mine = {"birth_date": date(2013, 6, 17)}
    PatientFactory(campus=campus, **{f"person__{name}": value for name, value in mine.items()})
    Canary.objects.create(patient=PatientFactory(campus=campus), planted_for=officer, planted_at=now)
    growth_reference.load(at=now)
    asked = {
        "source": "douyin", "kind": TouchKind.FORM, "rule": AssignRule.SELF, "now": now,
        "by": StaffFactory(role="online", campus=campus),
    }  # fmt: skip
    for name, number in (("林女士", "12900000001"), ("王女士", "12900000002"), ("林女士", "12900000001")):
        leads.write_down(name=name, phone=number, **asked)  # type: ignore[arg-type]
    found = posture.count(now=now)
    assert found["persons"] == 5
    assert (found["minors14"], found["minors18"]) == (1, 0)
    assert posture.count(now=now + timedelta(days=1))["minors18"] == 0
    assert posture.count(now=now.replace(year=2027, month=6, day=17))["minors18"] == 1


def test_an_audit_from_its_checklist_to_a_signed_report(officer: Staff, nurse: Staff, now: datetime) -> None:
    posture.run(now=now, by=officer)
    one = started(officer, now)
    checks = {check.rule_code: check for check in one.checks.all()}
    assert checks["D-1"].result == CheckResult.OK
    assert checks["D-1"].is_automatic
    assert checks["P-8"].result == CheckResult.OPEN
    with pytest.raises(RuleBroken, match="未通过"):
        audits.judge(checks["P-8"].public_id, result=CheckResult.OK, by=officer, now=now)
    with pytest.raises(RuleBroken, match="不能签署"):
        audits.sign(one.public_id, by=officer, now=now)
    for check in one.checks.filter(result=CheckResult.OPEN).exclude(rule_code="P-8"):
        bad = any(each["state"] == "bad" for each in check.evidence)
        values: dict[str, Any] = (
            {"result": CheckResult.NO, "finding": "系统未通过", "owner": nurse, "due_on": date(2026, 7, 1)}
            if bad
            else {"result": CheckResult.NA}
        )
        audits.judge(check.public_id, by=officer, now=now, **values)
    p8 = audits.judge(
        checks["P-8"].public_id, result=CheckResult.PARTLY, finding="两人逾期", owner=nurse,
        due_on=date(2026, 7, 1), by=officer, now=now,
    )  # fmt: skip
    signed = audits.sign(one.public_id, by=officer, now=now)
    assert len(signed.report_sha256) == 64
    assert signed.signer == ""
    assert audits.report(one.public_id, by=officer, now=now).startswith(b"%PDF")
    with pytest.raises(RuleBroken, match="已签署"):
        audits.judge(p8.public_id, result=CheckResult.NA, by=officer, now=now)
    audits.fix(p8.public_id, text="补训完成", by=nurse, now=now)
    with pytest.raises(NotFound):
        audits.verify(p8.public_id, by=nurse, now=now)
    audits.verify(p8.public_id, by=officer, now=now)
    audits.file(one.public_id, number="网信 1", on=date(2026, 6, 16), by=officer, now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditRound.objects.update(title="改")


def test_a_sample_is_drawn_once(officer: Staff, campus: Campus, now: datetime) -> None:
    for _ in range(5):
        looks.record(PatientFactory(campus=campus), page="detail", by=officer, at=now)
    one = started(officer, now, RoundKind.MINORS)
    assert all(check.rule_code[0] in "MCBSD" for check in one.checks.all())
    made = audits.sample(one.public_id, "looks", size=3, by=officer, now=now)
    assert (made.population, len(made.ids)) == (5, 3)
    with pytest.raises(RuleBroken, match="不能重抽"):
        audits.sample(one.public_id, "looks", size=3, by=officer, now=now)
    audits.mark_bad(made.public_id, made.ids[0], reason="没有用途", by=officer, now=now)
    with pytest.raises(RuleBroken):
        audits.mark_bad(made.public_id, "999", reason="没有用途", by=officer, now=now)


def test_the_report_bears_a_signature_where_a_certificate_is_configured(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, officer: Staff, now: datetime
) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import pkcs12
    from cryptography.x509.oid import NameOID

    from yimei.core.documents import render_pdf
    from yimei.privacy.gateways import signing

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Yimei Test Hospital")])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=9))
    sealed = pkcs12.serialize_key_and_certificates(
        b"x", key, built.sign(key, hashes.SHA256()), None, serialization.BestAvailableEncryption(b"pass")
    )
    (tmp_path / "sign.p12").write_bytes(sealed)
    monkeypatch.setenv(signing.FILE, str(tmp_path / "sign.p12"))
    monkeypatch.setenv(signing.PASSWORD, "wrong")
    with pytest.raises(RuleBroken, match="证书"):
        signing.signer()
    signing._loaded.cache_clear()
    monkeypatch.setenv(signing.PASSWORD, "pass")
    assert "Yimei Test Hospital" in signing.signer()
    page = render_pdf("letter.typ", {"date": now, "hospital": "院", "sections": []}, title="报告")
    assert b"/ByteRange" in signing.sign(page, reason="report")
    signing._loaded.cache_clear()
