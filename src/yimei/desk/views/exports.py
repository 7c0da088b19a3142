"""Lists that leave: asked for, judged by others, made once with a password, fetched, taken back."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.core.errors import NotFound
from yimei.desk.forms.guard import ExportForm, LeaveForm
from yimei.journey.enums import CaseStage
from yimei.people.enums import LookPurpose
from yimei.people.roles import Permission
from yimei.privacy import registry
from yimei.privacy.actions import exports
from yimei.privacy.enums.watch import ExportKind, ExportState
from yimei.privacy.queries import exports as queries
from yimei.privacy.queries import outgoing
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

READERS = (Permission.PATIENT_VIEW, Permission.PRIVACY_VIEW)
PAGE = 30


@require_GET
@allow(*READERS)
def index(request: StaffRequest) -> HttpResponse:
    """The ledger: one's own, and for whoever watches over compliance everybody's."""
    now, by = timezone.now(), request.user
    page = Paginator(queries.exports(by), PAGE).get_page(request.GET.get("page"))
    rows, most = [], queries.numbers(local_date(now)).downloads
    for one in page.object_list:
        state = one.state(now)
        has_spoken = by.pk in {word.by_id for word in one.words.all()}
        source = registry.find_export_source(one.source)
        rows.append(
            {
                "export": one,
                "title": str(source.title) if source else one.get_kind_display(),
                "state": state,
                "is_mine": one.asked_by_id == by.pk,
                "may_judge": state == ExportState.ASKED
                and one.asked_by_id != by.pk
                and not has_spoken
                and queries.may_judge(by),
                "may_make": state == ExportState.GRANTED
                and one.asked_by_id == by.pk
                and one.kind == ExportKind.FILE,
                "may_fetch": state == ExportState.READY
                and one.asked_by_id == by.pk
                and one.file_id
                and one.downloads < most,
                "may_revoke": state in {ExportState.ASKED, ExportState.GRANTED, ExportState.READY}
                and (one.asked_by_id == by.pk or by.may(Permission.PRIVACY_WRITE)),
            }
        )
    values = {"page": page, "rows": rows, "sources": _sources(request)}
    return render(request, "desk/guard/exports.html", values)


@allow(*READERS)
def ask(request: StaffRequest, source_code: str) -> HttpResponse:
    source = registry.find_export_source(source_code)
    if source is None or not request.user.may(source.permission):
        raise NotFound
    form = ExportForm(
        request.POST or None, initial={"purpose": LookPurpose.SERVICE}, recipients=outgoing.recipients()
    )
    query = {key: request.GET[key] for key in source.keys if request.GET.get(key)}
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with blaming(form):
            export = exports.ask(
                source_code,
                query=query,
                purpose=LookPurpose(data["purpose"]),
                reason=data["reason"],
                is_abroad=data["is_abroad"],
                recipient=data["recipient"],
                by=request.user,
                now=timezone.now(),
            )
            said = (
                _("已提交：涉及 %(count)d 人，须 %(needed)d 人批准。")
                if export.needed
                else _("已登记：涉及 %(count)d 人，可以生成文件。")
            )
            text = said % {"count": export.subjects, "needed": export.needed}
            return toast(request, redirect_to(request, "desk:exports"), text)
    values = {
        "form": form,
        "source": source,
        "columns": list(source.columns.values()),
        "stage": dict(CaseStage.choices).get(query.get("stage", ""), ""),
        "is_mine": bool(query.get("mine")),
        "numbers": queries.numbers(local_date(timezone.now())),
    }
    return render(request, "desk/guard/export_ask.html", values, status=422 if form.errors else 200)


@allow(*READERS)
def leave(request: StaffRequest) -> HttpResponse:
    """Ask leave to look at more than the law's number of people in a day."""
    form = LeaveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with blaming(form):
            exports.ask_to_look(
                purpose=LookPurpose(data["purpose"]),
                reason=data["reason"],
                by=request.user,
                now=timezone.now(),
            )
            return toast(request, redirect_to(request, "desk:exports"), _("已提交，须两人批准。"))
    values = {"form": form, "numbers": queries.numbers(local_date(timezone.now()))}
    return render(request, "desk/guard/leave.html", values, status=422 if form.errors else 200)


@require_POST
@allow(Permission.PRIVACY_VIEW)
def judge(request: StaffRequest, export_id: UUID) -> HttpResponse:
    is_granted = request.POST.get("is_granted") == "yes"
    exports.judge(export_id, is_granted=is_granted, by=request.user, now=timezone.now())
    return toast(
        request, redirect_to(request, "desk:exports"), _("已批准。") if is_granted else _("已驳回。")
    )


@require_POST
@allow(*READERS)
def make(request: StaffRequest, export_id: UUID) -> HttpResponse:
    """Make the file and show its password, now and never again."""
    export, password = exports.make(export_id, by=request.user, now=timezone.now())
    values = {"export": export, "password": password}
    response = render(request, "desk/guard/export_made.html", values)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@allow(*READERS)
def fetch(request: StaffRequest, export_id: UUID) -> HttpResponse:
    name, data = exports.download(export_id, by=request.user, now=timezone.now())
    response = HttpResponse(data, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@allow(*READERS)
def revoke(request: StaffRequest, export_id: UUID) -> HttpResponse:
    exports.revoke(export_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:exports"), _("已撤回，文件已删除。"))


def _sources(request: StaffRequest) -> list[registry.ExportSource]:
    return [one for one in registry.export_sources() if request.user.may(one.permission)]
