"""Referrals: the list with its report, one to be looked into, the rules, a member's code and its card."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core import names
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.desk.forms.referrals import AttachForm, DecideForm, ReferralRulesForm
from yimei.growth.access import open_member, open_referral
from yimei.growth.actions import referrals as actions
from yimei.growth.enums.referrals import ReferralStatus, ThanksSide
from yimei.growth.queries import gifting
from yimei.growth.queries import referrals as queries
from yimei.growth.rules.referrals import REFUSED_THANKS
from yimei.journey.queries.names import shown_names
from yimei.people.roles import Permission, Scope
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.rules.pictures import qr
from yimei.ui.views import posted, redirect_to, toast

PAGE = 30
SPAN = timedelta(days=89)
READERS = (Permission.MEMBER_VIEW, Permission.PROMOTION_WRITE)


@require_GET
@allow(*READERS)
def index(request: StaffRequest) -> HttpResponse:
    by, today = request.user, local_date(timezone.now())
    status = request.GET.get("status", "")
    status = status if status in ReferralStatus.values else ""
    page = Paginator(queries.listed(by=by, status=status), PAGE).get_page(request.GET.get("page"))
    counted = queries.status_counts(by=by)
    rows = list(page.object_list)
    people = [one.referrer for one in rows] + [one.friend for one in rows if one.friend]
    known = shown_names(people, by=by)
    version = queries.version_on(today)
    values = {
        "page": page,
        "rows": [
            (
                one,
                names.mask(known[one.referrer_id]),
                names.mask(known[one.friend_id]) if one.friend_id else names.mask(one.lead.name),
                queries.flags_shown(one.flags),
            )
            for one in rows
        ],
        "statuses": [(_("全部"), "?", not status, sum(counted.values()))]
        + [
            (
                str(one.label),
                f"?{urlencode({'status': one.value})}",
                one.value == status,
                counted.get(one.value, 0),
            )
            for one in ReferralStatus
        ],
        "sees_rows": by.may(Permission.MEMBER_VIEW),
        "may_decide": _may_decide(request),
        "report": queries.report(by=by, start=today - SPAN, end=today),
        "span": SPAN.days + 1,
        "promises": queries.promises(version.rules, today=today) if version else {},
        "is_filtered": bool(status),
    }
    return render(request, "desk/referrals/index.html", values)


@require_GET
@allow(Permission.MEMBER_WRITE)
def detail(request: StaffRequest, referral_id: UUID) -> HttpResponse:
    return _page(request, referral_id)


@require_POST
@allow(Permission.MEMBER_WRITE)
def decide(request: StaffRequest, referral_id: UUID) -> HttpResponse:
    form = DecideForm(request.POST)
    if form.is_valid():
        data, now = form.cleaned_data, timezone.now()
        with blaming(form):
            actions.decide(
                referral_id, is_genuine=data["genuine"], reason=data["reason"], by=request.user, now=now
            )
            return toast(request, redirect_to(request, "desk:referral", referral_id), _("已记录核查结论。"))
    return _page(request, referral_id, form=form)


@require_GET
@allow(*READERS)
def rules(request: StaffRequest) -> HttpResponse:
    today = local_date(timezone.now())
    now = queries.version_on(today)
    values = {
        "versions": [(one, one == now, one.effective_from > today) for one in queries.versions()],
        "current": now,
        "policy": now.rules if now else None,
        "promises": queries.promises(now.rules, today=today) if now else {},
        "refused": list(REFUSED_THANKS.values()),
        "may_write": request.user.may(Permission.PROMOTION_APPROVE),
    }
    return render(request, "desk/referrals/rules.html", values)


@allow(Permission.PROMOTION_APPROVE)
def publish(request: StaffRequest) -> HttpResponse:
    """A new version, begun from the newest one."""
    now = timezone.now()
    today = local_date(now)
    newest = queries.versions().first()
    choices: dict[str, Any] = {"benefits": gifting.benefits_on(today), "offers": gifting.offers_on(today)}
    form = ReferralRulesForm(posted(request), content=newest.content if newest else {}, **choices)
    form.fields["effective_from"].today = today  # type: ignore[attr-defined]
    if form.is_bound and form.is_valid():
        start: date = form.cleaned_data["effective_from"]
        with blaming(form):
            actions.publish(form.content(), effective_from=start, by=request.user, now=now)
            return toast(request, redirect_to(request, "desk:referral-rules"), _("新规则已发布，到日生效。"))
    values = {"form": form, "refused": list(REFUSED_THANKS.values()), **choices}
    return render(request, "desk/referrals/publish.html", values, status=422 if form.is_bound else 200)


@require_POST
@allow(Permission.MEMBER_WRITE)
def issue(request: StaffRequest, member_id: UUID) -> HttpResponse:
    actions.issue(member_id, by=request.user, now=timezone.now())
    return redirect_to(request, "desk:referral-card", member_id)


@require_POST
@allow(Permission.MEMBER_WRITE)
def revoke(request: StaffRequest, member_id: UUID) -> HttpResponse:
    actions.revoke(member_id, by=request.user, now=timezone.now())
    member = open_member(member_id, by=request.user)
    response = redirect_to(request, "desk:patient-member", member.patient.public_id)
    return toast(request, response, _("推荐码已停用；之前来的朋友照常计入。"))


@require_GET
@allow(Permission.MEMBER_WRITE)
def card(request: StaffRequest, member_id: UUID) -> HttpResponse:
    """What is printed and handed to the member: her code, and what both sides get; no name on it."""
    today = local_date(timezone.now())
    member = open_member(member_id, by=request.user)
    code = queries.open_code(member, today=today)
    version = queries.version_on(today)
    if code is None or version is None:
        raise NotFound
    link = request.build_absolute_uri(f"{reverse('site:ask')}?code={code.code}")
    values = {
        "member": member,
        "code": code,
        "link": link,
        "picture": qr(link),
        "promises": queries.promises(version.rules, today=today),
        "policy": version.rules,
    }
    return render(request, "desk/referrals/card.html", values)


@require_POST
@allow(Permission.LEAD_WRITE)
def attach(request: StaffRequest, lead_id: UUID) -> HttpResponse:
    form = AttachForm(request.POST)
    if not form.is_valid():
        raise RuleBroken(_("请填写推荐码。"), code="code")
    tied = actions.attach(lead_id, text=form.cleaned_data["code"], by=request.user, now=timezone.now())
    said = _("已登记推荐码。")
    if tied.status == ReferralStatus.REVIEW:
        said = _("已登记推荐码，须由客服核查后才计入。")
    if tied.status == ReferralStatus.REFUSED:
        said = _("推荐码已记下，但不计入老带新：对方已是本院的客户或推荐人本人。")
    return toast(request, redirect_to(request, "desk:lead", lead_id), said)


def _may_decide(request: StaffRequest) -> bool:
    return request.user.scope_of(Permission.MEMBER_WRITE) in {Scope.CAMPUS, Scope.GROUP}


def _page(request: StaffRequest, referral_id: UUID, *, form: DecideForm | None = None) -> HttpResponse:
    by = request.user
    referral = open_referral(referral_id, by=by)
    people = [referral.referrer] + ([referral.friend] if referral.friend else [])
    known = shown_names(people, by=by)
    own_hand = by.pk in {referral.tied_by_id, referral.code.issued_by_id}
    values = {
        "referral": referral,
        "referrer": names.mask(known[referral.referrer_id]),
        "friend": names.mask(known[referral.friend_id])
        if referral.friend_id
        else names.mask(referral.lead.name),
        "flags": queries.flags_shown(referral.flags),
        "steps": referral.steps.select_related("by").order_by("-at", "-pk"),
        "thanks": [
            (
                one,
                str(ThanksSide(one.side).label),
                gifting.words_of(one.kind, one.value, local_date(one.due_at)),
            )
            for one in referral.thanks.all()
        ],
        "may_decide": referral.status == ReferralStatus.REVIEW and not own_hand,
        "own_hand": own_hand,
        "form": form or DecideForm(),
        "tree": queries.of_member(referral.code.member, by=by),
    }
    return render(request, "desk/referrals/referral.html", values, status=422 if form else 200)
