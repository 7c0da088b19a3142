"""Improvements: what the hospital changes because of what was said, and what came of it."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.desk.forms.feedback import ConclusionForm, EvidenceForm
from yimei.growth.actions import improvements as actions
from yimei.growth.enums.feedback import ImprovementStatus
from yimei.growth.queries import improvements as queries
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from django import forms

PAGE = 30


@require_GET
@allow(Permission.FEEDBACK_WRITE)
def index(request: StaffRequest) -> HttpResponse:
    by = request.user
    view = request.GET.get("view", "")
    counted = queries.counts(by=by)
    every = [(_("全部"), "?", view not in queries.VIEWS, sum(counted.values()))]
    page = Paginator(queries.listed(view, by=by), PAGE).get_page(request.GET.get("page"))
    values = {
        "page": page,
        "views": every
        + [
            (one.label, f"?view={one.value}", view == one.value, counted.get(one.value, 0))
            for one in ImprovementStatus
        ],
        "today": local_date(timezone.now()),
    }
    return render(request, "desk/feedback/improvements.html", values)


@require_GET
@allow(Permission.FEEDBACK_WRITE)
def detail(request: StaffRequest, improvement_id: UUID) -> HttpResponse:
    return _page(request, improvement_id)


@require_POST
@allow(Permission.FEEDBACK_WRITE)
def finish(request: StaffRequest, improvement_id: UUID) -> HttpResponse:
    form = EvidenceForm(request.POST)
    if form.is_valid():
        with blaming(form):
            actions.finish(improvement_id, **form.cleaned_data, by=request.user, now=timezone.now())
            return _done(request, improvement_id, _("已完成；效果数出来之后再关闭。"))
    return _page(request, improvement_id, finish=form)


@require_POST
@allow(Permission.FEEDBACK_ASSIGN)
def end(request: StaffRequest, improvement_id: UUID, act: str) -> HttpResponse:
    """Close it after the count, or drop it; both with a conclusion."""
    form = ConclusionForm(request.POST)
    act_of = {"close": actions.close, "drop": actions.drop}[act]
    if form.is_valid():
        with blaming(form):
            act_of(improvement_id, **form.cleaned_data, by=request.user, now=timezone.now())
            return _done(request, improvement_id, _("已关闭。") if act == "close" else _("已标为不再做。"))
    return _page(request, improvement_id, end=form)


@require_POST
@allow(Permission.FEEDBACK_ASSIGN)
def again(request: StaffRequest, improvement_id: UUID) -> HttpResponse:
    actions.take_up(improvement_id, by=request.user, now=timezone.now())
    return _done(request, improvement_id, _("已重新进行。"))


def _page(request: StaffRequest, improvement_id: UUID, **bound: "forms.Form") -> HttpResponse:
    by = request.user
    made = queries.open_improvement(improvement_id, by=by)
    may_assign = by.may(Permission.FEEDBACK_ASSIGN)
    values = {
        "made": made,
        "ready_on": local_date(queries.ready_at(made)),
        "reasons": queries.reasons(made, by=by),
        "may_finish": ImprovementStatus.DONE in made.open_moves,
        "may_close": may_assign and bool(made.effect) and ImprovementStatus.CLOSED in made.open_moves,
        "may_drop": may_assign and ImprovementStatus.DROPPED in made.open_moves,
        "may_again": may_assign and bool(made.effect) and ImprovementStatus.OPEN in made.open_moves,
        "finish": EvidenceForm(),
        "end": ConclusionForm(auto_id="end_%s"),
    } | bound
    return render(request, "desk/feedback/improvement.html", values, status=422 if bound else 200)


def _done(request: StaffRequest, improvement_id: UUID, text: str) -> HttpResponse:
    return toast(request, redirect_to(request, "desk:improvement", improvement_id), text)
