"""Reads about referrals: whose code it is, what speaks against a friend, what a referrer may know."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Min, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from yimei.billing.models import Payment
from yimei.core.clock import age_on, local_date, local_day
from yimei.core.errors import RuleBroken
from yimei.core.names import mask
from yimei.growth.enums.referrals import ReferralFlag, ReferralStatus, ThanksSide, ThanksState
from yimei.growth.models import Lead, Member, Referral, ReferralCode, ReferralPolicy, Thanks
from yimei.growth.models.referrals import ReferralQuerySet
from yimei.growth.queries.gifting import words_of
from yimei.growth.queries.members import member_of
from yimei.growth.queries.numbers import TOKEN
from yimei.growth.rules import promotions, referrals
from yimei.journey.enums import BookingStatus
from yimei.journey.models import Booking
from yimei.journey.queries.visits import number
from yimei.people.enums import SourceKind, TokenKind
from yimei.people.models import Patient, SearchToken, Staff
from yimei.people.roles import Permission
from yimei.people.rules.search import fold
from yimei.vault import blind

CODE, PLACE = "referral.code", "referral.place"
ADULT = 18
HERE = (BookingStatus.ARRIVED, BookingStatus.SERVED)


@dataclass(frozen=True)
class Own:
    """What a referrer sees of her own code: counts and thanks, never who came or what was done."""

    code: ReferralCode | None
    asked: str
    given: int
    owed: int
    told: list[str]
    obstacle: str


@dataclass(frozen=True)
class Report:
    """老带新 of a period, beside what it was made of, and what waits now, since whenever."""

    new: int
    referred: int
    open: int
    review: int
    thanked: int
    reversed: int

    @property
    def rate(self) -> Decimal | None:
        return Decimal(self.referred) / self.new if self.new else None


def version_on(day: date) -> ReferralPolicy | None:
    rows = ReferralPolicy.objects.filter(effective_from__lte=day)
    return rows.order_by("-effective_from", "-version").first()


def versions() -> QuerySet[ReferralPolicy]:
    return ReferralPolicy.objects.select_related("published_by")


def promises(policy: referrals.Policy, *, today: date) -> dict[str, str]:
    """What each side gets, in words."""
    return {side.value: words_of(gift.kind, gift.value, today) for side, gift in policy.gifts.items()}


def token_of(text: str) -> bytes:
    return blind.token(CODE, promotions.read_code(text))


def code_behind(text: str, *, now: datetime) -> ReferralCode | None:
    """The code that was typed or scanned, while it stands and its member does."""
    if not text or len(promotions.read_code(text)) != promotions.CODE_LENGTH:
        return None
    rows = ReferralCode.objects.filter(token=token_of(text), revoked_at=None)
    rows = rows.filter(
        expires_on__gte=local_date(now), member__left_at=None, member__patient__restricted_at=None
    )
    return rows.select_related("member__patient__person__vault_key").first()


def open_code(member: Member, *, today: date) -> ReferralCode | None:
    rows = ReferralCode.objects.filter(member=member, revoked_at=None, expires_on__gte=today)
    return rows.select_related("member__patient__person__vault_key").first()


def own_member(patient: Patient) -> Member:
    """The membership of whoever opened the page."""
    member = member_of(patient)
    if member is None:
        raise RuleBroken(obstacle(None, today=date.min), code="code")
    return member


def obstacle(member: Member | None, *, today: date) -> str:
    """Why somebody may have no code, in words for her; nothing when she may."""
    if member is None:
        return _("加入会员后可以领取推荐码；入会自愿，不影响诊疗和报价。")
    birth = member.patient.head.person.birth_date
    if birth is None or age_on(birth, today) < ADULT:
        return _("未满 18 周岁或年龄未登记，不能领取推荐码。")
    if member.patient.head.employee_id is not None or member.patient.employee_id is not None:
        return _("本院员工不参加老带新。")
    if depth_under(member.patient.head_id) > referrals.LEVELS:
        text = _("您是由朋友的朋友推荐来的：推荐关系最多两层，不能再往下推荐（%(law)s）。")
        return text % {"law": referrals.PYRAMID}
    if version_on(today) is None:
        return _("医院还没有开展老带新。")
    return ""


def depth_under(referrer: int) -> int:
    """How deep a friend of this person would stand."""
    above = Referral.objects.filter(friend=referrer).values_list("depth", flat=True).first()
    return 1 + (above or 0)


def facts(
    code: ReferralCode,
    *,
    phone: str,
    name: str,
    place: bytes | None,
    by: Staff | None,
    now: datetime,
    own: Lead | None = None,
) -> referrals.Facts:
    """What speaks for and against a friend; ``own`` is her enquiry where it is written down already.

    A code that staff add later than a day after the enquiry is looked into: nobody sells walk-ins as friends.
    """
    referrer = code.member.patient.head
    files = set(Patient.objects.files_of(referrer).values_list("pk", flat=True))
    alike = list(
        Patient.objects.filter(
            person__tokens__token=blind.token(TokenKind.PHONE.value, phone), created_at__lte=now
        )
        .select_related("person__vault_key")
        .order_by("pk")[:20]
    )
    named = [one for one in alike if fold(one.person.name) == fold(name)]
    herself = [one for one in named if one.pk in files]
    by_hand = by is not None and by.pk == code.issued_by_id
    is_late = own is not None and own.created_at < now - timedelta(days=1)
    heads = {one.head_id for one in alike}
    since = now - timedelta(days=1)
    recent = Referral.objects.filter(code__member=code.member_id, tied_at__gt=since).exclude(
        status=ReferralStatus.REFUSED
    )
    today = local_date(now)
    return referrals.Facts(
        same_person=bool(herself),
        known_before=bool(named) or (own is None and _has_lead(phone, now=now)),
        is_circle=Referral.objects.filter(friend=referrer, referrer__in=heads).exists(),
        depth=depth_under(referrer.pk),
        same_phone=bool(alike) and not named,
        has_staff=any(one.employee_id for one in alike) or by_hand or is_late,
        from_place=recent.filter(place=place).count() if place else 0,
        within_day=recent.count(),
        burst=number("referral.burst", today, 5),
        places=number("referral.places", today, 2),
    )


def _has_lead(phone: str, *, now: datetime) -> bool:
    rows = Lead.objects.living().filter(phone_token=blind.token(TOKEN, phone), created_at__lte=now)
    return rows.exists()


def shared_document(referrer: Patient, friend: Patient) -> bool:
    """Whether both have one identity document or one file, joined files among them."""
    if referrer.head_id == friend.head_id:
        return True
    mine = SearchToken.objects.filter(
        person__patient__in=Patient.objects.files_of(referrer), kind=TokenKind.ID_NO
    )
    hers = SearchToken.objects.filter(
        person__patient__in=Patient.objects.files_of(friend),
        kind=TokenKind.ID_NO,
        token__in=mine.values("token"),
    )
    return hers.exists()


def shared_phone(referrer: Patient, friend: Patient) -> bool:
    mine = SearchToken.objects.filter(
        person__patient__in=Patient.objects.files_of(referrer), kind=TokenKind.PHONE
    )
    hers = SearchToken.objects.filter(
        person__patient__in=Patient.objects.files_of(friend),
        kind=TokenKind.PHONE,
        token__in=mine.values("token"),
    )
    return hers.exists()


def money_of(friend: Patient) -> referrals.Money:
    rows = Payment.objects.filter(order__patient__in=Patient.objects.files_of(friend))
    sums = rows.aggregate(net=Sum("amount"), first=Min("at", filter=Q(amount__gt=0)))
    here = Booking.objects.filter(patient__in=Patient.objects.files_of(friend), status__in=HERE)
    return referrals.Money(sums["first"], sums["net"] or Decimal(0), here.exists())


def thanked_this_year(referrer: Patient, *, today: date) -> int:
    start = local_day(today.replace(month=1, day=1))[0]
    rows = Thanks.objects.filter(
        patient__in=Patient.objects.files_of(referrer), side=ThanksSide.REFERRER, due_at__gte=start
    )
    return rows.filter(state__in=[ThanksState.OWED, ThanksState.GIVEN]).count()


def own_page(member: Member | None, *, now: datetime) -> Own:
    """A referrer's own page: few queries, small counts hidden, names only of those who allow it."""
    today = local_date(now)
    code = open_code(member, today=today) if member else None
    if member is None:
        return Own(None, "0", 0, 0, [], obstacle(None, today=today))
    mine = Referral.objects.filter(code__member=member).exclude(status__in=["refused", "ended"])
    states = dict(
        Thanks.objects.filter(referral__code__member=member, side=ThanksSide.REFERRER)
        .order_by()
        .values_list("state")
        .annotate(n=Count("pk"))
    )
    told = mine.filter(may_tell=True, friend__restricted_at=None, friend__isnull=False)
    return Own(
        code=code,
        asked=referrals.shown_count(mine.count()),
        given=states.get(ThanksState.GIVEN, 0),
        owed=states.get(ThanksState.OWED, 0),
        told=[mask(one.friend.person.name) for one in told.with_people() if one.friend],
        obstacle="" if code else obstacle(member, today=today),
    )


