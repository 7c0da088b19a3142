"""Coupons: issued within the budget, passed on, used on a quote, given back, settled when they are over."""

from datetime import date, datetime, timedelta
from secrets import randbits
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.billing import registry
from yimei.billing.access import open_quote
from yimei.billing.actions import cuts
from yimei.billing.enums import CutKind
from yimei.billing.models import QuoteCut
from yimei.core.clock import age_on, local_date
from yimei.core.database.locks import lock
from yimei.core.database.rows import lock_rows
from yimei.core.errors import Conflict, RuleBroken
from yimei.core.money import format_yuan
from yimei.growth.access import open_coupon, open_promotion
from yimei.growth.actions import budgets
from yimei.growth.enums import BudgetKind, CouponStatus, PromotionKind
from yimei.growth.models import Coupon, CouponMove, Promotion
from yimei.growth.queries import coupons as queries
from yimei.growth.rules import promotions as rules
from yimei.people.access import need, open_patient
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy.queries import needs

ADULT = 18
BATCH = 500


@transaction.atomic
def issue(promotion_id: UUID, *, patient_id: UUID, by: Staff, now: datetime) -> Coupon:
    """Give one coupon to a customer; the budget keeps what it may take off, so that it is always honoured."""
    need(by, Permission.COUPON_WRITE)
    needs.need("growth.Coupon")
    promotion = open_promotion(promotion_id, by=by)
    patient = open_patient(patient_id, by=by)
    if promotion.kind == PromotionKind.BIRTHDAY:
        raise RuleBroken(_("生日券由系统在生日前按客户的同意自动发放，不手工发。"), code="coupon")
    _not_herself(patient, by)
    most, given = queries.issue_limit(local_date(now)), queries.issued_today(by, now=now)
    if given >= most:
        text = _("您今天已发 %(given)d 张，达到每人每天的上限。请明天再发，或请主管发放。")
        raise RuleBroken(text % {"given": given}, code="coupon")
    coupon = _issue(promotion, patient, occasion="", by=by, now=now)
    _record("growth.coupon.issue", coupon, by=by, now=now)
    return coupon


def issue_by_flow(promotion: Promotion, patient: Patient, *, now: datetime) -> Coupon:
    """Issue one coupon as a step of a flow, within the flow's transaction and by the same limits."""
    coupon = _issue(promotion, patient, occasion="", by=None, now=now)
    _record("growth.coupon.flow", coupon, by=None, now=now)
    return coupon


@transaction.atomic
def use(quote_id: UUID, *, text: str, by: Staff, now: datetime) -> QuoteCut:
    """Take a coupon off a quote by its picture or its code; every refusal says what is wrong with it."""
    need(by, Permission.COUPON_WRITE)
    today = local_date(now)
    code = rules.read_qr(text, settings.SECRET_KEY, today=today)
    quote = open_quote(quote_id, by=by, lock=True)
    coupon = _by_code(code)
    if coupon.patient.head_id != quote.patient.head_id:
        coupon = _hand_over(coupon, quote.patient, by=by, now=now)
    _not_herself(coupon.patient, by)
    _check_usable(coupon, today=today)
    promotion = coupon.promotion
    queries.check_person(promotion, coupon.patient, besides=coupon)
    items = queries.items_of(quote)
    standing = quote.standing_cuts
    rules.check_stacking(
        promotion.terms.stacking,
        queries.stackings(standing),
        has_points=any(one.kind == CutKind.POINTS for one in standing),
    )
    rules.check_fit(promotion.terms, items, queries.names_of(promotion))
    amount = rules.reduction(promotion.terms, items, taken=quote.cut)
    if amount <= 0:
        raise RuleBroken(_("这份报价的价格已不高于活动价，这张券减不了。"), code="coupon")
    cut = cuts.add(
        quote_id,
        kind=CutKind.COUPON,
        ref=coupon.public_id,
        amount=amount,
        label=promotion.name,
        scope=sorted(promotion.terms.procedures),
        by=by,
        now=now,
    )
    _move(coupon, CouponStatus.USED, cut=cut, by=by, now=now)
    _record("growth.coupon.use", coupon, by=by, now=now, amount=format_yuan(amount))
    return cut


@registry.gives_back(CutKind.COUPON)
def give_back(cut: QuoteCut, now: datetime, by: Staff | None) -> None:
    """A quote came to nothing: the coupon can be used again until its last day."""
    coupon = Coupon.objects.filter(public_id=cut.ref, status=CouponStatus.USED).first()
    if coupon is None:
        return
    _move(coupon, CouponStatus.OPEN, cut=cut, by=by, now=now)
    if coupon.settled_at is not None:
        budgets.enter(coupon.promotion, BudgetKind.FREE, cut.amount, coupon=coupon, by=by, now=now)


