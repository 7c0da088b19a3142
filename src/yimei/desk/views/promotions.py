"""Promotions: the list, the draft, one with its prices and its cost; the page of true prices."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.billing.actions import cuts
from yimei.core import names
from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.desk.forms.fields import YuanField
from yimei.desk.forms.promotions import PromotionForm, ReasonForm
from yimei.desk.views.calls import by_category
from yimei.growth.access import open_promotion
from yimei.growth.actions import promotions as actions
from yimei.growth.enums import PromotionStatus
from yimei.growth.queries import coupons as coupon_queries
from yimei.growth.queries import prices
from yimei.growth.queries import promotions as queries
from yimei.hospital.queries import catalogue_of
from yimei.journey.queries.names import shown_names
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import posted, redirect_to, toast

PAGE = 30
TAKE_UPS = (20, 40, 60, 100)
ANY = (Permission.PROMOTION_WRITE, Permission.PROMOTION_APPROVE, Permission.COUPON_WRITE)


@require_GET
@allow(*ANY)
def index(request: StaffRequest) -> HttpResponse:
    status = request.GET.get("status", "")
    status = status if status in PromotionStatus.values else ""
    found = queries.listed(by=request.user, status=status)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    figures = queries.figures(shown)
    counted = queries.status_counts(by=request.user)
    every = [(_("全部"), "?", not status, sum(counted.values()))]
    values = {
        "page": page,
        "rows": [(one, figures[one.pk]) for one in shown],
        "statuses": every
        + [
            (
                str(one.label),
                f"?{urlencode({'status': one.value})}",
                one.value == status,
                counted.get(one.value, 0),
            )
            for one in PromotionStatus
        ],
        "today": local_date(timezone.now()),
        "is_filtered": bool(status),
    }
    return render(request, "desk/promotions/index.html", values)


@allow(Permission.PROMOTION_WRITE)
def new(request: StaffRequest) -> HttpResponse:
    return _write(request, None)


@allow(Permission.PROMOTION_WRITE)
def edit(request: StaffRequest, promotion_id: UUID) -> HttpResponse:
    return _write(request, promotion_id)


@require_GET
@allow(*ANY)
def detail(request: StaffRequest, promotion_id: UUID) -> HttpResponse:
    return _page(request, promotion_id)


@require_POST
@allow(Permission.PROMOTION_WRITE)
def submit(request: StaffRequest, promotion_id: UUID) -> HttpResponse:
    actions.submit(promotion_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:promotion", promotion_id), _("已提交，等待批准。"))


@require_POST
@allow(Permission.PROMOTION_WRITE, Permission.PROMOTION_APPROVE)
def send_back(request: StaffRequest, promotion_id: UUID) -> HttpResponse:
    note = request.POST.get("note", "")
    try:
        actions.send_back(promotion_id, note=note, by=request.user, now=timezone.now())
    except RuleBroken as refusal:
        return _page(request, promotion_id, refusal=refusal)
    return toast(request, redirect_to(request, "desk:promotion", promotion_id), _("已退回为草稿。"))


@require_POST
@allow(Permission.PROMOTION_APPROVE)
def approve(request: StaffRequest, promotion_id: UUID) -> HttpResponse:
    try:
        actions.approve(promotion_id, by=request.user, now=timezone.now())
    except RuleBroken as refusal:
        return _page(request, promotion_id, refusal=refusal)
    return toast(request, redirect_to(request, "desk:promotion", promotion_id), _("已批准，到日可以发券。"))


@require_POST
@allow(Permission.PROMOTION_WRITE, Permission.PROMOTION_APPROVE)
def stop(request: StaffRequest, promotion_id: UUID) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, promotion_id, reason=form)
    actions.stop(promotion_id, note=form.cleaned_data["note"], by=request.user, now=timezone.now())
    response = redirect_to(request, "desk:promotion", promotion_id)
    return toast(request, response, _("已停止发放；已领的券照常可用。"))


@require_GET
@allow(Permission.PROMOTION_WRITE, Permission.PROMOTION_APPROVE, Permission.MONEY_VIEW)
def truth(request: StaffRequest) -> HttpResponse:
    """What each procedure is listed at, was sold for, and may not go below."""
    today = local_date(timezone.now())
    values = {
        "rows": prices.truths(request.user.campus, today=today),
        "days": prices.base_days(today),
        "may_set": request.user.may(Permission.PROMOTION_APPROVE),
    }
    return render(request, "desk/promotions/truth.html", values)


@require_POST
@allow(Permission.PROMOTION_APPROVE)
def floor(request: StaffRequest, procedure_id: UUID) -> HttpResponse:
    text = request.POST.get("amount", "").strip()[:20]
    try:
        amount = YuanField(label=_("价格底线"), required=False).clean(text)
    except ValidationError as wrong:
        raise RuleBroken(wrong.messages[0]) from None
    campus = request.user.campus
    cuts.set_floor(procedure_id, campus=campus, amount=amount, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:price-truth"), _("价格底线已更新，立即生效。"))


def _write(request: StaffRequest, promotion_id: UUID | None) -> HttpResponse:
    by, now = request.user, timezone.now()
    known = open_promotion(promotion_id, by=by) if promotion_id else None
    choices: Any = {
        "procedures": by_category(catalogue_of(by.campus, local_date(now))),
        "today": local_date(now),
    }
    initial: dict[str, Any] = {}
    if known is not None:
        initial = {name: getattr(known, name) for name in PromotionForm.base_fields if name != "procedures"}
        initial["procedures"] = [
            str(one.procedure.public_id) for one in known.items.select_related("procedure")
        ]
    form = PromotionForm(posted(request), initial=initial, **choices)
    if form.is_bound and form.is_valid():
        with blaming(form):
            made = actions.write(form.draft(), promotion_id=promotion_id, by=by, now=now)
            return toast(request, redirect_to(request, "desk:promotion", made.public_id), _("草稿已保存。"))
    values = {"form": form, "promotion": known}
    return render(request, "desk/promotions/edit.html", values, status=422 if form.is_bound else 200)


def _page(
    request: StaffRequest,
    promotion_id: UUID,
    *,
    reason: ReasonForm | None = None,
    refusal: RuleBroken | None = None,
) -> HttpResponse:
    by, now = request.user, timezone.now()
    promotion = open_promotion(promotion_id, by=by)
    is_planner = by.may(Permission.PROMOTION_WRITE) or by.may(Permission.PROMOTION_APPROVE)
    is_open = promotion.status in {PromotionStatus.DRAFT, PromotionStatus.SUBMITTED}
    wanted = request.GET.get("take", "")
    take = int(wanted) if wanted in {str(one) for one in TAKE_UPS} else TAKE_UPS[1]
    sees_coupons = by.may(Permission.COUPON_WRITE)
    page = Paginator(coupon_queries.listed(promotion, by=by), PAGE).get_page(request.GET.get("page"))
    coupons = list(page.object_list) if sees_coupons else []
    shown = shown_names([one.patient for one in coupons], by=by)
    values = {
        "promotion": promotion,
        "items": promotion.items.select_related("procedure"),
        "figures": queries.figures([promotion])[promotion.pk],
        "is_planner": is_planner,
        "is_open": is_open,
        "missing": queries.missing(promotion) if is_open and is_planner else [],
        "subjects": prices.subjects(promotion) if is_open and promotion.items.exists() else [],
        "estimate": queries.simulate(promotion, take_up=take, now=now) if is_open and is_planner else None,
        "takes": [(f"{one}%", f"?take={one}", one == take) for one in TAKE_UPS],
        "take": take,
        "coupons": [(one, names.mask(shown[one.patient_id])) for one in coupons],
        "page": page,
        "sees_coupons": sees_coupons,
        "may_write": by.may(Permission.PROMOTION_WRITE),
        "may_approve": by.may(Permission.PROMOTION_APPROVE) and promotion.created_by_id != by.pk,
        "reason": reason or ReasonForm(),
        "refusal": refusal,
        "today": local_date(now),
    }
    return render(request, "desk/promotions/promotion.html", values, status=422 if reason or refusal else 200)
