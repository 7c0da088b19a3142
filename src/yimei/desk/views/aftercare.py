"""After the operation: what is due, what came of each, reviews, the survey, the end of the case."""

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.desk.forms.aftercare import OutcomeForm, ReviewForm
from yimei.desk.views.customer.frames import Frame, frame
from yimei.hospital.enums import StepKind
from yimei.journey.access import open_task
from yimei.journey.actions import aftercare as actions
from yimei.journey.enums import CaseStage
from yimei.journey.queries import aftercare as queries
from yimei.journey.queries import facts
from yimei.journey.rules import gates
from yimei.journey.rules.surveys import DIMENSIONS
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@require_GET
@allow(Permission.AFTERCARE_VIEW)
def aftercare(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    due, kind = request.GET.get("due", "today"), request.GET.get("kind", "")
    due = due if due in queries.DUE else "today"
    counts = queries.counts(by=request.user, now=now)
    labels = {"overdue": _("已逾期"), "today": _("今天要做"), "week": _("七天内"), "done": _("已完成")}
    values = {
        "rows": queries.worklist(by=request.user, now=now, due=due, kind=kind),
        "due": due,
        "filters": [
            (label, f"?{urlencode({'due': name, 'kind': kind})}", name == due, counts[name])
            for name, label in labels.items()
        ],
        "kinds": [(_("全部"), f"?{urlencode({'due': due})}", kind not in StepKind)]
        + [
            (str(each.label), f"?{urlencode({'due': due, 'kind': each.value})}", kind == each.value)
            for each in StepKind
        ],
        "may_write": request.user.may(Permission.AFTERCARE_WRITE),
    }
    return render(request, "desk/aftercare/list.html", values)


@allow(Permission.AFTERCARE_WRITE)
def finish(request: StaffRequest, task_id: UUID) -> HttpResponse:
    """The dialog of one task and its answer; afterwards the reader is where he was."""
    task = open_task(task_id, by=request.user)
    form = OutcomeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.finish_task(task_id, **form.cleaned_data, by=request.user, now=timezone.now())
        answer = redirect_to(request, _back(request, task.case.public_id))
        return toast(request, answer, _("已记录：%(title)s。") % {"title": task.title})
    values = {"task": task, "form": form, "back": request.GET.get("back", "")}
    template = "desk/aftercare/finish.html"
    status = 422 if form.is_bound else 200
    return render(request, f"{template}#dialog" if request.htmx else template, values, status=status)


@allow(Permission.AFTERCARE_VIEW)
def review(request: StaffRequest, case_id: UUID) -> HttpResponse:
    if request.method != "POST":
        return _page(request, case_id)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return _page(request, case_id, form=form)
    actions.review(case_id, **form.cleaned_data, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:case-review", case_id), _("复查已保存。"))


@require_POST
@allow(Permission.AFTERCARE_WRITE)
def close(request: StaffRequest, case_id: UUID) -> HttpResponse:
    actions.close(case_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:case-review", case_id), _("这次诊疗已结案。"))


def _back(request: StaffRequest, case_id: UUID) -> str:
    is_list = request.GET.get("back") == "list"
    return reverse("desk:aftercare") if is_list else reverse("desk:case-review", args=[case_id])


def _page(request: StaffRequest, case_id: UUID, *, form: ReviewForm | None = None) -> HttpResponse:
    customer = frame(request, case_id, current="case-review", permission=Permission.AFTERCARE_VIEW)
    values = {"customer": customer} | _values(request, customer, form)
    piece = "#form" if form and request.htmx else ""
    return render(request, f"desk/aftercare/case.html{piece}", values, status=422 if form else 200)


def _values(request: StaffRequest, customer: Frame, form: ReviewForm | None) -> dict[str, object]:
    case = customer.case
    assert case is not None
    survey = queries.survey_of(case)
    is_after = case.stage in {CaseStage.DISCHARGED, CaseStage.REVIEWED}
    closing = (
        gates.missing(
            CaseStage.CLOSED,
            facts.gather(case, on=customer.now, before=CaseStage.CLOSED, reading=customer.reading),
            sees_clinical=False,
        )
        if case.stage == CaseStage.REVIEWED
        else []
    )
    answered = (survey.dimensions or {}) if survey else {}
    return {
        "tasks": queries.tasks_of(case),
        "reviews": queries.reviews_of(case) if customer.sees_clinical else (),
        "form": form or ReviewForm(),
        "goal": form["goal_reached"].value() if form else None,
        "may_review": is_after and customer.sees_clinical and request.user.may(Permission.CLINICAL_WRITE),
        "may_write": request.user.may(Permission.AFTERCARE_WRITE),
        "survey": survey,
        "dimensions": [
            (str(label), answered[name]) for name, label in DIMENSIONS.items() if name in answered
        ],
        "is_survey_over": survey is not None and survey.expires_at <= customer.now,
        "may_close": case.stage == CaseStage.REVIEWED and request.user.may(Permission.AFTERCARE_WRITE),
        "closing": closing,
    }
