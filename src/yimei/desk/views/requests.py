"""Requests of people about their own data: the clock, the proof of identity, the decision, the answer."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.core.errors import NotFound
from yimei.core.numbers import whole
from yimei.desk.forms.requests import DecisionForm, ExtendForm, IdentityForm, RequestForm
from yimei.desk.views.customer.frames import patient_frame
from yimei.people.enums import LookPurpose
from yimei.people.roles import Permission
from yimei.privacy.access import open_request
from yimei.privacy.actions import exports, joint, packages
from yimei.privacy.actions.requests import answering, deadlines, deciding, proving, receiving
from yimei.privacy.enums import Decision, IdentityMethod, Requester, RequestKind, RequestStatus
from yimei.privacy.queries import automated, consent_chips, evidence
from yimei.privacy.queries import holds as held
from yimei.privacy.queries.parties import passes_of
from yimei.privacy.queries.requests import clocks, letters, lists, proposals
from yimei.privacy.queries.sealed import sealed_count
from yimei.privacy.rules import requests as rules
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import as_file, redirect_to, toast

SEEN = (Permission.PRIVACY_VIEW, Permission.PRIVACY_WRITE)


@require_GET
@allow(*SEEN)
def index(request: StaffRequest) -> HttpResponse:
    is_closed = request.GET.get("show") == "closed"
    by, now = request.user, timezone.now()
    found = lists.closed_requests(by)[:100] if is_closed else lists.open_requests(by)
    here = reverse("desk:requests")
    values = {
        "rows": [(one, lists.shown_name(one), clocks.clock(one, now)) for one in found],
        "is_closed": is_closed,
        "tabs": [(_("办理中"), here, not is_closed), (_("已结束"), f"{here}?show=closed", is_closed)],
        "sealed": sealed_count(by),
        "held": held.open_count(by),
    }
    return render(request, "desk/requests/index.html", values)


@allow(Permission.PRIVACY_WRITE)
def new(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    customer = patient_frame(request, patient_id, current="request-new")
    given = [chip for chip in consent_chips(customer.patient, customer.now) if chip.is_standing]
    consents = [(chip.code, chip.name) for chip in given]
    form = RequestForm(request.POST or None, consents=consents, programs=automated.choices())
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        with blaming(form):
            made = receiving.receive(patient_id, **form.asked(now), by=request.user, now=now)
            response = redirect_to(request, "desk:request", made.public_id)
            return toast(request, response, _("请求已受理，期限开始计算。"))
    values = {
        "customer": customer,
        "form": form,
        "has_consents": bool(given),
        "others": lists.requests_of(customer.patient)[:10],
    }
    return render(request, "desk/requests/new.html", values, status=422 if form.errors else 200)


@require_GET
@allow(*SEEN)
def detail(request: StaffRequest, request_id: UUID) -> HttpResponse:
    return _page(request, request_id)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def verify(request: StaffRequest, request_id: UUID) -> HttpResponse:
    """The papers were seen; or they were not good enough."""
    asked = open_request(request_id, by=request.user, permission=Permission.PRIVACY_WRITE)
    form = _identity_form(asked.kind, asked.requester, request.POST)
    if not form.is_valid():
        return _page(request, request_id, identity=form)
    is_proved = request.POST.get("result") != "failed"
    act = proving.verify if is_proved else proving.turn_down
    act(request_id, method=IdentityMethod(form.cleaned_data["method"]), by=request.user, now=timezone.now())
    text = _("身份已核验，可以作出决定。") if is_proved else _("身份未能核实，请求已结束；可带证件重新提出。")
    return toast(request, redirect_to(request, "desk:request", request_id), text)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def extend(request: StaffRequest, request_id: UUID) -> HttpResponse:
    form = ExtendForm(request.POST)
    if form.is_valid():
        with blaming(form):
            deciding.extend(request_id, **form.cleaned_data, by=request.user, now=timezone.now())
            response = redirect_to(request, "desk:request", request_id)
            return toast(request, response, _("期限已延长，请把理由告知本人。"))
    return _page(request, request_id, extension=form)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def decide(request: StaffRequest, request_id: UUID) -> HttpResponse:
    form = DecisionForm(request.POST)
    if form.is_valid():
        values = {**form.cleaned_data, "decision": Decision(form.cleaned_data["decision"])}
        with blaming(form):
            deciding.decide(request_id, **values, by=request.user, now=timezone.now())
            response = redirect_to(request, "desk:request", request_id)
            return toast(request, response, _("决定已记录；交付答复书后点「已答复」执行。"))
    return _page(request, request_id, decision=form)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def move(request: StaffRequest, request_id: UUID) -> HttpResponse:
    """Answer and carry out, take a decision or a restriction back, or close what the person took back."""
    acts = {
        RequestStatus.ANSWERED.value: (answering.answer, _("已答复，决定已执行。")),
        RequestStatus.VERIFIED.value: (deciding.reopen, _("决定已收回，可以重新决定。")),
        "resumed": (answering.resume, _("已恢复处理，本人以前同意的用途重新生效。")),
        RequestStatus.CANCELLED.value: (proving.cancel, _("请求已按本人意愿撤销。")),
    }
    found = acts.get(request.POST.get("to", ""))
    if found is None:
        raise NotFound
    act, text = found
    act(request_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:request", request_id), text)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def pass_on(request: StaffRequest, request_id: UUID, party_id: UUID) -> HttpResponse:
    """A joint handler was told of the request."""
    how = request.POST.get("how", "")[:400]
    joint.pass_on(request_id, party_id, how=how, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:request", request_id), _("已记录转告。"))


@require_GET
@allow(*SEEN)
def letter(request: StaffRequest, request_id: UUID) -> HttpResponse:
    page = answering.letter(request_id, by=request.user, now=timezone.now())
    return HttpResponse(page, content_type="application/pdf")


@require_GET
@allow(Permission.PRIVACY_WRITE)
def package(request: StaffRequest, request_id: UUID, shape: str) -> HttpResponse:
    """The copy of the person's data, for programs, for other hospitals or for people."""
    data = packages.fetch(request_id, shape=shape, by=request.user, now=timezone.now())
    return as_file(data, shape, f"copy-{str(request_id)[:8]}")


