"""Reads about coupons: whose, how many, on what; who counts as one person."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from yimei.billing.enums import CutKind
from yimei.billing.models import Payment, Quote, QuoteCut
from yimei.core.clock import add_years, age_on, local_date, local_day
from yimei.core.errors import RuleBroken
from yimei.growth.enums import CouponStatus, PromotionKind, Stacking
from yimei.growth.models import Coupon, Member, Promotion
from yimei.growth.models.promotions import CouponQuerySet
from yimei.growth.rules.promotions import Item, make_qr
from yimei.journey.queries.visits import number
from yimei.people.enums import TokenKind
from yimei.people.models import Patient, SearchToken, Staff
from yimei.privacy.queries.consents import consenting

SAME = (TokenKind.PHONE, TokenKind.ID_NO)
ADULT = 18


@dataclass(frozen=True)
class Held:
    """One coupon as a page shows it."""

    coupon: Coupon
    is_usable: bool
    is_over: bool
    where: str


def issue_limit(day: date) -> int:
    return number("coupon.issue_per_day", day, 30)


def issued_today(staff: Staff, *, now: datetime) -> int:
    start, end = local_day(local_date(now))
    return Coupon.objects.filter(issued_by=staff, issued_at__gte=start, issued_at__lt=end).count()


def person_keys(patient: Patient) -> list[str]:
    """Names for one person whatever file she has: her files share a number or a document."""
    tokens = SearchToken.objects.filter(person__patient__in=_files(patient), kind__in=SAME)
    return [f"p{patient.head_id}", *(bytes(one).hex() for one in tokens.values_list("token", flat=True))]


def like(patient: Patient) -> list[int]:
    """The files of whoever has the same telephone or document, her own among them."""
    tokens = SearchToken.objects.filter(person__patient__in=_files(patient), kind__in=SAME).values("token")
    same = SearchToken.objects.filter(token__in=tokens, kind__in=SAME).values("person__patient")
    hers = Q(pk__in=_files(patient)) | Q(pk__in=same) | Q(merged_into__in=same)
    return list(Patient.objects.filter(hers).values_list("pk", flat=True))


def _files(patient: Patient) -> QuerySet[Patient]:
    return Patient.objects.files_of(patient)


def held_by(promotion: Promotion, patient: Patient) -> int:
    """How many of a promotion a person has had; one passed on counts, one issued by mistake not."""
    mine = Coupon.objects.filter(promotion=promotion, patient__in=like(patient))
    return mine.filter(~Q(status=CouponStatus.VOID) | Q(replaced_by__isnull=False)).count()


def check_person(promotion: Promotion, patient: Patient, *, besides: Coupon | None = None) -> None:
    """Whether an offer is for her: new customers are new under every file, number and document."""
    if promotion.kind != PromotionKind.NEW:
        return
    if patient.head.employee_id is not None:
        raise RuleBroken(_("新客活动不适用于本院员工。"), code="coupon")
    files = like(patient)
    if Payment.objects.for_bills().filter(order__patient__in=files, amount__gt=0).exists():
        text = _("新客活动只给还没有在本院付过款的客户；同一手机或证件的档案已有付款。")
        raise RuleBroken(text, code="coupon")
    others = Coupon.objects.filter(promotion__kind=PromotionKind.NEW, patient__in=files)
    others = others.filter(~Q(status=CouponStatus.VOID)).exclude(promotion=promotion)
    if besides is None and others.exists():
        raise RuleBroken(_("这位客户（含同一手机或证件的档案）已领过新客券。"), code="coupon")


def items_of(quote: Quote) -> list[Item]:
    return [Item(one.procedure_id, one.price, one.quantity) for one in quote.lines.all()]


def names_of(promotion: Promotion) -> dict[int, str]:
    return {item.procedure_id: item.procedure.name for item in promotion.items.select_related("procedure")}


def stackings(cuts: Iterable[QuoteCut]) -> list[Stacking]:
    """How the coupons on a quote bear others."""
    refs = [one.ref for one in cuts if one.kind == CutKind.COUPON]
    rows = Coupon.objects.filter(public_id__in=refs).values_list("promotion__stacking", flat=True)
    return [Stacking(one) for one in rows]


def taken(coupon: Coupon) -> Decimal:
    """What a coupon takes off a quote that stands."""
    cut = QuoteCut.objects.filter(ref=coupon.public_id, kind=CutKind.COUPON, undone_at=None).first()
    return cut.amount if cut else Decimal(0)


def coupons_of(patient: Patient, *, today: date) -> list[Held]:
    """A person's coupons, what can be used first."""
    rows = Coupon.objects.filter(patient__in=_files(patient)).select_related("promotion", "issued_by")
    rows = rows.exclude(status=CouponStatus.VOID).prefetch_related("promotion__items__procedure")
    found = []
    for one in rows:
        is_over = today > one.valid_to
        is_open = one.status == CouponStatus.OPEN
        where = "、".join(item.procedure.name for item in one.promotion.items.all())
        found.append(Held(one, is_open and not is_over, is_over and is_open, where))
    return sorted(found, key=lambda one: (not one.is_usable, one.coupon.valid_to, one.coupon.pk))


def picture_of(coupon: Coupon) -> str:
    """What her phone shows; the seal lets a desk read the last day without a network."""
    return make_qr(settings.SECRET_KEY, coupon.code, coupon.valid_to)


def listed(promotion: Promotion, *, by: Staff) -> CouponQuerySet:
    """The coupons of a promotion whose members are within the reader's reach."""
    rows = Coupon.objects.visible_to(by).filter(promotion=promotion).with_people()
    return rows.select_related("issued_by", "promotion__campus", "patient__person__vault_key").order_by("-pk")


def birthdays(promotion: Promotion, *, today: date, now: datetime) -> Iterator[tuple[Patient, date]]:
    """Adult members of the campus who allowed offers and whose birthday is near."""
    ahead = number("promotion.birthday_days", today, 7)
    members = Member.objects.standing().with_people().filter(patient__campus=promotion.campus_id)
    people = [one.patient for one in members]
    allowed = consenting(people, "marketing", now)
    for patient in people:
        born = patient.person.birth_date
        if patient.pk not in allowed or born is None or age_on(born, today) < ADULT:
            continue
        for year in (today.year, today.year + 1):
            birthday = add_years(born, year - born.year)
            if today <= birthday <= today + timedelta(days=ahead):
                yield patient, birthday
