"""From which day, and from which instant in Beijing, somebody answers for herself."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.people.rules.capacity import needs_guardian
from yimei.privacy.rules.majority import (
    Phase,
    Standing,
    begins_at,
    check_keeps_number,
    majority_day,
    phase_of,
)

BORN = date(2008, 6, 17)
"""Eighteen on 17 June 2026."""


@pytest.mark.parametrize(
    ("who", "on", "phase"),
    [
        (Standing(BORN), date(2026, 5, 17), Phase.GUARDED),
        (Standing(BORN), date(2026, 5, 18), Phase.SOON),
        (Standing(BORN), date(2026, 6, 16), Phase.SOON),
        (Standing(BORN), date(2026, 6, 17), Phase.OF_AGE),
        (Standing(BORN), date(2046, 6, 17), Phase.OF_AGE),
        (Standing(None), date(2046, 6, 17), Phase.GUARDED),
        (Standing(BORN, is_limited=True), date(2026, 6, 16), Phase.GUARDED),
        (Standing(BORN, is_limited=True), date(2026, 6, 17), Phase.GUARDED),
        (Standing(BORN, has_own_income=True), date(2024, 6, 16), Phase.GUARDED),
        (Standing(BORN, has_own_income=True), date(2024, 6, 17), Phase.OF_AGE),
        (Standing(BORN, is_limited=True, has_own_income=True), date(2026, 6, 17), Phase.GUARDED),
    ],
)
def test_guardians_answer_until_the_day_and_not_a_day_longer(who: Standing, on: date, phase: Phase) -> None:
    assert phase_of(who, on=on, remind_days=30) == phase


@pytest.mark.parametrize(
    ("born", "day"),
    [
        (date(2008, 2, 29), date(2026, 2, 28)),
        (date(2008, 2, 28), date(2026, 2, 28)),
        (date(2008, 3, 1), date(2026, 3, 1)),
        (date(2007, 12, 31), date(2025, 12, 31)),
        (date(2008, 1, 1), date(2026, 1, 1)),
    ],
)
def test_who_was_born_on_29_february_is_of_age_on_the_28th(born: date, day: date) -> None:
    assert majority_day(born) == day
    assert phase_of(Standing(born), on=day - timedelta(days=1), remind_days=30) == Phase.SOON
    assert phase_of(Standing(born), on=day, remind_days=30) == Phase.OF_AGE


def test_it_is_midnight_in_beijing_that_counts() -> None:
    assert begins_at(BORN) == datetime(2026, 6, 16, 16, 0, tzinfo=UTC)
    before = begins_at(BORN) - timedelta(microseconds=1)
    assert phase_of(Standing(BORN), on=local_date(before), remind_days=0) == Phase.GUARDED
    assert phase_of(Standing(BORN), on=local_date(begins_at(BORN)), remind_days=0) == Phase.OF_AGE


@settings(max_examples=50)
@given(born=st.dates(date(1950, 1, 1), date(2060, 12, 31)), remind=st.integers(0, 365))
def test_every_life_has_one_first_day(born: date, remind: int) -> None:
    """The day before she is guarded, from the day on she is not; the reminder comes once, in between."""
    day = majority_day(born)
    who = Standing(born)
    assert phase_of(who, on=day, remind_days=remind) == Phase.OF_AGE
    eve = phase_of(who, on=day - timedelta(days=1), remind_days=remind)
    assert eve == (Phase.SOON if remind else Phase.GUARDED)
    first = day - timedelta(days=remind)
    assert phase_of(who, on=first - timedelta(days=1), remind_days=remind) == Phase.GUARDED
    assert needs_guardian(born, day - timedelta(days=1))
    assert not needs_guardian(born, day)


@pytest.mark.parametrize(("is_guardians", "is_of_age"), [(True, False), (False, True)])
def test_only_who_is_of_age_keeps_a_guardians_number(is_guardians: bool, is_of_age: bool) -> None:
    with pytest.raises(RuleBroken):
        check_keeps_number(is_guardians=is_guardians, is_of_age=is_of_age)
    check_keeps_number(is_guardians=True, is_of_age=True)
