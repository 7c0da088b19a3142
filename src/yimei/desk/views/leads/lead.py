"""One lead with its calls, and what is done with it."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.desk.forms.leads import (
    AgreeForm,
    EraseForm,
    LossForm,
    TouchForm,
    TransferForm,
)
from yimei.desk.forms.patients import RevealForm
from yimei.desk.forms.referrals import AttachForm
from yimei.growth.access import open_lead, own_lead
from yimei.growth.actions import erasing, owning
from yimei.growth.actions import leads as actions
from yimei.growth.actions.answering import MARKETING
from yimei.growth.enums import LeadStatus, Outcome
from yimei.growth.queries import (
    answering,
    assigning,
    calls,
    lists,
    numbers,
    owners,
    referrals,
    scoring,
)
from yimei.growth.rules.scripts import hint
from yimei.people.roles import Permission
from yimei.privacy.enums import Audience
from yimei.privacy.queries import current_notice
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from django.http import QueryDict

    from yimei.growth.models import Lead


@require_GET
@allow(Permission.LEAD_VIEW)
def detail(request: StaffRequest, lead_id: UUID) -> HttpResponse:
    response = show(request, lead_id)
    actions.look(lead_id, by=request.user, now=timezone.now())
    return response


@require_POST
@allow(Permission.LEAD_WRITE)
def touch(request: StaffRequest, lead_id: UUID) -> HttpResponse:
    form = TouchForm(request.POST, now=timezone.now())
    if form.is_valid():
        data = form.cleaned_data
        with blaming(form):
            actions.touch(
                lead_id,
                kind=data["kind"],
                outcome=data["outcome"],
                note=data["note"],
                next_due_at=form.next_due_at,
                by=request.user,
                now=form.now,
            )
            where = ("desk:leads-call-next",) if "next" in request.POST else ("desk:lead", lead_id)
            return toast(request, redirect_to(request, *where), _("已记录这次联系。"))
    return show(request, lead_id, touch_form=form)


@require_POST
@allow(Permission.LEAD_WRITE)
def claim(request: StaffRequest, lead_id: UUID) -> HttpResponse:
    try:
        owning.claim(lead_id, by=request.user, now=timezone.now())
    except RuleBroken as refusal:
        return show(request, lead_id, refusal=refusal)
    return toast(request, redirect_to(request, "desk:lead", lead_id), _("已领取，请尽快联系。"))


@require_POST
@allow(Permission.LEAD_WRITE)
def release(request: StaffRequest, lead_id: UUID) -> HttpResponse:
    owning.release(lead_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:leads"), _("已放回公海。"))


@require_POST
@allow(Permission.LEAD_ASSIGN)
def transfer(request: StaffRequest, lead_id: UUID) -> HttpResponse:
    form = _transfer_form(own_lead(lead_id, by=request.user), request.POST)
    if not form.is_valid():
        return show(request, lead_id, transfer_form=form)
    try:
        owning.transfer(lead_id, to=form.cleaned_data["to"], by=request.user, now=timezone.now())
    except RuleBroken as refusal:
        return show(request, lead_id, refusal=refusal)
    return toast(request, redirect_to(request, "desk:lead", lead_id), _("已转交，双方都收到提示。"))


@require_POST
@allow(Permission.LEAD_WRITE)
def lose(request: StaffRequest, lead_id: UUID) -> HttpResponse:
    form = LossForm(request.POST)
    if not form.is_valid():
        return show(request, lead_id, loss_form=form)
    actions.lose(lead_id, **form.cleaned_data, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:lead", lead_id), _("已登记流失原因。"))


@require_POST
@allow(Permission.LEAD_WRITE)
def reopen(request: StaffRequest, lead_id: UUID) -> HttpResponse:
    try:
        actions.reopen(lead_id, by=request.user, now=timezone.now())
    except RuleBroken as refusal:
        return show(request, lead_id, refusal=refusal)
    return toast(request, redirect_to(request, "desk:lead", lead_id), _("已重新跟进。"))


@require_POST
@allow(Permission.LEAD_ASSIGN)
def erase(request: StaffRequest, lead_id: UUID) -> HttpResponse:
    form = EraseForm(request.POST)
    if not form.is_valid():
        return show(request, lead_id, erase_form=form)
    erasing.erase(lead_id, why=form.cleaned_data["why"], by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:leads"), _("已删除，称呼、号码与联系内容不可恢复。"))


@allow(Permission.PATIENT_REVEAL)
def reveal(request: StaffRequest, lead_id: UUID) -> HttpResponse:
    """Ask what for, then show the whole number; the log keeps the purpose."""
    own_lead(lead_id, by=request.user)
    form = RevealForm(request.POST or None)
    values: dict[str, Any] = {"form": form, "lead_id": lead_id, "number": ""}
    if request.method == "POST" and form.is_valid():
        is_call = bool(request.POST.get("call"))
        number = actions.reveal_phone(
            lead_id, **form.cleaned_data, by=request.user, now=timezone.now(), is_call=is_call
        )
        if is_call:
            # The number goes to the telephone, not into the page.
            return HttpResponse(
                status=204, headers={"HX-Redirect": f"tel:{number}", "HX-Trigger": "ym:close"}
            )
        values["number"] = number.removeprefix("+86")
        response = render(request, "desk/leads/reveal.html#number", values)
        response["HX-Trigger"] = "ym:close"
        return response
    response = render(request, "desk/leads/reveal.html#ask", values, status=422 if form.errors else 200)
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def show(
    request: StaffRequest,
    lead_id: UUID,
    *,
    touch_form: TouchForm | None = None,
    loss_form: LossForm | None = None,
    transfer_form: TransferForm | None = None,
    erase_form: EraseForm | None = None,
    agree_form: AgreeForm | None = None,
    refusal: RuleBroken | None = None,
) -> HttpResponse:
    """One lead, with whatever form or act was refused."""
    by, now = request.user, timezone.now()
    lead = open_lead(lead_id, by=by)
    period = lists.period_of(lead)
    is_ours = not lead.is_in_pool or by.may(Permission.LEAD_ASSIGN)
    is_open = lead.status == LeadStatus.OPEN
    may_write = by.may(Permission.LEAD_WRITE)
    may_reveal = not lead.is_in_pool and by.may(Permission.PATIENT_REVEAL)
    notice = current_notice(MARKETING, Audience.ADULT)
    events = lists.timeline(lead) if is_ours else []
    last = (
        lead.touches.exclude(outcome=Outcome.ASKED).order_by("-at").values_list("outcome", flat=True).first()
    )
    values = {
        "lead": lead,
        "row": lists.row(lead, by=by, due_on=period.due_on if period else None),
        "period": period,
        "events": events,
        "now": now,
        "limit": int(numbers.response(local_date(now)).total_seconds() // 60),
        "is_ours": is_ours,
        "is_open": is_open,
        "may_claim": is_open and lead.is_in_pool and may_write,
        "may_work": is_open and not lead.is_in_pool and may_write,
        "may_reopen": lead.status == LeadStatus.LOST and may_write,
        "may_assign": is_open and by.may(Permission.LEAD_ASSIGN),
        "reveal_url": reverse("desk:lead-reveal", args=[lead_id]) if may_reveal else "",
        "may_book": is_open and not lead.is_in_pool and by.may(Permission.BOOKING_WRITE),
        "script": hint(is_first=lead.first_response_at is None, last=Outcome(last) if last else None),
        "refusal": refusal,
        "form": touch_form or TouchForm(now=now),
        "loss_form": loss_form or LossForm(),
        "transfer_form": transfer_form or _transfer_form(lead),
        "may_erase": lead.patient_id is None and by.may(Permission.LEAD_ASSIGN),
        "erase_form": erase_form or EraseForm(),
        "attach_form": AttachForm() if is_open and may_write and referrals.may_attach(lead) else None,
        "duplicates": lead.duplicates.count(),
        "calls": calls.of_lead(lead) if is_ours else [],
        "score": scoring.of(lead) if is_open and is_ours else None,
        "answers": answering.of_lead(lead, now=now) if is_ours else None,
        "agree_form": agree_form or AgreeForm(initial={"notice": notice.public_id if notice else ""}),
        "may_answer": may_write and lead.patient_id is None and not lead.is_in_pool,
        "notice": notice,
        "draws": assigning.of_lead(lead) if by.may(Permission.LEAD_ASSIGN) else [],
    }
    is_refused = bool(touch_form or loss_form or transfer_form or erase_form or agree_form or refusal)
    return render(request, "desk/leads/lead.html", values, status=422 if is_refused else 200)


def _transfer_form(lead: "Lead", sent: "QueryDict | None" = None) -> TransferForm:
    team = owners.owners_at(lead.campus).select_related("role").exclude(pk=lead.owner_id or 0)
    choices = [(str(one.public_id), f"{one.name} · {one.role.name}") for one in team]
    return TransferForm(sent, staff=choices)
