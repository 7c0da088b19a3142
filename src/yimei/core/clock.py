"""Civil time of the hospital: days are local to Shanghai, instants are UTC."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(1, 1, 2), date(9999, 12, 30)
"""Days whose both ends are instants in UTC; whatever is typed beyond them counts as the nearest."""


def local_day(day: date) -> tuple[datetime, datetime]:
    """Return the UTC instants [start, end) of a local date."""
    day = min(max(day, FIRST), LAST)
    start = datetime.combine(day, time.min, SHANGHAI)
    end = datetime.combine(day + timedelta(days=1), time.min, SHANGHAI)
    return start.astimezone(UTC), end.astimezone(UTC)


def local_date(instant: datetime) -> date:
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone has no local date")
    return instant.astimezone(SHANGHAI).date()


def end_of_night(now: datetime, *, from_hour: int, until_hour: int) -> datetime | None:
    """Return when the night that lasts now will end on the local clock; nothing by day or without one."""
    local = now.astimezone(SHANGHAI)
    wraps = from_hour > until_hour
    after_start, before_end = local.hour >= from_hour, local.hour < until_hour
    if not (after_start or before_end if wraps else after_start and before_end):
        return None
    day = local.date() + timedelta(days=1) if wraps and after_start else local.date()
    return datetime.combine(day, time(until_hour), SHANGHAI)


def add_years(day: date, years: int) -> date:
    """Return the anniversary; 29 February falls on 28 February in a common year."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def age_on(birth: date, day: date) -> int:
    """Full years of age; a person is one year older from the birthday itself on."""
    years = day.year - birth.year
    return years - 1 if day < add_years(birth, years) else years
