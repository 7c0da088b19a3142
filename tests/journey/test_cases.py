"""The way of one customer as one line, and what each role finds on Today."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories.hospital import CampusFactory, RoomFactory
from tests.factories.journey import CaseFactory
from tests.factories.people import StaffFactory
from tests.journey.clinic import EIGHT, HALF_HOUR, QUARTER, TEN, Clinic
from yimei.core.errors import NotFound, RuleBroken
from yimei.journey import access
from yimei.journey.actions import bookings, cases
from yimei.journey.enums import CaseStage, LossReason
from yimei.journey.models import Case, CaseMove
from yimei.journey.queries import cases as queries
from yimei.journey.queries import today
from yimei.journey.registry import TaskItem
from yimei.people.models import Staff
from yimei.people.roles import Permission

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


def queries_of(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def said(items: list[TaskItem]) -> list[tuple[str, str, str]]:
    return [(item.what.split("：")[0], item.action, item.tone) for item in items]


# ---- moves --------------------------------------------------------------------------------------


def test_a_move_writes_stage_history_and_log() -> None:
    case = CaseFactory()
    cases.move(case, to=CaseStage.ARRIVED, by=case.opened_by, now=TEN, note="提前到")
    case.refresh_from_db()
    assert (case.stage, case.stage_since, case.closed_at) == ("arrived", TEN, None)
    assert [(move.old, move.new, move.note) for move in case.moves.all()] == [
        ("", "booked", ""),
        ("booked", "arrived", "提前到"),
    ]


def test_the_last_move_closes_the_case_and_clears_the_next_step() -> None:
    case = CaseFactory(stage=CaseStage.REVIEWED)
    cases.set_next(case, action="满意度", due_at=TEN, owner=case.opened_by)
    cases.move(case, to=CaseStage.CLOSED, by=case.opened_by, now=TEN)
    case.refresh_from_db()
    assert (case.closed_at, case.next_action, case.next_due_at, case.next_owner) == (TEN, "", None, None)
    with pytest.raises(RuleBroken):
        cases.move(case, to=CaseStage.REVIEWED, by=case.opened_by, now=TEN)


def test_a_lost_case_says_why() -> None:
    case = CaseFactory()
    with pytest.raises(RuleBroken, match="写明原因"):
        cases.move(case, to=CaseStage.LOST, by=case.opened_by, now=TEN)
    with pytest.raises(IntegrityError, match="case_lost_says_why"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(stage="lost", closed_at=TEN)
    assert cases.lose(case.public_id, reason=LossReason.PRICE, by=case.opened_by, now=TEN).stage == "lost"


def test_the_history_of_a_case_is_written_once() -> None:
    case = CaseFactory()
    with pytest.raises(IntegrityError, match="case_move_append_only"), transaction.atomic():
        CaseMove.objects.filter(case=case).update(note="改写")


def test_a_case_opens_only_within_the_scope_of_the_permission() -> None:
    case = CaseFactory()
    nurse = StaffFactory(role="nurse", campus=case.campus)
    assert access.open_case(case.public_id, by=nurse) == case
    assert access.open_case(case.public_id, by=nurse, permission=Permission.CLINICAL_VIEW) == case
    for by, permission in [
        (nurse, Permission.MONEY_WRITE),
        (StaffFactory(role="nurse", campus=CampusFactory()), Permission.PATIENT_VIEW),
        (StaffFactory(role="surgeon", campus=case.campus), Permission.PATIENT_VIEW),
    ]:
        with pytest.raises(NotFound):
            access.open_case(case.public_id, by=by, permission=permission)


# ---- the timeline -------------------------------------------------------------------------------


def test_the_timeline_tells_everything_newest_first(clinic: Clinic) -> None:
    booking = clinic.arrived()
    line = queries.timeline(by=clinic.reception, now=TEN, patient_id=booking.patient.public_id)
    mine = [item for item in line if item.kind in {"case", "booking"}]
    assert {item.title for item in mine} == {
        "开始诊疗：切开重睑",
        "面诊：待确认",
        "面诊：待上门",
        "面诊：已到诊",
        "已到诊",
    }
    assert [item.at for item in line] == sorted((item.at for item in line), reverse=True)
    assert {item.by_name for item in mine} == {"前台小周"}
    assert {item.where for item in mine} == {
        f"desk:case:{booking.case.public_id}",
        f"desk:booking:{booking.public_id}",
    }


def test_the_timeline_of_a_case_leaves_out_the_others(clinic: Clinic) -> None:
    booking = clinic.request()
    CaseFactory(patient=booking.patient)
    whole = queries.timeline(by=clinic.reception, now=TEN, patient_id=booking.patient.public_id)
    of_case = queries.timeline(by=clinic.reception, now=TEN, case_id=booking.case.public_id)
    assert len(whole) == len(of_case) + 1


def test_the_timeline_is_for_those_who_may_see_the_customer(clinic: Clinic) -> None:
    booking = clinic.request()
    stranger = StaffFactory(role="reception", campus=CampusFactory())
    with pytest.raises(NotFound):
        queries.timeline(by=stranger, now=TEN, patient_id=booking.patient.public_id)
    cashier = clinic.staff("cashier", "收银")
    seen = queries.timeline(by=cashier, now=TEN, patient_id=booking.patient.public_id)
    assert "booking" not in {item.kind for item in seen}


def test_the_number_of_queries_for_a_timeline_does_not_grow(clinic: Clinic) -> None:
    booking = clinic.request()
    clinic.reception.role.scopes  # noqa: B018 - read once for the whole request

    def look() -> object:
        return queries.timeline(by=clinic.reception, now=TEN, patient_id=booking.patient.public_id)

    before = queries_of(look)
    for number in range(1, 6):
        clinic.confirmed(booking.patient, starts_at=TEN + number * HALF_HOUR)
        CaseFactory(patient=booking.patient)
    assert queries_of(look) == before


def test_open_cases_are_counted_by_stage(clinic: Clinic) -> None:
    clinic.arrived()
    clinic.request(starts_at=TEN + HALF_HOUR)
    CaseFactory()
    counts = queries.by_stage(clinic.reception)
    assert (counts[CaseStage.BOOKED], counts[CaseStage.ARRIVED], counts[CaseStage.PLANNED]) == (1, 1, 0)
    assert CaseStage.LOST not in counts
    assert queries_of(lambda: queries.by_stage(clinic.reception)) == 1


# ---- today --------------------------------------------------------------------------------------


def test_the_desk_sees_who_is_to_be_confirmed_comes_and_waits(clinic: Clinic) -> None:
    clinic.request(starts_at=TEN + timedelta(hours=3))
    clinic.confirmed(starts_at=TEN + timedelta(hours=1))
    waiting = clinic.arrived()
    items = today.items(clinic.reception, TEN)
    assert said(items) == [
        ("确认预约", "确认", "danger"),
        ("等候接诊", "分诊", "warn"),
        ("今日到诊", "登记到诊", ""),
    ]
    assert (items[1].since, items[1].who) == (TEN, "林晓雨")
    assert items[1].where == f"desk:booking-triage:{waiting.public_id}"
    assert items[1].what == "等候接诊：6-16 10:00 面诊 · 切开重睑 · 周蕾"


def test_the_consultant_sees_only_who_waits_for_her(clinic: Clinic) -> None:
    clinic.arrived()
    clinic.arrived(staff=clinic.consultants[1], room=clinic.rooms[1])
    (item,) = today.items(clinic.consultants[0], TEN)
    assert said([item]) == [("客户已到", "接诊", "warn")]
    bookings.serve(
        clinic.consultants[0].bookings.get().public_id, by=clinic.consultants[0], now=TEN + QUARTER
    )
    (after,) = today.items(clinic.consultants[0], TEN + QUARTER)
    assert said([after]) == [("完成面诊记录", "打开", "warn")]


def test_the_phone_consultant_answers_new_customers_first(clinic: Clinic) -> None:
    patient = clinic.patient(online=clinic.online, created_at=TEN - timedelta(hours=1))
    clinic.cares(clinic.online, patient)
    (item,) = today.items(clinic.online, TEN)
    assert said([item]) == [("首次联系", "新建预约", "danger")]
    clinic.request(patient, by=clinic.online, starts_at=TEN + HALF_HOUR, now=TEN)
    assert said(today.items(clinic.online, TEN)) == [("确认预约", "确认", "warn")]


def test_after_a_no_show_the_owner_calls_back(clinic: Clinic) -> None:
    patient = clinic.patient(online=clinic.online)
    clinic.cares(clinic.online, patient)
    booking = clinic.confirmed(patient)
    bookings.mark_no_show(booking.public_id, by=clinic.reception, now=TEN + HALF_HOUR)
    tomorrow = TEN + timedelta(days=1)
    assert said(today.items(clinic.online, tomorrow)) == [("联系客户，另约时间", "打开", "")]
    assert today.items(clinic.reception, tomorrow) == []


def test_nobody_sees_the_tasks_of_another_campus(clinic: Clinic) -> None:
    clinic.arrived()
    stranger = StaffFactory(role="reception", campus=CampusFactory())
    assert today.items(stranger, TEN) == []


@pytest.mark.slow(reason="customers in every state, made through the actions")
@pytest.mark.parametrize("role", ["reception", "online", "consultant", "surgeon"])
def test_the_number_of_queries_for_today_does_not_grow(clinic: Clinic, role: str) -> None:
    reader: Staff = {
        "reception": clinic.reception,
        "online": clinic.online,
        "consultant": clinic.consultants[0],
        "surgeon": clinic.surgeons[0],
    }[role]
    reader.role.scopes  # noqa: B018 - read once for the whole request

    def add(number: int) -> None:
        patient = clinic.patient(online=clinic.online, created_at=EIGHT)
        clinic.cares(clinic.online, patient)
        at = TEN + number * HALF_HOUR
        serving = reader if role in {"consultant", "surgeon"} else clinic.consultants[0]
        clinic.request(patient, starts_at=at, staff=clinic.consultants[1], room=clinic.rooms[1])
        clinic.confirmed(starts_at=at, staff=clinic.surgeons[1], room=clinic.rooms[0])
        clinic.arrived(starts_at=at, staff=serving, room=RoomFactory(campus=clinic.campus))
        CaseFactory(patient=patient, next_owner=reader, next_action="回访", next_due_at=TEN)

    add(0)
    before = queries_of(lambda: today.items(reader, TEN))
    assert today.items(reader, TEN)
    for number in range(1, 3):
        add(number)
    assert queries_of(lambda: today.items(reader, TEN)) == before
