"""Feedback: the list with its figures, one with all that is done about it."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yimei.core import names, phone
from yimei.core.clock import local_date
from yimei.core.errors import NotFound
from yimei.desk.forms.feedback import (
    CloseForm,
    ImprovementForm,
    LinkForm,
    NoteForm,
    ReplyForm,
    TriageForm,
    WriteDownForm,
)
from yimei.desk.forms.patients import RevealForm
from yimei.growth.actions import feedback as actions
from yimei.growth.actions import hearing, improvements
from yimei.growth.enums.feedback import FeedbackStatus, FeedbackWay, Theme
from yimei.growth.queries import feedback as queries
from yimei.growth.queries import improvements as improvement_queries
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import posted, redirect_to, toast

if TYPE_CHECKING:
    from django import forms

    from yimei.growth.models import Feedback

PAGE = 30
LABELS = {
    "new": gettext_lazy("待分诊"),
    "mine": gettext_lazy("我负责的"),
    "late": gettext_lazy("已逾期"),
    "running": gettext_lazy("处理中"),
    "answered": gettext_lazy("已答复"),
    "closed": gettext_lazy("已办结"),
    "void": gettext_lazy("无效"),
    "all": gettext_lazy("全部"),
}


@require_GET
@allow(Permission.FEEDBACK_WRITE)
def index(request: StaffRequest) -> HttpResponse:
    by, now = request.user, timezone.now()
    hands_out = by.may(Permission.FEEDBACK_ASSIGN)
    asked = {name: request.GET.get(name, "") for name in ("view", "theme", "way", "place", "sort")}
    asked["view"] = asked["view"] if asked["view"] in LABELS else ("running" if hands_out else "mine")
    wish = queries.Wish(**asked)
    page = Paginator(queries.listed(wish, by=by, now=now), PAGE).get_page(request.GET.get("page"))
    counted = queries.counts(by=by, now=now)
    values = {
        "rows": queries.rows(page.object_list, now=now),
        "page": page,
        "wish": wish,
        "views": [
            (label, _with(asked, view=view), view == wish.view, counted.get(view))
            for view, label in LABELS.items()
            if hands_out or view != "new"
        ],
        "ways": _choices(asked, "way", FeedbackWay.choices),
        "themes": _choices(asked, "theme", Theme.choices),
        "is_narrowed": bool(wish.theme or wish.way or wish.place),
        "figures": queries.figures(by=by, now=now) if hands_out else None,
        "days": queries.WINDOW.days,
    }
    return render(request, "desk/feedback/index.html", values)


@allow(Permission.FEEDBACK_WRITE)
def new(request: StaffRequest) -> HttpResponse:
    by = request.user
    places = [(str(one.public_id), one.name) for one in queries.places(by=by)]
    form = WriteDownForm(posted(request), places=places)
    if form.is_bound and form.is_valid():
        data = dict(form.cleaned_data)
        place = data.pop("place")
        with blaming(form):
            hearing.write_down(**data, place_id=place, by=by, now=timezone.now())
            return toast(request, redirect_to(request, "desk:feedback"), _("已登记，等待分诊。"))
    return render(request, "desk/feedback/new.html", {"form": form}, status=422 if form.is_bound else 200)


@require_GET
@allow(Permission.FEEDBACK_WRITE)
def detail(request: StaffRequest, feedback_id: UUID) -> HttpResponse:
    response = _page(request, feedback_id)
    actions.look(feedback_id, by=request.user, now=timezone.now())
    return response


@require_POST
@allow(Permission.FEEDBACK_ASSIGN)
def triage(request: StaffRequest, feedback_id: UUID) -> HttpResponse:
    form = TriageForm(request.POST, staff=_team(queries.open_feedback(feedback_id, by=request.user)))
    if form.is_valid():
        with blaming(form):
            actions.triage(feedback_id, **form.cleaned_data, by=request.user, now=timezone.now())
            return _done(request, feedback_id, _("已分诊，负责人收到提示。"))
    return _page(request, feedback_id, triage=form)


@require_POST
@allow(Permission.FEEDBACK_WRITE)
def note(request: StaffRequest, feedback_id: UUID) -> HttpResponse:
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, feedback_id, note=form)
    actions.note(feedback_id, **form.cleaned_data, by=request.user, now=timezone.now())
    return _done(request, feedback_id, _("已记录。"))


@require_POST
@allow(Permission.FEEDBACK_WRITE)
def reply(request: StaffRequest, feedback_id: UUID) -> HttpResponse:
    ways = queries.ways(queries.open_feedback(feedback_id, by=request.user))
    form = ReplyForm(request.POST, ways=ways)
    if form.is_valid():
        with blaming(form):
            actions.reply(feedback_id, **form.cleaned_data, by=request.user, now=timezone.now())
            return _done(request, feedback_id, _("已登记答复。"))
    return _page(request, feedback_id, reply=form)


@require_POST
@allow(Permission.FEEDBACK_WRITE)
def close(request: StaffRequest, feedback_id: UUID) -> HttpResponse:
    form = CloseForm(request.POST)
    if form.is_valid():
        with blaming(form):
            actions.close(feedback_id, **form.cleaned_data, by=request.user, now=timezone.now())
            return _done(request, feedback_id, _("已办结。"))
    return _page(request, feedback_id, close=form)


@require_POST
@allow(Permission.FEEDBACK_ASSIGN)
def turn(request: StaffRequest, feedback_id: UUID, act: str) -> HttpResponse:
    """Void it, or take it up again; both with a reason."""
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, feedback_id, turn=form)
    act_of = {"void": actions.void, "reopen": actions.reopen}[act]
    act_of(feedback_id, why=form.cleaned_data["text"], by=request.user, now=timezone.now())
    return _done(request, feedback_id, _("已判为无效。") if act == "void" else _("已重新处理。"))


@require_POST
@allow(Permission.FEEDBACK_WRITE)
def link(request: StaffRequest, feedback_id: UUID) -> HttpResponse:
    form = LinkForm(request.POST)
    if form.is_valid():
        with blaming(form):
            actions.link_patient(feedback_id, **form.cleaned_data, by=request.user, now=timezone.now())
            return _done(request, feedback_id, _("已关联客户。"))
    return _page(request, feedback_id, link=form)


@require_POST
@allow(Permission.PRIVACY_VIEW)
def link_request(request: StaffRequest, feedback_id: UUID, request_id: UUID) -> HttpResponse:
    actions.link_request(feedback_id, request_id, by=request.user, now=timezone.now())
    return _done(request, feedback_id, _("已关联个人信息投诉。"))


@require_POST
@allow(Permission.FEEDBACK_WRITE)
def improve(request: StaffRequest, feedback_id: UUID) -> HttpResponse:
    by, now = request.user, timezone.now()
    team = _team(queries.open_feedback(feedback_id, by=by))
    form = ImprovementForm(request.POST, staff=team, today=local_date(now))
    if form.is_valid():
        with blaming(form):
            improvements.begin(feedback_id, **form.cleaned_data, by=by, now=now)
            return _done(request, feedback_id, _("已立改进措施。"))
    return _page(request, feedback_id, improve=form)


@require_POST
@allow(Permission.FEEDBACK_WRITE)
def join(request: StaffRequest, feedback_id: UUID, improvement_id: UUID) -> HttpResponse:
    improvements.join(improvement_id, feedback_id, by=request.user, now=timezone.now())
    return _done(request, feedback_id, _("已并入这项改进措施。"))


@allow(Permission.PATIENT_REVEAL)
def reveal(request: StaffRequest, feedback_id: UUID) -> HttpResponse:
    """Ask what for, then show the whole number; the log keeps the purpose."""
    queries.open_feedback(feedback_id, by=request.user)
    form = RevealForm(posted(request))
    values: dict[str, Any] = {"form": form, "feedback_id": feedback_id, "number": ""}
    if form.is_bound and form.is_valid():
        found = actions.reveal_phone(feedback_id, **form.cleaned_data, by=request.user, now=timezone.now())
        values["number"] = found.removeprefix("+86")
        response = render(request, "desk/feedback/reveal.html#number", values)
        response["HX-Trigger"] = "ym:close"
        return response
    response = render(request, "desk/feedback/reveal.html#ask", values, status=422 if form.errors else 200)
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def _page(request: StaffRequest, feedback_id: UUID, **bound: "forms.Form") -> HttpResponse:
    by, now = request.user, timezone.now()
    row = queries.open_feedback(feedback_id, by=by)
    may_assign = by.may(Permission.FEEDBACK_ASSIGN)
    team = _team(row)
    ways = queries.ways(row)
    start = {name: getattr(row, name) for name in ("kind", "severity", "theme") if getattr(row, name)}
    if row.owner is not None:
        start["owner"] = str(row.owner.public_id)
    moves = row.open_moves
    values = {
        "feedback": row,
        "who": names.mask(row.patient.person.name) if row.patient else "",
        "phone": phone.mask(row.phone) if row.phone else "",
        "is_late": row.status in queries.RUN and row.due_at < now,
        "steps": queries.trail(row),
        "replies": queries.shown_replies(row),
        "improvements": row.improvements.select_related("owner"),
        "to_join": improvement_queries.to_join(row) if row.theme else [],
        "requests": queries.requests_to_link(row, by=by),
        "may_assign": may_assign,
        "may_reply": FeedbackStatus.ANSWERED in moves,
        "may_close": FeedbackStatus.CLOSED in moves,
        "may_void": may_assign and FeedbackStatus.VOID in moves,
        "may_reopen": may_assign and row.status in {FeedbackStatus.CLOSED, FeedbackStatus.VOID},
        "may_triage": may_assign and row.status in {FeedbackStatus.NEW, FeedbackStatus.OPEN},
        "may_link": row.patient is None and not row.is_public and by.may(Permission.PATIENT_VIEW),
        "may_reveal": bool(row.phone) and by.may(Permission.PATIENT_REVEAL),
        "triage": TriageForm(staff=team, initial=start),
        "note": NoteForm(),
        "turn": NoteForm(auto_id="turn_%s"),
        "reply": ReplyForm(ways=ways, auto_id="reply_%s"),
        "close": CloseForm(),
        "link": LinkForm(),
        "improve": ImprovementForm(staff=team, today=local_date(now), auto_id="improve_%s"),
    } | bound
    return render(request, "desk/feedback/one.html", values, status=422 if bound else 200)


def _team(row: "Feedback") -> list[tuple[str, str]]:
    team = queries.handlers_at(row.campus).select_related("role")
    return [(str(one.public_id), f"{one.name} · {one.role.name}") for one in team]


def _done(request: StaffRequest, feedback_id: UUID, text: str) -> HttpResponse:
    """Back to the page, or to the list when it went to somebody else."""
    try:
        queries.open_feedback(feedback_id, by=request.user)
    except NotFound:
        return toast(request, redirect_to(request, "desk:feedback"), text)
    return toast(request, redirect_to(request, "desk:feedback-one", feedback_id), text)


def _with(asked: dict[str, str], **changes: str) -> str:
    query = {name: value for name, value in (asked | changes).items() if value}
    return f"?{urlencode(query)}"


def _choices(asked: dict[str, str], name: str, choices: Any) -> list[tuple[str, str, bool]]:
    every = [("", _("全部")), *choices]
    return [(str(label), _with(asked, **{name: value}), asked[name] == value) for value, label in every]
