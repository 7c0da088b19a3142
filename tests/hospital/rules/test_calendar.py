from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yimei.hospital.enums import DayKind
from yimei.hospital.rules.calendar import add_workdays, is_workday, known_years, next_workday

NATIONAL_DAY_2026 = {
    date(2026, 9, 20): DayKind.WORKDAY,
    **{date(2026, 10, day): DayKind.HOLIDAY for day in range(1, 8)},
    date(2026, 10, 10): DayKind.WORKDAY,
}

days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
tables = st.dictionaries(days, st.sampled_from(DayKind), max_size=60)
counts = st.integers(0, 40)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 9, 20), True),  # Sunday, made up for
        (date(2026, 9, 30), True),
        (date(2026, 10, 1), False),
        (date(2026, 10, 7), False),  # Wednesday, holiday
        (date(2026, 10, 10), True),  # Saturday, made up for
        (date(2026, 10, 11), False),
    ],
)
def test_the_table_overrules_the_weekday(day: date, expected: bool) -> None:
    assert is_workday(day, NATIONAL_DAY_2026) is expected


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        (date(2026, 9, 30), 0, date(2026, 9, 30)),
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
        (date(2026, 9, 30), 4, date(2026, 10, 12)),
        (date(2026, 10, 3), 1, date(2026, 10, 8)),
    ],
)
def test_working_days_step_over_the_holiday_and_use_the_day_made_up_for_it(
    start: date, n: int, expected: date
) -> None:
    assert add_workdays(start, n, NATIONAL_DAY_2026) == (expected, False)


def test_a_year_without_a_table_counts_monday_to_friday_and_says_that_it_is_provisional() -> None:
    assert add_workdays(date(2026, 12, 31), 1, NATIONAL_DAY_2026) == (date(2027, 1, 1), True)
    assert add_workdays(date(2026, 12, 30), 1, NATIONAL_DAY_2026) == (date(2026, 12, 31), False)


def test_a_made_up_workday_of_the_neighbour_year_makes_no_table() -> None:
    assert known_years({date(2027, 1, 3): DayKind.WORKDAY}) == frozenset()


def test_the_next_workday_may_be_the_day_itself() -> None:
    assert next_workday(date(2026, 9, 30), NATIONAL_DAY_2026) == (date(2026, 9, 30), False)
    assert next_workday(date(2026, 10, 1), NATIONAL_DAY_2026) == (date(2026, 10, 8), False)


def test_a_negative_number_of_working_days_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        add_workdays(date(2026, 1, 1), -1, {})


@given(days, counts, tables)
def test_the_result_is_a_workday_with_exactly_n_workdays_passed(
    day: date, n: int, table: dict[date, DayKind]
) -> None:
    end, _provisional = add_workdays(day, n, table)
    passed = [day + timedelta(days=i) for i in range(1, (end - day).days + 1)]
    assert sum(is_workday(each, table) for each in passed) == n
    assert n == 0 or is_workday(end, table)


@given(days, counts, counts, tables)
def test_waiting_twice_is_waiting_once(day: date, a: int, b: int, table: dict[date, DayKind]) -> None:
    middle, first = add_workdays(day, a, table)
    end, second = add_workdays(middle, b, table)
    assert (end, first or second) == add_workdays(day, a + b, table)


@given(days, counts, tables)
def test_a_deadline_is_provisional_exactly_when_it_looked_at_an_unknown_year(
    day: date, n: int, table: dict[date, DayKind]
) -> None:
    end, provisional = add_workdays(day, n, table)
    looked_at = {(day + timedelta(days=i)).year for i in range(1, (end - day).days + 1)}
    assert provisional == (not looked_at <= known_years(table))


@given(days, tables)
def test_the_next_workday_is_the_first_that_is_one(day: date, table: dict[date, DayKind]) -> None:
    found, _provisional = next_workday(day, table)
    skipped = [day + timedelta(days=i) for i in range((found - day).days)]
    assert is_workday(found, table)
    assert not any(is_workday(each, table) for each in skipped)
