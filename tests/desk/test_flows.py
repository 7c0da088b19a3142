"""Flows through their addresses: drawn, changed step by step, published, exported, read back."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.factories.ui import sign_in
from tests.growth.house import House
from tests.journey.clinic import EIGHT, TEN
from yimei.growth.actions import flows, running
from yimei.growth.enums.flows import FlowStatus
from yimei.growth.models import Flow, FlowTask
from yimei.journey.actions import bookings

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    with time_machine.travel(EIGHT, tick=False):
        yield


@pytest.fixture
def house(client: Client) -> House:
    made = House()
    sign_in(client, made.manager)
    return made


def shipped(house: House, name: str = "爽约挽回") -> Flow:
    """One's own copy of a flow that ships."""
    return flows.copy(Flow.objects.get(name=name).public_id, by=house.manager, now=EIGHT)


def url(name: str, flow: Flow) -> str:
    return reverse(f"desk:{name}", args=[flow.public_id])


def test_a_flow_is_drawn_step_by_step_and_published(client: Client, house: House) -> None:
    client.post(reverse("desk:flow-new"), {"name": "新旅程", "use": "care"})
    flow = Flow.objects.get(name="新旅程")
    added = client.post(url("flow-edit", flow), {"do": "put:n1/", "kind": "message"})
    assert added.status_code == 302
    flow.refresh_from_db()
    assert flow.draft["nodes"]["n1"]["next"] == "n2"
    page = client.get(url("flow-edit", flow) + "?step=n2").content.decode()
    assert "<svg" in page
    assert "还不能发布" in page
    refused = client.post(url("flow-publish", flow))
    assert (refused.status_code, "<svg" in refused.content.decode()) == (422, True), "said in its editor"
    assert "没有发布，草稿都在" in refused.content.decode()
    step = {"do": "save", "step": "n2", "label": "请改约", "template": "visit.missed"}
    assert client.post(url("flow-edit", flow), step).status_code == 302
    assert client.post(url("flow-publish", flow)).status_code == 302
    flow.refresh_from_db()
    assert (flow.status, flow.number) == (FlowStatus.RUNNING, 1)
    shown = client.get(url("flow", flow)).content.decode()
    assert "请改约" in shown
    assert "没有设对照组" in shown


def test_conditions_of_a_step_are_edited_like_those_of_a_segment(client: Client, house: House) -> None:
    flow = shipped(house)
    asked: dict[str, Any] = {"step": "again", "label": "又约了", "kind.0": "all", "kind.0.0": "test"}
    asked |= {"field.0.0": "visits", "op.0.0": "gte", "value.0.0": "3"}
    page = client.post(url("flow-edit", flow), {**asked, "do": "test:0"}).content.decode()
    assert 'name="kind.0.1"' in page
    client.post(url("flow-edit", flow), {**asked, "do": "save"})
    flow.refresh_from_db()
    assert flow.draft["nodes"]["again"]["rules"] == {"all": [{"field": "visits", "op": "gte", "value": 3}]}
    assert flow.draft["nodes"]["again"]["no"] == "say"


def test_a_flow_goes_out_as_a_file_and_comes_back_the_same(client: Client, house: House) -> None:
    flow = shipped(house)
    text = client.get(url("flow-file", flow)).content.decode()
    assert "爽约挽回" in text
    client.post(reverse("desk:flow-bring-in"), {"text": text})
    other = Flow.objects.exclude(pk=flow.pk).get(name=flow.name)
    assert other.draft == flow.draft
    bad = client.post(reverse("desk:flow-bring-in"), {"text": "name: [\n"})
    assert bad.status_code == 422
    assert "第 1 行" in bad.content.decode()
    ring = text.replace("next: again", "next: wait")
    client.post(reverse("desk:flow-bring-in"), {"text": ring})
    newest = Flow.objects.order_by("-pk").first()
    assert newest is not None
    refused = client.post(url("flow-publish", newest))
    assert "绕成了圈" in refused.content.decode()


def test_the_pages_of_a_running_flow(client: Client, house: House) -> None:
    flow = shipped(house)
    client.post(url("flow-publish", flow))
    patient = house.patient(consultant=house.manager)
    booking = house.confirmed(patient)
    bookings.mark_no_show(booking.public_id, by=house.reception, now=TEN.replace(hour=4))
    running.tick(now=TEN.replace(hour=5))
    frame = {
        "do": "frame", "name": "改名", "kind": "event", "event": "journey.booking.no_show",
        "reentry": "always", "holdout": "10", "goal": "visited", "goal_days": "9",
    }  # fmt: skip
    assert client.post(url("flow-edit", flow), frame).status_code == 302
    for name, words in (
        ("flow", "草稿有未发布的改动"),
        ("flow", "按 10% 的对照，大约要 300 人满期"),
        ("flow-difference", "+"),
        ("flow-dry", "昨天没有人会进入"),
        ("flow-edit", "改名"),
    ):
        page = client.get(url(name, flow))
        assert page.status_code == 200
        assert words in page.content.decode()
    assert client.post(url("flow-turn", flow), {"do": "pause"}).status_code == 302
    assert client.post(url("flow-turn", flow), {"do": "explode"}).status_code == 404
    with time_machine.travel(TEN.replace(hour=6), tick=False):
        sign_in(client, house.manager)  # the morning's session has idled away
        assert client.post(url("flow-turn", flow), {"do": "end"}).status_code == 302
        assert "改名" in client.get(reverse("desk:flows")).content.decode()
    flow.refresh_from_db()
    assert flow.status == FlowStatus.ENDED


def test_who_may_not_write_only_reads(client: Client, house: House) -> None:
    flow = shipped(house)
    sign_in(client, house.staff("aftercare", "客服"))
    assert client.get(url("flow", flow)).status_code == 200
    for name in ("flow-publish", "flow-turn", "flow-copy", "flow-back-to", "flow-edit"):
        assert client.post(url(name, flow), {"do": "pause"}).status_code == 404
    sign_in(client, house.online)
    assert client.get(url("flow", flow)).status_code == 404
    sign_in(client, House().manager)
    assert client.get(url("flow", flow)).status_code == 404


def test_a_task_stands_on_today_and_in_the_list_until_done(client: Client, house: House) -> None:
    draft = {
        "use": "care",
        "trigger": {"kind": "event", "event": "journey.booking.no_show"},
        "reentry": {"mode": "always"},
        "goal": {"event": "booked", "days": 9},
        "start": "call",
        "nodes": {
            "call": {"kind": "task", "text": "问清原因", "owner": "consultant", "hours": 4, "next": ""}
        },
    }
    flow = Flow.objects.get(name="爽约挽回")
    flow = flows.copy(flow.public_id, by=house.manager, now=EIGHT)
    flows.save(flow.public_id, draft=draft, by=house.manager, now=EIGHT)
    flows.publish(flow.public_id, by=house.manager, now=EIGHT)
    booking = house.confirmed(house.patient(consultant=house.consultants[0]))
    bookings.mark_no_show(booking.public_id, by=house.reception, now=TEN.replace(hour=4))
    running.tick(now=TEN.replace(hour=5))
    task = FlowTask.objects.get()
    sign_in(client, house.consultants[0])
    assert "问清原因" in client.get(reverse("desk:today")).content.decode()
    assert "林**" in client.get(reverse("desk:flow-tasks")).content.decode()
    assert client.post(reverse("desk:flow-task-done", args=[task.public_id])).status_code == 302
    assert "没有待办" in client.get(reverse("desk:flow-tasks")).content.decode()
