"""How much time is left of a request, and which law counts it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yimei.people.models import Staff
from yimei.privacy.models import DeadlineRule, RightsRequest
from yimei.privacy.rules import requests as rules

AMBER, RED = timedelta(days=7), timedelta(days=3)
"""Warn a week before the end, call out three days before it: a choice of the house."""


@dataclass(frozen=True)
class Clock:
    """How much time is left, in a word and a colour."""

    text: str
    tone: str
    is_late: bool


def clock(request: RightsRequest, now: datetime) -> Clock | None:
    """The time left of a request that runs."""
    if request.status not in rules.OPEN:
        return None
    left = request.ends_at - now
    if left <= timedelta(0):
        return Clock(_("逾期 %(days)d 天") % {"days": max(1, -left.days)}, "danger", True)
    words = _("还有 %(days)d 天") % {"days": left.days} if left.days else _("今天到期")
    tone = "danger" if left <= RED else "warn" if left <= AMBER else ""
    return Clock(words, tone, False)


def late_count(by: Staff, now: datetime) -> int:
    """How many are red; one cheap query for the rail."""
    waiting = RightsRequest.objects.visible_to(by).open()
    return waiting.filter(due_at__lte=now + RED).exclude(extended_to__gt=now + RED).count()


def deadline_rules() -> QuerySet[DeadlineRule]:
    """Every law's clock, those that count first."""
    return DeadlineRule.objects.order_by("-is_active", "code", "-effective_from")
