"""A chart becomes a report that is talked about, signed and shared by a link, in real browsers."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import expect

from tests.e2e.desk import DESK, PHONE, TABLET, House
from tests.factories.hospital import CampusFactory
from tests.factories.journey import BookingFactory
from tests.factories.people import StaffFactory
from yimei.insight.actions import mart
from yimei.insight.actions.reports import drafts
from yimei.insight.gateways import reader
from yimei.insight.models import Report, ReportLink
from yimei.insight.queries import figures

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow(reason="drives a real browser"),
]


@pytest.fixture(autouse=True)
def own_mart(tmp_path: Path, settings: Any) -> Iterator[None]:
    reader.forget()
    figures.forget()
    settings.VAR_DIR = tmp_path
    yield
    reader.forget()
    figures.forget()


def test_on_a_telephone_every_age_has_its_label(house: House) -> None:
    campus = CampusFactory()
    director = house.person(StaffFactory(role="director", name="郭院长", campus=campus))
    at = house.clock.now - timedelta(days=12)
    with transaction.atomic():
        for born in (*range(1960, 2016, 4), *[None] * 12):
            BookingFactory(
                arrived=True,
                starts_at=at,
                case__patient__campus=campus,
                case__patient__person__birth_date=date(born, 5, 5) if born else None,
            )
    mart.build(now=house.clock.now)
    director.page.set_viewport_size({"width": 390, "height": 844})
    director.open("insight-explore", m="visits", by1="age", c="bar", span="90")
    chart = director.page.locator(".chart.is-drawn")
    expect(chart).to_be_visible()
    drawn = chart.evaluate(
        "(chart) => echarts.getInstanceByDom(chart.closest('[_echarts_instance_]')"
        " ?? chart.querySelector('[_echarts_instance_]'))"
        ".getZr().storage.getDisplayList().map((one) => one.style?.text)"
    )
    assert {"<18", "18–24", "25–34", "35–44", "45–54", "≥55", "未填"} <= set(drawn)


def test_on_a_telephone_a_title_without_a_place_to_break_stays_on_the_page(house: House) -> None:
    director = house.person(StaffFactory(role="director", name="郭院长", campus=CampusFactory()))
    mart.build(now=house.clock.now)
    report = drafts.begin(
        "week",
        title="https://example.com/november/consultations-and-surgery",
        starts_on=date(2026, 1, 5),
        last_day=date(2026, 1, 11),
        by=director.staff,
        now=house.clock.now,
    )
    director.page.set_viewport_size({"width": 390, "height": 844})
    director.open("insight-report", report.public_id)
    assert director.page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_chart_becomes_a_report_that_is_signed_and_shared(house: House) -> None:
    campus = CampusFactory()
    director = house.person(StaffFactory(role="director", name="郭院长", campus=campus))
    marketing = house.person(StaffFactory(role="marketing", name="宋运营", campus=campus))
    analyst = house.person(StaffFactory(role="analyst", name="林分析", campus=campus))
    last_month = house.clock.now.replace(day=1) - timedelta(days=12)
    with transaction.atomic():
        for number in range(24):
            source = "douyin" if number % 2 else "phone"
            at = last_month - timedelta(days=number % 4)
            BookingFactory(
                arrived=True, starts_at=at, case__patient__campus=campus, case__patient__source=source
            )
    mart.build(now=house.clock.now)
    director.open("insight").sees("到诊人次", "24")
    expect(director.page.locator(".tile .chart.is-drawn").first).to_be_visible()
    director.look("院长看板", DESK, TABLET, PHONE)
    director.open("insight-explore", m="visits", by1="source", c="bar", span="90")
    chart = director.page.locator(".chart.is-drawn")
    chart.focus()
    director.page.keyboard.press("ArrowRight")
    expect(director.page.locator("[data-ym-chart-told]")).to_contain_text("12")
    director.page.keyboard.press("Enter")
    director.sees("计入 12 行").follow("回到图表")
    director.open("insight-explore", m="visits", by1="source", c="bar", span="90").press("加入报告")
    dialog = director.page.locator("dialog[open]")
    director.fill(dialog, title="从哪里来").press("加入报告", within=dialog)
    director.told("已加入报告").sees("到诊人次", "从哪里来", "草稿").look("报告草稿", PHONE)
    director.page.get_by_label("评论").fill("看看电话来的")
    director.press("发表").told("评论已保存")
    director.press("签发").press("签发", within=director.page.locator("dialog[open]"))
    director.sees("已签发")
    report = Report.objects.get()
    assert report.status == "signed"
    director.page.wait_for_load_state("networkidle")
    dialog = director.press("共享").page.locator("dialog[open]")
    dialog.locator("label", has=director.page.locator('[name="roles"][value="marketing"]')).click()
    director.press("生成链接", within=dialog).sees("只看本院区")
    dialog = director.page.locator("dialog[open]")
    dialog.get_by_label("院区角色也可以读这一份").check()
    director.fill(dialog, reason="一个院区的医院")
    director.press("生成链接", within=dialog).sees("只显示这一次")
    link = director.page.locator("code.report-link").inner_text().strip()
    address = "/" + link.split("/", 3)[3]
    director.open("insight-report", report.public_id).sees("共享链接")
    assert link not in director.page.content(), "the secret is shown once"
    marketing.visit(address).sees("从哪里来", "通过共享链接查看").look("共享的报告", DESK, TABLET, PHONE)
    expect(marketing.page.locator("body.watermarked")).to_have_count(1)
    expect(marketing.page.locator(".report svg")).to_be_visible()
    marketing.visit(address[:-2] + "x/").sees("没有找到")
    analyst.visit(address).sees("没有找到")
    assert ReportLink.objects.get().opened == 1
    house.clock.later(days=8)
    marketing.visit(address).sees("没有找到")
