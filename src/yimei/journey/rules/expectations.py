"""What an agreement about expectations must say, and when it is looked at again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.journey.enums import AgreedHow, Reach

MONTHS = (1, 3, 6, 12)
MOST_GOALS = 6
LONGEST = 300
EARLY = 14
"""Days before the month is over from which a score counts for it."""


@dataclass(frozen=True)
class Goal:
    """One goal in the customer's own words, and what the physician says to it."""

    text: str
    reach: Reach
    range: str = ""

    @property
    def as_data(self) -> dict[str, str]:
        return {"text": self.text, "reach": self.reach.value, "range": self.range}


def check_goals(goals: Sequence[Goal], *, unreachable: str) -> list[Goal]:
    """Return the goals that were written, tidied; an agreement says what can and what cannot be."""
    written = [Goal(_tidy(goal.text), goal.reach, _tidy(goal.range)) for goal in goals if goal.text.strip()]
    if not written:
        raise RuleBroken(_("请用客户自己的话写下至少一个目标。"), code="goals")
    if len(written) > MOST_GOALS:
        raise RuleBroken(_("最多 %(most)d 个目标，请挑最重要的。") % {"most": MOST_GOALS}, code="goals")
    for goal in written:
        if max(len(goal.text), len(goal.range)) > LONGEST:
            raise RuleBroken(_("每个目标与说明不超过 %(most)d 个字。") % {"most": LONGEST}, code="goals")
        if goal.reach != Reach.CANNOT and not goal.range:
            text = _("「%(goal)s」能达到什么程度，请写明。")
            raise RuleBroken(text % {"goal": goal.text[:20]}, code="goals")
    if not unreachable.strip():
        raise RuleBroken(_("请写明不能达到的；没有限度的承诺不能约定。"), code="unreachable")
    return written


def check_agreed(how: AgreedHow, *, has_signature: bool, needs_guardian: bool) -> None:
    if needs_guardian and how != AgreedHow.SIGNED:
        raise RuleBroken(_("客户未满十八周岁或年龄未确认，须由监护人签名确认。"), code="how")
    if how == AgreedHow.SIGNED and not has_signature:
        raise RuleBroken(_("请客户签名，或改为口头确认。"), code="signature")


def check_scores(scores: Sequence[int], *, goals: int, overall: int) -> None:
    if len(scores) != goals:
        raise RuleBroken(_("每个目标都要打分。"), code="scores")
    if any(not 0 <= score <= 10 for score in (*scores, overall)):
        raise RuleBroken(_("分数在 0 到 10 之间。"), code="scores")


def check_month(month: int, *, since: date, today: date) -> None:
    """A month is scored when it is nearly over, not before."""
    if month not in MONTHS:
        raise RuleBroken(_("复评在第 1、3、6、12 个月。"), code="month")
    if (today - since).days < month * 30 - EARLY:
        raise RuleBroken(_("还不到第 %(month)d 个月，到时再评。") % {"month": month}, code="month")


def months_due(*, since: date, today: date) -> list[int]:
    """The months whose score may be taken by now."""
    return [month for month in MONTHS if (today - since).days >= month * 30 - EARLY]


def _tidy(text: str) -> str:
    return " ".join(text.replace("\0", "").split())
