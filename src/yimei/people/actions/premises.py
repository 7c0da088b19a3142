"""Campuses, rooms, devices, shifts and departments as their keeper changes them: the right is asked here.

The floor of the hospital knows no permissions; what stands on it is written under ``CATALOGUE_WRITE``.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from yimei.core.errors import NotFound
from yimei.hospital import access
from yimei.hospital.actions import places
from yimei.hospital.models import Campus
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission, Scope


class Kind(StrEnum):
    """What a campus has many of."""

    ROOM = "room"
    DEVICE = "device"
    SHIFT = "shift"
    DEPARTMENT = "department"


class Writes(NamedTuple):
    open: Callable[..., Any]
    create: Callable[..., Any]
    update: Callable[..., Any]


WRITES = {
    Kind.ROOM: Writes(access.open_room, places.create_room, places.update_room),
    Kind.DEVICE: Writes(access.open_device, places.create_device, places.update_device),
    Kind.SHIFT: Writes(access.open_shift, places.create_shift, places.update_shift),
    Kind.DEPARTMENT: Writes(access.open_department, places.create_department, places.update_department),
}


def open_one(kind: Kind, row_id: UUID, *, by: Staff) -> Any:
    """Return a room, device, shift or department of the reader's campus."""
    need(by, Permission.CATALOGUE_WRITE)
    row = WRITES[kind].open(row_id)
    if row.campus_id != by.campus_id:
        raise NotFound
    return row


@transaction.atomic
def save(kind: Kind, row_id: UUID | None, /, *, by: Staff, now: datetime, **values: Any) -> Any:
    """Change one row of the reader's campus, or add one; what is switched off is offered no more."""
    need(by, Permission.CATALOGUE_WRITE)
    if row_id is None:
        values.pop("is_active", None)
        return WRITES[kind].create(campus=by.campus, by=by, at=now, **values)
    open_one(kind, row_id, by=by)
    return WRITES[kind].update(row_id, by=by, at=now, **values)


@transaction.atomic
def save_campus(campus_id: UUID | None, *, by: Staff, now: datetime, **values: Any) -> Campus:
    """Change the reader's campus, or open another; only who answers for all of them opens one."""
    scope = need(by, Permission.CATALOGUE_WRITE)
    if campus_id is None:
        if scope != Scope.GROUP:
            raise NotFound
        return places.create_campus(by=by, at=now, **values)
    if campus_id != by.campus.public_id:
        raise NotFound
    values.pop("code", None)
    return places.update_campus(campus_id, by=by, at=now, **values)
