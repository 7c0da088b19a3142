"""What an improvement says, and when it may end: with evidence, and after counting what came of it."""

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.growth.enums.feedback import ImprovementStatus
from yimei.privacy.rules import pii

S = ImprovementStatus
MOVES: Mapping[ImprovementStatus, frozenset[ImprovementStatus]] = {
    S.OPEN: frozenset({S.DONE, S.DROPPED}),
    S.DONE: frozenset({S.OPEN, S.CLOSED}),
}
WHAT_LENGTH, EVIDENCE_LENGTH, NOTE_LENGTH = 200, 300, 200


def check_move(old: ImprovementStatus, new: ImprovementStatus) -> None:
    if new not in MOVES.get(old, frozenset()):
        text = _("改进措施现在是「%(old)s」，不能变为「%(new)s」。")
        raise RuleBroken(text % {"old": old.label, "new": new.label}, code="status")


def check_text(text: str, *, limit: int, code: str) -> str:
    """Words about the house, which many read: nobody may be recognised in them."""
    words = text.replace("\0", "").strip()
    if not words or len(words) > limit:
        raise RuleBroken(_("请填写，不超过 %(n)d 字。") % {"n": limit}, code=code)
    if found := sorted({pii.LABELS[one.kind] for one in pii.find(words)}):
        text = _("这里不写能认出个人的内容：%(what)s。请改成不含个人信息的说法。")
        raise RuleBroken(text % {"what": "、".join(found)}, code=code)
    return words


def check_due(due_on: date, *, today: date) -> date:
    if not today <= due_on <= date(today.year + 1, today.month, min(today.day, 28)):
        raise RuleBroken(_("完成期限应在今天之后、一年之内。"), code="due_on")
    return due_on