@require_GET
@allow(*SEEN)
def evidence_file(request: StaffRequest, request_id: UUID) -> HttpResponse:
    """How the request was handled, with every hash; names nobody."""
    asked = open_request(request_id, by=request.user)
    headers = {"Content-Disposition": f'attachment; filename="evidence-{asked.number}.json"'}
    return HttpResponse(evidence.file_of(asked), content_type="application/json", headers=headers)


@allow(*SEEN)
def profiles(request: StaffRequest) -> HttpResponse:
    """Which laws' clocks count for this hospital."""
    if request.method == "POST":
        rule_id, is_on = whole(request.POST.get("rule")), request.POST.get("is_active") == "yes"
        if rule_id is None:
            raise NotFound
        deadlines.set_profile(rule_id, is_active=is_on, by=request.user, now=timezone.now())
        text = _("已启用，之后收到的请求按最短的期限计算。") if is_on else _("已停用；已开始的期限不变。")
        return toast(request, redirect_to(request, "desk:request-profiles"), text)
    values = {"rules": clocks.deadline_rules(), "may_write": request.user.may(Permission.PRIVACY_WRITE)}
    return render(request, "desk/requests/profiles.html", values)


def _page(
    request: StaffRequest,
    request_id: UUID,
    *,
    identity: IdentityForm | None = None,
    extension: ExtendForm | None = None,
    decision: DecisionForm | None = None,
) -> HttpResponse:
    """The one page of a request, with the form that was refused."""
    now, by = timezone.now(), request.user
    asked = open_request(request_id, by=by)
    exports.look(asked.patient, page="request", purpose=LookPurpose.REQUEST, by=by, now=now)
    status = RequestStatus(asked.status)
    is_decided = status in {RequestStatus.DECIDED, RequestStatus.ANSWERED}
    preview = (
        proposals.proposed(asked, decision=Decision.GRANTED, refusal="", now=now)
        if status in {RequestStatus.RECEIVED, RequestStatus.VERIFIED}
        else None
    )
    lines = letters.outcomes(asked) if is_decided else preview.lines if preview else ()
    values: dict[str, Any] = {
        "asked": asked,
        "name": lists.shown_name(asked),
        "clock": clocks.clock(asked, now),
        "steps": lists.steps(asked),
        "lines": [
            (letters.title_of(line.holding), line, _word(line, is_decided=is_decided)) for line in lines
        ],
        "is_decided": is_decided,
        "restriction": proposals.restriction_of(asked, now=now),
        "pending": preview.pending if preview else (),
        "wanted": lists.wanted_of(asked),
        "supplements": lists.supplements_of(asked),
        "is_proof_sound": evidence.is_sound(asked) if asked.evidence_sha256 else None,
        "moves": asked.moves.select_related("by"),
        "identity": identity or _identity_form(asked.kind, asked.requester, None),
        "extension": extension or ExtendForm(),
        "decision": decision or DecisionForm(initial=_draft(asked)),
        "judged": automated.of_request(asked) if asked.kind == RequestKind.EXPLAIN else [],
        "by_people": automated.titles(asked.scope),
        "may_write": by.may(Permission.PRIVACY_WRITE),
        "may_extend": status in rules.OPEN and asked.extended_to is None and now < asked.due_at,
        "joint": passes_of(asked, on=local_date(now)) if asked.kind in rules.SHARED else [],
        "is_erasing": asked.kind in rules.ERASING,
        "has_copy": asked.package_expires_at is not None and now < asked.package_expires_at,
    }
    is_refused = any(form is not None for form in (identity, extension, decision))
    return render(request, "desk/requests/detail.html", values, status=422 if is_refused else 200)


def _draft(asked: Any) -> dict[str, Any]:
    """What the form begins with; an explanation begins with what the programs said when she asked."""
    is_open = asked.status == RequestStatus.VERIFIED
    return {"decision": Decision.GRANTED, "reply": asked.reply if is_open else ""}


def _identity_form(kind: str, requester: str, data: Any) -> IdentityForm:
    return IdentityForm(data, methods=rules.methods_for(RequestKind(kind), Requester(requester)))


def _word(line: Any, *, is_decided: bool) -> tuple[str, str]:
    """The outcome in a word and a colour."""
    tones = {"erased": "danger", "sealed": "warn", "held": "warn", "kept": "", "refused": "warn"}
    return proposals.outcome_label(line.outcome, is_decided=is_decided), tones.get(line.outcome, "good")
