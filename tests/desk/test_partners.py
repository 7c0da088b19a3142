"""Partners on staff screens and on their own page: each role its part, every gate through the screen too."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.desk.front import queries_of
from tests.desk.test_referrals import as_
from tests.growth.house import days
from tests.growth.test_partners import Street
from yimei.growth.actions import partners
from yimei.growth.models import Lead, Partner, PartnerLead, Statement

pytestmark = pytest.mark.django_db


@pytest.fixture
def street() -> Street:
    return Street()


def at(client: Client, name: str, *args: Any, post: dict[str, Any] | None = None, on: float = 1) -> Any:
    with time_machine.travel(days(on), tick=False):
        url = reverse(f"desk:{name}", args=args)
        return client.get(url) if post is None else client.post(url, post)


def test_a_partner_goes_from_paper_to_code_by_two_people(street: Street) -> None:
    planner, head = as_(street.manager), as_(street.director)
    firm = {"name": "云端摄影", "kind": "photo", "phone": "0571-1", "note": "看过执照"}
    assert at(planner, "partner-new", post=firm | {"name": " "}).status_code == 422
    assert at(planner, "partner-new", post=firm | {"passes_data": "on"}).status_code == 422
    assert at(planner, "partner-new", post=firm).status_code == 302
    made = Partner.objects.get(name="云端摄影")
    assert at(planner, "partner-code", made.public_id, post={"place": "门口"}).status_code == 422
    for kind in ("licence", "promise"):
        paper = {"kind": kind, "number": "甲", "valid_to": "2027-06-01"}
        assert at(planner, "partner-paper", made.public_id, post=paper).status_code == 302
    terms = {
        "contract_no": "Q-9", "service": "相册插页", "basis": "fixed", "fee": "1200",
        "valid_from": "2026-06-17", "valid_to": "2027-06-16",
    }  # fmt: skip
    page = at(planner, "partner-agree", made.public_id).content.decode()
    assert "按客户消费的比例返佣" in page
    assert "未核实" in page
    for bad in ({"basis": "percent"}, {"basis": "visit"}, {"fee": "-1"}):
        assert at(planner, "partner-agree", made.public_id, post=terms | bad).status_code == 422
    assert at(planner, "partner-agree", made.public_id, post=terms).status_code == 302
    agreement = made.agreements.get()
    assert at(planner, "agreement-approve", agreement.public_id, post={}).status_code == 404
    assert at(head, "agreement-approve", agreement.public_id, post={}).status_code == 302
    assert at(planner, "partner-code", made.public_id, post={"place": "门口"}).status_code == 302
    code = made.codes.get()
    assert code.code in at(planner, "partner-card", made.public_id, code.public_id).content.decode()
    assert at(as_(street.online), "partner", made.public_id).status_code == 404
    assert "计入结算" in at(head, "partners").content.decode()


def test_a_month_goes_from_marketing_to_the_cashier(street: Street) -> None:
    early = as_(street.manager)
    assert at(early, "partner-propose", street.partner.public_id, post={}).status_code == 422
    planner, cashier = as_(street.manager, on=20), as_(street.cashier, on=20)
    made = at(planner, "partner-propose", street.partner.public_id, post={}, on=20)
    assert made.status_code == 302
    statement = Statement.objects.get()
    own = at(planner, "partner-statement", statement.public_id, on=20).content.decode()
    assert "请由另一人批准" in own
    assert "批准结算单" not in own
    assert at(planner, "statement-approve", statement.public_id, post={}, on=20).status_code == 404
    assert at(cashier, "statement-refuse", statement.public_id, post={"reason": ""}, on=20).status_code == 422
    assert at(cashier, "statement-approve", statement.public_id, post={}, on=20).status_code == 302
    assert at(cashier, "statement-approve", statement.public_id, post={}, on=20).status_code == 422
    assert (
        at(cashier, "statement-pay", statement.public_id, post={"reference": "凭-7"}, on=20).status_code
        == 302
    )
    assert "凭-7" in at(cashier, "partner-statement", statement.public_id, on=20).content.decode()


def test_a_month_of_nothing_is_not_waited_for_by_either_side() -> None:
    street = Street(basis="visit", fee="88.88")
    made = street.settle(date(2026, 6, 1), day=20)
    page = at(as_(street.cashier, on=20), "partner-statement", made.public_id, on=20).content.decode()
    assert "应付为 0，不用付款。" in page
    assert reverse("desk:statement-pay", args=[made.public_id]) not in page
    assert "待付款" not in page
    token = partners.issue_link(street.partner.public_id, by=street.manager, now=days(20))
    with time_machine.travel(days(20), tick=False):
        own = Client().get(reverse("site:partner", args=[token])).content.decode()
    assert "不用付款" in own
    assert "待付款" not in own


def test_the_link_is_shown_once_and_tells_of_nobody(street: Street) -> None:
    planner = as_(street.manager)
    for _n in range(6):
        street.ask()
    shown = at(planner, "partner-link", street.partner.public_id, post={}).content.decode()
    token = shown.split("/book/partner/")[1].split("/")[0]
    assert token not in at(planner, "partner", street.partner.public_id).content.decode()
    with time_machine.travel(days(1), tick=False):
        page = Client().get(reverse("site:partner", args=[token]))
    text = page.content.decode()
    assert "来咨询 6 位" in text
    assert "街坊" not in text
    assert "1292" not in text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    with time_machine.travel(days(88), tick=False):
        assert Client().get(reverse("site:partner", args=["x" * 43])).status_code == 404
    gone = at(planner, "partner-link-stop", street.partner.public_id, post={})
    assert gone.status_code == 302
    with time_machine.travel(days(1), tick=False):
        assert Client().get(reverse("site:partner", args=[token])).status_code == 404


def test_both_sides_read_that_a_lapsed_partner_is_not_counted(street: Street) -> None:
    at(as_(street.manager), "agreement-end", street.agreement.public_id, post={})
    planner = as_(street.manager, on=3)
    shown = at(planner, "partner-link", street.partner.public_id, post={}, on=3).content.decode()
    assert "不计入结算" in shown
    token = shown.split("/book/partner/")[1].split("/")[0]
    with time_machine.travel(days(3), tick=False):
        assert "不计入结算" in Client().get(reverse("site:partner", args=[token])).content.decode()
        ask = Client().get(reverse("site:ask"), {"code": street.code.code}).content.decode()
    assert "丽人美容院" in ask
    street.ask(now=days(3))
    assert PartnerLead.objects.get().not_counted == "lapsed"
    assert Lead.objects.get().source == "partner"


def test_the_list_asks_no_more_for_more_partners(street: Street) -> None:
    desk = as_(street.manager)
    with time_machine.travel(days(1), tick=False):
        few = queries_of(desk, reverse("desk:partners"))
    for name in ("云端摄影", "力健健身"):
        firm = street.firm(name=name)
        street.agree(firm, contract_no=f"Q-{name}")
    with time_machine.travel(days(1), tick=False):
        assert queries_of(desk, reverse("desk:partners")) <= few
