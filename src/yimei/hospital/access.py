"""The gates from an id in a URL to a row of reference data, which every member of staff may read."""

from typing import TypeVar
from uuid import UUID

from django.db import models

from yimei.core.errors import NotFound
from yimei.hospital.models import Campus, Department, Device, Procedure, Room, Shift

Row = TypeVar("Row", Campus, Department, Device, Procedure, Room, Shift)


def open_campus(public_id: UUID, *, lock: bool = False) -> Campus:
    return _open(Campus.objects.all(), public_id, lock=lock)


def open_department(public_id: UUID, *, lock: bool = False) -> Department:
    return _open(Department.objects.select_related("campus"), public_id, lock=lock)


def open_room(public_id: UUID, *, lock: bool = False) -> Room:
    return _open(Room.objects.select_related("campus"), public_id, lock=lock)


def open_device(public_id: UUID, *, lock: bool = False) -> Device:
    return _open(Device.objects.select_related("campus"), public_id, lock=lock)


def open_shift(public_id: UUID, *, lock: bool = False) -> Shift:
    return _open(Shift.objects.select_related("campus"), public_id, lock=lock)


def open_procedure(public_id: UUID, *, lock: bool = False) -> Procedure:
    return _open(Procedure.objects.all(), public_id, lock=lock)


def _open(rows: models.QuerySet[Row], public_id: UUID, *, lock: bool) -> Row:
    if lock:
        rows = rows.select_for_update(of=("self",))
    row = rows.filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row
