"""Joint handlers hear of requests, and everybody learns who takes the data over (PIPL 20, 22)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import shipped
from tests.factories.people import GuardianFactory, PatientFactory, PersonFactory, StaffFactory
from tests.factories.ui import sign_in
from yimei.core.errors import NotFound, RuleBroken
from yimei.outbox.models import Message
from yimei.people.models import Patient, Staff
from yimei.privacy.actions import erasure, joint, parties, successions
from yimei.privacy.actions.requests import answering, deciding, proving, receiving
from yimei.privacy.enums import Decision, IdentityMethod, RequestChannel, Requester, RequestKind
from yimei.privacy.enums.parties import PartyKind, PartyState, SuccessionKind
from yimei.privacy.models import JointPass, Party, RightsRequest, Succession, SuccessionWord
from yimei.privacy.queries import successions as queries
from yimei.privacy.queries.parties import duties_of
from yimei.privacy.rules.parties import DILIGENCE, DUTIES, TERMS

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(now: Any) -> Staff:
    return shipped.officer(now.replace(month=1))


@pytest.fixture
def director(officer: Staff) -> Staff:
    made: Staff = StaffFactory(role="director", campus=officer.campus)
    return made


def partner(officer: Staff, now: Any, **values: Any) -> Party:
    told = {
        "name": "集团影像中心",
        "kind": PartyKind.JOINT,
        "service": "共同建立影像档案",
        "method": "接口",
        "country": "CN",
        "holdings": ["journey.photo"],
        "contact": "王经理 021-11111111",
        "incident_contact": "同上",
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2027, 1, 1),
        "terms": list(TERMS),
        "diligence": dict.fromkeys(DILIGENCE, "2026-01 看过"),
        "duties": dict.fromkeys(DUTIES, "both"),
    } | values
    return parties.register("joint.images", by=officer, now=now, **told)


def in_force(party: Party, now: Any) -> Party:
    Party.objects.filter(pk=party.pk).update(
        state=PartyState.ACTIVE, approved_at=now, next_review_on=date(2027, 1, 1)
    )
    return party


def decided(officer: Staff, kind: RequestKind, now: Any) -> RightsRequest:
    patient = PatientFactory(campus=officer.campus, registered=True)
    asked = receiving.receive(
        patient.public_id,
        kind=kind,
        requester=Requester.SELF,
        channel=RequestChannel.DESK,
        by=officer,
        now=now,
    )
    proving.verify(asked.public_id, method=IdentityMethod.ID_CARD, by=officer, now=now)
    return deciding.decide(asked.public_id, decision=Decision.GRANTED, by=officer, now=now)


def test_joint_handlers_are_approved_only_with_every_duty_agreed(
    officer: Staff, director: Staff, now: Any
) -> None:
    party = partner(officer, now, duties={"requests": "ours", "notice": "nobody", "x": "ours"})
    assert party.duties == {"requests": "ours"}, "what is not a side or not a duty is not kept"
    with pytest.raises(RuleBroken) as caught:
        parties.approve(party.public_id, by=director, now=now)
    lacks = [one.what for one in caught.value.missing if one.why.startswith("《个人信息保护法》第二十条")]
    assert len(lacks) == 1
    assert "受理投诉" in lacks[0]
    assert "查阅" not in lacks[0]
    assert duties_of(party) == [("受理查阅、复制、更正、删除请求", "本院")]


@pytest.mark.slow(reason="prints the answer and signs people in")
def test_a_request_that_ends_the_handling_is_passed_on_before_it_is_answered(
    officer: Staff, now: Any
) -> None:
    party = in_force(partner(officer, now), now)
    asked = decided(officer, RequestKind.DELETE, now)
    with pytest.raises(RuleBroken, match="共同处理者") as caught:
        answering.answer(asked.public_id, by=officer, now=now)
    assert "集团影像中心" in caught.value.missing[0].what
    for nonsense in ("", " 说 ", "长" * 121):
        with pytest.raises(RuleBroken, match="何时"):
            joint.pass_on(asked.public_id, party.public_id, how=nonsense, by=officer, now=now)
    with pytest.raises(NotFound):
        joint.pass_on(asked.public_id, asked.public_id, how="今天电话告诉王经理", by=officer, now=now)
    joint.pass_on(asked.public_id, party.public_id, how="今天电话告诉王经理", by=officer, now=now)
    with pytest.raises(RuleBroken, match="已经转告过"):
        joint.pass_on(asked.public_id, party.public_id, how="今天电话告诉王经理", by=officer, now=now)
    answering.answer(asked.public_id, by=officer, now=now)
    assert JointPass.objects.get().how == "", "her deletion empties the words about her here too"


@pytest.mark.slow(reason="prints the answer and signs people in")
def test_a_look_is_answered_without_asking_anybody(officer: Staff, now: Any) -> None:
    in_force(partner(officer, now), now)
    asked = decided(officer, RequestKind.ACCESS, now)
    answering.answer(asked.public_id, by=officer, now=now)
    asked.refresh_from_db()
    assert asked.answered_at == now
    assert not JointPass.objects.exists()


def taken_over(officer: Staff, now: Any, **values: Any) -> Succession:
    told = {
        "kind": SuccessionKind.MERGER,
        "recipient": "颐华医疗集团",
        "contact": "400-000-0000",
        "what": "病历与联系方式",
        "effective_on": date(2026, 12, 1),
    } | values
    return successions.register(**told, by=officer, now=now)


def people(officer: Staff, now: Any) -> dict[str, Patient]:
    """One of each: a customer, a child with a mother, one without a number, one whose data are restricted."""
    made = {
        "adult": PatientFactory(campus=officer.campus, person=PersonFactory(phone="+8612000000001")),
        "child": PatientFactory(
            campus=officer.campus,
            person=PersonFactory(phone="+8612000000002", birth_date=date(2015, 1, 1)),
        ),
        "mute": PatientFactory(campus=officer.campus, person=PersonFactory(phone="")),
        "sealed": PatientFactory(campus=officer.campus),
        "erased": PatientFactory(campus=officer.campus),
    }
    GuardianFactory(
        patient=made["child"], person=PersonFactory(phone="+8612000000003", birth_date=date(1980, 1, 1))
    )
    erasure.restrict(made["sealed"], now=now)
    erasure.carry_out(made["erased"], now=now)
    return made


def test_everybody_is_told_who_takes_over_once_and_guardians_for_children(
    officer: Staff, director: Staff, now: Any
) -> None:
    everybody = people(officer, now)
    found = taken_over(officer, now)
    with pytest.raises(RuleBroken, match="另一人"):
        successions.approve(found.public_id, by=officer, now=now)
    assert successions.tell(found.public_id, now=now) == 0, "nobody is told of a draft"
    successions.approve(found.public_id, by=director, now=now)
    with pytest.raises(RuleBroken, match="还有 4 人没有告知"):
        successions.close(found.public_id, by=officer, now=now)
    assert successions.tell(found.public_id, now=now) == 4
    assert successions.tell(found.public_id, now=now) == 0, "twice changes nothing"
    words = {one.patient: one for one in SuccessionWord.objects.select_related("patient", "guardian")}
    assert set(words) == {one for name, one in everybody.items() if name != "erased"}
    assert words[everybody["adult"]].problem == ""
    assert words[everybody["child"]].guardian is not None
    assert words[everybody["mute"]].problem
    assert words[everybody["sealed"]].problem
    sent = Message.objects.select_related("guardian", "patient__person__vault_key").get(
        public_id=words[everybody["child"]].message
    )
    assert sent.guardian == words[everybody["child"]].guardian
    assert "颐华医疗集团" in (sent.body or "")
    assert "400-000-0000" in (sent.body or "")
    late = PatientFactory(campus=officer.campus)
    with pytest.raises(RuleBroken, match="还有 1 人"):
        successions.close(found.public_id, by=officer, now=now)
    successions.tell_again(found.public_id, by=officer, now=now + timedelta(minutes=1))
    successions.tell(found.public_id, now=now)
    assert SuccessionWord.objects.filter(patient=late).exists()
    successions.close(found.public_id, by=officer, now=now)
    assert queries.counts(found)[""] == 3


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"recipient": " "}, "接收方的名称"),
        ({"contact": ""}, "接收方的联系方式"),
        ({"what": "x"}, "转移哪些信息"),
        ({"effective_on": date(2020, 1, 1)}, "已经过去"),
    ],
)
def test_what_the_law_asks_to_say_is_asked_for(
    officer: Staff, now: Any, values: dict[str, Any], says: str
) -> None:
    with pytest.raises(RuleBroken, match=says):
        taken_over(officer, now, **values)
    assert not Succession.objects.exists()


def test_a_draft_is_dropped_and_told_to_nobody(officer: Staff, director: Staff, now: Any) -> None:
    found = taken_over(officer, now)
    with pytest.raises(NotFound):
        successions.drop(found.public_id, by=director, now=now)
    successions.drop(found.public_id, by=officer, now=now)
    with pytest.raises(RuleBroken, match="不能从"):
        successions.approve(found.public_id, by=director, now=now)
    assert not queries.announced().exists()


@pytest.mark.slow(reason="prints the answer and signs people in")
def test_the_screens_register_approve_and_announce(
    client: Client, officer: Staff, director: Staff, now: Any
) -> None:
    sign_in(client, officer)
    address = reverse("desk:succession-new")
    words = {
        "kind": "split",
        "recipient": "颐华",
        "contact": "400",
        "what": "病历",
        "effective_on": "2099-01-01",
    }
    assert client.post(address, words | {"contact": ""}).status_code == 422
    made = client.post(address, words)
    assert made.status_code == 302
    assert "由登记人以外的人批准" in client.get(made.url).content.decode()
    assert "颐华" in client.get(reverse("desk:successions")).content.decode()
    assert "颐华" not in Client().get(reverse("portal:notices")).content.decode()
    other = sign_in(Client(), director)
    found = Succession.objects.get()
    move = reverse("desk:succession-move", args=[found.public_id])
    assert other.post(move, {"to": "x"}).status_code == 404
    assert other.post(move, {"to": "telling"}).status_code == 302
    assert "颐华" in Client().get(reverse("portal:notices")).content.decode()
    nurse = sign_in(Client(), StaffFactory(role="nurse", campus=officer.campus))
    assert nurse.post(move, {"to": "closed"}).status_code == 404


@pytest.mark.slow(reason="prints the answer and signs people in")
def test_the_pages_of_a_joint_handler_and_of_a_request_show_what_was_agreed(
    client: Client, officer: Staff, now: Any
) -> None:
    party = in_force(partner(officer, now), now)
    asked = decided(officer, RequestKind.DELETE, now)
    sign_in(client, officer)
    assert "双方各自" in client.get(reverse("desk:party", args=[party.public_id])).content.decode()
    page = reverse("desk:request", args=[asked.public_id])
    address = reverse("desk:request-pass", args=[asked.public_id, party.public_id])
    assert address in client.get(page).content.decode()
    assert client.post(address, {"how": "今天电话告诉王经理"}).status_code == 302
    assert "今天电话告诉王经理" in client.get(page).content.decode()
