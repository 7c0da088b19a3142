"""The gates from an id in a URL to a row of reference data, which every member of staff may read."""

from uuid import UUID

from yimei.core.database.rows import only
from yimei.hospital.models import Campus, Department, Device, Procedure, Room, Shift, StopRule, TestRange


def open_campus(public_id: UUID, *, lock: bool = False) -> Campus:
    return only(Campus.objects.all(), public_id, lock=lock)


def open_department(public_id: UUID, *, lock: bool = False) -> Department:
    return only(Department.objects.select_related("campus"), public_id, lock=lock)


def open_room(public_id: UUID, *, lock: bool = False) -> Room:
    return only(Room.objects.select_related("campus"), public_id, lock=lock)


def open_device(public_id: UUID, *, lock: bool = False) -> Device:
    return only(Device.objects.select_related("campus"), public_id, lock=lock)


def open_shift(public_id: UUID, *, lock: bool = False) -> Shift:
    return only(Shift.objects.select_related("campus"), public_id, lock=lock)


def open_procedure(public_id: UUID, *, lock: bool = False) -> Procedure:
    return only(Procedure.objects.all(), public_id, lock=lock)


def open_range(public_id: UUID, *, lock: bool = False) -> TestRange:
    return only(TestRange.objects.select_related("test"), public_id, lock=lock)


def open_stop_rule(public_id: UUID, *, lock: bool = False) -> StopRule:
    return only(StopRule.objects.all(), public_id, lock=lock)
