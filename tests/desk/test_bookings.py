"""The day of bookings, one booking and its moves, through the addresses."""

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.desk.front import HTMX, Front, at_time, queries_of, url
from tests.factories.journey import BookingFactory
from tests.journey.clinic import EIGHT, HALF_HOUR, TEN
from yimei.audit.models import Entry
from yimei.journey.enums import BookingStatus, VisitKind
from yimei.journey.models import Booking, ResourceClaim

pytestmark = pytest.mark.django_db

MOVES = ["booking-confirm", "booking-arrive", "booking-serve", "booking-no-show", "booking-cancel"]
DAY = {"day": "2026-06-16"}


@pytest.fixture
def front() -> Front:
    return Front()


@pytest.mark.parametrize("role", ["cashier", "nurse", "marketing"])
def test_who_may_not_see_bookings_finds_no_such_page(front: Front, role: str) -> None:
    client = front.client(front.staff(role, "谁"))
    booking = front.request()
    with at_time(EIGHT):
        for address in (url("bookings"), url("booking-new"), url("booking", booking.public_id)):
            assert client.get(address).status_code == 404
        for name in MOVES:
            assert client.post(url(name, booking.public_id)).status_code == 404


@pytest.mark.parametrize("name", [*MOVES, "booking-reschedule", "booking-triage"])
def test_a_booking_of_another_campus_or_a_forged_id_is_not_there(front: Front, name: str) -> None:
    booking = front.confirmed()
    stranger, reception = front.client(front.stranger, TEN), front.client(front.reception, TEN)
    with at_time(TEN):
        assert stranger.post(url(name, booking.public_id), {"reason": "误"}).status_code == 404
        assert reception.post(url(name, uuid4()), {"reason": "误"}).status_code == 404
    booking.refresh_from_db()
    assert booking.status == BookingStatus.CONFIRMED


def test_the_day_of_another_campus_is_empty(front: Front) -> None:
    front.request(front.patient(person__name="林晓雨"))
    client = front.client(front.stranger)
    with at_time(EIGHT):
        page = client.get(url("bookings"), DAY).content.decode()
    assert "这一天还没有预约" in page
    assert "林" not in page


@pytest.mark.parametrize("place", ["reception", "booking"])
def test_who_restricted_her_data_is_known_before_anybody_offers_her_more(front: Front, place: str) -> None:
    patient = front.patient()
    booking, words = front.confirmed(patient), "已限制处理，只办在办事项"
    client = front.client(front.reception, EIGHT)
    ids, query = ([booking.public_id], {}) if place == "booking" else ([], DAY)
    with at_time(EIGHT):
        assert words not in client.get(url(place, *ids), query).content.decode()
        patient.restricted_at = EIGHT
        patient.save(update_fields=["restricted_at"])
        assert words in client.get(url(place, *ids), query).content.decode()


def test_the_day_shows_masked_names_only(front: Front) -> None:
    front.request(front.patient(person__name="林晓雨"))
    client = front.client(front.reception)
    with at_time(EIGHT):
        page = client.get(url("bookings"), DAY).content.decode()
    assert "林**" in page
    assert "林晓雨" not in page


@pytest.mark.parametrize(("query", "is_there"), [("晓雨", True), ("lxy", True), ("王", False)])
def test_the_day_is_searched_by_name_and_initials(front: Front, query: str, is_there: bool) -> None:
    booking = front.request(front.patient(person__name="林晓雨"))
    client = front.client(front.reception)
    with at_time(EIGHT):
        page = client.get(url("bookings"), {**DAY, "q": query}).content.decode()
    assert (f"booking-{booking.public_id}" in page) is is_there


@pytest.mark.parametrize(("status", "is_there"), [("requested", True), ("arrived", False)])
def test_the_day_is_filtered_by_status(front: Front, status: str, is_there: bool) -> None:
    booking = front.request()
    client = front.client(front.reception)
    with at_time(EIGHT):
        page = client.get(url("bookings"), {**DAY, "status": status}).content.decode()
    assert (f"booking-{booking.public_id}" in page) is is_there


