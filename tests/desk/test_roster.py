"""The roster of a campus and what the campus has: through their screens, and what they refuse."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.factories.hospital import (
    CampusFactory,
    PriceFactory,
    ProcedureFactory,
    RoomFactory,
    ShiftFactory,
)
from tests.factories.people import StaffFactory
from tests.factories.ui import sign_in
from tests.journey.clinic import EIGHT, TEN, Clinic
from yimei.audit.models import Entry
from yimei.core.clock import SHANGHAI
from yimei.hospital.actions import calendar
from yimei.hospital.enums import DayKind, Grade
from yimei.hospital.models import Campus, Procedure, Room, Shift
from yimei.people.models import Duty, Staff
from yimei.people.roles import SEED_GRANTS, Permission

pytestmark = pytest.mark.django_db
ROSTER, NEW, PLACES = reverse("desk:roster"), reverse("desk:roster-new"), reverse("desk:places")


@pytest.fixture
def clinic(client: Client) -> Any:
    with time_machine.travel(EIGHT, tick=False):
        made = Clinic()
        sign_in(client, made.staff("scheduler", "钱莉"))
        yield made


def asked(clinic: Clinic, *staff: Staff, **more: Any) -> dict[str, Any]:
    shift = clinic.campus.shifts.first() or ShiftFactory(campus=clinic.campus)
    return {
        "staff": [str(one.public_id) for one in staff],
        "first": "2026-06-17",
        "last": "2026-06-23",
        "weekdays": ["0", "1", "2", "3", "4"],
        "skips_holidays": "on",
        "shift": str(shift.public_id),
    } | more


def planned(staff: Staff) -> list[str]:
    rows = Duty.objects.filter(staff=staff).order_by("starts_at")
    return [f"{one.starts_at.astimezone(SHANGHAI):%m-%d %H}" for one in rows]


def test_a_week_is_planned_without_the_holiday_and_never_twice(client: Client, clinic: Clinic) -> None:
    calendar.set_day(date(2026, 6, 19), kind=DayKind.HOLIDAY, name="端午", source="测试", by=None, at=EIGHT)
    nurse = clinic.staff("nurse", "何梅")
    for expected in ("已排 4 个班", "没有新增"):
        page = client.post(NEW, asked(clinic, nurse), follow=True)
        assert expected in page.content.decode()
    assert planned(nurse) == ["06-17 09", "06-18 09", "06-22 09", "06-23 09"]
    assert "节假日" in client.get(f"{ROSTER}?week=2026-06-19").content.decode()
    early = ShiftFactory(campus=clinic.campus, name="早班", starts=datetime(2026, 1, 1, 8).time())
    client.post(NEW, asked(clinic, nurse, shift=str(early.public_id)))
    assert len(planned(nurse)) == 4
    line = Entry.objects.filter(action="people.duty.planned").latest("pk")
    assert line.detail == {"added": 0}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"first": "2026-06-15"}, "过去的日子不能再排班"),
        ({"last": "2026-06-16"}, "结束日期早于开始日期"),
        ({"last": "2026-12-31"}, "一次最多排"),
        ({"first": "2026-06-17", "last": "2026-06-17", "weekdays": ["0"]}, "没有要排的一天"),
        ({"staff": []}, "必填"),
        ({"first": "6月31日"}, "没有这一天"),
    ],
)
def test_what_no_roster_means_is_said_and_nothing_is_lost(
    client: Client, clinic: Clinic, more: dict[str, Any], said: str
) -> None:
    nurse = clinic.staff("nurse", "何梅")
    page = client.post(NEW, asked(clinic, nurse, **more))
    assert page.status_code == 422
    assert said in page.content.decode()
    assert planned(nurse) == []


def test_nobody_is_taken_off_what_a_customer_was_promised(client: Client, clinic: Clinic) -> None:
    booking = clinic.confirmed()
    duty = Duty.objects.get(staff=booking.staff)
    url = reverse("desk:roster-remove", args=[duty.public_id])
    page = client.post(url)
    assert page.status_code == 422
    text = page.content.decode()
    assert "还有 1 项安排" in text
    assert "10:00–10:30" in text
    assert reverse("desk:booking", args=[booking.public_id]) in text
    second = Duty.objects.create(
        staff=duty.staff, starts_at=TEN - timedelta(minutes=30), ends_at=TEN + timedelta(hours=1)
    )
    assert client.post(url).status_code == 302
    assert list(Duty.objects.filter(staff=duty.staff)) == [second]
    gone = Entry.objects.filter(action="people.duty.removed").latest("pk")
    assert gone.detail["from"] == duty.starts_at.isoformat()


def test_what_is_past_stays_and_another_campus_is_not_there(client: Client, clinic: Clinic) -> None:
    duty = Duty.objects.get(staff=clinic.surgeons[0])
    with time_machine.travel(duty.ends_at, tick=False):
        sign_in(client, clinic.staff("scheduler", "钱二"))
        page = client.post(reverse("desk:roster-remove", args=[duty.public_id]))
    assert (page.status_code, "已经过去的班次不能撤" in page.content.decode()) == (422, True)
    elsewhere = StaffFactory(role="nurse", campus=CampusFactory())
    foreign = Duty.objects.create(
        staff=elsewhere, starts_at=TEN + timedelta(days=1), ends_at=TEN + timedelta(days=1, hours=1)
    )
    assert client.post(reverse("desk:roster-remove", args=[foreign.public_id])).status_code == 404
    assert "必填" not in client.post(NEW, asked(clinic, elsewhere)).content.decode()
    assert planned(elsewhere) == ["06-17 10"]


def test_the_week_before_is_repeated_once(client: Client, clinic: Clinic) -> None:
    copy = reverse("desk:roster-copy")
    first = client.post(copy, {"week": "2026-06-22"}, follow=True)
    assert "已排 4 个班" in first.content.decode()
    assert "没有新增" in client.post(copy, {"week": "2026-06-22"}, follow=True).content.decode()
    assert planned(clinic.surgeons[0]) == ["06-16 09", "06-23 09"]


@pytest.mark.parametrize("week", ["0001-01-01", "9999-12-31", "2026-02-30", "x"])
def test_a_week_that_cannot_be_is_this_week(client: Client, clinic: Clinic, week: str) -> None:
    assert client.get(ROSTER, {"week": week}).status_code == 200
    assert client.post(reverse("desk:roster-copy"), {"week": week}, follow=True).status_code == 200


def test_who_books_reads_the_roster_and_changes_nothing(client: Client, clinic: Clinic) -> None:
    sign_in(client, clinic.reception)
    page = client.get(f"{ROSTER}?week=2026-06-16")
    assert page.status_code == 200
    assert "09:00–18:00" in page.content.decode()
    assert "roster/new" not in page.content.decode()
    for url in (NEW, reverse("desk:roster-copy")):
        assert client.post(url, asked(clinic, clinic.surgeons[0])).status_code == 404


def test_a_week_costs_the_same_for_many(
    client: Client, clinic: Clinic, django_assert_max_num_queries: Any
) -> None:
    for n in range(20):
        on_duty(clinic.staff("nurse", f"护士{n}"))
    with django_assert_max_num_queries(16):
        client.get(f"{ROSTER}?week=2026-06-16")


def on_duty(staff: Staff) -> None:
    Duty.objects.create(staff=staff, starts_at=TEN, ends_at=TEN + timedelta(hours=8))


# ---- what a campus has -------------------------------------------------------------------------


@pytest.fixture
def keeper(client: Client) -> Staff:
    staff: Staff = StaffFactory(role="admin")
    sign_in(client, staff)
    return staff


def test_rooms_devices_and_shifts_are_added_and_changed(client: Client, keeper: Staff) -> None:
    room = {"code": "CT9", "name": "9 诊室", "kind": "consult"}
    assert client.post(reverse("desk:place-new", args=["room"]), room).status_code == 302
    made = Room.objects.get(code="CT9")
    again = client.post(reverse("desk:place-new", args=["room"]), room)
    assert (again.status_code, "本院区已有相同的编码" in again.content.decode()) == (422, True)
    url = reverse("desk:place", args=["room", made.public_id])
    assert client.post(url, room | {"name": "九诊室"}).status_code == 302
    made.refresh_from_db()
    assert (made.name, made.is_active) == ("九诊室", False)
    assert "已停用" in client.get(PLACES).content.decode()
    shift = {"code": "N", "name": "夜班", "starts": "22:00", "ends": "06:00"}
    page = client.post(reverse("desk:place-new", args=["shift"]), shift)
    assert (page.status_code, "不能跨过午夜" in page.content.decode()) == (422, True)
    assert (
        client.post(reverse("desk:place-new", args=["shift"]), shift | {"ends": "23:30"}).status_code == 302
    )
    assert Shift.objects.get(code="N").campus == keeper.campus


def test_a_lower_grade_of_the_campus_holds_at_once(client: Client, keeper: Staff) -> None:
    campus = keeper.campus
    values = {
        "code": "changed",
        "name": campus.name,
        "institution_kind": campus.institution_kind,
        "max_grade": "1",
        "licence_no": "PDY-1",
        "phone": "",
        "address": "",
    }
    assert client.post(reverse("desk:campus-edit"), values).status_code == 302
    fresh = Campus.objects.get(pk=campus.pk)
    assert (fresh.max_grade, fresh.licence_no, fresh.code) == (Grade.ONE, "PDY-1", campus.code)
    line = Entry.objects.filter(action="hospital.campus.update").latest("pk")
    assert "max_grade" in line.fields


@pytest.mark.parametrize("kind", ["room", "device", "shift", "department", "galaxy"])
def test_another_campus_and_other_roles_find_nothing(client: Client, keeper: Staff, kind: str) -> None:
    room, shift = RoomFactory(), ShiftFactory()
    row = {"room": room, "shift": shift}.get(kind, room)
    assert client.get(reverse("desk:place", args=[kind, row.public_id])).status_code == 404
    sign_in(client, StaffFactory(role="scheduler"))
    assert client.get(PLACES).status_code == 404
    assert client.get(reverse("desk:place-new", args=[kind])).status_code == 404


def test_a_new_hospital_knows_who_keeps_the_roster() -> None:
    keepers = {str(role) for role, grants in SEED_GRANTS.items() if Permission.ROSTER_WRITE in grants}
    assert keepers == {"admin", "scheduler", "marketing"}


# ---- what a hospital still lacks ----------------------------------------------------------------


def said_on(client: Client) -> list[str]:
    page = client.get(reverse("desk:today")).content.decode()
    known = ("执业许可证号", "没有诊室", "没有班次", "没有目录价", "放假通知", "还没有排班")
    return [words for words in known if words in page]


def test_a_new_hospital_is_told_what_it_lacks_until_it_has_it(client: Client) -> None:
    with time_machine.travel(EIGHT, tick=False):
        keeper = StaffFactory(role="admin", campus=CampusFactory(licence_no=""))
        sign_in(client, keeper)
        ProcedureFactory(grade=Grade.NONE)
        assert said_on(client) == ["执业许可证号", "没有诊室", "没有班次", "没有目录价"]
        Campus.objects.filter(pk=keeper.campus.pk).update(licence_no="PDY1")
        PriceFactory(procedure=Procedure.objects.get(), campus=keeper.campus)
        RoomFactory(campus=keeper.campus)
        ShiftFactory(campus=keeper.campus)
        assert said_on(client) == ["还没有排班"]
        on_duty(keeper)
        assert said_on(client) == []
    with time_machine.travel(EIGHT + timedelta(days=2), tick=False):
        sign_in(client, keeper)
        assert said_on(client) == []
    with time_machine.travel(EIGHT + timedelta(days=3), tick=False):
        sign_in(client, keeper)
        assert said_on(client) == ["还没有排班"]
