"""The ledger of points: earned by money that stayed, spent on quotes, given back, expired, taken back."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.billing import registry
from yimei.billing.access import open_quote
from yimei.billing.actions import cuts
from yimei.billing.enums import CutKind
from yimei.billing.models import Payment, QuoteCut
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.errors import RuleBroken
from yimei.growth.access import open_member
from yimei.growth.actions import tiers
from yimei.growth.enums import PointKind
from yimei.growth.models import Member, PointEntry
from yimei.growth.queries import coupons
from yimei.growth.queries import members as queries
from yimei.growth.rules import members as rules
from yimei.growth.rules import promotions
from yimei.people.models import Staff

BATCH = 500


def follow(*, now: datetime) -> int:
    """Give and take points for every payment that no line speaks of yet; return how many were looked at.

    Not by a cursor: a payment that began earlier and was kept later than another is found all the same.
    """
    seen = PointEntry.objects.filter(payment=OuterRef("pk"), lot=None)
    fresh = Payment.objects.filter(
        order__patient__member__isnull=False,
        order__patient__member__left_at=None,
        order__patient__sealed_at=None,
        at__gte=F("order__patient__member__joined_at"),
    ).exclude(Exists(seen))
    found: dict[int, list[int]] = {}
    for member, payment in fresh.order_by("pk").values_list("order__patient__member", "pk")[:BATCH]:
        found.setdefault(member, []).append(payment)
    return sum(_follow_one(member, payments, now=now) for member, payments in found.items())


@transaction.atomic
def spend(member_id: UUID, *, quote_id: UUID, points: int, by: Staff, now: datetime) -> QuoteCut:
    """Pay part of a quote with points, those that end first, by the rules of the day."""
    quote = open_quote(quote_id, by=by, lock=True)
    member = _held(open_member(member_id, by=by))
    if quote.patient.head_id != member.patient.head_id:
        raise RuleBroken(_("积分只能用在会员本人的报价上。"), code="points")
    if any(one.kind == CutKind.POINTS for one in quote.standing_cuts):
        raise RuleBroken(_("这份报价已经用过积分，请先撤下再重新填写。"), code="points")
    promotions.check_points_beside(coupons.stackings(quote.standing_cuts))
    policy = queries.policy_on(local_date(now))
    balance = queries.balance(member)
    rules.check_spend(points, policy=policy, amount=quote.total, balance=balance)
    cut = cuts.add(
        quote_id,
        kind=CutKind.POINTS,
        ref=member.public_id,
        amount=policy.worth(points),
        label=_("%(points)d 积分") % {"points": points},
        by=by,
        now=now,
    )
    for lot, part in rules.allocate(queries.lots(member), points):
        _write(member, PointKind.SPEND, -part, lot=lot, ref=cut.public_id, by=by, now=now)
    _record("growth.points.spend", member, by=by, now=now, points=points)
    return cut


@registry.gives_back(CutKind.POINTS)
def give_back(cut: QuoteCut, now: datetime, by: Staff | None) -> None:
    """Return what a quote used that came to nothing; never for less than a month."""
    member = Member.objects.filter(public_id=cut.ref).first()
    if member is None or member.left_at is not None:
        return
    _held(member)
    today = local_date(now)
    spent = PointEntry.objects.filter(member=member, ref=cut.public_id, kind=PointKind.SPEND)
    for line in spent.select_related("lot").order_by("seq"):
        assert line.lot is not None
        assert line.lot.expires_on is not None
        end = rules.fair_end(line.lot.expires_on, today)
        lot = _write(
            member, PointKind.RETURN, -line.change, ref=cut.public_id, expires_on=end, by=by, now=now
        )
        _settle(member, lot, now=now)


@transaction.atomic
def gift(
    member: Member, points: int, *, ref: UUID, expires_on: date, by: Staff | None, now: datetime
) -> PointEntry | None:
    """Give points once for one reason; called by promotions and referrals, which write the log."""
    _held(member)
    known = PointEntry.objects.filter(member=member, ref=ref, kind=PointKind.GIFT).first()
    if known is not None or points <= 0:
        return known
    return _write(member, PointKind.GIFT, points, ref=ref, expires_on=expires_on, by=by, now=now)


@transaction.atomic
def take_gift_back(member: Member, *, ref: UUID, back: UUID, now: datetime) -> int:
    """Take one gift back whole, once: from its own lot, then from others; what is spent is owed.

    What had already expired was never used and is not asked for again.
    """
    _held(member)
    lot = PointEntry.objects.filter(member=member, ref=ref, kind=PointKind.GIFT).first()
    known = PointEntry.objects.filter(member=member, ref=back, kind=PointKind.REVERSE)
    if lot is None or member.left_at is not None or known.exists():
        return 0
    over = lot.taken.filter(kind=PointKind.EXPIRE).aggregate(sum=Sum("change"))["sum"] or 0
    wanted = lot.change + over
    taken = min(wanted, queries.balance(member))
    lots = queries.lots(member)
    own = [(one.id, min(one.rest, taken)) for one in lots if one.id == lot.pk]
    rest = taken - sum(part for _lot, part in own)
    for one, part in own + list(rules.allocate([one for one in lots if one.id != lot.pk], rest)):
        if part:
            _write(member, PointKind.REVERSE, -part, lot=one, ref=back, now=now)
    _write(member, PointKind.REVERSE, 0, ref=back, short=wanted - taken, now=now)
    return taken


def expire_due(*, now: datetime) -> int:
    """Let the points go whose last day is over, member by member; return how many members."""
    today = local_date(now)
    came = PointEntry.objects.filter(expires_on__lt=today, change__gt=0, member__left_at=None)
    rest = came.annotate(rest=F("change") + Coalesce(Sum("taken__change"), 0)).filter(rest__gt=0)
    members = list(rest.order_by("member").values_list("member", flat=True).distinct())
    return sum(_expire_one(pk, today=today, now=now) for pk in members)


def end(member: Member, *, by: Staff | None, now: datetime) -> None:
    """Let every point go: the member leaves."""
    _held(member)
    for lot in queries.lots(member):
        _write(member, PointKind.EXPIRE, -lot.rest, lot=lot.id, by=by, now=now)


@transaction.atomic
def _follow_one(member_pk: int, payments: list[int], *, now: datetime) -> int:
    member = _held(Member.objects.with_people().get(pk=member_pk))
    if member.left_at is not None:
        return 0
    known = set(PointEntry.objects.filter(payment__in=payments, lot=None).values_list("payment", flat=True))
    fresh = [pk for pk in payments if pk not in known]
    change = 0
    for payment in Payment.objects.filter(pk__in=fresh).select_related("refund_of").order_by("pk"):
        change += (
            _take_back(member, payment, now=now) if payment.amount < 0 else _earn(member, payment, now=now)
        )
    is_raised = tiers.review(member, now=now)
    if fresh:
        _record("growth.points.follow", member, by=None, now=now, points=change, raised=is_raised)
    return len(fresh)


def _earn(member: Member, payment: Payment, *, now: datetime) -> int:
    """Points of one payment; what an earlier refund could not take is filled first."""
    today = local_date(payment.at)
    policy = queries.policy_on(today)
    points = policy.points_of(payment.amount, member.tier)
    if points == 0:
        _write(member, PointKind.EARN, 0, payment=payment, now=now)
        return 0
    end = rules.months_on(today, policy.valid_months)
    lot = _write(member, PointKind.EARN, points, payment=payment, expires_on=end, now=now)
    return points - _settle(member, lot, payment=payment, now=now)


def _settle(member: Member, lot: PointEntry, *, now: datetime, payment: Payment | None = None) -> int:
    """Fill what an earlier refund could not take from what comes now; return how much went."""
    owed = min(queries.owed(member), lot.change)
    if owed:
        _write(member, PointKind.WITHHOLD, -owed, lot=lot.pk, payment=payment, ref=lot.ref, now=now)
    return owed


def _take_back(member: Member, refund: Payment, *, now: datetime) -> int:
    """A refund takes back its part: what its payment earned less what the money that stays would earn."""
    paid = refund.refund_of
    assert paid is not None
    earned = PointEntry.objects.filter(member=member, payment=paid, kind=PointKind.EARN, change__gt=0).first()
    wanted = 0
    if earned is not None:
        back = paid.refunds.filter(pk__lte=refund.pk).aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
        stays = paid.amount + back
        keeps = int(earned.change * stays / paid.amount) if paid.amount else 0
        wanted = earned.change - keeps - _taken_for(member, paid)
    taken = min(wanted, queries.balance(member))
    own = [lot for lot in queries.lots(member) if earned is not None and lot.id == earned.pk]
    others = [lot for lot in queries.lots(member) if earned is None or lot.id != earned.pk]
    first = min(taken, own[0].rest) if own else 0
    if first:
        _write(member, PointKind.REVERSE, -first, lot=own[0].id, payment=refund, now=now)
    for lot, part in rules.allocate(others, taken - first):
        _write(member, PointKind.REVERSE, -part, lot=lot, payment=refund, now=now)
    _write(member, PointKind.REVERSE, 0, payment=refund, short=wanted - taken, now=now)
    return -taken


def _taken_for(member: Member, paid: Payment) -> int:
    """Points that earlier refunds of this payment took back or still want."""
    lines = PointEntry.objects.filter(member=member, payment__refund_of=paid, kind=PointKind.REVERSE)
    sums = lines.aggregate(change=Sum("change"), short=Sum("short"))
    return int((sums["short"] or 0) - (sums["change"] or 0))


@transaction.atomic
def _expire_one(pk: int, *, today: date, now: datetime) -> bool:
    member = _held(Member.objects.with_people().get(pk=pk))
    over = queries.lots(member, until=today)
    for lot in over:
        _write(member, PointKind.EXPIRE, -lot.rest, lot=lot.id, now=now)
    if over:
        _record("growth.points.expire", member, by=None, now=now, points=sum(lot.rest for lot in over))
    return bool(over)


def _held(member: Member) -> Member:
    """One writer at a time in a member's ledger; the database would refuse the second anyway."""
    lock(f"growth.member:{member.pk}")
    return member


def _write(
    member: Member,
    kind: PointKind,
    change: int,
    *,
    now: datetime,
    lot: int | None = None,
    payment: Payment | None = None,
    ref: UUID | None = None,
    expires_on: date | None = None,
    short: int = 0,
    by: Staff | None = None,
) -> PointEntry:
    last = PointEntry.objects.filter(member=member).order_by("-seq").first()
    return PointEntry.objects.create(
        member=member,
        seq=last.seq + 1 if last else 1,
        kind=kind,
        change=change,
        balance=(last.balance if last else 0) + change,
        lot_id=lot,
        payment=payment,
        ref=ref,
        short=short,
        expires_on=expires_on,
        at=now,
        by=by,
    )


def _record(action: str, member: Member, *, by: Staff | None, now: datetime, **detail: int) -> None:
    subject = member.patient.person.vault_key
    log.record(action, target=member, subject=subject, by=by, at=now, detail=detail)
