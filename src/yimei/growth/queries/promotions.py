"""Reads about promotions: the list, one with its figures, what it would have cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Min, Q, Sum

from yimei.billing.enums import OrderStatus
from yimei.billing.models import Order, QuoteCut
from yimei.core.clock import add_years, local_date, local_day
from yimei.core.errors import Missing
from yimei.core.money import yuan
from yimei.growth.enums import CouponStatus, PromotionKind, PromotionStatus
from yimei.growth.models import BudgetEntry, Coupon, Promotion
from yimei.growth.models.promotions import PromotionQuerySet
from yimei.growth.queries import prices
from yimei.growth.rules import claims
from yimei.growth.rules import promotions as rules
from yimei.growth.rules.promotions import Estimate, Item, Past
from yimei.people.models import Staff
from yimei.people.roles import Permission, Scope

REPLAY = timedelta(days=365)


@dataclass(frozen=True)
class Figures:
    """How far a promotion is: coupons by what became of them, money of its budget."""

    issued: int
    used: int
    taken: Decimal
    left: Decimal
    held: Decimal

    @property
    def share_used(self) -> Decimal:
        return Decimal(self.used) / self.issued if self.issued else Decimal(0)


def listed(*, by: Staff, status: str = "") -> PromotionQuerySet:
    rows = Promotion.objects.visible_to(by).select_related("created_by", "approved_by", "campus")
    return rows.filter(status=status) if status in PromotionStatus.values else rows


def status_counts(*, by: Staff) -> dict[str, int]:
    rows = Promotion.objects.visible_to(by).order_by().values("status").annotate(n=Count("pk"))
    return {row["status"]: row["n"] for row in rows}


def issuable(*, by: Staff, today: date) -> list[Promotion]:
    """What a consultant can give a customer today."""
    rows = Promotion.objects.filter(campus=by.campus_id).running(today).exclude(kind=PromotionKind.BIRTHDAY)
    return list(rows.order_by("ends_on", "name"))


def approvers(promotion: Promotion) -> list[Staff]:
    able = Q(role__grants__permission=Permission.PROMOTION_APPROVE)
    here = Q(campus=promotion.campus_id) | Q(
        role__grants__permission=Permission.PROMOTION_APPROVE, role__grants__scope=Scope.GROUP
    )
    rows = Staff.objects.filter(able & here, is_active=True).exclude(pk=promotion.created_by_id)
    return list(rows.distinct().order_by("pk"))


def figures(promotions: Sequence[Promotion]) -> dict[int, Figures]:
    """Three queries, however many promotions."""
    keys = [one.pk for one in promotions]
    coupons = Coupon.objects.filter(promotion__in=keys).order_by()
    # A coupon that was passed on and the one in its place are one coupon.
    counted = (
        coupons.exclude(status=CouponStatus.VOID)
        .values("promotion")
        .annotate(issued=Count("pk"), used=Count("pk", filter=Q(status=CouponStatus.USED)))
    )
    by_key = {row["promotion"]: row for row in counted}
    refs = dict(coupons.filter(status=CouponStatus.USED).values_list("public_id", "promotion"))
    taken: dict[int, Decimal] = {}
    for ref, amount in QuoteCut.objects.filter(ref__in=list(refs), undone_at=None).values_list(
        "ref", "amount"
    ):
        taken[refs[ref]] = taken.get(refs[ref], Decimal(0)) + amount
    last = BudgetEntry.objects.filter(promotion__in=keys).order_by("promotion", "seq")
    left = dict(last.values_list("promotion", "balance"))
    found = {}
    for one in promotions:
        row = by_key.get(one.pk, {"issued": 0, "used": 0})
        money = taken.get(one.pk, Decimal(0))
        rest = left.get(one.pk, one.budget)
        found[one.pk] = Figures(
            row["issued"], row["used"], yuan(money), yuan(rest), yuan(one.budget - rest - money)
        )
    return found


def missing(promotion: Promotion) -> list[Missing]:
    """What stands between a promotion and its approval, as it is today."""
    days = prices.raise_days(promotion.starts_on)
    found = list(rules.honest(promotion.terms, prices.subjects(promotion), days=days))
    return found + word_faults(promotion)


def word_faults(promotion: Promotion) -> list[Missing]:
    """What customers may not be told in it, by the same look as at events and stories (广告法)."""
    return claims.faults(f"{promotion.name}\n{promotion.words}")


def simulate(promotion: Promotion, *, take_up: int, now: datetime) -> Estimate:
    """Replay the terms on the orders of the last year at its campus."""
    past = past_orders(promotion, now=now)
    today = local_date(now)
    begun = min((one.day for one in past), default=today)
    return rules.simulate(
        promotion.terms,
        past,
        kind=PromotionKind(promotion.kind),
        past_days=max((today - begun).days, 1),
        days=(promotion.ends_on - promotion.starts_on).days + promotion.coupon_days,
        per_person=promotion.per_person,
        take_up=take_up,
        budget=promotion.budget,
    )


def past_orders(promotion: Promotion, *, now: datetime) -> list[Past]:
    """The year's orders with their lines; birthdays are read only where the offer is about them."""
    wants_birthday = promotion.kind == PromotionKind.BIRTHDAY
    since = local_day(local_date(now) - REPLAY)[0]
    standing = Order.objects.exclude(status=OrderStatus.CANCELLED).filter(quote__isnull=False)
    orders = standing.filter(campus=promotion.campus, at__gte=since, patient__restricted_at=None)
    people = ["patient__person__vault_key"] if wants_birthday else []
    firsts = dict(
        standing.filter(patient__in=orders.order_by().values("patient"))
        .order_by()
        .values("patient")
        .annotate(first=Min("at"))
        .values_list("patient", "first")
    )
    found = []
    for order in orders.select_related("quote", *people).prefetch_related("quote__lines"):
        assert order.quote is not None
        born = order.patient.person.birth_date if wants_birthday else None
        day = local_date(order.at)
        found.append(
            Past(
                day=day,
                patient=order.patient_id,
                is_new=firsts.get(order.patient_id) == order.at,
                is_birthday=born is not None and is_near(born, day, within=promotion.coupon_days),
                items=tuple(
                    Item(one.procedure_id, one.price, one.quantity) for one in order.quote.lines.all()
                ),
            )
        )
    return found


def is_near(born: date, day: date, *, within: int) -> bool:
    """Whether a birthday lies within so many days before or after."""
    return any(
        abs((add_years(born, year - born.year) - day).days) <= within
        for year in (day.year - 1, day.year, day.year + 1)
    )


def spent(promotion: Promotion) -> Decimal:
    rows = BudgetEntry.objects.filter(promotion=promotion).exclude(kind="fund")
    return -yuan(rows.aggregate(sum=Sum("change"))["sum"] or 0)
