"""Enquiries from outside: signed, taken once, and whoever asks three times is one lead."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.growth.house import House
from tests.journey.clinic import EIGHT
from yimei.core.errors import NotFound, RuleBroken
from yimei.core.rules.signatures import sign
from yimei.growth.actions import intake
from yimei.growth.models import Gate, Intake, Lead, Touch
from yimei.growth.queries import intake as queries
from yimei.people.enums import SourceKind

pytestmark = pytest.mark.django_db
AT = str(int(EIGHT.timestamp()))
ASKED = {"id": "a-1", "name": "林女士", "phone": "129 0000 0001", "interest": "eye", "note": "想了解"}


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def gate(house: House) -> Gate:
    return intake.open_(name="抖音表单", source=SourceKind.DOUYIN, by=house.manager, now=EIGHT)


def told(gate: Gate, data: Any = None, *, secret: str | None = None, at: str = AT, body: bytes = b"") -> Any:
    body = body or json.dumps(ASKED if data is None else data).encode()
    head = {"X-Timestamp": at, "X-Signature": sign(secret or queries.secret_of(gate), body, at=at)}
    with time_machine.travel(EIGHT, tick=False):
        return Client().post(
            reverse("hooks:lead", args=[gate.public_id]), body, content_type="application/json", headers=head
        )


def called(gate: Gate, token: str, data: Any = None) -> Any:
    body = json.dumps(ASKED if data is None else data)
    head = {"Authorization": f"Bearer {token}"}
    with time_machine.travel(EIGHT, tick=False):
        return Client().post(reverse("api:lead"), body, content_type="application/json", headers=head)


def test_a_webhook_twice_is_one_lead_with_one_touch(house: House, gate: Gate) -> None:
    first, second = told(gate), told(gate)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["lead"] == second.json()["lead"]
    assert [one.json()["new"] for one in (first, second)] == [True, False]
    lead = Lead.objects.get()
    assert (lead.name, lead.source, lead.interest, lead.campus) == ("林女士", "douyin", "eye", house.campus)
    assert lead.owner in {house.online, house.second}
    assert (Touch.objects.count(), Intake.objects.count()) == (1, 1)


def test_the_same_number_by_form_webhook_and_api_is_one_lead_with_its_touches(
    house: House, gate: Gate
) -> None:
    house.lead(phone="12900000001")
    told(gate, {**ASKED, "phone": "+86 129-0000-0001"})
    answer = called(gate, f"{gate.public_id}.{queries.secret_of(gate)}", {**ASKED, "id": "a-2"})
    assert answer.status_code == 201
    assert set(answer.json()) == {"lead"}
    [root] = Lead.objects.filter(duplicate_of=None)
    assert root.duplicates.count() == 2
    assert [(one.source, one.outcome) for one in root.touches.order_by("at", "pk")] == [
        ("douyin", "asked")
    ] * 3


def test_only_a_signature_of_now_opens(gate: Gate) -> None:
    old = str(int((EIGHT - timedelta(minutes=6)).timestamp()))
    for answer in (
        told(gate, secret="x"),
        told(gate, at=old),
        told(gate, at="soon"),
        told(Gate(public_id=gate.campus.public_id), secret="x"),
    ):
        assert (answer.status_code, answer.json()) == (403, {"error": "signature"})
    with time_machine.travel(EIGHT, tick=False):
        bare = Client().post(
            reverse("hooks:lead", args=[gate.public_id]), b"{}", content_type="application/json"
        )
    assert bare.status_code == 403
    assert not Lead.objects.exists()


def test_a_renewed_or_stopped_gate_knows_its_old_secret_no_more(house: House, gate: Gate) -> None:
    old = queries.secret_of(gate)
    fresh = intake.renew(gate.public_id, by=house.manager, now=EIGHT)
    assert told(gate, secret=old).status_code == 403
    assert called(gate, f"{gate.public_id}.{old}").status_code == 401
    assert told(fresh).status_code == 200
    intake.stop(gate.public_id, by=house.manager, now=EIGHT)
    assert told(fresh, {**ASKED, "id": "a-9"}).status_code == 403
    for token in ("", "x", f"{gate.public_id}.", f"{gate.public_id}.{queries.secret_of(fresh)}"):
        assert called(gate, token).status_code == 401
    assert Lead.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({**ASKED, "phone": "123"}, "phone"),
        ({**ASKED, "name": " "}, "name"),
        ({**ASKED, "name": {"first": "x"}}, "name"),
        ({**ASKED, "id": ""}, "id"),
        ({**ASKED, "id": "x" * 65}, "id"),
        ([], "json"),
    ],
)
def test_what_cannot_be_taken_is_said_and_counted(gate: Gate, data: Any, code: str) -> None:
    answer = told(gate, data)
    assert (answer.status_code, answer.json()["error"]) == (422, code)
    gate.refresh_from_db()
    assert (gate.refused, Lead.objects.count()) == (1, 0)


def test_long_words_and_strange_interests_lose_nothing_else(gate: Gate) -> None:
    assert told(gate, {**ASKED, "note": "很" * 900 + "\0", "interest": "火星"}).status_code == 200
    assert (Lead.objects.get().interest, len(Touch.objects.get().note)) == ("", 500)


def test_gates_belong_to_whoever_runs_growth_there(house: House, gate: Gate) -> None:
    for act in (intake.renew, intake.stop, intake.show_secret):
        for stranger in (house.online, House().manager):
            with pytest.raises(NotFound):
                act(gate.public_id, by=stranger, now=EIGHT)
    with pytest.raises(NotFound):
        intake.open_(name="x", source="douyin", by=house.online, now=EIGHT)
    with pytest.raises(RuleBroken, match="已有这个名称"):
        intake.open_(name="抖音表单", source="douyin", by=house.manager, now=EIGHT)
