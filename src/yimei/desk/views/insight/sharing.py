"""Around a report: links, comments, decisions, and the timetable of those that write themselves."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from yimei.desk.forms.reports import CommentForm, DecisionForm, ScheduleForm
from yimei.desk.views.insight.reports import link_form, page_of
from yimei.insight.access import open_report
from yimei.insight.actions.reports import schedules, sharing, talk
from yimei.insight.queries.reports import reports as queries
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@require_POST
@allow(Permission.INSIGHT_REPORT)
@never_cache
def share(request: StaffRequest, report_id: UUID) -> HttpResponse:
    """Show the new address this once: only its hash is kept."""
    report = open_report(report_id, by=request.user)
    form = link_form(report, request.user, request.POST)
    address = ""
    if form.is_valid():
        with blaming(form):
            _report, secret = sharing.share(
                report_id, **form.cleaned_data, by=request.user, now=timezone.now()
            )
            address = settings.REPORT_SHARE_LINK.format(secret=secret)
    values = page_of(request, report) | {"share": form, "address": address}
    status = 422 if form.errors else 200
    return render(request, "desk/insight/reports/report.html", values, status=status)


@require_POST
@allow(Permission.INSIGHT_REPORT)
def take_back(request: StaffRequest, link_id: UUID) -> HttpResponse:
    report = sharing.take_back(link_id, by=request.user, now=timezone.now())
    to = redirect_to(request, "desk:insight-report", report.public_id)
    return toast(request, to, _("链接已收回，打开的人会看到「没有找到」。"))


@require_GET
@allow()
@never_cache
def shared(request: StaffRequest, secret: str) -> HttpResponse:
    report = sharing.open_shared(secret, by=request.user, now=timezone.now())
    document = queries.document(report, by=request.user, now=timezone.now())
    values = {"report": report, "document": document}
    response = render(request, "desk/insight/reports/shared.html", values)
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
@allow(Permission.INSIGHT_VIEW)
def comment(request: StaffRequest, report_id: UUID) -> HttpResponse:
    report = open_report(report_id, by=request.user)
    people = [(str(one.public_id), one.name) for one in queries.colleagues(report, request.user)]
    form = CommentForm(request.POST, people=people)
    if form.is_valid():
        with blaming(form):
            talk.comment(report_id, **form.cleaned_data, by=request.user, now=timezone.now())
            return toast(request, redirect_to(request, "desk:insight-report", report_id), _("评论已保存。"))
    values = page_of(request, report) | {"comment": form}
    return render(request, "desk/insight/reports/report.html", values, status=422)


@require_POST
@allow(Permission.INSIGHT_VIEW)
def decide(request: StaffRequest, report_id: UUID) -> HttpResponse:
    report = open_report(report_id, by=request.user)
    people = [(str(one.public_id), one.name) for one in queries.colleagues(report, request.user)]
    form = DecisionForm(request.POST, people=[(str(request.user.public_id), request.user.name), *people])
    if form.is_valid():
        with blaming(form):
            talk.decide(report_id, **form.cleaned_data, by=request.user, now=timezone.now())
            return toast(request, redirect_to(request, "desk:insight-report", report_id), _("决定已记下。"))
    values = page_of(request, report) | {"decide": form}
    return render(request, "desk/insight/reports/report.html", values, status=422)


@require_POST
@allow(Permission.INSIGHT_VIEW)
def finish(request: StaffRequest, decision_id: UUID) -> HttpResponse:
    row = talk.finish(decision_id, by=request.user, now=timezone.now())
    to = redirect_to(request, "desk:insight-report", row.report.public_id)
    return toast(request, to, _("已记为完成。"))


@allow(Permission.INSIGHT_REPORT)
def timetable(request: StaffRequest) -> HttpResponse:
    by = request.user
    form = ScheduleForm(
        request.POST or None,
        can_see_money=by.may(Permission.INSIGHT_FINANCE),
        may_sign=by.may(Permission.INSIGHT_SIGN),
        roles=[(role.code, role.name) for role in queries.roles_reached(by)],
    )
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            schedules.plan(**{"is_automatic": False, **form.cleaned_data}, by=by, now=timezone.now())
            return toast(request, redirect_to(request, "desk:insight-schedules"), _("定期报告已设定。"))
    values = {"form": form, "rows": queries.schedules(by)}
    status = 422 if form.errors else 200
    return render(request, "desk/insight/reports/schedules.html", values, status=status)


@require_POST
@allow(Permission.INSIGHT_REPORT)
def switch(request: StaffRequest, schedule_id: UUID) -> HttpResponse:
    row = schedules.switch(schedule_id, by=request.user, now=timezone.now())
    text = _("已恢复。") if row.is_active else _("已停用，不再自动写。")
    return toast(request, redirect_to(request, "desk:insight-schedules"), text)
