"""Who may open which clinical page, and what a page costs."""

from collections.abc import Iterator
from datetime import date
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.desk.ward import PLAN, Ward
from tests.factories.hospital import CampusFactory
from tests.factories.people import StaffFactory
from tests.factories.ui import sign_in
from yimei.audit.models import Entry
from yimei.journey.models import AftercareTask
from yimei.journey.queries import aftercare, board, cases, today
from yimei.people.models import Staff

pytestmark = pytest.mark.django_db

WALK = pytest.mark.slow(reason="walks a customer through page after page")
CHART = ("case-assessment", "case-tests", "case-plan", "case-consents", "case-surgery", "case-recovery")


@pytest.fixture
def ward() -> Iterator[Ward]:
    ward = Ward()
    yield ward
    ward.close()


@pytest.mark.parametrize("name", CHART)
@pytest.mark.parametrize("role", ["reception", "scheduler", "cashier", "aftercare", "admin"])
def test_charts_do_not_exist_for_those_without_the_right(ward: Ward, name: str, role: str) -> None:
    assert ward.get(name, ward.case.public_id, by=ward.staff(role, "外人")).status_code == 404


@pytest.mark.parametrize("name", [*CHART, "case-schedule", "case-review", "case-advice"])
def test_another_campus_does_not_exist(ward: Ward, name: str) -> None:
    stranger = StaffFactory(role="nurse", campus=CampusFactory())
    assert ward.get(name, ward.case.public_id, by=stranger).status_code == 404
    assert ward.get(name, uuid4(), by=ward.nurse).status_code == 404


@pytest.mark.parametrize("name", CHART)
def test_a_surgeon_who_does_not_care_for_her_finds_nothing(ward: Ward, name: str) -> None:
    assert ward.get(name, ward.case.public_id, by=ward.staff("surgeon", "李航")).status_code == 404


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("schedule", "reception"),
        ("schedule", "cashier"),
        ("aftercare", "scheduler"),
        ("aftercare", "reception"),
        ("bmi", "nurse"),
    ],
)
def test_lists_do_not_exist_for_those_without_the_right(ward: Ward, name: str, role: str) -> None:
    assert ward.get(name, by=ward.staff(role, "外人")).status_code == 404


@WALK
def test_writing_needs_its_own_right(ward: Ward) -> None:
    ward.scheduled()
    case, plan, surgery = ward.case.public_id, ward.plan.public_id, ward.surgery.public_id
    for name, args, by in [
        ("case-assessment", (case,), ward.nurse),
        ("test-order", (case,), ward.scheduler),
        ("case-plan", (case,), ward.nurse),
        ("plan-choose", (plan,), ward.nurse),
        ("consent-sign", (plan, "consent-eye"), ward.nurse),
        ("consent-sign", (plan, "no-such-form"), ward.surgeon),
        ("case-schedule", (case,), ward.nurse),
        ("surgery-cancel", (surgery,), ward.surgeon),
        ("surgery-time", (surgery, "enter"), ward.scheduler),
        ("surgery-time", (surgery, "no-such-step"), ward.nurse),
        ("surgery-check", (surgery, "no-such-phase"), ward.nurse),
        ("recovery-observe", (surgery,), ward.scheduler),
        ("case-close", (case,), ward.scheduler),
    ]:
        answer = ward.post(name, *args, by=by)
        assert answer.status_code in {404, 422}, (name, answer.status_code)
    ward.case.refresh_from_db()
    assert ward.case.assessments.count() == 1
    assert ward.stage == "scheduled"


def test_a_visitor_is_sent_to_the_door(client: Client) -> None:
    answer = client.get(reverse("desk:schedule"))
    assert answer.status_code == 302
    assert "sign-in" in answer.headers["Location"]


@WALK
def test_every_look_at_a_document_is_written_down(ward: Ward) -> None:
    ward.planned()
    ward.sign("consent-eye")
    form = ward.case.consent_forms.get()
    ward.get("consent-pdf", form.public_id, by=ward.nurse)
    assert Entry.objects.filter(action="people.patient.view").latest("pk").detail["page"] == "consent-pdf"
    stranger = StaffFactory(role="nurse", campus=CampusFactory())
    assert ward.get("consent-pdf", form.public_id, by=stranger).status_code == 404


