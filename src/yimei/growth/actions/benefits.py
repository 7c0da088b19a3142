"""Stored benefits: granted, used once each, given back the same day, ended."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.growth.access import open_benefit
from yimei.growth.enums import BenefitKind
from yimei.growth.models import BenefitEntry, BenefitGrant, Member
from yimei.growth.queries import members as queries
from yimei.growth.rules.members import Benefit
from yimei.people.models import Staff


@transaction.atomic
def use(grant_id: UUID, *, key: UUID, by: Staff, now: datetime) -> BenefitEntry:
    """Use a stored benefit once; the same key returns the first use."""
    grant = open_benefit(grant_id, by=by)
    lock(f"growth.benefit:{grant.pk}")
    if (first := BenefitEntry.objects.filter(key=key).first()) is not None:
        if first.grant_id != grant.pk:
            raise RuleBroken(_("页面不完整，请刷新后再提交。"), code="key")
        return first
    today = local_date(now)
    if not grant.valid_from <= today <= grant.valid_to:
        text = _("「%(name)s」的有效期是 %(start)s 至 %(end)s，现在不能使用。")
        raise RuleBroken(text % {"name": grant.name, "start": grant.valid_from, "end": grant.valid_to})
    last = grant.entries.order_by("-seq").first()
    if last is None or last.balance < 1:
        raise Conflict(_("「%(name)s」已经用完。") % {"name": grant.name})
    used = _line(grant, BenefitKind.USED, -1, key=key, by=by, now=now)
    _record("growth.benefit.use", grant.member, grant.code, by=by, now=now)
    return used


@transaction.atomic
def undo(entry_id: UUID, *, by: Staff, now: datetime) -> BenefitEntry:
    """Take back a use that did not happen; only once, and only on the day of the use."""
    found = BenefitEntry.objects.select_related("grant").filter(public_id=entry_id).first()
    if found is None:
        raise NotFound
    grant = open_benefit(found.grant.public_id, by=by)
    lock(f"growth.benefit:{grant.pk}")
    known = BenefitEntry.objects.filter(undoes=found).first()
    if known is not None:
        return known
    if found.kind != BenefitKind.USED or local_date(found.at) != local_date(now):
        raise RuleBroken(_("只能撤销当天的使用；之前的请写明情况由主管补发。"), code="undo")
    back = _line(grant, BenefitKind.UNDONE, 1, undoes=found, by=by, now=now)
    _record("growth.benefit.undo", grant.member, grant.code, by=by, now=now)
    return back


def grant_once(
    member: Member,
    benefit: Benefit,
    *,
    start: date,
    end: date,
    by: Staff | None,
    now: datetime,
    ref: UUID | None = None,
) -> BenefitGrant:
    """Store so many times of a benefit; the member's row is the caller's. A gift names what it came from."""
    grant = BenefitGrant.objects.create(
        member=member,
        code=benefit.code,
        name=benefit.name,
        times=benefit.times,
        valid_from=start,
        valid_to=end,
        ref=ref,
        at=now,
        by=by,
    )
    _line(grant, BenefitKind.GRANTED, benefit.times, by=by, now=now)
    return grant


def take_back(member: Member, *, ref: UUID, now: datetime) -> int:
    """End what is left of a gift; what was used stays used. For an action that writes its own log."""
    grant = BenefitGrant.objects.filter(member=member, ref=ref).first()
    if grant is None:
        return 0
    lock(f"growth.benefit:{grant.pk}")
    last = grant.entries.order_by("-seq").first()
    left = last.balance if last else 0
    if left:
        _line(grant, BenefitKind.EXPIRED, -left, by=None, now=now)
    return left


def drop(member: Member, *, by: Staff | None, now: datetime) -> None:
    """End what a tier gave before the next tier gives its own."""
    for one in queries.stored(member, today=local_date(now)):
        if one.left and one.grant.ref is None:
            _line(one.grant, BenefitKind.EXPIRED, -one.left, by=by, now=now)


def _line(
    grant: BenefitGrant,
    kind: BenefitKind,
    change: int,
    *,
    by: Staff | None,
    now: datetime,
    key: UUID | None = None,
    undoes: BenefitEntry | None = None,
) -> BenefitEntry:
    last = BenefitEntry.objects.filter(grant=grant).order_by("-seq").first()
    return BenefitEntry.objects.create(
        grant=grant,
        seq=last.seq + 1 if last else 1,
        kind=kind,
        change=change,
        balance=(last.balance if last else 0) + change,
        undoes=undoes,
        key=key,
        at=now,
        by=by,
    )


def _record(action: str, member: Member, code: str, *, by: Staff, now: datetime) -> None:
    subject = member.patient.person.vault_key
    log.record(action, target=member, subject=subject, by=by, at=now, detail={"code": code})
