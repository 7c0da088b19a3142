"""Settings: reference ranges and stop rules, their versions, and who confirmed them."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.desk.forms.clinical import BandForm, RangeForm, StopRuleForm
from yimei.journey.actions import clinical as actions
from yimei.journey.queries import clinical as queries
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from yimei.hospital.models import StopRule, TestRange

PAGE = 40
RANGES, STOPS = "ranges", "stops"


@require_GET
@allow(Permission.CATALOGUE_WRITE, Permission.PLAN_WRITE)
def ranges(request: StaffRequest) -> HttpResponse:
    return _list(request, RANGES)


@require_GET
@allow(Permission.CATALOGUE_WRITE, Permission.PLAN_WRITE)
def stop_rules(request: StaffRequest) -> HttpResponse:
    return _list(request, STOPS)


@allow(Permission.CATALOGUE_WRITE, Permission.PLAN_WRITE)
def range_edit(request: StaffRequest, range_id: UUID) -> HttpResponse:
    row, versions = queries.range_versions(range_id)
    names = ("low", "high", "critical_low", "critical_high", "source")
    form = RangeForm(request.POST or None, initial=_known(row, names))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with blaming(form):
            actions.revise_range(
                range_id, from_day=data.pop("valid_from"), **data, by=request.user, now=timezone.now()
            )
            return _saved(request, "desk:clinical-ranges")
    return _edit(request, RANGES, row, versions, form)


@allow(Permission.CATALOGUE_WRITE)
def range_new(request: StaffRequest) -> HttpResponse:
    """An age band with limits of its own; the bands round it are cut where it begins and ends."""
    tests = [(test.code, f"{test.name} {test.unit}".strip()) for test in queries.tests_with_numbers()]
    first = {"valid_from": local_date(timezone.now()), "sex": "", "test": request.GET.get("test", "")}
    form = BandForm(request.POST or None, initial=first, tests=tests)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with blaming(form):
            actions.add_band(
                test_code=data.pop("test"),
                from_day=data.pop("valid_from"),
                **data,
                by=request.user,
                now=timezone.now(),
            )
            return _saved(request, "desk:clinical-ranges")
    return render(request, "desk/clinical/new.html", {"form": form}, status=422 if form.errors else 200)


@allow(Permission.CATALOGUE_WRITE, Permission.PLAN_WRITE)
def stop_rule_edit(request: StaffRequest, rule_id: UUID) -> HttpResponse:
    row, versions = queries.stop_rule_versions(rule_id)
    known = _known(row, ("days", "from_grade", "advice", "source"))
    known["words"] = "、".join(row.words)
    known |= {name: "yes" if getattr(row, name) else "no" for name in ("may_override", "is_active")}
    form = StopRuleForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with blaming(form):
            actions.revise_stop_rule(
                rule_id, from_day=data.pop("valid_from"), **data, by=request.user, now=timezone.now()
            )
            return _saved(request, "desk:clinical-stops")
    return _edit(request, STOPS, row, versions, form)


@require_POST
@allow(Permission.PLAN_WRITE)
def range_confirm(request: StaffRequest, range_id: UUID) -> HttpResponse:
    actions.confirm_range(range_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:clinical-range", range_id), _("已记名确认。"))


@require_POST
@allow(Permission.PLAN_WRITE)
def stop_rule_confirm(request: StaffRequest, rule_id: UUID) -> HttpResponse:
    actions.confirm_stop_rule(rule_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:clinical-stop-rule", rule_id), _("已记名确认。"))


def _list(request: StaffRequest, kind: str) -> HttpResponse:
    today = local_date(timezone.now())
    text, waits = request.GET.get("q", "").strip()[:40], request.GET.get("state") == "waits"
    find: Any = queries.ranges if kind == RANGES else queries.stop_rules
    page: Any = Paginator(find(on=today, text=text, unconfirmed=waits), PAGE).get_page(
        request.GET.get("page")
    )
    counts = queries.unconfirmed_counts(today)
    waiting = counts[0] if kind == RANGES else counts[1]
    values = {
        "kind": kind,
        "q": text,
        "page": page,
        "lines": queries.lines(page, on=today),
        "tabs": [
            (_("参考范围"), reverse("desk:clinical-ranges"), kind == RANGES),
            (_("停药与禁忌期"), reverse("desk:clinical-stops"), kind == STOPS),
        ],
        "filters": [(_("全部"), "?", not waits), (_("待临床确认"), "?state=waits", waits, waiting)],
        "is_filtered": bool(text) or waits,
        "may_add": kind == RANGES and request.user.may(Permission.CATALOGUE_WRITE),
    }
    return render(request, "desk/clinical/index.html", values)


def _edit(
    request: StaffRequest,
    kind: str,
    row: "TestRange | StopRule",
    versions: Any,
    form: RangeForm | StopRuleForm,
) -> HttpResponse:
    today = local_date(timezone.now())
    values = {
        "kind": kind,
        "row": row,
        "lines": queries.lines(versions, on=today),
        "form": form,
        "may_write": request.user.may(Permission.CATALOGUE_WRITE),
        "may_confirm": request.user.may(Permission.PLAN_WRITE),
    }
    return render(request, "desk/clinical/edit.html", values, status=422 if form.errors else 200)


def _known(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in names} | {"valid_from": local_date(timezone.now())}


def _plain(value: Any) -> Any:
    return f"{value.normalize():f}" if hasattr(value, "normalize") else value


def _saved(request: StaffRequest, where: str) -> HttpResponse:
    return toast(request, redirect_to(request, where), _("新版本已保存，待临床确认。"))
