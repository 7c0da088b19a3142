"""The tier of a member: entered with its benefits, raised by spending, looked at again each year."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.growth.actions.benefits import drop, grant_once
from yimei.growth.enums import TierReason
from yimei.growth.models import Member, MemberPolicy, TierMove
from yimei.growth.queries import members as queries
from yimei.growth.rules import members as rules
from yimei.people.models import Staff


def review(member: Member, *, now: datetime) -> bool:
    """Raise a member at once when her spending reaches a tier; look again when the year is over.

    Runs inside the caller's transaction, which holds the member's row.
    """
    today = local_date(now)
    version = queries.version_on(today)
    policy = version.rules
    spent = queries.spent(member.patient, policy=policy, today=today)
    tier = policy.tier_of(spent)
    is_over = member.tier_until < today
    if not is_over and not policy.is_above(tier.code, member.tier):
        return False
    old = member.tier
    reason = TierReason.YEARLY if is_over else TierReason.SPENT
    member.tier, member.tier_since, member.tier_until = tier.code, today, rules.year_on(today)
    member.save(update_fields=["tier", "tier_since", "tier_until"])
    drop(member, by=None, now=now)
    enter(member, old, tier, reason, version, spent, by=None, now=now)
    return True


def review_due(*, now: datetime) -> int:
    """Look again at every member whose year is over, each in a transaction of its own."""
    due = Member.objects.standing().filter(tier_until__lt=local_date(now))
    return sum(_review_one(pk, now=now) for pk in list(due.values_list("pk", flat=True)))


@transaction.atomic
def _review_one(pk: int, *, now: datetime) -> bool:
    lock(f"growth.member:{pk}")
    member = Member.objects.with_people().get(pk=pk)
    is_changed = review(member, now=now)
    if is_changed:
        subject = member.patient.person.vault_key
        log.record(
            "growth.member.review", target=member, subject=subject, at=now, detail={"tier": member.tier}
        )
    return is_changed


def enter(
    member: Member,
    old: str,
    tier: rules.Tier,
    reason: TierReason,
    version: MemberPolicy,
    spent: Decimal,
    *,
    by: Staff | None,
    now: datetime,
) -> None:
    """Write the move and give what the tier gives; the member's row is the caller's."""
    TierMove.objects.create(
        member=member, old=old, new=tier.code, reason=reason, spent=spent, policy=version, at=now, by=by
    )
    for benefit in tier.benefits:
        grant_once(member, benefit, start=member.tier_since, end=member.tier_until, by=by, now=now)
