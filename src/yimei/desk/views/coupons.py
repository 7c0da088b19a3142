"""Coupons of one customer: given, taken back, passed on; and used on a quote."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yimei.billing.access import open_quote
from yimei.core.clock import local_date
from yimei.desk.forms.promotions import CouponForm, IssueForm, PassOnForm, VoidForm
from yimei.desk.views.members import cuts_layer
from yimei.growth.access import open_coupon
from yimei.growth.actions import coupons as actions
from yimei.growth.queries import promotions
from yimei.people.queries import search
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import posted, redirect_to, toast


@allow(Permission.COUPON_WRITE)
def issue(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    now = timezone.now()
    offered = promotions.issuable(by=request.user, today=local_date(now))
    choices = [(str(one.public_id), f"{one.name} · {one.get_kind_display()}") for one in offered]
    form = IssueForm(posted(request), promotions=choices)
    if form.is_bound and form.is_valid():
        with blaming(form):
            actions.issue(form.cleaned_data["promotion"], patient_id=patient_id, by=request.user, now=now)
            return toast(request, redirect_to(request, "desk:patient-member", patient_id), _("已发券。"))
    return _layer(request, "issue", form, patient_id=patient_id, has_offers=bool(offered))


@allow(Permission.COUPON_WRITE)
def void(request: StaffRequest, coupon_id: UUID) -> HttpResponse:
    coupon = open_coupon(coupon_id, by=request.user)
    form = VoidForm(posted(request))
    if form.is_bound and form.is_valid():
        with blaming(form):
            actions.void(coupon_id, why=form.cleaned_data["why"], by=request.user, now=timezone.now())
            response = redirect_to(request, "desk:patient-member", coupon.patient.public_id)
            return toast(request, response, _("已作废，占用的预算已退回。"))
    return _layer(request, "void", form, coupon=coupon)


@allow(Permission.COUPON_WRITE)
def pass_on(request: StaffRequest, coupon_id: UUID) -> HttpResponse:
    """Pass a coupon on to exactly one customer, found by her file number or whole telephone number."""
    coupon = open_coupon(coupon_id, by=request.user)
    form = PassOnForm(posted(request))
    if form.is_bound and form.is_valid():
        found = search(form.cleaned_data["receiver"], by=request.user)
        if len(found) != 1:
            form.add_error("receiver", _("没有找到唯一的客户，请填档案号或完整手机号。"))
        else:
            with blaming(form):
                actions.transfer(coupon_id, to=found[0].public_id, by=request.user, now=timezone.now())
                response = redirect_to(request, "desk:patient-member", coupon.patient.public_id)
                return toast(request, response, _("已转赠，原券码作废，受赠人得到新券码。"))
    return _layer(request, "pass_on", form, coupon=coupon)


@require_POST
@allow(Permission.COUPON_WRITE)
def use(request: StaffRequest, quote_id: UUID) -> HttpResponse:
    quote = open_quote(quote_id, by=request.user)
    form = CouponForm(request.POST)
    if form.is_valid():
        with blaming(form, beside="code"):
            actions.use(quote_id, text=form.cleaned_data["code"], by=request.user, now=timezone.now())
            return toast(request, redirect_to(request, "desk:case-money", quote.episode), _("已用券。"))
    return cuts_layer(request, quote_id, coupon_form=form)


def _layer(request: StaffRequest, name: str, form: object, **values: object) -> HttpResponse:
    is_refused = request.method == "POST"
    values |= {"form": form}
    response = render(request, f"desk/coupons/{name}.html", values, status=422 if is_refused else 200)
    if is_refused:
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response
