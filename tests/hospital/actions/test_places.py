from datetime import datetime, time
from uuid import uuid4

import pytest

from tests.factories.hospital import CampusFactory, RoomFactory
from tests.hospital.conftest import Clerk
from yimei.audit.models import Entry
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.actions import places
from yimei.hospital.enums import Grade, InstitutionKind, RoomKind
from yimei.hospital.models import Campus, Room, Shift

pytestmark = pytest.mark.django_db


def test_every_kind_of_place_is_made_and_changed_with_a_line_each(clerk: Clerk, now: datetime) -> None:
    campus = places.create_campus(
        code="SH1",
        name="颐美上海",
        institution_kind=InstitutionKind.HOSPITAL,
        max_grade=Grade.THREE,
        by=clerk,
        at=now,
    )
    department = places.create_department(campus=campus, code="ER", name="眼整形", by=clerk, at=now)
    room = places.create_room(
        campus=campus, code="OR1", name="一号手术室", kind=RoomKind.OR, by=clerk, at=now
    )
    device = places.create_device(campus=campus, code="L1", name="激光", by=clerk, at=now)
    shift = places.create_shift(
        campus=campus, code="D", name="白班", starts=time(9), ends=time(18), by=clerk, at=now
    )
    places.update_campus(campus.public_id, max_grade=Grade.TWO, by=clerk, at=now)
    places.update_department(department.public_id, name="眼部整形科", by=clerk, at=now)
    places.update_room(room.public_id, is_active=False, by=clerk, at=now)
    places.update_device(device.public_id, serial_no="SN9", by=clerk, at=now)
    places.update_shift(shift.public_id, ends=time(17, 30), by=clerk, at=now)

    assert Campus.objects.get().max_grade == Grade.TWO
    assert campus.departments.get().name == "眼部整形科"
    assert not Room.objects.get().is_active
    assert campus.devices.get().serial_no == "SN9"
    assert Shift.objects.get().ends == time(17, 30)
    made = [f"hospital.{name}.create" for name in ("campus", "department", "room", "device", "shift")]
    changed = [line.replace("create", "update") for line in made]
    lines = Entry.objects.order_by("seq").values_list("action", flat=True)
    assert list(lines) == made + changed
    assert Entry.objects.get(action="hospital.room.update").fields == ["is_active"]


def test_a_code_that_the_campus_has_already_is_refused_in_words(clerk: Clerk, now: datetime) -> None:
    room = RoomFactory()
    with pytest.raises(RuleBroken, match="本院区已有相同的编码"):
        places.create_room(
            campus=room.campus, code=room.code, name="重复", kind=RoomKind.OR, by=clerk, at=now
        )
    assert Room.objects.count() == 1
    assert not Entry.objects.exists()


def test_a_shift_over_midnight_is_refused_in_words(clerk: Clerk, now: datetime) -> None:
    with pytest.raises(RuleBroken, match="不能跨过午夜"):
        places.create_shift(
            campus=CampusFactory(), code="N", name="夜班", starts=time(20), ends=time(8), by=clerk, at=now
        )


def test_an_empty_or_endless_name_names_its_field(clerk: Clerk, now: datetime) -> None:
    room = RoomFactory()
    for name in ("", "房" * 200):
        with pytest.raises(RuleBroken, match=r"^名称："):
            places.update_room(room.public_id, name=name, by=clerk, at=now)
    room.refresh_from_db()
    assert len(room.name) < 80


def test_a_change_that_changes_nothing_leaves_no_line(clerk: Clerk, now: datetime) -> None:
    room = RoomFactory(name="诊室 1")
    places.update_room(room.public_id, name="诊室 1", by=clerk, at=now)
    assert not Entry.objects.exists()


def test_a_room_that_is_not_there_is_not_found(clerk: Clerk, now: datetime) -> None:
    with pytest.raises(NotFound):
        places.update_room(uuid4(), name="x", by=clerk, at=now)
