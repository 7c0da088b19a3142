"""The waiting list, those turned away and calendars, through their addresses."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.desk.front import HTMX, Front, at_time
from tests.journey.clinic import EIGHT, TEN
from tests.journey.test_links import token_of as visit_token
from tests.journey.test_waiting import enter, fill, token_of
from yimei.journey.enums import OfferStatus, WaitingStatus
from yimei.journey.models import Booking, CalendarFeed, TurnAway, WaitingEntry, WaitingOffer

pytestmark = pytest.mark.django_db


@pytest.fixture
def front() -> Front:
    return Front()


def body(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def test_reception_finds_a_customer_and_puts_her_on_the_list(front: Front) -> None:
    patient, client = front.patient(person__name="林晓雨"), front.client(front.reception)
    with at_time(EIGHT):
        assert "先找到客户" in body(client.get(reverse("desk:waiting-new")))
        found = client.post(reverse("desk:waiting-find"), {"text": "林晓雨"}, headers=HTMX)
        assert f"patient={patient.public_id}" in body(found)
        assert "林晓雨" not in body(found)
        address = reverse("desk:waiting-new") + f"?patient={patient.public_id}"
        assert client.get(address).status_code == 200
        asked = {
            "procedure": str(front.procedure.public_id),
            "kind": "consult",
            "staff": "",
            "weekdays": ["5", "6"],
            "from_hour": "13",
            "to_hour": "18",
            "valid_from": "2026-06-16",
            "valid_to": "2026-07-16",
            "urgency": "1",
        }
        refused = client.post(address, {**asked, "weekdays": []})
        assert refused.status_code == 422
        assert client.post(address, asked).status_code == 302
        page = body(client.get(reverse("desk:waiting")))
        again = client.post(address, asked)
    assert "周六、周日" in page
    assert "13:00–18:00" in page
    assert "林**" in page
    assert again.status_code == 422
    assert "已在候补名单" in body(again)
    assert WaitingEntry.objects.get().valid_to == date(2026, 7, 16)


def test_staff_answer_an_offer_for_the_customer(front: Front) -> None:
    for _ in range(2):
        enter(front)
    (offer,) = fill(front)
    client = front.client(front.reception)
    with at_time(EIGHT):
        page = body(client.get(reverse("desk:waiting")))
        assert reverse("desk:waiting-accept", args=[offer.public_id]) in page
        assert "6月16日 周二 10:00" in page, "the hour is read out to her, however far away the day"
        declined = client.post(reverse("desk:waiting-decline", args=[offer.public_id]), headers=HTMX)
        assert 'id="list"' in body(declined)
        (second,) = fill(front)
        accepted = client.post(reverse("desk:waiting-accept", args=[second.public_id]))
    assert accepted.status_code == 302
    assert Booking.objects.get().waiting_offer == second
    offer.refresh_from_db()
    assert offer.status == OfferStatus.DECLINED


def test_who_leaves_is_gone_from_the_list_and_found_among_the_past(front: Front) -> None:
    entry = enter(front)
    client = front.client(front.reception)
    with at_time(EIGHT):
        client.post(reverse("desk:waiting-withdraw", args=[entry.public_id]), headers=HTMX)
        assert "没有人在候补" in body(client.get(reverse("desk:waiting")))
        assert "已退出" in body(client.get(reverse("desk:waiting"), {"status": "withdrawn"}))
    entry.refresh_from_db()
    assert entry.status == WaitingStatus.WITHDRAWN


def test_a_refused_booking_is_noted_by_one_click(front: Front) -> None:
    front.request()
    patient, client = front.patient(person__name="林晓雨"), front.client(front.reception)
    asked = front.form(patient=str(patient.public_id))
    with at_time(EIGHT):
        refused = body(client.post(reverse("desk:booking-new"), asked))
        assert reverse("desk:turn-away") in refused
        assert reverse("desk:waiting-new") in refused
        said = re.search(r'name="said" value="([^"]+)"', refused)[1]  # type: ignore[index]
        noted = client.post(
            reverse("desk:turn-away"), {**asked, "slot": "", "refused": asked["slot"], "said": said}
        )
        assert noted.status_code == 302
        page = body(client.get(reverse("desk:turn-aways")))
    row = TurnAway.objects.get()
    assert (row.patient, row.wanted_at, row.staff) == (patient, TEN, front.consultants[0])
    assert "周蕾 10:00–10:30 已有安排" in page
    assert "林**" in page
    assert "时段已满" in page


@pytest.mark.parametrize("name", ["waiting", "waiting-new", "turn-aways"])
def test_the_list_is_for_those_who_book(front: Front, name: str) -> None:
    client = front.client(front.cashier)
    with at_time(EIGHT):
        assert client.get(reverse(f"desk:{name}")).status_code == 404


def test_a_calendar_is_made_read_and_stopped(front: Front) -> None:
    front.confirmed()
    client = front.client(front.consultants[0])
    with at_time(EIGHT):
        assert "还没有订阅" in body(client.get(reverse("desk:feeds")))
        page = body(client.post(reverse("desk:feed-create")))
        address = re.search(r"/desk/feed/[\w-]+\.ics", page)[0]  # type: ignore[index]
        read = Client().get(address)
        assert read["Content-Type"] == "text/calendar; charset=utf-8"
        assert "SUMMARY:面诊" in body(read)
        assert "林晓雨" not in body(read)
        assert address not in body(client.get(reverse("desk:feeds")))
        client.post(reverse("desk:feed-revoke"))
        assert Client().get(address).status_code == 404
    assert CalendarFeed.objects.filter(revoked_at=None).count() == 0


def test_the_link_of_a_visit_shows_time_and_place_and_takes_one_answer(front: Front) -> None:
    booking = front.confirmed(front.patient(person__name="林晓雨"))
    address = reverse("portal:visit", args=[visit_token(booking)])
    client = Client()
    with at_time(EIGHT):
        page = client.get(address)
        assert page["Referrer-Policy"] == "no-referrer"
        assert front.campus.name in body(page)
        assert "林晓雨" not in body(page)
        assert "切开重睑" not in body(page)
        assert "会按时到" in body(client.post(address, {"act": "come"}))
        assert client.post(address, {"act": "come"}).status_code == 409
        assert client.post(address, {"act": "move", "wish": ""}).status_code == 422
        assert client.post(address, {"act": "paint"}).status_code == 404
        assert "已取消" in body(client.post(address, {"act": "cancel"}))
        assert "不能再通过链接更改" in body(client.get(address))
    assert Client().get(reverse("portal:visit", args=["nobody"])).status_code == 404


def test_the_link_of_an_offer_takes_it_or_leaves_it(front: Front) -> None:
    enter(front)
    (offer,) = fill(front)
    address = reverse("portal:offer", args=[token_of(offer)])
    client = Client()
    with at_time(EIGHT):
        assert "接受这个时间" in body(client.get(address))
        assert "约上了" in body(client.post(address, {"act": "accept"}))
        assert client.post(address, {"act": "decline"}).status_code == 422
    with at_time(EIGHT + timedelta(hours=1)):
        again = body(client.get(address))
        assert "约上了，到时见" in again
        assert "已到期" not in again, "who has accepted is not told that it is over"
    assert WaitingOffer.objects.get().status == OfferStatus.ACCEPTED
