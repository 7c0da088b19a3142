"""One request from its first word to the answer, and what is refused on the way."""

import json
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.factories.journey import BookingFactory, CaseFactory
from tests.factories.people import AlertFactory, PatientFactory, StaffFactory
from yimei.audit import chain
from yimei.audit.models import Entry
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.models import Campus
from yimei.journey.models import Booking, Case
from yimei.people.access import may_see_clinical, open_patient
from yimei.people.models import Patient, Staff
from yimei.people.queries import search
from yimei.privacy import registry
from yimei.privacy.actions import consents, erasure, holds, packages, unsealings
from yimei.privacy.actions.requests import answering, deciding, proving, receiving
from yimei.privacy.enums import (
    Decision,
    HoldKind,
    IdentityMethod,
    Refusal,
    RequestChannel,
    Requester,
    RequestKind,
    RequestStatus,
    UnsealReason,
)
from yimei.privacy.models import Consent, DeadlineRule, Outcome, RightsRequest
from yimei.privacy.queries import has_consent, rows
from yimei.privacy.queries.copies import as_line
from yimei.privacy.queries.datamap import label_of
from yimei.privacy.queries.erasure import plan, table
from yimei.privacy.queries.register import field_labels
from yimei.privacy.queries.requests import clocks, letters
from yimei.privacy.queries.sections import holdings_about_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(campus: Campus) -> Staff:
    return StaffFactory(role="privacy", campus=campus)


@pytest.fixture
def patient(campus: Campus) -> Patient:
    return PatientFactory(campus=campus, registered=True)


def visited(patient: Patient, at: datetime) -> Booking:
    return BookingFactory(case=CaseFactory(patient=patient), arrived=True, starts_at=at)


def asked(patient: Patient, kind: RequestKind, by: Staff, now: datetime, **values: object) -> RightsRequest:
    given = {"requester": Requester.SELF, "channel": RequestChannel.DESK, **values}
    return receiving.receive(patient.public_id, kind=kind, by=by, now=now, **given)  # type: ignore[arg-type]


def decided(request: RightsRequest, by: Staff, now: datetime, **values: object) -> RightsRequest:
    proving.verify(request.public_id, method=IdentityMethod.ID_CARD, by=by, now=now)
    given = {"decision": Decision.GRANTED, **values}
    return deciding.decide(request.public_id, by=by, now=now, **given)  # type: ignore[arg-type]


def answered(
    patient: Patient, kind: RequestKind, by: Staff, now: datetime, **values: object
) -> RightsRequest:
    request = decided(asked(patient, kind, by, now, **values), by, now)
    return answering.answer(request.public_id, by=by, now=now)


def test_every_holding_about_customers_has_a_line_in_the_deletion_table() -> None:
    about = {
        holding.code
        for holding in registry.all_holdings()
        if {"客户", "患者", "未成年客户"} & set(holding.subjects)
    }
    assert about - set(table()) == {"vault.keys"}


def test_only_the_law_of_the_house_starts_a_clock(patient: Patient, officer: Staff, now: datetime) -> None:
    request = asked(patient, RequestKind.ACCESS, officer, now)
    assert request.rule.code == "pipl"
    assert set(DeadlineRule.objects.filter(is_active=False).values_list("code", flat=True)) == {
        "gdpr",
        "hipaa.access",
        "hipaa.amend",
        "gbt35273.close",
    }
    DeadlineRule.objects.filter(code="pipl").update(value=1)
    request.refresh_from_db()
    assert clocks.clock(request, now + timedelta(days=2)) == clocks.Clock("还有 13 天", "", False)


