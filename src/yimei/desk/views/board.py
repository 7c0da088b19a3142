"""The manager's board of leads, and how a campus hands them out."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.desk.forms.leads import AssignRuleForm, MoveForm, SkillsForm
from yimei.growth.actions import owning, scoring, skills
from yimei.growth.queries import assigning, board, lists, owners
from yimei.growth.queries import scoring as scoring_queries
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@require_GET
@allow(Permission.LEAD_ASSIGN)
def index(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    reasons = dict(board.drop_reasons(by=request.user, now=now))
    steps = lists.funnel(by=request.user, now=now).steps()
    keys = ("", "booked", "arrived", "won", "")
    values = {
        **_columns(request),
        "steps": [
            (label, count, share, reasons.get(key, [])[:3])
            for (label, count, share), key in zip(steps, keys, strict=True)
        ],
        "days": lists.WINDOW.days,
    }
    return render(request, "desk/leads/board.html", values)


@require_POST
@allow(Permission.LEAD_ASSIGN)
def move(request: StaffRequest, lead_id: UUID) -> HttpResponse:
    """A card was dropped on, or sent to, another column: hand the lead over, or give it back to the pool."""
    form = MoveForm(request.POST)
    now = timezone.now()
    if not form.is_valid():
        return render(request, "desk/leads/board.html#board", _columns(request), status=422)
    to = board.asked_to(form.cleaned_data["to"])
    if to is None:
        owning.release(lead_id, by=request.user, now=now)
        text = _("已放回公海。")
    else:
        lead = owning.transfer(lead_id, to=to, by=request.user, now=now)
        text = _("已转交给%(name)s，双方都收到提示。") % {"name": lead.owner.name if lead.owner else ""}
    return toast(request, render(request, "desk/leads/board.html#board", _columns(request)), text)


@require_GET
@allow(Permission.LEAD_ASSIGN)
def assign(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    values = {
        "form": AssignRuleForm(initial={"rule": owners.policy_of(request.user.campus)}),
        "team": assigning.team(by=request.user, now=now),
        "draws": assigning.draws(by=request.user),
        "managers": owners.managers_at(request.user.campus),
    }
    return render(request, "desk/leads/assign.html", values)


@require_POST
@allow(Permission.LEAD_ASSIGN)
def assign_rule(request: StaffRequest) -> HttpResponse:
    form = AssignRuleForm(request.POST)
    if form.is_valid():
        skills.set_rule(form.cleaned_data["rule"], by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:leads-assign"), _("新来的线索按这一方式分配。"))


@require_POST
@allow(Permission.LEAD_ASSIGN)
def assign_skills(request: StaffRequest, staff_id: UUID) -> HttpResponse:
    form = SkillsForm(request.POST)
    if form.is_valid():
        skills.set_skills(
            staff_id, categories=form.cleaned_data["subjects"], by=request.user, now=timezone.now()
        )
    return toast(request, redirect_to(request, "desk:leads-assign"), _("已保存专长。"))


@require_GET
@allow(Permission.LEAD_ASSIGN)
def score(request: StaffRequest) -> HttpResponse:
    """How the score was learned and how well it does; said plainly when it was not."""
    found = scoring_queries.trainings()
    values = {"newest": found[0] if found else None, "trainings": found, "prior": scoring_queries.prior()}
    return render(request, "desk/leads/score.html", values)


@require_POST
@allow(Permission.LEAD_ASSIGN)
def train(request: StaffRequest) -> HttpResponse:
    scoring.ask_training(by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:leads-score"), _("已交后台训练，完成后显示在这里。"))


@require_POST
@allow(Permission.LEAD_WRITE)
def unscored(request: StaffRequest, lead_id: UUID) -> HttpResponse:
    scoring.judge_by_people(lead_id, by=request.user, now=timezone.now())
    return toast(
        request, redirect_to(request, "desk:lead", lead_id), _("已记录：这条线索不再评分，只由人判断。")
    )


def _columns(request: StaffRequest) -> dict[str, Any]:
    now = timezone.now()
    found = board.columns(by=request.user, now=now)
    places = [(one.code, one.name) for one in found]
    return {"columns": found, "places": places, "now": now}
