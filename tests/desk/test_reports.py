"""The screens of reports: begun, edited, signed, taken away, shared, and what strangers get."""

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.factories.journey import TEN
from tests.factories.marts import with_mart
from tests.factories.people import RoleFactory, StaffFactory
from tests.factories.ui import sign_in
from yimei.insight.actions import mart
from yimei.insight.gateways import reader
from yimei.insight.models import Report, ReportSchedule
from yimei.insight.queries import figures
from yimei.people.models import Staff

pytestmark = pytest.mark.django_db
NOON = TEN + timedelta(hours=2)
INDEX = reverse("desk:insight-reports")


def empty_house() -> None:
    for role in ("marketing", "surgeon"):
        RoleFactory(code=role)
    mart.build(now=NOON)


@pytest.fixture(autouse=True)
def own_mart(tmp_path: Path, settings: Any) -> Iterator[None]:
    reader.forget()
    figures.forget()
    settings.VAR_DIR = tmp_path
    with time_machine.travel(NOON, tick=False):
        with_mart(empty_house, __name__)
        yield
    reader.forget()
    figures.forget()


def client_of(role: str) -> Client:
    return sign_in(Client(), staff_of(role))


def staff_of(role: str) -> Staff:
    found: Staff = StaffFactory(role=role)
    return found


def begin(client: Client, **changes: str) -> Report:
    asked = {"template": "week", "span": "week", "title": "", **changes}
    response = client.post(reverse("desk:insight-report-new"), asked)
    assert response.status_code == 302, response.content.decode()
    return Report.objects.latest("pk")


def url(name: str, report: Report) -> str:
    return reverse(f"desk:insight-report{name}", args=[report.public_id])


@pytest.mark.slow(reason="goes through every page of reports")
def test_from_the_first_draft_to_the_signed_file() -> None:
    director = client_of("director")
    assert "还没有报告" in director.get(INDEX).content.decode()
    report = begin(director)
    page = director.get(url("", report)).content.decode()
    assert "经营周报 · 2026-06-08 至 2026-06-14" in page
    assert "签发后内容冻结" in page
    edit = director.get(url("-edit", report)).content.decode()
    assert 'name="p0b0-metrics" value="A01 预约数"' in edit
    assert director.post(url("-sign", report)).status_code == 302
    assert "已签发" in director.get(INDEX).content.decode()
    taken = director.post(url("-take", report), {"shape": "xlsx", "purpose": "meeting"})
    assert "attachment" in taken["Content-Disposition"]
    assert openpyxl.load_workbook(io.BytesIO(taken.content)).sheetnames == ["上周", "建议"]
    assert director.post(url("-take", report), {"shape": "exe", "purpose": "meeting"}).status_code == 422
    assert director.get(url("-edit", report)).status_code == 302


@pytest.mark.slow(reason="goes through the editor")
def test_nothing_typed_is_lost_in_the_editor() -> None:
    director = client_of("director")
    report = begin(director)
    form = {
        "base": "1", "title": "我的周报", "readers": "marketing", "p0-title": "第一页",
        "p0b0-kind": "text", "p0b0-text": "手写的一段 🙂𠮷", "p0b1-kind": "figure", "p0b1-m": "A02 到诊人次",
        "p0b1-by1": "month", "p0b1-c": "line", "p0b1-reach": "12m",
    }  # fmt: skip
    moved = director.post(url("-edit", report), form | {"do": "down:0:0"}).content.decode()
    assert moved.index('name="p0b0-m"') < moved.index("手写的一段 🙂𠮷")
    wrong = director.post(url("-edit", report), form | {"do": "save", "p0b1-m": "没有的指标"})
    assert wrong.status_code == 422
    assert "没有叫「没有的指标」的指标" in wrong.content.decode()
    assert director.post(url("-edit", report), form | {"do": "save"}).status_code == 302
    page = director.get(url("", report)).content.decode()
    assert "我的周报" in page
    assert "手写的一段 🙂𠮷" in page
    late = director.post(url("-edit", report), form | {"do": "save", "p0b0-text": "后来的人写的"})
    assert late.status_code == 422
    assert "没有覆盖它" in late.content.decode()
    assert "后来的人写的" in late.content.decode()
    assert 'name="base" value="2"' in late.content.decode()


