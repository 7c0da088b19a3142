"""Age thresholds, a day before and on the birthday itself."""

from datetime import date

import pytest

from yimei.people.rules.capacity import Capacity, capacity, is_child, needs_guardian

BIRTH = date(2008, 6, 16)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2016, 6, 15), Capacity.NONE),
        (date(2016, 6, 16), Capacity.LIMITED),
        (date(2026, 6, 15), Capacity.LIMITED),
        (date(2026, 6, 16), Capacity.FULL),
    ],
)
def test_capacity_changes_on_the_birthday_itself(on: date, expected: Capacity) -> None:
    assert capacity(BIRTH, on) == expected
    assert needs_guardian(BIRTH, on) == (expected != Capacity.FULL)


def test_one_born_on_a_leap_day_is_of_age_on_28_february() -> None:
    assert capacity(date(2008, 2, 29), date(2026, 2, 27)) == Capacity.LIMITED
    assert capacity(date(2008, 2, 29), date(2026, 2, 28)) == Capacity.FULL


def test_an_unknown_birth_date_counts_as_a_minor_until_proved() -> None:
    assert needs_guardian(None, date(2026, 6, 16))
    assert is_child(None, date(2026, 6, 16))


def test_under_fourteen_ends_on_the_fourteenth_birthday() -> None:
    assert is_child(BIRTH, date(2022, 6, 15))
    assert not is_child(BIRTH, date(2022, 6, 16))
