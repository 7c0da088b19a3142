"""Reads about money: balances, the cashier's day, one patient's sum."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, DecimalField, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from yimei.billing.enums import CostAccount, OrderStatus, PaymentKind, PaymentMethod, QuoteStatus
from yimei.billing.models import (
    Cost,
    CostQuerySet,
    DiscountLimit,
    Order,
    OrderQuerySet,
    Payment,
    PriceFloor,
    Quote,
    QuoteCut,
    QuoteLine,
)
from yimei.billing.rules import payments as rules
from yimei.billing.rules import quotes as quote_rules
from yimei.billing.rules.cuts import Priced
from yimei.billing.rules.payments import Balance
from yimei.billing.rules.quotes import SEED_LIMITS
from yimei.core.clock import local_day
from yimei.core.money import yuan
from yimei.hospital.models import Campus
from yimei.people.models import Patient, Staff
from yimei.vault.fields import key_path

ZERO = Value(Decimal(0), DecimalField(max_digits=14, decimal_places=2))


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
class Taking:
    """What came in and went back by one method in one day."""

    method: PaymentMethod
    count: int
    taken: Decimal
    refunded: Decimal

    @property
    def net(self) -> Decimal:
        return self.taken - self.refunded


@dataclass(frozen=True)
class Option:
    """One quote against the list price and against the first option beside it."""

    quote: Quote
    total: Decimal
    listed: Decimal
    difference: Decimal | None

    @property
    def off(self) -> Decimal:
        return self.listed - self.total

    @property
    def share_off(self) -> Decimal:
        return self.off / self.listed if self.listed else Decimal(0)


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


def discount_limits() -> Mapping[str, int]:
    """Role code → percent it may take off; the hospital's rows over the seeded ones."""
    return {**SEED_LIMITS, **dict(DiscountLimit.objects.values_list("role_code", "percent"))}


def quotes_of(episode: UUID) -> list[Quote]:
    return list(
        Quote.objects.filter(episode=episode)
        .select_related("by")
        .prefetch_related("lines__procedure", "cuts")
    )


def options_of(episode: UUID) -> list[Option]:
    """Return the quotes of an episode side by side, the first offered first; three queries."""
    found: list[Option] = []
    for quote in reversed(quotes_of(episode)):
        lines = list(quote.lines.all())
        total = quote.total
        listed = yuan(sum((line.list_price * line.quantity for line in lines), Decimal(0)))
        first = found[0].total if found else None
        found.append(Option(quote, total, listed, None if first is None else total - first))
    return found


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


def movements(*, by: Staff, day: date) -> list[Payment]:
    """Return what moved on a day as far as the reader may see, the newest first."""
    start, end = local_day(day)
    rows = Payment.objects.visible_to(by).filter(at__gte=start, at__lt=end).order_by("-at", "-id")
    return list(rows.select_related(f"order__patient__{key_path(Patient)}", "by"))


def drafts(*, by: Staff) -> list[Quote]:
    """Return the quotes that wait for somebody to approve their discount, the oldest first."""
    quotes = Quote.objects.visible_to(by).filter(status=QuoteStatus.DRAFT)
    people = quotes.select_related(f"patient__{key_path(Patient)}", "by").order_by("at", "id")
    return list(people.prefetch_related("lines__procedure", "cuts"))


def is_within(quote: Quote, percent: int) -> bool:
    """Whether somebody who may take so much off may give every line of a quote."""
    return all(
        quote_rules.is_within(
            quote_rules.Line(line.procedure.name, line.list_price, line.price, line.quantity), percent
        )
        for line in quote.lines.all()
    )


def approvable(options: Sequence[Option], *, by: Staff) -> frozenset[int]:
    """Return which options wait for a discount that this reader may give."""
    limit = discount_limits().get(by.role_code, 0)
    drafts = (option.quote for option in options if option.quote.status == QuoteStatus.DRAFT)
    return frozenset(quote.pk for quote in drafts if limit and is_within(quote, limit))


def priced(quote: Quote) -> list[Priced]:
    """The lines of a quote as the rules of cuts read them."""
    rows = quote.lines.select_related("procedure")
    return [Priced(row.procedure.name, row.price, row.quantity, key=row.procedure_id) for row in rows]


def floors_of(quote: Quote) -> dict[int, Decimal]:
    return floors(quote.lines.order_by().values_list("procedure", flat=True), quote.campus)


def floors(procedures: Iterable[int], campus: Campus) -> dict[int, Decimal]:
    """Procedure → the lowest unit price at a campus, where one was set."""
    rows = PriceFloor.objects.filter(procedure__in=list(procedures), campus=campus)
    return dict(rows.values_list("procedure", "amount"))


def orders_of(episode: UUID) -> list[Order]:
    """Return the bills of an episode, with all that moved for them."""
    return list(_with_payments().bills().filter(episode=episode))


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


