"""Entering holidays and make-up workdays when a year's notice is published."""

from datetime import date, datetime

from django.db import transaction

from yimei.audit import log
from yimei.audit.log import Actor
from yimei.hospital.actions import edits
from yimei.hospital.enums import DayKind
from yimei.hospital.models import CalendarDay


@transaction.atomic
def set_day(
    day: date, *, kind: DayKind, name: str, source: str, by: Actor | None, at: datetime
) -> CalendarDay:
    row = CalendarDay.objects.filter(day=day).first()
    if row is None:
        return edits.add(CalendarDay(day=day, kind=kind, name=name, source=source), by=by, at=at)
    return edits.change(row, {"kind": kind, "name": name, "source": source}, by=by, at=at)


@transaction.atomic
def clear_day(day: date, *, by: Actor | None, at: datetime) -> None:
    """Make a day follow its weekday again."""
    if CalendarDay.objects.filter(day=day).delete()[0]:
        log.record("hospital.calendarday.delete", by=by, at=at, detail={"day": day.isoformat()})
