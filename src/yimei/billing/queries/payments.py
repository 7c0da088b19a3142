"""The cashier's day: what moved, and what came in by which method."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, Sum

from yimei.billing.enums import PaymentKind, PaymentMethod
from yimei.billing.models import Payment
from yimei.core.clock import local_day
from yimei.core.money import yuan
from yimei.people.models import Patient, Staff
from yimei.vault.fields import key_path


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


def movements(*, by: Staff, day: date) -> list[Payment]:
    """Return what moved on a day as far as the reader may see, the newest first."""
    start, end = local_day(day)
    rows = Payment.objects.visible_to(by).filter(at__gte=start, at__lt=end).order_by("-at", "-id")
    return list(rows.select_related(f"order__patient__{key_path(Patient)}", "by"))


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
