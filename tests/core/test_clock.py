from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yimei.core.clock import SHANGHAI, add_years, age_on, end_of_night, local_date, local_day

DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))


@given(day=DAYS)
def test_a_local_day_begins_and_ends_at_shanghai_midnight(day: date) -> None:
    start, end = local_day(day)
    assert local_date(start) == day
    assert local_date(end - timedelta(microseconds=1)) == day
    assert local_date(end) == day + timedelta(days=1)


def test_late_evening_in_utc_is_tomorrow_in_shanghai() -> None:
    assert local_date(datetime(2026, 3, 1, 16, 0, tzinfo=UTC)) == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("hour", "minute", "ends"),
    [
        (20, 59, None),
        (21, 0, datetime(2026, 6, 17, 8, tzinfo=SHANGHAI)),
        (23, 59, datetime(2026, 6, 17, 8, tzinfo=SHANGHAI)),
        (0, 0, datetime(2026, 6, 16, 8, tzinfo=SHANGHAI)),
        (7, 59, datetime(2026, 6, 16, 8, tzinfo=SHANGHAI)),
        (8, 0, None),
    ],
)
def test_a_night_ends_at_the_next_eight_o_clock(hour: int, minute: int, ends: datetime | None) -> None:
    now = datetime(2026, 6, 16, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)
    assert end_of_night(now, from_hour=21, until_hour=8) == ends


@given(
    now=st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    hours=st.tuples(st.integers(0, 23), st.integers(0, 23)),
)
def test_nights_of_any_shape_end_after_they_began(now: datetime, hours: tuple[int, int]) -> None:
    ends = end_of_night(now, from_hour=hours[0], until_hour=hours[1])
    if ends is not None:
        assert hours[0] != hours[1]
        assert now < ends <= now + timedelta(days=1)
        assert end_of_night(ends, from_hour=hours[0], until_hour=hours[1]) is None


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        local_date(datetime(2026, 3, 1))


@given(day=DAYS, years=st.sampled_from([1, 3, 6, 15, 30]))
def test_an_anniversary_keeps_the_day_unless_it_is_29_february(day: date, years: int) -> None:
    later = add_years(day, years)
    assert later.year == day.year + years
    assert later.month == day.month
    assert later.day == day.day or (day.day, later.day) == (29, 28)


@given(birth=DAYS, years=st.sampled_from([8, 14, 16, 18]))
def test_a_person_is_older_from_the_birthday_itself_on(birth: date, years: int) -> None:
    birthday = add_years(birth, years)
    assert age_on(birth, birthday - timedelta(days=1)) == years - 1
    assert age_on(birth, birthday) == years
