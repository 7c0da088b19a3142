"""Referrals: the rules published, codes given out and ended, friends tied, looked into, told of or not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from secrets import randbits
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core import phone as phones
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.database.rows import lock_rows
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.access import open_member, open_referral, own_lead
from yimei.growth.actions import meeting
from yimei.growth.enums.referrals import ReferralFlag, ReferralStatus, ReferralStepKind, ThanksState
from yimei.growth.models import Lead, Member, Referral, ReferralCode, ReferralPolicy, ReferralStep
from yimei.growth.queries import gifting
from yimei.growth.queries import referrals as queries
from yimei.growth.rules import promotions
from yimei.growth.rules import referrals as rules
from yimei.people.access import need
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy.queries import needs
from yimei.vault import blind

S, K = ReferralStatus, ReferralStepKind
REASON_LENGTH = 200


@dataclass(frozen=True)
class Came:
    """A code that was used, with what speaks against it, before the enquiry is written down."""

    code: ReferralCode
    policy: ReferralPolicy
    flags: list[ReferralFlag]
    place: bytes | None
    depth: int

    @property
    def counts(self) -> bool:
        return rules.first_status(self.flags) != S.REFUSED


@transaction.atomic
def publish(content: Mapping[str, Any], *, effective_from: date, by: Staff, now: datetime) -> ReferralPolicy:
    """Publish a new version, counting from a day to come; codes used before keep theirs."""
    need(by, Permission.PROMOTION_APPROVE)
    policy = rules.read(content)
    today = local_date(now)
    for gift in policy.gifts.values():
        known = {"benefit": gifting.benefits_on(today), "coupon": gifting.offers_on(today)}.get(gift.kind)
        if known is not None and gift.value not in known:
            raise RuleBroken(_("请选择现行的会员权益或已批准的活动。"), code="value")
    if effective_from <= today:
        raise RuleBroken(_("新规则从明天或以后的一天起生效，不能改变今天已经说好的。"), code="effective_from")
    lock("growth.referral.policy")
    newest = ReferralPolicy.objects.order_by("-version").first()
    if newest is not None and effective_from < newest.effective_from:
        raise RuleBroken(_("生效日不能早于上一版的生效日。"), code="effective_from")
    version = ReferralPolicy.objects.create(
        version=newest.version + 1 if newest else 1,
        content=dict(content),
        source=_("本院规定"),
        effective_from=effective_from,
        published_at=now,
        published_by=by,
    )
    log.record("growth.referral.policy", target=version, by=by, at=now, detail={"version": version.version})
    return version


def issue(member_id: UUID, *, by: Staff, now: datetime) -> ReferralCode:
    """Give a member her code at the desk, to be printed; the one that stands is given again."""
    member = open_member(member_id, by=by)
    if by.pk in {member.patient.employee_id, member.patient.head.employee_id}:
        raise RuleBroken(_("本院员工不参加老带新。"), code="staff")
    meeting.meet_own(member.patient, now=now)
    return _issue(member, by=by, now=now)


def issue_own(member: Member, *, now: datetime) -> ReferralCode:
    """Give the member of the visit her own code."""
    meeting.meet_own(member.patient, now=now)
    return _issue(member, by=None, now=now)


@transaction.atomic
def revoke(member_id: UUID, *, by: Staff, now: datetime) -> None:
    """End a member's code at the desk; who came by it before stays counted."""
    _revoke(open_member(member_id, by=by), by=by, now=now)


@transaction.atomic
def revoke_own(member: Member, *, now: datetime) -> None:
    """End one's own code; a new one may be taken at any time."""
    _revoke(member, by=None, now=now)


def judge(text: str, *, phone: str, name: str, ip: str, by: Staff | None, now: datetime) -> Came | None:
    """Look at a code before the enquiry is written down; nothing when it does not stand.

    For a larger action that then writes the lead and ties it; holds the code against a second at once.
    """
    code = queries.code_behind(text, now=now)
    policy = queries.version_on(local_date(now)) if code else None
    if code is None or policy is None:
        return None
    lock(f"growth.referral.member:{code.member_id}", f"growth.referral.of:{code.member.patient.head_id}")
    place = blind.token(queries.PLACE, f"{ip}|{local_date(now)}") if ip else None
    found = queries.facts(code, phone=phones.normalise(phone), name=name, place=place, by=by, now=now)
    return Came(code, policy, rules.flags_of(found), place, found.depth)