def brought(patient: Patient) -> Referral | None:
    """By which referral somebody came, for her own page."""
    rows = Referral.objects.filter(friend__in=Patient.objects.files_of(patient)).with_people()
    return rows.exclude(status=ReferralStatus.ENDED).first()


def listed(
    *, by: Staff, status: str = "", permission: Permission = Permission.MEMBER_VIEW
) -> ReferralQuerySet:
    rows = Referral.objects.visible_to(by, permission).with_people().select_related("decided_by", "tied_by")
    return rows.filter(status=status) if status else rows


def status_counts(*, by: Staff) -> dict[str, int]:
    rows = Referral.objects.visible_to(by).order_by().values_list("status").annotate(n=Count("pk"))
    return dict(rows)


def waiting_count(by: Staff) -> int:
    return (
        Referral.objects.visible_to(by, Permission.MEMBER_WRITE).filter(status=ReferralStatus.REVIEW).count()
    )


def of_member(member: Member, *, by: Staff) -> dict[str, Any]:
    """One member's place in the tree, for staff: who brought her, whom she brought, one level each."""
    rows = Referral.objects.visible_to(by).with_people()
    files = Patient.objects.files_of(member.patient)
    return {
        "above": rows.filter(friend__in=files).first(),
        "below": list(
            rows.filter(referrer__in=files).prefetch_related("thanks", "friend__friends_brought")[:100]
        ),
    }


