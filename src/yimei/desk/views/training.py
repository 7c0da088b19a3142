"""Courses and quizzes of everybody, the report by department, and what happens after a false message."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.core.errors import NotFound
from yimei.core.numbers import whole
from yimei.desk.forms.governance import CourseForm
from yimei.people.roles import Permission
from yimei.privacy.actions import training as actions
from yimei.privacy.enums.incidents import DrillOutcome
from yimei.privacy.queries import packs
from yimei.privacy.queries import training as queries
from yimei.privacy.rules import training as rules
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

STATES = {
    rules.CURRENT: (gettext_lazy("有效"), "good", "check"),
    rules.SOON_DUE: (gettext_lazy("快到期"), "warn", "clock"),
    rules.OVERDUE: (gettext_lazy("须完成"), "danger", "alert-triangle"),
}


@require_GET
@allow()
def index(request: StaffRequest) -> HttpResponse:
    on = local_date(timezone.now())
    rows = [
        (one, STATES[one.state][0], STATES[one.state][1], STATES[one.state][2])
        for one in queries.standings(request.user, on)
    ]
    values = {
        "rows": rows,
        "records": queries.records_of(request.user)[:20],
        "is_gated": packs.choice("training.gate") == "on",
        "may_view": request.user.may(Permission.PRIVACY_VIEW),
    }
    return render(request, "desk/training/index.html", values)


@allow()
def course(request: StaffRequest, code: str) -> HttpResponse:
    """Read, answer, and see at once what was right."""
    one = queries.course(code)
    questions = rules.read_quiz(one.quiz)
    values: dict[str, Any] = {
        "course": one,
        "sections": rules.read_body(one.body),
        "questions": [
            (n, questions[n], [(option, questions[n].options[option]) for option in order])
            for n, order in rules.shuffled(questions, f"{request.user.public_id}:{one.pk}")
        ],
        "record": None,
    }
    if request.method == "POST":
        answers = {n: _answer(request.POST.get(f"q{n}", "")) for n in range(len(questions))}
        record = actions.attempt(code, answers=answers, by=request.user, now=timezone.now())
        values["record"] = record
        values["marked"] = [
            (question, question.options[question.answer], answers[n] == question.answer)
            for n, question in enumerate(questions)
        ]
    return render(request, "desk/training/course.html", values)


@require_GET
@allow()
def certificate(request: StaffRequest, record_id: UUID) -> HttpResponse:
    page = actions.certificate(record_id, by=request.user, now=timezone.now())
    return HttpResponse(page, content_type="application/pdf")


@require_GET
@allow(Permission.PRIVACY_VIEW)
def report(request: StaffRequest) -> HttpResponse:
    lines, owing = queries.report(local_date(timezone.now()))
    values = {
        "lines": lines,
        "owing": owing,
        "courses": queries.courses(),
        "drills": [(one, rules.SCENARIOS[one.scenario][0]) for one in queries.drills()[:10]],
        "scenarios": [(code, words[0], words[1]) for code, words in rules.SCENARIOS.items()],
        "may_write": request.user.may(Permission.PRIVACY_WRITE),
    }
    return render(request, "desk/training/report.html", values)


@allow(Permission.PRIVACY_WRITE)
def edit(request: StaffRequest, code: str) -> HttpResponse:
    one = queries.course(code)
    known = {name: getattr(one, name) for name in CourseForm.base_fields}
    form = CourseForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            made = actions.publish(code, **form.cleaned_data, by=request.user, now=timezone.now())
            text = _("已发布第 %(v)d 版；旧版的合格记录到期前仍有效。") % {"v": made.version}
            return toast(request, redirect_to(request, "desk:training-report"), text)
    values = {"form": form, "course": one}
    return render(request, "desk/training/edit.html", values, status=422 if form.errors else 200)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def start_drill(request: StaffRequest) -> HttpResponse:
    actions.start_drill(request.POST.get("scenario", "")[:24], by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:training-report"), _("演练已发出，结果会在这里出现。"))


@allow()
def message(request: StaffRequest, target_id: UUID) -> HttpResponse:
    """Where a false message leads: two buttons and no field; then what gave it away."""
    target = queries.target_of(target_id, by=request.user)
    if request.method == "POST":
        outcome = {"go": DrillOutcome.FELL, "report": DrillOutcome.REPORTED}.get(request.POST.get("do", ""))
        if outcome is None:
            raise NotFound
        target = actions.react(target_id, outcome=outcome, by=request.user, now=timezone.now())
    scenario = rules.SCENARIOS[target.drill.scenario]
    values = {"target": target, "text": scenario[1], "hint": scenario[2]}
    return render(request, "desk/training/message.html", values)


def _answer(text: str) -> int:
    found = whole(text, digits=3)
    return -1 if found is None else found
