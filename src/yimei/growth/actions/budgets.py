"""The budget of a promotion, kept line by line; the database lets it never fall below nothing."""

from datetime import datetime
from decimal import Decimal

from yimei.core.database.locks import lock
from yimei.growth.enums import BudgetKind
from yimei.growth.models import BudgetEntry, Coupon, Promotion
from yimei.people.models import Staff


def hold(promotion: Promotion) -> Decimal:
    """Let one writer at a time into a promotion's budget, and say what is left of it."""
    lock(f"growth.promotion:{promotion.pk}")
    last = BudgetEntry.objects.filter(promotion=promotion).order_by("-seq").first()
    return last.balance if last else Decimal(0)


def enter(
    promotion: Promotion,
    kind: BudgetKind,
    change: Decimal,
    *,
    now: datetime,
    by: Staff | None = None,
    coupon: Coupon | None = None,
) -> BudgetEntry:
    """Write one line; for an action that holds the promotion and then writes its log."""
    balance = hold(promotion)
    last = BudgetEntry.objects.filter(promotion=promotion).order_by("-seq").first()
    return BudgetEntry.objects.create(
        promotion=promotion,
        seq=last.seq + 1 if last else 1,
        kind=kind,
        change=change,
        balance=balance + change,
        coupon=coupon,
        at=now,
        by=by,
    )
