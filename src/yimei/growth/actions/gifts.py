"""What flows may give: points, stored benefits, coupons; once for each run and step."""

from datetime import date, datetime
from uuid import NAMESPACE_URL, uuid5

from django.utils.translation import gettext_lazy as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.growth import registry
from yimei.growth.actions import benefits, coupons, points
from yimei.growth.enums import PromotionKind
from yimei.growth.models import BenefitGrant, PointEntry, Promotion
from yimei.growth.queries import members as queries
from yimei.growth.rules.members import Benefit, months_on
from yimei.people.models import Patient

MOST = 1_000
"""Points that one step may give; more is a promotion, with its budget and approval."""


@registry.grant("points", _("赠送积分"))
def give_points(patient: Patient, value: str, key: str, now: datetime) -> bool:
    """Give a member points that last as long as earned ones; nothing to those who are none."""
    member = queries.member_of(patient)
    amount = int(value) if value.isdecimal() and len(value) <= len(str(MOST)) else 0
    if member is None or not 1 <= amount <= MOST:
        return False
    today, ref = local_date(now), uuid5(NAMESPACE_URL, key)
    if PointEntry.objects.filter(member=member, ref=ref).exists():
        return False
    end = months_on(today, queries.policy_on(today).valid_months)
    points.gift(member, amount, ref=ref, expires_on=end, by=None, now=now)
    log.record("growth.points.gift", at=now, target=member, subject=patient.person.vault_key)
    return True


def benefits_on(_campus: int | None, today: date) -> list[tuple[str, str]]:
    """The benefits that any tier of the rules in force gives."""
    found = {one.code: one.name for tier in queries.policy_on(today).tiers for one in tier.benefits}
    return list(found.items())


@registry.grant("benefit", _("会员权益"), choices=benefits_on)
def give_benefit(patient: Patient, value: str, key: str, now: datetime) -> bool:
    """Store one use of a benefit for a member, for as long as points last."""
    member = queries.member_of(patient)
    today, ref = local_date(now), uuid5(NAMESPACE_URL, key)
    name = dict(benefits_on(None, today)).get(value)
    if member is None or name is None or BenefitGrant.objects.filter(member=member, ref=ref).exists():
        return False
    end = months_on(today, queries.policy_on(today).valid_months)
    one = Benefit(code=value, name=name, times=1)
    benefits.grant_once(member, one, start=today, end=end, by=None, now=now, ref=ref)
    log.record("growth.benefit.gift", at=now, target=member, subject=patient.person.vault_key)
    return True


def offers_on(campus: int | None, today: date) -> list[tuple[str, str]]:
    """Approved offers that run today, but for birthdays, whose coupons come by themselves."""
    rows = Promotion.objects.running(today).exclude(kind=PromotionKind.BIRTHDAY)
    if campus is not None:
        rows = rows.filter(campus=campus)
    return [(str(public_id), name) for public_id, name in rows.values_list("public_id", "name")]


def offer_said(value: str) -> str:
    return str(Promotion.objects.filter(public_id=value).values_list("name", flat=True).first() or value)


@registry.grant("coupon", _("优惠券"), choices=offers_on, is_marketing=True, said=offer_said)
def give_coupon(patient: Patient, value: str, key: str, now: datetime) -> bool:
    """Issue one coupon by the rules of every desk: limits, age, new customers, budget.

    The step that asks and the coupon stand in one transaction, so that it is issued once.
    """
    promotion = Promotion.objects.running(local_date(now)).filter(public_id=value).first()
    if promotion is None or promotion.campus_id != patient.campus_id:
        return False
    try:
        coupons.issue_by_flow(promotion, patient, now=now)
    except RuleBroken:
        return False
    return True
