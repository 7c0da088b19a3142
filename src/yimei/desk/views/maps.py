"""Face and body maps of one customer: mark, look, compare with the visit before, print."""

from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.errors import NotFound, RuleBroken
from yimei.desk.forms.maps import MapForm
from yimei.desk.views.customer.frames import frame
from yimei.journey.actions import maps as actions
from yimei.journey.enums import Depth, DoseUnit, MapKind, MapView
from yimei.journey.queries import maps as queries
from yimei.journey.rules import maps as rules
from yimei.people.roles import Permission
from yimei.privacy.actions import exports
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast
from yimei.vault import files


@require_GET
@allow(Permission.CLINICAL_VIEW)
def index(request: StaffRequest, case_id: UUID) -> HttpResponse:
    customer = frame(request, case_id, current="case-maps")
    values: dict[str, Any] = {"customer": customer}
    if customer.case and not customer.needs_glass:
        rows = queries.of_case(customer.case)
        values["rows"] = [(row, rules.totals(queries.points(row))) for row in rows]
        values["may_write"] = request.user.may(Permission.CLINICAL_WRITE) and customer.case.closed_at is None
        values["kinds"] = [(kind.value, kind.label) for kind in MapKind]
    return render(request, "desk/maps/index.html", values)


@require_POST
@allow(Permission.CLINICAL_WRITE)
def begin(request: StaffRequest, case_id: UUID, kind: str) -> HttpResponse:
    if kind not in MapKind:
        raise NotFound
    corrects = request.POST.get("corrects", "")
    row = actions.begin(
        case_id,
        kind=MapKind(kind),
        corrects=_uuid(corrects) if corrects else None,
        by=request.user,
        now=timezone.now(),
    )
    return redirect_to(request, "desk:map-edit", row.public_id)


@require_GET
@allow(Permission.CLINICAL_VIEW)
def show(request: StaffRequest, map_id: UUID) -> HttpResponse:
    """A map to read, with the visit before hollow behind it."""
    row = queries.find(map_id)
    customer = frame(request, row.case.public_id, current="case-maps")
    values: dict[str, Any] = {"customer": customer, "row": row}
    if not customer.needs_glass:
        marks, before = queries.points(row), queries.before(row)
        earlier = queries.points(before) if before else []
        values |= {
            "sheets": queries.sheets(marks, earlier),
            "points": list(enumerate(marks, start=1)),
            "totals": rules.totals(marks),
            "before": before,
            "changes": rules.compare(earlier, marks) if before else [],
            "newer": getattr(row, "superseded_by", None),
            "may_write": request.user.may(Permission.CLINICAL_WRITE) and row.case.closed_at is None,
        }
    return render(request, "desk/maps/map.html", values)


@allow(Permission.CLINICAL_WRITE)
def edit(request: StaffRequest, map_id: UUID) -> HttpResponse:
    """The editor; a post finishes the map or is sent back with every point."""
    row = queries.find(map_id)
    customer = frame(request, row.case.public_id, current="case-maps")
    if customer.needs_glass:
        return redirect_to(request, "desk:case-maps", row.case.public_id)
    if row.completed_at is not None:
        return redirect_to(request, "desk:map", map_id)
    if request.method == "POST":
        form = _posted(request)
        actions.finish(map_id, **form.values, by=request.user, now=timezone.now())
        return toast(request, redirect_to(request, "desk:map", map_id), _("标记图已完成并冻结。"))
    before = queries.before(row)
    values = {
        "customer": customer,
        "row": row,
        "form": MapForm(initial={"points": "[]", "note": row.note, "revision": row.revision}),
        "points": row.points,
        "earlier": before.points if before else [],
        "before": before,
        "writer": uuid4().hex,
        "views": [(view.value, view.label, queries.figure_body(view)) for view in MapView],
        "products": queries.products(row.case),
        "units": DoseUnit.choices,
        "depths": Depth.choices,
        "totals": rules.totals(queries.points(row)),
    }
    return render(request, "desk/maps/edit.html", values)


@require_POST
@allow(Permission.CLINICAL_WRITE)
def save(request: StaffRequest, map_id: UUID) -> HttpResponse:
    """Keep the draft while it is being marked; answers with the totals."""
    form = _posted(request)
    row = actions.save(map_id, **form.values, by=request.user, now=timezone.now())
    values = {"row": row, "totals": rules.totals(queries.points(row))}
    return render(request, "desk/maps/saved.html", values)


@require_POST
@allow(Permission.CLINICAL_WRITE)
def discard(request: StaffRequest, map_id: UUID) -> HttpResponse:
    case = actions.discard(map_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:case-maps", case.public_id), _("草稿已放弃。"))


@require_GET
@allow(Permission.CLINICAL_VIEW)
def pdf(request: StaffRequest, map_id: UUID) -> HttpResponse:
    """The printed page; the look is written down before."""
    row = queries.find(map_id)
    customer = frame(request, row.case.public_id, current="case-maps")
    if customer.needs_glass or row.pdf is None:
        raise NotFound
    exports.look(row.case.patient, page="map-pdf", by=request.user, now=customer.now)
    response = HttpResponse(files.read(row.pdf), content_type="application/pdf")
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = f'inline; filename="map-{row.public_id}.pdf"'
    return response


def _posted(request: StaffRequest) -> MapForm:
    form = MapForm(request.POST)
    if not form.is_valid():
        raise RuleBroken(_("图上的标记没有完整收到，请刷新后再试；已保存的还在。"), code="points")
    return form


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
