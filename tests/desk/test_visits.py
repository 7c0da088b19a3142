"""A visit of several services and a course, each through its page."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.desk.front import HTMX, Front, at_time, url
from tests.factories.hospital import DeviceFactory, PriceFactory, ProcedureFactory
from tests.factories.people import DutyFactory
from tests.journey.clinic import EIGHT, TEN
from yimei.journey.models import Booking, BookingPart
from yimei.people.models import Patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def front() -> Front:
    return Front()


@pytest.fixture
def client(front: Front) -> Client:
    return front.client(front.reception)


@pytest.fixture
def patient(front: Front) -> Patient:
    return front.patient(person__name="林晓月")


def visit(front: Front, *kinds: str, act: str, **more: Any) -> dict[str, Any]:
    """The page of a visit as it is posted: each service after the one before."""
    rows: dict[str, Any] = {"part-TOTAL_FORMS": len(kinds), "part-INITIAL_FORMS": 0}
    for number, kind in enumerate(kinds):
        rows |= {
            f"part-{number}-procedure": str(front.procedure.public_id),
            f"part-{number}-kind": kind,
            f"part-{number}-order": "after",
        }
    dates = {"since": "2026-06-16", "until": "2026-06-20", "from_hour": "0", "to_hour": "24"}
    return {**rows, **dates, "act": act, "key": str(uuid4()), "visit_kind": "first", "note": "", **more}


def page_of(patient: Patient, name: str = "visit-new") -> str:
    return f"{url(name)}?patient={patient.public_id}"


def test_the_first_time_at_which_all_is_free_is_booked_whole(
    front: Front, client: Client, patient: Patient
) -> None:
    device = DeviceFactory(campus=front.campus, name="皮秒一号")
    front.confirmed()  # the first consultant is taken at ten
    asked = visit(front, "consult", "treatment", act="find", from_hour="10")
    asked["part-1-device"] = str(device.public_id)
    asked["part-0-staff"] = str(front.consultants[0].public_id)
    with at_time(EIGHT):
        found = client.post(page_of(patient), asked)
        choices = re.findall(r'name="choice" value="([^"]+)"', found.text)
        assert choices[0].startswith("2026-06-16T02:30:00+00:00"), "half past ten, when she is free again"
        booked = client.post(page_of(patient), asked | {"act": "book", "choice": choices[0]})
        booking = Booking.objects.get(patient=patient)
        assert booked.headers["Location"] == url("booking", booking.public_id)
        page = client.get(url("booking", booking.public_id)).text
    parts = list(BookingPart.objects.filter(booking=booking).order_by("position"))
    assert [part.offset_minutes for part in parts] == [0, 30]
    assert parts[1].device == device
    assert "皮秒一号" in page
    assert "治疗室" in page


def test_a_missing_consultation_is_named_with_the_way_to_it(
    front: Front, client: Client, patient: Patient
) -> None:
    front.procedure.needs_consult_days = 30
    front.procedure.save()
    with at_time(EIGHT):
        refused = client.post(page_of(patient), visit(front, "treatment", act="find"))
        both = client.post(page_of(patient), visit(front, "consult", "treatment", act="find"))
        wish = {"procedure": str(front.procedure.public_id), "kind": "treatment", "day": "2026-06-16"}
        warned = client.get(url("slots"), wish | {"patient": str(patient.public_id)})
        place = f"2026-06-16T10:00:00+08:00|{front.surgeons[0].public_id}|{front.treatment_room.public_id}"
        form = front.form(patient=str(patient.public_id), kind="treatment", slot=place)
        single = client.post(url("booking-new"), form)
    assert refused.status_code == 422
    assert "有效的面诊" in refused.text
    assert "去补齐" in refused.text
    assert both.status_code == 200, "a consultation of the same visit counts"
    assert "须先面诊" in warned.text
    assert "kind=consult" in warned.text
    assert single.status_code == 422
    assert "去补齐" in single.text


def test_what_was_taken_meanwhile_is_told_and_nothing_is_booked(
    front: Front, client: Client, patient: Patient
) -> None:
    asked = visit(front, "consult", act="find")
    asked["part-0-staff"] = str(front.consultants[0].public_id)
    with at_time(EIGHT):
        found = client.post(page_of(patient), asked)
        choice = re.findall(r'name="choice" value="([^"]+)"', found.text)[0]
        front.request(starts_at=TEN.replace(hour=1), by=front.reception, now=EIGHT)
        late = client.post(page_of(patient), asked | {"act": "book", "choice": choice})
    assert late.status_code == 409
    assert "已有安排" in late.text
    assert not Booking.objects.filter(patient=patient).exists()


@pytest.mark.parametrize(
    "forged",
    [
        {"choice": "nonsense"},
        {"choice": "2026-06-16T10:00:00+08:00"},
        {"choice": ""},
        {"part-TOTAL_FORMS": "99"},
        {"part-0-procedure": str(uuid4())},
        {"until": "2026-12-31"},
        {"from_hour": "19", "to_hour": "10"},
    ],
    ids=lambda value: next(iter(value)),
)
def test_forged_values_book_nothing(
    front: Front, client: Client, patient: Patient, forged: dict[str, str]
) -> None:
    with at_time(EIGHT):
        answer = client.post(page_of(patient), visit(front, "consult", act="book") | forged)
    assert answer.status_code in {404, 422}
    assert not Booking.objects.exists()


def test_one_more_service_keeps_what_was_typed(front: Front, client: Client, patient: Patient) -> None:
    with at_time(EIGHT):
        page = client.post(page_of(patient), visit(front, "consult", act="more")).text
    assert "part-1-procedure" in page
    assert f'value="{front.procedure.public_id}" selected' in page


def test_a_stranger_to_the_campus_finds_no_such_customer(front: Front, patient: Patient) -> None:
    with at_time(EIGHT):
        client = front.client(front.stranger)
        assert client.get(page_of(patient)).status_code == 404
        assert client.get(page_of(patient, "course-new")).status_code == 404


def test_the_customer_is_looked_for_first(front: Front, client: Client, patient: Patient) -> None:
    with at_time(EIGHT):
        assert "先找到客户" in client.get(url("visit-new")).text
        found = client.post(url("visit-find"), {"text": "林晓月", "to": "desk:course-new"}, headers=HTMX)
    assert page_of(patient, "course-new") in found.text
    assert "林晓月" not in found.text


# ---- a course ---------------------------------------------------------------------------------


def course(front: Front, patient: Patient, **more: Any) -> dict[str, Any]:
    return {
        "procedure": str(front.procedure.public_id),
        "kind": "consult",
        "day": "2026-06-16",
        "patient": str(patient.public_id),
        "sessions": "3",
        "every_days": "7",
        "keeps_staff": "on",
        "visit_kind": "return",
        "note": "",
        "slot": front.slot(),
        "key": str(uuid4()),
        **more,
    }


def test_every_session_or_none_or_as_many_as_fit(front: Front, client: Client, patient: Patient) -> None:
    for weeks in (1, 2):
        start = TEN.replace(hour=1, day=16 + 7 * weeks)
        DutyFactory(staff=front.consultants[0], starts_at=start, ends_at=start.replace(hour=10))
    front.request(starts_at=TEN.replace(day=23))
    page = page_of(patient, "course-new")
    with at_time(EIGHT):
        assert client.get(page).status_code == 200
        none = client.post(page, course(front, patient))
        assert none.status_code == 409
        assert "第 2 次" in none.text
        assert not Booking.objects.filter(patient=patient).exists()
        some = client.post(page, course(front, patient, as_many_as_fit="on"))
    assert "约上 2" in some.text
    booked = list(Booking.objects.filter(patient=patient))
    assert [booking.starts_at.day for booking in booked] == [16, 30]
    with at_time(EIGHT):
        assert "疗程第 2 次" in client.get(url("booking", booked[0].public_id)).text


def test_numbers_out_of_reason_are_refused_beside_the_field(
    front: Front, client: Client, patient: Patient
) -> None:
    page = page_of(patient, "course-new")
    with at_time(EIGHT):
        for wrong in ({"sessions": "1"}, {"sessions": "99"}, {"every_days": "0"}, {"slot": "x"}):
            assert client.post(page, course(front, patient, **wrong)).status_code == 422
    assert not Booking.objects.exists()


def test_a_procedure_that_the_campus_does_not_offer_is_not_bookable(
    front: Front, client: Client, patient: Patient
) -> None:
    hidden = ProcedureFactory(is_active=False)
    PriceFactory(procedure=hidden, campus=front.campus)
    with at_time(EIGHT):
        asked = course(front, patient, procedure=str(hidden.public_id))
        assert client.post(page_of(patient, "course-new"), asked).status_code == 404
