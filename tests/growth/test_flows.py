"""Flows over real rows: who comes in, each step once, the gate above all, a worker that dies on the way."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from tests.factories import shipped
from tests.factories.billing import PaymentFactory
from tests.growth.house import House, days
from tests.journey.clinic import EIGHT, TEN
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth import registry
from yimei.growth.actions import flows, leads, profiles, running, segments, tags
from yimei.growth.enums import LeadLoss, SegmentUse
from yimei.growth.enums.flows import FlowStatus, RunEnd
from yimei.growth.models import Flow, FlowRun, FlowStep, FlowTask, FlowVersion, Profile
from yimei.growth.queries import dry
from yimei.growth.queries import flows as queries
from yimei.growth.rules.flows import reading
from yimei.growth.rules.flows import running as rules
from yimei.journey.actions import bookings
from yimei.outbox import registry as outbox
from yimei.outbox.actions import engine, optouts
from yimei.outbox.models import Message, Template
from yimei.people.models import Patient
from yimei.privacy.actions import consents, erasure, holds
from yimei.privacy.enums import HoldKind

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SAY = {"kind": "message", "label": "请改约", "template": "visit.missed", "next": "call"}
CALL = {"kind": "task", "label": "打电话", "text": "问清原因", "owner": "consultant", "hours": 4, "next": ""}
NODES: dict[str, Any] = {
    "wait": {"kind": "wait", "label": "等", "hours": 2, "next": "again"},
    "again": {
        "kind": "check",
        "label": "约了",
        "rules": {"all": [{"field": "coming_on", "op": "next", "value": 60}]},
        "yes": "",
        "no": "say",
    },
    "say": SAY,
    "call": CALL,
}


@pytest.fixture
def house() -> House:
    made = House()
    shipped.register(EIGHT.replace(month=1))
    return made


def graph(**values: Any) -> dict[str, Any]:
    base = {
        "use": "care",
        "trigger": {"kind": "event", "event": "journey.booking.no_show"},
        "reentry": {"mode": "after", "days": 14},
        "holdout": 0,
        "goal": {"event": "booked", "days": 14},
        "start": next(iter(values.get("nodes", NODES))),
        "nodes": NODES,
    }
    return base | values


def publish(house: House, *, at: Any = EIGHT, **values: Any) -> Flow:
    draft = graph(**values)
    flow = flows.create(name="旅程", use=SegmentUse(draft["use"]), draft=draft, by=house.manager, now=at)
    flows.publish(flow.public_id, by=house.manager, now=at)
    return flow


def miss(house: House, patient: Patient | None = None, **values: Any) -> Patient:
    booking = house.confirmed(patient, **values)
    bookings.mark_no_show(booking.public_id, by=house.reception, now=booking.starts_at + HOUR)
    return booking.patient


def said() -> QuerySet[Message]:
    """What flows sent; bookings send of their own."""
    return Message.objects.filter(key__startswith="flow:")


def results(flow: Flow) -> list[tuple[str, str]]:
    return list(FlowStep.objects.filter(run__flow=flow).values_list("node", "result"))


def test_whoever_misses_a_visit_is_asked_and_called(house: House) -> None:
    flow = publish(house)
    patient = miss(house)
    now = TEN + 2 * HOUR
    running.tick(now=now)
    assert results(flow) == [("wait", "waiting")]
    running.tick(now=now + HOUR)
    assert len(results(flow)) == 1
    running.tick(now=now + 2 * HOUR)
    assert results(flow)[1:] == [("again", "no"), ("say", "sent"), ("call", "done")]
    message, task = said().get(), FlowTask.objects.get()
    assert (message.patient, message.template.code) == (patient, "visit.missed")
    assert (task.profile.patient, task.text) == (patient, "问清原因")  # type: ignore[union-attr]
    run = FlowRun.objects.get()
    assert (run.ended_because, run.wake_at) == (RunEnd.DONE, None)
    running.tick(now=now + 5 * HOUR)
    assert (len(results(flow)), said().count()) == (4, 1)


def test_a_condition_sees_what_happened_a_moment_ago(house: House) -> None:
    flow = publish(house)
    patient = miss(house)
    running.tick(now=TEN + 2 * HOUR)
    house.request(patient, starts_at=TEN + 6 * HOUR, now=TEN + 3 * HOUR)
    running.advance(flow.pk, now=TEN + 4 * HOUR)
    assert results(flow)[-1] == ("again", "yes")
    assert not said().exists()


def test_what_happened_before_publication_brings_nobody_in(house: House) -> None:
    miss(house)
    flow = publish(house, at=TEN + 2 * HOUR)
    running.tick(now=TEN + 3 * HOUR)
    assert not flow.runs.exists()


@pytest.mark.parametrize(("mode", "runs"), [("never", 1), ("after", 1), ("always", 2)])
def test_the_policy_says_who_comes_in_again(house: House, mode: str, runs: int) -> None:
    reentry = {"mode": mode, "days": 14} if mode == "after" else {"mode": mode}
    flow = publish(house, reentry=reentry, nodes={"call": CALL})
    patient = miss(house)
    running.tick(now=TEN + 2 * HOUR)
    miss(house, patient, starts_at=TEN + timedelta(hours=3))
    running.tick(now=TEN + 5 * HOUR)
    assert flow.runs.count() == runs


def test_whoever_is_inside_does_not_come_in_again(house: House) -> None:
    flow = publish(house, reentry={"mode": "always"})
    patient = miss(house)
    running.tick(now=TEN + 2 * HOUR)
    miss(house, patient, starts_at=TEN + HOUR)
    running.tick(now=TEN + 3 * HOUR)
    assert flow.runs.count() == 1


def test_one_occasion_brings_somebody_in_once(house: House) -> None:
    nobody_came = {"field": "visits", "op": "lte", "value": 99}
    segment = segments.create(name="都在", use=SegmentUse.CARE, tree=nobody_came, by=house.manager, now=EIGHT)
    flow = publish(
        house,
        reentry={"mode": "always"},
        nodes={"call": CALL},
        trigger={"kind": "segment", "segment": segment.name},
    )
    house.patient()
    for minutes in (1, 2, 3):
        running.tick(now=EIGHT + timedelta(minutes=minutes))
    assert flow.runs.count() == 1


@pytest.mark.parametrize(("loss", "status"), [(LeadLoss.PRICE, "open"), (LeadLoss.REFUSED, "lost")])
def test_a_lost_lead_is_followed_again_unless_she_asked_to_be_left_alone(
    house: House, loss: LeadLoss, status: str
) -> None:
    flow = publish(house, nodes={"again": {"kind": "stage", "label": "重新跟进", "next": ""}})
    lead = house.lead()
    leads.lose(lead.public_id, loss=loss, by=house.online, now=EIGHT)
    profiles.refresh(now=EIGHT)
    FlowRun.objects.create(
        flow=flow, version=flow.versions.get(), profile=lead.profile, key="x", node="again",
        wake_at=EIGHT, entered_at=EIGHT,
    )  # fmt: skip
    running.advance(flow.pk, now=TEN)
    lead.refresh_from_db()
    assert (lead.status, results(flow)) == (status, [("again", "done" if status == "open" else "skipped")])


def test_the_held_out_are_counted_and_left_alone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def lot(seed: str) -> int:
        asked.append(seed)
        return 5 if "holdout" in seed else 50

    monkeypatch.setattr(rules, "lot", lot)
    flow = publish(house, holdout=10)
    miss(house)
    running.tick(now=TEN + 9 * HOUR)
    run = flow.runs.get()
    assert asked == [f"{flow.pk}:holdout:{run.profile_id}"], "a rehearsal draws the same again"
    assert (run.is_held_out, run.ended_because, run.steps.count()) == (True, RunEnd.HELD_OUT, 0)
    found = queries.effect(flow, reading.parse(flow.draft), now=days(20))
    assert (found.held.n, found.treated.n, found.lift) == (1, 0, None)


def test_the_gate_holds_for_every_flow(house: House) -> None:
    say = {"say": {**SAY, "template": "dormant.hello", "next": ""}}
    nodes = {"tag": {"kind": "tag", "tag": "久未来", "next": "say"}, **say}
    tags.create(name="久未来", by=house.manager, now=EIGHT)
    flow = publish(
        house, use="marketing", nodes=nodes, trigger={"kind": "event", "event": "billing.payment.take"}
    )
    silent, agreed = house.patient(), house.patient()
    consents.give(agreed, "marketing", now=EIGHT)
    profiles.refresh(now=EIGHT)
    allowed = queries.surroundings(house.campus.pk, EIGHT.date())
    assert "久未来" in allowed.tags
    version = flow.versions.get()
    for one in (silent, agreed):
        FlowRun.objects.create(
            flow=flow, version=version, profile=one.growth_profile, key=f"x{one.pk}", node="tag",
            wake_at=EIGHT, entered_at=EIGHT,
        )  # fmt: skip
    consents.withdraw(agreed, "marketing", now=TEN)
    running.advance(flow.pk, now=TEN)
    assert sorted(FlowStep.objects.filter(node="say").values_list("result", flat=True)) == ["refused"] * 2
    assert {one.reason for one in said()} == {
        "没有取得本人对此目的的有效同意。",
        "本人已退订或拒绝，立即停止发送。",
    }


def test_only_those_who_agreed_enter_a_marketing_flow(house: House) -> None:
    flow = publish(
        house,
        use="marketing",
        trigger={"kind": "date", "field": "birthday", "days": 0},
        nodes={"say": {**SAY, "template": "greeting.birthday", "next": ""}},
    )
    born = [house.patient(person__birth_date=EIGHT.date().replace(year=1990, day=17)) for _n in range(2)]
    consents.give(born[0], "marketing", now=EIGHT)
    running.tick(now=days(1))
    running.tick(now=days(1) + HOUR)
    assert [run.profile.patient for run in flow.runs.all()] == [born[0]]  # type: ignore[union-attr]
    assert said().get().message_class == "marketing"


def test_whoever_is_sealed_on_the_way_goes_no_further(house: House) -> None:
    flow = publish(house)
    patient = miss(house)
    running.tick(now=TEN + 2 * HOUR)
    erasure.restrict(patient, now=TEN + 3 * HOUR)
    running.advance(flow.pk, now=TEN + 9 * HOUR)
    run = flow.runs.get()
    assert (run.ended_because, said().count(), len(results(flow))) == (RunEnd.LEFT, 0, 1)


def test_erasure_takes_the_person_out_of_the_figures_names(house: House) -> None:
    flow = publish(house)
    patient = miss(house)
    running.tick(now=TEN + 9 * HOUR)
    profiles.forget(patient, TEN)
    assert (flow.runs.get().profile, FlowTask.objects.filter(profile=None).count()) == (
        None,
        FlowTask.objects.count(),
    )
    assert queries.figures(flow).entered == 1


def test_what_happened_long_ago_brings_nobody_in(house: House) -> None:
    flow = publish(house)
    miss(house)
    running.tick(now=days(9))
    assert not flow.runs.exists()


def test_a_template_turned_off_since_is_passed_over(house: House) -> None:
    flow = publish(house, nodes={"say": SAY, "call": CALL})
    Template.objects.filter(code="visit.missed").update(is_active=False)
    miss(house)
    running.tick(now=TEN + 2 * HOUR)
    assert results(flow) == [("say", "skipped"), ("call", "done")]


class Killed(BaseException):
    """A worker that dies where it stands."""


def test_a_worker_that_dies_leaves_nothing_half_done(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    flow = publish(house, nodes={"say": SAY, "call": CALL})
    for n in range(3):
        miss(house, starts_at=TEN + n * HOUR)
    profiles.refresh(now=TEN + 5 * HOUR)
    running.enter(flow.pk, now=TEN + 5 * HOUR)
    hand_over = engine.hand_over

    def dying(messages: list[Message]) -> None:
        hand_over(messages)
        assert said().count() == 3
        raise Killed

    monkeypatch.setattr(engine, "hand_over", dying)
    with pytest.raises(Killed):
        running.advance(flow.pk, now=TEN + 5 * HOUR)
    assert not said().exists()
    assert not FlowStep.objects.exists()
    monkeypatch.undo()
    running.advance(flow.pk, now=TEN + 6 * HOUR)
    running.advance(flow.pk, now=TEN + 7 * HOUR)
    assert (said().count(), FlowTask.objects.count(), FlowStep.objects.count()) == (3, 3, 6)


def test_those_inside_go_on_by_their_own_version(house: House) -> None:
    flow = publish(house)
    miss(house)
    running.tick(now=TEN + 2 * HOUR)
    flows.save(flow.public_id, draft=graph(nodes={"call": CALL}), by=house.manager, now=TEN + 3 * HOUR)
    version = flows.publish(flow.public_id, by=house.manager, now=TEN + 3 * HOUR)
    running.tick(now=TEN + 9 * HOUR)
    assert (version.number, [node for node, _result in results(flow)]) == (
        2,
        ["wait", "again", "say", "call"],
    )
    back = flows.back_to(flow.public_id, number=1, by=house.manager, now=TEN + 9 * HOUR)
    assert back.draft == flow.versions.get(number=1).graph


def test_a_paused_flow_stands_still_and_an_ended_one_for_good(house: House) -> None:
    flow = publish(house)
    miss(house)
    running.tick(now=TEN + 2 * HOUR)
    flows.pause(flow.public_id, by=house.manager, now=TEN + 2 * HOUR)
    running.tick(now=TEN + 9 * HOUR)
    assert len(results(flow)) == 1
    flows.resume(flow.public_id, by=house.manager, now=TEN + 9 * HOUR)
    running.tick(now=TEN + 9 * HOUR)
    assert len(results(flow)) == 4
    ended = flows.end(flow.public_id, by=house.manager, now=TEN + 10 * HOUR)
    assert ended.status == FlowStatus.ENDED
    with pytest.raises(RuleBroken, match="已停用"):
        flows.publish(flow.public_id, by=house.manager, now=TEN + 10 * HOUR)


def test_nothing_that_cannot_run_is_published(house: House) -> None:
    bad = graph(nodes={"wait": {**NODES["wait"], "next": "wait"}})
    flow = flows.create(name="圈", use=SegmentUse.CARE, draft=bad, by=house.manager, now=EIGHT)
    with pytest.raises(RuleBroken, match="绕成了圈"):
        flows.publish(flow.public_id, by=house.manager, now=EIGHT)
    assert not FlowVersion.objects.exists()


def test_a_copy_shares_nothing_and_a_foreign_flow_is_not_found(house: House) -> None:
    flow = publish(house)
    other = flows.copy(flow.public_id, by=house.manager, now=EIGHT)
    flows.save(other.public_id, draft=graph(nodes={"call": CALL}), by=house.manager, now=EIGHT)
    flow.refresh_from_db()
    assert set(flow.draft["nodes"]) == set(NODES)
    stranger = House().manager
    with pytest.raises(NotFound):
        flows.pause(flow.public_id, by=stranger, now=EIGHT)
    with pytest.raises(NotFound):
        flows.pause(flow.public_id, by=house.online, now=EIGHT)


def test_a_benefit_is_given_once_by_whoever_registered_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[str, str]] = []

    def give(patient: Patient, value: str, key: str, now: Any) -> bool:
        given.append((value, key))
        return True

    monkeypatch.setattr(registry, "_grants", {"points": registry.Grant("points", "积分", give)})
    flow = publish(house, nodes={"give": {"kind": "grant", "what": "points", "value": "50", "next": ""}})
    miss(house)
    running.tick(now=TEN + 2 * HOUR)
    run = flow.runs.get()
    assert given == [("50", f"flow:{run.public_id}:give")]


def test_a_dry_run_writes_nothing_and_says_what_would_come(house: House) -> None:
    flow = publish(house)
    miss(house)
    profiles.refresh(now=days(0.5))
    before = (said().count(), FlowRun.objects.count(), FlowStep.objects.count())
    found = dry.rehearse(flow, reading.parse(flow.draft), now=days(1))
    assert (found.came, found.walked, dict(found.by_node)) == (
        1,
        1,
        {"wait": 1, "again": 1, "say": 1, "call": 1},
    )
    assert found.results["say"] == {"可以发送": 1}
    assert (said().count(), FlowRun.objects.count(), FlowStep.objects.count()) == before


def test_a_task_is_finished_by_its_owner_only(house: House) -> None:
    patient = house.patient(consultant=house.consultants[0])
    publish(house, nodes={"call": CALL})
    miss(house, patient)
    running.tick(now=TEN + 2 * HOUR)
    task = FlowTask.objects.get()
    assert task.staff == house.consultants[0]
    with pytest.raises(NotFound):
        flows.finish_task(task.public_id, by=house.consultants[1], now=TEN)
    for _twice in range(2):
        flows.finish_task(task.public_id, by=house.consultants[0], now=TEN + 3 * HOUR)
    task.refresh_from_db()
    assert task.done_at == TEN + 3 * HOUR


def test_more_people_take_no_more_queries_to_show(house: House) -> None:
    flow = publish(house)
    counts = []
    for n in range(2):
        for m in range(1 + 3 * n):
            miss(house, starts_at=TEN + (n + m) * HOUR)
        running.tick(now=TEN + (9 + n) * HOUR)
        with CaptureQueriesContext(connection) as captured:
            queries.figures(flow)
            queries.effect(flow, reading.parse(flow.draft), now=days(30))
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert Profile.objects.count() == 5


def test_a_number_that_refused_gets_nothing_from_any_flow(house: House) -> None:
    say = {"say": {**SAY, "template": "dormant.hello", "next": ""}}
    flow = publish(house, use="marketing", nodes=say, trigger={"kind": "inactive", "days": 30})
    patient = house.patient()
    consents.give(patient, "marketing", now=EIGHT)
    profiles.refresh(now=EIGHT)
    FlowRun.objects.create(
        flow=flow, version=flow.versions.get(), profile=patient.growth_profile, key="x", node="say",
        wake_at=TEN, entered_at=EIGHT,
    )  # fmt: skip
    optouts.by_reply(patient.person.phone, "TD", ref="1", now=EIGHT + HOUR)
    running.advance(flow.pk, now=TEN)
    assert results(flow) == [("say", "refused")]
    assert said().get().reason == "本人已退订或拒绝，立即停止发送。"
    assert said().get().status == "refused"


def test_money_on_its_way_back_and_a_dispute_keep_a_customer_quiet(house: House) -> None:
    patient, other = house.patient(), house.patient()
    assert outbox.reasons_to_be_quiet([patient.pk, other.pk], EIGHT) == {}
    officer = house.staff("privacy", "负责人")
    holds.open_for(
        patient.file_no or "",
        kind=HoldKind.COMPLAINT,
        ground="对结果不满，要求复核",
        parties="本人与质控人员",
        by=officer,
        now=EIGHT,
    )
    assert outbox.reasons_to_be_quiet([patient.pk, other.pk], EIGHT) == {patient.pk: "投诉或争议处理中"}
    paid = PaymentFactory(order__patient=other, order__campus=house.campus, at=EIGHT)
    PaymentFactory(
        order=paid.order,
        kind="refund",
        amount=-100,
        refund_of=paid,
        method=paid.method,
        reason="改期",
        at=EIGHT,
    )
    soon, late = EIGHT + timedelta(days=29), EIGHT + timedelta(days=30)
    assert outbox.reason_to_be_quiet(other, soon) == "退款后 30 天内"
    assert outbox.reason_to_be_quiet(other, late) == ""
