"""Prices that really were: list prices in force, and what was sold, at one place."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Prefetch, Q, Sum

from yimei.billing.enums import OrderStatus
from yimei.billing.models import Order, PriceFloor, QuoteLine
from yimei.billing.rules import cuts as cut_rules
from yimei.billing.rules.cuts import Priced
from yimei.core.clock import local_date, local_day
from yimei.core.money import yuan
from yimei.growth.models import Promotion
from yimei.growth.rules import promotions as rules
from yimei.growth.rules.promotions import Base, Subject
from yimei.hospital.models import Campus, Price, Procedure
from yimei.hospital.queries import catalogue_of
from yimei.journey.queries.visits import number

WINDOW = timedelta(days=400)
"""How far back a last sale is looked for."""
Sold = Mapping[int, list[tuple[date, Decimal]]]


@dataclass(frozen=True)
class Truth:
    """One procedure: its list price with history, what it was sold for, its floor."""

    procedure: Procedure
    price: Decimal | None
    history: list[Price]
    lowest_week: Decimal | None
    lowest_month: Decimal | None
    base: Base | None
    sales: int
    floor: Decimal | None


def base_days(day: date) -> int:
    return number("promotion.base_days", day, 7)


def raise_days(day: date) -> int:
    return number("promotion.raise_days", day, 30)


def sold(campus: Campus, *, until: date, procedures: Iterable[int] | None = None) -> Sold:
    """Procedure → days and unit prices at which it was sold before a day, coupons and points off."""
    lines = QuoteLine.objects.order_by("pk")
    orders = Order.objects.filter(
        campus=campus,
        quote__isnull=False,
        at__lt=local_day(until)[0],
        at__gte=local_day(until - WINDOW)[0],
    ).exclude(status=OrderStatus.CANCELLED)
    if procedures is not None:
        orders = orders.filter(quote__lines__procedure__in=list(procedures)).distinct()
    paid = orders.annotate(net=Sum("payments__amount")).filter(net__gt=0)
    found: defaultdict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    for order in paid.select_related("quote").prefetch_related(
        Prefetch("quote__lines", lines), "quote__cuts"
    ):
        assert order.quote is not None
        rows = [Priced("", one.price, one.quantity, key=one.procedure_id) for one in order.quote.lines.all()]
        parts = cut_rules.spread(rows, order.quote.standing_cuts)
        for row, part in zip(rows, parts, strict=True):
            found[row.key].append((local_date(order.at), yuan((row.total - part) / row.quantity)))
    return found


def lowest_listed(campus: Campus, *, start: date, end: date) -> dict[int, Decimal]:
    """Procedure → the lowest list price that was in force on any day of [start, end)."""
    rows = Price.objects.filter(Q(valid_to=None) | Q(valid_to__gt=start), campus=campus, valid_from__lt=end)
    found: dict[int, Decimal] = {}
    for procedure, amount in rows.order_by().values_list("procedure", "amount"):
        found[procedure] = min(found.get(procedure, amount), amount)
    return found


def subjects(promotion: Promotion) -> list[Subject]:
    """Everything that approval looks at, procedure by procedure; all of the catalogue where none is named."""
    campus, start = promotion.campus, promotion.starts_on
    named = {item.procedure_id for item in promotion.items.all()}
    offers = [one for one in catalogue_of(campus, start) if not named or one.procedure.pk in named]
    known = {one.procedure.pk for one in offers}
    sales = sold(campus, until=start, procedures=named or None)
    before = lowest_listed(campus, start=start - timedelta(days=raise_days(start)), end=start)
    floors = dict(PriceFloor.objects.filter(campus=campus).values_list("procedure", "amount"))
    found = [
        Subject(
            name=one.procedure.name,
            key=one.procedure.pk,
            list_price=one.price,
            before=before.get(one.procedure.pk),
            base=rules.base_of(sales.get(one.procedure.pk, ()), starts_on=start, days=base_days(start)),
            floor=floors.get(one.procedure.pk),
        )
        for one in offers
        if one.price is not None or named
    ]
    gone = [
        item.procedure
        for item in promotion.items.select_related("procedure")
        if item.procedure_id not in known
    ]
    return found + [Subject(one.name, one.pk, None, None, None, None) for one in gone]


def truths(campus: Campus, *, today: date) -> list[Truth]:
    """The price page: five queries, however many procedures."""
    sales = sold(campus, until=today + timedelta(days=1))
    floors = dict(PriceFloor.objects.filter(campus=campus).values_list("procedure", "amount"))
    history: defaultdict[int, list[Price]] = defaultdict(list)
    for row in Price.objects.filter(campus=campus).order_by("-valid_from"):
        history[row.procedure_id].append(row)
    found = []
    for one in catalogue_of(campus, today):
        lines = sales.get(one.procedure.pk, [])
        found.append(
            Truth(
                procedure=one.procedure,
                price=one.price,
                history=history[one.procedure.pk],
                lowest_week=_lowest(lines, since=today - timedelta(days=base_days(today))),
                lowest_month=_lowest(lines, since=today - timedelta(days=30)),
                base=rules.base_of(lines, starts_on=today + timedelta(days=1), days=base_days(today)),
                sales=len(lines),
                floor=floors.get(one.procedure.pk),
            )
        )
    return found


def _lowest(lines: Iterable[tuple[date, Decimal]], *, since: date) -> Decimal | None:
    return min((price for day, price in lines if day >= since), default=None)
