"""A list for somebody outside asks the registers of parties and of transfers, again at every step."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.people import PatientFactory, StaffFactory
from tests.factories.ui import sign_in
from tests.privacy.actions.test_gates import abroad, active, agree, assessed, director, officer, party, tell
from yimei.audit.models import Entry
from yimei.core.errors import RuleBroken
from yimei.hospital.models import Campus
from yimei.people.enums import LookPurpose
from yimei.people.models import Canary, Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy import registry
from yimei.privacy.actions import exports, parties, transfers
from yimei.privacy.enums.parties import PartyKind
from yimei.privacy.models import Export, TransferPerson
from yimei.privacy.queries.outgoing import people_of
from yimei.privacy.registry import ExportRow, ExportSource
from yimei.privacy.rules import exports as rules
from yimei.privacy.rules import parties as party_rules

__all__ = ["director", "officer"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(campus: Campus) -> Patient:
    return PatientFactory(campus=campus)


@pytest.fixture
def listing(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(by: Staff, query: Mapping[str, str], now: datetime, most: int) -> list[ExportRow]:
        return [ExportRow(patient.person.vault_key.public_id, {"name": "林**"})]

    source = ExportSource(
        "probe", "名单", {"name": "姓名"}, Permission.PATIENT_VIEW, (), ("people.identity",), rows
    )
    monkeypatch.setitem(registry._sources, "probe", source)


def ask(by: Staff, now: datetime, **values: object) -> Export:
    known: dict[str, object] = {"query": {}, "purpose": LookPurpose.SERVICE, "reason": "", "recipient": "sms"}
    return exports.ask("probe", by=by, now=now, **(known | values))  # type: ignore[arg-type]


def words(caught: pytest.ExceptionInfo[RuleBroken]) -> str:
    return "；".join(one.what for one in caught.value.missing)


@pytest.mark.parametrize("has_party_abroad", [True, False])
def test_what_stays_in_the_country_has_no_gate_abroad(has_party_abroad: bool) -> None:
    rules.check_destination(is_abroad=False, has_party_abroad=has_party_abroad)
    rules.check_destination(is_abroad=True, has_party_abroad=True)
    with pytest.raises(RuleBroken, match="境外"):
        rules.check_destination(is_abroad=True, has_party_abroad=False)


def test_nothing_agreed_upon_is_missing_where_nothing_is_sent() -> None:
    assert party_rules.not_agreed([], name="甲") == []
    assert party_rules.not_consented(0, name="甲") == []
    assert "照片" in party_rules.not_agreed(["照片"], name="甲")[0].what


@pytest.mark.usefixtures("listing")
def test_an_unlisted_party_gets_no_list(campus: Campus, now: datetime) -> None:
    with pytest.raises(RuleBroken) as caught:
        ask(StaffFactory(campus=campus), now)
    assert "未登记" in words(caught)
    assert not Export.objects.exists()


@pytest.mark.usefixtures("listing")
def test_a_party_gets_only_what_its_contract_names(officer: Staff, director: Staff, now: datetime) -> None:
    active(officer, director, now, holdings=["privacy.party"])
    with pytest.raises(RuleBroken) as caught:
        ask(StaffFactory(campus=officer.campus), now)
    assert "约定提供的信息里没有" in words(caught)


@pytest.mark.usefixtures("listing")
def test_a_listed_party_gets_its_list_until_it_is_suspended(
    officer: Staff, director: Staff, now: datetime
) -> None:
    sms, staff = active(officer, director, now), StaffFactory(campus=officer.campus)
    made, _password = exports.make(ask(staff, now).public_id, by=staff, now=now)
    exports.download(made.public_id, by=staff, now=now)
    assert Entry.objects.filter(action="privacy.list.export", detail__recipient="sms").count() == 1
    waiting = ask(staff, now)
    parties.suspend(sms.public_id, text="接收方发生事件", by=officer, now=now)
    for step in (exports.make, exports.download):
        with pytest.raises(RuleBroken) as caught:
            step((waiting if step is exports.make else made).public_id, by=staff, now=now)
        assert "未获批准或已停止" in words(caught)


@pytest.mark.usefixtures("listing")
def test_a_recipient_of_its_own_needs_each_persons_consent_and_none_of_a_decoy(
    officer: Staff, director: Staff, patient: Patient, now: datetime
) -> None:
    made = party(officer, now, kind=PartyKind.RECIPIENT, consent_purpose="sharing.partner")
    assessed("party:sms", "share", officer, director, now)
    parties.approve(made.public_id, by=director, now=now)
    staff = StaffFactory(campus=officer.campus)
    with pytest.raises(RuleBroken) as caught:
        ask(staff, now)
    assert "1 人没有单独同意" in words(caught)
    agree(patient, "sharing.partner", now)
    with pytest.raises(RuleBroken) as caught:
        ask(staff, now)
    assert "没有写明它" in words(caught)
    tell(officer, now)
    agree(patient, "sharing.partner", now)
    assert ask(staff, now).recipient_id
    decoy = PatientFactory(campus=officer.campus)
    Canary.objects.create(patient=decoy, planted_for=staff, planted_at=now)
    keys = [one.person.vault_key.public_id for one in (patient, decoy)]
    assert people_of([*keys, uuid4()]) == [patient]


@pytest.mark.usefixtures("listing")
def test_a_list_for_abroad_leaves_only_by_a_released_transfer_and_is_counted(
    officer: Staff, director: Staff, patient: Patient, now: datetime
) -> None:
    staff = StaffFactory(campus=officer.campus)
    made = abroad(officer, director, now)
    with pytest.raises(RuleBroken) as caught:
        ask(staff, now, recipient="cloud.sg", is_abroad=True)
    assert "没有放行的出境活动" in words(caught)
    assessed("transfer:case.sg", "abroad", officer, director, now)
    transfers.release(made.public_id, by=director, now=now)
    with pytest.raises(RuleBroken) as caught:
        ask(staff, now, recipient="cloud.sg")
    assert "没有对出境的单独同意" in words(caught)
    agree(patient, "sharing.partner", now)
    with pytest.raises(RuleBroken) as caught:
        ask(staff, now, recipient="cloud.sg")
    assert "没有对出境的单独同意" in words(caught)
    tell(officer, now, "abroad")
    agree(patient, "abroad", now)
    export = ask(staff, now, recipient="cloud.sg")
    assert not TransferPerson.objects.exists(), "asking counts nobody"
    exports.make(export.public_id, by=staff, now=now)
    assert TransferPerson.objects.get().subject_key == patient.person.vault_key.public_id
    waiting = ask(staff, now, recipient="cloud.sg")
    transfers.stop(made.public_id, by=officer, now=now)
    with pytest.raises(RuleBroken):
        exports.make(waiting.public_id, by=staff, now=now)


@pytest.mark.usefixtures("listing")
def test_the_screen_offers_approved_parties_and_says_why_one_gets_nothing(
    officer: Staff, director: Staff, client: Client, now: datetime
) -> None:
    sms = active(officer, director, now, holdings=["people.identity"])
    staff = StaffFactory(campus=officer.campus)
    sign_in(client, staff)
    url, values = reverse("desk:export-ask", args=["probe"]), {"purpose": "service", "reason": ""}
    assert "云短信" in client.get(url).content.decode()
    assert client.post(url, values | {"recipient": "nobody"}).status_code == 422
    type(sms).objects.filter(pk=sms.pk).update(valid_from=date(2020, 1, 1), valid_to=date(2020, 1, 2))
    lapsed = client.post(url, values | {"recipient": "sms"})
    assert (lapsed.status_code, "合同已到期" in lapsed.content.decode()) == (422, True)
    type(sms).objects.filter(pk=sms.pk).update(valid_to=date(2090, 1, 1), next_review_on=date(2090, 1, 1))
    client.post(url, values | {"recipient": "sms"})
    assert Export.objects.get().recipient == sms
    assert "给 云短信" in client.get(reverse("desk:exports")).content.decode()
