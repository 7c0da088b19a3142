"""Each click counts once, each fen is accounted for, two tills never overpay."""

import uuid
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial
from uuid import UUID

import pytest
from django.db import DatabaseError

from tests.factories.billing import OrderFactory, PaymentFactory
from tests.factories.crowd import at_once
from tests.factories.people import CareRelationFactory, StaffFactory
from yimei.audit.models import Entry
from yimei.billing.actions import payments
from yimei.billing.enums import OrderStatus, PaymentKind, PaymentMethod
from yimei.billing.models import Order, Payment
from yimei.billing.queries import balance
from yimei.core.errors import NotFound, RuleBroken
from yimei.people.models import Staff


def take(
    order: Order, amount: str, *, by: Staff, now: datetime, key: UUID | None = None, **more: object
) -> Payment:
    asked = {"kind": PaymentKind.BALANCE, "method": PaymentMethod.WECHAT, "reference": " 4200001 ", **more}
    return payments.take(
        order.public_id,
        amount=Decimal(amount),
        key=key or uuid.uuid4(),
        by=by,
        now=now,
        **asked,  # type: ignore[arg-type]
    )


def give_back(payment: Payment, amount: str, *, by: Staff, now: datetime, key: UUID | None = None) -> Payment:
    return payments.refund(
        payment.public_id,
        amount=Decimal(amount),
        reason=" 客户改期 ",
        key=key or uuid.uuid4(),
        by=by,
        now=now,
    )


@pytest.mark.django_db
def test_an_order_is_paid_by_deposit_and_balance(order: Order, cashier: Staff, now: datetime) -> None:
    deposit = take(order, "1000.00", kind=PaymentKind.DEPOSIT, by=cashier, now=now)
    order.refresh_from_db()
    assert (order.status, deposit.reference) == (OrderStatus.OPEN, "4200001")
    take(order, "6800.00", by=cashier, now=now)
    order.refresh_from_db()
    assert order.status == OrderStatus.PAID


@pytest.mark.django_db
def test_one_fen_too_much_is_refused_and_leaves_no_trace(order: Order, cashier: Staff, now: datetime) -> None:
    with pytest.raises(RuleBroken, match="超过待收金额"):
        take(order, "7800.01", by=cashier, now=now)
    assert not order.payments.exists()
    assert not Entry.objects.filter(action__startswith="billing.").exists()


@pytest.mark.django_db
def test_a_second_click_returns_the_first_payment(order: Order, cashier: Staff, now: datetime) -> None:
    key = uuid.uuid4()
    first = take(order, "7800.00", by=cashier, now=now, key=key)
    assert take(order, "7800.00", by=cashier, now=now, key=key) == first
    assert order.payments.count() == 1
    assert Entry.objects.filter(action="billing.payment.take").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change", [{"amount": "999.99"}, {"kind": PaymentKind.DEPOSIT}, {"method": PaymentMethod.CASH}], ids=str
)
def test_a_used_key_cannot_ask_for_something_else(
    order: Order, cashier: Staff, now: datetime, change: dict[str, str]
) -> None:
    key = uuid.uuid4()
    take(order, "1000.00", by=cashier, now=now, key=key)
    with pytest.raises(RuleBroken, match="防重键") as refusal:
        take(order, by=cashier, now=now, key=key, **{"amount": "1000.00", **change})  # type: ignore[arg-type]
    assert refusal.value.code == "key_reused"


@pytest.mark.django_db
def test_a_used_key_belongs_to_its_order_and_its_direction(
    order: Order, cashier: Staff, now: datetime
) -> None:
    key = uuid.uuid4()
    payment = take(order, "1000.00", by=cashier, now=now, key=key)
    with pytest.raises(RuleBroken, match="防重键"):
        take(OrderFactory(campus=order.campus), "1000.00", by=cashier, now=now, key=key)
    with pytest.raises(RuleBroken, match="防重键"):
        give_back(payment, "1000.00", by=cashier, now=now, key=key)


@pytest.mark.django_db
def test_a_refund_is_a_negative_row_by_the_way_the_money_came(
    order: Order, cashier: Staff, now: datetime
) -> None:
    payment = take(order, "7800.00", by=cashier, now=now)
    back = give_back(payment, "800.00", by=cashier, now=now)
    assert (back.kind, back.amount, back.method) == (PaymentKind.REFUND, Decimal("-800.00"), payment.method)
    assert (back.refund_of, back.reason) == (payment, "客户改期")
    order.refresh_from_db()
    assert order.status == OrderStatus.OPEN
    assert balance(order).due == Decimal("800.00")


