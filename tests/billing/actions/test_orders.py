"""From an accepted quote to what is owed, and out of it again."""

import uuid
from datetime import datetime
from decimal import Decimal

import pytest

from tests.factories.billing import PaymentFactory, QuoteFactory, QuoteLineFactory
from tests.factories.hospital import ProcedureFactory
from tests.factories.people import StaffFactory
from yimei.audit.models import Entry
from yimei.billing.actions import orders, payments
from yimei.billing.enums import OrderStatus, PaymentKind, PaymentMethod
from yimei.billing.models import Order, Quote
from yimei.core.errors import NotFound, RuleBroken
from yimei.people.models import Staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def quote() -> Quote:
    quote = QuoteFactory(accepted=True)
    QuoteLineFactory(quote=quote, quantity=2, procedure=ProcedureFactory(deposit=Decimal("1000.00")))
    return quote


@pytest.fixture
def clerk(quote: Quote) -> Staff:
    return StaffFactory(role="cashier", campus=quote.campus)


def test_an_order_asks_for_the_quote_to_the_fen(quote: Quote, clerk: Staff, now: datetime) -> None:
    order = orders.open_from_quote(quote.public_id, deposit=Decimal("500.00"), by=clerk, now=now)
    assert (order.amount, order.deposit, order.status) == (
        Decimal("15600.00"),
        Decimal("500.00"),
        OrderStatus.OPEN,
    )
    assert (order.patient, order.campus, order.episode) == (quote.patient, quote.campus, quote.episode)
    assert Entry.objects.filter(action="billing.order.open", object_id=str(order.public_id)).count() == 1


def test_the_catalogue_says_the_deposit_when_nobody_does(quote: Quote, clerk: Staff, now: datetime) -> None:
    assert orders.open_from_quote(quote.public_id, by=clerk, now=now).deposit == Decimal("2000.00")


def test_the_catalogues_deposit_never_exceeds_a_small_amount(clerk: Staff, now: datetime) -> None:
    small = QuoteFactory(accepted=True, campus=clerk.campus)
    QuoteLineFactory(quote=small, price=Decimal("300.00"), discount_reason="补差")
    assert orders.open_from_quote(small.public_id, by=clerk, now=now).deposit == Decimal("300.00")


def test_a_free_order_is_paid_at_once(clerk: Staff, now: datetime) -> None:
    free = QuoteFactory(accepted=True, campus=clerk.campus)
    QuoteLineFactory(quote=free, price=Decimal("0.00"), discount_reason="修复")
    assert orders.open_from_quote(free.public_id, by=clerk, now=now).status == OrderStatus.PAID


def test_a_deposit_above_the_amount_is_refused(quote: Quote, clerk: Staff, now: datetime) -> None:
    with pytest.raises(RuleBroken, match="不能超过应收金额"):
        orders.open_from_quote(quote.public_id, deposit=Decimal("15600.01"), by=clerk, now=now)


def test_only_an_accepted_quote_becomes_an_order_and_only_once(
    quote: Quote, clerk: Staff, now: datetime
) -> None:
    offered = QuoteFactory(campus=quote.campus)
    with pytest.raises(RuleBroken, match="客户选定报价后"):
        orders.open_from_quote(offered.public_id, by=clerk, now=now)
    orders.open_from_quote(quote.public_id, by=clerk, now=now)
    with pytest.raises(RuleBroken, match="已经开单"):
        orders.open_from_quote(quote.public_id, by=clerk, now=now)
    assert Order.objects.count() == 1


def test_another_campus_cannot_open_it(quote: Quote, now: datetime) -> None:
    with pytest.raises(NotFound):
        orders.open_from_quote(quote.public_id, by=StaffFactory(role="cashier"), now=now)


def test_an_order_is_cancelled_after_its_money_went_back(order: Order, cashier: Staff, now: datetime) -> None:
    payment = PaymentFactory(order=order)
    with pytest.raises(RuleBroken, match=r"¥1,000\.00 未退"):
        orders.cancel(order.public_id, reason="客户放弃", by=cashier, now=now)
    payments.refund(
        payment.public_id, amount=Decimal("1000.00"), reason="客户放弃", key=uuid.uuid4(), by=cashier, now=now
    )
    assert (
        orders.cancel(order.public_id, reason="客户放弃", by=cashier, now=now).status == OrderStatus.CANCELLED
    )
    with pytest.raises(RuleBroken, match="已取消"):
        payments.take(
            order.public_id,
            kind=PaymentKind.BALANCE,
            method=PaymentMethod.CASH,
            amount=Decimal(1),
            key=uuid.uuid4(),
            by=cashier,
            now=now,
        )
