"""Members with the points of what they paid, an offer with its coupons, one that waits for approval."""

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from django.db.models import Min, Sum

from yimei.billing.models import Order
from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.growth.actions import coupons, members, points, promotions
from yimei.growth.actions.promotions import Draft
from yimei.growth.enums import PromotionKind, Stacking, ValueKind
from yimei.growth.models import Member
from yimei.people.models import Patient
from yimei.people.roles import RoleCode
from yimei.rehearsal.actions.world import World

BEST, MANY, COUPONS = 8, 18, 9


def welcome(world: World, *, now: datetime) -> int:
    """Let some customers join, then pay them points; return how many members there are."""
    rng = Random("loyalty")
    desk = world.first(RoleCode.RECEPTION)
    paid = Order.objects.filter(campus=world.campus, patient__sealed_at=None).order_by()
    first = dict(paid.values("patient").annotate(first=Min("at")).values_list("patient", "first"))
    people = list(Patient.objects.counted().filter(pk__in=first).order_by("pk"))
    best = (
        paid.values("patient").annotate(sum=Sum("amount")).order_by("-sum").values_list("patient", flat=True)
    )
    chosen = [one for one in people if one.pk in set(best[:BEST])] + rng.sample(
        people, min(MANY, len(people))
    )
    for patient in chosen:
        try:
            members.join(patient.public_id, by=desk, now=first[patient.pk])
        except RuleBroken:
            continue
    points.follow(now=now)
    _offer(world, people, now=now)
    return Member.objects.count()


def _offer(world: World, people: list[Patient], *, now: datetime) -> None:
    planner, head = world.first(RoleCode.MARKETING), world.first(RoleCode.DIRECTOR)
    today = local_date(now)
    season = Draft(
        name="会员日满减",
        kind=PromotionKind.SEASON,
        words="单次满 3000 元减 300 元，领取后 30 天内有效，每人一张，可与积分同用，不与其他券同用。",
        value_kind=ValueKind.AMOUNT,
        value=Decimal(300),
        most=Decimal(300),
        min_spend=Decimal(3000),
        starts_on=today - timedelta(days=10),
        ends_on=today + timedelta(days=20),
        coupon_days=30,
        budget=Decimal(30000),
        per_person=1,
        stacking=Stacking.POINTS,
        is_transferable=True,
    )
    begun = now - timedelta(days=10)
    made = promotions.write(season, by=planner, now=begun)
    promotions.submit(made.public_id, by=planner, now=begun)
    try:
        promotions.approve(made.public_id, by=head, now=begun)
    except RuleBroken:
        return
    desk = world.first(RoleCode.RECEPTION)
    for patient in people[-COUPONS:]:
        try:
            coupons.issue(made.public_id, patient_id=patient.public_id, by=desk, now=now)
        except RuleBroken:
            continue
    fresh = Draft(
        name="新客首次面诊礼",
        kind=PromotionKind.NEW,
        words="首次到院的客户减 10%，最多减 500 元，领取后 60 天内有效。",
        value_kind=ValueKind.PERCENT,
        value=Decimal(10),
        most=Decimal(500),
        min_spend=Decimal(0),
        starts_on=today + timedelta(days=3),
        ends_on=today + timedelta(days=33),
        coupon_days=60,
        budget=Decimal(20000),
        per_person=1,
        stacking=Stacking.ALONE,
        is_transferable=False,
    )
    waiting = promotions.write(fresh, by=planner, now=now)
    promotions.submit(waiting.public_id, by=planner, now=now)
