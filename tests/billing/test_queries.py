"""What the cashier, the case and the customer page read."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories.billing import OrderFactory, PaymentFactory, QuoteFactory, QuoteLineFactory
from tests.factories.people import CareRelationFactory, StaffFactory
from yimei.billing import queries
from yimei.billing.access import open_order, open_payment, open_quote
from yimei.billing.enums import OrderStatus, PaymentKind, PaymentMethod, QuoteStatus
from yimei.billing.models import Order, Payment
from yimei.core.errors import NotFound
from yimei.people.models import Staff

pytestmark = pytest.mark.django_db


def back(payment: Payment, amount: str, **more: Any) -> Payment:
    return PaymentFactory(
        order=payment.order,
        kind=PaymentKind.REFUND,
        amount=-Decimal(amount),
        refund_of=payment,
        method=payment.method,
        reason="客户改期",
        **more,
    )


def test_a_balance_tells_paid_refunded_and_due(order: Order) -> None:
    back(PaymentFactory(order=order, amount=Decimal("1500.00")), "700.00")
    now = queries.balance(order)
    assert (now.paid, now.refunded, now.due) == (Decimal("1500.00"), Decimal("700.00"), Decimal("7000.00"))
    assert (now.deposit_paid, now.is_deposit_paid) == (Decimal("800.00"), False)


def test_a_deposit_is_paid_when_every_standing_order_of_the_episode_has_it(order: Order) -> None:
    assert not queries.deposit_is_paid(uuid.uuid4())
    assert not queries.deposit_is_paid(order.episode)
    payment = PaymentFactory(order=order, amount=Decimal("1000.00"))
    assert queries.deposit_is_paid(order.episode)
    OrderFactory(episode=order.episode, status=OrderStatus.CANCELLED)
    assert queries.deposit_is_paid(order.episode)
    OrderFactory(episode=order.episode)
    assert not queries.deposit_is_paid(order.episode)
    back(payment, "0.01")
    assert [queries.balance(each).deposit_due for each in queries.orders_of(order.episode)].count(
        Decimal("0.01")
    ) == 1


def test_the_summary_of_a_patient_leaves_cancelled_orders_out_of_what_is_owed(order: Order) -> None:
    PaymentFactory(order=order)
    cancelled = OrderFactory(patient=order.patient, status=OrderStatus.CANCELLED)
    back(PaymentFactory(order=cancelled, amount=Decimal("50.00")), "50.00")
    OrderFactory()
    assert queries.money_of(order.patient) == queries.MoneySummary(
        ordered=Decimal("7800.00"),
        paid=Decimal("1050.00"),
        refunded=Decimal("50.00"),
        due=Decimal("6800.00"),
        orders=1,
        held=Decimal(0),
    )


def test_takings_are_of_one_local_day_and_one_campus(order: Order, cashier: Staff) -> None:
    midnight = datetime(2026, 6, 15, 16, 0, tzinfo=UTC)
    card = PaymentFactory(order=order, at=midnight, method=PaymentMethod.CARD, amount=Decimal("300.00"))
    back(card, "120.00", at=midnight + timedelta(hours=23, minutes=59))
    PaymentFactory(order=order, at=midnight - timedelta(seconds=1))
    PaymentFactory(order=order, at=midnight + timedelta(days=1))
    PaymentFactory(at=midnight)
    takings = {each.method: each for each in queries.takings(by=cashier, day=date(2026, 6, 16))}
    assert set(takings) == set(PaymentMethod)
    today = takings[PaymentMethod.CARD]
    assert (today.count, today.taken, today.refunded, today.net) == (2, 300, 120, 180)
    assert all(
        each.count == 0 and each.net == 0 for key, each in takings.items() if key != PaymentMethod.CARD
    )


def test_waiting_orders_come_oldest_first_in_few_queries(
    order: Order, cashier: Staff, now: datetime, django_assert_num_queries: Callable[[int], Any]
) -> None:
    older = OrderFactory(campus=order.campus, at=now - timedelta(days=3))
    PaymentFactory(order=older)
    OrderFactory(campus=order.campus, status=OrderStatus.PAID)
    OrderFactory()
    assert cashier.role.scopes
    with django_assert_num_queries(3):
        waiting = queries.waiting(by=cashier)
        names = [each.order.patient.person.name for each in waiting]
    assert [each.order for each in waiting] == [older, order]
    assert [each.balance.due for each in waiting] == [Decimal("6800.00"), Decimal("7800.00")]
    assert names == ["林晓雨", "林晓雨"]


def test_quotes_of_an_episode_come_with_their_lines(
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    quote = QuoteFactory()
    for _each in range(3):
        QuoteLineFactory(quote=quote)
    with django_assert_num_queries(4):
        (found,) = queries.quotes_of(quote.episode)
        assert found.total == Decimal("23400.00")


def test_drafts_wait_for_whoever_may_see_them(cashier: Staff) -> None:
    draft = QuoteFactory(campus=cashier.campus, status=QuoteStatus.DRAFT)
    QuoteFactory(campus=cashier.campus)
    assert queries.drafts(by=StaffFactory(role="director")) == [draft]
    assert queries.drafts(by=StaffFactory(role="consultant")) == []


def test_a_quote_an_order_and_a_payment_open_only_within_reach(order: Order, cashier: Staff) -> None:
    payment, quote = PaymentFactory(order=order), QuoteFactory(campus=order.campus)
    carer = StaffFactory(role="consultant", campus=order.campus)
    CareRelationFactory(patient=order.patient, staff=carer, reason="consultant")
    reach: list[tuple[Staff, bool]] = [
        (cashier, True),
        (carer, True),
        (StaffFactory(role="director"), True),
        (StaffFactory(role="consultant", campus=order.campus), False),
        (StaffFactory(role="nurse", campus=order.campus), False),
        (StaffFactory(role="admin", campus=order.campus), False),
        (StaffFactory(role="cashier"), False),
        (StaffFactory(role="cashier", campus=order.campus, is_active=False), False),
    ]
    for reader, may_open in reach:
        assert (order in Order.objects.visible_to(reader)) is may_open
        if may_open:
            assert open_order(order.public_id, by=reader) == order
            assert open_payment(payment.public_id, by=reader) == payment
            continue
        for gate, public_id in ((open_order, order.public_id), (open_payment, payment.public_id)):
            with pytest.raises(NotFound):
                gate(public_id, by=reader)
    assert open_quote(quote.public_id, by=cashier) == quote
    with pytest.raises(NotFound):
        open_quote(uuid.uuid4(), by=cashier)
