"""报告: the list, one report on the screen, its beginning, its editing, its signing and its files."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.core.numbers import whole
from yimei.desk.forms.reports import (
    BeginForm,
    CommentForm,
    DecisionForm,
    LinkForm,
    RolesForm,
    TakeForm,
    metric_names,
    read_pages,
)
from yimei.desk.views.insight.shared import waiting
from yimei.insight.access import open_report
from yimei.insight.actions.reports import drafts, releases, signing
from yimei.insight.enums import BlockKind, Chart, ReportStatus
from yimei.insight.queries.mart import freshness
from yimei.insight.queries.reports import reports as queries
from yimei.insight.queries.rights import metrics_for, sees_group
from yimei.insight.rules.metrics import BY_CODE
from yimei.insight.rules.metrics.dims import DIMS
from yimei.insight.rules.reports import content, editing
from yimei.insight.rules.reports.content import Block, Pages
from yimei.insight.rules.reports.periods import REACHES, words
from yimei.insight.rules.reports.templates import TEMPLATES
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

PAGE = 20
TONES = {ReportStatus.DRAFT: "warn", ReportStatus.SIGNED: "good", ReportStatus.ISSUED: "info"}
TYPES = {
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CHARTS = (Chart.BAR, Chart.LINE, Chart.HEAT, Chart.TABLE)


@require_GET
@allow(Permission.INSIGHT_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    status, template = request.GET.get("status", ""), request.GET.get("template", "")
    rows = queries.reports(request.user, status=status, template=template)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    chosen = [("", _("全部")), *((one.value, one.label) for one in ReportStatus)]
    values = {
        "page": page,
        "rows": [(one, words(queries.period(one)), TONES[ReportStatus(one.status)]) for one in page],
        "filters": [(label, f"?status={code}", code == status) for code, label in chosen],
        "is_filtered": bool(status or template),
    }
    return render(request, "desk/insight/reports/index.html", values)


@allow(Permission.INSIGHT_REPORT)
def new(request: StaffRequest) -> HttpResponse:
    if freshness() is None:
        return waiting(request)
    form = BeginForm(
        request.POST or None,
        can_see_money=request.user.may(Permission.INSIGHT_FINANCE),
        today=local_date(timezone.now()),
        initial={"template": next(iter(TEMPLATES)), "span": "month"},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        data.pop("span")
        with blaming(form):
            made = drafts.begin(data.pop("template"), **data, by=request.user, now=timezone.now())
            return redirect_to(request, "desk:insight-report", made.public_id)
    status = 422 if form.errors else 200
    return render(request, "desk/insight/reports/new.html", {"form": form}, status=status)


@require_GET
@allow(Permission.INSIGHT_VIEW)
def detail(request: StaffRequest, report_id: UUID) -> HttpResponse:
    report = open_report(report_id, by=request.user)
    if freshness() is None and not report.is_out:
        return waiting(request)
    return render(request, "desk/insight/reports/report.html", page_of(request, report))


@allow(Permission.INSIGHT_REPORT)
def edit(request: StaffRequest, report_id: UUID) -> HttpResponse:
    report = open_report(report_id, by=request.user)
    if report.is_out:
        return redirect_to(request, "desk:insight-report", report_id)
    last = queries.last_version(report)
    pages, title, base, error = content.read(last.pages), report.title, last.number, ""
    readers = list(report.readers.values_list("code", flat=True))
    if request.method == "POST":
        title, readers = request.POST.get("title", ""), request.POST.getlist("readers")
        try:
            pages = read_pages(request.POST)
            if (move := request.POST.get("do", "save")) != "save":
                pages = editing.apply(pages, move)
            else:
                began = whole(request.POST.get("base")) or 0
                drafts.save(
                    report_id,
                    base=began,
                    title=title,
                    pages=pages,
                    readers=readers,
                    by=request.user,
                    now=timezone.now(),
                )
                saved = redirect_to(request, "desk:insight-report", report_id)
                return toast(request, saved, _("已保存为新版本。"))
        except RuleBroken as refusal:
            error = refusal.message
    values = {
        "report": report,
        "title": title,
        "base": base,
        "error": error,
        "pages": _editor(pages),
        "metrics": [f"{one.number} {one.words}" for one in metrics_for(request.user)],
        "dims": list(DIMS.values()),
        "charts": [(one.value, one.label) for one in CHARTS],
        "reaches": [(code, each[0]) for code, each in REACHES.items()],
        "kinds": [(kind.value, kind.label) for kind in BlockKind],
        "roles": RolesForm(roles=_roles(queries.writers_roles()), initial={"readers": readers}),
    }
    status = 422 if error else 200
    return render(request, "desk/insight/reports/edit.html", values, status=status)


@require_POST
@allow(Permission.INSIGHT_REPORT)
def advise(request: StaffRequest, report_id: UUID) -> HttpResponse:
    drafts.advise(report_id, by=request.user, now=timezone.now())
    done = redirect_to(request, "desk:insight-report", report_id)
    return toast(request, done, _("已按现在的数字重新起草建议。"))


@require_POST
@allow(Permission.INSIGHT_SIGN)
def sign(request: StaffRequest, report_id: UUID) -> HttpResponse:
    signing.sign(report_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:insight-report", report_id), _("已签发，内容已冻结。"))


@require_POST
@allow(Permission.INSIGHT_EXPORT)
def take(request: StaffRequest, report_id: UUID) -> HttpResponse:
    form = TakeForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    report, data = releases.release(report_id, **form.cleaned_data, by=request.user, now=timezone.now())
    shape = form.cleaned_data["shape"].value
    name = f"report-{report.template or 'own'}-{report.starts_on}.{shape}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type=TYPES[shape], headers=headers)


def page_of(request: StaffRequest, report: Any) -> dict[str, Any]:
    """What one report shows to those who may open it."""
    by, now = request.user, timezone.now()
    people = queries.colleagues(report, by)
    names = [(str(one.public_id), f"{one.name}（{one.role.name}）") for one in people]
    is_writer = by.may(Permission.INSIGHT_REPORT)
    return {
        "report": report,
        "document": queries.document(report, by=by, now=now),
        "tone": TONES[ReportStatus(report.status)],
        "versions": queries.versions(report) if is_writer else [],
        "links": [(one, _state(one, now)) for one in queries.links(report)] if is_writer else [],
        "comments": queries.comments(report),
        "decisions": queries.decisions(report),
        "today": local_date(now),
        "take": TakeForm(),
        "share": link_form(report, by, initial={"days": 7}),
        "comment": CommentForm(people=names),
        "decide": DecisionForm(people=[(str(by.public_id), by.name), *names]),
        "may_sign": by.may(Permission.INSIGHT_SIGN) and not report.is_out,
        "may_write": is_writer,
        "address": "",
    }


def link_form(report: Any, by: Any, data: Any = None, **more: Any) -> LinkForm:
    roles = _roles(queries.roles_for(report))
    return LinkForm(data, roles=roles, may_widen=sees_group(by.role), **more)


def _state(link: Any, now: Any) -> str:
    if link.revoked_at:
        return _("已收回")
    return _("已到期") if link.expires_at <= now else ""


def _roles(roles: Any) -> list[tuple[str, str]]:
    return [(role.code, role.name) for role in roles]


def _editor(pages: Pages) -> list[dict[str, Any]]:
    """The pages as the form draws them: metrics by their names, with room for one more."""
    return [
        {
            "name": f"p{at}",
            "title": page.title,
            "blocks": [_editor_block(f"p{at}b{n}", block) for n, block in enumerate(page.blocks)],
        }
        for at, page in enumerate(pages)
    ]


def _editor_block(name: str, block: Block) -> dict[str, Any]:
    words_of = {code: name for name, code in metric_names().items()}
    asked = block.asked
    return {
        "name": name,
        "kind": block.kind,
        "title": block.title,
        "reach": block.reach,
        "text": block.text,
        "metrics": [*(words_of[code] for code in block.metrics), ""],
        "metric": words_of.get(asked.get("m", ""), ""),
        "by": [("by1", asked.get("by1", "")), ("by2", asked.get("by2", ""))],
        "chart": asked.get("c", "bar"),
        "has_metrics": block.kind in {BlockKind.NUMBERS, BlockKind.FINDINGS},
        "items": [
            {
                "name": f"{name}i{n}",
                "text": item.text,
                "reach": item.reach,
                "metrics": [*(words_of[code] for code in item.metrics), ""],
            }
            for n, item in enumerate(block.items)
        ],
        "words": [str(BY_CODE[code].words) for code in block.codes if code in BY_CODE],
    }
