"""The resource timeline: who sees what, what may be let go where, and what is refused with which words."""

from datetime import timedelta

import pytest

from tests.desk.front import HTMX, Front, at_time, queries_of, url
from tests.factories.hospital import DeviceFactory
from tests.factories.people import PatientFactory
from tests.journey.clinic import EIGHT, HALF_HOUR, TEN
from yimei.journey.models import Booking

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


@pytest.fixture
def front() -> Front:
    return Front()


def slot(front: Front, at: str, staff: int = 0) -> str:
    return f"{at}|{front.consultants[staff].public_id}|"


def test_the_day_by_person_room_and_device(front: Front) -> None:
    booking = front.confirmed(front.patient(person__name="林晓月"))
    DeviceFactory(campus=front.campus, name="超声刀一号")
    client = front.client(front.reception)
    address = url("calendar") + "?day=2026-06-16"
    with at_time(EIGHT):
        day = client.get(address).text
        rooms = client.get(address + "&by=room").text
        devices = client.get(address + "&by=device").text
        week = client.get(address + "&view=week").text
    assert "林**" in day
    assert "林晓月" not in day
    assert f'data-ym-move="{booking.public_id}"' in day
    assert str(front.rooms[0].public_id) in rooms
    assert "林**" in rooms
    assert "超声刀一号" in devices
    assert "林**" not in devices
    assert 'data-day="2026-06-15"' in week
    assert 'data-day="2026-06-21"' in week


def test_what_is_not_for_the_reader_is_only_taken(front: Front) -> None:
    front.confirmed(front.patient(person__name="林晓月"))
    with at_time(EIGHT):
        text = front.client(front.consultants[1]).get(url("calendar") + "?day=2026-06-16").text
        other = front.client(front.stranger).get(url("calendar") + "?day=2026-06-16").text
    assert "已占用" in text
    assert "林" not in text
    assert "周蕾" not in other, "another campus shows its own people"


def test_a_place_is_tried_before_the_bar_is_let_go(front: Front) -> None:
    booking = front.confirmed()
    front.confirmed(starts_at=TEN + HALF_HOUR)
    client = front.client(front.reception)

    def tried(where: str) -> tuple[int, str, list[object]]:
        answer = client.get(url("booking-try", booking.public_id), {"slot": where}, headers=JSON)
        said = answer.json()
        return answer.status_code, said.get("text") or said["title"], said.get("next_free", [])

    with at_time(EIGHT):
        assert "可以放下" in tried(slot(front, "2026-06-16T11:00:00+08:00"))[1]
        status, words, free = tried(slot(front, "2026-06-16T10:30:00+08:00"))
        assert status == 409
        assert "周蕾 10:30–11:00 已有安排" in words
        assert free
        assert "没有排班" in tried(slot(front, "2026-06-17T10:00:00+08:00"))[1]
        assert "午夜" in tried(slot(front, "2026-06-16T23:45:00+08:00"))[1]
        assert "已经过去" in tried(slot(front, "2026-06-15T10:00:00+08:00"))[1]
        assert "请选择" in tried("nonsense")[1]
    booking.refresh_from_db()
    assert booking.starts_at == TEN, "trying writes nothing"


def test_a_bar_let_go_moves_the_booking_and_may_be_taken_back(front: Front) -> None:
    booking = front.confirmed()
    client = front.client(front.reception)
    asked = {"booking": str(booking.public_id), "slot": slot(front, "2026-06-16T11:00:00+08:00", staff=1)}
    with at_time(EIGHT):
        answer = client.post(url("calendar-move"), asked, headers=HTMX)
        assert answer.status_code == 200
        assert 'id="calendar"' in answer.text
        assert f"/bookings/{booking.public_id}/undo/" in answer.headers["HX-Trigger"]
        same = client.post(url("calendar-move"), asked, headers=HTMX)
        assert same.status_code == 422
        assert "没有变" in same.text
        booking.refresh_from_db()
        assert (booking.starts_at, booking.staff_id) == (TEN + 2 * HALF_HOUR, front.consultants[1].pk)
        assert client.post(url("booking-undo", booking.public_id)).status_code == 302
    booking.refresh_from_db()
    assert (booking.starts_at, booking.staff_id) == (TEN, front.consultants[0].pk)


def test_another_campus_can_neither_try_nor_move(front: Front) -> None:
    booking = front.confirmed()
    client = front.client(front.stranger)
    where = slot(front, "2026-06-16T11:00:00+08:00")
    with at_time(EIGHT):
        tried = client.get(url("booking-try", booking.public_id), {"slot": where}, headers=JSON)
        moved = client.post(url("calendar-move"), {"booking": str(booking.public_id), "slot": where})
        undone = client.post(url("booking-undo", booking.public_id))
    assert {tried.status_code, moved.status_code, undone.status_code} == {404}
    assert Booking.objects.get().starts_at == TEN


def test_the_queries_do_not_grow_with_bookings(front: Front) -> None:
    client = front.client(front.reception)
    address = url("calendar") + "?day=2026-06-16"
    with at_time(EIGHT):
        front.confirmed()
        few = queries_of(client, address)
        for number in range(1, 5):
            patient = PatientFactory(campus=front.campus, registered=True)
            front.confirmed(patient, starts_at=TEN + number * timedelta(minutes=30))
        assert queries_of(client, address) == few
