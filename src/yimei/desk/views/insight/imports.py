"""导入: a table is brought, mapped, tried, taken in; rows that did not fit are mended; all can be undone."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.errors import NotFound
from yimei.desk.forms.imports import ORDER, ColumnsForm, MendForm, TableForm
from yimei.insight.access import open_import, open_reject
from yimei.insight.actions import imports as actions
from yimei.insight.actions import rejects
from yimei.insight.enums import ImportStatus, RowStatus
from yimei.insight.queries import imports as queries
from yimei.insight.queries.import_sheets import workbook
from yimei.insight.rules.imports.templates import TEMPLATES
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE = 20
SHOWN = 10


@allow(Permission.INSIGHT_IMPORT)
def index(request: StaffRequest) -> HttpResponse:
    form = TableForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with blaming(form, beside="file"):
            batch = actions.receive(**form.values, by=request.user, now=timezone.now())
            return redirect_to(request, "desk:insight-import", batch.public_id)
    page = Paginator(queries.imports(request.user), PAGE).get_page(request.GET.get("page"))
    rows = [(one, TEMPLATES[one.template].words) for one in page]
    values = {"form": form, "page": page, "rows": rows, "templates": TEMPLATES.values()}
    return render(request, "desk/insight/imports.html", values, status=422 if form.errors else 200)


@require_GET
@allow(Permission.INSIGHT_IMPORT)
def template(request: StaffRequest, code: str) -> HttpResponse:
    if code not in TEMPLATES:
        raise NotFound
    headers = {"Content-Disposition": f'attachment; filename="yimei-{code}.xlsx"'}
    return HttpResponse(workbook(TEMPLATES[code]), content_type=XLSX, headers=headers)


@require_GET
@allow(Permission.INSIGHT_IMPORT)
def detail(request: StaffRequest, import_id: UUID) -> HttpResponse:
    return _page(request, import_id)


@require_POST
@allow(Permission.INSIGHT_IMPORT)
def check(request: StaffRequest, import_id: UUID) -> HttpResponse:
    batch = open_import(import_id, by=request.user)
    if batch.cleared_at is not None:
        raise NotFound
    form = _columns(batch, request.POST)
    if form.is_valid():
        with blaming(form):
            actions.check(
                import_id, mapping=form.mapping, orders=form.orders, by=request.user, now=timezone.now()
            )
            return redirect_to(request, "desk:insight-import", import_id)
    return _page(request, import_id, columns=form)


@require_POST
@allow(Permission.INSIGHT_IMPORT)
def run(request: StaffRequest, import_id: UUID) -> HttpResponse:
    actions.run(import_id, by=request.user, now=timezone.now())
    return redirect_to(request, "desk:insight-import", import_id)


@require_POST
@allow(Permission.INSIGHT_IMPORT)
def undo(request: StaffRequest, import_id: UUID) -> HttpResponse:
    actions.undo(import_id, by=request.user, now=timezone.now())
    return toast(
        request, redirect_to(request, "desk:insight-imports"), _("已撤销，导入的行和原文件都已清除。")
    )


@require_POST
@allow(Permission.INSIGHT_IMPORT)
def mend(request: StaffRequest, row_id: UUID) -> HttpResponse:
    row = open_reject(row_id, by=request.user)
    template, batch = queries.template_of(row.batch), row.batch
    shown = queries.shown(template, batch.mapping, row.cells)
    form = MendForm(request.POST, template=template, mapping=batch.mapping, shown=shown)
    if not form.is_valid():
        return _page(request, batch.public_id)
    if form.is_alike:
        taken, left = rejects.mend_alike(row_id, cells=form.cells, by=request.user, now=timezone.now())
        counted = _("改了同样的行：%(taken)d 行已入库，%(left)d 行还没有。") % {"taken": taken, "left": left}
        return toast(request, redirect_to(request, "desk:insight-import", batch.public_id), counted)
    done = rejects.mend(row_id, cells=form.cells, by=request.user, now=timezone.now())
    is_waiting = done.status == RowStatus.WAITING
    said = _("还是没有入库：%(why)s") % {"why": done.reason} if is_waiting else _("这一行已入库。")
    return toast(request, redirect_to(request, "desk:insight-import", batch.public_id), said)


@require_POST
@allow(Permission.INSIGHT_IMPORT)
def dismiss(request: StaffRequest, row_id: UUID) -> HttpResponse:
    row = rejects.dismiss(row_id, by=request.user, now=timezone.now())
    said = _("这一行不入库。")
    return toast(request, redirect_to(request, "desk:insight-import", row.batch.public_id), said)


def _page(request: StaffRequest, import_id: UUID, *, columns: ColumnsForm | None = None) -> HttpResponse:
    batch = open_import(import_id, by=request.user)
    template = queries.template_of(batch)
    is_kept = batch.cleared_at is None
    values: dict[str, Any] = {
        "batch": batch,
        "template": template,
        "is_kept": is_kept,
        "form": None,
        "progress": None,
        "leaning": 0,
        "report": batch.report if is_kept else None,
        "unread": queries.unread(batch) if is_kept else None,
        "mapped": [one.words for one in template.columns if one.name in batch.mapping],
    }
    if batch.status in {ImportStatus.CHECKING, ImportStatus.RUNNING}:
        values["progress"] = progress = queries.progress(batch)
        can_choose = progress.has_failed and batch.status == ImportStatus.CHECKING
    else:
        can_choose = batch.status in {ImportStatus.RECEIVED, ImportStatus.CHECKED}
    if can_choose and is_kept:
        values["form"] = columns or _columns(batch)
        unsure = queries.unsure_days(batch)
        values["undecided"] = sum(count for name, count in unsure.items() if name not in batch.orders)
        rows = batch.sample["rows"][:SHOWN]
        values["preview"] = [(line, queries.shown(template, batch.mapping, cells)) for line, cells in rows]
    elif batch.status == ImportStatus.DONE:
        values |= _done(request, import_id) | {"leaning": queries.leaning_on(batch)}
    return render(request, "desk/insight/import.html", values, status=422 if columns else 200)


def _columns(batch: Any, said: Any = None) -> ColumnsForm:
    start = {name: str(place) for name, place in batch.mapping.items()}
    start |= {f"{ORDER}{name}": order for name, order in batch.orders.items()}
    return ColumnsForm(
        said,
        initial=start,
        template=queries.template_of(batch),
        header=batch.sample["header"],
        unsure=queries.unsure_days(batch),
    )


def _done(request: StaffRequest, import_id: UUID) -> dict[str, Any]:
    batch = open_import(import_id, by=request.user)
    template = queries.template_of(batch)
    kept = [one.words for one in template.columns if not one.identifies]
    found: dict[str, Any] = {
        "kept": kept,
        "facts": [
            (line, person, queries.worded(template, values))
            for line, person, values in queries.facts(batch, SHOWN)
        ],
        "rejects": [],
        "page": None,
    }
    if batch.cleared_at is None:
        page = Paginator(queries.waiting_rows(batch), SHOWN).get_page(request.GET.get("page"))
        found["page"] = page
        for row in page:
            shown = queries.shown(template, batch.mapping, row.cells)
            form = MendForm(
                template=template, mapping=batch.mapping, shown=shown, auto_id=f"id_%s_{row.number}"
            )
            found["rejects"].append((row, form))
    return found