def may_attach(lead: Lead) -> bool:
    """Whether a code may still be added to an enquiry by hand."""
    is_free = lead.owner_id is not None and lead.patient_id is None and lead.duplicate_of_id is None
    return is_free and not Referral.objects.filter(lead=lead).exists()


def beside_member(member: Member, *, by: Staff, today: date) -> dict[str, Any]:
    """What the page of a member shows of referrals."""
    code = open_code(member, today=today)
    why = "" if code else obstacle(member, today=today)
    return {"code": code, "obstacle": why, **of_member(member, by=by)}


def report(*, by: Staff, start: date, end: date) -> Report:
    """New customers of a period and how many of them a friend brought; the same meaning as metric G03."""
    scope = by.scope_of(Permission.PROMOTION_WRITE) or by.scope_of(Permission.MEMBER_VIEW)
    since, until = local_day(start)[0], local_day(end)[1]
    fresh = Patient.objects.counted().kept().filter(created_at__gte=since, created_at__lt=until)
    every = Referral.objects.all()
    if scope != "group":
        fresh, every = fresh.filter(campus=by.campus_id), every.filter(lead__campus=by.campus_id)
    ties = every.filter(tied_at__gte=since, tied_at__lt=until)
    running = dict(every.order_by().values_list("status").annotate(n=Count("pk")))
    sums = fresh.aggregate(new=Count("pk"), referred=Count("pk", filter=Q(source=SourceKind.REFERRAL)))
    counts = dict(ties.order_by().values_list("status").annotate(n=Count("pk")))
    return Report(
        new=sums["new"],
        referred=sums["referred"],
        open=running.get(ReferralStatus.OPEN, 0),
        review=running.get(ReferralStatus.REVIEW, 0),
        thanked=counts.get(ReferralStatus.THANKED, 0),
        reversed=counts.get(ReferralStatus.REVERSED, 0),
    )


def flags_shown(flags: Iterable[str]) -> list[str]:
    return [str(ReferralFlag(one).label) for one in flags if one in ReferralFlag.values]


def need_version(day: date) -> ReferralPolicy:
    found = version_on(day)
    if found is None:
        raise RuleBroken(_("还没有老带新规则，请院长先发布。"), code="policy")
    return found