@pytest.mark.parametrize(
    ("days", "text", "tone"),
    [
        (1, "还有 14 天", ""),
        (9, "还有 6 天", "warn"),
        (13, "还有 2 天", "danger"),
        (17, "逾期 2 天", "danger"),
    ],
)
def test_the_clock_turns_amber_then_red(
    patient: Patient, officer: Staff, now: datetime, days: int, text: str, tone: str
) -> None:
    found = clocks.clock(asked(patient, RequestKind.ACCESS, officer, now), now + timedelta(days=days))
    assert found is not None
    assert (found.text, found.tone) == (text, tone)


def test_a_second_request_of_a_kind_waits_for_the_first(
    patient: Patient, officer: Staff, now: datetime
) -> None:
    first = asked(patient, RequestKind.DELETE, officer, now)
    with pytest.raises(RuleBroken, match=first.number):
        asked(patient, RequestKind.DELETE, officer, now)
    proving.cancel(first.public_id, by=officer, now=now)
    asked(patient, RequestKind.DELETE, officer, now)


def test_an_impostor_gets_nothing(patient: Patient, officer: Staff, now: datetime) -> None:
    request = asked(patient, RequestKind.COPY, officer, now)
    with pytest.raises(RuleBroken):
        deciding.decide(request.public_id, decision=Decision.GRANTED, by=officer, now=now)
    closed = proving.turn_down(request.public_id, method=IdentityMethod.ID_CARD, by=officer, now=now)
    assert closed.status == RequestStatus.UNPROVED
    with pytest.raises(RuleBroken):
        proving.verify(request.public_id, method=IdentityMethod.ID_CARD, by=officer, now=now)


def test_nobody_else_may_take_or_decide_a_request(patient: Patient, campus: Campus, now: datetime) -> None:
    reception = StaffFactory(role="reception", campus=campus)
    with pytest.raises(NotFound):
        asked(patient, RequestKind.DELETE, reception, now)


def test_a_refusal_is_kept_with_its_article(patient: Patient, officer: Staff, now: datetime) -> None:
    request = asked(patient, RequestKind.ACCESS, officer, now)
    request = decided(
        request, officer, now, decision=Decision.REFUSED, refusal=Refusal.EXCESSIVE, reply="本月第五次"
    )
    (line,) = Outcome.objects.filter(request=request)
    assert (line.outcome, line.article) == ("refused", "《网络数据安全管理条例》第二十五条")
    answering.answer(request.public_id, by=officer, now=now)
    assert not Patient.objects.get().is_sealed


@pytest.mark.slow(reason="makes the whole copy of a person")
def test_a_copy_holds_what_is_known_and_expires(patient: Patient, officer: Staff, now: datetime) -> None:
    AlertFactory(patient=patient, text="青霉素过敏")
    request = answered(patient, RequestKind.COPY, officer, now)
    content = json.loads(packages.fetch(request.public_id, shape="json", by=officer, now=now))
    assert content["format"] == "yimei.person/1"
    assert content["holdings"]["people.identity"]["rows"][0]["姓名"] == patient.person.name
    assert "青霉素过敏" in json.dumps(content, ensure_ascii=False)
    assert packages.fetch(request.public_id, shape="pdf", by=officer, now=now).startswith(b"%PDF")
    with pytest.raises(RuleBroken, match="有效期已过"):
        packages.fetch(request.public_id, shape="json", by=officer, now=now + timedelta(days=7))


@pytest.mark.slow(reason="sets a copy of all that is known")
def test_a_later_erasure_takes_the_copy_with_it(patient: Patient, officer: Staff, now: datetime) -> None:
    copy = answered(patient, RequestKind.COPY, officer, now)
    answered(patient, RequestKind.DELETE, officer, now)
    with pytest.raises(RuleBroken):
        packages.fetch(copy.public_id, shape="json", by=officer, now=now)


def test_a_withdrawal_by_request_stops_the_purpose(patient: Patient, officer: Staff, now: datetime) -> None:
    consents.give(patient, "marketing", by=officer, now=now - timedelta(days=5))
    assert has_consent(patient, "marketing", now)
    answered(patient, RequestKind.WITHDRAW, officer, now, scope=["marketing"])
    assert not has_consent(patient, "marketing", now)


