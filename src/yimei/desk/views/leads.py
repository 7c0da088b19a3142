"""Leads: the list with its saved views, a new enquiry, one lead with its calls."""

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.desk.forms.bookings import WantedForm
from yimei.desk.forms.leads import (
    AgreeForm,
    EraseForm,
    LeadBookingForm,
    LeadForm,
    LossForm,
    NumberForm,
    TouchForm,
    TransferForm,
)
from yimei.desk.forms.patients import RevealForm
from yimei.desk.forms.referrals import AttachForm
from yimei.desk.views.bookings import halves
from yimei.desk.views.calls import by_category
from yimei.growth.access import open_lead, own_lead
from yimei.growth.actions import erasing, owning, visits
from yimei.growth.actions import leads as actions
from yimei.growth.actions.answering import MARKETING
from yimei.growth.enums import AssignRule, LeadStatus, Outcome
from yimei.growth.queries import (
    answering,
    assigning,
    calls,
    lists,
    numbers,
    owners,
    picking,
    referrals,
    scoring,
)
from yimei.growth.rules.scripts import hint
from yimei.hospital.queries import catalogue_of
from yimei.journey.enums import BookingKind
from yimei.journey.queries import bookings as free
from yimei.people.enums import SourceKind
from yimei.people.queries import possible_duplicates
from yimei.people.roles import Permission
from yimei.privacy.enums import Audience
from yimei.privacy.queries import current_notice
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from django.http import QueryDict

    from yimei.growth.models import Lead

PAGE = 30
LABELS = {
    "mine": gettext_lazy("我的"),
    "due": gettext_lazy("今天要联系"),
    "overdue": gettext_lazy("已逾期"),
    "pool": gettext_lazy("公海"),
    "team": gettext_lazy("全部跟进中"),
    "ended": gettext_lazy("已结束"),
}


