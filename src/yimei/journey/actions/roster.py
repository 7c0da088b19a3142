"""The roster as the desk keeps it: nobody is taken off duty from what customers were promised."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.errors import Missing, NotFound, RuleBroken
from yimei.hospital.access import open_room, open_shift
from yimei.hospital.queries import holidays
from yimei.journey.actions import claims
from yimei.journey.enums import ResourceKind
from yimei.journey.queries import roster as queries
from yimei.people.access import need, open_duty
from yimei.people.actions import duties
from yimei.people.models import Duty, Staff
from yimei.people.queries.roster import rostered
from yimei.people.roles import Permission
from yimei.people.rules import roster as rules


@transaction.atomic
def plan(
    staff_ids: Collection[UUID],
    *,
    first: date,
    last: date,
    weekdays: Collection[int],
    skips_holidays: bool,
    shift_id: UUID,
    room_id: UUID | None = None,
    by: Staff,
    now: datetime,
) -> int:
    """Put people of the reader's campus on duty; return how many stretches were added."""
    need(by, Permission.ROSTER_WRITE)
    team = {one.public_id: one for one in rostered(by.campus)}
    if not staff_ids or not set(staff_ids) <= set(team):
        raise NotFound
    off = holidays(first, last) if skips_holidays else frozenset[date]()
    days = rules.days_between(first, last, weekdays=weekdays, off=off, today=local_date(now))
    shift, room = open_shift(shift_id), open_room(room_id) if room_id else None
    if shift.campus_id != by.campus_id or (room is not None and room.campus_id != by.campus_id):
        raise NotFound
    chosen = [team[one] for one in staff_ids]
    return duties.plan(chosen, days=days, shift=shift, room=room, by=by, at=now)


@transaction.atomic
def copy_week(*, source: date, target: date, by: Staff, now: datetime) -> int:
    return duties.copy_week(
        by.campus, source=rules.monday_of(source), target=rules.monday_of(target), by=by, at=now
    )


@transaction.atomic
def take_off(duty_id: UUID, *, by: Staff, now: datetime) -> Duty:
    """Take one stretch of duty away, unless somebody is booked in it: those are moved first."""
    duty = open_duty(duty_id, by=by)
    if duty.ends_at <= now:
        raise RuleBroken(_("已经过去的班次不能撤，它是当天谁在岗的记录。"))
    claims.lock_all([(ResourceKind.STAFF, duty.staff_id)])
    _refuse_promised(duty, queries.promised_in(duty, now=now))
    duties.remove(duty, by=by, at=now)
    return duty


def _refuse_promised(duty: Duty, promised: Sequence[queries.Promise]) -> None:
    if promised:
        text = _("%(name)s 这一班里还有 %(n)d 项安排，先改期或换人，再撤这一班。")
        missing = [Missing(one.what, one.when, one.where) for one in promised]
        raise RuleBroken(text % {"name": duty.staff.name, "n": len(promised)}, missing=missing)