@WALK
def test_the_timeline_tells_the_whole_way(ward: Ward) -> None:
    ward.discharged()
    ward.do("case-review", ward.case.public_id, by=ward.surgeon, **REVIEW)
    items = cases.timeline(by=ward.surgeon, now=timezone.now(), case_id=ward.case.public_id)
    said = " ".join(item.title for item in items)
    for word in (
        "术前评估：适合手术",
        "检查结果已齐",
        "方案 v1 定稿",
        "签署：",
        "手术上台",
        "切皮",
        "离院",
        "术后复查",
        "问卷",
    ):
        assert word in said
    seen = cases.timeline(by=ward.scheduler, now=timezone.now(), case_id=ward.case.public_id)
    assert "术前评估：适合手术" not in " ".join(item.title for item in seen)


@WALK
def test_today_puts_each_step_before_the_right_person(ward: Ward) -> None:
    def said(staff: Staff) -> str:
        return " ".join(item.what for item in today.items(staff, timezone.now()))

    ward.assess()
    assert "制定方案" in said(ward.surgeon)
    ward.order_tests()
    assert "录入检查结果 2 项" in said(ward.nurse)
    ward.do("case-tests", ward.case.public_id, by=ward.nurse, **ward.results(blood="98"))
    assert "检查结果异常" in said(ward.surgeon)
    bad = ward.case.test_orders.get(test=ward.blood).results.get()
    ward.do("test-accept", bad.public_id, by=ward.surgeon, reason="轻度贫血，可耐受手术")
    assert "检查结果异常" not in said(ward.surgeon)
    ward.choose_plan()
    assert "待排台" in said(ward.scheduler)
    ward.do("case-schedule", ward.case.public_id, by=ward.scheduler, **ward.place())
    assert "术前谈话与签署" in said(ward.surgeon)
    ward.sign("consent-eye")
    assert "术前谈话与签署" not in said(ward.surgeon)


REVIEW = {"findings": "切口愈合好", "complication": "0", "complication_note": "", "goal_reached": "9"}


@WALK
def test_lists_cost_the_same_however_long(ward: Ward) -> None:
    def cost() -> list[int]:
        found = []
        for ask in (
            lambda: board.day(date(2026, 6, 17), by=ward.scheduler),
            lambda: board.waiting(by=ward.scheduler, now=timezone.now()),
            lambda: aftercare.worklist(by=ward.carer, now=timezone.now(), due="week"),
            lambda: today.items(ward.surgeon, timezone.now()),
            lambda: today.items(ward.nurse, timezone.now()),
        ):
            with CaptureQueriesContext(connection) as queries:
                ask()
            found.append(len(queries))
        return found

    ward.scheduled()
    cost()  # whoever asks is read once
    one = cost()
    second = ward.another_planned()
    third = ward.another_planned()
    ward.do("case-schedule", second.public_id, by=ward.scheduler, **ward.place() | {"time": "13:00"})
    assert third.stage
    assert cost() == one


def test_the_list_of_results_costs_the_same_however_long(
    ward: Ward, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ward.assess()
    ward.enter_tests()
    client = sign_in(Client(), ward.nurse)
    with django_assert_max_num_queries(36):
        client.get(reverse("desk:case-tests", args=[ward.case.public_id]))


@WALK
def test_the_pages_of_a_planned_operation_ask_each_thing_once(
    ward: Ward, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """What frame, checklist and timeline all need of a customer is read once and handed down.

    PostgreSQL asks one more than SQLite.
    """
    ward.scheduled()
    client = sign_in(Client(), ward.surgeon)
    for name, most in (("case", 51), ("case-surgery", 47), ("case-schedule", 52)):
        client.get(reverse(f"desk:{name}", args=[ward.case.public_id]))
        with django_assert_max_num_queries(most):
            assert client.get(reverse(f"desk:{name}", args=[ward.case.public_id])).status_code == 200


@WALK
def test_the_worklist_filters_by_clock_and_kind(ward: Ward) -> None:
    ward.discharged()
    now = timezone.now()
    assert aftercare.counts(by=ward.carer, now=now) == {"overdue": 0, "today": 0, "week": 1, "done": 0}
    ward.wait(days=9)
    later = timezone.now()
    assert aftercare.counts(by=ward.carer, now=later)["overdue"] == 2
    kinds = [due.task.kind for due in aftercare.worklist(by=ward.carer, now=later, kind="review")]
    assert kinds == ["review"]
    assert AftercareTask.objects.count() == 2


@WALK
def test_the_timeline_shows_what_a_new_version_changed(ward: Ward) -> None:
    ward.planned()
    ward.do(
        "case-plan", ward.case.public_id, by=ward.surgeon, **PLAN | {"written_against": "1", "price": "8200"}
    )
    page = ward.get("case", ward.case.public_id, by=ward.surgeon).content.decode()
    assert "方案更新为 v2" in page
    assert "价格 ¥7,800.00" in page
    assert "价格 ¥8,200.00" in page
