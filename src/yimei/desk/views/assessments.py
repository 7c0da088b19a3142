"""The pre-operative assessment: one form, the earlier ones below it."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.desk.forms.assessments import AssessmentForm, BodyForm
from yimei.desk.views.customer.frames import frame
from yimei.journey.access import open_case
from yimei.journey.actions import assessments as actions
from yimei.journey.queries import assessments as queries
from yimei.journey.queries import stops
from yimei.journey.rules import assessments as rules
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from yimei.journey.models import Case


@allow(Permission.CLINICAL_VIEW)
def assessment(request: StaffRequest, case_id: UUID) -> HttpResponse:
    if request.method == "POST":
        return _record(request, case_id)
    return _page(request, case_id)


@require_GET
@allow(Permission.CLINICAL_WRITE)
def bmi(request: StaffRequest) -> HttpResponse:
    """Work out the index while height and weight are being typed; keeps nothing."""
    form = BodyForm(request.GET)
    value = rules.bmi(**form.cleaned_data) if form.is_valid() else None
    words = rules.bmi_words(value) if value is not None else ""
    return render(request, "desk/assessments/assessment.html#bmi", {"bmi": value, "bmi_words": words})


@require_POST
@allow(Permission.CLINICAL_WRITE)
def scores(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Work out the scores while items are ticked; keeps nothing."""
    case = open_case(case_id, by=request.user, permission=Permission.CLINICAL_VIEW)
    form = _form(case, request.POST, now=timezone.now())
    form.is_valid()
    worked = queries.preview(case, form.cleaned_data, now=timezone.now())
    return render(request, "desk/assessments/assessment.html#scores", {"scores": worked})


def _record(request: StaffRequest, case_id: UUID) -> HttpResponse:
    case = open_case(case_id, by=request.user)
    form = _form(case, request.POST, now=timezone.now())
    if not form.is_valid():
        return _page(request, case_id, form=form)
    names = (
        "height_cm",
        "weight_kg",
        "asa",
        "medication",
        "body_image_concern",
        "is_fit",
        "opinion",
        "mallampati",
    )
    actions.record(
        case_id,
        **{name: form.cleaned_data[name] for name in names},
        history=form.history,
        stops=form.stops,
        score_items=form.score_items,
        by=request.user,
        now=timezone.now(),
    )
    return toast(request, redirect_to(request, "desk:case-assessment", case_id), _("评估已保存。"))


def _page(request: StaffRequest, case_id: UUID, *, form: AssessmentForm | None = None) -> HttpResponse:
    customer = frame(request, case_id, current="case-assessment")
    values: dict[str, object] = {"customer": customer}
    case = customer.case
    if case is not None and not customer.needs_glass:
        may_write = request.user.may(Permission.CLINICAL_WRITE) and case.stage in queries.ASSESSABLE
        blank = _form(case, None, now=customer.now)
        values |= {
            "form": form or blank,
            "may_write": may_write,
            "assessments": queries.assessed(case),
            "standing": [line for line in stops.sheet(case, now=customer.now) if line.finding],
            "bmi": None,
            "bmi_words": "",
            "scores": (),
        }
    piece = "#form" if form and request.htmx else ""
    status = 422 if form else 200
    return render(request, f"desk/assessments/assessment.html{piece}", values, status=status)


def _form(case: "Case", data: QueryDict | None, *, now: datetime) -> AssessmentForm:
    asked = stops.rules_for(case, on=stops.planned_day(case, now))
    said = stops.said_beforehand(case, now=now)
    return AssessmentForm(data, sex=case.patient.person.sex, rules_of=asked, said=said)
