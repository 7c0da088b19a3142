"""Which numbers of growth a hospital sets itself, and between which bounds; none of them is law."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken

BOUNDS: Mapping[str, tuple[int, int]] = {
    "lead.response_minutes": (1, 1440),
    "lead.protect_days": (1, 365),
    "lead.protect_activity": (0, 365),
    "lead.protect_most": (1, 730),
    "lead.idle_days": (0, 365),
    "lead.claims_per_day": (1, 500),
    "lead.holding_most": (1, 5000),
    "lead.reclaim_days": (0, 365),
    "lead.overdue_hours": (1, 720),
    "partner.unit_fees": (0, 1),
    "referral.burst": (2, 100),
    "referral.places": (1, 50),
    "marketing.cap": (0, 10),
    "marketing.cap_days": (7, 365),
    "rfm.recent_days": (7, 730),
    "rfm.lost_days": (30, 1460),
    "rfm.often": (2, 100),
    "rfm.much": (1, 1000),
    "feedback.urgent_minutes": (5, 240),
    "feedback.high_hours": (1, 72),
    "feedback.normal_hours": (1, 240),
    "feedback.low_days": (1, 30),
    "feedback.work_from": (6, 12),
    "feedback.work_until": (13, 23),
    "feedback.remind_minutes": (5, 1440),
    "feedback.survey_score": (0, 10),
    "feedback.effect_days": (14, 180),
}
ORDERED = (("lead.protect_days", "lead.protect_most"), ("rfm.recent_days", "rfm.lost_days"))
"""The first of each pair may not exceed the second."""
REASON_LENGTH = 80


def check(code: str, value: int, reason: str, *, current: Mapping[str, int], names: Mapping[str, str]) -> str:
    """Refuse what no hospital can mean, and return the reason without what does not belong there."""
    if code not in BOUNDS:
        raise RuleBroken(_("没有这个可以设置的数值。"), code="code")
    low, high = BOUNDS[code]
    if not low <= value <= high:
        raise RuleBroken(_("应为 %(low)d 到 %(high)d。") % {"low": low, "high": high}, code="value")
    wanted = {**current, code: value}
    for small, large in ORDERED:
        if code in {small, large} and wanted.get(small, 0) > wanted.get(large, value):
            words = {"small": names.get(small, small), "large": names.get(large, large)}
            raise RuleBroken(_("「%(small)s」不能大于「%(large)s」。") % words, code="value")
    words_ = reason.replace("\0", "").strip()
    if not words_ or len(words_) > REASON_LENGTH:
        raise RuleBroken(_("请写明修改的理由，不超过 %(n)d 字。") % {"n": REASON_LENGTH}, code="reason")
    return words_
