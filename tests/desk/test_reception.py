"""Today's queue, through the addresses."""

from datetime import timedelta

import pytest

from tests.desk.front import HTMX, Front, at_time, url
from tests.factories.people import PatientFactory
from tests.journey.clinic import EIGHT, TEN
from yimei.journey.enums import BookingStatus, CaseStage

pytestmark = pytest.mark.django_db

RECEPTION = url("reception")


@pytest.fixture
def front() -> Front:
    return Front()


@pytest.mark.parametrize("role", ["online", "consultant", "surgeon", "cashier"])
def test_only_the_reception_sees_the_queue(front: Front, role: str) -> None:
    client = front.client(front.staff(role, "谁"))
    with at_time(EIGHT):
        assert client.get(RECEPTION).status_code == 404


def test_one_click_registers_the_arrival_of_a_customer_with_a_file(front: Front) -> None:
    booking = front.confirmed()
    client = front.client(front.reception, TEN)
    with at_time(TEN):
        response = client.post(url("booking-arrive", booking.public_id) + "?from=reception", headers=HTMX)
    booking.refresh_from_db()
    assert (booking.status, booking.arrived_at) == (BookingStatus.ARRIVED, TEN)
    assert booking.case.stage == CaseStage.ARRIVED
    assert 'id="queue"' in response.content.decode()


def test_without_a_file_the_arrival_leads_to_it_and_back(front: Front) -> None:
    patient = PatientFactory(campus=front.campus)
    booking = front.confirmed(patient)
    client = front.client(front.reception, TEN)
    address = url("booking-arrive", booking.public_id) + "?from=reception"
    with at_time(TEN):
        asked = client.get(address, headers=HTMX).content.decode()
        refused = client.post(address, {"visit_kind": "first"}, headers=HTMX)
    assert f"{url('patient-register', patient.public_id)}?next={RECEPTION}" in asked
    assert refused.status_code == 422
    assert "建档" in refused.content.decode()
    booking.refresh_from_db()
    assert booking.status == BookingStatus.CONFIRMED


@pytest.mark.parametrize(("back", "is_followed"), [(RECEPTION, True), ("https://example.com/", False)])
def test_a_new_file_leads_back_to_the_reception_and_nowhere_else(
    front: Front, back: str, is_followed: bool
) -> None:
    patient = PatientFactory(campus=front.campus)
    client = front.client(front.reception, TEN)
    values = {"name": "林晓雨", "phone": "13800138000", "birth_date": "1995-03-08", "sex": "F", "id_no": ""}
    with at_time(TEN):
        response = client.post(f"{url('patient-register', patient.public_id)}?next={back}", values)
    assert (response.headers["Location"] == back) is is_followed


def test_an_arrival_without_a_kind_of_visit_asks_for_it(front: Front) -> None:
    booking = front.confirmed(visit_kind=None)
    client = front.client(front.reception, TEN)
    address = url("booking-arrive", booking.public_id) + "?from=reception"
    with at_time(TEN):
        assert client.post(address, headers=HTMX)["HX-Retarget"] == "#dialog"
        assert client.post(address, {"visit_kind": "return"}, headers=HTMX).status_code == 200
    booking.refresh_from_db()
    assert booking.visit_kind == "return"


def test_the_waiting_clock_runs_from_the_arrival_and_turns_red(front: Front) -> None:
    front.arrived()
    client = front.client(front.reception, TEN)
    with at_time(TEN + timedelta(minutes=9)):
        assert "clock-calm" in client.get(RECEPTION).content.decode()
    with at_time(TEN + timedelta(minutes=12)):
        assert "clock-amber" in client.get(RECEPTION).content.decode()
    with at_time(TEN + timedelta(minutes=21)):
        assert "clock-red" in client.get(RECEPTION).content.decode()


def test_triage_hands_the_customer_to_somebody_else(front: Front) -> None:
    booking = front.arrived()
    client = front.client(front.reception, TEN)
    address = url("booking-triage", booking.public_id) + "?from=reception"
    chosen = {"staff": str(front.consultants[1].public_id), "room": str(front.rooms[1].public_id)}
    with at_time(TEN):
        assert "吴敏" in client.get(address, headers=HTMX).content.decode()
        assert client.post(address, chosen, headers=HTMX).status_code == 200
    booking.refresh_from_db()
    assert (booking.staff, booking.room) == (front.consultants[1], front.rooms[1])


def test_triage_says_who_and_what_is_free(front: Front) -> None:
    booking = front.arrived()
    front.confirmed(staff=front.consultants[1], room=front.rooms[1])
    with at_time(TEN):
        page = front.client(front.reception, TEN).get(url("booking-triage", booking.public_id), headers=HTMX)
    said = page.content.decode()
    assert "诊室二（已占用）" in said
    assert "诊室一（已占用）" not in said, "her own room is hers"
    free, taken = said.index("李医生"), said.index("吴敏")
    assert free < taken, "whoever is free comes first"
    assert "此时已有安排" in said


def test_triage_to_somebody_of_another_campus_is_refused(front: Front) -> None:
    booking = front.arrived()
    client = front.client(front.reception, TEN)
    chosen = {"staff": str(front.stranger.public_id), "room": str(front.rooms[1].public_id)}
    with at_time(TEN):
        response = client.post(url("booking-triage", booking.public_id), chosen, headers=HTMX)
    assert response.status_code == 422
    booking.refresh_from_db()
    assert booking.staff == front.consultants[0]


def test_seeing_the_customer_stops_the_clock(front: Front) -> None:
    booking = front.arrived()
    client = front.client(front.consultants[0], TEN)
    with at_time(TEN + timedelta(minutes=5)):
        client.post(url("booking-serve", booking.public_id), headers=HTMX)
    booking.refresh_from_db()
    assert (booking.status, booking.served_at) == (BookingStatus.SERVED, TEN + timedelta(minutes=5))
