"""What the house spent."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet, Sum

from yimei.billing.enums import CostAccount
from yimei.billing.models import Cost, CostQuerySet
from yimei.core.money import yuan
from yimei.people.models import Staff


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
