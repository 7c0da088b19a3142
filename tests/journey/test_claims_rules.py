"""Free time is arithmetic: no database, and every answer compared with looking at each minute."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yimei.journey.rules.claims import (
    STEP,
    Need,
    Stretch,
    apart,
    covers,
    free_slots,
    hours_text,
    merge,
    overlaps,
)

DAY = datetime(2026, 6, 16, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


def at(hour: float) -> datetime:
    return DAY + timedelta(hours=hour)


def stretch(start: float, end: float) -> Stretch:
    return at(start), at(end)


def starts(slots: list[Stretch]) -> list[float]:
    return [(start - DAY) / timedelta(hours=1) for start, _end in slots]


def test_slots_lie_within_duty_and_around_what_is_taken() -> None:
    need = Need(open=[stretch(1, 3)], busy=[stretch(1.5, 2)])
    slots = free_slots([need], duration=HALF_HOUR, window=stretch(0, 24))
    assert starts(slots) == [1, 2, 2.25, 2.5]


def test_preparation_and_clean_up_keep_their_distance() -> None:
    need = Need([stretch(0, 4)], [stretch(1, 2)], before=timedelta(minutes=10), after=timedelta(minutes=20))
    slots = free_slots([need], duration=HALF_HOUR, window=stretch(0, 4))
    assert starts(slots) == [0, 2.25, 2.5, 2.75, 3, 3.25, 3.5]


def test_every_need_must_be_met_at_once() -> None:
    doctor, room = Need([stretch(1, 3)]), Need([stretch(0, 24)], [stretch(1, 2.5)])
    assert starts(free_slots([doctor, room], duration=HALF_HOUR, window=stretch(0, 24))) == [2.5]


def test_starts_stand_on_the_grid_even_when_the_window_does_not() -> None:
    slots = free_slots([Need([stretch(0, 4)])], duration=HALF_HOUR, window=(at(1.1), at(2)))
    assert starts(slots) == [1.25, 1.5]


def test_nobody_on_duty_means_no_slot() -> None:
    assert free_slots([Need([])], duration=HALF_HOUR, window=stretch(0, 24)) == []


def test_offers_do_not_touch_each_other() -> None:
    slots = free_slots([Need([stretch(1, 3)])], duration=HALF_HOUR, window=stretch(0, 24))
    assert starts(apart(slots)) == [1, 1.5, 2]


def test_two_duties_that_touch_are_one() -> None:
    duty = [stretch(4, 8), stretch(1, 4)]
    assert merge(duty) == [stretch(1, 8)]
    assert covers(duty, stretch(3.5, 4.5))
    assert not covers(duty, stretch(7.5, 8.5))


def test_the_end_of_one_is_the_start_of_the_next() -> None:
    assert not overlaps([stretch(1, 2)], stretch(2, 3))
    assert overlaps([stretch(1, 2)], stretch(1.75, 3))


def test_hours_are_said_in_the_time_of_the_hospital() -> None:
    assert hours_text([stretch(1, 4), stretch(5, 10)]) == "09:00–12:00、13:00–18:00"


QUARTERS = st.integers(0, 96)


@st.composite
def stretches(draw: st.DrawFn) -> list[Stretch]:
    pairs = draw(st.lists(st.tuples(QUARTERS, QUARTERS), max_size=5))
    return [(at(min(a, b) / 4), at(max(a, b) / 4)) for a, b in pairs if a != b]


@st.composite
def needs(draw: st.DrawFn) -> Need:
    minutes = st.sampled_from([0, 15, 30])
    return Need(
        draw(stretches()),
        draw(stretches()),
        timedelta(minutes=draw(minutes)),
        timedelta(minutes=draw(minutes)),
    )


@pytest.mark.slow(reason="a hundred days, each tried quarter by quarter")
@given(st.lists(needs(), max_size=3), st.integers(1, 8))
def test_slots_are_exactly_those_found_by_trying_each(asked: list[Need], quarters: int) -> None:
    duration = quarters * STEP

    def suits(need: Need, start: datetime) -> bool:
        on_duty = all(
            any(a <= minute < b for a, b in need.open)
            for minute in (start + i * STEP for i in range(quarters))
        )
        return on_duty and not overlaps(need.busy, (start - need.before, start + duration + need.after))

    tried = [at(quarter / 4) for quarter in range(96 - quarters + 1)]
    wanted = [(start, start + duration) for start in tried if all(suits(need, start) for need in asked)]
    assert free_slots(asked, duration=duration, window=stretch(0, 24)) == wanted


@pytest.mark.parametrize("count", [1, 3])
def test_no_more_offers_than_asked_for(count: int) -> None:
    slots = free_slots([Need([stretch(0, 24)])], duration=HALF_HOUR, window=stretch(0, 24))
    assert len(apart(slots, count)) == count
