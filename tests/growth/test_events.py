"""An event from its draft to its money: places, the line, the door without a network, leads, the end."""

import json
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from tests.factories.billing import OrderFactory, PaymentFactory
from tests.factories.ui import sign_in
from tests.growth.gathering import DAY, END, HOUR, START, Gathering
from tests.journey.clinic import TEN
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.actions import door, events, events_after, seats
from yimei.growth.enums.events import PlaceKind, SeatStatus
from yimei.growth.models import DoorScan, Event, EventCost, Lead, Seat, SeatEntry
from yimei.growth.queries import events as queries
from yimei.outbox.models import NumberMessage
from yimei.people.models import Patient

pytestmark = pytest.mark.django_db
S = SeatStatus


@pytest.fixture
def house() -> Gathering:
    return Gathering()


def scan(seat: Seat, at: Any = START) -> door.Scan:
    return door.Scan(uuid4(), queries.ticket_of(seat), at)


def said(template: str) -> list[str]:
    return [one.phone or "" for one in NumberMessage.objects.filter(template__code=template).order_by("pk")]


def test_an_event_is_published_by_another_who_has_read_its_words(house: Gathering) -> None:
    bold = house.draft(title="全国最好的双眼皮", words="保证效果")
    with pytest.raises(RuleBroken, match="还不能发布") as refused:
        events.publish(bold.public_id, by=house.director, now=TEN)
    assert {"《广告法》第九条", "《广告法》第十六条"} <= {one.why for one in refused.value.missing}
    with pytest.raises(NotFound):
        events.publish(house.draft().public_id, by=house.manager, now=TEN)
    own = house.draft(by=house.director)
    with pytest.raises(RuleBroken, match="另一位同事"):
        events.publish(own.public_id, by=house.director, now=TEN)
    with pytest.raises(RuleBroken, match="已发布的活动不能修改"):
        house.draft(event_id=house.event.public_id)


def test_the_third_waits_the_fourth_is_refused_and_who_leaves_lets_the_next_one_up(house: Gathering) -> None:
    first, _second, third = (house.registers(n) for n in (1, 2, 3))
    assert (first.status, third.status, queries.left(house.event)) == (S.HELD, S.WAITING, 0)
    with pytest.raises(RuleBroken, match="名额已满"):
        house.registers(4)
    assert Seat.objects.count() == 3
    with pytest.raises(NotFound):
        seats.give_back(first.public_id, "0" * 32, now=TEN)
    seats.give_back(first.public_id, queries.mark_of(first), now=TEN)
    third.refresh_from_db()
    assert (third.status, queries.left(house.event)) == (S.HELD, 0)
    assert said("event.moved_up") == [third.phone]
    assert house.registers(1).status == S.WAITING
    events.add_places(house.event.public_id, more=5, by=house.manager, now=TEN)
    assert Seat.objects.filter(status=S.HELD).count() == 3
    assert queries.left(house.event) == 4


def test_the_database_itself_refuses_a_place_that_is_not_there(house: Gathering) -> None:
    house.registers(1)
    house.registers(2)
    waiting = house.registers(3)
    last = SeatEntry.objects.filter(event=house.event).latest("seq")
    line = {"event": house.event, "kind": PlaceKind.TAKEN, "change": -1, "seat": waiting, "at": TEN}
    for seq, balance in ((last.seq + 1, -1), (last.seq + 1, 0), (last.seq, 0)):
        with pytest.raises(IntegrityError), transaction.atomic():
            SeatEntry.objects.create(**line, seq=seq, balance=balance)
    with pytest.raises(IntegrityError), transaction.atomic():
        SeatEntry.objects.filter(pk=last.pk).update(balance=9)


