"""What may become of a lead, when its clock stops, what its next action must be."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.growth.enums import LeadLoss, LeadStatus, Outcome, TouchKind

S = LeadStatus
MOVES: Mapping[LeadStatus, frozenset[LeadStatus]] = {
    S.OPEN: frozenset({S.BOOKED, S.LOST}),
    S.LOST: frozenset({S.OPEN}),
    S.BOOKED: frozenset({S.OPEN}),
}
NOT_VALID = frozenset({LeadLoss.INVALID, LeadLoss.UNRELATED})
"""A lead lost so was none: 有效线索 are the others."""
ANSWERS = frozenset({TouchKind.CALL_OUT, TouchKind.WECHAT})
FROM_PERSON = frozenset({TouchKind.FORM, TouchKind.CALL_IN, TouchKind.VISIT})
NO_NEXT = frozenset({Outcome.REFUSED, Outcome.WRONG_NUMBER})
"""After these nobody calls again: the lead is lost, for that reason."""
LOSS_BY: Mapping[Outcome, LeadLoss] = {
    Outcome.REFUSED: LeadLoss.REFUSED,
    Outcome.WRONG_NUMBER: LeadLoss.INVALID,
}
NOTE_LENGTH = 500
FARTHEST = timedelta(days=180)


def check_move(old: LeadStatus, new: LeadStatus) -> None:
    if new not in MOVES.get(old, frozenset()):
        text = _("线索不能从「%(old)s」变为「%(new)s」。")
        raise RuleBroken(text % {"old": old.label, "new": new.label})


def is_response(kind: TouchKind, *, has_author: bool) -> bool:
    """Whether this is a human answer: somebody called back, took the call, or received the visitor."""
    return kind in ANSWERS or (kind in {TouchKind.CALL_IN, TouchKind.VISIT} and has_author)


def check_next(outcome: Outcome, next_due_at: datetime | None, *, now: datetime) -> None:
    """An open lead always has one next action, in the future and not beyond sight."""
    if outcome in NO_NEXT:
        return
    if next_due_at is None:
        raise RuleBroken(_("请写下一次联系的时间：跟进中的线索不能没有下一步。"), code="next_due_at")
    if next_due_at <= now:
        raise RuleBroken(_("下一次联系的时间已经过去，请选之后的时间。"), code="next_due_at")
    if next_due_at > now + FARTHEST:
        raise RuleBroken(_("下一次联系不能晚于半年之后。"), code="next_due_at")


def check_words(text: str, *, limit: int = NOTE_LENGTH) -> str:
    words = text.replace("\0", "").strip()
    if len(words) > limit:
        raise RuleBroken(_("内容不能超过 %(limit)d 字。") % {"limit": limit}, code="note")
    return words


def response_minutes(created: datetime, answered: datetime | None, *, now: datetime) -> int:
    """Whole minutes to the first human answer; of one still waiting, until now."""
    return max(int(((answered or now) - created).total_seconds() // 60), 0)
