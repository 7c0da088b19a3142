"""The catalogue: procedures, list prices, what comes before and after, and who confirmed it; working days."""

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.desk.forms.catalogue import BeforeForm, DaysForm, PriceForm, ProcedureForm, StepSet
from yimei.hospital import queries
from yimei.hospital.access import open_procedure
from yimei.hospital.actions.procedures import Step
from yimei.hospital.enums import Category
from yimei.journey.actions import catalogue as actions
from yimei.journey.queries.clinical import confirmed_by
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blame, blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from yimei.hospital.models import Procedure


@require_GET
@allow(Permission.CATALOGUE_WRITE, Permission.PLAN_WRITE)
def index(request: StaffRequest) -> HttpResponse:
    """Every procedure with its price of today at the reader's campus."""
    wanted, text = request.GET.get("category", ""), request.GET.get("q", "").strip()[:60]
    rows = queries.price_list(request.user.campus, local_date(timezone.now()))
    shown = [row for row in rows if wanted in ("", row.procedure.category) and text in row.procedure.name]
    values = {
        "rows": shown,
        "q": text,
        "category": wanted,
        "ceiling": queries.ceiling_of(request.user.campus),
        "unconfirmed": sum(1 for row in rows if row.procedure.is_active and not row.procedure.confirmed_at),
        "unpriced": sum(1 for row in rows if row.procedure.is_active and row.price is None),
        "filters": [
            (_("全部"), "?", not wanted),
            *((one.label, f"?category={one.value}", wanted == one.value) for one in Category),
        ],
        "may_write": request.user.may(Permission.CATALOGUE_WRITE),
    }
    return render(request, "desk/catalogue/index.html", values)


@allow(Permission.CATALOGUE_WRITE)
def new(request: StaffRequest) -> HttpResponse:
    form = ProcedureForm(request.POST or None)
    form.fields.pop("is_active")
    if form.is_bound and form.is_valid():
        with blaming(form):
            made = actions.save(None, **form.cleaned_data, by=request.user, now=timezone.now())
            said = _("已登记；定好价格并经临床确认后再用。")
            return toast(request, redirect_to(request, "desk:procedure", made.public_id), said)
    return render(request, "desk/catalogue/new.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@allow(Permission.CATALOGUE_WRITE, Permission.PLAN_WRITE)
def detail(request: StaffRequest, procedure_id: UUID) -> HttpResponse:
    return _page(request, open_procedure(procedure_id))


@require_POST
@allow(Permission.CATALOGUE_WRITE)
def save(request: StaffRequest, procedure_id: UUID) -> HttpResponse:
    one = open_procedure(procedure_id)
    form = _form(one, request)
    if not form.is_valid():
        return _page(request, one, form=form)
    try:
        actions.save(procedure_id, **form.cleaned_data, by=request.user, now=timezone.now())
    except RuleBroken as refusal:
        blame(form, refusal)
        return _page(request, one, form=form)
    return _done(request, one, _("已保存；改了临床内容的，要重新确认。"))


@require_POST
@allow(Permission.CATALOGUE_WRITE)
def price(request: StaffRequest, procedure_id: UUID) -> HttpResponse:
    one, now = open_procedure(procedure_id), timezone.now()
    form = PriceForm(request.POST, today=local_date(now))
    if form.is_valid():
        with blaming(form):
            actions.set_price(procedure_id, **form.cleaned_data, by=request.user, now=now)
            return _done(request, one, _("价格已登记，到那天自动生效，历史保留。"))
    return _page(request, one, price=form)


@require_POST
@allow(Permission.CATALOGUE_WRITE)
def before(request: StaffRequest, procedure_id: UUID) -> HttpResponse:
    one = open_procedure(procedure_id)
    form = _before(one, request.POST)
    if not form.is_valid():
        return _page(request, one, before=form)
    actions.ask_for(procedure_id, **form.cleaned_data, by=request.user, now=timezone.now())
    return _done(request, one, _("已保存，须重新临床确认。"))


@require_POST
@allow(Permission.CATALOGUE_WRITE)
def aftercare(request: StaffRequest, procedure_id: UUID) -> HttpResponse:
    one = open_procedure(procedure_id)
    steps = StepSet(request.POST)
    if not steps.is_valid():
        return _page(request, one, steps=steps)
    kept = [row for row in (form.cleaned_data for form in steps) if row and not row.pop("DELETE", False)]
    actions.plan_aftercare(
        procedure_id, steps=[Step(**row) for row in kept], by=request.user, now=timezone.now()
    )
    return _done(request, one, _("已保存；已排给客户的术后任务不变。"))


@require_POST
@allow(Permission.PLAN_WRITE)
def confirm(request: StaffRequest, procedure_id: UUID) -> HttpResponse:
    one = actions.confirm(procedure_id, by=request.user, now=timezone.now())
    return _done(request, one, _("已由您署名确认。"))


@allow(Permission.CATALOGUE_WRITE)
def days(request: StaffRequest) -> HttpResponse:
    """Holidays and make-up workdays, year by year, as the notices name them."""
    now = timezone.now()
    form = DaysForm(request.POST or None)
    if form.is_bound and form.is_valid():
        with blaming(form):
            n = actions.mark_days(**form.cleaned_data, by=request.user, now=now)
            return toast(
                request, redirect_to(request, "desk:working-days"), _("已登记 %(n)d 天。") % {"n": n}
            )
    first = date(local_date(now).year, 1, 1)
    marked = queries.marked_spans(first, date(first.year + 1, 12, 31))
    years = [
        (year, [one for one in marked if one.row.day.year == year]) for year in (first.year, first.year + 1)
    ]
    values = {"form": form, "years": years}
    return render(request, "desk/catalogue/days.html", values, status=422 if form.errors else 200)


def _form(one: "Procedure", request: StaffRequest | None = None) -> ProcedureForm:
    known = {name: getattr(one, name) for name in ProcedureForm.base_fields}
    form = ProcedureForm(request.POST if request else None, initial=known)
    form.fields["code"].disabled = True
    return form


def _before(one: "Procedure", posted: Any = None) -> BeforeForm:
    tests, papers = queries.before_choices()
    asked = queries.before(one)
    return BeforeForm(
        posted, tests=tests, papers=papers, initial={"tests": asked.tests, "papers": asked.papers}
    )


def _done(request: StaffRequest, one: "Procedure", text: str) -> HttpResponse:
    return toast(request, redirect_to(request, "desk:procedure", one.public_id), text)


def _page(request: StaffRequest, one: "Procedure", **bound: Any) -> HttpResponse:
    """The page of one procedure; a form that was refused comes back as it was typed."""
    today = local_date(timezone.now())
    steps = [
        {"day": row.day, "kind": row.kind, "title": row.title, "window_hours": row.window_hours}
        for row in one.aftercare_steps.all()
    ]
    known = {
        "form": _form(one),
        "price": PriceForm(today=today),
        "before": _before(one),
        "steps": StepSet(initial=steps),
    }
    values = (
        known
        | bound
        | {
            "one": one,
            "today": today,
            "prices": queries.price_history(one, request.user.campus),
            "campus": request.user.campus,
            "confirmed_by": confirmed_by(one),
            "may_write": request.user.may(Permission.CATALOGUE_WRITE),
            "may_confirm": request.user.may(Permission.PLAN_WRITE),
        }
    )
    return render(request, "desk/catalogue/detail.html", values, status=422 if bound else 200)
