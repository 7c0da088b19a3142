"""Members: the list, one customer's membership, the rules, and what a quote takes in points."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.billing.access import open_quote
from yimei.billing.actions import cuts as billing_cuts
from yimei.core import names
from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.desk.forms.members import PointsForm, RulesForm
from yimei.desk.forms.promotions import CouponForm
from yimei.desk.views.customer.frames import patient_frame
from yimei.growth.access import open_member
from yimei.growth.actions import benefits
from yimei.growth.actions import members as actions
from yimei.growth.actions import points as ledger
from yimei.growth.queries import coupons, referrals
from yimei.growth.queries import members as queries
from yimei.journey.queries.names import shown_names
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import posted, redirect_to, toast

PAGE = 30
LINES = 50


@require_GET
@allow(Permission.MEMBER_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    by, text = request.user, request.GET.get("q", "").strip()[:60]
    counted, words = queries.tier_counts(by=by), queries.tier_names()
    tier = request.GET.get("tier", "")
    tier = tier if tier in words else ""
    found = queries.listed(by=by, tier=tier, text=text, sort=request.GET.get("sort", ""))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    known = shown_names([one.patient for one in shown], by=by)
    points = queries.balances(shown)
    values = {
        "q": text,
        "page": page,
        "rows": [
            (one, names.mask(known[one.patient_id]), words.get(one.tier, one.tier), points.get(one.pk, 0))
            for one in shown
        ],
        "tiers": _tiers(counted, words, tier, text),
        "all": sum(counted.values()),
        "is_filtered": bool(text or tier),
    }
    return render(request, "desk/members/index.html", values)


@require_GET
@allow(Permission.MEMBER_VIEW)
def member(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    customer = patient_frame(request, patient_id, current="patient-member")
    found = queries.member_of(customer.patient)
    may_write = request.user.may(Permission.MEMBER_WRITE)
    values: dict[str, Any] = {"customer": customer, "card": None, "may_write": may_write}
    if found is not None:
        open_member(found.public_id, by=request.user, permission=Permission.MEMBER_VIEW)
        values |= {
            "card": queries.card(found, now=customer.now),
            "lines": queries.entries(found)[:LINES],
            "uses": queries.uses(found, today=local_date(customer.now))[:LINES],
            "moves": queries.moves(found),
            "key": uuid4(),
            "referral": referrals.beside_member(found, by=request.user, today=local_date(customer.now)),
        }
    else:
        values["policy"] = queries.policy_on(local_date(customer.now))
    values |= {
        "coupons": coupons.coupons_of(customer.patient, today=local_date(customer.now)),
        "may_coupons": request.user.may(Permission.COUPON_WRITE),
    }
    return render(request, "desk/members/member.html", values)


@require_POST
@allow(Permission.MEMBER_WRITE)
def join(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    actions.join(patient_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:patient-member", patient_id), _("已入会。"))


@require_POST
@allow(Permission.MEMBER_WRITE)
def leave(request: StaffRequest, member_id: UUID) -> HttpResponse:
    gone = actions.leave(member_id, by=request.user, now=timezone.now())
    response = redirect_to(request, "desk:patient-member", gone.patient.public_id)
    return toast(request, response, _("已退会，积分与权益同时失效。"))


@require_POST
@allow(Permission.MEMBER_WRITE)
def use(request: StaffRequest, grant_id: UUID) -> HttpResponse:
    """Use one time of a benefit, however often the button is pressed."""
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError:
        raise RuleBroken(_("页面不完整，请刷新后再提交。")) from None
    used = benefits.use(grant_id, key=key, by=request.user, now=timezone.now())
    response = redirect_to(request, "desk:patient-member", used.grant.member.patient.public_id)
    return toast(request, response, _("已使用一次「%(name)s」。") % {"name": used.grant.name})


@require_POST
@allow(Permission.MEMBER_WRITE)
def undo(request: StaffRequest, entry_id: UUID) -> HttpResponse:
    back = benefits.undo(entry_id, by=request.user, now=timezone.now())
    response = redirect_to(request, "desk:patient-member", back.grant.member.patient.public_id)
    return toast(request, response, _("已撤销这次使用。"))


@require_GET
@allow(Permission.PROMOTION_WRITE, Permission.MEMBER_VIEW)
def rules(request: StaffRequest) -> HttpResponse:
    today = local_date(timezone.now())
    found = queries.versions()
    now = queries.version_on(today)
    values = {
        "versions": [(one, one.rules, one.pk == now.pk, one.effective_from > today) for one in found],
        "current": now,
        "policy": now.rules,
        "may_write": request.user.may(Permission.PROMOTION_WRITE),
    }
    return render(request, "desk/members/rules.html", values)


@allow(Permission.PROMOTION_WRITE)
def publish(request: StaffRequest) -> HttpResponse:
    """A new version, begun from the newest one."""
    now = timezone.now()
    form = RulesForm(posted(request), policy=queries.versions()[0].rules)
    form.fields["effective_from"].today = local_date(now)  # type: ignore[attr-defined]
    if form.is_bound and form.is_valid():
        with blaming(form):
            actions.publish(
                form.content(),
                effective_from=form.cleaned_data["effective_from"],
                by=request.user,
                now=now,
            )
            return toast(request, redirect_to(request, "desk:member-rules"), _("新规则已发布，到日生效。"))
    values = {"form": form}
    return render(request, "desk/members/publish.html", values, status=422 if form.is_bound else 200)


# ---- a quote and what it takes -------------------------------------------------------------------


@require_GET
@allow(Permission.MEMBER_WRITE, Permission.COUPON_WRITE)
def cuts(request: StaffRequest, quote_id: UUID) -> HttpResponse:
    return cuts_layer(request, quote_id)


@require_POST
@allow(Permission.MEMBER_WRITE)
def points(request: StaffRequest, quote_id: UUID) -> HttpResponse:
    quote = open_quote(quote_id, by=request.user)
    form = PointsForm(request.POST)
    found = queries.member_of(quote.patient)
    if found is not None and form.is_valid():
        with blaming(form):
            ledger.spend(
                found.public_id,
                quote_id=quote_id,
                points=form.cleaned_data["points"],
                by=request.user,
                now=timezone.now(),
            )
            return toast(request, redirect_to(request, "desk:case-money", quote.episode), _("积分已抵扣。"))
    return cuts_layer(request, quote_id, form=form)


@require_POST
@allow(Permission.MEMBER_WRITE, Permission.COUPON_WRITE)
def take_off(request: StaffRequest, cut_id: UUID) -> HttpResponse:
    cut = billing_cuts.take_off(cut_id, by=request.user, now=timezone.now())
    response = redirect_to(request, "desk:case-money", cut.quote.episode)
    return toast(request, response, _("已撤下，券或积分已退回。"))


def cuts_layer(
    request: StaffRequest,
    quote_id: UUID,
    *,
    form: PointsForm | None = None,
    coupon_form: CouponForm | None = None,
) -> HttpResponse:
    """What a quote has used and could use; the layer of coupons and points."""
    now = timezone.now()
    quote = open_quote(quote_id, by=request.user)
    found = queries.member_of(quote.patient)
    most = queries.usable_points(found, quote, now=now) if found else 0
    policy = queries.policy_on(local_date(now))
    values = {
        "quote": quote,
        "lines": quote.lines.select_related("procedure"),
        "standing": quote.standing_cuts,
        "member": found,
        "balance": queries.balance(found) if found else 0,
        "most": most,
        "worth": policy.worth(most),
        "form": form or PointsForm(initial={"points": most or None}),
        "may_points": request.user.may(Permission.MEMBER_WRITE),
        "may_coupons": request.user.may(Permission.COUPON_WRITE),
        "coupon_form": coupon_form or CouponForm(),
        "coupons": [one for one in coupons.coupons_of(quote.patient, today=local_date(now)) if one.is_usable],
    }
    is_refused = form is not None or coupon_form is not None
    response = render(request, "desk/members/cuts.html", values, status=422 if is_refused else 200)
    if is_refused:
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def _tiers(
    counted: dict[str, int], words: dict[str, str], tier: str, text: str
) -> Sequence[tuple[str, str, bool, int | None]]:
    def url(code: str) -> str:
        query = {key: value for key, value in (("tier", code), ("q", text)) if value}
        return f"?{urlencode(query)}"

    every = [(_("全部等级"), url(""), not tier, sum(counted.values()))]
    return every + [(name, url(code), code == tier, counted.get(code, 0)) for code, name in words.items()]
