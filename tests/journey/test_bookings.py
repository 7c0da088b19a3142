"""From the wish for a time to the moment somebody is seen, on a real database."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from tests.factories.hospital import CampusFactory, RoomFactory
from tests.factories.people import PatientFactory, StaffFactory
from tests.journey.clinic import EIGHT, HALF_HOUR, QUARTER, TEN, Clinic
from yimei.audit.models import Entry
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.journey.actions import bookings, cases
from yimei.journey.enums import BookingKind, BookingStatus, CaseStage, LossReason, ResourceKind, VisitKind
from yimei.journey.models import Booking, BookingMove, Case, ResourceClaim
from yimei.outbox.models import Message
from yimei.people.enums import CareReason
from yimei.people.models import CareRelation

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


def held(booking: Booking) -> set[tuple[str, int]]:
    return set(booking.claims.filter(released_at=None).values_list("kind", "resource_id"))


def wanted(booking: Booking) -> set[tuple[str, int]]:
    return {
        (ResourceKind.PATIENT.value, booking.patient_id),
        (ResourceKind.STAFF.value, booking.staff_id),
        (ResourceKind.ROOM.value, booking.room_id),
    }


# ---- asking for a time --------------------------------------------------------------------------


def test_a_request_opens_a_case_and_holds_its_people_and_room(clinic: Clinic) -> None:
    booking = clinic.request(note="第一次来")
    assert booking.status == BookingStatus.REQUESTED
    assert booking.ends_at == TEN + HALF_HOUR
    assert held(booking) == wanted(booking)
    assert booking.case.stage == CaseStage.BOOKED
    assert booking.case.next_action == "确认预约"
    assert [(move.old, move.new) for move in booking.moves.all()] == [("", "requested")]
    booking.refresh_from_db()
    assert booking.note == "第一次来"
    entry = Entry.objects.order_by("seq").last()
    assert entry is not None
    assert (entry.action, entry.actor) == ("journey.booking.requested", clinic.reception.public_id)


def test_the_same_key_books_once(clinic: Clinic) -> None:
    patient, key = clinic.patient(), uuid4()
    first, second = clinic.request(patient, key=key), clinic.request(patient, key=key)
    assert first.pk == second.pk
    assert Booking.objects.count() == 1


def test_a_key_of_another_booking_is_refused(clinic: Clinic) -> None:
    key = uuid4()
    clinic.request(key=key)
    with pytest.raises(Conflict, match="刷新"):
        clinic.request(key=key, staff=clinic.consultants[1], room=clinic.rooms[1])


def test_a_second_booking_joins_the_open_case(clinic: Clinic) -> None:
    patient = clinic.patient()
    first = clinic.request(patient)
    second = clinic.request(patient, starts_at=TEN + timedelta(hours=2))
    assert second.case_id == first.case_id
    assert Case.objects.count() == 1


def test_a_named_case_must_be_open_and_hers(clinic: Clinic) -> None:
    other = clinic.request().case
    with pytest.raises(RuleBroken, match="不属于"):
        clinic.request(case_public_id=other.public_id, starts_at=TEN + HALF_HOUR)


def test_a_taken_doctor_is_named_and_the_next_free_times_are_offered(clinic: Clinic) -> None:
    clinic.request()
    with pytest.raises(Conflict, match=r"周蕾 10:00–10:30 已有安排") as refused:
        clinic.request(room=clinic.rooms[1], starts_at=TEN + QUARTER)
    assert refused.value.status == 409
    assert [start for start, _end in refused.value.next_free] == [TEN + i * HALF_HOUR for i in (1, 2, 3)]
    assert "诊室" not in refused.value.message


def test_a_taken_room_is_named_and_a_taken_customer_is_not(clinic: Clinic) -> None:
    patient = clinic.patient(person__name="林晓雨")
    clinic.request(patient)
    with pytest.raises(Conflict, match=r"^诊室一 10:00–10:30 已有安排。$"):
        clinic.request(staff=clinic.consultants[1])
    with pytest.raises(Conflict, match=r"^这位客户 10:00–10:30 已有安排。$"):
        clinic.request(patient, staff=clinic.consultants[1], room=clinic.rooms[1])


def test_anybody_means_the_first_who_is_free(clinic: Clinic) -> None:
    taken = [clinic.request(staff=None, room=None) for _ in range(2)]
    assert [booking.staff for booking in taken] == clinic.consultants
    assert [booking.room for booking in taken] == clinic.rooms
    with pytest.raises(Conflict, match="诊室都已有安排") as refused:
        clinic.request(staff=None, room=None)
    assert refused.value.next_free[0] == (TEN + HALF_HOUR, TEN + 2 * HALF_HOUR)


def test_when_no_consultant_is_free_a_surgeon_is_tried_and_then_nobody(clinic: Clinic) -> None:
    RoomFactory.create_batch(2, campus=clinic.campus)
    taken = [clinic.request(staff=None, room=None).staff for _ in range(4)]
    assert taken == [*clinic.consultants, *clinic.surgeons]
    with pytest.raises(Conflict, match="接诊人都已有安排"):
        clinic.request(staff=None, room=None)


def test_a_treatment_keeps_its_room_for_preparation_and_clean_up(clinic: Clinic) -> None:
    treatment = {"kind": BookingKind.TREATMENT, "room": clinic.treatment_room}
    clinic.request(staff=clinic.surgeons[0], **treatment)
    too_soon = TEN + timedelta(minutes=75)
    with pytest.raises(Conflict, match=r"治疗室 09:50–11:20 已有安排") as refused:
        clinic.request(staff=clinic.surgeons[1], starts_at=too_soon, **treatment)
    assert refused.value.next_free[0][0] == TEN + timedelta(minutes=90)
    clinic.request(staff=clinic.surgeons[1], starts_at=TEN + timedelta(minutes=90), **treatment)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"now": TEN + HALF_HOUR}, "已经过去"),
        ({"starts_at": datetime(2026, 6, 16, 15, 45, tzinfo=UTC)}, "跨过午夜"),
        ({"starts_at": datetime(2026, 6, 16, 9, 45, tzinfo=UTC)}, "周蕾 当天值班 09:00–18:00"),
        ({"starts_at": TEN + timedelta(days=1)}, "周蕾 6 月 17 日没有排班"),
        ({"starts_at": TEN + timedelta(days=1), "staff": None}, "没有值班的现场咨询、主诊医师"),
        ({"kind": BookingKind.TREATMENT}, "由主诊医师接诊"),
        ({"note": "长" * 501}, "500 字以内"),
    ],
)
def test_a_bad_wish_is_refused_and_leaves_nothing(
    clinic: Clinic, asked: dict[str, object], sentence: str
) -> None:
    with pytest.raises(RuleBroken, match=sentence):
        clinic.request(**asked)
    assert not Booking.objects.exists()
    assert not Case.objects.exists()
    assert not ResourceClaim.objects.exists()


def test_a_room_of_the_wrong_kind_is_refused(clinic: Clinic) -> None:
    with pytest.raises(RuleBroken, match="要用诊室"):
        clinic.request(room=clinic.treatment_room)


def test_nobody_books_for_another_campus_nor_for_whom_she_cannot_find(clinic: Clinic) -> None:
    stranger = StaffFactory(role="reception", campus=CampusFactory())
    for by, patient in [
        (stranger, clinic.patient()),
        (stranger, PatientFactory(campus=stranger.campus)),
        (clinic.online, clinic.patient()),
        (clinic.staff("cashier", "收银"), clinic.patient()),
    ]:
        with pytest.raises(NotFound):
            clinic.request(patient, by=by)


# ---- from confirmed to served -------------------------------------------------------------------


def test_confirming_tells_the_customer_once(clinic: Clinic) -> None:
    booking = clinic.confirmed()
    message = Message.objects.get()
    assert "6 月 16 日 10:00" in message.body
    with pytest.raises(Conflict, match="无需重复操作"):
        bookings.confirm(booking.public_id, by=clinic.reception, now=EIGHT)
    assert booking.moves.count() == 2


def test_arriving_moves_the_case_and_lets_the_consultant_see_the_file(clinic: Clinic) -> None:
    booking = clinic.arrived()
    case = Case.objects.get()
    assert (booking.status, booking.arrived_at) == (BookingStatus.ARRIVED, TEN)
    assert (case.stage, case.consultant, case.next_owner) == (
        CaseStage.ARRIVED,
        clinic.consultants[0],
        clinic.consultants[0],
    )
    assert case.next_action == "接诊"
    assert CareRelation.objects.filter(
        patient=booking.patient, staff=clinic.consultants[0], reason=CareReason.CONSULTANT, until=None
    ).exists()


def test_whoever_has_no_file_is_sent_to_registration(clinic: Clinic) -> None:
    patient = PatientFactory(campus=clinic.campus)
    booking = clinic.confirmed(patient, visit_kind=None)
    with pytest.raises(RuleBroken) as refused:
        bookings.arrive(booking.public_id, by=clinic.reception, now=TEN)
    assert [missing.where for missing in refused.value.missing] == [
        f"desk:patient-register:{patient.public_id}",
        f"desk:booking:{booking.public_id}",
    ]
    booking.refresh_from_db()
    assert booking.status == BookingStatus.CONFIRMED


def test_the_kind_of_visit_may_be_given_at_the_desk(clinic: Clinic) -> None:
    booking = clinic.confirmed(visit_kind=None)
    arrived = bookings.arrive(booking.public_id, by=clinic.reception, now=TEN, visit_kind=VisitKind.RETURN)
    arrived.refresh_from_db()
    assert arrived.visit_kind == VisitKind.RETURN


def test_only_the_desk_lets_people_in(clinic: Clinic) -> None:
    booking = clinic.confirmed()
    with pytest.raises(NotFound):
        bookings.arrive(booking.public_id, by=clinic.consultants[0], now=TEN)


def test_triage_hands_over_claims_care_and_trail(clinic: Clinic) -> None:
    booking = clinic.arrived()
    old, new = clinic.consultants
    bookings.triage(
        booking.public_id,
        staff_public_id=new.public_id,
        room_public_id=clinic.rooms[1].public_id,
        by=clinic.reception,
        now=TEN + QUARTER,
    )
    booking.refresh_from_db()
    assert (booking.staff, booking.room, booking.status) == (new, clinic.rooms[1], BookingStatus.ARRIVED)
    assert held(booking) == wanted(booking)
    assert booking.claims.exclude(released_at=None).count() == 3
    move = booking.moves.last()
    assert move is not None
    assert move.note == "分诊：周蕾 → 吴敏，诊室二"
    assert Case.objects.get().consultant == new
    open_care = CareRelation.objects.filter(patient=booking.patient, until=None)
    assert {relation.staff for relation in open_care} == {new}
    assert clinic.request().staff == old


def test_triage_to_a_busy_consultant_changes_nothing(clinic: Clinic) -> None:
    clinic.request(staff=clinic.consultants[1], room=clinic.rooms[1])
    booking = clinic.arrived()
    with pytest.raises(Conflict, match="吴敏"):
        bookings.triage(
            booking.public_id,
            staff_public_id=clinic.consultants[1].public_id,
            by=clinic.reception,
            now=TEN,
        )
    booking.refresh_from_db()
    assert booking.staff == clinic.consultants[0]
    assert held(booking) == wanted(booking)


def test_triage_keeps_the_care_of_her_own_consultant(clinic: Clinic) -> None:
    booking = clinic.arrived(clinic.patient(consultant=clinic.consultants[0]))
    bookings.triage(
        booking.public_id, staff_public_id=clinic.consultants[1].public_id, by=clinic.reception, now=TEN
    )
    assert CareRelation.objects.filter(patient=booking.patient, until=None).count() == 2


def test_only_an_arrived_customer_is_triaged(clinic: Clinic) -> None:
    booking = clinic.confirmed()
    with pytest.raises(RuleBroken, match="到诊后"):
        bookings.triage(
            booking.public_id, staff_public_id=clinic.consultants[1].public_id, by=clinic.reception, now=TEN
        )


def test_serving_stops_the_clock_and_is_for_the_one_who_serves(clinic: Clinic) -> None:
    booking = clinic.arrived()
    clinic.cares(clinic.consultants[1], booking.patient, CareReason.TEAM)
    with pytest.raises(RuleBroken, match="本人或前台"):
        bookings.serve(booking.public_id, by=clinic.consultants[1], now=TEN + QUARTER)
    served = bookings.serve(booking.public_id, by=clinic.consultants[0], now=TEN + QUARTER)
    assert (served.status, served.served_at) == (BookingStatus.SERVED, TEN + QUARTER)
    assert held(served) == wanted(served)


# ---- when it comes to nothing -------------------------------------------------------------------


def test_a_cancelled_booking_gives_everything_back(clinic: Clinic) -> None:
    booking = clinic.request()
    with pytest.raises(RuleBroken, match="请写明取消原因"):
        bookings.cancel(booking.public_id, reason=" ", by=clinic.reception, now=EIGHT)
    cancelled = bookings.cancel(booking.public_id, reason="临时出差", by=clinic.reception, now=EIGHT)
    assert (cancelled.status, cancelled.cancel_reason) == (BookingStatus.CANCELLED, "临时出差")
    assert held(booking) == set()
    assert Case.objects.get().next_action == "联系客户，另约时间"
    clinic.request()


def test_a_no_show_waits_and_then_gives_everything_back(clinic: Clinic) -> None:
    booking = clinic.confirmed()
    with pytest.raises(RuleBroken, match="30 分钟"):
        bookings.mark_no_show(booking.public_id, by=clinic.reception, now=TEN + QUARTER)
    bookings.mark_no_show(booking.public_id, by=clinic.reception, now=TEN + HALF_HOUR)
    assert held(booking) == set()


def test_a_refused_move_leaves_no_trace(clinic: Clinic) -> None:
    booking = clinic.arrived()
    before = (booking.moves.count(), Entry.objects.count())
    with pytest.raises(RuleBroken):
        bookings.mark_no_show(booking.public_id, by=clinic.reception, now=TEN + timedelta(hours=2))
    assert (booking.moves.count(), Entry.objects.count()) == before


def test_history_is_written_once(clinic: Clinic) -> None:
    move = clinic.request().moves.get()
    move.note = "改写"
    with pytest.raises(IntegrityError, match="booking_move_append_only"), transaction.atomic():
        move.save()
    with pytest.raises(IntegrityError, match="booking_move_append_only"), transaction.atomic():
        BookingMove.objects.filter(pk=move.pk).delete()


# ---- another time -------------------------------------------------------------------------------


def test_rescheduling_replaces_the_claims_at_once(clinic: Clinic) -> None:
    booking = clinic.confirmed()
    bookings.reschedule(
        booking.public_id,
        starts_at=TEN + QUARTER,
        staff_public_id=clinic.consultants[1].public_id,
        by=clinic.reception,
        now=EIGHT,
    )
    booking.refresh_from_db()
    assert (booking.starts_at, booking.staff, booking.room) == (
        TEN + QUARTER,
        clinic.consultants[1],
        clinic.rooms[0],
    )
    assert held(booking) == wanted(booking)
    move = booking.moves.last()
    assert move is not None
    assert move.note == "改期：6 月 16 日 10:00 → 6 月 16 日 10:15，吴敏"
    assert Message.objects.count() == 2


def test_a_refused_time_leaves_the_old_one(clinic: Clinic) -> None:
    clinic.request(starts_at=TEN + 2 * HALF_HOUR)
    booking = clinic.request()
    with pytest.raises(Conflict, match=r"周蕾 11:00–11:30"):
        bookings.reschedule(booking.public_id, starts_at=TEN + 2 * HALF_HOUR, by=clinic.reception, now=EIGHT)
    booking.refresh_from_db()
    assert booking.starts_at == TEN
    assert held(booking) == wanted(booking)


def test_what_has_arrived_is_not_rescheduled(clinic: Clinic) -> None:
    booking = clinic.arrived()
    with pytest.raises(RuleBroken, match="不能再改时间"):
        bookings.reschedule(booking.public_id, starts_at=TEN + HALF_HOUR, by=clinic.reception, now=TEN)


def test_two_bookings_change_places(clinic: Clinic) -> None:
    one = clinic.confirmed()
    other = clinic.confirmed(starts_at=TEN + HALF_HOUR, staff=clinic.consultants[1], room=clinic.rooms[1])
    bookings.swap(one.public_id, other.public_id, by=clinic.reception, now=EIGHT)
    for booking, at, staff in [
        (one, TEN + HALF_HOUR, clinic.consultants[1]),
        (other, TEN, clinic.consultants[0]),
    ]:
        booking.refresh_from_db()
        assert (booking.starts_at, booking.ends_at, booking.staff) == (at, at + HALF_HOUR, staff)
        assert held(booking) == wanted(booking)
    assert Message.objects.count() == 4


def test_a_swap_that_does_not_fit_changes_nothing(clinic: Clinic) -> None:
    one = clinic.request()
    other = clinic.request(
        kind=BookingKind.TREATMENT, staff=clinic.surgeons[0], room=clinic.treatment_room, starts_at=TEN
    )
    with pytest.raises(RuleBroken):
        bookings.swap(one.public_id, other.public_id, by=clinic.reception, now=EIGHT)
    with pytest.raises(RuleBroken, match="两个不同"):
        bookings.swap(one.public_id, one.public_id, by=clinic.reception, now=EIGHT)
    with pytest.raises(NotFound):
        bookings.swap(one.public_id, uuid4(), by=clinic.reception, now=EIGHT)
    one.refresh_from_db()
    assert held(one) == wanted(one)


# ---- the case behind it -------------------------------------------------------------------------


def test_a_case_is_lost_only_with_nothing_booked(clinic: Clinic) -> None:
    booking = clinic.request()
    with pytest.raises(RuleBroken) as refused:
        cases.lose(booking.case.public_id, reason=LossReason.PRICE, by=clinic.reception, now=EIGHT)
    assert [missing.where for missing in refused.value.missing] == [f"desk:booking:{booking.public_id}"]
    bookings.cancel(booking.public_id, reason="嫌贵", by=clinic.reception, now=EIGHT)
    case = cases.lose(booking.case.public_id, reason=LossReason.PRICE, by=clinic.reception, now=EIGHT)
    assert (case.stage, case.loss_reason, case.closed_at, case.next_action) == ("lost", "price", EIGHT, "")
    assert [(move.old, move.new) for move in case.moves.all()] == [("", "booked"), ("booked", "lost")]


def test_after_a_lost_case_a_booking_opens_a_new_one(clinic: Clinic) -> None:
    patient = clinic.patient()
    first = clinic.request(patient)
    bookings.cancel(first.public_id, reason="嫌贵", by=clinic.reception, now=EIGHT)
    cases.lose(first.case.public_id, reason=LossReason.PRICE, by=clinic.reception, now=EIGHT)
    assert clinic.request(patient).case_id != first.case_id
