"""Quotes, orders and payments."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from yimei.billing.enums import OrderStatus, QuoteStatus
from yimei.billing.models import Order, Payment, Quote, QuoteCut, QuoteLine
from yimei.core.clock import local_date
from yimei.insight.queries.facts.keys import episode_key

NONE = Decimal("0.00")


@dataclass
class Sums:
    """The lines of one quote together."""

    amount: Decimal = NONE
    listed: Decimal = NONE
    items: int = 0
    dearest: tuple[Decimal, int] | None = None

    @property
    def procedure(self) -> int | None:
        return self.dearest[1] if self.dearest else None

    def add(self, line: QuoteLine) -> None:
        price = line.price * line.quantity
        self.amount += price
        self.listed += line.list_price * line.quantity
        self.items += line.quantity
        if self.dearest is None or price > self.dearest[0]:
            self.dearest = (price, line.procedure_id)


def sums(patients: Sequence[int]) -> defaultdict[int | None, Sums]:
    found: defaultdict[int | None, Sums] = defaultdict(Sums)
    for line in QuoteLine.objects.filter(quote__patient__in=patients).order_by("pk"):
        found[line.quote_id].add(line)
    for cut in QuoteCut.objects.filter(quote__patient__in=patients, undone_at=None):
        found[cut.quote_id].amount -= cut.amount
    return found


def quotes(patients: Sequence[int]) -> Iterator[tuple[object, ...]]:
    lines = sums(patients)
    for quote in Quote.objects.filter(patient__in=patients).order_by("pk"):
        whole = lines[quote.pk]
        decided = (quote.decided_at - quote.at).total_seconds() / 86400 if quote.decided_at else None
        yield (
            quote.pk,
            quote.patient_id,
            quote.campus_id,
            episode_key(quote.episode),
            whole.procedure,
            quote.by_id,
            quote.status,
            local_date(quote.at),
            whole.amount,
            whole.listed,
            whole.items,
            quote.status == QuoteStatus.ACCEPTED,
            decided,
        )


def sales(patients: Sequence[int]) -> Iterator[tuple[object, ...]]:
    lines = sums(patients)
    nets = net_of_bills(patients)
    for order in Order.objects.bills().filter(patient__in=patients).order_by("pk"):
        whole, net = lines[order.quote_id], nets.get(order.pk, NONE)
        yield (
            order.pk,
            order.patient_id,
            order.campus_id,
            episode_key(order.episode),
            whole.procedure,
            order.by_id,
            order.status,
            local_date(order.at),
            order.amount,
            order.deposit,
            net,
            whole.items,
            order.status != OrderStatus.CANCELLED and net > 0,
        )


def net_of_bills(patients: Sequence[int]) -> dict[int, Decimal]:
    """Bill → the money that was kept on it, booking deposits that stand on it included."""
    rows: Any = Payment.objects.for_bills().filter(order__patient__in=patients).order_by()
    return dict(rows.values_list("bill").annotate(net=Sum("amount")))


def payments(patients: Sequence[int]) -> Iterator[tuple[object, ...]]:
    lines = sums(patients)
    rows = Payment.objects.filter(order__patient__in=patients).select_related("order__applied_to")
    for one in rows.order_by("pk"):
        bill = one.order.applied_to or one.order
        yield (
            one.pk,
            one.order.patient_id,
            one.order.campus_id,
            episode_key(one.order.episode),
            lines[bill.quote_id].procedure,
            one.by_id,
            one.kind,
            one.method,
            local_date(one.at),
            one.amount,
        )
