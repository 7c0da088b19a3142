"""来源: links and databases from which tables are fetched, and the machines that may be asked."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yimei.desk.forms.sources import HostForm, SourceForm
from yimei.insight.actions import sources as actions
from yimei.insight.queries import sources as queries
from yimei.insight.rules.imports.templates import TEMPLATES
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@allow(Permission.INSIGHT_IMPORT)
def index(request: StaffRequest) -> HttpResponse:
    form = SourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            actions.connect(**form.values, by=request.user, now=timezone.now())
            return redirect_to(request, "desk:insight-sources")
    found = list(queries.sources(request.user))
    busy, newest = queries.fetching(found), queries.newest(found)
    rows = [
        (one, TEMPLATES[one.template].words, queries.job_key(one) in busy, newest.get(one.pk))
        for one in found
    ]
    values = {"form": form, "rows": rows, "is_busy": bool(busy), "hosts": queries.hosts()}
    return render(request, "desk/insight/sources.html", values, status=422 if form.errors else 200)


@require_POST
@allow(Permission.INSIGHT_IMPORT)
def ask(request: StaffRequest, source_id: UUID) -> HttpResponse:
    actions.ask(source_id, by=request.user, now=timezone.now())
    return redirect_to(request, "desk:insight-sources")


@require_POST
@allow(Permission.INSIGHT_IMPORT)
def close(request: StaffRequest, source_id: UUID) -> HttpResponse:
    actions.close(source_id, by=request.user, now=timezone.now())
    said = _("已停用，账号密码已销毁；取来的数据还在。")
    return toast(request, redirect_to(request, "desk:insight-sources"), said)


@allow(Permission.CATALOGUE_WRITE)
def hosts(request: StaffRequest) -> HttpResponse:
    form = HostForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            actions.allow(form.cleaned_data["name"], by=request.user, now=timezone.now())
            return redirect_to(request, "desk:insight-hosts")
    values = {"form": form, "hosts": queries.hosts()}
    return render(request, "desk/insight/hosts.html", values, status=422 if form.errors else 200)


@require_POST
@allow(Permission.CATALOGUE_WRITE)
def forbid(request: StaffRequest, host_id: UUID) -> HttpResponse:
    actions.forbid(host_id, by=request.user, now=timezone.now())
    return redirect_to(request, "desk:insight-hosts")
