"""Screenings that a physician must decide about before there can be a plan."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.errors import RuleBroken
from yimei.journey.access import lock_case, open_referral
from yimei.journey.enums import ReferralOutcome
from yimei.journey.models import AnswerSet, Referral, ReferralDecision
from yimei.journey.queries import referrals as queries
from yimei.journey.rules import questionnaires as rules
from yimei.journey.rules.questionnaires.conditions import Value
from yimei.outbox.actions import notifications
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission

REASON_LENGTH = 2000


def raise_for(
    row: AnswerSet,
    definition: rules.Definition,
    values: Mapping[str, Value],
    scored: Sequence[rules.Scored],
    *,
    now: datetime,
) -> Referral | None:
    """Ask for a decision when the rule says so; one that still waits is enough. The case is locked."""
    rule = definition.referral
    scores = {one.score.code: one.value for one in scored}
    if rule is None or not rules.holds(rule.when, values, scores):
        return None
    if any(one.code == rule.code and one.outcome is None for one in queries.standings(row.case.patient)):
        return None
    referral = Referral.objects.create(case=row.case, answers=row, code=rule.code, raised_at=now)
    if row.case.surgeon is not None:
        notifications.notify(
            row.case.surgeon,
            gettext_noop("有客户的筛查需要您作出决定。"),
            key=f"journey.referral:{referral.public_id}",
            now=now,
            where=f"desk:case-questionnaires:{row.case.public_id}",
        )
    log.record("journey.referral.raised", target=referral, subject=row.case.subject, at=now)
    return referral


@transaction.atomic
def decide(
    referral_id: UUID, *, outcome: ReferralOutcome, reason: str, by: Staff, now: datetime
) -> ReferralDecision:
    """Write down by name what a physician decided; a later decision replaces an earlier one, both stay."""
    need(by, Permission.PLAN_WRITE)
    referral = open_referral(referral_id, by=by, now=now)
    lock_case(referral.case_id)
    words = " ".join(reason.replace("\0", "").split())
    if len(words) < 4:
        raise RuleBroken(_("请写明作出这个决定的依据（至少 4 个字）。"), code="reason")
    if len(words) > REASON_LENGTH:
        raise RuleBroken(_("依据不超过 %(most)d 个字。") % {"most": REASON_LENGTH}, code="reason")
    decision = ReferralDecision.objects.create(
        referral=referral, outcome=outcome, reason=words, by=by, at=now
    )
    log.record("journey.referral.decided", target=decision, subject=referral.case.subject, by=by, at=now)
    return decision
