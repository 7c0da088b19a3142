"""Writes of the duty roster."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from yimei.audit import log
from yimei.core.clock import SHANGHAI
from yimei.hospital.models import Room, Shift
from yimei.people.access import need
from yimei.people.models import Duty, Staff
from yimei.people.roles import Permission


@transaction.atomic
def plan(
    staff: Staff, *, days: Iterable[date], shift: Shift, room: Room | None = None, by: Staff, at: datetime
) -> int:
    """Put a member of staff on duty on these days, at the hours of the shift; days already planned stay."""
    need(by, Permission.STAFF_WRITE)
    rows = [
        Duty(
            staff=staff,
            shift=shift,
            room=room,
            starts_at=datetime.combine(day, shift.starts, SHANGHAI),
            ends_at=datetime.combine(day, shift.ends, SHANGHAI),
        )
        for day in days
    ]
    Duty.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    log.record("people.duty.planned", target=staff, by=by, at=at, rows=len(rows))
    return len(rows)