@pytest.mark.django_db
def test_a_second_click_on_refund_gives_back_once(order: Order, cashier: Staff, now: datetime) -> None:
    payment, key = take(order, "1000.00", by=cashier, now=now), uuid.uuid4()
    first = give_back(payment, "600.00", by=cashier, now=now, key=key)
    assert give_back(payment, "600.00", by=cashier, now=now, key=key) == first
    with pytest.raises(RuleBroken, match="防重键"):
        give_back(payment, "400.00", by=cashier, now=now, key=key)
    assert balance(order).net == Decimal("400.00")


@pytest.mark.django_db
def test_a_payment_gives_back_no_more_than_itself(order: Order, cashier: Staff, now: datetime) -> None:
    payment = take(order, "1000.00", by=cashier, now=now)
    take(order, "2000.00", by=cashier, now=now)
    give_back(payment, "999.99", by=cashier, now=now)
    with pytest.raises(RuleBroken, match=r"最多还能退 ¥0\.01"):
        give_back(payment, "0.02", by=cashier, now=now)


@pytest.mark.django_db
def test_only_who_may_take_money_takes_it(order: Order, now: datetime) -> None:
    consultant = StaffFactory(role="consultant", campus=order.campus)
    CareRelationFactory(patient=order.patient, staff=consultant, reason="consultant")
    for stranger in (consultant, StaffFactory(role="cashier"), StaffFactory(role="director")):
        with pytest.raises(NotFound):
            take(order, "1.00", by=stranger, now=now)
        with pytest.raises(NotFound):
            give_back(PaymentFactory(order=order, amount=Decimal("1.00")), "1.00", by=stranger, now=now)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_change_a_payment(change: str) -> None:
    payment = PaymentFactory()
    rows = Payment.objects.filter(pk=payment.pk)
    with pytest.raises(DatabaseError, match="payment_append_only"):
        rows.update(amount=Decimal("9.99")) if change == "update" else rows.delete()
    assert rows.get().amount == Decimal("1000.00")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "fields", [{"amount": Decimal("-5")}, {"kind": PaymentKind.REFUND}, {"method": "barter"}], ids=str
)
def test_the_database_refuses_a_payment_that_makes_no_sense(fields: dict[str, object]) -> None:
    with pytest.raises(DatabaseError, match="payment_"):
        PaymentFactory(**fields)


def by_many(count: int, act: Callable[[int], Payment]) -> list[Payment | RuleBroken]:
    """Let many do the same thing at once; a refusal is a result too, and nothing else is."""
    done = at_once([partial(act, index) for index in range(count)])
    results = [one for one in done if isinstance(one, Payment | RuleBroken)]
    assert results == done
    return results


@pytest.mark.django_db(transaction=True)
def test_tills_at_once_never_overpay(order: Order, cashier: Staff, now: datetime) -> None:
    results = by_many(8, lambda _index: take(order, "2600.00", by=cashier, now=now))
    taken = [result for result in results if isinstance(result, Payment)]
    assert len(taken) == 3
    order.refresh_from_db()
    assert (order.status, balance(order).due) == (OrderStatus.PAID, Decimal("0.00"))


@pytest.mark.django_db(transaction=True)
def test_one_click_sent_many_times_at_once_counts_once(order: Order, cashier: Staff, now: datetime) -> None:
    key = uuid.uuid4()
    results = by_many(6, lambda _index: take(order, "7800.00", by=cashier, now=now, key=key))
    assert {result.pk for result in results if isinstance(result, Payment)} == {order.payments.get().pk}
    assert len(results) == 6


@pytest.mark.django_db(transaction=True)
def test_one_key_on_two_orders_at_once_counts_once(order: Order, cashier: Staff, now: datetime) -> None:
    orders, key = [order, OrderFactory(campus=order.campus)], uuid.uuid4()
    results = by_many(2, lambda index: take(orders[index], "100.00", by=cashier, now=now, key=key))
    assert sorted(type(result).__name__ for result in results) == ["Payment", "RuleBroken"]
    assert Payment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_refunds_at_once_never_give_back_too_much(order: Order, cashier: Staff, now: datetime) -> None:
    payment = take(order, "1000.00", by=cashier, now=now)
    results = by_many(6, lambda _index: give_back(payment, "300.00", by=cashier, now=now))
    assert sum(isinstance(result, Payment) for result in results) == 3
    assert balance(order).net == Decimal("100.00")