@transaction.atomic
def transfer(coupon_id: UUID, *, to: UUID, by: Staff, now: datetime) -> Coupon:
    """Pass a coupon on, where its promotion allows it: the old code ends, a new one begins, its day stays."""
    coupon = open_coupon(coupon_id, by=by)
    lock(f"growth.coupon:{coupon.pk}")
    coupon.refresh_from_db(fields=["status"])
    receiver = open_patient(to, by=by)
    _not_herself(receiver, by)
    return _hand_over(coupon, receiver, by=by, now=now, logs=True)


@transaction.atomic
def void(coupon_id: UUID, *, why: str, by: Staff, now: datetime) -> Coupon:
    """Take back a coupon that was issued by mistake and not used; its money goes back to the budget."""
    coupon = open_coupon(coupon_id, by=by)
    lock(f"growth.coupon:{coupon.pk}")
    coupon.refresh_from_db(fields=["status"])
    if coupon.status != CouponStatus.OPEN:
        raise RuleBroken(_("只能作废未使用的券。"), code="coupon")
    words = why.replace("\0", "").strip()[:80]
    if not words:
        raise RuleBroken(_("请写明作废的原因。"), code="why")
    _end(coupon, CouponStatus.VOID, why=words, by=by, now=now)
    _record("growth.coupon.void", coupon, by=by, now=now)
    return coupon


def take_back(coupon_id: UUID, *, why: str, now: datetime) -> bool:
    """End a coupon that was given as thanks and is not used; for an action that writes its own log."""
    coupon = Coupon.objects.filter(public_id=coupon_id).select_related("promotion").first()
    if coupon is None:
        return False
    lock(f"growth.coupon:{coupon.pk}")
    coupon.refresh_from_db(fields=["status"])
    if coupon.status != CouponStatus.OPEN:
        return False
    _end(coupon, CouponStatus.VOID, why=why, by=None, now=now)
    return True


def issue_birthdays(*, now: datetime) -> int:
    """Give each adult who allowed it her birthday coupon, once a year, some days before; return how many."""
    today = local_date(now)
    given = 0
    for promotion in (
        Promotion.objects.running(today).filter(kind=PromotionKind.BIRTHDAY).select_related("campus")
    ):
        for patient, birthday in queries.birthdays(promotion, today=today, now=now):
            given += _issue_birthday(promotion, patient, birthday, now=now)
    return given


def settle(*, now: datetime) -> int:
    """Give the budget back what coupons did not take, once their last day is over."""
    over = Coupon.objects.filter(valid_to__lt=local_date(now), settled_at=None)
    return sum(_settle(pk, now=now) for pk in list(over.order_by("pk").values_list("pk", flat=True)[:BATCH]))


def erase_coupons(patient: Patient, now: datetime) -> int:
    """End every coupon of a person; nothing but bare figures of the budget stays."""
    mine = list(Coupon.objects.filter(patient=patient, settled_at=None).select_related("promotion"))
    for coupon in mine:
        if coupon.status == CouponStatus.OPEN:
            _end(coupon, CouponStatus.VOID, why="", by=None, now=now)
    return len(mine)


def _issue(
    promotion: Promotion, patient: Patient, *, occasion: str, by: Staff | None, now: datetime
) -> Coupon:
    today = local_date(now)
    lock(*(f"growth.coupons.person:{key}" for key in queries.person_keys(patient)))
    left = budgets.hold(promotion)
    if promotion.status != "approved" or not promotion.starts_on <= today <= promotion.ends_on:
        raise RuleBroken(_("活动「%(name)s」现在不在发放期。") % {"name": promotion.name}, code="coupon")
    birth = patient.head.person.birth_date
    if birth is None or age_on(birth, today) < ADULT:
        raise RuleBroken(_("未满 18 周岁或年龄未登记的客户不参加促销活动。"), code="minor")
    queries.check_person(promotion, patient)
    has = queries.held_by(promotion, patient)
    if has >= promotion.per_person and not occasion:
        text = _("这位客户（含同一手机或证件的档案）已领过 %(has)d 张，每人限领 %(most)d 张。")
        raise RuleBroken(text % {"has": has, "most": promotion.per_person}, code="coupon")
    if left < promotion.most:
        raise Conflict(_("活动「%(name)s」的预算已发完。") % {"name": promotion.name}, code="budget")
    coupon = Coupon.objects.create(
        promotion=promotion,
        patient=patient,
        code=rules.code_of(randbits(60)),
        occasion=occasion,
        held=promotion.most,
        issued_at=now,
        issued_by=by,
        valid_from=today,
        valid_to=today + timedelta(days=promotion.coupon_days - 1),
        status=CouponStatus.OPEN,
    )
    CouponMove.objects.create(coupon=coupon, new=CouponStatus.OPEN, at=now, by=by)
    budgets.enter(promotion, BudgetKind.HOLD, -promotion.most, coupon=coupon, by=by, now=now)
    return coupon


