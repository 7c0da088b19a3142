"""The catalogue and its prices through their screens: who keeps them, who confirms them, what is refused."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.factories.hospital import FormTemplateFactory, ProcedureFactory
from tests.factories.people import LicenceFactory, StaffFactory
from tests.factories.ui import sign_in
from tests.journey.clinic import EIGHT
from yimei.hospital.enums import DayKind, Grade
from yimei.hospital.models import CalendarDay, Price, Procedure
from yimei.hospital.queries import newest_form, price_on
from yimei.hospital.rules.forms import written
from yimei.people.models import Staff

pytestmark = pytest.mark.django_db
LIST, NEW, DAYS = (reverse(f"desk:{name}") for name in ("catalogue", "procedure-new", "working-days"))
FIELDS = {
    "code": "LID-9",
    "name": "切开重睑",
    "category": "eye",
    "field": "surgery",
    "grade": "1",
    "anaesthesia": "local",
    "minutes_p50": "60",
    "minutes_p90": "90",
    "setup_minutes": "10",
    "turnover_minutes": "15",
    "recovery_minutes": "0",
    "deposit": "2,000",
    "needs_consult_days": "",
    "online": "consult",
    "has_side": "on",
}


@pytest.fixture
def keeper(client: Client) -> Any:
    with time_machine.travel(EIGHT, tick=False):
        staff = StaffFactory(role="admin")
        sign_in(client, staff)
        yield staff


def page_of(name: str, one: Procedure) -> str:
    return reverse(f"desk:{name}", args=[one.public_id])


def test_a_procedure_is_added_priced_confirmed_and_waits_again_when_it_changes(
    client: Client, keeper: Staff
) -> None:
    assert client.post(NEW, FIELDS).status_code == 302
    one = Procedure.objects.get(code="LID-9")
    assert (one.grade, one.deposit, one.has_side, one.is_active) == (Grade.ONE, Decimal(2000), True, True)
    assert "没有目录价" in client.get(LIST).content.decode()
    for day, amount in (("2026-06-16", "7800"), ("2026-07-01", "¥8,800.00")):
        answer = client.post(page_of("procedure-price", one), {"amount": amount, "from_day": day})
        assert answer.status_code == 302
    assert price_on(one, keeper.campus, date(2026, 6, 30)) == Decimal(7800)
    assert price_on(one, keeper.campus, date(2026, 7, 1)) == Decimal(8800)
    assert client.post(page_of("procedure-confirm", one)).status_code == 404
    doctor = StaffFactory(role="surgeon", campus=keeper.campus)
    sign_in(client, doctor)
    refused = client.post(page_of("procedure-confirm", one))
    assert (refused.status_code, "有执业资格的医师" in refused.content.decode()) == (422, True)
    LicenceFactory(staff=doctor)
    assert client.post(page_of("procedure-confirm", one)).status_code == 302
    assert doctor.name in client.get(page_of("procedure", one)).content.decode()
    assert client.post(page_of("procedure-save", one), FIELDS).status_code == 404
    sign_in(client, keeper)
    same = FIELDS | {"is_active": "on", "code": "OTHER"}
    client.post(page_of("procedure-save", one), same | {"deposit": "1000"})
    one.refresh_from_db()
    assert (one.deposit, one.code, one.confirmed_by) == (Decimal(1000), "LID-9", doctor.public_id)
    client.post(page_of("procedure-save", one), same | {"grade": "2"})
    one.refresh_from_db()
    assert (one.grade, one.confirmed_by) == (Grade.TWO, None)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"minutes_p90": "59"}, "九成位不能小于中位数"),
        ({"minutes_p50": "0"}, "id_minutes_p50-error"),
        ({"online": "treatment"}, "手术不能在网上直接预约"),
        ({"deposit": "-1"}, "id_deposit-error"),
        ({"code": ""}, "必填"),
        ({"grade": "9"}, "id_grade-error"),
    ],
)
def test_what_no_procedure_is_like_is_said(
    client: Client, keeper: Staff, more: dict[str, str], said: str
) -> None:
    answer = client.post(NEW, FIELDS | more)
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert not Procedure.objects.filter(code="LID-9").exists()


@pytest.mark.parametrize(
    ("amount", "day", "said"),
    [
        ("9000", "2026-06-15", "不能改动已经公示的价格"),
        ("-1", "2026-06-20", "id_amount-error"),
        ("约九千", "2026-06-20", "看不懂"),
    ],
)
def test_a_price_that_was_shown_stays(
    client: Client, keeper: Staff, amount: str, day: str, said: str
) -> None:
    one = ProcedureFactory()
    answer = client.post(page_of("procedure-price", one), {"amount": amount, "from_day": day})
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert not Price.objects.filter(procedure=one).exists()


def test_what_comes_before_and_after_is_replaced_whole(client: Client, keeper: Staff) -> None:
    one = ProcedureFactory()
    steps = {
        "form-TOTAL_FORMS": "3",
        "form-INITIAL_FORMS": "0",
        "form-0-day": "1",
        "form-0-kind": "call",
        "form-0-title": "电话回访",
        "form-0-window_hours": "24",
        "form-1-day": "7",
        "form-1-kind": "sutures",
        "form-1-title": "拆线",
        "form-1-window_hours": "48",
        "form-2-day": "",
        "form-2-kind": "call",
        "form-2-title": "",
        "form-2-window_hours": "24",
    }
    assert client.post(page_of("procedure-aftercare", one), steps).status_code == 302
    assert list(one.aftercare_steps.values_list("day", "kind")) == [(1, "call"), (7, "sutures")]
    wrong = client.post(page_of("procedure-aftercare", one), steps | {"form-1-day": "-7"})
    assert (wrong.status_code, "拆线" in wrong.content.decode()) == (422, True)
    client.post(page_of("procedure-aftercare", one), steps | {"form-0-DELETE": "on"})
    assert list(one.aftercare_steps.values_list("day", flat=True)) == [7]
    assert client.post(page_of("procedure-before", one), {"tests": ["nothing"]}).status_code == 422
    assert client.post(page_of("procedure-before", one), {}).status_code == 302


def test_holidays_are_written_down_as_the_notice_says(client: Client, keeper: Staff) -> None:
    spring = {
        "first": "2027-02-05",
        "last": "2027-02-12",
        "kind": "holiday",
        "name": "春节",
        "source": "测试通知",
    }
    assert client.post(DAYS, spring).status_code == 302
    rows = CalendarDay.objects.filter(name="春节", day__year=2027)
    assert (rows.count(), rows.filter(kind=DayKind.HOLIDAY).count()) == (8, 8)
    assert client.get(DAYS).content.decode().count("测试通知") == 1
    client.post(DAYS, spring | {"last": "2027-02-05", "kind": ""})
    assert rows.count() == 7
    for more, said in (({"last": "2027-02-01"}, "早于"), ({"last": "2027-04-01"}, "一次最多登记")):
        wrong = client.post(DAYS, spring | more)
        assert (wrong.status_code, said in wrong.content.decode()) == (422, True)


@pytest.mark.parametrize("role", ["reception", "director", "scheduler"])
def test_the_catalogue_is_kept_by_its_keepers(client: Client, role: str) -> None:
    sign_in(client, StaffFactory(role=role))
    one = ProcedureFactory()
    for url in (LIST, NEW, DAYS, page_of("procedure", one)):
        assert client.get(url).status_code == 404
    for name in ("save", "price", "before", "aftercare", "confirm"):
        assert client.post(page_of(f"procedure-{name}", one), FIELDS).status_code == 404


def test_a_document_gets_a_next_version_and_never_changes(client: Client, keeper: Staff) -> None:
    FormTemplateFactory(
        code="consent-eye",
        sections=[{"title": "手术的目的", "paragraphs": ["改变上睑皱襞。", "以方案为准。"]}],
        published_at=EIGHT,
    )
    url = reverse("desk:paper", args=["consent-eye"])
    before = newest_form("consent-eye", EIGHT)
    assert before is not None
    page = client.get(url).content.decode()
    assert "# 手术的目的" in page
    values = {"title": before.title, "text": written(before.sections), "source": "本院律师审定"}
    same = client.post(url, values)
    assert (same.status_code, "没有发布新版本" in same.content.decode()) == (422, True)
    lost = client.post(url, values | {"text": "没有章节的话"})
    assert (lost.status_code, "没有章节的话" in lost.content.decode()) == (422, True)
    text = values["text"].replace("手术的目的", "为什么做这个手术")
    assert client.post(url, values | {"text": text}).status_code == 302
    after = newest_form("consent-eye", EIGHT)
    assert after is not None
    assert (after.version, after.source) == (before.version + 1, "本院律师审定")
    before.refresh_from_db()
    assert written(before.sections) == values["text"]
    assert "第 2 版" in client.get(reverse("desk:papers")).content.decode()
    sign_in(client, StaffFactory(role="surgeon"))
    assert client.post(url, values).status_code == 404
