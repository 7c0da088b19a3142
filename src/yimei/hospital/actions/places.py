"""Campuses, departments, rooms, devices and shifts, as the settings pages of the desk keep them."""

from datetime import datetime, time
from typing import TypedDict, Unpack
from uuid import UUID

from django.db import transaction

from yimei.audit.log import Actor
from yimei.hospital import access
from yimei.hospital.actions import edits
from yimei.hospital.enums import Grade, InstitutionKind, RoomKind
from yimei.hospital.models import Campus, Department, Device, Room, Shift


class CampusChanges(TypedDict, total=False):
    name: str
    address: str
    phone: str
    licence_no: str
    institution_kind: InstitutionKind
    max_grade: Grade
    is_active: bool


class DepartmentChanges(TypedDict, total=False):
    code: str
    name: str
    is_active: bool


class RoomChanges(TypedDict, total=False):
    code: str
    name: str
    kind: RoomKind
    is_active: bool


class DeviceChanges(TypedDict, total=False):
    code: str
    name: str
    serial_no: str
    is_active: bool


class ShiftChanges(TypedDict, total=False):
    code: str
    name: str
    starts: time
    ends: time


@transaction.atomic
def create_campus(
    *,
    code: str,
    name: str,
    institution_kind: InstitutionKind,
    max_grade: Grade,
    by: Actor | None,
    at: datetime,
    address: str = "",
    phone: str = "",
    licence_no: str = "",
) -> Campus:
    campus = Campus(
        code=code,
        name=name,
        institution_kind=institution_kind,
        max_grade=max_grade,
        address=address,
        phone=phone,
        licence_no=licence_no,
    )
    return edits.add(campus, by=by, at=at)


@transaction.atomic
def update_campus(
    campus_id: UUID, *, by: Actor | None, at: datetime, **changes: Unpack[CampusChanges]
) -> Campus:
    return edits.change(access.open_campus(campus_id, lock=True), changes, by=by, at=at)


@transaction.atomic
def create_department(*, campus: Campus, code: str, name: str, by: Actor | None, at: datetime) -> Department:
    return edits.add(Department(campus=campus, code=code, name=name), by=by, at=at)


@transaction.atomic
def update_department(
    department_id: UUID, *, by: Actor | None, at: datetime, **changes: Unpack[DepartmentChanges]
) -> Department:
    return edits.change(access.open_department(department_id, lock=True), changes, by=by, at=at)


@transaction.atomic
def create_room(
    *, campus: Campus, code: str, name: str, kind: RoomKind, by: Actor | None, at: datetime
) -> Room:
    return edits.add(Room(campus=campus, code=code, name=name, kind=kind), by=by, at=at)


@transaction.atomic
def update_room(room_id: UUID, *, by: Actor | None, at: datetime, **changes: Unpack[RoomChanges]) -> Room:
    return edits.change(access.open_room(room_id, lock=True), changes, by=by, at=at)


@transaction.atomic
def create_device(
    *, campus: Campus, code: str, name: str, by: Actor | None, at: datetime, serial_no: str = ""
) -> Device:
    return edits.add(Device(campus=campus, code=code, name=name, serial_no=serial_no), by=by, at=at)


@transaction.atomic
def update_device(
    device_id: UUID, *, by: Actor | None, at: datetime, **changes: Unpack[DeviceChanges]
) -> Device:
    return edits.change(access.open_device(device_id, lock=True), changes, by=by, at=at)


@transaction.atomic
def create_shift(
    *, campus: Campus, code: str, name: str, starts: time, ends: time, by: Actor | None, at: datetime
) -> Shift:
    return edits.add(Shift(campus=campus, code=code, name=name, starts=starts, ends=ends), by=by, at=at)


@transaction.atomic
def update_shift(shift_id: UUID, *, by: Actor | None, at: datetime, **changes: Unpack[ShiftChanges]) -> Shift:
    return edits.change(access.open_shift(shift_id, lock=True), changes, by=by, at=at)