def test_of_a_lead_only_an_empty_shell_stays(patient: Patient, officer: Staff, now: datetime) -> None:
    request = answered(patient, RequestKind.DELETE, officer, now)
    assert request.decision == Decision.GRANTED
    gone = Patient.objects.select_related("person__vault_key").get()
    assert gone.person.vault_key.is_destroyed
    assert (gone.file_no, gone.sealed_until) == (None, None)
    assert b"%PDF" in answering.letter(request.public_id, by=officer, now=now)[:8]


def test_a_patient_is_sealed_and_leaves_every_list(patient: Patient, officer: Staff, now: datetime) -> None:
    name = patient.person.name
    consents.give(patient, "marketing", by=officer, now=now - timedelta(days=5))
    visited(patient, now - timedelta(days=3))
    request = answered(patient, RequestKind.DELETE, officer, now)
    assert request.decision == Decision.PARTLY
    outcomes = {line.holding: (line.outcome, line.until) for line in letters.outcomes(request)}
    assert outcomes["journey.record"] == ("sealed", (now - timedelta(days=3)).date().replace(year=2041))
    assert outcomes["people.search"] == ("erased", None)
    assert outcomes["audit.log"] == ("kept", None)
    director = StaffFactory(role="director", campus=patient.campus)
    assert search(name, by=officer) == []
    assert not Patient.objects.visible_to(officer).exists()
    assert not Booking.objects.visible_to(director).exists()
    assert not Case.objects.visible_to(officer).exists()
    assert Consent.objects.filter(act="withdrawn").count() == 1
    nurse = StaffFactory(role="nurse", campus=patient.campus)
    assert not may_see_clinical(nurse, Patient.objects.get(), now)
    with pytest.raises(RuleBroken, match="已封存至 2041-06-13"):
        open_patient(patient.public_id, by=officer, lock=True)
    assert chain.verify().is_sound


def test_a_running_treatment_is_ended_first(patient: Patient, officer: Staff, now: datetime) -> None:
    BookingFactory(case=CaseFactory(patient=patient), starts_at=now + timedelta(days=2))
    request = asked(patient, RequestKind.DELETE, officer, now)
    with pytest.raises(RuleBroken) as refused:
        decided(request, officer, now)
    assert refused.value.missing[0].where.startswith("desk:booking:")


def test_a_visit_between_decision_and_answer_asks_for_a_new_decision(
    patient: Patient, officer: Staff, now: datetime
) -> None:
    request = decided(asked(patient, RequestKind.DELETE, officer, now), officer, now)
    visited(patient, now - timedelta(hours=3))
    with pytest.raises(RuleBroken, match="重新决定"):
        answering.answer(request.public_id, by=officer, now=now)
    deciding.reopen(request.public_id, by=officer, now=now)
    later = now + timedelta(minutes=5)
    deciding.decide(request.public_id, decision=Decision.GRANTED, by=officer, now=later)
    done = answering.answer(request.public_id, by=officer, now=later)
    assert done.decision == Decision.PARTLY


def test_sealed_data_open_for_a_reason_a_second_person_and_a_day(
    patient: Patient, officer: Staff, now: datetime
) -> None:
    AlertFactory(patient=patient, text="青霉素过敏")
    visited(patient, now - timedelta(days=3))
    answered(patient, RequestKind.DELETE, officer, now)
    file_no = patient.file_no or ""
    unsealing = unsealings.ask(
        file_no, reason=UnsealReason.CLAIM, text="法院调取函 123 号，须手术记录", by=officer, now=now
    )
    with pytest.raises(RuleBroken, match="没有获准"):
        unsealings.read(unsealing.public_id, by=officer, now=now)
    with pytest.raises(RuleBroken, match="另一人"):
        unsealings.judge(unsealing.public_id, is_granted=True, by=officer, now=now)
    director = StaffFactory(role="director", campus=patient.campus)
    unsealings.judge(unsealing.public_id, is_granted=True, by=director, now=now)
    assert "青霉素过敏" in str(unsealings.read(unsealing.public_id, by=officer, now=now))
    assert Entry.objects.filter(action="privacy.unsealing.view", purpose="claim").count() == 1
    with pytest.raises(NotFound):
        unsealings.read(unsealing.public_id, by=director, now=now)
    with pytest.raises(RuleBroken, match="查阅时间已过"):
        unsealings.read(unsealing.public_id, by=officer, now=now + timedelta(hours=24))


