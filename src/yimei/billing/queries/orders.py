"""Bills and booking deposits with what moved on them, and one patient's sum."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Prefetch, Sum

from yimei.billing.enums import OrderStatus
from yimei.billing.models import Order, OrderQuerySet, Payment, QuoteLine
from yimei.billing.rules import payments as rules
from yimei.billing.rules.payments import Balance
from yimei.core.money import yuan
from yimei.people.models import Patient, Staff
from yimei.vault.fields import key_path


@dataclass(frozen=True)
class Standing:
    """An order with its balance, for lists."""

    order: Order
    balance: Balance


@dataclass(frozen=True)
class MoneySummary:
    """All orders of one patient in one line; cancelled orders ask for nothing."""

    ordered: Decimal
    paid: Decimal
    refunded: Decimal
    due: Decimal
    orders: int
    held: Decimal
    """Booking deposits that stand on no bill yet."""


@dataclass(frozen=True)
class Entry:
    """One payment and how much of it can still go back."""

    payment: Payment
    left: Decimal


@dataclass(frozen=True)
class Account:
    """One order as the cashier sees it: what it stands for, where it stands, what moved."""

    order: Order
    balance: Balance
    entries: Sequence[Entry]

    @property
    def own_net(self) -> Decimal:
        """What must go back before the order can be cancelled; its booking deposit waits again instead."""
        return sum((one.amount for one in self.order.payments.all()), Decimal(0))


def accounts_of(episode: UUID) -> list[Account]:
    """Return the orders of an episode with everything that moved on them, the newest first."""
    moved = Payment.objects.select_related("by")
    payments = Prefetch("payments", moved)
    lines = Prefetch("quote__lines", QuoteLine.objects.select_related("procedure"))
    orders = Order.objects.filter(episode=episode).select_related("quote", "by")
    credits = Prefetch("credits__payments", moved)
    return [_account(order) for order in orders.prefetch_related(payments, lines, "quote__cuts", credits)]


def _account(order: Order) -> Account:
    rows = moved_on(order)
    back: dict[int, Decimal] = {}
    for row in rows:
        if row.refund_of_id is not None:
            back[row.refund_of_id] = back.get(row.refund_of_id, Decimal(0)) + row.amount
    entries = [Entry(row, max(Decimal(0), row.amount + back.get(row.pk, Decimal(0)))) for row in rows]
    return Account(order, balance(order), entries)


def orders_of(episode: UUID) -> list[Order]:
    """Return the bills of an episode, with all that moved for them."""
    return list(_with_payments().bills().filter(episode=episode))


def waiting(*, by: Staff) -> list[Standing]:
    """Return the orders that still wait for money, the oldest first."""
    orders = (
        _with_payments()
        .visible_to(by)
        .filter(status=OrderStatus.OPEN)
        .select_related(f"patient__{key_path(Patient)}", "campus")
        .order_by("at", "id")
    )
    return [Standing(order=order, balance=balance(order)) for order in orders]


def balance(order: Order) -> Balance:
    return rules.balance(amount=order.amount, deposit=order.deposit, moved=moved_on(order))


def moved_on(order: Order) -> list[Payment]:
    """What moved for an order: on itself, and on the booking deposits that stand on it."""
    credited = [payment for one in order.credits.all() for payment in one.payments.all()]
    return sorted([*credited, *order.payments.all()], key=lambda one: (one.at, one.pk))


def deposit_is_paid(episode: UUID) -> bool:
    """Whether the episode has a bill and every bill that stands has its deposit."""
    standing = [order for order in orders_of(episode) if order.status != OrderStatus.CANCELLED]
    return bool(standing) and all(balance(order).is_deposit_paid for order in standing)


def is_secured(episode: UUID) -> bool:
    """Whether the hospital holds money for an episode: a booking deposit, or something on a bill."""
    bills = [order for order in orders_of(episode) if order.status != OrderStatus.CANCELLED]
    return Order.objects.held().filter(episode=episode).exists() or any(
        balance(order).net > 0 for order in bills
    )


def held_deposit(episode: UUID) -> Order | None:
    return Order.objects.held().filter(episode=episode).prefetch_related("payments").first()


def kept_deposit(episode: UUID) -> Order | None:
    """The newest deposit of an episode that was kept; it may still be given back."""
    kept = Order.objects.filter(episode=episode, status=OrderStatus.KEPT)
    return kept.prefetch_related("payments").first()


def held_deposits(*, by: Staff) -> list[Order]:
    """Return the booking deposits that wait for a bill or a decision, the oldest first."""
    rows = Order.objects.held().visible_to(by).select_related(f"patient__{key_path(Patient)}", "campus")
    return list(rows.order_by("at", "id"))


def money_of(patient: Patient) -> MoneySummary:
    """Sum up the bills of a person; a booking deposit counts once it stands on one."""
    files = Patient.objects.files_of(patient)
    orders = list(_with_payments().bills().filter(patient__in=files))
    waits = Payment.objects.filter(order__in=Order.objects.held().filter(patient__in=files))
    balances = [(order, balance(order)) for order in orders]
    open_ones = [each for order, each in balances if order.status != OrderStatus.CANCELLED]
    return MoneySummary(
        ordered=_sum([each.amount for each in open_ones]),
        paid=_sum([each.paid for _order, each in balances]),
        refunded=_sum([each.refunded for _order, each in balances]),
        due=_sum([each.due for each in open_ones]),
        orders=len(open_ones),
        held=yuan(waits.order_by().aggregate(sum=Sum("amount"))["sum"] or 0),
    )


def _with_payments() -> OrderQuerySet:
    return Order.objects.prefetch_related("payments", "credits__payments")


def _sum(amounts: Sequence[Decimal]) -> Decimal:
    return yuan(sum(amounts, Decimal(0)))
