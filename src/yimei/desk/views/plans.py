"""The plan: written by the responsible physician, version by version, chosen by the customer."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yimei.core.errors import RuleBroken
from yimei.desk.forms.plans import PlanForm
from yimei.desk.views.customer import Frame, frame
from yimei.journey.access import open_case
from yimei.journey.actions import plans as actions
from yimei.journey.enums import PlanStatus
from yimei.journey.queries import expectations
from yimei.journey.queries import plans as queries
from yimei.journey.rules.plans import Difference
from yimei.people.access import may_see_clinical
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

DiffRow = tuple[str, str | None, str | None]


@allow(Permission.CLINICAL_VIEW)
def plan(request: StaffRequest, case_id: UUID) -> HttpResponse:
    if request.method == "POST":
        return _finalise(request, case_id)
    return _page(request, case_id)


@require_POST
@allow(Permission.PLAN_WRITE, Permission.CONSULT_WRITE)
def choose(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    now = timezone.now()
    chosen = actions.choose(plan_id, by=request.user, now=now)
    page = "case-plan" if may_see_clinical(request.user, chosen.case.patient, now) else "case"
    said = _("已记录：客户选定方案 v%(version)d。") % {"version": chosen.version}
    return toast(request, redirect_to(request, f"desk:{page}", chosen.case.public_id), said)


def _finalise(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Save the next version; when somebody else was faster, show what changed and keep what was typed."""
    case = open_case(case_id, by=request.user)
    form = PlanForm(request.POST, has_side=case.procedure.has_side)
    if not form.is_valid():
        return _page(request, case_id, form=form)
    seen = form.cleaned_data["written_against"]
    try:
        saved = actions.finalise(
            case_id, draft=form.draft, written_against=seen, by=request.user, now=timezone.now()
        )
    except RuleBroken as refusal:
        if refusal.code != "stale":
            raise
        return _page(request, case_id, form=form, stale=refusal.message, seen=seen)
    said = _("方案 v%(version)d 已定稿，等客户选择。") % {"version": saved.version}
    return toast(request, redirect_to(request, "desk:case-plan", case_id), said)


def _page(
    request: StaffRequest,
    case_id: UUID,
    *,
    form: PlanForm | None = None,
    stale: str = "",
    seen: int = 0,
) -> HttpResponse:
    customer = frame(request, case_id, current="case-plan")
    values: dict[str, object] = {"customer": customer}
    if customer.case is not None and not customer.needs_glass:
        values |= _values(request, customer, form=form, stale=stale, seen=seen)
        agreed = expectations.newest(customer.case)
        values["agreed"] = expectations.standing(agreed) if agreed else None
    status = 200 if form is None else 409 if stale else 422
    piece = "#form" if form and request.htmx else ""
    return render(request, f"desk/plans/plan.html{piece}", values, status=status)


def _values(
    request: StaffRequest, customer: Frame, *, form: PlanForm | None, stale: str, seen: int
) -> dict[str, object]:
    case = customer.case
    assert case is not None
    versions = queries.versions(case)
    newest = versions[0].plan if versions else None
    is_writer = request.user.may(Permission.PLAN_WRITE) and case.stage in actions.PLANNABLE
    missing = queries.missing_to_plan(case, by=request.user, now=customer.now) if is_writer else ()
    if form is None and is_writer and not missing:
        start = asdict(queries.opening(case, customer.now))
        start["written_against"] = start.pop("version")
        form = PlanForm(initial=start, has_side=case.procedure.has_side)
    elif form is not None and stale and newest is not None:
        data = request.POST.copy()
        data["written_against"] = str(newest.version)
        form = PlanForm(data, has_side=case.procedure.has_side)
    return {
        "form": form,
        "missing": missing,
        "stale": stale,
        "stale_rows": rows(queries.changes_since(case, seen)) if stale else [],
        "versions": [(version, rows(version.differences)) for version in versions],
        "newest": newest,
        "may_choose": newest is not None
        and newest.status == PlanStatus.FINAL
        and (request.user.may(Permission.PLAN_WRITE) or request.user.may(Permission.CONSULT_WRITE)),
        "is_open": not versions or (form is not None and form.is_bound),
    }


def rows(differences: Sequence[Difference]) -> list[DiffRow]:
    return [(each.label, each.old, each.new) for each in differences]
