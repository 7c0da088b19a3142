"""Training closes charts, drills teach, audits are signed, counters start clocks, green is earned."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from tests.factories.people import GuardianFactory, PatientFactory, StaffFactory
from yimei.audit import log
from yimei.audit.actions import seals
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.actions import leads
from yimei.growth.actions import reference as growth_reference
from yimei.growth.enums import AssignRule, TouchKind
from yimei.hospital.models import CalendarDay, Campus
from yimei.outbox.models import Notification
from yimei.people.access import may_see_clinical, open_clinical_patient, why_clinical
from yimei.people.actions import looks, patients
from yimei.people.enums import Why
from yimei.people.models import BreakGlass, Canary, CareRelation, Staff
from yimei.privacy.actions import audits, consents, packs, posture, training
from yimei.privacy.actions.requests import receiving
from yimei.privacy.enums import CheckResult, ProofState, RequestChannel, Requester, RequestKind, RoundKind
from yimei.privacy.enums.incidents import DrillOutcome
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
from yimei.privacy.queries import controls
from yimei.privacy.queries import training as training_queries
from yimei.privacy.queries.samples import described
from yimei.privacy.queries.year import events
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
    assert why_clinical(fresh(nurse), patient, later) == Why.EMERGENCY
    other = PatientFactory(campus=campus)
    with pytest.raises(RuleBroken):
        open_clinical_patient(other.public_id, by=fresh(nurse), now=later)
    CareRelation.objects.create(patient=other, staff=nurse, reason="nurse", since=now)
    assert why_clinical(fresh(nurse), other, later) == Why.UNTRAINED, "also for those who care for her"
    assert not may_see_clinical(fresh(nurse), other, later)
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
    for number, day in ((" ", date(2026, 6, 16)), ("网信 1", date(2026, 6, 17))):
        with pytest.raises(RuleBroken, match="不晚于今天"):
            audits.file(one.public_id, number=number, on=day, by=officer, now=now)
    audits.file(one.public_id, number="网信 1", on=date(2026, 6, 16), by=officer, now=now)
    with pytest.raises(RuleBroken, match="只登记一次"):
        audits.file(one.public_id, number="网信 2", on=date(2026, 6, 16), by=officer, now=now)
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
    made = audits.mark_bad(made.public_id, made.ids[0], reason="没有用途", by=officer, now=now)
    first, *others = described(made)
    assert (first.why, {each.why for each in others}) == ("没有用途", {""})
    assert f"2026-06-16 10:00 {officer.name}" in first.text
    with pytest.raises(RuleBroken):
        audits.mark_bad(made.public_id, "999", reason="没有用途", by=officer, now=now)


def test_each_drawn_row_says_what_it_is(officer: Staff, campus: Campus, now: datetime) -> None:
    patient = PatientFactory(campus=campus)
    consents.give(patient, "marketing", by=officer, now=now)
    receiving.receive(
        patient.public_id, kind=RequestKind.COPY, requester=Requester.SELF, channel=RequestChannel.DESK,
        by=officer, now=now,
    )  # fmt: skip
    one = started(officer, now)
    said = {}
    for kind in ("consents", "requests"):
        (said[kind],) = described(audits.sample(one.public_id, kind, size=5, by=officer, now=now))
    assert (
        said["consents"].text == "2026-06-16 10:00 活动与优惠信息：同意，平板签署，告知第 1 版，没有证据文件"
    )
    assert said["requests"].text.startswith("2026-06-16 10:00 复制与转移：待核验身份，期限 2026-07-01")
    assert said["requests"].where.startswith("desk:request:")


def test_the_year_names_what_returns_and_when(officer: Staff, nurse: Staff, now: datetime) -> None:
    def days() -> dict[str, date]:
        return {event.title: event.on for event in events(now)}

    assert days()["诈骗识别演练"] == days()["应急演练"] == local_date(now), "never done: due at once"
    assert not any("培训到期" in title for title in days())
    training.start_drill("bonus", by=officer, now=now)
    learn(nurse, now - timedelta(days=200))
    learn(officer, now)
    assert days()["诈骗识别演练"] == date(2026, 12, 16)
    ends = {event.on for event in events(now) if event.title == "培训到期：1 人"}
    assert ends == {date(2026, 11, 1), date(2027, 6, 1)}


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


def drop_trigger(now: datetime, folder: Path) -> None:
    on = " ON audit_entry" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f'DROP TRIGGER "audit_entry_append_only_u"{on}')


def stop_sealer(now: datetime, folder: Path) -> None:
    log.record("privacy.test", at=now - timedelta(minutes=31))


def rebuild_what_was_signed(now: datetime, folder: Path) -> None:
    file = folder / "checkpoints.jsonl"
    signed = json.loads(file.read_text())
    file.write_text(json.dumps(signed | {"hash": "0" * 64}))


def break_the_file(now: datetime, folder: Path) -> None:
    (folder / "checkpoints.jsonl").write_text("nothing\n")


def forget_checkpoints(now: datetime, folder: Path) -> None:
    (folder / "checkpoints.jsonl").unlink()


@pytest.mark.parametrize(
    ("harm", "codes", "words"),
    [
        (drop_trigger, {"guards"}, "audit_entry_append_only_u"),
        (stop_sealer, {"audit.seals"}, "超过 30 分钟没有封签"),
        (rebuild_what_was_signed, {"audit.chain"}, "条起对不上"),
        (break_the_file, {"audit.chain", "audit.checkpoint"}, "不是检查点"),
        (forget_checkpoints, {"audit.checkpoint"}, "还没有检查点"),
    ],
)
def test_what_is_broken_on_purpose_turns_red_and_nothing_else(
    officer: Staff, now: datetime, tmp_path: Path, settings: Settings,
    harm: Callable[[datetime, Path], None], codes: set[str], words: str,
) -> None:  # fmt: skip
    settings.AUDIT_CHECKPOINT = str(tmp_path / "checkpoints.jsonl")
    seals.checkpoint(Path(settings.AUDIT_CHECKPOINT), now=now)
    watched = {"guards", "audit.seals", "audit.chain", "audit.checkpoint"}

    def red() -> dict[str, str]:
        posture.run(now=now, by=officer)
        found = {code: run for code, run in controls.latest().items() if code in watched}
        assert found.keys() == watched
        return {code: run.text for code, run in found.items() if run.state == ProofState.BAD}

    assert red() == {}
    harm(now, tmp_path)
    found = red()
    assert found.keys() == codes
    assert all(words in text for text in found.values())
    assert {one.number: one.state for one in queries.posture(now)}[3] == ProofState.BAD
