"""Nothing goes to an unlisted party, nothing abroad unreleased, nothing goes live unassessed."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import override_settings

from tests.factories.people import PatientFactory, StaffFactory
from tests.factories.privacy import ConsentFactory
from tests.privacy.rules.test_gates import RISK, TEXTS
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.models import CalendarDay, Campus
from yimei.outbox import registry as outbox
from yimei.outbox.gateways.base import GatewayRefused
from yimei.outbox.gateways.mail import MailGateway
from yimei.people.models import Patient, Staff
from yimei.privacy.actions import assessments, notices, parties, purposes, transfers
from yimei.privacy.enums import Audience, ConsentMode
from yimei.privacy.enums.parties import PartyKind, PartyState, Route, TransferGround, TransferState
from yimei.privacy.models import Assessment, Limit, Notice, Party, Purpose, Transfer, TransferPerson
from yimei.privacy.queries import parties as party_queries
from yimei.privacy.queries.notices import typed
from yimei.privacy.rules.parties import DILIGENCE, TERMS, check_move

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(campus: Campus) -> Staff:
    return StaffFactory(role="privacy", campus=campus)


@pytest.fixture
def director(campus: Campus) -> Staff:
    return StaffFactory(role="director", campus=campus)


def assessed(subject: str, trigger: str, officer: Staff, director: Staff, now: datetime) -> Assessment:
    one = assessments.write(
        None,
        title="评估",
        subject=subject,
        triggers=[trigger],
        texts=TEXTS,
        risks=[RISK],
        by=officer,
        now=now,
    )
    assessments.submit(one.public_id, by=officer, now=now)
    return assessments.approve(one.public_id, remark="同意", by=director, now=now)


def party(officer: Staff, now: datetime, code: str = "sms", **values: Any) -> Party:
    known = {
        "name": "云短信", "kind": PartyKind.PROCESSOR, "service": "发送短信", "method": "接口",
        "country": "cn", "holdings": ["people.identity"], "contact": "客服 400",
        "incident_contact": "值班 401", "terms": list(TERMS), "diligence": dict.fromkeys(DILIGENCE, "已看"),
        "valid_from": local_date(now), "valid_to": local_date(now) + timedelta(days=300), **values,
    }  # fmt: skip
    return parties.register(code, by=officer, now=now, **known)


def active(officer: Staff, director: Staff, now: datetime, code: str = "sms", **values: Any) -> Party:
    made = party(officer, now, code, **values)
    assessed(f"party:{code}", "entrust", officer, director, now)
    return parties.approve(made.public_id, by=director, now=now)


def test_a_party_is_approved_by_another_with_contract_diligence_and_assessment(
    officer: Staff, director: Staff, now: datetime
) -> None:
    made = party(officer, now, terms=[], diligence={})
    with pytest.raises(RuleBroken, match="不能"):
        party_queries.need("sms", now)
    with pytest.raises(RuleBroken, match="另一人"):
        parties.approve(made.public_id, by=officer, now=now)
    with pytest.raises(RuleBroken) as caught:
        parties.approve(made.public_id, by=director, now=now)
    assert len(caught.value.missing) == 3
    parties.change(
        made.public_id, terms=list(TERMS), diligence=dict.fromkeys(DILIGENCE, "✓"), by=officer, now=now
    )
    assessed("party:sms", "entrust", officer, director, now)
    parties.approve(made.public_id, by=director, now=now)
    party_queries.need("sms", now)
    with pytest.raises(RuleBroken):
        party_queries.need("sms", now + timedelta(days=301))


def test_a_material_change_asks_for_approval_anew(officer: Staff, director: Staff, now: datetime) -> None:
    made = active(officer, director, now)
    parties.change(made.public_id, contact="新客服", by=officer, now=now)
    party_queries.need("sms", now)
    parties.change(made.public_id, holdings=["people.identity", "people.patient"], by=officer, now=now)
    with pytest.raises(RuleBroken):
        party_queries.need("sms", now)


def test_a_party_ends_only_with_proof(officer: Staff, director: Staff, now: datetime) -> None:
    made = active(officer, director, now)
    with pytest.raises(RuleBroken, match="证明"):
        parties.end(made.public_id, proof=" ", by=officer, now=now)
    parties.end(
        made.public_id, proof="删除证明 2026-9", paper=b"%PDF", name_hint="a.pdf", by=officer, now=now
    )
    made.refresh_from_db()
    assert made.state == PartyState.ENDED
    assert made.proof_file is not None
    with pytest.raises(RuleBroken, match="终止"):
        parties.change(made.public_id, contact="x", by=officer, now=now)
    for again in (PartyState.ACTIVE, PartyState.DRAFT, PartyState.SUSPENDED):
        with pytest.raises(RuleBroken, match="不能从「已终止」变为"):
            check_move(PartyState.ENDED, again)


def test_the_outbox_asks_the_register(officer: Staff, director: Staff, now: datetime) -> None:
    class Sms:
        party = "sms"

    class Undeclared: ...

    for gateway in (Sms(), Undeclared()):
        with pytest.raises(GatewayRefused, match="party-refused"):
            outbox.refuse_unlisted(gateway, now)  # type: ignore[arg-type]
    active(officer, director, now)
    outbox.refuse_unlisted(Sms(), now)  # type: ignore[arg-type]
    with override_settings(EMAIL_HOST="smtp.example.invalid"), pytest.raises(GatewayRefused):
        outbox.refuse_unlisted(MailGateway(), now)
    with override_settings(EMAIL_HOST="localhost"):
        outbox.refuse_unlisted(MailGateway(), now)


def test_a_purpose_goes_live_behind_its_assessment(officer: Staff, director: Staff, now: datetime) -> None:
    purpose = Purpose.objects.get(code="image.teaching")
    purposes.switch(purpose.public_id, is_active=False, by=officer, now=now)
    with pytest.raises(RuleBroken, match="启用") as caught:
        purposes.switch(purpose.public_id, is_active=True, by=officer, now=now)
    assert "影响评估" in caught.value.missing[0].what
    one = assessed("purpose:image.teaching", "sensitive", officer, director, now)
    purposes.switch(purpose.public_id, is_active=True, by=officer, now=now)
    assert one.valid_to == date(2027, 6, 16)
    assert one.keep_until == date(2029, 6, 16)
    with pytest.raises(RuleBroken, match="不能修改"):
        assessments.write(
            one.public_id, title="改", subject="purpose:image.teaching", triggers=[], texts=TEXTS, risks=[],
            by=officer, now=now,
        )  # fmt: skip
    necessary = Purpose.objects.get(code="care.health")
    with pytest.raises(RuleBroken, match="必需"):
        purposes.switch(necessary.public_id, is_active=False, by=officer, now=now)
    duty = Purpose.objects.get(code="audit")
    with pytest.raises(RuleBroken, match="法定职责"):
        purposes.switch(duty.public_id, is_active=False, by=officer, now=now)
    with pytest.raises(NotFound):
        purposes.switch(purpose.public_id, is_active=True, by=director, now=now)


def abroad(officer: Staff, director: Staff, now: datetime, **values: Any) -> Transfer:
    host = active(officer, director, now, "cloud.sg", name="海外云", country="SG")
    Purpose.objects.filter(code="abroad").update(is_active=True)
    known = {
        "title": "海外病例讨论", "ground": TransferGround.CONSENT, "consent_purpose": "abroad",
        "holdings": ["people.identity"], "is_sensitive": True, "rights": "邮件联系", "route": Route.CONTRACT,
        "evidence": "SC-2026-1", "effective_on": local_date(now), **values,
    }  # fmt: skip
    return transfers.register("case.sg", host.public_id, by=officer, now=now, **known)


def agree(patient: Patient, code: str, now: datetime) -> None:
    ConsentFactory(
        patient=patient,
        purpose=Purpose.objects.get(code=code),
        notice=Notice.objects.filter(code="customer").latest("version"),
        mode=ConsentMode.SEPARATE,
        at=now - timedelta(days=1),
    )


def tell(officer: Staff, now: datetime, *more: str) -> Notice:
    """Publish the next version, which names the receivers as the registers have them."""
    newest = Notice.objects.filter(code="customer").latest("version")
    sections = typed(newest)
    for section in sections:
        section["paragraphs"] = [text.replace("不向境外提供，", "") for text in section["paragraphs"]]
    codes = [*newest.purposes.values_list("code", flat=True), *more]
    return notices.publish(
        "customer", audience=Audience.ADULT, title=newest.title, sections=sections, purpose_codes=codes,
        campus=officer.campus, at=now, by=officer, is_material=False,
    )  # fmt: skip


def test_a_consent_for_home_opens_no_way_abroad(officer: Staff, director: Staff, now: datetime) -> None:
    made = abroad(officer, director, now, consent_purpose="sharing.partner")
    assessed("transfer:case.sg", "abroad", officer, director, now)
    with pytest.raises(RuleBroken) as caught:
        transfers.release(made.public_id, by=director, now=now)
    assert ["境内用途的同意不能代替" in one.what for one in caught.value.missing] == [True]


def test_nothing_leaves_before_it_is_released(
    officer: Staff, director: Staff, campus: Campus, now: datetime
) -> None:
    patient = PatientFactory(campus=campus)
    with pytest.raises(RuleBroken, match="不得出境"):
        transfers.allow("nowhere", [patient], by=officer, now=now)
    made = abroad(officer, director, now)
    with pytest.raises(RuleBroken, match="不得出境"):
        transfers.allow("case.sg", [patient], by=officer, now=now)
    with pytest.raises(RuleBroken, match="另一人"):
        transfers.release(made.public_id, by=officer, now=now)
    with pytest.raises(RuleBroken) as caught:
        transfers.release(made.public_id, by=director, now=now)
    assert [one.what for one in caught.value.missing] == ["「海外病例讨论」的影响评估：向境外提供"]
    assessed("transfer:case.sg", "abroad", officer, director, now)
    released = transfers.release(made.public_id, by=director, now=now)
    assert released.filing_due_on is not None
    with pytest.raises(RuleBroken) as caught:
        transfers.allow("case.sg", [patient], by=officer, now=now)
    assert "没有对出境的单独同意" in caught.value.missing[0].what
    agree(patient, "sharing.partner", now)
    with pytest.raises(RuleBroken, match="不得出境"):
        transfers.allow("case.sg", [patient], by=officer, now=now)
    assert not TransferPerson.objects.exists(), "a partner at home is not one abroad"
    agree(patient, "abroad", now)
    with pytest.raises(RuleBroken) as caught:
        transfers.allow("case.sg", [patient], by=officer, now=now)
    assert "没有写明这个接收方" in caught.value.missing[0].what, "nobody agrees to whom she was not told of"
    tell(officer, now, "abroad")
    agree(patient, "abroad", now)
    for _ in range(2):
        transfers.allow("case.sg", [patient], by=officer, now=now)
    assert TransferPerson.objects.get().subject_key == patient.person.vault_key.public_id
    Limit.objects.filter(code="abroad.spi_assess").update(value=1)
    with pytest.raises(RuleBroken, match="不得出境"):
        transfers.allow("case.sg", [patient], by=officer, now=now)
    transfers.stop(made.public_id, by=officer, now=now)
    made.refresh_from_db()
    assert made.state == TransferState.STOPPED


def test_the_filing_clock_is_provisional_until_the_year_has_a_table(
    officer: Staff, director: Staff, now: datetime
) -> None:
    made = abroad(officer, director, now)
    assessed("transfer:case.sg", "abroad", officer, director, now)
    released = transfers.release(made.public_id, by=director, now=now)
    assert released.is_provisional
    assert released.filing_due_on == date(2026, 6, 30)
    assert transfers.settle_provisional(now=now) == 0
    CalendarDay.objects.create(day=date(2026, 6, 19), kind="holiday", name="端午节", source="国务院办公厅")
    assert transfers.settle_provisional(now=now) == 1
    released.refresh_from_db()
    assert (released.filing_due_on, released.is_provisional) == (date(2026, 7, 1), False)
    transfers.file(made.public_id, number="浙网备 1", on=local_date(now), by=officer, now=now)
    with pytest.raises(RuleBroken):
        transfers.file(made.public_id, number="浙网备 1", on=local_date(now), by=officer, now=now)