def takings(*, by: Staff, day: date) -> list[Taking]:
    """Return the day's money by method, every method once, as far as the reader may see."""
    start, end = local_day(day)
    refund = Q(kind=PaymentKind.REFUND)
    rows = (
        Payment.objects.visible_to(by)
        .filter(at__gte=start, at__lt=end)
        .order_by("method")
        .values("method")
        .annotate(
            count=Count("pk"), taken=Sum("amount", filter=~refund), returned=Sum("amount", filter=refund)
        )
    )
    found = {row["method"]: row for row in rows}
    return [
        Taking(
            method=method,
            count=found[method]["count"] if method in found else 0,
            taken=yuan(found[method]["taken"] or 0) if method in found else yuan(0),
            refunded=yuan(-(found[method]["returned"] or 0)) if method in found else yuan(0),
        )
        for method in PaymentMethod
    ]


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


def _with_payments() -> OrderQuerySet:
    return Order.objects.prefetch_related("payments", "credits__payments")


def _sum(amounts: Sequence[Decimal]) -> Decimal:
    return yuan(sum(amounts, Decimal(0)))


# ---- list price, quote and bill --------------------------------------------------------------------


@dataclass(frozen=True)
class Variances:
    """What the orders of a period came to at the list price, as quoted and as billed."""

    count: int
    listed: Decimal
    quoted: Decimal
    """The prices of the lines."""
    cut: Decimal
    """What coupons and points took off them."""
    billed: Decimal

    @property
    def off(self) -> Decimal:
        return self.listed - self.quoted

    @property
    def gap(self) -> Decimal:
        """What the bill differs from the quote; anything but nothing is to be explained."""
        return self.billed - self.quoted + self.cut


def variance_orders(*, by: Staff, start: date, end: date) -> OrderQuerySet:
    """Return the standing orders of [start, end) with ``listed``, ``quoted``, ``cut``; the newest first."""

    def of_quote(price: str) -> Subquery:
        lines = QuoteLine.objects.filter(quote=OuterRef("quote")).order_by().values("quote")
        money = DecimalField(max_digits=14, decimal_places=2)
        return Subquery(lines.annotate(sum=Sum(F(price) * F("quantity"))).values("sum"), output_field=money)

    used = QuoteCut.objects.filter(quote=OuterRef("quote"), undone_at=None).order_by().values("quote")
    cut = Subquery(
        used.annotate(sum=Sum("amount")).values("sum"),
        output_field=DecimalField(max_digits=14, decimal_places=2),
    )
    orders = Order.objects.visible_to(by).bills().exclude(status=OrderStatus.CANCELLED)
    rows = orders.filter(at__gte=local_day(start)[0], at__lt=local_day(end)[0])
    return (
        rows.annotate(listed=of_quote("list_price"), quoted=of_quote("price"), cut=Coalesce(cut, ZERO))
        .annotate(expected=F("quoted") - F("cut"))
        .select_related(f"patient__{key_path(Patient)}", "quote__by", "quote__approved_by")
        .prefetch_related("quote__lines__procedure")
        .order_by("-at", "-id")
    )


def variances(orders: OrderQuerySet) -> Variances:
    sums = orders.order_by().aggregate(Count("pk"), Sum("listed"), Sum("quoted"), Sum("cut"), Sum("amount"))
    return Variances(
        count=sums["pk__count"],
        listed=yuan(sums["listed__sum"] or 0),
        quoted=yuan(sums["quoted__sum"] or 0),
        cut=yuan(sums["cut__sum"] or 0),
        billed=yuan(sums["amount__sum"] or 0),
    )


@dataclass(frozen=True)
class Spent:
    """What one kind of cost came to, reversals taken off."""

    account: CostAccount
    amount: Decimal


def costs(
    *, by: Staff, account: str = "", start: date | None = None, end: date | None = None
) -> CostQuerySet:
    """Return the entries whose span touches [start, end), the newest span first."""
    rows = Cost.objects.visible_to(by).select_related(
        "campus", "procedure", "owner", "by", "reversal", "reverses"
    )
    if account in CostAccount.values:
        rows = rows.filter(account=account)
    if start is not None:
        rows = rows.filter(ends_on__gte=start)
    if end is not None:
        rows = rows.filter(starts_on__lt=end)
    return rows


def spent(rows: CostQuerySet) -> list[Spent]:
    """Return the whole amounts of some entries by kind, the largest first."""
    sums = rows.order_by().values_list("account").annotate(total=Sum("amount")).order_by("-total")
    return [Spent(CostAccount(account), yuan(total)) for account, total in sums]


def owners(by: Staff) -> QuerySet[Staff]:
    """Return who may answer for a cost of this campus."""
    return Staff.objects.filter(is_active=True, campus=by.campus_id).order_by("name")