@pytest.mark.parametrize("day", ["", "gestern", "2026-02-30", "9999-99-99"])
def test_a_day_that_is_none_shows_today(front: Front, day: str) -> None:
    client = front.client(front.reception)
    with at_time(EIGHT):
        assert "6月16日" in client.get(url("bookings"), {"day": day}).content.decode()


@pytest.mark.parametrize("name", ["bookings", "reception"])
def test_more_bookings_take_no_more_queries(front: Front, name: str) -> None:
    client = front.client(front.reception)
    front.request()
    with at_time(EIGHT):
        before = queries_of(client, url(name))
    for hours in (1, 2, 3, 4):
        front.request(starts_at=TEN + timedelta(hours=hours), staff=front.consultants[hours % 2])
    with at_time(EIGHT):
        assert queries_of(client, url(name)) == before


def test_one_click_confirms_and_shows_the_day_again(front: Front) -> None:
    booking = front.request()
    client = front.client(front.reception)
    address = url("booking-confirm", booking.public_id) + "?from=day"
    behind = f"http://testserver{url('bookings')}?day=2026-06-16&status=confirmed"
    with at_time(EIGHT):
        response = client.post(address, headers={**HTMX, "HX-Current-URL": behind})
    booking.refresh_from_db()
    assert booking.status == BookingStatus.CONFIRMED
    assert 'id="day"' in response.content.decode()
    assert "<html" not in response.content.decode()
    said = json.loads(response["HX-Trigger"])
    assert "已确认预约" in said["ym:toast"]["text"]
    assert "ym:close" in said


def test_two_clicks_move_once_and_the_second_says_so(front: Front) -> None:
    booking = front.request()
    client = front.client(front.reception)
    with at_time(EIGHT):
        first = client.post(url("booking-confirm", booking.public_id) + "?from=day", headers=HTMX)
        second = client.post(url("booking-confirm", booking.public_id) + "?from=day", headers=HTMX)
    assert (first.status_code, second.status_code) == (200, 409)
    assert "无需重复操作" in second.content.decode()
    assert booking.moves.filter(new=BookingStatus.CONFIRMED).count() == 1


def test_on_today_the_task_is_simply_gone(front: Front) -> None:
    booking = front.request()
    client = front.client(front.reception)
    with at_time(EIGHT):
        response = client.post(url("booking-confirm", booking.public_id), headers=HTMX)
    assert response.content == b""
    assert "ym:toast" in response["HX-Trigger"]


@pytest.mark.parametrize("name", ["booking-confirm", "booking-no-show", "booking-serve", "booking-arrive"])
def test_a_link_to_a_move_shows_the_booking_and_moves_nothing(front: Front, name: str) -> None:
    booking = front.confirmed()
    client = front.client(front.reception, TEN)
    with at_time(TEN):
        response = client.get(url(name, booking.public_id))
    assert response.headers["Location"] == url("booking", booking.public_id)
    booking.refresh_from_db()
    assert booking.status == BookingStatus.CONFIRMED


def test_a_no_show_too_early_says_why(front: Front) -> None:
    booking = front.confirmed()
    client = front.client(front.reception, TEN)
    with at_time(TEN):
        response = client.post(url("booking-no-show", booking.public_id), headers=HTMX)
    assert response.status_code == 422
    assert response["HX-Retarget"] == "#notices"
    assert "30 分钟" in response.content.decode()


def test_a_cancellation_asks_why_and_gives_the_time_back(front: Front) -> None:
    booking = front.confirmed()
    client = front.client(front.reception)
    address = url("booking-cancel", booking.public_id) + "?from=day"
    with at_time(EIGHT):
        assert "取消原因" in client.get(address, headers=HTMX).content.decode()
        refused = client.post(address, {"reason": ""}, headers=HTMX)
        assert (refused.status_code, refused["HX-Retarget"]) == (422, "#dialog")
        assert (
            client.post(address, {"reason": "时间不合适", "side": "customer"}, headers=HTMX).status_code
            == 200
        )
    booking.refresh_from_db()
    assert (booking.status, booking.cancel_reason) == (BookingStatus.CANCELLED, "时间不合适")
    assert not ResourceClaim.objects.filter(booking=booking, released_at=None).exists()


