"""Which law counts the time of a request, and when its answer is due."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.queries import calendar_table
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.enums import RequestKind, Unit
from yimei.privacy.models import DeadlineRule, RightsRequest
from yimei.privacy.rules import requests as rules


@transaction.atomic
def set_profile(rule_id: int, *, is_active: bool, by: Staff, now: datetime) -> DeadlineRule:
    """Let the clocks of one law count from now on, or no longer; clocks that run keep their rule (T-1)."""
    need(by, Permission.PRIVACY_WRITE)
    rule = DeadlineRule.objects.filter(pk=rule_id).first()
    if rule is None:
        raise NotFound
    others = DeadlineRule.objects.filter(is_active=True, effective_to=None).exclude(pk=rule.pk)
    if not is_active and not any(not other.kinds for other in others):
        raise RuleBroken(_("至少保留一项适用于全部请求的期限。"), code="profile")
    rule.is_active = is_active
    rule.save(update_fields=["is_active"])
    log.record("privacy.deadline.profile", at=now, by=by, detail={"code": rule.code, "is_active": is_active})
    return rule


@transaction.atomic
def settle_provisional(*, now: datetime) -> int:
    """Compute anew the clocks that had to guess a year, once its calendar is there (T-2); no other moves."""
    done = 0
    for request in RightsRequest.objects.open().filter(is_provisional=True).select_related("rule"):
        clock = clock_of(request.rule, request.received_at)
        if clock.is_provisional:
            continue
        request.due_at, request.hard_stop_at = clock.due_at, clock.hard_stop_at
        request.is_provisional = False
        request.save(update_fields=["due_at", "hard_stop_at", "is_provisional"])
        done += 1
    if done:
        log.record("privacy.request.settled", at=now, rows=done)
    return done


def deadline(kind: RequestKind, on: date) -> DeadlineRule:
    """Return the shortest rule that holds for this kind on a day."""
    rows = DeadlineRule.objects.filter(
        Q(effective_to=None) | Q(effective_to__gte=on), is_active=True, effective_from__lte=on
    )
    fitting = [rule for rule in rows if not rule.kinds or kind in rule.kinds]
    if not fitting:
        raise RuleBroken(_("还没有登记答复期限，请先载入基础资料。"), code="deadline-missing")
    return min(fitting, key=lambda rule: rule.value * (30 if rule.unit == Unit.MONTHS else 1))


def clock_of(rule: DeadlineRule, since: datetime) -> rules.Clock:
    year = local_date(since).year
    table = calendar_table([year, year + 1]) if rule.unit == Unit.WORKDAYS else {}
    return rules.due(since, rules.Deadline(rule.value, rule.hard_stop, Unit(rule.unit)), table)
