"""Money through its addresses: what comes in, what goes back, and that nothing is lost between."""

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import Sum
from django.test import Client

from tests.desk.front import HTMX, Front, at_time, queries_of, url
from tests.factories.billing import OrderFactory, PaymentFactory, QuoteFactory, QuoteLineFactory
from tests.journey.clinic import TEN
from yimei.billing.enums import OrderStatus, PaymentKind, QuoteStatus
from yimei.billing.models import Order, Payment, Quote
from yimei.billing.queries import balance
from yimei.journey.models import Case

pytestmark = pytest.mark.django_db


@pytest.fixture
def front() -> Front:
    return Front()


@pytest.fixture
def case(front: Front) -> Case:
    return front.arrived(front.patient(person__name="林晓雨")).case


@pytest.fixture
def order(front: Front, case: Case) -> Order:
    return OrderFactory(campus=front.campus, patient=case.patient, episode=case.public_id, by=front.cashier)


@pytest.fixture
def till(front: Front) -> Client:
    return front.client(front.cashier, TEN)


def paying(**values: Any) -> dict[str, Any]:
    return {"kind": "deposit", "method": "wechat", "amount": "1000", "key": str(uuid4())} | values


def offered(front: Front, case: Case, **values: Any) -> Quote:
    quote = QuoteFactory(
        campus=front.campus, patient=case.patient, episode=case.public_id, by=front.consultants[0], **values
    )
    QuoteLineFactory(quote=quote, procedure=front.procedure)
    return quote


@pytest.mark.parametrize("role", ["reception", "online", "nurse", "surgeon"])
def test_who_may_not_see_money_finds_no_such_page(front: Front, order: Order, role: str) -> None:
    client = front.client(front.staff(role, "谁"), TEN)
    payment = PaymentFactory(order=order)
    with at_time(TEN):
        for address in (
            url("money"),
            url("case-money", order.episode),
            url("payment-receipt", order.public_id),
            url("payment-refund", payment.public_id),
        ):
            assert client.get(address).status_code == 404
        assert client.post(url("payment-take", order.public_id), paying()).status_code == 404


@pytest.mark.parametrize("name", ["payment-take", "order-cancel"])
def test_an_order_of_another_campus_or_a_forged_id_is_not_there(
    front: Front, order: Order, till: Client, name: str
) -> None:
    elsewhere = front.client(_cashier_elsewhere(front), TEN)
    with at_time(TEN):
        assert elsewhere.post(url(name, order.public_id), paying(reason="误")).status_code == 404
        assert till.post(url(name, uuid4()), paying(reason="误")).status_code == 404
        assert elsewhere.get(url("payment-receipt", order.public_id)).status_code == 404
        assert elsewhere.get(url("case-money", order.episode)).status_code == 404
    assert not Payment.objects.exists()


def test_a_consultant_sees_the_money_of_her_customer_but_takes_none(front: Front, order: Order) -> None:
    client = front.client(front.consultants[0], TEN)
    with at_time(TEN):
        page = client.get(url("case-money", order.episode)).content.decode()
        assert client.post(url("payment-take", order.public_id), paying()).status_code == 404
    assert "¥7,800.00" in page
    assert "确认收款" not in page


def test_the_page_carries_file_number_and_masked_phone(order: Order, till: Client) -> None:
    with at_time(TEN):
        page = till.get(url("case-money", order.episode)).content.decode()
    patient = order.patient
    assert patient.file_no in page
    assert patient.person.phone.removeprefix("+86") not in page


def test_the_form_asks_for_the_deposit_first_and_then_for_the_rest(order: Order, till: Client) -> None:
    address = url("case-money", order.episode)
    with at_time(TEN):
        assert 'value="1000.00"' in till.get(address).content.decode()
        till.post(url("payment-take", order.public_id), paying(), headers=HTMX)
        assert 'value="6800.00"' in till.get(address).content.decode()