def tie(came: Came, lead: Lead, *, by: Staff | None, now: datetime) -> Referral | None:
    """Keep by whom a lead came; the first code of a number counts, a second one is only noted."""
    root = lead.duplicate_of or lead
    first = Referral.objects.filter(lead=root).first()
    if first is not None:
        ReferralStep.objects.create(referral=first, kind=K.AGAIN, by=by, at=now)
        return None
    status = rules.first_status(came.flags)
    referral = Referral.objects.create(
        code=came.code,
        referrer=came.code.member.patient.head,
        lead=lead,
        policy=came.policy,
        depth=came.depth,
        status=status,
        flags=[one.value for one in came.flags],
        place=came.place if status != S.REFUSED else None,
        tied_at=now,
        tied_by=by,
    )
    ReferralStep.objects.create(referral=referral, kind=K.TIED, by=by, at=now)
    if status == S.REFUSED:
        ReferralStep.objects.create(referral=referral, kind=K.REFUSED, by=None, at=now)
    _record("growth.referral.tie", referral, by=by, now=now, status=status.value)
    return referral


@transaction.atomic
def attach(lead_id: UUID, *, text: str, by: Staff, now: datetime) -> Referral:
    """Tie a lead to the code that its person names on the telephone, before she is a customer."""
    lead = own_lead(lead_id, by=by)
    if lead.duplicate_of is not None or lead.patient is not None:
        raise RuleBroken(_("只能在线索成为客户之前登记推荐码。"), code="code")
    code = queries.code_behind(text, now=now)
    if code is None:
        raise RuleBroken(_("这个推荐码无效、已过期或已停用；不影响接待。"), code="code")
    if Referral.objects.filter(lead=lead).exists():
        raise RuleBroken(_("这条线索已经登记过推荐码，以第一次为准。"), code="code")
    policy = queries.need_version(local_date(now))
    lock(f"growth.referral.member:{code.member_id}", f"growth.referral.of:{code.member.patient.head_id}")
    found = queries.facts(code, phone=lead.phone, name=lead.name, place=None, by=by, now=now, own=lead)
    came = Came(code, policy, rules.flags_of(found), None, found.depth)
    referral = tie(came, lead, by=by, now=now)
    if referral is None:
        raise NotFound
    return referral


@transaction.atomic
def decide(referral_id: UUID, *, is_genuine: bool, reason: str, by: Staff, now: datetime) -> Referral:
    """Answer a suspicion after asking: it goes on, or it does not count; the reason is kept for both."""
    referral = open_referral(referral_id, by=by, lock=True)
    words = reason.replace("\0", "").strip()
    if len(words) < 4 or len(words) > REASON_LENGTH:
        raise RuleBroken(
            _("请写明核查了什么、结论是什么（4 到 %(n)d 字）。") % {"n": REASON_LENGTH}, code="reason"
        )
    if by.pk in {referral.tied_by_id, referral.code.issued_by_id}:
        raise RuleBroken(_("这条推荐由您经手，请由另一位同事核查。"), code="reason")
    new = S.OPEN if is_genuine else S.REFUSED
    if S(referral.status) != S.REVIEW:
        raise RuleBroken(_("这条推荐不在待核查中，可能同事刚刚处理过。"), code="reason")
    referral.status, referral.reason = new, words
    referral.decided_at, referral.decided_by, referral.place = now, by, None
    referral.save(update_fields=["status", "reason", "decided_at", "decided_by", "place"])
    kind = K.CLEARED if is_genuine else K.REFUSED
    ReferralStep.objects.create(referral=referral, kind=kind, by=by, at=now)
    _record("growth.referral.decide", referral, by=by, now=now, genuine=is_genuine)
    return referral


