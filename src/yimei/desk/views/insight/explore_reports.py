"""From the explorer into a report: a question at the end of a draft, or answered every week or month."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yimei.desk.forms.reports import AddForm, AskAgainForm
from yimei.desk.views.insight.shared import parsed
from yimei.insight.actions.reports import drafts, schedules
from yimei.insight.enums import ReportStatus
from yimei.insight.queries.reports import reports as queries
from yimei.insight.rules.questions import Question
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

MOST = 50


@require_POST
@allow(Permission.INSIGHT_REPORT)
def add(request: StaffRequest) -> HttpResponse:
    by, now = request.user, timezone.now()
    form = add_form(request, request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    data = form.cleaned_data
    question = parsed(QueryDict(data["question"]))
    report = drafts.take_up(question, report=data["report"], title=data["title"], by=by, now=now)
    return toast(request, redirect_to(request, "desk:insight-report", report.public_id), _("已加入报告。"))


@require_POST
@allow(Permission.INSIGHT_REPORT)
def ask_again(request: StaffRequest) -> HttpResponse:
    question = parsed(QueryDict(request.POST.get("question", "")))
    form = again_form(request, question, request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    data = {name: value for name, value in form.cleaned_data.items() if name != "question"}
    schedules.plan_question(question, **data, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:insight-schedules"), _("定期报告已设定。"))


def add_form(request: StaffRequest, data: Any = None) -> AddForm:
    mine = queries.reports(request.user, status=ReportStatus.DRAFT)[:MOST]
    return AddForm(data, drafts=[(one.public_id, one.title) for one in mine])


def again_form(request: StaffRequest, question: Question, data: Any = None) -> AskAgainForm:
    reached = queries.roles_reached(request.user, question.metric.need)
    return AskAgainForm(data, roles=[(role.code, role.name) for role in reached])
