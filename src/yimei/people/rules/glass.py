"""How long an emergency look lasts, when it is judged, and when the right to it is lost."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken

LASTS = timedelta(hours=2)
REVIEW_WORKDAYS = 3
LOST_FOR = timedelta(days=90)
"""After a look that was judged unjustified. House rules: no law gives these numbers."""
MINOR_LASTS = timedelta(hours=24)
"""How long an approved look at a minor's chart lasts (未成年人网络保护条例 36 gives no number)."""
REASON_MIN, REASON_MAX = 10, 500


@dataclass(frozen=True)
class Past:
    """What counts of an earlier emergency look."""

    review_due_at: datetime
    reviewed_at: datetime | None
    is_justified: bool | None


def check_right(past: Iterable[Past], now: datetime) -> None:
    """Refuse whoever has a look that nobody judged in time, or one that was judged without ground."""
    for look in past:
        if look.reviewed_at is None and look.review_due_at < now:
            raise RuleBroken(
                _("您之前的紧急访问逾期未审阅，紧急访问权限已暂停；请联系个人信息保护负责人先完成审阅。"),
                code="glass_lost",
            )
        if look.is_justified is False and look.reviewed_at and now < look.reviewed_at + LOST_FOR:
            text = _(
                "您之前的紧急访问被判为理由不成立，紧急访问权限暂停至 %(day)s；确需查看请由主诊医师打开。"
            )
            raise RuleBroken(text % {"day": f"{look.reviewed_at + LOST_FOR:%Y-%m-%d}"}, code="glass_lost")


def clean_reason(text: str) -> str:
    words = " ".join(text.replace("\0", "").split())
    if not REASON_MIN <= len(words) <= REASON_MAX:
        raise RuleBroken(
            _("请写明理由，%(least)d 至 %(most)d 个字。") % {"least": REASON_MIN, "most": REASON_MAX},
            code="reason",
        )
    return words
