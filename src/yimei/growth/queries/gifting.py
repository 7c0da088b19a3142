"""What may be given beside points: the benefits and offers of a day, and how each is said."""

from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.growth.enums import PromotionKind
from yimei.growth.enums.referrals import ThanksKind
from yimei.growth.models import Promotion
from yimei.growth.queries.members import policy_on


def benefits_on(today: date) -> dict[str, str]:
    try:
        tiers = policy_on(today).tiers
    except RuleBroken:
        return {}
    return {one.code: one.name for tier in tiers for one in tier.benefits}


def offers_on(today: date) -> dict[str, str]:
    """Approved offers that run on a day, but for birthdays, whose coupons come by themselves."""
    rows = Promotion.objects.running(today).exclude(kind=PromotionKind.BIRTHDAY)
    return {str(public_id): name for public_id, name in rows.values_list("public_id", "name")}


def words_of(kind: str, value: str, today: date) -> str:
    """A gift in words: what the page promises is what the ledger gives."""
    if kind == ThanksKind.POINTS:
        return _("%(n)s 积分") % {"n": value}
    if kind == ThanksKind.COUPON:
        name = (
            Promotion.objects.filter(public_id=_uuid(value) or UUID(int=0))
            .values_list("name", flat=True)
            .first()
        )
        return _("优惠券「%(name)s」") % {"name": name or value}
    name = benefits_on(today).get(value)
    return _("权益「%(name)s」一次") % {"name": name or value}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
