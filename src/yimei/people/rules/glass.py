"""How long an emergency look lasts, when it is judged, and when the right to it is lost."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken

REASON_MIN, REASON_MAX = 10, 500


class Number(StrEnum):
    """The numbers that the rules of law in force set; no law gives them, so each is a house default."""

    HOURS = "glass.hours"
    REVIEW_WORKDAYS = "glass.review_workdays"
    LOST_DAYS = "glass.lost_days"
    MINOR_HOURS = "minor.look_hours"


SHIPPED: Mapping[str, int] = {
    Number.HOURS: 2,
    Number.REVIEW_WORKDAYS: 3,
    Number.LOST_DAYS: 90,
    Number.MINOR_HOURS: 24,
}
"""What holds where nobody above says otherwise."""


@dataclass(frozen=True)
class Past:
    """What counts of an earlier emergency look."""

    review_due_at: datetime
    reviewed_at: datetime | None
    lost_until: datetime | None


def check_right(past: Iterable[Past], now: datetime) -> None:
    """Refuse whoever has a look that nobody judged in time, or one that was judged without ground."""
    for look in past:
        if look.reviewed_at is None and look.review_due_at < now:
            raise RuleBroken(
                _("您之前的紧急访问逾期未审阅，紧急访问权限已暂停；请联系个人信息保护负责人先完成审阅。"),
                code="glass_lost",
            )
        if look.lost_until is not None and now < look.lost_until:
            text = _(
                "您之前的紧急访问被判为理由不成立，紧急访问权限暂停至 %(day)s；确需查看请由主诊医师打开。"
            )
            raise RuleBroken(text % {"day": f"{local_date(look.lost_until):%Y-%m-%d}"}, code="glass_lost")


def clean_reason(text: str) -> str:
    words = " ".join(text.replace("\0", "").split())
    if not REASON_MIN <= len(words) <= REASON_MAX:
        raise RuleBroken(
            _("请写明理由，%(least)d 至 %(most)d 个字。") % {"least": REASON_MIN, "most": REASON_MAX},
            code="reason",
        )
    return words
