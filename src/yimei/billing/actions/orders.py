"""Turn an accepted quote into what the customer owes."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.billing.access import open_order, open_quote
from yimei.billing.actions import cuts
from yimei.billing.actions import payments as payment_actions
from yimei.billing.actions.deposits import apply, release
from yimei.billing.enums import OrderStatus, QuoteStatus
from yimei.billing.models import Order
from yimei.billing.rules import payments, quotes
from yimei.core.errors import RuleBroken
from yimei.people.models import Staff
from yimei.privacy.queries import needs


@transaction.atomic
def open_from_quote(
    quote_public_id: UUID, *, deposit: Decimal | None = None, by: Staff, now: datetime
) -> Order:
    """Open the order of an accepted quote; ``deposit`` defaults to what the catalogue asks."""
    quote = open_quote(quote_public_id, by=by, lock=True)
    needs.need("billing.Order")
    payment_actions.name_deposits(quote.episode)
    if quote.status != QuoteStatus.ACCEPTED:
        raise RuleBroken(_("客户选定报价后才能开单。"))
    if Order.objects.filter(quote=quote).exists():
        raise RuleBroken(_("这份报价已经开单。"))
    lines = list(quote.lines.select_related("procedure"))
    amount = quote.total
    if deposit is None:
        deposit = min(amount, sum((line.procedure.deposit * line.quantity for line in lines), Decimal(0)))
    quotes.check_deposit(deposit, amount=amount)
    order = Order.objects.create(
        patient=quote.patient,
        campus=quote.campus,
        episode=quote.episode,
        quote=quote,
        amount=amount,
        deposit=deposit,
        status=payments.status_of(payments.balance(amount=amount, deposit=deposit, moved=())),
        at=now,
        by=by,
    )
    apply(order, by=by)
    log.record("billing.order.open", target=order, subject=quote.patient.person.vault_key, by=by, at=now)
    return order


@transaction.atomic
def cancel(order_public_id: UUID, *, reason: str, by: Staff, now: datetime) -> Order:
    """Close an order (退单) once every fen of it went back."""
    order = open_order(order_public_id, by=by)
    payment_actions.name_deposits(order.episode)
    order = open_order(order_public_id, by=by, lock=True)
    own = payments.balance(amount=order.amount, deposit=order.deposit, moved=order.payments.all())
    payments.check_is_bill(is_bill=not order.is_booking_deposit)
    payments.check_cancel(status=OrderStatus(order.status), now=own, reason=reason)
    release(order)
    order.status = OrderStatus.CANCELLED
    order.save(update_fields=["status"])
    if order.quote is not None:
        cuts.undo_all(order.quote, by=by, now=now)
    log.record(
        "billing.order.cancel",
        target=order,
        subject=order.patient.person.vault_key,
        by=by,
        at=now,
        reason=reason.strip(),
    )
    return order
