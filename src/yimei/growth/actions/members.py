"""Members join and leave; the versions of their rules."""

from collections.abc import Mapping
from datetime import date, datetime
from secrets import randbelow
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import age_on, local_date
from yimei.core.database.locks import lock
from yimei.core.errors import Conflict, RuleBroken
from yimei.growth.access import open_member
from yimei.growth.actions import benefits, points, tiers
from yimei.growth.enums import TierReason
from yimei.growth.models import Member, MemberPolicy, TierMove
from yimei.growth.queries import members as queries
from yimei.growth.rules import members as rules
from yimei.people.access import need, open_patient
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy.queries import needs

ADULT = 18
TRIES = 20


@transaction.atomic
def join(patient_id: UUID, *, by: Staff, now: datetime) -> Member:
    """Make a customer a member under the rules of the day; who left may come back with nothing."""
    need(by, Permission.MEMBER_WRITE)
    needs.need("growth.Member")
    patient = open_patient(patient_id, by=by, lock=True)
    birth, today = patient.person.birth_date, local_date(now)
    if birth is None:
        raise RuleBroken(_("请先登记出生日期：会员须满 18 周岁，年龄未知的按未成年人对待。"), code="birth")
    if age_on(birth, today) < ADULT:
        raise RuleBroken(_("未满 18 周岁不能入会，也不参加任何促销活动。"), code="minor")
    version = queries.version_on(today)
    spent = queries.spent(patient, policy=version.rules, today=today)
    tier = version.rules.tier_of(spent)
    known = queries.member_of(patient) or Member.objects.filter(patient=patient).first()
    if known is not None and known.left_at is None:
        return known
    values = {
        "tier": tier.code,
        "tier_since": today,
        "tier_until": rules.year_on(today),
        "joined_at": now,
        "joined_by": by,
        "left_at": None,
    }
    if known is None:
        known = Member.objects.create(patient=patient, number=_number(), **values)
    else:
        for name, value in values.items():
            setattr(known, name, value)
        known.save(update_fields=list(values))
    tiers.enter(known, "", tier, TierReason.JOINED, version, spent, by=by, now=now)
    _record("growth.member.join", known, by=by, now=now, detail={"tier": tier.code})
    return known


@transaction.atomic
def leave(member_id: UUID, *, by: Staff, now: datetime) -> Member:
    """End the membership at the customer's wish: points and benefits end with it, money does not."""
    member = open_member(member_id, by=by, lock=True)
    version = queries.version_on(local_date(now))
    benefits.drop(member, by=by, now=now)
    TierMove.objects.create(
        member=member, old=member.tier, new="", reason=TierReason.LEFT, spent=0, policy=version, at=now, by=by
    )
    points.end(member, by=by, now=now)
    member.left_at = now
    member.save(update_fields=["left_at"])
    _record("growth.member.leave", member, by=by, now=now)
    return member


@transaction.atomic
def publish(content: Mapping[str, Any], *, effective_from: date, by: Staff, now: datetime) -> MemberPolicy:
    """Publish a new version, counting from a day to come; nobody loses her tier before its year ends."""
    need(by, Permission.PROMOTION_WRITE)
    rules.read(content)
    if effective_from <= local_date(now):
        raise RuleBroken(_("新规则从明天或以后的一天起生效，不能改变今天已经说好的。"), code="effective_from")
    lock("growth.member.policy")
    newest = MemberPolicy.objects.order_by("-version").first()
    if newest is not None and effective_from < newest.effective_from:
        raise RuleBroken(_("生效日不能早于上一版的生效日。"), code="effective_from")
    version = MemberPolicy.objects.create(
        version=newest.version + 1 if newest else 1,
        content=dict(content),
        source=_("本院规定"),
        effective_from=effective_from,
        published_at=now,
        published_by=by,
    )
    log.record("growth.member.policy", target=version, by=by, at=now, detail={"version": version.version})
    return version


def erase_member(patient: Patient, now: datetime) -> int:
    """Take a person out of the members: who she was goes with her key, the bare figures stay."""
    member = Member.objects.filter(patient=patient).first()
    if member is None:
        return 0
    is_new = member.left_at is None
    if is_new:
        points.end(member, by=None, now=now)
        benefits.drop(member, by=None, now=now)
    member.left_at = member.left_at or now
    member.number, member.tier = f"X{member.pk}"[:12], ""
    member.save(update_fields=["left_at", "number", "tier"])
    return int(is_new)


def _number() -> str:
    """A number that says nothing about how many members there are."""
    for _try in range(TRIES):
        number = f"HY{randbelow(10**8):08d}"
        if not Member.objects.filter(number=number).exists():
            return number
    raise Conflict(_("会员号暂时分配不出，请重试。"))


def _record(
    action: str, member: Member, *, by: Staff | None, now: datetime, detail: dict[str, Any] | None = None
) -> None:
    subject = member.patient.person.vault_key
    log.record(action, target=member, subject=subject, by=by, at=now, detail=detail or {})
