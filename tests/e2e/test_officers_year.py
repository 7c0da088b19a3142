"""The privacy officer's year before her screens: what is new, goes wrong, is learned, filed, and lapses."""

from datetime import UTC, datetime
from typing import Literal

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.e2e.desk import DESK, PHONE, House
from tests.e2e.test_rights import officer, press, seat, take_seat
from tests.factories.people import StaffFactory
from tests.privacy.actions.test_gates import active
from yimei.core.clock import local_date
from yimei.people.models import Staff
from yimei.privacy.actions import audits
from yimei.privacy.enums import CheckResult
from yimei.privacy.models import AuditRound, Incident, Notice, Purpose
from yimei.privacy.queries.training import course
from yimei.privacy.rules.training import read_quiz

__all__ = ["officer"]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow(reason="drives a real browser"),
]
AUTUMN, JANUARY, NEXT = (datetime(2026, 10, 5, 2), datetime(2027, 1, 12, 2), datetime(2027, 12, 1, 2))
READY: Literal["domcontentloaded"] = "domcontentloaded"
"""Our scripts have run by then; pictures and fonts may come later."""
WORDS = "已逐项核对：目的明确，没有更少的办法。"


class Walk:
    """One person's browser with the few steps that every page of the registers knows."""

    def __init__(self, house: House, staff: Staff) -> None:
        self.house, self.staff, self.page = house, staff, seat(house, staff)

    def again(self) -> "Walk":
        """Months later: the same browser, which knows our scripts, signed in anew."""
        take_seat(self.house, self.page, self.staff)
        return self

    def go(self, name: str, *args: object, **query: str) -> "Walk":
        address = reverse(f"desk:{name}", args=args)
        tail = "&".join(f"{key}={value}" for key, value in query.items())
        where = f"{self.house.url}{address}{'?' + tail if tail else ''}"
        self.page.goto(where, wait_until=READY)
        return self

    def fill(self, **values: str) -> "Walk":
        for name, value in values.items():
            field = self.page.locator(f'[name="{name}"]').first
            if field.evaluate("e => e.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        return self

    def tick(self, name: str, value: str = "") -> "Walk":
        mark = f'[value="{value}"]' if value else ""
        self.page.locator(f'[name="{name}"]{mark}').first.evaluate("e => e.checked || e.click()")
        return self

    def press(self, *words: str, sure: bool = False) -> "Walk":
        for each in words:
            with self.page.expect_navigation(wait_until=READY):
                press(self.page, each)
                if sure:
                    self.page.locator("[data-ym-confirm-yes]").click()
        return self

    def sees(self, *words: str) -> "Walk":
        for each in words:
            expect(self.page.locator("main")).to_contain_text(each)
        return self


def test_a_year_of_the_officer(house: House, officer: Staff) -> None:
    house.clock.at(AUTUMN.replace(tzinfo=UTC))
    director = StaffFactory(role="director", campus=officer.campus)
    nurse = StaffFactory(role="nurse", campus=officer.campus, name="李雪")
    active(officer, director, house.clock.now)
    desk, boss, ward = (Walk(house, one) for one in (officer, director, nurse))
    something_new(desk, boss)
    something_wrong(desk)
    somebody_learns(desk, ward)

    house.clock.at(JANUARY.replace(tzinfo=UTC))
    desk.again()
    the_year_is_filed(desk, officer, nurse)

    house.clock.at(NEXT.replace(tzinfo=UTC))
    desk.again()
    desk.go("posture").press("现在全部验证").sees("合同到期", "人逾期", "已停止发送")
    desk.go("officers-year").sees("已过期限", "合同到期：云短信", "应急演练")
    house.look(desk.page, "负责人的一年", PHONE)
    assert AuditRound.objects.get().filed_on == local_date(JANUARY.replace(tzinfo=UTC))
    assert Incident.objects.get().status == "closed"


def something_new(desk: Walk, boss: Walk) -> None:
    """A purpose is refused until another person signed its assessment, and told before anybody is asked."""
    desk.go("purpose-new").fill(
        code="face.queue", name="人脸排队", description="用面部影像在到院时核对身份并叫号，可以拒绝。",
        mode="separate", article="《个人信息保护法》第二十九条", retention="lead",
    ).tick("is_sensitive").press("登记").sees("还不能启用，缺")  # fmt: skip
    purpose = Purpose.objects.get(code="face.queue")
    desk.press("启用")
    expect(desk.page.locator("body")).to_contain_text("这个目的还不能启用")
    desk.go("assessment-new", subject="purpose:face.queue")
    desk.fill(
        necessity=WORDS, impact=WORDS, measures=WORDS, what_1="面部影像外泄", measure_1="只存在设备内",
        likelihood_1="3", severity_1="5", likelihood_after_1="1", severity_after_1="5",
        what_2="", what_3="",
    ).press("保存草稿", "提交批准").sees("由编写人以外的人批准")  # fmt: skip
    boss.page.goto(desk.page.url)
    boss.fill(remark="同意，一年后复评").press("批准").sees("已批准")
    desk.go("purpose", purpose.public_id).press("启用").sees("启用中", "不能征求同意")
    house_notice = Notice.objects.get(code="customer")
    desk.go("notice-edit", house_notice.public_id).tick("purposes", "face.queue").press("看看差别")
    desk.sees("须重新同意：人脸排队").press("发布")
    assert Notice.objects.filter(code="customer").latest("version").renews == ["face.queue"]
    desk.go("purposes").sees("人脸排队")


def something_wrong(desk: Walk) -> None:
    """A drill of the incident plan from the report to the end; nothing of it may stay open."""
    desk.go("incident-report").fill(title="演练：误发名单", what="把一份名单误发给了外部邮箱。")
    desk.tick("is_drill").press("立即报告").fill(persons="3").press("构成事件，开始处置").press("结案")
    expect(desk.page.locator("body")).to_contain_text("还不能结案")
    incident = Incident.objects.get()
    assert incident.is_drill
    desk.go("incident", incident.public_id)
    desk.fill(measures="已请对方删除并书面确认", report="原因、措施、影响与改进均已讨论").press("保存")
    for duty in incident.duties.all():
        desk.page.locator(f'[data-ym-open="duty-{duty.code}"]').click()
        box = desk.page.locator(f'[id="duty-{duty.code}"]')
        box.locator("textarea").fill("演练：模拟报送，回执 1")
        with desk.page.expect_navigation(wait_until=READY):
            box.get_by_role("button", name="已履行").click()
    desk.press("处置结束", sure=True).press("结案").sees("已结案")


def somebody_learns(desk: Walk, ward: Walk) -> None:
    """A quiz failed and passed, and a false message seen through."""
    ward.go("course", "basics").press("交卷").sees("未及格")
    ward.go("course", "basics")
    for number, question in enumerate(read_quiz(course("basics").quiz)):
        ward.tick(f"q{number}", str(question.answer))
    ward.press("交卷").sees("通过", "证书")
    desk.go("training-report").press("向全员发出", sure=True)
    ward.go("notifications")
    ward.press("打开").sees("您的账号将于今日").press("这像是骗局，举报").sees("您识破了")
    desk.go("training-report").sees("识破 1")


def the_year_is_filed(desk: Walk, officer: Staff, nurse: Staff) -> None:
    """The audit of minors' data of last year, with a shortfall, signed and filed before the month ends."""
    desk.go("posture").press("现在全部验证").sees("最小必要", "2026 年度审计")
    desk.house.look(desk.page, "合规总览", DESK)
    desk.page.get_by_role("link", name="开始未成年人审计").click()
    desk.press("生成检查清单")
    one = AuditRound.objects.get()
    assert (one.period_from.isoformat(), one.period_to.isoformat()) == ("2026-01-01", "2026-12-31")
    desk.house.look(desk.page, "审计", DESK)
    desk.press("抽样").sees("总体")
    first, *rest = one.checks.filter(result=CheckResult.OPEN)
    for each in rest:
        bad = any(proof["state"] == "bad" for proof in each.evidence)
        audits.judge(
            each.public_id, result=CheckResult.NO if bad else CheckResult.NA, finding="系统验证未通过",
            owner=nurse, due_on=one.period_to.replace(year=2027), by=officer, now=desk.house.clock.now,
        )  # fmt: skip
    desk.go("audit-check", first.public_id).fill(
        result="partly", finding="两次查看没有事先批准", owner=str(nurse.public_id), due_on="20270301"
    ).press("记录结论")
    desk.go("audit", one.public_id).press("签署报告", sure=True).sees("报告摘要")
    desk.fill(number="网信未保 2027-1").press("今天已报送").sees("网信未保 2027-1")
    desk.go("posture").sees("已报送", "两次查看没有事先批准")
    assert desk.page.request.get(
        desk.house.url + reverse("desk:audit-report", args=[one.public_id])
    ).body().startswith(b"%PDF")  # fmt: skip
