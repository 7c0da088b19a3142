"""Stop rules of one case: what was said, what stands in the way, what a physician let pass."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.errors import NotFound
from yimei.desk.forms.assessments import OverrideForm, StopForm
from yimei.desk.views.customer.frames import frame
from yimei.journey.access import open_case
from yimei.journey.actions import stops as actions
from yimei.journey.queries import stops as queries
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@require_GET
@allow(Permission.CLINICAL_VIEW)
def stops(request: StaffRequest, case_id: UUID) -> HttpResponse:
    return _page(request, case_id)


@require_POST
@allow(Permission.TEST_WRITE, Permission.CLINICAL_WRITE)
def note(request: StaffRequest, case_id: UUID, rule_code: str) -> HttpResponse:
    case = open_case(case_id, by=request.user, permission=Permission.CLINICAL_VIEW)
    now = timezone.now()
    asked = queries.rules_for(case, on=queries.planned_day(case, now))
    rule = next((each for each in asked if each.code == rule_code), None)
    if rule is None:
        raise NotFound
    form = StopForm(request.POST, rule=rule, auto_id=f"id_%s_{rule.code}")
    if not form.is_valid():
        return _page(request, case_id, asked=form, code=rule_code)
    actions.note(case_id, rule_code=rule_code, **form.cleaned_data, by=request.user, now=now)
    said = _("已记录：%(name)s。") % {"name": rule.name}
    return toast(request, redirect_to(request, "desk:case-stops", case_id), said)


@require_POST
@allow(Permission.PLAN_WRITE)
def override(request: StaffRequest, case_id: UUID) -> HttpResponse:
    actions.override(
        case_id,
        finding_key=request.POST.get("key", "")[:60],
        reason=request.POST.get("reason", "")[:500],
        by=request.user,
        now=timezone.now(),
    )
    said = _("已放行，姓名与理由会一直显示在手术前清单上。")
    return toast(request, redirect_to(request, "desk:case-stops", case_id), said)


def _page(
    request: StaffRequest, case_id: UUID, *, asked: StopForm | None = None, code: str = ""
) -> HttpResponse:
    customer = frame(request, case_id, current="case-assessment")
    values: dict[str, object] = {"customer": customer}
    if customer.case is not None and not customer.needs_glass:
        lines = queries.sheet(customer.case, now=customer.now)
        values |= {
            "rows": [
                (
                    line,
                    asked
                    if asked and line.rule.code == code
                    else StopForm(rule=line.rule, auto_id=f"id_%s_{line.rule.code}"),
                    OverrideForm(auto_id=f"id_%s_pass_{line.rule.code}"),
                )
                for line in lines
            ],
            "code": code,
            "planned": queries.planned_day(customer.case, customer.now),
            "standing": sum(
                line.finding is not None and line.finding.is_blocking and line.override is None
                for line in lines
            ),
            "may_note": request.user.may(Permission.TEST_WRITE)
            or request.user.may(Permission.CLINICAL_WRITE),
            "may_override": request.user.may(Permission.PLAN_WRITE),
        }
    return render(request, "desk/assessments/stops.html", values, status=422 if asked else 200)
