"""The pages of the house's own costs: for whom they are, and that nothing typed is lost."""

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.desk.front import Front, at_time, queries_of, url
from tests.insight.ledger import ledger
from tests.journey.clinic import TEN
from yimei.billing.models import Cost

pytestmark = pytest.mark.django_db


@pytest.fixture
def front() -> Front:
    return Front()


def typed(front: Front, **more: Any) -> dict[str, Any]:
    said = {
        "account": "advertising",
        "channel": "douyin",
        "amount": "3,100",
        "starts_on": "2026-05-01",
        "ends_on": "2026年5月31日",
        "origin": "platform",
        "reference": "DY-5",
        "owner": front.cashier.pk,
        "key": str(uuid4()),
    }
    return said | more


@pytest.mark.slow(reason="opens eight pages")
def test_a_cost_is_written_shown_and_taken_back(front: Front) -> None:
    desk = front.client(front.cashier, TEN)
    with at_time(TEN):
        page = desk.get(url("cost-new")).content.decode()
        assert page.count('name="account"') == 7
        wrong = desk.post(url("cost-new"), typed(front, channel=""))
        assert (wrong.status_code, "广告花费要写明投放渠道" in wrong.content.decode()) == (422, True)
        assert 'value="3,100"' in wrong.content.decode(), "what was typed stays"
        asked = typed(front)
        for _click in range(2):
            assert desk.post(url("cost-new"), asked).status_code == 302
        cost = Cost.objects.get()
        page = desk.get(url("costs")).content.decode()
        assert ("抖音" in page, "¥3,100.00" in page, "DY-5" in page) == (True, True, True)
        again = desk.post(url("cost-reverse", cost.public_id), {"reason": ""}, headers={"HX-Request": "true"})
        assert (again.status_code, again.headers["HX-Retarget"]) == (422, "#dialog")
        desk.post(url("cost-reverse", cost.public_id), {"reason": "重复"})
        page = desk.get(url("costs")).content.decode()
        assert ("已冲正" in page, "−¥3,100.00" in page, "¥0.00" in page) == (True, True, True)


def test_marketing_sees_advertising_only_and_others_nothing(front: Front) -> None:
    made = ledger(front.cashier, TEN)
    marketing = front.client(front.staff("marketing", "市场"), TEN)
    with at_time(TEN):
        page = marketing.get(url("costs")).content.decode()
        assert ("抖音" in page, "人力" in page) == (True, False)
        assert marketing.get(url("cost-new")).content.decode().count('name="account"') == 1
        refused = marketing.post(url("cost-new"), typed(front, account="staff", channel=""))
        assert refused.status_code == 422
        wages = url("cost-reverse", made[1].public_id)
        assert marketing.post(wages, {"reason": "x"}).status_code == 404
        nobody = front.client(front.consultants[0], TEN)
        for address in (url("costs"), url("cost-new"), url("costs-template"), wages):
            assert nobody.get(address).status_code == 404


@pytest.mark.slow(reason="opens and fills a workbook")
def test_a_table_is_taken_whole_or_each_wrong_line_is_told(front: Front) -> None:
    from openpyxl import load_workbook

    desk = front.client(front.cashier, TEN)
    with at_time(TEN):
        book = load_workbook(BytesIO(desk.get(url("costs-template")).content))
        heads = [cell.value for cell in book["数据"][1]]
        assert heads[:5] == ["类别", "投放渠道", "期间起", "期间止", "金额"]
        book["数据"].append(["房租", None, "2026-05-01", "2026-05-31", 12000])
        out = BytesIO()
        book.save(out)
        done = desk.post(url("costs-upload"), {"file": SimpleUploadedFile("支出.xlsx", out.getvalue())})
        assert (done.status_code, Cost.objects.count()) == (302, 1)
        bad = "类别,期间起,金额\n房租,2026-02-31,1\n收入,2026-02-01,x\n".encode()
        page = desk.post(url("costs-upload"), {"file": SimpleUploadedFile("支出.csv", bad)})
        text = page.content.decode()
    assert (page.status_code, "第 2 行" in text, "第 3 行" in text, Cost.objects.count()) == (
        422,
        True,
        True,
        1,
    )


def test_the_page_asks_no_more_for_more_rows(front: Front) -> None:
    desk = front.client(front.cashier, TEN)
    ledger(front.cashier, TEN)
    with at_time(TEN):
        few = queries_of(desk, reverse("desk:costs"))
        ledger(front.cashier, TEN)
        assert queries_of(desk, reverse("desk:costs")) == few
