"""Thanks of a referral: earned by a paid visit and days to think, given once, taken back with the money."""

from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.billing.models import Payment
from yimei.core.clock import age_on, local_date
from yimei.core.database.locks import lock
from yimei.core.errors import RuleBroken
from yimei.growth.actions import benefits, coupons, meeting, points, referrals
from yimei.growth.enums.referrals import ReferralStatus, ReferralStepKind, ThanksKind, ThanksSide, ThanksState
from yimei.growth.models import Promotion, Referral, ReferralStep, Thanks
from yimei.growth.queries import gifting
from yimei.growth.queries import members as member_queries
from yimei.growth.queries import referrals as queries
from yimei.growth.rules import referrals as rules
from yimei.growth.rules.members import Benefit, months_on

S, K, T = ReferralStatus, ReferralStepKind, ThanksState
BATCH = 300
ADULT = 18


def follow(*, now: datetime) -> int:
    """Let every referral go on as money and membership do; return how many were changed."""
    done = sum(meeting.meet(pk, now=now) for pk in _newcomers())
    done += sum(_qualify(pk, now=now) for pk in _waiting())
    done += sum(_undo(pk, now=now) for pk in _refunded())
    return done + sum(_give(pk, now=now) for pk in _owed())


def close_over(*, now: datetime) -> int:
    """End each night what waits for a payment that can no longer come in time; returns how many."""
    rows = Referral.objects.filter(status__in=[S.OPEN, S.REVIEW]).order_by("pk")
    return sum(_close(pk, now=now) for pk in list(rows.values_list("pk", flat=True)))


def _newcomers() -> list[int]:
    """Referrals whose lead has become a customer."""
    rows = Referral.objects.filter(friend=None, status__in=[S.OPEN, S.REVIEW], lead__patient__isnull=False)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])


def _waiting() -> list[int]:
    """Open ones of somebody who has paid at all."""
    paid = Payment.objects.filter(_of("friend"), amount__gt=0)
    rows = Referral.objects.filter(status=S.OPEN, friend__isnull=False).filter(Exists(paid))
    return list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])


def _refunded() -> list[int]:
    """Thanked ones whose friend got money back."""
    back = Payment.objects.filter(_of("friend"), amount__lt=0)
    rows = Referral.objects.filter(status=S.THANKED).filter(Exists(back))
    return list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])


def _owed() -> list[int]:
    return list(Thanks.objects.filter(state=T.OWED).order_by("pk").values_list("pk", flat=True)[:BATCH])


def _of(field: str) -> Q:
    return Q(order__patient=OuterRef(field)) | Q(order__patient__merged_into=OuterRef(field))


@transaction.atomic
def _qualify(pk: int, *, now: datetime) -> int:
    """Earn the thanks of both sides once; the rows are made before anything is given."""
    referral = _locked(pk)
    if S(referral.status) != S.OPEN or referral.friend is None or referral.friend.is_restricted:
        return 0
    today, policy = local_date(now), referral.policy.rules
    birth = referral.friend.head.person.birth_date
    if birth is None:
        return 0
    if age_on(birth, today) < ADULT:
        referrals.end(referral, now=now)
        _record("growth.referral.end", referral, now=now)
        return 1
    money = queries.money_of(referral.friend)
    if not rules.is_due(money, policy, tied_at=referral.tied_at, now=now):
        return 0
    sides = {ThanksSide.FRIEND: referral.friend}
    if _may_thank_referrer(referral, policy, now=now):
        sides[ThanksSide.REFERRER] = referral.referrer
    for side, gift in policy.gifts.items():
        if side in sides:
            Thanks.objects.create(
                referral=referral,
                patient=sides[side],
                side=side,
                kind=gift.kind,
                value=gift.value,
                state=T.OWED,
                due_at=now,
                until=today + timedelta(days=policy.owed_days),
            )
    rules.check_move(S(referral.status), S.THANKED)
    referral.status, referral.place = S.THANKED, None
    referral.save(update_fields=["status", "place"])
    ReferralStep.objects.create(referral=referral, kind=K.THANKED, at=now)
    _record("growth.referral.thank", referral, now=now)
    return 1


@transaction.atomic
def _close(pk: int, *, now: datetime) -> int:
    referral = _locked(pk)
    if S(referral.status) not in {S.OPEN, S.REVIEW} or referral.lead.vault_key.is_destroyed:
        return 0
    money = queries.money_of(referral.friend) if referral.friend else rules.NOTHING_PAID
    if not rules.is_over(money, referral.policy.rules, tied_at=referral.tied_at, now=now):
        return 0
    ReferralStep.objects.create(referral=referral, kind=K.OVER, at=now)
    referrals.end(referral, now=now)
    _record("growth.referral.over", referral, now=now)
    return 1


