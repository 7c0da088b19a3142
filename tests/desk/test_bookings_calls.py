"""One page for one call, through its addresses."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from tests.desk.front import HTMX, Front, at_time, queries_of, url
from tests.factories.people import PatientFactory
from tests.journey.clinic import EIGHT, TEN
from yimei.journey.enums import BookingStatus
from yimei.journey.models import Booking
from yimei.people.enums import CareReason
from yimei.people.models import Patient

pytestmark = pytest.mark.django_db

NEW, PEOPLE, SLOTS = url("booking-new"), url("booking-people"), url("slots")
CALLER = {"name": "林晓雨", "phone": "138 0013 8000"}


@pytest.fixture
def front() -> Front:
    return Front()


@pytest.fixture
def online(front: Front) -> Client:
    return front.client(front.online)


def test_a_call_writes_the_person_down_and_books(front: Front, online: Client) -> None:
    with at_time(EIGHT):
        response = online.post(NEW, front.form(**CALLER))
    booking = Booking.objects.get()
    assert response.headers["Location"] == url("booking", booking.public_id)
    assert (booking.starts_at, booking.staff, booking.room) == (TEN, front.consultants[0], front.rooms[0])
    assert (booking.patient.person.name, booking.patient.person.phone) == ("林晓雨", "+8613800138000")
    assert booking.patient.online == front.online


def test_the_same_form_sent_twice_books_once_and_writes_one_person(front: Front, online: Client) -> None:
    form = front.form(**CALLER)
    with at_time(EIGHT):
        answers = [online.post(NEW, form).headers["Location"] for _time in range(2)]
    assert answers[0] == answers[1]
    assert (Booking.objects.count(), Patient.objects.count()) == (1, 1)


def test_the_page_carries_a_fresh_key(front: Front, online: Client) -> None:
    with at_time(EIGHT):
        keys = {
            re.search(r'name="key" value="([^"]+)"', online.get(NEW).content.decode())[1]  # type: ignore[index]
            for _time in range(2)
        }
    assert len(keys) == 2


def test_a_taken_time_keeps_everything_and_offers_the_next_with_a_button(
    front: Front, online: Client
) -> None:
    front.request()
    form = front.form(**CALLER, note="想要自然")
    with at_time(EIGHT):
        response = online.post(NEW, form)
        page = response.content.decode()
        assert response.status_code == 409
        assert "周蕾 10:00–10:30 已有安排" in page
        assert "想要自然" in page
        assert "林**" in page
        take = re.search(r'name="take" value="([^"]+)"', page)
        patient = re.search(r'type="hidden" name="patient" value="([^"]+)"', page)
        assert take is not None
        assert patient is not None
        second = online.post(NEW, {**form, "patient": patient[1], "take": take[1]})
    assert second.status_code == 302
    booking = Booking.objects.get(patient__public_id=patient[1])
    assert booking.starts_at > TEN
    assert booking.staff == front.consultants[0]
    assert Patient.objects.filter(online=front.online).count() == 1


def test_a_call_without_a_name_a_number_or_a_time_says_so_and_writes_nobody(
    front: Front, online: Client
) -> None:
    with at_time(EIGHT):
        response = online.post(NEW, front.form(name="", phone="", slot=""))
    page = response.content.decode()
    assert response.status_code == 422
    for words in ("请填写姓名", "请填写手机", "请选择一个空闲时间"):
        assert words in page
    assert not Patient.objects.exists()


def test_a_number_that_nobody_could_dial_is_refused_beside_the_field(front: Front, online: Client) -> None:
    with at_time(EIGHT):
        response = online.post(NEW, front.form(name="林晓雨", phone="12"))
    assert response.status_code == 422
    assert "电话号码不正确" in response.content.decode()
    assert not Booking.objects.exists()


def test_a_number_of_somebody_else_asks_to_look_first(front: Front, online: Client) -> None:
    PatientFactory(campus=front.campus, person__name="王芳", person__phone="+8613800138000")
    form = front.form(**CALLER)
    with at_time(EIGHT):
        refused = online.post(NEW, form)
        assert refused.status_code == 422
        assert "这个号码已有客户登记" in refused.content.decode()
        assert Patient.objects.count() == 1
        assert online.post(NEW, {**form, "is_other": "on"}).status_code == 302
    assert Patient.objects.count() == 2


def test_a_known_customer_is_booked_as_she_is(front: Front, online: Client) -> None:
    patient = front.patient()
    front.cares(front.online, patient)
    with at_time(EIGHT):
        assert online.post(NEW, front.form(patient=str(patient.public_id))).status_code == 302
    assert Booking.objects.get().patient == patient


@pytest.mark.parametrize("patient", ["other", "forged"])
def test_somebody_elses_or_a_forged_customer_is_not_there(front: Front, online: Client, patient: str) -> None:
    public_id = front.patient().public_id if patient == "other" else uuid4()
    with at_time(EIGHT):
        assert online.post(NEW, front.form(patient=str(public_id))).status_code == 404
        assert online.get(NEW, {"patient": str(public_id)}).status_code == 404
    assert not Booking.objects.exists()


def test_who_may_not_write_people_down_books_known_ones_only(front: Front) -> None:
    consultant = front.consultants[0]
    client = front.client(consultant)
    patient = front.patient()
    front.cares(consultant, patient, CareReason.CONSULTANT)
    with at_time(EIGHT):
        refused = client.post(NEW, front.form(**CALLER))
        assert refused.status_code == 422
        assert "请从搜索结果中选择客户" in refused.content.decode()
        assert client.post(NEW, front.form(patient=str(patient.public_id))).status_code == 302


def test_a_key_of_another_booking_is_refused(front: Front, online: Client) -> None:
    form = front.form(**CALLER)
    with at_time(EIGHT):
        online.post(NEW, form)
        response = online.post(NEW, {**form, "name": "王芳", "phone": "13900139000"})
    assert response.status_code == 409
    assert Booking.objects.count() == 1


def test_searching_shows_own_customers_and_only_hints_at_others(front: Front, online: Client) -> None:
    own = front.patient(person__name="林晓雨", person__phone="+8613800138000")
    front.cares(front.online, own)
    with at_time(EIGHT):
        page = online.post(PEOPLE, {"phone": "138-0013-8000", "name": ""}, headers=HTMX).content.decode()
    assert f'value="{own.public_id}"' in page
    assert "林晓雨" not in page
    front.patient(person__name="王芳", person__phone="+8613900139000")
    with at_time(EIGHT):
        page = online.post(PEOPLE, {"phone": "13900139000", "name": ""}, headers=HTMX).content.decode()
    assert "先核对再登记" in page
    assert 'type="radio"' not in page


def test_slots_stand_by_person_and_leave_out_what_is_taken(front: Front, online: Client) -> None:
    front.request()
    query = {"procedure": str(front.procedure.public_id), "kind": "consult", "day": "6.16", "patient": ""}
    with at_time(EIGHT):
        page = online.get(SLOTS, query, headers=HTMX).content.decode()
    ten = TEN.isoformat()
    assert f"{ten}|{front.consultants[0].public_id}" not in page
    assert f"{ten}|{front.consultants[1].public_id}" in page
    assert page.index("上午") < page.index("下午")


def test_a_time_that_was_chosen_stays_chosen_when_the_list_comes_anew(front: Front, online: Client) -> None:
    asked = {"procedure": str(front.procedure.public_id), "kind": "consult", "day": "2026-06-16"}
    with at_time(EIGHT):
        slot = front.slot(TEN.isoformat())
        page = online.get(url("slots"), asked | {"slot": slot}).content.decode()
        assert f'value="{slot}" checked' in page
        assert "checked" not in online.get(url("slots"), asked).content.decode()


@pytest.mark.parametrize("day", ["0616", "6.16", "6月16日", "20260616", "2026-06-16"])
def test_days_are_understood_as_people_type_them(front: Front, online: Client, day: str) -> None:
    query = {"procedure": str(front.procedure.public_id), "kind": "consult", "day": day}
    with at_time(EIGHT):
        assert "6月16日" in online.get(SLOTS, query, headers=HTMX).content.decode()


def test_a_day_without_a_year_that_is_over_means_next_year(front: Front, online: Client) -> None:
    query = {"procedure": str(front.procedure.public_id), "kind": "consult", "day": "0101"}
    with at_time(EIGHT):
        page = online.get(SLOTS, query, headers=HTMX).content.decode()
    assert "2027年1月1日" in page
    assert "没有空闲时间" in page


def test_a_day_that_is_none_is_refused_beside_the_field(front: Front, online: Client) -> None:
    query = {"procedure": str(front.procedure.public_id), "kind": "consult", "day": "0231"}
    with at_time(EIGHT):
        assert "没有这一天" in online.get(SLOTS, query, headers=HTMX).content.decode()


def test_times_that_have_passed_are_not_offered(front: Front) -> None:
    online = front.client(front.online, TEN)
    query = {"procedure": str(front.procedure.public_id), "kind": "consult", "day": "0616"}
    with at_time(TEN + timedelta(minutes=5)):
        page = online.get(SLOTS, query, headers=HTMX).content.decode()
    assert TEN.isoformat() not in page
    assert (TEN + timedelta(minutes=15)).isoformat() in page


def test_more_bookings_take_no_more_queries_to_find_free_times(front: Front, online: Client) -> None:
    query = {"procedure": str(front.procedure.public_id), "kind": "consult", "day": "0616"}
    with at_time(EIGHT):
        before = queries_of(online, SLOTS, query_params=query)
    for hours in (0, 1, 2):
        front.request(starts_at=TEN + timedelta(hours=hours))
    with at_time(EIGHT):
        assert queries_of(online, SLOTS, query_params=query) == before


def test_a_walk_in_is_booked_and_confirmed_and_waits_at_the_reception(front: Front) -> None:
    client = front.client(front.reception)
    with at_time(EIGHT):
        response = client.post(NEW + "?walk_in=1", front.form(**CALLER, source="walk_in"))
    assert response.headers["Location"] == url("reception")
    assert Booking.objects.get().status == BookingStatus.CONFIRMED
