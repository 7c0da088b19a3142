"""To be judged by people: the same from her own page, at the desk, by a word to her consultant (PIPL 24)."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.factories import shipped
from tests.factories.people import StaffFactory
from tests.factories.ui import sign_in
from tests.growth.house import House, days
from tests.journey.clinic import EIGHT
from yimei.audit.models import Entry
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.actions import scoring, visits
from yimei.growth.models import Lead, Profile
from yimei.growth.queries import scoring as queries
from yimei.outbox.models import NumberMessage
from yimei.people.models import Patient, Staff
from yimei.people.queries.merges import keys_of
from yimei.privacy.actions import automated
from yimei.privacy.actions.requests import answering, deciding, proving, receiving
from yimei.privacy.enums import Decision, IdentityMethod, RequestChannel, Requester, RequestKind
from yimei.privacy.models import Consent, Outcome, RightsRequest
from yimei.privacy.queries.automated import explanation, judged_by
from yimei.privacy.queries.sections import sections_of

pytestmark = pytest.mark.django_db

NUMBER = "12900000001"


@pytest.fixture
def house(settings: Any, tmp_path: Path) -> House:
    made = House()
    shipped.register(EIGHT)
    shipped.texts(EIGHT)
    settings.VAR_DIR = tmp_path
    return made


def customer_of(house: House) -> tuple[Lead, Patient]:
    lead = house.lead()
    patient = visits.become_customer(lead.public_id, by=house.online, now=EIGHT)
    lead.refresh_from_db()
    assert lead.patient == patient
    patient.person.birth_date = date(1995, 3, 8)
    patient.person.save()
    Profile.objects.create(
        patient=patient, is_customer=True, campus=house.campus, read_at=EIGHT, source="douyin",
        known_on=EIGHT.date(), agrees_profiling=True, rfm="risk", paid_times=2, visits=3,
    )  # fmt: skip
    return lead, patient


def explain(patient: Patient, by: Staff, *scope: str) -> RightsRequest:
    return receiving.receive(
        patient.public_id, kind=RequestKind.EXPLAIN, requester=Requester.SELF, channel=RequestChannel.DESK,
        scope=scope, by=by, now=days(1),
    )  # fmt: skip


def is_judged(lead: Lead) -> bool:
    lead.refresh_from_db()
    return queries.of(lead).score is not None


def test_each_program_says_what_it_thinks_of_her_and_why(house: House) -> None:
    _lead, patient = customer_of(house)
    said = {one.program.code: one.judged[0] for one in judged_by(keys_of(patient))}
    assert "经验规则，不是学到的" in said["growth.score"].said
    assert said["growth.score"].reasons
    assert "高价值将流失" in said["growth.profile"].said
    copy = next(one for one in sections_of(patient) if one.code == "growth.profile")
    assert [row["RFM 分层"] for row in copy.rows] == ["高价值将流失"]


def test_a_request_at_the_desk_silences_what_was_chosen_once_it_is_proved_who_asks(house: House) -> None:
    lead, patient = customer_of(house)
    officer = StaffFactory(role="privacy", campus=house.campus)
    asked = explain(patient, officer, "growth.score")
    assert is_judged(lead)
    proving.verify(asked.public_id, method=IdentityMethod.CALL_BACK, by=officer, now=days(1))
    assert not is_judged(lead)
    assert Profile.objects.get().agrees_profiling, "only what was asked for"
    asked.refresh_from_db()
    draft = explanation(asked)
    assert "按本人要求不评分" in draft
    assert "「约到院的可能」改由人来决定" in draft
    deciding.decide(
        asked.public_id, decision=Decision.GRANTED, reply=f"{draft}照常联系。", by=officer, now=days(1)
    )
    answering.answer(asked.public_id, by=officer, now=days(1))
    told = {one.holding: (one.outcome, one.article) for one in Outcome.objects.all()}
    assert told["growth.lead"] == ("stopped", "《个人信息保护法》第二十四条")
    assert told["growth.profile"][0] == told["privacy.register"][0] == "given"
    assert Entry.objects.filter(action="privacy.automated.stopped").count() == 1, "silenced once"


def test_an_impostors_word_silences_nothing(house: House) -> None:
    lead, patient = customer_of(house)
    officer = StaffFactory(role="privacy", campus=house.campus)
    asked = explain(patient, officer, "growth.score", "growth.profile")
    proving.turn_down(asked.public_id, method=IdentityMethod.CALL_BACK, by=officer, now=days(1))
    assert is_judged(lead)
    assert not Consent.objects.filter(purpose__code="automated").exists()


def test_recommendations_end_as_a_no_to_their_purpose(house: House) -> None:
    _lead, patient = customer_of(house)
    keys = keys_of(patient)
    assert automated.to_people("growth.profile", keys, by=None, now=days(1)) == 1
    assert Consent.objects.get(purpose__code="automated").act == "refused"
    assert Profile.objects.get().refuses_profiling
    assert automated.to_people("growth.profile", keys, by=None, now=days(2)) == 0
    with pytest.raises(NotFound):
        automated.to_people("weather", keys, by=None, now=days(1))
    officer = StaffFactory(role="privacy", campus=house.campus)
    with pytest.raises(RuleBroken, match="没有这项程序判断"):
        explain(patient, officer, "weather")


def test_a_word_to_her_consultant_is_written_down_as_her_request(house: House) -> None:
    lead, patient = customer_of(house)
    for day in (1, 2):
        scoring.judge_by_people(lead.public_id, by=house.online, now=days(day))
    assert not is_judged(lead)
    asked = RightsRequest.objects.get()
    assert (asked.patient, asked.kind, asked.scope) == (patient, "explain", ["growth.score"])
    assert asked.channel == RequestChannel.PHONE


def test_who_only_asked_does_the_same_on_her_phone(house: House, client: Client) -> None:
    lead = house.lead()
    with time_machine.travel(days(1), tick=False):
        assert client.post(reverse("portal:enquiry-people")).url == reverse("portal:enquiry-door")
        door = client.post(reverse("portal:enquiry-door"), {"phone": NUMBER})
        found: Any = re.search(r"\d{6}", NumberMessage.objects.latest("pk").body or "")
        client.post(door.url, {"code": found[0]})
        before = client.get(reverse("portal:enquiry")).content.decode()
        done = client.post(reverse("portal:enquiry-people"), follow=True).content.decode()
    assert "约到院的可能" in before
    assert "请由人来判断" in before
    assert "按本人要求不评分" in done
    assert "请由人来判断" not in done
    assert not is_judged(lead)


def test_the_desk_shows_what_programs_say_and_begins_the_answer_with_it(house: House, client: Client) -> None:
    _lead, patient = customer_of(house)
    officer = StaffFactory(role="privacy", campus=house.campus)
    with time_machine.travel(days(1), tick=False):
        sign_in(client, officer)
        form = {"kind": "explain", "requester": "self", "channel": "phone", "programs": ["growth.profile"]}
        made = client.post(reverse("desk:request-new", args=[patient.public_id]), form)
        assert made.status_code == 302
        asked = RightsRequest.objects.get()
        client.post(reverse("desk:request-verify", args=[asked.public_id]), {"method": "call_back"})
        page = client.get(made.url).content.decode()
    assert "程序对她作出的判断" in page
    assert "按本人要求不作个性化推荐" in page
    assert "「客户分层与个性化推荐」改由人来决定" in page
