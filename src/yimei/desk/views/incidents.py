"""The incident room: report, judge, scope, answer each duty, tell the people, close."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yimei.core.errors import NotFound, RuleBroken
from yimei.desk.forms.governance import ReportForm, ScopeForm, TriageForm, WordsForm
from yimei.people.roles import Permission
from yimei.privacy.access import open_duty, open_incident
from yimei.privacy.actions import incidents as actions
from yimei.privacy.actions import letters as letter_actions
from yimei.privacy.enums.incidents import IncidentKind, IncidentLevel, IncidentStatus, LetterState
from yimei.privacy.queries.incidents import clocks, lists, reach
from yimei.ui.forms.refusals import blame, blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

PAGE = 20
EVENTS = {
    "reported": gettext_lazy("报告"),
    "triaged": gettext_lazy("研判"),
    "dismissed": gettext_lazy("不构成事件"),
    "scoped": gettext_lazy("计算影响范围"),
    "described": gettext_lazy("补充情况"),
    "noted": gettext_lazy("记录"),
    "duty": gettext_lazy("办理义务"),
    "exempt-asked": gettext_lazy("提请不通知个人"),
    "handled": gettext_lazy("处置结束"),
    "closed": gettext_lazy("结案"),
}
TONES = {"reported": "warn", "open": "danger", "closed": "good", "dismissed": ""}


@require_GET
@allow(Permission.PRIVACY_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    show, now, by = request.GET.get("show", ""), timezone.now(), request.user
    here = reverse("desk:incidents")
    page = Paginator(lists.listed(by, show=show), PAGE).get_page(request.GET.get("page"))
    values = {
        "page": page,
        "rows": [(one, TONES[one.status]) for one in page],
        "show": show,
        "duties": clocks.running_duties(by, now) if not show else [],
        "tabs": [
            (_("处置中"), here, not show),
            (_("已结束"), f"{here}?show=closed", show == "closed"),
            (_("演练"), f"{here}?show=drills", show == "drills"),
        ],
        "last_drill": lists.last_drill(now),
    }
    return render(request, "desk/incidents/index.html", values)


@allow()
def report(request: StaffRequest) -> HttpResponse:
    """Anybody on the staff says what she saw."""
    by, now = request.user, timezone.now()
    form = ReportForm(request.POST or None, initial={"kind": IncidentKind.OTHER})
    if not by.may(Permission.PRIVACY_WRITE):
        del form.fields["is_drill"]
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with blaming(form):
            made = actions.report(
                kind=IncidentKind(data["kind"]),
                title=data["title"],
                what=data["what"],
                system=data["system"],
                discovered_at=data["discovered_at"] or now,
                is_drill=data.get("is_drill", False),
                by=by,
                now=now,
            )
            response = redirect_to(request, "desk:incident", made.public_id)
            return toast(request, response, _("已报告，个人信息保护负责人会立即看到。谢谢您。"))
    values = {"form": form, "mine": lists.listed(by).filter(reported_by=by)[:10]}
    return render(request, "desk/incidents/report.html", values, status=422 if form.errors else 200)


@require_GET
@allow()
def detail(request: StaffRequest, incident_id: UUID) -> HttpResponse:
    return _page(request, incident_id)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def triage(request: StaffRequest, incident_id: UUID) -> HttpResponse:
    form = TriageForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        values = {**data, "kind": IncidentKind(data["kind"]), "level": IncidentLevel(data["level"])}
        with blaming(form):
            actions.triage(incident_id, **values, by=request.user, now=timezone.now())
            return toast(
                request, redirect_to(request, "desk:incident", incident_id), _("已研判，时钟已开始。")
            )
    return _page(request, incident_id, triage=form)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def scope(request: StaffRequest, incident_id: UUID) -> HttpResponse:
    form = _scope_form(request.POST)
    if form.is_valid():
        data, account = form.cleaned_data, lists.account_named(form.cleaned_data["account"])
        if account is None:
            raise NotFound
        with blaming(form):
            found = actions.find_affected(
                incident_id,
                account=account,
                since=data["since"],
                until=data["until"],
                by=request.user,
                now=timezone.now(),
            )
            text = _("影响 %(n)d 人，已列入。") % {"n": found.persons}
            return toast(request, redirect_to(request, "desk:incident", incident_id), text)
    return _page(request, incident_id, scope=form)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def describe(request: StaffRequest, incident_id: UUID) -> HttpResponse:
    form = WordsForm(request.POST)
    if form.is_valid():
        actions.describe(incident_id, **form.cleaned_data, by=request.user, now=timezone.now())
        return toast(request, redirect_to(request, "desk:incident", incident_id), _("已保存。"))
    return _page(request, incident_id, words=form)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def note(request: StaffRequest, incident_id: UUID) -> HttpResponse:
    text = request.POST.get("text", "")[:2000]
    actions.note(incident_id, text=text, by=request.user, now=timezone.now())
    return redirect_to(request, "desk:incident", incident_id)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def letters(request: StaffRequest, incident_id: UUID) -> HttpResponse:
    """Draft, send, or say who was told on paper."""
    what, by, now = request.POST.get("do", ""), request.user, timezone.now()
    try:
        if what == "draft":
            made = letter_actions.draft(incident_id, by=by, now=now)
            text = _("已起草 %(n)d 份告知。") % {"n": made}
        elif what == "send":
            letter_actions.send(incident_id, by=by, now=now)
            text = _("已交发送；演练不对外发送。")
        elif what in {"guardians", "papers"}:
            done = letter_actions.mark_printed(incident_id, guardians=what == "guardians", by=by, now=now)
            text = _("已登记 %(n)d 份为寄送或当面告知。") % {"n": done}
        else:
            raise NotFound
    except RuleBroken as refusal:
        incident = open_incident(incident_id, by=by)
        form = _words_form(incident)
        form.full_clean()
        blame(form, refusal)
        return _page(request, incident_id, words=form)
    return toast(request, redirect_to(request, "desk:incident", incident_id), text)


@require_POST
@allow(Permission.PRIVACY_VIEW, Permission.PRIVACY_WRITE)
def duty(request: StaffRequest, duty_id: UUID) -> HttpResponse:
    """Done, explained, or a proposal not to tell the persons and another one's yes to it."""
    one, by, now = open_duty(duty_id, by=request.user), request.user, timezone.now()
    what, evidence = request.POST.get("do", ""), request.POST.get("evidence", "")[:1000]
    if what == "approve":
        actions.approve_exemption(duty_id, by=by, now=now)
    elif what in ACTS:
        ACTS[what](duty_id, evidence=evidence, by=by, now=now)
    else:
        raise NotFound
    return toast(request, redirect_to(request, "desk:incident", one.incident.public_id), _("已记录。"))


