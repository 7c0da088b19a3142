"""Files of results: received, mapped, previewed, taken in, mended row by row."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.desk.forms.labs import FileForm, MappingForm, RowForm
from yimei.journey.access import open_lab_import, open_lab_row
from yimei.journey.actions import labs as actions
from yimei.journey.enums import LabRowStatus
from yimei.journey.queries import labs as queries
from yimei.journey.rules import labs as rules
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from yimei.journey.models import LabRow

PAGE = 20
SHOWN = 30


@allow(Permission.TEST_WRITE)
def index(request: StaffRequest) -> HttpResponse:
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            received = actions.receive(form.content, by=request.user, now=timezone.now())
            return redirect_to(request, "desk:lab-import", received.public_id)
    page = Paginator(queries.imports(request.user), PAGE).get_page(request.GET.get("page"))
    values = {"form": form, "page": page}
    return render(request, "desk/labs/index.html", values, status=422 if form.errors else 200)


@require_GET
@allow(Permission.TEST_WRITE)
def detail(request: StaffRequest, import_id: UUID) -> HttpResponse:
    return _page(request, import_id)


@require_POST
@allow(Permission.TEST_WRITE)
def run(request: StaffRequest, import_id: UUID) -> HttpResponse:
    lab_import = open_lab_import(import_id, by=request.user)
    form = MappingForm(request.POST, head=queries.table_of(lab_import).head)
    if not form.is_valid():
        return _page(request, import_id, mapping=form)
    done = actions.run(import_id, mapping=form.mapping, by=request.user, now=timezone.now())
    said = told(queries.tally(done))
    if done.closed_at is not None:
        text = _("%(told)s。文件的密钥已销毁。") % {"told": said}
        return toast(request, redirect_to(request, "desk:labs"), text)
    text = _("%(told)s。待更正的行在下面，逐行更正或不入库。") % {"told": said}
    return toast(request, redirect_to(request, "desk:lab-import", import_id), text)


@require_POST
@allow(Permission.TEST_WRITE)
def repair(request: StaffRequest, row_id: UUID) -> HttpResponse:
    row = open_lab_row(row_id, by=request.user)
    form = RowForm(request.POST, auto_id=f"id_%s_{row.number}")
    if not form.is_valid():
        return _page(request, row.lab_import.public_id, mended=(row_id, form))
    mended = actions.repair(row_id, cells=form.cells, by=request.user, now=timezone.now())
    return _after(request, mended)


@require_POST
@allow(Permission.TEST_WRITE)
def dismiss(request: StaffRequest, row_id: UUID) -> HttpResponse:
    row = actions.dismiss(row_id, by=request.user, now=timezone.now())
    return _after(request, row)


def told(tally: queries.Tally) -> str:
    """What became of a file, in words."""
    counts = {"taken": tally.taken, "waiting": tally.waiting, "known": tally.known}
    return _("入库 %(taken)d · 待更正 %(waiting)d · 重复 %(known)d") % counts


def _after(request: StaffRequest, row: "LabRow") -> HttpResponse:
    if row.lab_import.closed_at is not None:
        return toast(request, redirect_to(request, "desk:labs"), _("这个文件已处理完，密钥已销毁。"))
    if row.status == LabRowStatus.REJECTED:
        said = _("还是没有入库：%(why)s") % {"why": row.reason}
    elif row.status == LabRowStatus.DISMISSED:
        said = _("第 %(number)d 行不入库。") % {"number": row.number}
    elif row.status == LabRowStatus.KNOWN:
        said = _("第 %(number)d 行的结果以前已入库，没有重复录入。") % {"number": row.number}
    else:
        said = _("第 %(number)d 行已入库。") % {"number": row.number}
    return toast(request, redirect_to(request, "desk:lab-import", row.lab_import.public_id), said)


def _page(
    request: StaffRequest,
    import_id: UUID,
    *,
    mapping: MappingForm | None = None,
    mended: tuple[UUID, RowForm] | None = None,
) -> HttpResponse:
    lab_import = open_lab_import(import_id, by=request.user)
    now = timezone.now()
    values: dict[str, object] = {
        "lab_import": lab_import,
        "days_left": queries.days_left(lab_import, local_date(now)),
        "fields": [str(label) for label in rules.FIELDS.values()],
    }
    if lab_import.ran_at is None:
        head = queries.table_of(lab_import).head
        form = mapping or MappingForm(request.GET if "name" in request.GET else None, head=head)
        if not form.is_bound:
            form = MappingForm({k: str(v) for k, v in lab_import.mapping.items()}, head=head)
        chosen = form.mapping if form.is_valid() else {}
        preview = queries.preview(lab_import, chosen, by=request.user, now=now) if chosen else []
        values |= {
            "form": form,
            "rows": [
                ([(label, each.cells.get(name, "")) for name, label in rules.FIELDS.items()], each)
                for each in preview[:SHOWN]
            ],
            "tally": queries.tally_of(preview) if chosen else None,
            "is_cut": len(preview) > SHOWN,
        }
        return render(request, "desk/labs/mapping.html", values, status=422 if mapping else 200)
    values["told"] = told(queries.tally(lab_import))
    values["rows"] = [
        (
            row,
            mended[1]
            if mended and row.public_id == mended[0]
            else RowForm(initial=row.cells, auto_id=f"id_%s_{row.number}"),
        )
        for row in queries.waiting_rows(lab_import)
    ]
    return render(request, "desk/labs/rows.html", values, status=422 if mended else 200)
