"""List price, quote and bill of a period's orders."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, DecimalField, F, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from yimei.billing.enums import OrderStatus
from yimei.billing.models import Order, OrderQuerySet, QuoteCut, QuoteLine
from yimei.core.clock import local_day
from yimei.core.money import yuan
from yimei.people.models import Patient, Staff
from yimei.vault.fields import key_path

ZERO = Value(Decimal(0), DecimalField(max_digits=14, decimal_places=2))


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