def test_two_clicks_take_money_once(order: Order, till: Client) -> None:
    form = paying()
    with at_time(TEN):
        answers = [till.post(url("payment-take", order.public_id), form, headers=HTMX) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert Payment.objects.get().amount == Decimal("1000.00")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"amount": "99999"}, "超过待收金额"),
        ({"amount": "0"}, "大于零"),
        ({"amount": "-5"}, "大于零"),
        ({"amount": "1.005"}, "小数"),
        ({"amount": "很多"}, "金额看不懂"),
        ({"method": "shells"}, "shells 不在"),
        ({"kind": "refund"}, "refund 不在"),
        ({"key": "x"}, "请刷新后再提交"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_words(
    order: Order, till: Client, values: dict[str, str], said: str
) -> None:
    with at_time(TEN):
        response = till.post(url("payment-take", order.public_id), paying(**values), headers=HTMX)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Payment.objects.exists()


def test_money_conserves_over_takes_and_refunds(order: Order, till: Client) -> None:
    with at_time(TEN):
        till.post(url("payment-take", order.public_id), paying(amount="¥1,000.00"), headers=HTMX)
        till.post(url("payment-take", order.public_id), paying(kind="balance", amount="6800"), headers=HTMX)
        order.refresh_from_db()
        assert order.status == OrderStatus.PAID
        deposit = order.payments.get(kind=PaymentKind.DEPOSIT)
        form = {"amount": "400.01", "reason": "少做一项", "key": str(uuid4())}
        for _click in range(2):
            till.post(url("payment-refund", deposit.public_id), form, headers=HTMX)
        page = till.get(url("money"), {"day": "2026-06-16"}).content.decode()
    order.refresh_from_db()
    moved = order.payments.aggregate(Sum("amount"))["amount__sum"]
    assert moved == Decimal("7399.99") == balance(order).net
    assert balance(order).due == Decimal("400.01")
    assert order.status == OrderStatus.OPEN
    for words in ("¥7,800.00", "¥400.01", "¥7,399.99"):
        assert words in page


def test_no_more_goes_back_than_came(order: Order, till: Client) -> None:
    payment = PaymentFactory(order=order)
    form = {"amount": "1000.01", "reason": "多退", "key": str(uuid4())}
    with at_time(TEN):
        asked = till.get(url("payment-refund", payment.public_id), headers=HTMX).content.decode()
        response = till.post(url("payment-refund", payment.public_id), form, headers=HTMX)
    assert "最多可退 ¥1,000.00" in asked
    assert response.status_code == 422
    assert "最多还能退" in response.content.decode()
    assert Payment.objects.count() == 1


def test_a_quote_is_accepted_ordered_and_paid(front: Front, case: Case, till: Client) -> None:
    quote = offered(front, case)
    with at_time(TEN):
        till.post(url("quote-accept", quote.public_id), headers=HTMX)
        assert "接着开单" in till.get(url("case-money", case.public_id)).content.decode()
        refused = till.post(url("order-open", quote.public_id), {"deposit": "9,999"}, headers=HTMX)
        till.post(url("order-open", quote.public_id), {"deposit": "2,000"}, headers=HTMX)
        again = till.post(url("order-open", quote.public_id), {"deposit": ""}, headers=HTMX)
    assert "定金不能超过" in refused.content.decode()
    assert again.status_code == 422
    order = Order.objects.get()
    assert (order.amount, order.deposit) == (Decimal("7800.00"), Decimal("2000.00"))


def test_an_expired_quote_says_when_it_ended(front: Front, case: Case, till: Client) -> None:
    quote = offered(front, case, valid_to="2026-06-15")
    with at_time(TEN):
        response = till.post(url("quote-accept", quote.public_id), headers=HTMX)
    assert response.status_code == 422
    assert "2026-06-15</span> 过期" in response.content.decode()


def test_the_director_approves_a_discount_beyond_the_consultant(front: Front, case: Case) -> None:
    quote = QuoteFactory(
        campus=front.campus, patient=case.patient, episode=case.public_id, status=QuoteStatus.DRAFT
    )
    QuoteLineFactory(quote=quote, procedure=front.procedure, price=Decimal("5000"), discount_reason="院庆")
    director, cashier = front.client(front.director, TEN), front.client(front.cashier, TEN)
    address = url("quote-approve", quote.public_id) + "?from=money"
    with at_time(TEN):
        assert "超出您的权限" in cashier.get(url("money")).content.decode()
        assert cashier.post(address, headers=HTMX).status_code == 422
        assert "院庆" in director.get(url("money")).content.decode()
        assert director.post(address, headers=HTMX)["HX-Redirect"] == url("money")
    quote.refresh_from_db()
    assert (quote.status, quote.approved_by) == (QuoteStatus.OFFERED, front.director)


def test_an_order_with_money_in_it_is_not_cancelled(order: Order, till: Client) -> None:
    payment = PaymentFactory(order=order)
    with at_time(TEN):
        assert "将作废" in till.get(url("order-cancel", order.public_id), headers=HTMX).content.decode()
        response = till.post(url("order-cancel", order.public_id), {"reason": "不做了"}, headers=HTMX)
        assert "请先退款再取消" in response.content.decode()
        form = {"amount": "1000", "reason": "不做了", "key": str(uuid4())}
        till.post(url("payment-refund", payment.public_id), form, headers=HTMX)
        till.post(url("order-cancel", order.public_id), {"reason": "不做了"}, headers=HTMX)
    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED


def test_the_receipt_is_a_pdf(order: Order, till: Client) -> None:
    PaymentFactory(order=order)
    with at_time(TEN):
        response = till.get(url("payment-receipt", order.public_id))
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")
    assert re.search(r"inline; filename=\"receipt-[0-9a-f]{8}\.pdf\"", response["Content-Disposition"])


def test_the_list_masks_names_and_puts_the_oldest_first(front: Front, order: Order, till: Client) -> None:
    with at_time(TEN):
        page = till.get(url("money")).content.decode()
        nothing = till.get(url("money"), {"q": "王"}).content.decode()
    assert "林**" in page
    assert "林晓雨" not in page
    assert order.patient.file_no in page
    assert "没有找到待收的订单" in nothing


def test_more_orders_take_no_more_queries(front: Front, order: Order, till: Client) -> None:
    PaymentFactory(order=order)
    with at_time(TEN):
        before = queries_of(till, url("money")), queries_of(till, url("case-money", order.episode))
    for _n in range(4):
        more = OrderFactory(campus=front.campus, patient=front.patient(), by=front.cashier)
        PaymentFactory(order=more)
        PaymentFactory(order=order, amount=Decimal("10.00"))
    with at_time(TEN):
        after = queries_of(till, url("money")), queries_of(till, url("case-money", order.episode))
    assert before == after


def _cashier_elsewhere(front: Front) -> Any:
    cashier = front.staff("cashier", "宁波收银")
    cashier.campus = front.stranger.campus
    cashier.save(update_fields=["campus"])
    return cashier