def test_a_link_is_shown_once_and_a_guessed_one_finds_nothing() -> None:
    director, surgeon = client_of("director"), client_of("surgeon")
    report = begin(director)
    director.post(url("-sign", report))
    asked = {"roles": ["surgeon"], "days": "7"}
    assert "只看本院区" in director.post(url("-share", report), asked).content.decode()
    wide = {"is_for_campuses": "on", "reason": "质量会"}
    response = director.post(url("-share", report), asked | wide)
    text = response.content.decode()
    secret = text.split("/desk/insight/shared/")[1].split("/")[0]
    page = director.get(url("", report)).content.decode()
    assert secret not in page
    assert "院区角色可读：质量会" in page
    opened = surgeon.get(reverse("desk:insight-shared", args=[secret]))
    assert opened.status_code == 200
    assert opened["Referrer-Policy"] == "no-referrer"
    assert "watermarked" in opened.content.decode()
    guessed = surgeon.get(reverse("desk:insight-shared", args=["x" * 43]))
    foreign = client_of("nurse").get(reverse("desk:insight-shared", args=[secret]))
    assert (guessed.status_code, foreign.status_code) == (404, 404)
    assert Client().get(reverse("desk:insight-shared", args=[secret])).status_code == 302
    assert surgeon.get(url("", report)).status_code == 404
    assert director.post(url("-share", report), {"days": "7"}).status_code == 422


def test_talk_is_kept_and_refused_with_the_words_still_there() -> None:
    director = client_of("director")
    report = begin(director)
    assert director.post(url("-comment", report), {"text": "请核对抖音"}).status_code == 302
    refused = director.post(url("-comment", report), {"text": "她的电话 13812345678"})
    assert refused.status_code == 422
    assert "13812345678" in refused.content.decode()
    me = str(report.owner.public_id)
    assert (
        director.post(url("-decide", report), {"text": "做", "owner": me, "due": "2026-06-30"}).status_code
        == 302
    )
    late = director.post(url("-decide", report), {"text": "做", "owner": me, "due": "2026-01-01"})
    assert "期限已经过去" in late.content.decode()
    page = director.get(url("", report)).content.decode()
    assert "请核对抖音" in page
    decision = report.decisions.get()
    done = director.post(reverse("desk:insight-decision-done", args=[decision.public_id]))
    assert done.status_code == 302


def test_the_timetable_is_planned_and_stopped() -> None:
    director, address = client_of("director"), reverse("desk:insight-schedules")
    asked = {"template": "week", "day": "1", "recipients": ["director"]}
    StaffFactory(role="marketing")
    offered = director.get(address).content.decode()
    assert 'value="director"' in offered
    assert 'value="marketing"' not in offered, "whoever would be refused is not offered"
    assert director.post(address, asked).status_code == 302
    assert "经营周报" in director.get(address).content.decode()
    row = ReportSchedule.objects.get()
    director.post(reverse("desk:insight-schedule-switch", args=[row.public_id]))
    assert "恢复" in director.get(address).content.decode()
    assert director.post(address, asked | {"day": "9"}).status_code == 422


def test_a_chart_goes_into_a_report_and_comes_again_every_month() -> None:
    director, asked = client_of("director"), "m=visits&by1=source&c=bar"
    page = director.get(f"{reverse('desk:insight-explore')}?{asked}").content.decode()
    assert "加入报告" in page
    assert "定期发送" in page
    add = reverse("desk:insight-report-add")
    assert director.post(add, {"question": asked, "report": "", "title": ""}).status_code == 302
    report = Report.objects.get()
    assert director.post(add, {"question": asked, "report": str(report.public_id)}).status_code == 302
    assert report.versions.count() == 2
    assert director.post(add, {"question": asked, "report": "x"}).status_code == 422
    again = reverse("desk:insight-ask-again")
    plan = {"question": asked, "cadence": "month", "day": "3", "recipients": ["director"]}
    assert director.post(again, plan).status_code == 302
    assert "到诊人次" in director.get(reverse("desk:insight-schedules")).content.decode()
    for role in ("surgeon", "cashier"):
        assert client_of(role).post(add, {"question": asked}).status_code == 404
        assert client_of(role).post(again, plan).status_code == 404


@pytest.mark.parametrize("role", ["surgeon", "cashier", "nurse"])
def test_reports_do_not_exist_for_others(role: str) -> None:
    client, report = client_of(role), begin(client_of("director"))
    for name in ("", "-edit"):
        assert client.get(url(name, report)).status_code == 404
    for name in ("-sign", "-take", "-share", "-comment", "-decide", "-advise"):
        assert client.post(url(name, report)).status_code == 404
    assert client.get(INDEX).status_code == 404


def test_whoever_may_not_write_may_not_sign_either() -> None:
    report = begin(client_of("director"))
    assert client_of("analyst").post(url("-sign", report)).status_code == 404
