"""Partners: the list, one of them with papers, agreements, codes and link, and its statements."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.desk.forms.partners import (
    AgreementForm,
    PaidForm,
    PaperForm,
    PartnerForm,
    PassOnLeadForm,
    PlaceForm,
    RefuseForm,
)
from yimei.growth.access import open_agreement, open_partner, open_statement
from yimei.growth.actions import partners as actions
from yimei.growth.actions import settling
from yimei.growth.enums.partners import NotCounted, StatementStatus
from yimei.growth.queries import partners as queries
from yimei.growth.rules.partners import REFUSED_BASES
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.rules.pictures import qr
from yimei.ui.views import posted, redirect_to, toast

PAGE = 30
READERS = (Permission.PARTNER_VIEW, Permission.PARTNER_WRITE, Permission.PARTNER_SETTLE)


@require_GET
@allow(*READERS)
def index(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    units = queries.units_allowed(local_date(now))
    page = Paginator(queries.listed(by=request.user), PAGE).get_page(request.GET.get("page"))
    values = {
        "page": page,
        "rows": [
            (one, queries.missing(one, now=now, units=units)) for one in queries.with_terms(page.object_list)
        ],
        "may_write": request.user.may(Permission.PARTNER_WRITE),
    }
    return render(request, "desk/partners/index.html", values)


@allow(Permission.PARTNER_WRITE)
def new(request: StaffRequest) -> HttpResponse:
    choices = [(str(one.public_id), one.name) for one in queries.party_choices()]
    form = PartnerForm(posted(request), parties=choices)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        with blaming(form):
            made = actions.register(
                **{name: data[name] for name in ("name", "kind", "phone", "note", "passes_data")},
                party_id=data["party"],
                by=request.user,
                now=timezone.now(),
            )
            return toast(request, redirect_to(request, "desk:partner", made.public_id), _("合作方已登记。"))
    return render(request, "desk/partners/new.html", {"form": form}, status=422 if form.is_bound else 200)


@require_GET
@allow(*READERS)
def detail(request: StaffRequest, partner_id: UUID) -> HttpResponse:
    return _page(request, partner_id)


@require_POST
@allow(Permission.PARTNER_WRITE)
def paper(request: StaffRequest, partner_id: UUID) -> HttpResponse:
    now = timezone.now()
    form = _paper_form(request)
    if form.is_valid():
        with blaming(form):
            actions.add_paper(partner_id, **form.cleaned_data, by=request.user, now=now)
            return toast(request, redirect_to(request, "desk:partner", partner_id), _("资质已登记。"))
    return _page(request, partner_id, paper=form)


@allow(Permission.PARTNER_WRITE)
def agree(request: StaffRequest, partner_id: UUID) -> HttpResponse:
    now = timezone.now()
    partner = open_partner(partner_id, by=request.user, permission=Permission.PARTNER_WRITE)
    form = AgreementForm(posted(request))
    for name in ("valid_from", "valid_to"):
        form.fields[name].today = local_date(now)  # type: ignore[attr-defined]
    if form.is_bound and form.is_valid():
        with blaming(form):
            actions.agree(partner_id, **form.cleaned_data, by=request.user, now=now)
            said = _("合同已写下，等另一人批准。")
            return toast(request, redirect_to(request, "desk:partner", partner_id), said)
    values = {
        "form": form,
        "partner": partner,
        "refused": list(REFUSED_BASES.values()),
        "units_allowed": queries.units_allowed(local_date(now)),
    }
    return render(request, "desk/partners/agree.html", values, status=422 if form.is_bound else 200)


@require_POST
@allow(Permission.PARTNER_SETTLE)
def approve(request: StaffRequest, agreement_id: UUID) -> HttpResponse:
    made = actions.approve(agreement_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:partner", made.partner.public_id), _("合同已批准。"))


@require_POST
@allow(Permission.PARTNER_WRITE)
def end_agreement(request: StaffRequest, agreement_id: UUID) -> HttpResponse:
    open_agreement(agreement_id, by=request.user, permission=Permission.PARTNER_WRITE)
    made = actions.end_agreement(agreement_id, by=request.user, now=timezone.now())
    response = redirect_to(request, "desk:partner", made.partner.public_id)
    return toast(request, response, _("合同到今天为止；之后来的客户照常接待，不计入结算。"))


@require_POST
@allow(Permission.PARTNER_WRITE)
def code(request: StaffRequest, partner_id: UUID) -> HttpResponse:
    form = PlaceForm(request.POST)
    if form.is_valid():
        with blaming(form):
            actions.issue_code(
                partner_id, place=form.cleaned_data["place"], by=request.user, now=timezone.now()
            )
            return toast(request, redirect_to(request, "desk:partner", partner_id), _("渠道码已生成。"))
    return _page(request, partner_id, place=form)


@require_POST
@allow(Permission.PARTNER_WRITE)
def revoke_code(request: StaffRequest, partner_id: UUID, code_id: UUID) -> HttpResponse:
    actions.revoke_code(partner_id, code_id=code_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:partner", partner_id), _("渠道码已停用。"))


@require_GET
@allow(Permission.PARTNER_WRITE)
def card(request: StaffRequest, partner_id: UUID, code_id: UUID) -> HttpResponse:
    """What is printed and put up at the partner's."""
    partner = open_partner(partner_id, by=request.user)
    found = partner.codes.filter(public_id=code_id, revoked_at=None).first()
    if found is None:
        raise NotFound
    link = request.build_absolute_uri(f"{reverse('site:ask')}?code={found.code}")
    values = {"partner": partner, "code": found, "picture": qr(link)}
    return render(request, "desk/partners/card.html", values)


