"""Reads about members: the rules of a day, what she spent, her points and benefits, the list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, F, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from yimei.billing.models import Payment, Quote
from yimei.core.clock import local_date, local_day
from yimei.core.errors import RuleBroken
from yimei.core.money import yuan
from yimei.growth.models import BenefitEntry, BenefitGrant, Member, MemberPolicy, PointEntry, TierMove
from yimei.growth.models.members import MemberQuerySet
from yimei.growth.rules import members as rules
from yimei.growth.rules.members import Lot, Policy, Tier
from yimei.people.models import Patient, Staff
from yimei.people.queries import search


@dataclass(frozen=True)
class Stored:
    """One benefit with what is left of it."""

    grant: BenefitGrant
    left: int


@dataclass(frozen=True)
class Line:
    """One line of the ledger, in words."""

    entry: PointEntry
    label: str


@dataclass(frozen=True)
class Card:
    """Everything about one member on one page."""

    member: Member
    policy: Policy
    tier: Tier
    following: Tier | None
    spent: Decimal
    balance: int
    worth: Decimal
    owed: int
    """Points that a refund should have taken back and could not; the next ones fill it."""
    soon: int
    soon_on: date | None
    benefits: Sequence[Stored]

    @property
    def to_next(self) -> Decimal:
        return max(self.following.threshold - self.spent, Decimal(0)) if self.following else Decimal(0)


def version_on(day: date) -> MemberPolicy:
    """Return the version of the rules that counts on a day."""
    found = (
        MemberPolicy.objects.filter(effective_from__lte=day).order_by("-effective_from", "-version").first()
    )
    if found is None:
        raise RuleBroken(_("还没有会员规则，请先在「会员规则」发布。"), code="policy")
    return found


def policy_on(day: date) -> Policy:
    return version_on(day).rules


def versions() -> list[MemberPolicy]:
    return list(MemberPolicy.objects.select_related("published_by"))


def member_of(patient: Patient) -> Member | None:
    """A person's account: this file's own, else that of the kept file, else of one joined to it."""
    files = Patient.objects.files_of(patient)
    rows = Member.objects.standing().with_people().filter(patient__in=files)
    return min(
        rows, key=lambda one: (one.patient_id != patient.pk, one.patient.is_merged, one.pk), default=None
    )


def spent(patient: Patient, *, policy: Policy, today: date) -> Decimal:
    """Net money of the window that ends today."""
    since = rules.months_on(today, -policy.window_months)
    rows = Payment.objects.filter(
        order__patient__in=Patient.objects.files_of(patient), at__gte=local_day(since)[0]
    )
    rows = rows.filter(at__lt=local_day(today)[1])
    return yuan(rows.aggregate(sum=Sum("amount"))["sum"] or 0)


def balance(member: Member) -> int:
    last = PointEntry.objects.filter(member=member).order_by("-seq").values_list("balance", flat=True).first()
    return last or 0


def owed(member: Member) -> int:
    rows = PointEntry.objects.filter(member=member)
    short = rows.aggregate(sum=Sum("short"))["sum"] or 0
    filled = rows.filter(kind="withhold").aggregate(sum=Sum("change"))["sum"] or 0
    return int(short + filled)


def lots(member: Member, *, until: date | None = None) -> list[Lot]:
    """What is left of what came, each with its last day; ``until``: only what ends before that day."""
    came = PointEntry.objects.filter(member=member, change__gt=0)
    if until is not None:
        came = came.filter(expires_on__lt=until)
    rows = came.annotate(rest=F("change") + Coalesce(Sum("taken__change"), 0)).filter(rest__gt=0)
    return [Lot(row.pk, row.rest, row.expires_on) for row in rows if row.expires_on]


def card(member: Member, *, now: datetime) -> Card:
    today = local_date(now)
    policy = policy_on(today)
    has = balance(member)
    left = lots(member)
    first = min((lot.expires_on for lot in left), default=None)
    return Card(
        member=member,
        policy=policy,
        tier=policy.tier(member.tier),
        following=policy.next_tier(member.tier),
        spent=spent(member.patient, policy=policy, today=today),
        balance=has,
        worth=policy.worth(has),
        owed=owed(member),
        soon=sum(lot.rest for lot in left if lot.expires_on == first),
        soon_on=first,
        benefits=stored(member, today=today),
    )


def stored(member: Member, *, today: date) -> list[Stored]:
    """Benefits that still hold, with what is left; two queries."""
    grants = list(BenefitGrant.objects.filter(member=member, valid_to__gte=today))
    last = BenefitEntry.objects.filter(grant__in=grants).order_by("grant", "seq")
    left = dict(last.values_list("grant", "balance"))
    return [Stored(grant, left.get(grant.pk, 0)) for grant in grants]


def entries(member: Member) -> list[Line]:
    rows = PointEntry.objects.filter(member=member).exclude(change=0, short=0).select_related("by")
    return [Line(row, _label(row)) for row in rows.order_by("-seq")]


def uses(member: Member, *, today: date) -> list[tuple[BenefitEntry, bool]]:
    """What became of benefits, the newest first, and whether it can still be undone: on its day, once."""
    rows = BenefitEntry.objects.filter(grant__member=member).exclude(kind="granted")
    found = list(rows.select_related("grant", "by").order_by("-at", "-pk"))
    back = {one.undoes_id for one in found}
    return [(one, one.kind == "used" and local_date(one.at) == today and one.pk not in back) for one in found]


def moves(member: Member) -> list[tuple[TierMove, str]]:
    """Every change of tier with the name of the new one."""
    words = tier_names()
    rows = TierMove.objects.filter(member=member).select_related("by", "policy").order_by("-at", "-pk")
    return [(one, words.get(one.new, _("已退会"))) for one in rows]


def tier_names() -> dict[str, str]:
    """Code → name over every version, the newest name winning."""
    found: dict[str, str] = {}
    for version in MemberPolicy.objects.order_by("version"):
        found |= {one.code: one.name for one in version.rules.tiers}
    return found


def listed(*, by: Staff, tier: str = "", text: str = "", sort: str = "") -> MemberQuerySet:
    """Members whom the reader may find, filtered by tier and by name, number or file number."""
    rows = Member.objects.visible_to(by).with_people()
    if tier:
        rows = rows.filter(tier=tier)
    if text:
        word = text.strip().upper()
        found = [one.pk for one in search(text, by=by)]
        rows = rows.filter(number=word) if word.startswith("HY") else rows.filter(patient__in=found)
    order = {"joined": "-joined_at", "until": "tier_until"}.get(sort, "-joined_at")
    return rows.order_by(order, "-pk")


def balances(members: Iterable[Member]) -> dict[int, int]:
    """Member → points, one query whatever their number."""
    rows = PointEntry.objects.filter(member__in=[one.pk for one in members]).order_by("member", "seq")
    return dict(rows.values_list("member", "balance"))


def tier_counts(*, by: Staff) -> dict[str, int]:
    rows = Member.objects.visible_to(by).order_by().values("tier").annotate(n=Count("pk"))
    return {row["tier"]: row["n"] for row in rows}


def usable_points(member: Member, quote: Quote, *, now: datetime) -> int:
    """How many points this quote can take."""
    policy = policy_on(local_date(now))
    return policy.most_points(quote.total, balance(member))


def _label(entry: PointEntry) -> str:
    if entry.change == 0 and entry.short:
        return _("退款应扣 %(n)d 分，余额不足，从以后所得补扣") % {"n": entry.short}
    return str(entry.get_kind_display())
