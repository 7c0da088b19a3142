from datetime import date, datetime

import pytest

from tests.hospital.conftest import Clerk
from yimei.audit.models import Entry
from yimei.hospital.actions import calendar
from yimei.hospital.enums import DayKind
from yimei.hospital.queries import calendar_table
from yimei.hospital.rules.calendar import add_workdays

pytestmark = pytest.mark.django_db

NEW_YEAR = date(2027, 1, 1)


def enter(kind: DayKind, clerk: Clerk, now: datetime) -> None:
    calendar.set_day(NEW_YEAR, kind=kind, name="元旦", source="通知", by=clerk, at=now)


def test_a_deadline_settles_when_the_table_of_its_year_arrives(clerk: Clerk, now: datetime) -> None:
    eve = date(2026, 12, 31)
    assert add_workdays(eve, 1, calendar_table([2026, 2027])) == (NEW_YEAR, True)
    enter(DayKind.HOLIDAY, clerk, now)
    assert add_workdays(eve, 1, calendar_table([2026, 2027])) == (date(2027, 1, 4), False)


def test_a_day_is_corrected_and_cleared_with_a_line_each(clerk: Clerk, now: datetime) -> None:
    enter(DayKind.WORKDAY, clerk, now)
    enter(DayKind.HOLIDAY, clerk, now)
    assert calendar_table([2027]) == {NEW_YEAR: DayKind.HOLIDAY}
    calendar.clear_day(NEW_YEAR, by=clerk, at=now)
    calendar.clear_day(NEW_YEAR, by=clerk, at=now)
    assert calendar_table([2027]) == {}
    lines = Entry.objects.order_by("seq").values_list("action", flat=True)
    assert list(lines) == [f"hospital.calendarday.{verb}" for verb in ("create", "update", "delete")]