def test_a_number_has_one_seat_and_is_told_again_once_a_day(house: Gathering) -> None:
    seat = house.registers(1)
    assert house.registers(1, name="别人") == seat
    assert house.registers(1, phone="+86 129-0000-0001", ip="x") == seat
    assert (Seat.objects.count(), len(said("event.registered"))) == (1, 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Seat.objects.filter(pk=seat.pk).update(status="came")
    with pytest.raises(RuleBroken, match="告知刚刚更新"):
        house.registers(2, notice_id=uuid4())


def test_scans_of_a_door_without_a_network_count_once_in_whatever_order(house: Gathering) -> None:
    first, second = house.registers(1), house.registers(2)
    waiting = house.registers(3)
    forged = door.Scan(uuid4(), queries.ticket_of(first)[:-1] + "z", START)
    with pytest.raises(RuleBroken, match="6 小时"):
        door.take(house.event.public_id, [scan(first)], by=house.reception, now=START - 7 * HOUR)
    batch = [
        scan(second),
        scan(first),
        scan(first),
        forged,
        scan(waiting),
        door.Scan(uuid4(), "http://x", START),
    ]
    now = END + HOUR
    told = [one.result for one in door.take(house.event.public_id, batch, by=house.reception, now=now)]
    assert told == ["came", "came", "again", "unknown", "waiting", "unknown"]
    again = door.take(house.event.public_id, batch, by=house.reception, now=now)
    assert [one.result for one in again] == told
    assert DoorScan.objects.count() == 6
    first.refresh_from_db()
    assert (first.status, first.came_at) == (S.CAME, START)
    for stranger in (house.consultants[0], Gathering().reception):
        with pytest.raises(NotFound):
            door.take(house.event.public_id, batch[:1], by=stranger, now=now)
    with pytest.raises(NotFound):
        door.take(house.event.public_id, batch[:1], by=house.reception, now=END + 13 * HOUR)


def test_whoever_walks_in_takes_a_place_that_is_there(house: Gathering) -> None:
    known = house.registers(1)
    walks = {"name": "路人", "phone": "12900000009", "may_call": False, "may_news": False}
    seat = seats.walk_in(house.event.public_id, **walks, by=house.reception, now=START)
    assert (seat.status, queries.left(house.event)) == (S.CAME, 0)
    same = seats.walk_in(
        house.event.public_id, **(walks | {"phone": known.phone}), by=house.reception, now=START
    )
    assert (same, same.status) == (known, S.CAME)
    with pytest.raises(RuleBroken, match="先增加名额"):
        seats.walk_in(
            house.event.public_id, **(walks | {"phone": "12900000008"}), by=house.reception, now=START
        )


def test_only_those_who_agreed_become_leads_and_each_once(house: Gathering) -> None:
    came, quiet = house.registers(1), house.registers(2, may_call=False)
    door.take(house.event.public_id, [scan(came), scan(quiet)], by=house.reception, now=START)
    events.add_places(house.event.public_id, more=3, by=house.manager, now=TEN + HOUR)
    absent, stranger = house.registers(5), house.registers(6)
    for _n in range(2):
        seats.open_ticket(absent.public_id, queries.mark_of(absent), now=TEN + HOUR)
    with pytest.raises(NotFound):
        seats.open_ticket(stranger.public_id, queries.mark_of(absent), now=TEN + HOUR)
    assert events_after.follow_up(now=END + 11 * HOUR) == 0
    assert [events_after.follow_up(now=END + hours) for hours in (16 * HOUR, 17 * HOUR)] == [2, 0]
    leads = list(Lead.objects.order_by("pk"))
    assert [(one.name, one.source) for one in leads] == [("客人1", "event"), ("客人5", "event")]
    assert all(one.owner is not None and one.next_due_at is not None for one in leads)
    notes = [one.touches.get().note for one in leads]
    assert ("参加了活动" in notes[0], "没有到场" in notes[1]) == (True, True)
    statuses = list(Seat.objects.order_by("pk").values_list("status", flat=True))
    assert statuses == [S.CAME, S.CAME, S.ABSENT, S.ABSENT]
    assert Seat.objects.get(pk=stranger.pk).lead is None, "a number that nobody proved is nobody's to call"


def test_reminders_go_the_day_before_by_day_and_once(house: Gathering) -> None:
    house.registers(1)
    assert events_after.remind(now=TEN - DAY) == 0
    assert events_after.remind(now=TEN + 12 * HOUR) == 0
    assert [events_after.remind(now=TEN + HOUR) for _n in range(2)] == [1, 0]
    assert len(said("event.reminder")) == 1


def test_a_cancelled_event_tells_everybody_and_takes_nobody(house: Gathering) -> None:
    for n in (1, 2, 3):
        house.registers(n)
    with pytest.raises(RuleBroken, match="写明原因"):
        events.cancel(house.event.public_id, why="请找 13800138000", by=house.manager, now=TEN)
    assert events.cancel(house.event.public_id, why="讲者生病", by=house.manager, now=TEN) == 3
    assert len(said("event.cancelled")) == 3
    with pytest.raises(RuleBroken, match="已取消"):
        house.registers(4)
    assert events_after.follow_up(now=END + 16 * HOUR) == 0
    assert Client().get(reverse("site:event", args=[house.event.code])).status_code == 410


def test_costs_are_lines_that_only_another_line_takes_back(house: Gathering) -> None:
    key = uuid4()
    asked = {"what": "场地", "on": TEN.date(), "by": house.manager, "now": TEN}
    for _n in range(2):
        events.add_cost(house.event.public_id, key=key, amount=Decimal(800), **asked)
    assert queries.cost_of(house.event) == 800
    with pytest.raises(RuleBroken, match="冲减不能超过"):
        events.add_cost(house.event.public_id, key=uuid4(), amount=Decimal(-900), **asked)
    events.add_cost(house.event.public_id, key=uuid4(), amount=Decimal(-300), **asked)
    assert queries.outcome(house.event).money.cost == 500
    with pytest.raises(IntegrityError), transaction.atomic():
        EventCost.objects.update(amount=1)


def test_one_number_and_one_address_register_only_so_often(house: Gathering) -> None:
    others = [house.draft(title=f"讲座{n}", capacity=40) for n in range(3)]
    for one in others:
        events.publish(one.public_id, by=house.director, now=TEN)
    first = house.event
    for one in (first, *others[:2]):
        house.event = Event.objects.get(pk=one.pk)
        house.registers(1)
    house.event = Event.objects.get(pk=others[2].pk)
    with pytest.raises(RuleBroken, match="这个号码今天报名太多"):
        house.registers(1)
    for n in range(2, 32):
        house.registers(n, ip="10.9.9.9")
    with pytest.raises(RuleBroken, match="报名的人很多"):
        house.registers(32, ip="10.9.9.9")


def test_what_came_of_it_is_new_customers_money_of_ninety_days(house: Gathering) -> None:
    for n, (born, paid, after) in enumerate([(1, 3000, 89), (1, 500, 90), (-1, 700, 5)]):
        event = house.event
        seat = house.registers(n)
        patient = house.patient(source="event")
        Patient.objects.filter(pk=patient.pk).update(created_at=event.starts_at + born * DAY)
        lead = house.lead(phone=f"1290001{n:04d}", source="event")
        Lead.objects.filter(pk=lead.pk).update(patient=patient)
        Seat.objects.filter(pk=seat.pk).update(lead=lead)
        order = OrderFactory(patient=patient, campus=house.campus, amount=Decimal(paid), deposit=0)
        PaymentFactory(order=order, amount=Decimal(paid), kind="balance", at=event.starts_at + after * DAY)
    events.add_cost(
        house.event.public_id, key=uuid4(), amount=Decimal(1200), what="场地", on=TEN.date(),
        by=house.manager, now=TEN,
    )  # fmt: skip
    found = queries.outcome(house.event).money
    assert (found.fresh, found.known, found.back) == (Decimal(3000), Decimal(700), 1.5)


def test_registrations_are_forgotten_when_their_time_is_over(house: Gathering) -> None:
    seat = house.registers(1)
    assert events_after.erase_due(now=END + 300 * DAY) == 0
    assert events_after.erase_due(now=END + 760 * DAY) == 1
    seat = Seat.objects.select_related("vault_key").get(pk=seat.pk)
    assert (seat.vault_key.is_destroyed, seat.phone_token, str(seat.name)) == (True, None, "（已删除）")
    with pytest.raises(NotFound):
        queries.seat_behind(seat.public_id, queries.mark_of(seat))


# ---- screens ----------------------------------------------------------------------------------------


def post(house: Gathering, **values: Any) -> Any:
    page = Client().get(reverse("site:event", args=[house.event.code]))
    asked = {"name": "林女士", "phone": "12900000001", "agreed": "on", "website": ""}
    asked["notice"] = str(page.context["notice"].public_id)
    return Client().post(reverse("site:event", args=[house.event.code]), asked | values)


@pytest.mark.parametrize(
    ("values", "status", "kept"),
    [
        ({}, 302, 1),
        ({"name": "𠮷野😀"}, 302, 1),
        ({"agreed": ""}, 422, 0),
        ({"phone": "12"}, 422, 0),
        ({"name": "很" * 41}, 422, 0),
        ({"website": "x"}, 302, 0),
    ],
)
def test_the_website_takes_a_registration_or_says_why_not(
    house: Gathering, values: dict[str, str], status: int, kept: int
) -> None:
    with time_machine.travel(TEN, tick=False):
        assert (post(house, **values).status_code, Seat.objects.count()) == (status, kept)
        seat = Seat.objects.first()
        if seat is not None:
            assert (seat.may_call, seat.may_news) == (False, False)
            assert said("event.registered") == [seat.phone]
            page = Client().get(queries.ticket_path(seat))
            assert (page.status_code, page.headers["Referrer-Policy"]) == (200, "no-referrer")
            assert seat.phone[-8:] not in page.content.decode()
            assert Seat.objects.get().proved_at == TEN, "the address went to the number alone"


def test_the_door_page_holds_masked_names_and_takes_batches(house: Gathering) -> None:
    seat = house.registers(1, name="林小雨")
    client = Client()
    with time_machine.travel(START, tick=False):
        sign_in(client, house.reception)
        page = client.get(reverse("desk:event-door", args=[house.event.public_id])).content.decode()
        assert ("林小雨" in page, seat.phone in page) == (False, False)
        address = reverse("desk:event-scans", args=[house.event.public_id])
        one = {"key": str(uuid4()), "code": queries.ticket_of(seat), "at": START.isoformat()}
        for body, status in (
            (json.dumps({"scans": [one]}), 200),
            (json.dumps({"scans": [one]}), 200),
            ("", 422),
            (json.dumps({"scans": [one | {"at": "x"}]}), 422),
            (json.dumps({"scans": [one | {"key": "x"}]}), 422),
            (json.dumps([]), 422),
        ):
            answer = client.post(address, body, content_type="application/json")
            assert answer.status_code == status
        assert DoorScan.objects.count() == 1
        assert client.get(reverse("desk:event-walk-in", args=[house.event.public_id])).status_code == 200
        assert client.get(reverse("desk:event-doors")).status_code == 200
        assert client.get(reverse("desk:events")).status_code == 404
        sign_in(client, house.manager)
        for name in ("events", "event-new"):
            assert client.get(reverse(f"desk:{name}")).status_code == 200
        assert client.get(reverse("desk:event", args=[house.event.public_id])).status_code == 200
        late = house.draft(title="没人报名的讲座")
        assert "共 0 条" not in client.get(reverse("desk:event", args=[late.public_id])).content.decode()
        sign_in(client, house.director)
        refused = client.post(reverse("desk:event-publish", args=[late.public_id]))
        assert (refused.status_code, late.title in refused.content.decode()) == (422, True)
        assert "开始时间已经过去" in refused.content.decode(), "said on its page, not instead of it"
        assert UUID(one["key"]) == DoorScan.objects.get().key