@transaction.atomic
def _issue_birthday(promotion: Promotion, patient: Patient, birthday: date, *, now: datetime) -> bool:
    occasion = f"{birthday.year}"
    if Coupon.objects.filter(
        promotion=promotion, patient__in=Patient.objects.files_of(patient), occasion=occasion
    ).exists():
        return False
    try:
        coupon = _issue(promotion, patient, occasion=occasion, by=None, now=now)
    except RuleBroken:
        return False
    _record("growth.coupon.birthday", coupon, by=None, now=now)
    return True


def _by_code(code: str) -> Coupon:
    rows = Coupon.objects.filter(code=code)
    lock_rows(rows)
    coupon = rows.with_people().first()
    if coupon is None or coupon.patient.is_sealed:
        raise RuleBroken(_("没有这张券。请核对券码，或请客户打开「我的会员」里的券。"), code="coupon")
    lock(f"growth.coupon:{coupon.pk}")
    coupon.refresh_from_db(fields=["status"])
    return coupon


def _check_usable(coupon: Coupon, *, today: date) -> None:
    if coupon.status == CouponStatus.VOID:
        raise RuleBroken(_("这张券已作废或已转赠，不能使用。"), code="coupon")
    if coupon.status == CouponStatus.USED:
        raise Conflict(_("这张券已经用过，不能再用。"), code="coupon")
    rules.check_days(coupon.valid_from, coupon.valid_to, today=today)


def _hand_over(coupon: Coupon, to: Patient, *, by: Staff, now: datetime, logs: bool = False) -> Coupon:
    """A new coupon for the receiver in place of the old one, within the same money."""
    promotion = coupon.promotion
    if not promotion.is_transferable:
        raise RuleBroken(_("这张券只能本人使用，不能转赠。"), code="coupon")
    _check_usable(coupon, today=local_date(now))
    birth = to.person.birth_date
    if birth is None or age_on(birth, local_date(now)) < ADULT:
        raise RuleBroken(_("未满 18 周岁或年龄未登记的客户不参加促销活动。"), code="minor")
    lock(*(f"growth.coupons.person:{key}" for key in queries.person_keys(to)))
    queries.check_person(promotion, to)
    if queries.held_by(promotion, to) >= promotion.per_person:
        raise RuleBroken(_("受赠人已达到每人限领的张数。"), code="coupon")
    _end(coupon, CouponStatus.VOID, why=_("转赠"), by=by, now=now)
    passed = Coupon.objects.create(
        promotion=promotion,
        patient=to,
        code=rules.code_of(randbits(60)),
        replaces=coupon,
        held=coupon.held,
        issued_at=now,
        issued_by=by,
        valid_from=coupon.valid_from,
        valid_to=coupon.valid_to,
        status=CouponStatus.OPEN,
    )
    CouponMove.objects.create(coupon=passed, new=CouponStatus.OPEN, why=_("受赠"), at=now, by=by)
    budgets.enter(promotion, BudgetKind.HOLD, -passed.held, coupon=passed, by=by, now=now)
    if logs:
        _record("growth.coupon.transfer", passed, by=by, now=now)
    return passed


def _end(coupon: Coupon, to: CouponStatus, *, why: str, by: Staff | None, now: datetime) -> None:
    """Close an unused coupon and free all of its money."""
    _move(coupon, to, why=why, by=by, now=now)
    coupon.settled_at = now
    coupon.save(update_fields=["settled_at"])
    budgets.enter(coupon.promotion, BudgetKind.FREE, coupon.held, coupon=coupon, by=by, now=now)


@transaction.atomic
def _settle(pk: int, *, now: datetime) -> bool:
    lock(f"growth.coupon:{pk}")
    rows = Coupon.objects.filter(pk=pk)
    lock_rows(rows)
    coupon = rows.select_related("promotion").get()
    if coupon.settled_at is not None:
        return False
    taken = queries.taken(coupon)
    coupon.settled_at = now
    coupon.save(update_fields=["settled_at"])
    if coupon.held > taken:
        budgets.enter(coupon.promotion, BudgetKind.FREE, coupon.held - taken, coupon=coupon, now=now)
    return True


def _move(
    coupon: Coupon,
    to: CouponStatus,
    *,
    by: Staff | None,
    now: datetime,
    cut: QuoteCut | None = None,
    why: str = "",
) -> None:
    old, coupon.status = coupon.status, to
    coupon.save(update_fields=["status"])
    CouponMove.objects.create(
        coupon=coupon,
        old=old,
        new=to,
        cut=cut.public_id if cut else None,
        amount=cut.amount if cut else None,
        why=why,
        at=now,
        by=by,
    )


def _not_herself(patient: Patient, by: Staff) -> None:
    """Nobody gives or spends coupons for herself (内部舞弊)."""
    if patient.employee_id == by.pk:
        raise RuleBroken(_("不能给自己发券或用券，请由同事办理。"), code="coupon")


def _record(action: str, coupon: Coupon, *, by: Staff | None, now: datetime, **detail: str) -> None:
    subject = coupon.patient.person.vault_key
    log.record(action, target=coupon, subject=subject, by=by, at=now, detail=detail)
