"""看板: the ready pages, and those that readers put together."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.desk.forms.insight import ShareForm
from yimei.desk.views.insight.explore import explore_url
from yimei.desk.views.insight.shared import waiting
from yimei.insight.actions import dashboards
from yimei.insight.queries import dashboards as queries
from yimei.insight.queries.drawing import says
from yimei.insight.queries.mart import freshness
from yimei.insight.rules.questions import SPANS
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@require_GET
@allow(Permission.INSIGHT_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    return _ready(request, queries.first(request.user).code)


@require_GET
@allow(Permission.INSIGHT_PAGE)
def own(request: StaffRequest) -> HttpResponse:
    return _ready(request, queries.first(request.user).code)


@require_GET
@allow(Permission.INSIGHT_VIEW, Permission.INSIGHT_PAGE)
def ready(request: StaffRequest, code: str) -> HttpResponse:
    return _ready(request, code)


@require_GET
@allow(Permission.INSIGHT_VIEW)
def mine(request: StaffRequest, dashboard_id: UUID) -> HttpResponse:
    page = queries.open_dashboard(dashboard_id, by=request.user)
    if freshness() is None:
        return waiting(request)
    shown = queries.kept_tiles(page, by=request.user, today=local_date(timezone.now()))
    drawn = [_tile(request, *one) for one in enumerate(queries.drawn(shown, by=request.user))]
    is_own = page.owner_id == request.user.pk
    values: dict[str, Any] = {
        "title": page.name,
        "page": page,
        "is_own": is_own,
        "tiles": drawn,
        "in_a_row": _in_a_row(drawn),
        "brought": [],
        "share": _share_form(page) if is_own else None,
    }
    return render(request, "desk/insight/dashboard.html", values | _around(request, f"mine:{dashboard_id}"))


@require_POST
@allow(Permission.INSIGHT_VIEW)
def share(request: StaffRequest, dashboard_id: UUID) -> HttpResponse:
    page = queries.open_dashboard(dashboard_id, by=request.user)
    form = ShareForm(request.POST, choices=_role_choices())
    if not form.is_valid():
        return HttpResponse(status=422)
    dashboards.share(page.public_id, roles=form.cleaned_data["roles"], by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:insight-mine", dashboard_id), _("共享范围已更新。"))


@require_POST
@allow(Permission.INSIGHT_VIEW)
def unpin(request: StaffRequest, tile_id: UUID) -> HttpResponse:
    page = dashboards.unpin(tile_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:insight-mine", page.public_id), _("图块已移除。"))


@require_POST
@allow(Permission.INSIGHT_VIEW)
def remove(request: StaffRequest, dashboard_id: UUID) -> HttpResponse:
    dashboards.remove(dashboard_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:insight"), _("看板已删除。"))


def _ready(request: StaffRequest, code: str) -> HttpResponse:
    page = queries.ready(code, request.user)
    if freshness() is None:
        return waiting(request)
    by, today = request.user, local_date(timezone.now())
    own = _laid_out(request, queries.tiles(page, by=by, today=today))
    beneath = _laid_out(request, queries.brought(page, by=by, today=today), first=len(page.tiles))
    values = {
        "title": page.words,
        "page": None,
        "is_own": False,
        "tiles": own,
        "in_a_row": _in_a_row(own),
        "brought": beneath,
        "brought_in_a_row": _in_a_row(beneath),
        "share": None,
    }
    return render(request, "desk/insight/dashboard.html", values | _around(request, page.code))


def _laid_out(request: StaffRequest, shown: list[queries.Shown], first: int = 0) -> list[dict[str, Any]]:
    """Numbers before charts; a chart that has no other beside it is as wide as the page."""
    told = queries.said_once(queries.drawn(shown, by=request.user))
    drawn = [_tile(request, *one) for one in enumerate(told, first)]
    if sum(tile["is_wide"] for tile in drawn) % 2:
        drawn[-1]["is_full"] = True
    return drawn


def _in_a_row(drawn: list[dict[str, Any]]) -> int:
    """How many numbers stand in a row of a wide screen, so that the last row has the fewest gaps."""
    numbers = sum(not tile["is_wide"] for tile in drawn)
    if numbers == 3:
        return 3
    return min((6, 5, 4), key=lambda most: -numbers % most)


def _tile(request: StaffRequest, number: int, drawn: queries.Drawn) -> dict[str, Any]:
    tile, found = drawn.tile, drawn.tile.answer
    return {
        "id": f"tile-{number}",
        "title": tile.title,
        "by": _("按%(names)s") % {"names": " × ".join(str(dim.words) for dim in tile.question.by)}
        if tile.question.by and drawn.is_chart
        else "",
        "question": tile.question,
        "answer": found,
        "spec": drawn.spec,
        "alt": says(found) if found else "",
        "url": explore_url(tile.question.query()) if request.user.may(Permission.INSIGHT_VIEW) else "",
        "kept": tile.kept,
        "refused": tile.refused,
        "is_wide": drawn.is_chart,
        "is_full": False,
        "span": SPANS[tile.question.span][0] if tile.question.span in SPANS else "",
    }


def _around(request: StaffRequest, current: str) -> dict[str, Any]:
    pages: list[tuple[Any, str, bool]] = [
        (one.words, reverse("desk:insight-ready", args=[one.code]), one.code == current)
        for one in queries.ready_for(request.user)
    ]
    pages += [
        (one.name, reverse("desk:insight-mine", args=[one.public_id]), f"mine:{one.public_id}" == current)
        for one in queries.mine(request.user)
        if request.user.may(Permission.INSIGHT_VIEW)
    ]
    return {"pages": pages, "fresh": freshness()}


def _share_form(page: Any) -> ShareForm:
    given = [role.code for role in page.shared_with.all()]
    return ShareForm(choices=_role_choices(), initial={"roles": given})


def _role_choices() -> list[tuple[str, str]]:
    return [(role.code, role.name) for role in queries.roles_that_read()]