def test_a_lead_is_forgotten_two_years_after_the_last_contact(patient: Patient, now: datetime) -> None:
    Patient.objects.update(created_at=now)
    assert erasure.finish_due(now=now.replace(year=2028)) == 0
    assert erasure.finish_due(now=now.replace(year=2028) + timedelta(days=1)) == 1
    assert Patient.objects.get().person.vault_key.is_destroyed


def test_a_visitor_is_forgotten_fifteen_years_after_the_last_visit(patient: Patient, now: datetime) -> None:
    visited(patient, now)
    assert erasure.finish_due(now=now.replace(year=2041)) == 0
    assert plan(patient, now.replace(year=2041)).until == now.date().replace(year=2041)
    assert erasure.finish_due(now=now.replace(year=2041) + timedelta(days=1)) == 1


def test_restricting_hides_without_erasing(patient: Patient, officer: Staff, now: datetime) -> None:
    answered(patient, RequestKind.RESTRICT, officer, now)
    kept = Patient.objects.select_related("person__vault_key").get()
    assert kept.is_sealed
    assert not kept.person.vault_key.is_destroyed
    with pytest.raises(RuleBroken, match="已限制处理"):
        open_patient(patient.public_id, by=officer)


def test_the_command_says_what_would_go_and_takes_nothing(
    patient: Patient, officer: Staff, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    other: Patient = PatientFactory(campus=patient.campus, registered=True)
    words = {"ground": "医疗纠纷，患方申请封存", "parties": "患方本人、院方医务科"}
    holds.open_for(str(other.file_no), kind=HoldKind.SEALING, **words, by=officer, now=now)
    Patient.objects.update(created_at=now)
    call_command("retention", "--dry-run", "--on", "2028-06-17")
    said = capsys.readouterr().out
    assert str(patient.person.vault_key.public_id) in said
    assert patient.person.name not in said
    assert "2028-06-17 将删除 1 人的资料" in said
    assert "另有 1 人有未结束的事项，暂缓" in said, "whoever waits is not counted among those who go"
    assert not Patient.objects.exclude(sealed_at=None).exists()
    with pytest.raises(CommandError, match="期满之前不得删除"):
        call_command("retention", "--on", "2028-06-17")


PLAIN = frozenset({"VIP", "ASA", "BMI", "SpO₂", "SpO2"})


def test_every_word_of_a_copy_is_chinese() -> None:
    """A copy is read by the person: no table and no column is told by its name in the program."""
    told = [
        model
        for holding in holdings_about_people()
        if not holding.export
        for model in rows.models_of(holding.code)
        if rows.paths_to_patient(model)
    ]
    words = {
        f"{model._meta.label}.{field.name}": label_of(field)
        for model in told
        for field in model._meta.concrete_fields
        if rows._is_told(field, model)
    }
    words |= {m._meta.label: field_labels().get(m.__name__, str(m._meta.verbose_name)) for m in told}
    assert len(words) > 300
    assert {where: word for where, word in words.items() if word.isascii() and word not in PLAIN} == {}


def test_a_moment_is_told_as_a_day_and_an_hour() -> None:
    assert (
        as_line({"开始": "2026-11-28T09:30:00+08:00", "备注": "T 区"}) == "开始：2026-11-28 09:30；备注：T 区"
    )
