"""Visits of several services, courses, what must come before, and the policy for who stays away."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from tests.factories.billing import OrderFactory, PaymentFactory
from tests.factories.hospital import DeviceFactory, ProcedureFactory, RoomFactory
from tests.factories.people import DutyFactory
from tests.factories.privacy import LimitFactory
from tests.journey.clinic import EIGHT, HALF_HOUR, TEN, Clinic
from yimei.core.clock import local_date, local_day
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.hospital.enums import RoomKind
from yimei.journey.actions import bookings, series, visits
from yimei.journey.actions.visits import Wanted
from yimei.journey.enums import BookingKind, BookingStatus, ResourceKind, VisitKind
from yimei.journey.models import Booking, BookingPart, Case, ResourceClaim
from yimei.journey.queries import visits as queries
from yimei.people.models import Patient, Staff

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


def consult_then_treat(clinic: Clinic, **treatment: Any) -> list[Wanted]:
    procedure = clinic.procedure.public_id
    return [
        Wanted(BookingKind.CONSULT, procedure, staff_public_id=clinic.consultants[0].public_id),
        Wanted(BookingKind.TREATMENT, procedure, **{"offset": HALF_HOUR, **treatment}),
    ]


def visit(clinic: Clinic, wanted: list[Wanted], patient: Patient | None = None, **values: Any) -> Booking:
    asked = {"starts_at": TEN, "note": "", "key": uuid4(), "by": clinic.reception, "now": EIGHT} | values
    return visits.request(
        patient_public_id=(patient or clinic.patient()).public_id,
        campus_public_id=clinic.campus.public_id,
        wanted=wanted,
        visit_kind=VisitKind.FIRST,
        **asked,
    )


def live(booking: Booking) -> set[tuple[str, int, timedelta, timedelta]]:
    return {
        (claim.kind, claim.resource_id, claim.starts_at - TEN, claim.ends_at - TEN)
        for claim in booking.claims.filter(released_at=None)
    }


def test_a_visit_of_two_services_is_held_as_a_whole(clinic: Clinic) -> None:
    device = DeviceFactory(campus=clinic.campus)
    booking = visit(clinic, consult_then_treat(clinic, device_public_id=device.public_id))
    assert (booking.starts_at, booking.ends_at) == (TEN, TEN + HALF_HOUR + HOUR)
    minutes = lambda count: timedelta(minutes=count)
    assert live(booking) == {
        ("patient", booking.patient_id, minutes(0), minutes(90)),
        ("staff", clinic.consultants[0].pk, minutes(0), minutes(30)),
        ("room", clinic.rooms[0].pk, minutes(0), minutes(30)),
        ("staff", clinic.surgeons[0].pk, minutes(30), minutes(90)),
        ("room", clinic.treatment_room.pk, minutes(20), minutes(110)),
        ("device", device.pk, minutes(20), minutes(110)),
    }
    assert [part.kind for part in booking.parts.all()] == ["consult", "treatment"]


def test_a_refusal_names_the_service_that_does_not_fit(clinic: Clinic) -> None:
    clinic.request(
        kind=BookingKind.TREATMENT,
        staff=clinic.surgeons[1],
        room=clinic.treatment_room,
        starts_at=TEN + HOUR,
    )
    with pytest.raises(Conflict, match=r"治疗室（切开重睑）10:50–12:20 已有安排") as refused:
        visit(clinic, consult_then_treat(clinic))
    assert refused.value.next_free
    start = refused.value.next_free[0][0]
    assert visit(clinic, consult_then_treat(clinic), starts_at=start).starts_at == start
    assert Booking.objects.count() == 2


def test_when_nobody_is_left_the_service_is_named_and_other_times_are_offered(clinic: Clinic) -> None:
    for room in clinic.rooms:
        clinic.request(room=room, staff=clinic.consultants[clinic.rooms.index(room)])
    wanted = [Wanted(BookingKind.CONSULT, clinic.procedure.public_id)]
    with pytest.raises(Conflict, match="「切开重睑」10:00–10:30 没有空闲") as refused:
        visit(clinic, wanted)
    assert refused.value.next_free[0][0] == TEN + HALF_HOUR


def test_a_visit_moves_as_a_whole_and_gives_everything_back(clinic: Clinic) -> None:
    booking = visit(clinic, consult_then_treat(clinic))
    bookings.reschedule(booking.public_id, starts_at=TEN + HOUR, by=clinic.reception, now=EIGHT)
    booking.refresh_from_db()
    assert booking.ends_at == TEN + HOUR + HALF_HOUR + HOUR
    assert {start for _kind, _pk, start, _end in live(booking)} == {
        HOUR,
        HOUR + HALF_HOUR,
        HOUR + timedelta(minutes=20),
    }
    bookings.cancel(booking.public_id, reason="改天", by=clinic.reception, now=EIGHT)
    assert not ResourceClaim.objects.filter(released_at=None).exists()


def starts_for(booking: Booking, staff: Staff) -> set[timedelta]:
    """When the visit could begin instead with this person for its first service, as distance from ten."""
    people = queries.times_to_move(booking, local_day(local_date(TEN)), now=EIGHT)
    return {slot.starts_at - TEN for one in people if one.staff == staff for slot in one.slots}


def test_a_visit_is_offered_only_times_at_which_all_of_it_is_free(clinic: Clinic) -> None:
    device = DeviceFactory(campus=clinic.campus)
    booking = visit(clinic, consult_then_treat(clinic, device_public_id=device.public_id))
    first = clinic.consultants[0]
    before = starts_for(booking, first)
    assert {timedelta(0), HALF_HOUR, 2 * HOUR} <= before
    # somebody else's visit has other people and another room, but the same device from 12:30 on
    second = clinic.consultants[1]
    RoomFactory(campus=clinic.campus, name="治疗室二", kind=RoomKind.TREATMENT)
    other = consult_then_treat(clinic, device_public_id=device.public_id)
    other[0] = Wanted(BookingKind.CONSULT, clinic.procedure.public_id, staff_public_id=second.public_id)
    visit(clinic, other, starts_at=TEN + 2 * HOUR)
    after = starts_for(booking, first)
    assert timedelta(0) in after  # what it holds itself is free for it
    assert not {at for at in after if HALF_HOUR < at < 3 * HOUR + HALF_HOUR}
    for at in (min(after), max(after)):
        bookings.reschedule(booking.public_id, starts_at=TEN + at, by=clinic.reception, now=EIGHT)


def test_services_side_by_side_keep_their_room_and_never_share_a_person(clinic: Clinic) -> None:
    booking = visit(
        clinic,
        [
            Wanted(BookingKind.TREATMENT, clinic.procedure.public_id, staff_public_id=one.public_id)
            for one in clinic.surgeons
        ],
    )
    people = queries.times_to_move(booking, local_day(local_date(TEN)), now=EIGHT)
    assert {one.staff for one in people} == {clinic.surgeons[0]}
    assert {slot.room for one in people for slot in one.slots} == {clinic.treatment_room}


def test_a_visit_moves_to_no_day_that_is_over(clinic: Clinic) -> None:
    booking = visit(clinic, consult_then_treat(clinic))
    assert queries.times_to_move(booking, local_day(local_date(TEN) - timedelta(days=1)), now=EIGHT) == []


def test_another_consultant_takes_her_own_part_only(clinic: Clinic) -> None:
    booking = visit(clinic, consult_then_treat(clinic))
    bookings.reschedule(
        booking.public_id,
        starts_at=TEN,
        staff_public_id=clinic.consultants[1].public_id,
        by=clinic.reception,
        now=EIGHT,
    )
    assert [part.staff for part in booking.parts.all()] == [clinic.consultants[1], clinic.surgeons[0]]


def test_a_visit_is_not_swapped(clinic: Clinic) -> None:
    booking = visit(clinic, consult_then_treat(clinic))
    other = clinic.request(starts_at=TEN + 3 * HOUR)
    with pytest.raises(RuleBroken, match="不能互换"):
        bookings.swap(booking.public_id, other.public_id, by=clinic.reception, now=EIGHT)


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({"offset": timedelta(0)}, RuleBroken, "客户不能同时在两个房间"),
        ({"staff_public_id": uuid4()}, NotFound, "没有找到"),
        ({"device_public_id": uuid4()}, NotFound, "没有找到"),
        ({"offset": 8 * HOUR}, RuleBroken, "当天值班"),
    ],
)
def test_a_visit_that_cannot_be_leaves_nothing(
    clinic: Clinic, change: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    change = {"staff_public_id": clinic.surgeons[0].public_id, **change}
    with pytest.raises(error, match=sentence):
        visit(clinic, consult_then_treat(clinic, **change))
    assert not BookingPart.objects.exists()
    assert not Case.objects.exists()


def test_the_first_common_time_is_where_everything_is_free(clinic: Clinic) -> None:
    clinic.request()
    clinic.request(
        kind=BookingKind.TREATMENT,
        staff=clinic.surgeons[0],
        room=clinic.treatment_room,
        starts_at=TEN + HOUR,
    )
    asks = [visits.ask_for(one, clinic.campus) for one in consult_then_treat(clinic)]
    slots = queries.first_times(asks, (TEN, TEN + 8 * HOUR), count=2)
    assert [slot.starts_at - TEN for slot in slots] == [
        timedelta(minutes=120),
        timedelta(minutes=210),
    ]
    slot = slots[0]
    assert [part.room for part in slot.parts] == [clinic.rooms[0], clinic.treatment_room]


# ---- courses ------------------------------------------------------------------------------------


def course(clinic: Clinic, **values: Any) -> series.Course:
    for staff in clinic.consultants:
        for week in (1, 2):
            DutyFactory(
                staff=staff,
                starts_at=TEN + timedelta(days=7 * week, hours=-1),
                ends_at=TEN + timedelta(days=7 * week, hours=8),
            )
    asked = {"staff_public_id": clinic.consultants[0].public_id, "key": uuid4()} | values
    return series.request(
        patient_public_id=clinic.patient().public_id,
        campus_public_id=clinic.campus.public_id,
        kind=BookingKind.CONSULT,
        visit_kind=VisitKind.RETURN,
        procedure_public_id=clinic.procedure.public_id,
        first_at=TEN,
        sessions=3,
        every_days=7,
        room_public_id=None,
        note="",
        by=clinic.reception,
        now=EIGHT,
        **asked,
    )


def test_a_course_books_every_session_for_one_case(clinic: Clinic) -> None:
    done = course(clinic)
    assert done.is_whole
    assert [booking.starts_at for booking in done.booked] == [TEN + timedelta(days=7 * i) for i in range(3)]
    assert {booking.series for booking in done.booked} == {done.series}
    assert Case.objects.count() == 1


def test_the_same_key_books_a_course_once(clinic: Clinic) -> None:
    key, patient = uuid4(), clinic.patient()
    for _ in range(2):
        series.request(
            patient_public_id=patient.public_id,
            campus_public_id=clinic.campus.public_id,
            kind=BookingKind.CONSULT,
            visit_kind=None,
            procedure_public_id=clinic.procedure.public_id,
            first_at=TEN,
            sessions=2,
            every_days=7,
            staff_public_id=clinic.consultants[0].public_id,
            room_public_id=None,
            note="",
            key=key,
            by=clinic.reception,
            now=EIGHT,
            as_many_as_fit=True,
        )
    assert Booking.objects.count() == 1


def test_one_session_that_does_not_fit_refuses_the_whole_course(clinic: Clinic) -> None:
    DutyFactory(
        staff=clinic.consultants[0],
        starts_at=TEN + timedelta(days=7),
        ends_at=TEN + timedelta(days=7, hours=2),
    )
    clinic.request(starts_at=TEN + timedelta(days=7))
    with pytest.raises(Conflict, match=r"第 2 次（6 月 23 日 10:00）约不上.*周蕾") as refused:
        course(clinic)
    assert refused.value.next_free[0][0] == TEN + timedelta(days=7, minutes=30)
    assert Booking.objects.count() == 1


def test_as_many_as_fit_are_booked_and_the_rest_reported(clinic: Clinic) -> None:
    DutyFactory(
        staff=clinic.consultants[0],
        starts_at=TEN + timedelta(days=7),
        ends_at=TEN + timedelta(days=7, hours=2),
    )
    clinic.request(starts_at=TEN + timedelta(days=7))
    done = course(clinic, as_many_as_fit=True)
    assert not done.is_whole
    assert [session.booking is not None for session in done.sessions] == [True, False, True]
    assert "周蕾" in done.sessions[1].refusal
    assert done.sessions[1].next_free


# ---- what must come before ----------------------------------------------------------------------


def treatment(clinic: Clinic, patient: Patient, **values: Any) -> Booking:
    return clinic.request(
        patient,
        **{
            "kind": BookingKind.TREATMENT,
            "staff": clinic.surgeons[0],
            "room": clinic.treatment_room,
            "procedure": ProcedureFactory(needs_consult_days=30),
            "starts_at": TEN + 2 * HOUR,
            **values,
        },
    )


def test_a_filler_needs_a_consultation_that_is_still_valid(clinic: Clinic) -> None:
    patient = clinic.patient()
    with pytest.raises(RuleBroken, match="先安排面诊") as refused:
        treatment(clinic, patient)
    (missing,) = refused.value.missing
    assert "30 天内有效" in missing.why
    assert missing.where == f"desk:patient:{patient.public_id}"
    assert not Booking.objects.exists()
    clinic.request(patient)
    assert treatment(clinic, patient).status == BookingStatus.REQUESTED


@pytest.mark.parametrize(("about", "counts"), [("injection", True), ("nose", False)])
def test_a_consultation_counts_for_its_own_category(clinic: Clinic, about: str, counts: bool) -> None:
    patient = clinic.patient()
    filler = ProcedureFactory(category="injection", needs_consult_days=30)
    clinic.request(patient, procedure=ProcedureFactory(category=about))
    with nullcontext() if counts else pytest.raises(RuleBroken, match="先安排面诊"):
        treatment(clinic, patient, procedure=filler)
    assert Booking.objects.count() == 1 + counts


def test_a_consultation_of_long_ago_or_one_that_was_missed_does_not_count(clinic: Clinic) -> None:
    patient = clinic.patient()
    missed = clinic.confirmed(patient)
    bookings.mark_no_show(missed.public_id, by=clinic.reception, now=TEN + HALF_HOUR)
    with pytest.raises(RuleBroken, match="先安排面诊"):
        treatment(clinic, patient, now=TEN + HALF_HOUR)
    clinic.request(patient, starts_at=TEN + HOUR)
    later = TEN + timedelta(days=31)
    DutyFactory(staff=clinic.surgeons[0], starts_at=later - HOUR, ends_at=later + 8 * HOUR)
    with pytest.raises(RuleBroken, match="先安排面诊"):
        treatment(clinic, patient, starts_at=later)


def test_a_consultation_within_the_same_visit_counts(clinic: Clinic) -> None:
    clinic.procedure.needs_consult_days = 30
    clinic.procedure.save()
    assert visit(clinic, consult_then_treat(clinic)).parts.count() == 2
    with pytest.raises(RuleBroken, match="先安排面诊"):
        visit(clinic, [Wanted(BookingKind.TREATMENT, clinic.procedure.public_id)], starts_at=TEN + 3 * HOUR)
    talk, treat = consult_then_treat(clinic)
    nose = replace(talk, procedure_public_id=ProcedureFactory(category="nose").public_id)
    with pytest.raises(RuleBroken, match="先安排面诊"):
        visit(clinic, [nose, treat], starts_at=TEN + 3 * HOUR)


# ---- who stays away -----------------------------------------------------------------------------


def missed_twice(clinic: Clinic, patient: Patient) -> Booking:
    for number in range(2):
        booking = clinic.confirmed(patient, starts_at=TEN + number * HALF_HOUR)
        bookings.mark_no_show(booking.public_id, by=clinic.reception, now=TEN + 2 * HALF_HOUR)
    return clinic.request(patient, starts_at=TEN + 2 * HOUR)


def test_after_two_no_shows_a_deposit_comes_before_the_confirmation(clinic: Clinic) -> None:
    patient = clinic.patient()
    booking = missed_twice(clinic, patient)
    with pytest.raises(RuleBroken, match="预约定金") as refused:
        bookings.confirm(booking.public_id, by=clinic.reception, now=TEN + HOUR)
    (missing,) = refused.value.missing
    assert "180 天内爽约 2 次" in missing.why
    assert missing.where == f"desk:booking:{booking.public_id}"
    order = OrderFactory(
        patient=patient,
        campus=clinic.campus,
        episode=booking.case.public_id,
        amount=Decimal(500),
        deposit=Decimal(200),
    )
    PaymentFactory(order=order, amount=Decimal(200))
    assert (
        bookings.confirm(booking.public_id, by=clinic.reception, now=TEN + HOUR).status
        == BookingStatus.CONFIRMED
    )


def test_the_numbers_of_the_policy_are_the_hospitals(clinic: Clinic) -> None:
    LimitFactory(code="booking.no_show_most", value=3, effective_from=date(2026, 1, 1))
    booking = missed_twice(clinic, clinic.patient())
    confirmed = bookings.confirm(booking.public_id, by=clinic.reception, now=TEN + HOUR)
    assert confirmed.status == BookingStatus.CONFIRMED


def test_every_resource_is_released_when_a_visit_is_missed(clinic: Clinic) -> None:
    booking = visit(clinic, consult_then_treat(clinic))
    bookings.confirm(booking.public_id, by=clinic.reception, now=EIGHT)
    bookings.mark_no_show(booking.public_id, by=clinic.reception, now=TEN + HALF_HOUR)
    held = ResourceClaim.objects.filter(released_at=None, kind=ResourceKind.STAFF)
    assert not held.exists()
