"""Booking deposits (预约定金): taken once; then on the bill, given back whole, or kept by what was told.

Who must pay one, and when it may be kept, the part above decides; here stands the money.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from yimei.audit import log
from yimei.billing.access import open_order
from yimei.billing.actions import payments
from yimei.billing.enums import OrderPurpose, OrderStatus, PaymentKind, PaymentMethod
from yimei.billing.models import Order, Payment
from yimei.billing.queries import balance
from yimei.billing.rules import deposits as rules
from yimei.billing.rules import payments as payment_rules
from yimei.billing.rules.reasons import check_reason
from yimei.core.database.locks import lock
from yimei.core.database.rows import lock_rows
from yimei.hospital.models import Campus
from yimei.people.access import need
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy.queries import needs


def known(key: UUID, *, episode: UUID) -> Payment | None:
    """Return what the same click did before; from here on no other click of this key goes on beside it."""
    lock(payments.name_of(key))
    first = payments.first_of(key)
    if first is not None:
        is_same = first.order.is_booking_deposit and first.order.episode == episode
        payment_rules.check_same(is_same=is_same)
    return first


@transaction.atomic
def take(
    *,
    patient: Patient,
    campus: Campus,
    episode: UUID,
    amount: Decimal,
    terms: str,
    method: PaymentMethod,
    reference: str,
    key: UUID,
    by: Staff,
    now: datetime,
) -> Payment:
    """Take the whole deposit for an episode that the caller holds, once ``known`` knew nothing of its key."""
    need(by, Permission.MONEY_WRITE)
    needs.need("billing.Order")
    payments.name_deposits(episode)
    rules.check_free(is_free=not Order.objects.held().filter(episode=episode).exists())
    payment_rules.check_reference(reference)
    payment_rules.check_amount(amount)
    order = Order.objects.create(
        patient=patient,
        campus=campus,
        episode=episode,
        purpose=OrderPurpose.BOOKING,
        amount=amount,
        deposit=amount,
        terms=terms,
        status=OrderStatus.PAID,
        at=now,
        by=by,
    )
    payment = Payment.objects.create(
        order=order,
        kind=PaymentKind.DEPOSIT,
        method=PaymentMethod(method),
        amount=amount,
        reference=reference.strip(),
        key=key,
        at=now,
        by=by,
    )
    payments.record("billing.deposit.take", payment, order, by=by, now=now)
    return payment


@transaction.atomic
def give_back(order_public_id: UUID, *, reason: str, key: UUID, by: Staff, now: datetime) -> Payment:
    """Give back all of a deposit that stands on no bill, by the way it came."""
    order = _opened(order_public_id, by=by)
    rules.check_given_back(status=OrderStatus(order.status), is_applied=order.applied_to_id is not None)
    payment = order.payments.get(kind=PaymentKind.DEPOSIT)
    payment.order = order
    refund = payments.pay_back(payment, amount=balance(order).net, reason=reason, key=key, by=by, now=now)
    order.status = OrderStatus.CANCELLED
    order.save(update_fields=["status"])
    payments.record("billing.deposit.back", refund, order, by=by, now=now)
    return refund


@transaction.atomic
def keep(order_public_id: UUID, *, reason: str, by: Staff, now: datetime) -> Order:
    """Keep a deposit for good (定金不退); the caller has made sure that what was told allows it."""
    order = _opened(order_public_id, by=by)
    rules.check_kept(
        status=OrderStatus(order.status), is_applied=order.applied_to_id is not None, reason=reason
    )
    check_reason(reason)
    order.status = OrderStatus.KEPT
    order.save(update_fields=["status"])
    subject = order.patient.person.vault_key
    log.record("billing.deposit.keep", target=order, subject=subject, by=by, at=now, reason=reason.strip())
    return order


# ---- a bill and what stands on it ------------------------------------------------------------------


def apply(bill: Order, *, by: Staff) -> None:
    """Let the held deposit of the episode stand on a new bill that bears it; the rest of it is due."""
    held = Order.objects.held().filter(episode=bill.episode)
    lock_rows(held)
    deposit = held.first()
    if deposit is None or balance(deposit).net > bill.amount:
        return
    deposit.applied_to = bill
    deposit.save(update_fields=["applied_to"])
    payments.settle(bill)
    log.record(
        "billing.deposit.apply",
        target=deposit,
        subject=deposit.patient.person.vault_key,
        by=by,
        at=bill.at,
    )


def release(bill: Order) -> None:
    """Take the deposits off a bill that is cancelled: they wait again, or are over when nothing is left."""
    credits = Order.objects.filter(applied_to=bill)
    lock_rows(credits)
    for deposit in credits:
        deposit.applied_to = None
        if not balance(deposit).net:
            deposit.status = OrderStatus.CANCELLED
        deposit.save(update_fields=["applied_to", "status"])


def _opened(order_public_id: UUID, *, by: Staff) -> Order:
    order = open_order(order_public_id, by=by, permission=Permission.REFUND_WRITE)
    payments.name_deposits(order.episode)
    order = open_order(order_public_id, by=by, lock=True, permission=Permission.REFUND_WRITE)
    rules.check_is_deposit(is_deposit=order.is_booking_deposit)
    return order