@transaction.atomic
def _undo(pk: int, *, now: datetime) -> int:
    """Take both sides' thanks back when refunds took away what they were for."""
    referral = _locked(pk)
    if S(referral.status) != S.THANKED or referral.friend is None:
        return 0
    money = queries.money_of(referral.friend)
    if not rules.is_undone(money, referral.policy.rules.min_paid):
        return 0
    referral.thanks.filter(state=T.OWED).update(state=T.LAPSED, ended_at=now)
    for one in referral.thanks.filter(state=T.GIVEN).select_related("patient").order_by("pk"):
        _take(one, now=now)
        one.state, one.ended_at = T.TAKEN, now
        one.save(update_fields=["state", "ended_at"])
    referral.status = S.REVERSED
    referral.save(update_fields=["status"])
    ReferralStep.objects.create(referral=referral, kind=K.REVERSED, at=now)
    _record("growth.referral.reverse", referral, now=now)
    return 1


@transaction.atomic
def _give(pk: int, *, now: datetime) -> int:
    """Give what is owed through its ledger, or let it lapse when its last day is over."""
    lock(f"growth.thanks:{pk}")
    one = Thanks.objects.select_related("patient", "referral__lead__vault_key").get(pk=pk)
    if one.state != T.OWED:
        return 0
    ref = None if one.patient.is_restricted else _paid(one, now=now)
    if ref is not None:
        one.state, one.ref, one.given_at = T.GIVEN, ref, now
        one.save(update_fields=["state", "ref", "given_at"])
        _record("growth.referral.give", one.referral, now=now, side=one.side)
        return 1
    if local_date(now) <= one.until and not one.patient.is_sealed:
        return 0
    one.state, one.ended_at = T.LAPSED, now
    one.save(update_fields=["state", "ended_at"])
    ReferralStep.objects.create(referral=one.referral, kind=K.LAPSED, at=now)
    _record("growth.referral.lapse", one.referral, now=now, side=one.side)
    return 1


def _paid(one: Thanks, *, now: datetime) -> UUID | None:
    """Write the gift into the ledger of its kind; nothing when it cannot be given yet."""
    today, ref = local_date(now), one.public_id
    if one.kind == ThanksKind.COUPON:
        promotion = Promotion.objects.running(today).filter(public_id=one.value).first()
        if promotion is None:
            return None
        try:
            with transaction.atomic():
                return coupons.issue_by_flow(promotion, one.patient, now=now).public_id
        except RuleBroken:
            return None
    member = member_queries.member_of(one.patient)
    if member is None:
        return None
    end = months_on(today, member_queries.policy_on(today).valid_months)
    if one.kind == ThanksKind.POINTS:
        entry = points.gift(member, int(one.value), ref=ref, expires_on=end, by=None, now=now)
        return ref if entry is not None else None
    name = gifting.benefits_on(today).get(one.value)
    if name is None:
        return None
    benefits.grant_once(
        member, Benefit(code=one.value, name=name, times=1), start=today, end=end, by=None, now=now, ref=ref
    )
    return ref


def _take(one: Thanks, *, now: datetime) -> None:
    if one.kind == ThanksKind.COUPON:
        assert one.ref is not None
        coupons.take_back(one.ref, why=_("退款收回"), now=now)
        return
    member = member_queries.member_of(one.patient)
    if member is None or one.ref is None:
        return
    if one.kind == ThanksKind.POINTS:
        points.take_gift_back(member, ref=one.ref, back=uuid5(NAMESPACE_URL, f"back:{one.ref}"), now=now)
    else:
        benefits.take_back(member, ref=one.ref, now=now)


def _may_thank_referrer(referral: Referral, policy: rules.Policy, *, now: datetime) -> bool:
    """Direct, adult, still a member, not sealed, and within what one person may get in a year."""
    member, referrer, today = referral.code.member, referral.referrer, local_date(now)
    birth = referrer.person.birth_date
    if member.left_at is not None or referrer.is_restricted or birth is None or age_on(birth, today) < ADULT:
        return False
    lock(f"growth.referral.year:{referrer.pk}")
    return queries.thanked_this_year(referrer, today=today) < policy.per_year


def _locked(pk: int) -> Referral:
    lock(f"growth.referral:{pk}")
    return Referral.objects.with_people().select_related("lead__patient").get(pk=pk)


def _record(action: str, referral: Referral, *, now: datetime, **detail: str) -> None:
    log.record(action, target=referral, subject=referral.lead.vault_key, at=now, detail=detail)
