"""Free times, the day's board and the waiting clocks; the number of queries does not grow with rows."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.hospital import CampusFactory, RoomFactory
from tests.factories.people import CareRelationFactory, DutyFactory, PatientFactory, StaffFactory
from tests.journey.clinic import EIGHT, HALF_HOUR, QUARTER, TEN, Clinic
from yimei.core.errors import NotFound
from yimei.journey.actions import bookings as actions
from yimei.journey.enums import BookingKind, ResourceKind
from yimei.journey.queries import bookings as queries
from yimei.journey.queries.bookings import Slot
from yimei.journey.rules.claims import merge

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 16)
MORNING = (TEN - timedelta(hours=1), TEN + timedelta(hours=1))


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


def slots(clinic: Clinic, **values: object) -> list[Slot]:
    asked = {"kind": BookingKind.CONSULT, "window": MORNING, "by": clinic.reception} | values
    return queries.slots(
        procedure_id=clinic.procedure.public_id,
        campus_id=clinic.campus.public_id,
        **asked,  # type: ignore[arg-type]
    )


def test_slots_name_who_would_take_them_and_where(clinic: Clinic) -> None:
    clinic.request()
    at_ten = next(slot for slot in slots(clinic) if slot.starts_at == TEN)
    assert (at_ten.staff, at_ten.room, at_ten.ends_at) == (
        clinic.consultants[1],
        clinic.rooms[1],
        TEN + HALF_HOUR,
    )


def test_what_is_offered_can_be_booked_and_what_is_not_cannot(clinic: Clinic) -> None:
    clinic.request()
    mine = {"staff_id": clinic.consultants[0].public_id}
    offered = [slot.starts_at for slot in slots(clinic, **mine)]
    assert offered == [TEN - timedelta(hours=1) + i * QUARTER for i in (0, 1, 2, 6)]
    assert clinic.request(starts_at=offered[-1], room=None).starts_at == TEN + HALF_HOUR


def test_the_customer_must_be_free_as_well(clinic: Clinic) -> None:
    patient = clinic.patient()
    clinic.request(patient)
    starts = {slot.starts_at for slot in slots(clinic, patient_id=patient.public_id)}
    assert TEN not in starts
    assert TEN + HALF_HOUR in starts


def test_nobody_on_duty_no_slot(clinic: Clinic) -> None:
    tomorrow = (MORNING[0] + timedelta(days=1), MORNING[1] + timedelta(days=1))
    assert slots(clinic, window=tomorrow) == []


def test_slots_need_a_campus_and_the_right_to_see_bookings(clinic: Clinic) -> None:
    with pytest.raises(NotFound):
        slots(clinic, by=clinic.staff("cashier", "收银"))
    clinic.campus.is_active = False
    clinic.campus.save()
    with pytest.raises(NotFound):
        slots(clinic)


def test_the_number_of_queries_for_slots_does_not_grow(clinic: Clinic) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            slots(clinic)
        return len(captured)

    clinic.reception.role.scopes  # noqa: B018 - read once for the whole request
    before = count()
    for _ in range(5):
        staff = clinic.staff("consultant", "咨询")
        DutyFactory(staff=staff)
        clinic.request(staff=staff, room=RoomFactory(campus=clinic.campus))
    assert count() == before <= 6


def test_the_day_shows_bookings_by_time_with_their_clocks(clinic: Clinic) -> None:
    later = clinic.request(starts_at=TEN + timedelta(hours=2))
    waiting = clinic.arrived()
    served = clinic.arrived(staff=clinic.consultants[1], room=clinic.rooms[1])
    actions.serve(served.public_id, by=clinic.reception, now=TEN + QUARTER)
    rows = {row.booking.pk: row for row in queries.day(DAY, by=clinic.reception)}
    assert list(rows) == [waiting.pk, served.pk, later.pk]
    assert (rows[waiting.pk].waiting_since, rows[waiting.pk].waited) == (TEN, None)
    assert (rows[served.pk].waiting_since, rows[served.pk].waited) == (None, QUARTER)
    assert rows[later.pk].who == "林晓雨"


def test_the_day_is_narrowed_to_one_person_and_to_the_readers_scope(clinic: Clinic) -> None:
    mine = clinic.request()
    clinic.request(staff=clinic.consultants[1], room=clinic.rooms[1])

    def seen(by: object, **values: object) -> int:
        return len(queries.day(DAY, by=by, **values))  # type: ignore[arg-type]

    assert seen(clinic.reception) == 2
    assert seen(clinic.reception, staff_id=mine.staff.public_id) == 1
    assert seen(clinic.reception, campus_id=clinic.campus.public_id) == 2
    assert seen(clinic.consultants[0]) == 1
    assert seen(clinic.surgeons[0]) == 0
    assert seen(StaffFactory(role="reception", campus=CampusFactory())) == 0
    assert queries.day(DAY + timedelta(days=1), by=clinic.reception) == []


def test_a_vip_is_an_alias_to_whoever_does_not_care_for_her(clinic: Clinic) -> None:
    patient = clinic.patient(is_vip=True)
    clinic.request(patient)
    (row,) = queries.day(DAY, by=clinic.reception)
    assert row.who == f"贵宾 {str(patient.public_id)[:4].upper()}"
    CareRelationFactory(staff=clinic.consultants[0], patient=patient)
    (row,) = queries.day(DAY, by=clinic.consultants[0])
    assert row.who == "林晓雨"


def test_the_number_of_queries_for_a_day_does_not_grow(clinic: Clinic) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert [row.who for row in queries.day(DAY, by=clinic.reception)]
        return len(captured)

    clinic.reception.role.scopes  # noqa: B018 - read once for the whole request
    clinic.request(clinic.patient(is_vip=True), now=EIGHT)
    before = count()
    for number in range(1, 6):
        clinic.request(
            PatientFactory(campus=clinic.campus, is_vip=number % 2 == 0), starts_at=TEN + number * HALF_HOUR
        )
    assert count() == before <= 2


def test_what_the_database_joins_is_what_claims_say(clinic: Clinic) -> None:
    for number in (0, 1, 3):
        clinic.request(starts_at=TEN + number * HALF_HOUR)
    resources = [(ResourceKind.STAFF, clinic.consultants[0].pk), (ResourceKind.ROOM, clinic.rooms[1].pk)]
    window = (MORNING[0], TEN + timedelta(hours=3))
    taken = queries.busy(resources, window)
    assert queries.occupied(resources, window) == {one: merge(taken[one]) for one in resources}
    assert len(queries.occupied(resources, window)[resources[0]]) == 2
    assert queries.occupied([], MORNING) == {}
