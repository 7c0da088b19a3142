"""Writes of the duty roster."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from yimei.audit import log
from yimei.core.clock import local_date, local_day
from yimei.hospital.models import Campus, Room, Shift
from yimei.hospital.queries import holidays
from yimei.people.access import need
from yimei.people.models import Duty, Staff
from yimei.people.roles import Permission
from yimei.people.rules import roster as rules
from yimei.people.rules.roster import Hours


@transaction.atomic
def plan(
    team: Sequence[Staff],
    *,
    days: Iterable[date],
    shift: Shift,
    room: Room | None = None,
    by: Staff,
    at: datetime,
) -> int:
    """Put people on duty on these days, at the hours of the shift; return how many stretches were new.

    Where somebody is on duty in those hours already, nothing is added.
    """
    need(by, Permission.ROSTER_WRITE)
    wanted = [rules.hours_on(day, shift.starts, shift.ends) for day in days]
    planned = _planned(team, wanted)
    rows = [
        Duty(staff=one, shift=shift, room=room, starts_at=start, ends_at=end)
        for one in team
        for start, end in rules.free_of(wanted, planned.get(one.pk, []))
    ]
    Duty.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    added = Counter(row.staff_id for row in rows)
    lines = [log.Line(target=one, detail={"added": added[one.pk]}) for one in team]
    log.record_many("people.duty.planned", lines, by=by, at=at)
    return len(rows)


@transaction.atomic
def copy_week(campus: Campus, *, source: date, target: date, by: Staff, at: datetime) -> int:
    """Repeat the duties of a week, named by its Monday, in another; nothing past, on a holiday or twice."""
    need(by, Permission.ROSTER_WRITE)
    shift_by, window = target - source, (local_day(source)[0], local_day(source + timedelta(days=6))[1])
    known = Duty.objects.filter(
        staff__campus=campus, staff__is_active=True, starts_at__gte=window[0], starts_at__lt=window[1]
    )
    duties = list(known.select_related("staff"))
    off = holidays(target, target + timedelta(days=6))
    moved = [(one, (one.starts_at + shift_by, one.ends_at + shift_by)) for one in duties]
    planned = _planned({one.staff for one in duties}, [hours for _one, hours in moved])
    rows = [
        Duty(
            staff=one.staff, shift_id=one.shift_id, room_id=one.room_id, starts_at=hours[0], ends_at=hours[1]
        )
        for one, hours in moved
        if hours[0] > at
        and local_date(hours[0]) not in off
        and rules.free_of([hours], planned.get(one.staff_id, []))
    ]
    Duty.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    detail = {"source": source.isoformat(), "target": target.isoformat()}
    log.record("people.duty.copied", target=campus, by=by, at=at, rows=len(rows), detail=detail)
    return len(rows)


def remove(duty: Duty, *, by: Staff, at: datetime) -> None:
    """Take a stretch of duty off the roster; who asks has seen to it that nobody was promised it."""
    need(by, Permission.ROSTER_WRITE)
    detail = {"from": duty.starts_at.isoformat(), "to": duty.ends_at.isoformat()}
    duty.delete()
    log.record("people.duty.removed", target=duty.staff, by=by, at=at, detail=detail)


def _planned(staff: Iterable[Staff], wanted: list[Hours]) -> dict[int, list[Hours]]:
    """What each is on duty for within the time that is asked about; one query."""
    found: dict[int, list[Hours]] = {}
    if wanted:
        first, last = min(start for start, _end in wanted), max(end for _start, end in wanted)
        rows = Duty.objects.filter(staff__in=staff, starts_at__lt=last, ends_at__gt=first)
        for pk, start, end in rows.values_list("staff_id", "starts_at", "ends_at"):
            found.setdefault(pk, []).append((start, end))
    return found