@require_POST
@allow(Permission.PARTNER_WRITE)
def link(request: StaffRequest, partner_id: UUID) -> HttpResponse:
    """Make the secret address and show it once: only its hash is kept."""
    token = actions.issue_link(partner_id, by=request.user, now=timezone.now())
    return _page(request, partner_id, fresh=request.build_absolute_uri(reverse("site:partner", args=[token])))


@require_POST
@allow(Permission.PARTNER_WRITE)
def revoke_link(request: StaffRequest, partner_id: UUID) -> HttpResponse:
    actions.revoke_link(partner_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:partner", partner_id), _("链接已收回，立即打不开。"))


@require_POST
@allow(Permission.PARTNER_WRITE)
def end(request: StaffRequest, partner_id: UUID) -> HttpResponse:
    actions.end(partner_id, by=request.user, now=timezone.now())
    return toast(
        request, redirect_to(request, "desk:partner", partner_id), _("合作已终止，码与链接同时失效。")
    )


@allow(Permission.PARTNER_WRITE)
def pass_on(request: StaffRequest, partner_id: UUID) -> HttpResponse:
    now = timezone.now()
    partner = open_partner(partner_id, by=request.user, permission=Permission.PARTNER_WRITE)
    form = PassOnLeadForm(posted(request), initial={"consented_on": local_date(now)})
    if form.is_bound and form.is_valid():
        with blaming(form):
            actions.pass_on(partner_id, **form.cleaned_data, by=request.user, now=now)
            return toast(
                request, redirect_to(request, "desk:partner", partner_id), _("已登记，咨询师会联系。")
            )
    values = {"form": form, "partner": partner, "missing": queries.missing(partner, now=now)}
    return render(request, "desk/partners/pass_on.html", values, status=422 if form.is_bound else 200)


@require_POST
@allow(Permission.PARTNER_WRITE)
def propose(request: StaffRequest, partner_id: UUID) -> HttpResponse:
    partner = open_partner(partner_id, by=request.user, permission=Permission.PARTNER_WRITE)
    month = queries.next_month(partner)
    if month is None:
        raise RuleBroken(_("还没有批准的合同，没有可结算的月份。"), code="month")
    made = settling.propose(partner_id, month=month, by=request.user, now=timezone.now())
    return redirect_to(request, "desk:partner-statement", made.public_id)


@require_GET
@allow(*READERS)
def statement(request: StaffRequest, statement_id: UUID) -> HttpResponse:
    return _statement(request, statement_id)


@require_POST
@allow(Permission.PARTNER_SETTLE)
def approve_statement(request: StaffRequest, statement_id: UUID) -> HttpResponse:
    settling.approve(statement_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:partner-statement", statement_id), _("结算单已批准。"))


@require_POST
@allow(Permission.PARTNER_SETTLE)
def refuse(request: StaffRequest, statement_id: UUID) -> HttpResponse:
    form = RefuseForm(request.POST)
    if form.is_valid():
        with blaming(form):
            reason = form.cleaned_data["reason"]
            settling.refuse(statement_id, reason=reason, by=request.user, now=timezone.now())
            return toast(request, redirect_to(request, "desk:partner-statement", statement_id), _("已退回。"))
    return _statement(request, statement_id, refuse=form)


@require_POST
@allow(Permission.PARTNER_SETTLE)
def pay(request: StaffRequest, statement_id: UUID) -> HttpResponse:
    form = PaidForm(request.POST)
    if form.is_valid():
        with blaming(form):
            reference = form.cleaned_data["reference"]
            settling.pay(statement_id, reference=reference, by=request.user, now=timezone.now())
            return toast(
                request, redirect_to(request, "desk:partner-statement", statement_id), _("已登记付款。")
            )
    return _statement(request, statement_id, paid=form)


def _paper_form(request: StaffRequest) -> PaperForm:
    form = PaperForm(posted(request))
    form.fields["valid_to"].today = local_date(timezone.now())  # type: ignore[attr-defined]
    return form


def _page(
    request: StaffRequest,
    partner_id: UUID,
    *,
    paper: PaperForm | None = None,
    place: PlaceForm | None = None,
    fresh: str = "",
) -> HttpResponse:
    by, now = request.user, timezone.now()
    partner = open_partner(partner_id, by=by)
    counts = queries.came_counts(partner)
    values: dict[str, Any] = {
        "partner": partner,
        "missing": queries.missing(partner, now=now),
        "papers": partner.papers.select_related("seen_by"),
        "agreements": partner.agreements.select_related("written_by", "approved_by"),
        "codes": partner.codes.filter(revoked_at=None).select_related("issued_by"),
        "statements": partner.statements.all()[:24],
        "counts": [(str(one.label), counts.get(one.value, 0)) for one in NotCounted],
        "link": queries.open_link(partner, now=now),
        "fresh": fresh,
        "following": queries.due_month(partner, today=local_date(now)),
        "today": local_date(now),
        "may_write": by.may(Permission.PARTNER_WRITE) and partner.ended_at is None,
        "may_settle": by.may(Permission.PARTNER_SETTLE),
        "may_propose": by.may(Permission.PARTNER_WRITE),
        "reader": by.pk,
        "paper_form": paper or _paper_form_unbound(now),
        "place_form": place or PlaceForm(),
    }
    return render(request, "desk/partners/partner.html", values, status=422 if paper or place else 200)


def _paper_form_unbound(now: Any) -> PaperForm:
    form = PaperForm()
    form.fields["valid_to"].today = local_date(now)  # type: ignore[attr-defined]
    return form


def _statement(
    request: StaffRequest,
    statement_id: UUID,
    *,
    refuse: forms.Form | None = None,
    paid: forms.Form | None = None,
) -> HttpResponse:
    by = request.user
    made = open_statement(statement_id, by=by, permission=Permission.PARTNER_VIEW)
    is_open = made.status == StatementStatus.PROPOSED
    may_settle = by.may(Permission.PARTNER_SETTLE)
    values = {
        "statement": made,
        "groups": queries.grouped(made),
        "may_decide": is_open and may_settle and made.proposed_by_id != by.pk,
        "own_hand": is_open and made.proposed_by_id == by.pk,
        "may_pay": made.status == StatementStatus.APPROVED and made.payable > 0 and may_settle,
        "refuse_form": refuse or RefuseForm(),
        "paid_form": paid or PaidForm(),
    }
    return render(request, "desk/partners/statement.html", values, status=422 if refuse or paid else 200)
