"""探索: any figure of the catalogue, split, narrowed, compared, drawn, drilled and taken away."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.desk.forms.insight import PUBLISHED, DownloadForm, PinForm
from yimei.desk.views.insight.explore_reports import add_form, again_form
from yimei.desk.views.insight.shared import parsed, waiting
from yimei.insight.actions import dashboards, downloads
from yimei.insight.enums import Chart
from yimei.insight.queries import dashboards as kept
from yimei.insight.queries.drawing import drawable, drawing, numbers_of, says, values_of
from yimei.insight.queries.drill import MOST, drill
from yimei.insight.queries.figures import Cell, answer
from yimei.insight.queries.mart import freshness
from yimei.insight.queries.rights import metrics_for
from yimei.insight.rules.metrics import SUBJECTS
from yimei.insight.rules.metrics.dims import DIMS, TABLES, dims_of, measures_of
from yimei.insight.rules.questions import NOTHING, SPANS, VERSUS, Question, charts_for
from yimei.people.actions import looks
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SHOWN = 100


@dataclass(frozen=True)
class Row:
    """One line of the table behind a chart, with the ways on from it."""

    cell: Cell
    only: str
    rows: str


@require_GET
@allow(Permission.INSIGHT_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    if freshness() is None:
        return waiting(request)
    question = parsed(request.GET)
    found = answer(question, by=request.user)
    spec = drawing(found, by=request.user)
    rows = [_row(question, cell) for cell in found.cells[:SHOWN]]
    if spec:
        spec["ways"] = _ways(rows)
    values = {
        "question": question,
        "answer": found,
        "spec": spec,
        "drawable": drawable(spec),
        "alt": says(found),
        "numbers": numbers_of(spec),
        "rows": rows,
        "fresh": freshness(),
        "query": question.query(),
        "download": DownloadForm(),
        "pin": PinForm(pages=_own_pages(request)),
        "add": add_form(request) if request.user.may(Permission.INSIGHT_REPORT) else None,
        "again": again_form(request, question) if request.user.may(Permission.INSIGHT_REPORT) else None,
        **_controls(request, question),
    }
    return render(request, "desk/insight/explore.html", values)


@require_GET
@allow(Permission.INSIGHT_VIEW)
def rows(request: StaffRequest) -> HttpResponse:
    question = parsed(request.GET)
    found = drill(question, by=request.user)
    if found.lines:
        looks.searched(rows=len(found.lines), by=request.user, at=timezone.now())
    values = {
        "question": question,
        "found": found,
        "most": MOST,
        "query": question.query(),
        "filters": _filters(question, request),
        "can_open": request.user.may(Permission.PATIENT_VIEW),
        "can_lead": request.user.may(Permission.LEAD_VIEW),
        "can_import": request.user.may(Permission.INSIGHT_IMPORT),
    }
    return render(request, "desk/insight/rows.html", values)


@require_POST
@allow(Permission.INSIGHT_EXPORT)
def download(request: StaffRequest) -> HttpResponse:
    form = DownloadForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    question = parsed(QueryDict(form.cleaned_data["question"]))
    shape, now = form.cleaned_data["shape"], timezone.now()
    if shape == PUBLISHED:
        made, shape = downloads.publish(question, by=request.user, now=now), "csv"
    else:
        found, purpose = answer(question, by=request.user), form.cleaned_data["purpose"]
        made = downloads.release(found, shape=shape, purpose=purpose, by=request.user, now=now)
    name = f"{question.metric.code}-{local_date(timezone.now())}.{shape}"
    return HttpResponse(
        made,
        content_type=KINDS.get(shape, "application/octet-stream"),
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
@allow(Permission.INSIGHT_VIEW)
def pin(request: StaffRequest) -> HttpResponse:
    form = PinForm(request.POST, pages=_own_pages(request))
    if not form.is_valid():
        return HttpResponse(status=422)
    data = form.cleaned_data
    tile = dashboards.pin(
        parsed(QueryDict(data["question"])),
        title=data["title"],
        dashboard=data["page"],
        name=data["name"],
        by=request.user,
        now=timezone.now(),
    )
    to = redirect_to(request, "desk:insight-mine", tile.dashboard.public_id)
    return toast(request, to, _("已固定到看板。"))


def _own_pages(request: StaffRequest) -> list[tuple[UUID, str]]:
    return [
        (page.public_id, page.name) for page in kept.mine(request.user) if page.owner_id == request.user.pk
    ]


def _row(question: Question, cell: Cell) -> Row:
    """The same question about this line only, and the way to its records."""
    here = {
        f"f__{dim.code}": NOTHING if key is None else str(key)
        for dim, key in zip(question.by, cell.keys, strict=True)
        if not dim.is_time
    }
    if len(here) < len(question.by):
        return Row(cell, "", "")
    rest: dict[str, str | None] = {"by1": None, "by2": None, "c": None}
    return Row(cell, question.query(**rest, **here), question.query(**rest, **here))


def _ways(rows: Sequence[Row]) -> dict[str, str]:
    """From each part of a chart that is split once to the records behind it."""
    to = reverse("desk:insight-rows")
    return {
        row.cell.names[0]: f"{to}?{row.rows}"
        for row in rows
        if row.rows and len(row.cell.names) == 1 and not row.cell.is_hidden
    }


def _controls(request: StaffRequest, question: Question) -> dict[str, Any]:
    by = request.user
    metrics = metrics_for(by)
    picked = request.GET.get("pick", "")
    dims = dims_of(question.metric.fact)
    pick = next((dim for dim in dims if dim.code == picked and not dim.is_time), None)
    columns = {column.name: column.words for column in TABLES[question.metric.fact].columns}
    return {
        "groups": [
            (subject, [one for one in metrics if one.number[0] == letter])
            for letter, (subject, _owner) in SUBJECTS.items()
            if any(one.number[0] == letter for one in metrics)
        ],
        "dims": dims,
        "by_codes": [*(dim.code for dim in question.by), "", ""][:2],
        "spans": list(SPANS.items()),
        "versus": list(VERSUS.items()),
        "charts": [
            (chart.label, f"?{question.query(c=chart.value)}", chart == question.chart)
            for chart in charts_for(question.metric, question.by)
        ],
        "measures": [(name, columns[name]) for name in measures_of(question.metric.fact)],
        "needs_measure": question.chart in {Chart.BOX, Chart.HISTOGRAM, Chart.SCATTER},
        "filters": _filters(question, request),
        "pick": pick,
        "pick_values": values_of(pick, question.metric.fact, by) if pick else [],
        "pick_now": [NOTHING if v is None else str(v) for v in question.only.get(pick.code, ())]
        if pick
        else [],
        "owner": SUBJECTS[question.metric.number[0]][1],
    }


def _filters(question: Question, request: StaffRequest) -> Sequence[tuple[str, str]]:
    """Each narrowing in words, and the address without it."""
    found = []
    for code, values in question.only.items():
        known = dict(values_of(DIMS[code], question.metric.fact, request.user, 500))
        words = "、".join(known.get(NOTHING if v is None else str(v), str(v)) for v in values)
        found.append((f"{DIMS[code].words}：{words}", f"?{question.query(**{f'f__{code}': None})}"))
    return found


def explore_url(query: str) -> str:
    return f"{reverse('desk:insight-explore')}?{query}"
