"""How a booking may move, decided without a database."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from yimei.core.errors import Conflict, RuleBroken
from yimei.hospital.enums import RoomKind
from yimei.journey.enums import BookingKind, ResourceKind
from yimei.journey.enums import BookingStatus as Status
from yimei.journey.rules import bookings as rules
from yimei.journey.rules import today
from yimei.people.roles import RoleCode

TEN = datetime(2026, 6, 16, 2, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
SLOT = (TEN, TEN + HALF_HOUR)


@pytest.mark.parametrize("old", Status)
@pytest.mark.parametrize("new", Status)
def test_only_the_moves_of_the_table_are_allowed(old: Status, new: Status) -> None:
    if new in rules.MOVES.get(old, frozenset()):
        rules.check_move(old, new)
    else:
        with pytest.raises(RuleBroken):
            rules.check_move(old, new)


def test_the_second_click_is_a_conflict() -> None:
    with pytest.raises(Conflict, match="已经是「待上门」"):
        rules.check_move(Status.CONFIRMED, Status.CONFIRMED)


@pytest.mark.parametrize("status", [Status.NO_SHOW, Status.CANCELLED])
def test_what_has_ended_holds_nothing_and_moves_no_more(status: Status) -> None:
    assert status not in rules.HOLDING
    assert rules.open_moves(status) == frozenset()


def test_no_show_waits_for_the_grace_to_end() -> None:
    with pytest.raises(RuleBroken, match="30 分钟"):
        rules.check_no_show(starts_at=TEN, now=TEN + timedelta(minutes=29))
    rules.check_no_show(starts_at=TEN, now=TEN + HALF_HOUR)


def test_a_booking_of_another_day_is_moved_first() -> None:
    with pytest.raises(RuleBroken, match="6 月 16 日"):
        rules.check_arrival_day(starts_at=TEN, now=TEN + timedelta(days=1))
    rules.check_arrival_day(starts_at=TEN, now=TEN - timedelta(hours=3))


def test_nobody_is_seen_without_a_file_and_a_kind_of_visit() -> None:
    patient, booking = uuid4(), uuid4()
    with pytest.raises(RuleBroken) as refused:
        rules.check_arrival(is_registered=False, patient_id=patient, booking_id=booking, visit_kind="")
    file, kind = refused.value.missing
    assert (file.what, file.where) == ("建档", f"desk:patient-register:{patient}")
    assert (kind.what, kind.where) == ("接诊类型", f"desk:booking:{booking}")
    rules.check_arrival(is_registered=True, patient_id=patient, booking_id=booking, visit_kind="first")


def test_the_past_cannot_be_booked() -> None:
    with pytest.raises(RuleBroken, match="已经过去"):
        rules.check_time(SLOT, now=TEN + timedelta(seconds=1))
    rules.check_time(SLOT, now=TEN)


def test_a_booking_ends_on_the_day_it_begins() -> None:
    before_midnight = datetime(2026, 6, 16, 15, 45, tzinfo=UTC)
    with pytest.raises(RuleBroken, match="跨过午夜"):
        rules.check_time((before_midnight, before_midnight + HALF_HOUR), now=TEN)
    rules.check_time((before_midnight, before_midnight + timedelta(minutes=15)), now=TEN)


def test_outside_duty_the_hours_are_named() -> None:
    duty = [(TEN, TEN + timedelta(hours=2))]
    rules.check_duty("李医生", SLOT, duty)
    with pytest.raises(RuleBroken, match="李医生 当天值班 10:00–12:00"):
        rules.check_duty("李医生", (TEN + timedelta(hours=1.75), TEN + timedelta(hours=2.25)), duty)
    with pytest.raises(RuleBroken, match="6 月 16 日没有排班"):
        rules.check_duty("李医生", SLOT, [])


def test_each_kind_has_its_people_and_its_room() -> None:
    rules.check_role("周蕾", BookingKind.CONSULT, RoleCode.CONSULTANT)
    with pytest.raises(RuleBroken, match="由主诊医师接诊"):
        rules.check_role("周蕾", BookingKind.TREATMENT, RoleCode.CONSULTANT)
    rules.check_room("治疗室", BookingKind.TREATMENT, RoomKind.TREATMENT)
    with pytest.raises(RuleBroken, match="要用治疗室"):
        rules.check_room("诊室一", BookingKind.TREATMENT, RoomKind.CONSULT)


def test_a_treatment_takes_its_procedure_and_its_room_a_little_longer() -> None:
    length = rules.length_of(
        BookingKind.TREATMENT, procedure_minutes=60, setup_minutes=10, turnover_minutes=20
    )
    patient, staff, room = length.holds(TEN, patient=1, staff=2, room=3)
    assert (patient.starts_at, patient.ends_at) == (staff.starts_at, staff.ends_at)
    assert patient.ends_at - patient.starts_at == timedelta(hours=1)
    assert (room.kind, TEN - room.starts_at) == (ResourceKind.ROOM, timedelta(minutes=10))
    assert room.ends_at - patient.ends_at == timedelta(minutes=20)


def test_a_consultation_takes_half_an_hour() -> None:
    length = rules.length_of(BookingKind.CONSULT, procedure_minutes=60, setup_minutes=10, turnover_minutes=20)
    assert length.stretch(TEN) == SLOT


def test_words_must_fit_and_may_be_required() -> None:
    assert rules.check_words("  改天  ", limit=2) == "改天"
    with pytest.raises(RuleBroken, match="2 字以内"):
        rules.check_words("改天吧", limit=2)
    with pytest.raises(RuleBroken, match="原因"):
        rules.check_words("  ", limit=2, required="请写明取消原因。")


def test_a_clock_turns_amber_and_then_red() -> None:
    assert today.tone(TEN + HALF_HOUR, TEN) == ""
    assert today.tone(TEN + timedelta(minutes=15), TEN) == "warn"
    assert today.tone(TEN - timedelta(seconds=1), TEN) == "danger"