@transaction.atomic
def let_tell(patient: Patient, *, may_tell: bool, now: datetime) -> Referral:
    """The friend herself lets her referrer read her masked name, or no more; it counts at once."""
    referral = queries.brought(patient)
    if referral is None:
        raise NotFound
    if referral.may_tell == may_tell:
        return referral
    referral.may_tell = may_tell
    referral.save(update_fields=["may_tell"])
    ReferralStep.objects.create(referral=referral, kind=K.TELL if may_tell else K.HIDE, at=now)
    _record("growth.referral.tell", referral, by=None, now=now, may=may_tell)
    return referral


@transaction.atomic
def break_off(patient: Patient, *, now: datetime) -> None:
    """The friend ends her tie: nobody is thanked for her any more; what was given stays given."""
    referral = queries.brought(patient)
    if referral is None:
        raise NotFound
    end(referral, now=now)
    _record("growth.referral.end", referral, by=None, now=now)


def end(referral: Referral, *, now: datetime) -> None:
    """Close a tie and forget what it said of her; what is still owed lapses with it."""
    referral.thanks.filter(state=ThanksState.OWED).update(state=ThanksState.LAPSED, ended_at=now)
    referral.status, referral.ended_at = S.ENDED, now
    referral.flags, referral.place, referral.may_tell = [], None, False
    referral.save(update_fields=["status", "ended_at", "flags", "place", "may_tell"])
    ReferralStep.objects.create(referral=referral, kind=K.ENDED, at=now)


def forget_lead(lead: Lead, *, now: datetime) -> None:
    """End the tie of an enquiry that is erased; a part of that."""
    referral = Referral.objects.filter(lead=lead).exclude(status=S.ENDED).first()
    if referral is not None and not lead.vault_key.is_destroyed:
        end(referral, now=now)


def erase_referrals(patient: Patient, now: datetime) -> int:
    """Take a person out on both sides: her codes are void, her ties end, nobody is thanked through her."""
    codes = ReferralCode.objects.filter(member__patient=patient)
    done = 0
    for code in codes:
        code.revoked_at, code.token, code.code = code.revoked_at or now, None, ""
        code.save(update_fields=["revoked_at", "token", "code"])
        done += 1
    for referral in Referral.objects.filter(friend=patient).exclude(status=S.ENDED):
        end(referral, now=now)
        done += 1
    for referral in Referral.objects.filter(referrer=patient).exclude(status=S.ENDED):
        referral.flags, referral.place, referral.may_tell = [], None, False
        referral.save(update_fields=["flags", "place", "may_tell"])
        done += 1
    return done


@transaction.atomic
def _issue(member: Member, *, by: Staff | None, now: datetime) -> ReferralCode:
    needs.need("growth.ReferralCode")
    today = local_date(now)
    lock(f"growth.referral.member:{member.pk}", f"growth.referral.of:{member.patient.head_id}")
    why = queries.obstacle(member, today=today)
    if why:
        raise RuleBroken(why, code="code")
    known = queries.open_code(member, today=today)
    if known is not None:
        return known
    ReferralCode.objects.filter(member=member, revoked_at=None).update(revoked_at=now)
    policy = queries.need_version(today).rules
    text = promotions.code_of(randbits(60))
    code = ReferralCode.objects.create(
        member=member,
        code=text,
        token=queries.token_of(text),
        issued_at=now,
        issued_by=by,
        expires_on=today + timedelta(days=policy.code_days),
    )
    subject = member.patient.person.vault_key
    log.record("growth.referral.code", target=code, subject=subject, by=by, at=now)
    return code


def _revoke(member: Member, *, by: Staff | None, now: datetime) -> None:
    rows = ReferralCode.objects.filter(member=member, revoked_at=None)
    lock_rows(rows)
    code = rows.first()
    if code is None:
        raise RuleBroken(_("现在没有在用的推荐码。"), code="code")
    code.revoked_at, code.revoked_by = now, by
    code.save(update_fields=["revoked_at", "revoked_by"])
    subject = member.patient.person.vault_key
    log.record("growth.referral.revoke", target=code, subject=subject, by=by, at=now)


def _record(action: str, referral: Referral, *, by: Staff | None, now: datetime, **detail: Any) -> None:
    log.record(action, target=referral, subject=referral.lead.vault_key, by=by, at=now, detail=detail)