@require_POST
@allow(Permission.PRIVACY_WRITE)
def move(request: StaffRequest, incident_id: UUID) -> HttpResponse:
    to, by, now = request.POST.get("to", ""), request.user, timezone.now()
    if to == "handled":
        actions.end_handling(incident_id, by=by, now=now)
    elif to == "closed":
        actions.close(incident_id, by=by, now=now)
    elif to == "dismissed":
        actions.dismiss(incident_id, reason=request.POST.get("reason", "")[:500], by=by, now=now)
    else:
        raise NotFound
    return toast(request, redirect_to(request, "desk:incident", incident_id), _("已记录。"))


@require_GET
@allow(Permission.PRIVACY_VIEW)
def authority_report(request: StaffRequest, incident_id: UUID) -> HttpResponse:
    page = actions.authority_report(incident_id, by=request.user, now=timezone.now())
    return HttpResponse(page, content_type="application/pdf")


@require_GET
@allow(Permission.PRIVACY_VIEW)
def printed(request: StaffRequest, incident_id: UUID) -> HttpResponse:
    page = letter_actions.printed(incident_id, by=request.user, now=timezone.now())
    return HttpResponse(page, content_type="application/pdf")


ACTS = {"fulfil": actions.fulfil, "explain": actions.explain, "exempt": actions.ask_exemption}


def _scope_form(data: Any, initial: Any = None) -> ScopeForm:
    choices = [(str(one.public_id), f"{one.name} · {one.role.name}") for one in lists.accounts()]
    return ScopeForm(data, accounts=choices, initial=initial)


def _words_form(incident: Any) -> WordsForm:
    return WordsForm({name: getattr(incident, name) for name in actions.WORDS})


def _page(
    request: StaffRequest,
    incident_id: UUID,
    *,
    triage: TriageForm | None = None,
    scope: ScopeForm | None = None,
    words: WordsForm | None = None,
) -> HttpResponse:
    """The one page of an incident, with the form that was refused."""
    by, now = request.user, timezone.now()
    incident = open_incident(incident_id, by=by)
    known = {name: getattr(incident, name) for name in (*TriageForm.base_fields, *actions.WORDS)}
    counts, papers = reach.letter_counts(incident), reach.papers(incident)
    is_officer = by.may(Permission.PRIVACY_VIEW)
    values: dict[str, Any] = {
        "incident": incident,
        "tone": TONES[incident.status],
        "is_officer": is_officer,
        "may_write": by.may(Permission.PRIVACY_WRITE) and incident.is_running,
        "is_open": incident.status == IncidentStatus.OPEN,
        "duties": clocks.duty_lines(incident, now),
        "events": [
            (event, EVENTS.get(event.word, event.word))
            for event in incident.events.select_related("by", "incident__reported_by__vault_key").order_by(
                "-id"
            )
            if is_officer
        ],
        "affected": reach.affected(incident)[:20],
        "letters": [(LetterState(state).label, n) for state, n in sorted(counts.items())],
        "drafted": counts[LetterState.DRAFTED] - sum(one.count for one in papers),
        "papers": [
            (who, do, lines)
            for who, do, is_to in ((_("监护人"), "guardians", True), (_("本人"), "papers", False))
            if (lines := [one for one in papers if one.to_guardians == is_to])
        ],
        "without_guardian": reach.without_guardian(incident),
        "triage": triage or TriageForm(initial=known),
        "scope": scope or _scope_form(None),
        "words": words or WordsForm(initial=known),
    }
    is_refused = any(form is not None for form in (triage, scope, words))
    return render(request, "desk/incidents/detail.html", values, status=422 if is_refused else 200)
