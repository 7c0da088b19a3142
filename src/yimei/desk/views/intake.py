"""Enquiries from outside: the gates of other programs, and files."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from yimei.core.errors import NotFound
from yimei.desk.forms.intake import GateForm, LeadFileForm
from yimei.growth.actions import bringing
from yimei.growth.actions import intake as actions
from yimei.growth.queries import intake as queries
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@allow(Permission.GROWTH_VIEW)
def gates(request: StaffRequest) -> HttpResponse:
    """Who may bring enquiries, and what has come; a new gate for whoever runs growth."""
    may_write = request.user.may(Permission.GROWTH_WRITE)
    form = GateForm(request.POST or None)
    if form.is_bound and not may_write:
        raise NotFound
    if form.is_bound and form.is_valid():
        with blaming(form):
            actions.open_(**form.cleaned_data, by=request.user, now=timezone.now())
            return toast(request, redirect_to(request, "desk:gates"), _("已开通入口。"))
    values = {"rows": queries.gates(by=request.user), "form": form, "may_write": may_write, "secret": ""}
    return render(request, "desk/leads/gates.html", values, status=422 if form.errors else 200)


@never_cache
@require_POST
@allow(Permission.GROWTH_WRITE)
def secret(request: StaffRequest, gate_id: UUID) -> HttpResponse:
    """Address and key for whoever sets the other program up; posted, so that each look is meant."""
    shown = actions.show_secret(gate_id, by=request.user, now=timezone.now())
    values = {
        "hook": f"{settings.PUBLIC_URL}/hooks/leads/{gate_id}/",
        "api": f"{settings.PUBLIC_URL}/api/leads/",
        "secret": shown,
        "token": f"{gate_id}.{shown}",
    }
    return render(request, "desk/leads/gates.html#secret", values)


@require_POST
@allow(Permission.GROWTH_WRITE)
def renew(request: StaffRequest, gate_id: UUID) -> HttpResponse:
    actions.renew(gate_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:gates"), _("已换新密钥，旧密钥立即失效。"))


@require_POST
@allow(Permission.GROWTH_WRITE)
def stop(request: StaffRequest, gate_id: UUID) -> HttpResponse:
    actions.stop(gate_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:gates"), _("已停用入口。"))


@allow(Permission.LEAD_ASSIGN)
def bring_in(request: StaffRequest) -> HttpResponse:
    """Read a file of enquiries, and say line by line what was not taken."""
    form = LeadFileForm(request.POST or None, request.FILES or None)
    if form.is_bound and form.is_valid():
        with blaming(form, beside="file"):
            file = bringing.bring_in(
                form.content, source=form.cleaned_data["source"], by=request.user, now=timezone.now()
            )
            if file.finished_at is None:
                return toast(request, redirect_to(request, "desk:leads-file"), _("已收下，正在逐行导入。"))
            text = _("已导入：新线索 %(new)d 条，并入已有 %(linked)d 条，未收下 %(refused)d 行。")
            words = {"new": file.created, "linked": file.linked, "refused": len(file.refused)}
            return toast(request, redirect_to(request, "desk:leads-file"), text % words)
    files = queries.files(by=request.user)
    values = {"form": form, "files": files, "is_busy": any(one.is_running for one in files)}
    return render(request, "desk/leads/file.html", values, status=422 if form.is_bound else 200)


@never_cache
@require_GET
@allow(Permission.LEAD_ASSIGN)
def refused(request: StaffRequest, file_id: UUID) -> HttpResponse:
    """The lines that were not taken, with why, as a sheet to mend and bring again."""
    sheet = bringing.refused_lines(file_id, by=request.user, now=timezone.now())
    response = HttpResponse(sheet, content_type=SHEET)
    response["Content-Disposition"] = 'attachment; filename="leads-refused.xlsx"'
    return response


@require_POST
@allow(Permission.LEAD_ASSIGN)
def go_on(request: StaffRequest, file_id: UUID) -> HttpResponse:
    bringing.go_on(file_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:leads-file"), _("已继续，收下的行不会再收。"))
