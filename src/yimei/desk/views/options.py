"""Options beside each other, on the screen and on paper, and the customer's choice."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.desk.forms.plans import ChoiceForm
from yimei.desk.views.customer.frames import frame
from yimei.journey.access import open_plan
from yimei.journey.actions import plans as actions
from yimei.journey.enums import PlanStatus
from yimei.journey.queries import forms, papers
from yimei.journey.queries import plans as queries
from yimei.people.access import may_see_clinical
from yimei.people.queries import needs_guardian
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from datetime import datetime

    from yimei.journey.models import Case, Plan


@allow(Permission.PLAN_WRITE, Permission.CONSULT_WRITE)
def choose(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    plan, now = open_plan(plan_id, by=request.user), timezone.now()
    is_own = not needs_guardian(plan.case.patient, local_date(now))
    guardians = guardians_of(plan.case, now)
    budget = queries.budget_of(plan.case)
    is_over = budget is not None and plan.price > budget
    data = request.POST if request.method == "POST" else None
    form = ChoiceForm(
        data,
        guardians=None if is_own else guardians,
        witnesses=queries.witnesses(plan.case, by=request.user),
        is_over=is_over,
    )
    if request.method == "POST":
        if not form.is_valid():
            raise RuleBroken(str(next(iter(form.errors.values()))[0]))
        chosen = actions.choose(plan_id, by=request.user, now=now, choice=form.choice)
        page = "case-plan" if may_see_clinical(request.user, chosen.case.patient, now) else "case"
        said = _("已记录：客户选定方案 v%(version)d。") % {"version": chosen.version}
        return toast(request, redirect_to(request, f"desk:{page}", chosen.case.public_id), said)
    page = "case-plan" if request.user.may(Permission.CLINICAL_VIEW) else "case"
    customer = frame(request, plan.case.public_id, current=page)
    values = {
        "customer": customer,
        "plan": plan,
        "lines": queries.lines_of(plan) if customer.sees_clinical else (),
        "form": form,
        "budget": budget,
        "is_over": is_over,
        "is_open": plan.status == PlanStatus.FINAL or is_chosen_again(plan, now),
        "is_own": is_own,
        "guardians": guardians,
    }
    return render(request, "desk/plans/choose.html", values)


def is_chosen_again(plan: "Plan", now: "datetime") -> bool:
    """Whether a chosen plan still wants its choice from somebody who may decide."""
    return plan.status == PlanStatus.CHOSEN and not queries.choice_holds(plan, local_date(now))


@require_GET
@allow(Permission.CLINICAL_VIEW)
def compare(request: StaffRequest, case_id: UUID) -> HttpResponse:
    customer = frame(request, case_id, current="case-plan")
    values: dict[str, object] = {"customer": customer}
    if customer.case is not None and not customer.needs_glass:
        standing = queries.options(customer.case)
        values |= {
            "plans": standing,
            "rows": queries.side_by_side(standing),
            "budget": queries.budget_of(customer.case),
        }
    return render(request, "desk/plans/compare.html", values)


@require_GET
@allow(Permission.CLINICAL_VIEW)
def compare_pdf(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Print the options for the customer to take home and weigh."""
    customer = frame(request, case_id, current="case-plan")
    if customer.case is None or customer.needs_glass:
        raise NotFound
    data = papers.options(customer.case, by=request.user, now=customer.now)
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="options.pdf"'
    return response


def guardians_of(case: "Case", now: "datetime") -> Sequence[tuple[str, str]]:
    """Who may sign for a customer who may not alone, as a list to choose from."""
    if not needs_guardian(case.patient, local_date(now)):
        return ()
    return [
        (str(each.public_id), f"{each.person.name}（{each.get_relation_display()}）")
        for each in forms.guardians(case)
    ]
