"""A course of treatment: so many sessions, so many days apart, each at the same hour."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken

MOST_SESSIONS, LONGEST_GAP = 20, 180


def times(first_at: datetime, *, sessions: int, every_days: int) -> Sequence[datetime]:
    """Return when each session begins; the hospital's clock never jumps, so days are whole days."""
    if not 2 <= sessions <= MOST_SESSIONS:
        raise RuleBroken(_("疗程须为 2 到 %(most)d 次。") % {"most": MOST_SESSIONS})
    if not 1 <= every_days <= LONGEST_GAP:
        raise RuleBroken(_("两次之间须隔 1 到 %(most)d 天。") % {"most": LONGEST_GAP})
    return [first_at + timedelta(days=every_days * number) for number in range(sessions)]
