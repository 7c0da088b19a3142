"""Expectations of one customer: what was agreed, by whom, and how it was judged months later."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.desk.forms.expectations import AgreementForm, GoalForm, ScoreForm, goal_forms, read_goals
from yimei.desk.views.customer.frames import frame
from yimei.desk.views.options import guardians_of
from yimei.journey.access import open_case
from yimei.journey.actions import expectations as actions
from yimei.journey.queries import expectations as queries
from yimei.journey.queries.questionnaires import may_read
from yimei.journey.rules import expectations as rules
from yimei.people.queries import needs_guardian
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blame
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@allow(Permission.CLINICAL_VIEW, Permission.CONSULT_WRITE)
def expectations(request: StaffRequest, case_id: UUID) -> HttpResponse:
    if request.method == "POST":
        return _agree(request, case_id)
    return _page(request, case_id)


@require_POST
@allow(*actions.SCORING)
def score(request: StaffRequest, case_id: UUID) -> HttpResponse:
    form = _score_form(request, case_id)
    if not form.is_valid():
        return _page(request, case_id, scoring=form)
    data = form.cleaned_data
    actions.score(
        case_id,
        month=data["month"],
        scores=form.scores,
        overall=data["overall"],
        note=data["note"],
        by=request.user,
        now=timezone.now(),
    )
    return toast(request, redirect_to(request, "desk:case-expectations", case_id), _("复评已记录。"))


def _agree(request: StaffRequest, case_id: UUID) -> HttpResponse:
    guardians = guardians_of(open_case(case_id, by=request.user), timezone.now())
    goals, form = goal_forms(request.POST), AgreementForm(request.POST, guardians=guardians)
    if all([form.is_valid(), *(row.is_valid() for row in goals)]):
        try:
            row = actions.agree(
                case_id,
                goals=read_goals(goals),
                signature=request.POST.get("signature", ""),
                **form.cleaned_data,
                by=request.user,
                now=timezone.now(),
            )
            said = _("已约定第 %(version)d 版，署名为您与客户。") % {"version": row.version}
            return toast(request, redirect_to(request, "desk:case-expectations", case_id), said)
        except RuleBroken as refusal:
            if refusal.code == "closed":  # the page has no form any more that could say so
                raise
            blame(form, refusal)
    return _page(request, case_id, goals=goals, form=form)


def _score_form(request: StaffRequest, case_id: UUID) -> ScoreForm:
    case = frame(request, case_id, current="case-expectations").case
    known = queries.newest(case) if case else None
    if known is None:
        raise NotFound
    return ScoreForm(request.POST, goals=list(queries.standing(known).goals), months=list(rules.MONTHS))


def _page(
    request: StaffRequest,
    case_id: UUID,
    *,
    goals: list[GoalForm] | None = None,
    form: AgreementForm | None = None,
    scoring: ScoreForm | None = None,
) -> HttpResponse:
    customer = frame(request, case_id, current="case-expectations")
    case = customer.case
    if case is None or not may_read(customer.patient, by=request.user, now=customer.now):
        raise NotFound
    known = queries.newest(case)
    standing = queries.standing(known) if known else None
    may_agree = request.user.may(Permission.PLAN_WRITE) and case.closed_at is None and customer.sees_clinical
    values: dict[str, Any] = {
        "customer": customer,
        "standing": standing,
        "versions": queries.versions(case),
        "may_agree": may_agree,
        "is_open": form is not None or known is None,
        "is_minor": needs_guardian(customer.patient, local_date(customer.now)),
    }
    if may_agree:
        words, cannot = queries.suggested(case, now=customer.now) if known is None else ([], "")
        first = known.goals if known else [{"text": text} for text in words]
        values["goals"] = goals or goal_forms(initial=first)
        values["has_more"] = any(row["text"].value() for row in values["goals"][3:])
        values["form"] = form or AgreementForm(
            guardians=guardians_of(case, customer.now),
            initial={
                "unreachable": known.unreachable if known else cannot,
                "written_against": known.version if known else 0,
            },
        )
    if standing and known and any(request.user.may(right) for right in actions.SCORING):
        due = rules.months_due(since=queries.since(known), today=local_date(customer.now))
        values["months_due"] = due
        values["scoring"] = scoring or (ScoreForm(goals=list(standing.goals), months=due) if due else None)
    is_refused = form is not None or scoring is not None
    return render(request, "desk/expectations/expectations.html", values, status=422 if is_refused else 200)
