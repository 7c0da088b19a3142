"""Take money and give it back; each click counts once."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from yimei.audit import log
from yimei.billing.access import open_order, open_payment
from yimei.billing.enums import OrderStatus, PaymentKind, PaymentMethod
from yimei.billing.models import Order, Payment
from yimei.billing.queries import balance
from yimei.billing.rules import payments as rules
from yimei.core.database.locks import lock
from yimei.core.database.rows import lock_rows
from yimei.people.models import Staff
from yimei.people.roles import Permission


@transaction.atomic
def take(
    order_public_id: UUID,
    *,
    kind: PaymentKind,
    method: PaymentMethod,
    amount: Decimal,
    key: UUID,
    reference: str = "",
    by: Staff,
    now: datetime,
) -> Payment:
    """Take money on an order; the same key returns the first payment and takes nothing."""
    lock(name_of(key))
    order = open_order(order_public_id, by=by, lock=True, permission=Permission.MONEY_WRITE)
    if (first := first_of(key)) is not None:
        asked = (order.pk, PaymentKind(kind), PaymentMethod(method), amount)
        rules.check_same(is_same=asked == (first.order_id, first.kind, first.method, first.amount))
        return first
    rules.check_take(
        amount,
        kind=PaymentKind(kind),
        status=OrderStatus(order.status),
        now=balance(order),
        reference=reference.strip(),
    )
    payment = Payment.objects.create(
        order=order,
        kind=PaymentKind(kind),
        method=PaymentMethod(method),
        amount=amount,
        reference=reference.strip(),
        key=key,
        at=now,
        by=by,
    )
    settle(order)
    record("billing.payment.take", payment, order, by=by, now=now)
    return payment


@transaction.atomic
def refund(
    payment_public_id: UUID, *, amount: Decimal, reason: str, key: UUID, by: Staff, now: datetime
) -> Payment:
    """Give back all or part of one payment, by the way it came; ``amount`` is positive."""
    lock(name_of(key))
    payment = open_payment(payment_public_id, by=by, permission=Permission.REFUND_WRITE)
    if payment.order.is_booking_deposit:
        name_deposits(payment.order.episode)
    payment = open_payment(payment_public_id, by=by, lock=True, permission=Permission.REFUND_WRITE)
    order = payment.order
    if (first := first_of(key)) is not None:
        rules.check_same(is_same=(payment.pk, -amount) == (first.refund_of_id, first.amount))
        return first
    rules.check_is_bill(is_bill=not order.is_booking_deposit or order.applied_to_id is not None)
    bill = open_bill(order)
    refund = pay_back(payment, amount=amount, reason=reason, key=key, by=by, now=now)
    settle(bill)
    record("billing.payment.refund", refund, order, by=by, now=now)
    return refund


def pay_back(
    payment: Payment, *, amount: Decimal, reason: str, key: UUID, by: Staff, now: datetime
) -> Payment:
    """Write the negative row of a payment whose order the caller holds; the sums are the caller's."""
    rules.check_refund(
        amount,
        kind=PaymentKind(payment.kind),
        paid=payment.amount,
        refunds=payment.refunds.all(),
        reason=reason,
    )
    return Payment.objects.create(
        order=payment.order,
        kind=PaymentKind.REFUND,
        method=payment.method,
        amount=-amount,
        reason=reason.strip(),
        refund_of=payment,
        key=key,
        at=now,
        by=by,
    )


def name_deposits(episode: UUID) -> None:
    """Lock the booking deposits of an episode by name; taken before any of its orders."""
    lock(f"billing.deposits:{episode}")


def open_bill(order: Order) -> Order:
    """Whose sums a movement changes: the bill that a deposit stands on, locked, or the order itself."""
    if order.applied_to_id is None:
        return order
    rows = Order.objects.filter(pk=order.applied_to_id)
    lock_rows(rows)
    return rows.get()


def settle(order: Order) -> None:
    """Let the sums decide the status of an order that stands."""
    if order.status == OrderStatus.CANCELLED:
        return
    status = rules.status_of(balance(order))
    if status != order.status:
        order.status = status
        order.save(update_fields=["status"])


def name_of(key: UUID) -> str:
    return f"billing.payment:{key}"


def first_of(key: UUID) -> Payment | None:
    return Payment.objects.filter(key=key).first()


def record(action: str, payment: Payment, order: Order, *, by: Staff, now: datetime) -> None:
    subject = order.patient.person.vault_key
    log.record(action, target=payment, subject=subject, by=by, at=now, reason=payment.reason)