@require_GET
@allow(Permission.LEAD_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    now, by = timezone.now(), request.user
    is_manager = by.may(Permission.LEAD_ASSIGN)
    view = request.GET.get("view", "team" if is_manager else "mine")
    view = view if view in lists.VIEWS else "mine"
    source = request.GET.get("source", "")
    source = source if source in SourceKind.values else ""
    page = Paginator(lists.listed(view, by=by, now=now, source=source), PAGE).get_page(
        request.GET.get("page")
    )
    values = {
        "rows": lists.rows(list(page.object_list), by=by),
        "page": page,
        "view": view,
        "views": _views(lists.counts(by=by, now=now), view, source, is_manager=is_manager),
        "sources": _sources(view, source),
        "now": now,
        "limit": int(numbers.response(local_date(now)).total_seconds() // 60),
        "funnel": lists.funnel(by=by, now=now) if is_manager else None,
        "losses": lists.losses(by=by, now=now)[:4] if is_manager else [],
        "days": lists.WINDOW.days,
        "signs": picking.signs(by=by, now=now) if is_manager else [],
    }
    return render(request, "desk/leads/index.html", values)


@allow(Permission.LEAD_WRITE)
def new(request: StaffRequest) -> HttpResponse:
    initial = {
        "rule": AssignRule.ROUND_ROBIN if request.user.may(Permission.LEAD_ASSIGN) else AssignRule.SELF
    }
    form = LeadForm(request.POST or None, initial=initial)
    if form.is_bound and form.is_valid():
        with blaming(form):
            lead = actions.write_down(**form.cleaned_data, by=request.user, now=timezone.now())
            return _written(request, lead)
    status = 422 if form.is_bound else 200
    return render(request, "desk/leads/new.html", {"form": form, **_same(request, form)}, status=status)


@require_POST
@allow(Permission.LEAD_WRITE)
def same(request: StaffRequest) -> HttpResponse:
    """Whether this number is here already, while it is typed; posted, so that no address holds it."""
    return render(request, "desk/leads/new.html#same", _same(request, LeadForm(request.POST)))


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


@allow(Permission.PRIVACY_WRITE)
def forget(request: StaffRequest) -> HttpResponse:
    """Whoever only asked learns what is kept, or has it erased; posted, so that no address holds a number."""
    form, erase_form = NumberForm(request.POST or None), EraseForm()
    now = timezone.now()
    if form.is_bound and form.is_valid() and request.POST.get("act") == "erase":
        erase_form = EraseForm(request.POST)
        if erase_form.is_valid():
            count = erasing.erase_by_phone(
                form.cleaned_data["phone"], why=erase_form.cleaned_data["why"], by=request.user, now=now
            )
            text = _("已删除 %(count)d 条咨询记录，不可恢复。") % {"count": count}
            return toast(request, redirect_to(request, "desk:leads-forget"), text)
    is_asked = form.is_bound and form.is_valid()
    found = actions.look_up(form.cleaned_data["phone"], by=request.user, now=now) if is_asked else []
    values = {"form": form, "erase_form": erase_form, "found": found, "is_asked": is_asked}
    is_refused = bool(form.errors or erase_form.errors)
    return render(request, "desk/leads/forget.html", values, status=422 if is_refused else 200)


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


@allow(Permission.LEAD_WRITE)
def book(request: StaffRequest, lead_id: UUID) -> HttpResponse:
    """A consultation for a lead, through the bookings' own action."""
    lead, now = own_lead(lead_id, by=request.user), timezone.now()
    if not request.user.may(Permission.BOOKING_WRITE):
        raise NotFound
    choices: Any = {
        "procedures": by_category(catalogue_of(lead.campus, local_date(now))),
        "today": local_date(now),
    }
    start = {"key": uuid4(), "day": local_date(now).isoformat(), "kind": BookingKind.CONSULT.value}
    form = LeadBookingForm(request.POST or None, initial=start, **choices)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        with blaming(form):
            visits.become_customer(lead_id, by=request.user, now=now)
            booking = visits.book(
                lead_id,
                procedure_id=data["procedure"],
                starts_at=data["slot"].starts_at,
                staff_id=data["slot"].staff_id,
                room_id=data["slot"].room_id,
                note=data["note"],
                key=data["key"],
                by=request.user,
                now=now,
            )
            return toast(request, redirect_to(request, "desk:booking", booking.public_id), _("已登记预约。"))
    values = {"lead": lead, "row": lists.row(lead, by=request.user), "form": form}
    values |= _free(request, form, choices)
    return render(request, "desk/leads/book.html", values, status=422 if form.is_bound else 200)


# ---- what the pages share ---------------------------------------------------------------------


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


def _written(request: StaffRequest, lead: "Lead") -> HttpResponse:
    if lead.duplicate_of is not None:
        owner = lead.duplicate_of.owner
        who = owner.name if owner else _("公海")
        text = _("这个号码已有线索，已并入；归 %(who)s，已提醒其联系。") % {"who": who}
        return toast(request, redirect_to(request, "desk:leads"), text)
    if lead.owner_id == request.user.pk or request.user.may(Permission.LEAD_ASSIGN):
        return toast(request, redirect_to(request, "desk:lead", lead.public_id), _("已登记线索。"))
    who = lead.owner.name if lead.owner else _("公海")
    text = _("已登记线索，分配给 %(who)s。") % {"who": who}
    return toast(request, redirect_to(request, "desk:leads"), text)


def _same(request: StaffRequest, form: LeadForm) -> dict[str, Any]:
    number, name = (str(form[key].value() or "")[:100] for key in ("phone", "name"))
    people = possible_duplicates(number, name, "", by=request.user) if number.strip() else []
    return {"found": lists.same_phone(number, by=request.user), "people": people}


def _views(
    counted: dict[str, int], view: str, source: str, *, is_manager: bool
) -> list[tuple[str, str, bool, int | None]]:
    shown = [one for one in lists.VIEWS if is_manager or one != "team"]
    query = {"source": source} if source else {}
    return [
        (str(LABELS[one]), f"?{urlencode({'view': one, **query})}", one == view, counted.get(one))
        for one in shown
    ]


def _sources(view: str, source: str) -> list[tuple[str, str, bool]]:
    every = [(_("全部来源"), f"?{urlencode({'view': view})}", not source)]
    return every + [
        (str(one.label), f"?{urlencode({'view': view, 'source': one.value})}", one.value == source)
        for one in SourceKind
    ]


def _free(request: StaffRequest, form: LeadBookingForm, choices: Any) -> dict[str, Any]:
    typed = {name: str(form[name].value() or "") for name in ("procedure", "day")}
    wanted = WantedForm({**typed, "kind": BookingKind.CONSULT.value}, **choices)
    is_ready, offers = wanted.is_valid(), []
    if is_ready:
        found = free.slots_by_person(
            kind=BookingKind.CONSULT,
            procedure_id=wanted.cleaned_data["procedure"],
            campus_id=request.user.campus.public_id,
            day=wanted.cleaned_data["day"],
            by=request.user,
            now=timezone.now(),
        )
        offers = halves(found)
    return {
        "offers": offers,
        "is_ready": is_ready,
        "wanted": wanted.cleaned_data.get("day") if is_ready else None,
        "consult": None,
        "day_error": "",
        "slot": str(form["slot"].value() or ""),
    }
