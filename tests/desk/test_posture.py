"""The officer's year and everybody's training through their addresses."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import shipped
from tests.factories.journey import CaseFactory
from tests.factories.people import StaffFactory
from tests.factories.ui import sign_in
from yimei.people.models import Staff
from yimei.privacy.actions import packs, training
from yimei.privacy.models import AuditRound, ControlRun, DrillTarget, TrainingRecord
from yimei.privacy.queries import training as courses
from yimei.privacy.rules.training import read_quiz

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Staff:
    return shipped.officer_since(days=60)


@pytest.fixture
def desk(client: Client, officer: Staff) -> Client:
    return sign_in(client, officer)


def test_the_page_of_truth_is_empty_until_something_ran(desk: Client) -> None:
    page = desk.get(reverse("desk:posture")).content.decode()
    assert "十项措施中 0 项已验证" in page
    assert desk.post(reverse("desk:posture-run")).status_code == 302
    assert ControlRun.objects.exists()
    page = desk.get(reverse("desk:posture")).content.decode()
    assert "未成年人年度" in page
    year = desk.get(reverse("desk:officers-year")).content.decode()
    assert "应急演练" in year
    assert "未成年人审计报送" in year
    assert "没有找到备份" in page
    assert "去学习" in desk.get(reverse("desk:today")).content.decode()


@pytest.mark.slow(reason="walks an audit from page to page")
def test_an_audit_through_its_pages(desk: Client, officer: Staff) -> None:
    desk.post(reverse("desk:posture-run"))
    assert desk.get(reverse("desk:audits")).status_code == 200
    asked_for = desk.get(reverse("desk:audit-new"), {"kind": "minors"}).content.decode()
    assert "年度未成年人个人信息合规审计" in asked_for
    asked = {
        "kind": "minors",
        "title": "未成年人审计",
        "period_from": "2026-01-01",
        "period_to": "2026-12-31",
        "seed": "7",
    }
    assert desk.post(reverse("desk:audit-new"), asked | {"period_to": "2025-01-01"}).status_code == 422
    assert desk.post(reverse("desk:audit-new"), asked).status_code == 302
    one = AuditRound.objects.get()
    page = reverse("desk:audit", args=[one.public_id])
    assert desk.get(page).status_code == 200
    drawn = desk.post(reverse("desk:audit-sample", args=[one.public_id]), {"kind": "looks", "size": "5"})
    assert drawn.status_code == 302
    assert "可复现" in desk.get(page).content.decode()
    signing = desk.post(reverse("desk:audit-move", args=[one.public_id]), {"to": "sign"})
    assert signing.status_code == 422
    for check in one.checks.all():
        url = reverse("desk:audit-check", args=[check.public_id])
        assert desk.post(url, {"do": "judge", "result": "no"}).status_code == 422
        known = {
            "result": "no",
            "finding": "抽查发现",
            "owner": str(officer.public_id),
            "due_on": "2099-01-01",
        }
        assert desk.post(url, {"do": "judge", **known}).status_code == 302
    assert desk.post(reverse("desk:audit-move", args=[one.public_id]), {"to": "sign"}).status_code == 302
    report = desk.get(reverse("desk:audit-report", args=[one.public_id]))
    assert report.content.startswith(b"%PDF")
    assert "未配置签名证书" in desk.get(page).content.decode()
    assert "抽查发现" in desk.get(reverse("desk:audits")).content.decode()
    filed = desk.post(reverse("desk:audit-move", args=[one.public_id]), {"to": "file", "number": "1"})
    assert filed.status_code == 302


def test_a_nurse_learns_and_sees_through_a_false_message(desk: Client, officer: Staff) -> None:
    nurse = sign_in(Client(), StaffFactory(role="nurse", campus=officer.campus))
    assert "须完成" in nurse.get(reverse("desk:training")).content.decode()
    page = reverse("desk:course", args=["incidents"])
    assert "交卷" in nurse.get(page).content.decode()
    assert "未及格" in nurse.post(page, {"q0": "x", "q1": "99"}).content.decode()
    assert nurse.post(page, {"q0": "1", "q1": "2", "q2": "2", "q3": "1", "q4": "1"}).status_code == 200
    record = TrainingRecord.objects.get(is_passed=True)
    assert nurse.get(reverse("desk:certificate", args=[record.public_id])).content.startswith(b"%PDF")
    assert nurse.get(reverse("desk:training-report")).status_code == 404
    assert nurse.get(reverse("desk:course", args=["nothing"])).status_code == 404

    assert desk.post(reverse("desk:training-drill"), {"scenario": "leader"}).status_code == 302
    target = DrillTarget.objects.get(staff__role__code="nurse")
    url = reverse("desk:message", args=[target.public_id])
    assert "这是一次演练" not in nurse.get(url).content.decode()
    assert desk.get(url).status_code == 404
    assert nurse.post(url, {"do": "x"}).status_code == 404
    assert "您识破了" in nurse.post(url, {"do": "report"}).content.decode()
    assert "识破 1" in desk.get(reverse("desk:training-report")).content.decode()


def test_a_chart_is_closed_on_its_own_page_to_whoever_owes_a_course(desk: Client, officer: Staff) -> None:
    nurse, case = (
        StaffFactory(role="nurse", campus=officer.campus),
        CaseFactory(patient__campus=officer.campus),
    )
    ward, page = sign_in(Client(), nurse), reverse("desk:case-assessment", args=[case.public_id])
    assert "培训已逾期" not in ward.get(page).content.decode()
    packs.declare("training.gate", "on", by=officer, now=timezone.now() - timedelta(days=31))
    closed = ward.get(page).content.decode()
    assert "培训已逾期" in closed
    assert reverse("desk:course", args=["records"]) in closed
    assert reverse("desk:break-glass", args=[case.patient.public_id]) in closed, "nobody comes to harm"
    assert "还没有术前评估" not in closed
    for one in courses.courses():
        answers = {n: question.answer for n, question in enumerate(read_quiz(one.quiz))}
        training.attempt(one.code, answers=answers, by=nurse, now=timezone.now())
    assert "还没有术前评估" in ward.get(page).content.decode()


def test_a_course_is_edited_into_a_new_version(desk: Client) -> None:
    url = reverse("desk:course-edit", args=["basics"])
    assert "以 ## 开头" in desk.get(url).content.decode()
    known = {
        "title": "新版",
        "minutes": "5",
        "pass_mark": "80",
        "months": "12",
        "is_required": "on",
        "body": "## 一\n内容",
    }
    assert desk.post(url, known | {"quiz": "? 只有一题"}).status_code == 422
    quiz = "\n".join(f"? 题{n}\n- 错\n* 对" for n in range(3))
    assert desk.post(url, known | {"quiz": quiz}).status_code == 302
    assert "新版 v2" in desk.get(reverse("desk:training-report")).content.decode()