def test_rescheduling_offers_the_quarter_of_an_hour_that_the_booking_itself_holds(front: Front) -> None:
    booking = front.confirmed()
    client = front.client(front.reception)
    with at_time(EIGHT):
        page = client.get(
            url("booking-reschedule", booking.public_id), {"day": "0616"}, headers=HTMX
        ).content.decode()
    later = (TEN + timedelta(minutes=15)).isoformat()
    assert f"{later}|{front.consultants[0].public_id}" in page


def test_rescheduling_moves_time_person_and_room(front: Front) -> None:
    booking = front.confirmed()
    client = front.client(front.reception)
    there = f"2026-06-16T14:00:00+08:00|{front.consultants[1].public_id}|{front.rooms[1].public_id}"
    with at_time(EIGHT):
        response = client.post(
            url("booking-reschedule", booking.public_id) + "?from=day", {"slot": there}, headers=HTMX
        )
    assert response.status_code == 200
    booking.refresh_from_db()
    assert booking.starts_at == TEN + timedelta(hours=4)
    assert (booking.staff, booking.room) == (front.consultants[1], front.rooms[1])


def test_rescheduling_onto_a_taken_time_says_who_and_when_it_is_free(front: Front) -> None:
    front.request(starts_at=TEN + HALF_HOUR)
    booking = front.confirmed()
    client = front.client(front.reception)
    taken = front.slot("2026-06-16T10:30:00+08:00")
    with at_time(EIGHT):
        response = client.post(
            url("booking-reschedule", booking.public_id) + "?from=day", {"slot": taken}, headers=HTMX
        )
    assert response.status_code == 409
    page = response.content.decode()
    assert "周蕾 10:30–11:00 已有安排" in page
    assert "最近的空档" in page


@pytest.mark.parametrize("slot", ["", "morgen", "2026-06-16T14:00:00+08:00|x", "2026-06-16T25:00:00|"])
def test_a_forged_slot_is_refused_in_the_dialog(front: Front, slot: str) -> None:
    booking = front.confirmed()
    client = front.client(front.reception)
    with at_time(EIGHT):
        response = client.post(url("booking-reschedule", booking.public_id), {"slot": slot}, headers=HTMX)
    assert (response.status_code, response["HX-Retarget"]) == (422, "#dialog")
    assert "请选择一个空闲时间" in response.content.decode()


def test_the_page_of_a_booking_tells_its_history_and_records_the_look(front: Front) -> None:
    booking = front.confirmed(front.patient(person__name="林晓雨"), note="喜欢下午")
    client = front.client(front.reception)
    with at_time(EIGHT):
        page = client.get(url("booking", booking.public_id)).content.decode()
    assert re.search("待上门.*待确认", page, re.DOTALL)
    assert "喜欢下午" in page
    look = Entry.objects.filter(action="people.patient.view").latest("id")
    assert look.detail == {"page": "booking"}


def test_a_vip_is_an_alias_on_the_day(front: Front) -> None:
    patient = front.patient(person__name="林晓雨", is_vip=True)
    front.request(patient)
    client = front.client(front.reception)
    with at_time(EIGHT):
        page = client.get(url("bookings"), DAY).content.decode()
    assert f"贵宾 {str(patient.public_id)[:4].upper()}" in page
    assert "林" not in page.replace("林院", "")


def test_only_open_moves_are_offered(front: Front) -> None:
    booking = front.request()
    client = front.client(front.reception)
    with at_time(EIGHT):
        page = client.get(url("booking", booking.public_id)).content.decode()
    assert url("booking-confirm", booking.public_id) in page
    for closed in ("booking-arrive", "booking-no-show", "booking-serve", "booking-triage"):
        assert url(closed, booking.public_id) not in page


def test_a_consultant_sees_her_own_bookings_only(front: Front) -> None:
    mine = front.request()
    other = BookingFactory(campus=front.campus, staff=front.consultants[1], case__patient=front.patient())
    client = front.client(front.consultants[0])
    with at_time(EIGHT):
        page = client.get(url("bookings"), DAY).content.decode()
        assert client.get(url("booking", other.public_id)).status_code == 404
    assert f"booking-{mine.public_id}" in page
    assert f"booking-{other.public_id}" not in page
    assert Booking.objects.filter(visit_kind=VisitKind.FIRST).exists()
