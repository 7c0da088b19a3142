"""Take a request, prove who asks, decide with reasons, answer and do what was decided (PIPL 44–50)."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date, local_day
from yimei.core.database.rows import only
from yimei.core.documents import in_print, render_pdf
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.queries import calendar_table
from yimei.people.access import need, open_patient
from yimei.people.actions import patients
from yimei.people.models import Patient, Staff
from yimei.people.queries import needs_guardian, proved_guardians
from yimei.people.roles import Permission
from yimei.people.rules import identity
from yimei.privacy import registry
from yimei.privacy.access import open_request
from yimei.privacy.actions import automated, consents, erasure, packages
from yimei.privacy.enums import (
    Decision,
    IdentityMethod,
    OutcomeKind,
    RecordKind,
    RequestChannel,
    Requester,
    RequestKind,
    RequestStatus,
    Unit,
)
from yimei.privacy.models import Addendum, DeadlineRule, Outcome, RequestMove, RightsRequest
from yimei.privacy.queries import consent_chips, evidence
from yimei.privacy.queries import requests as queries
from yimei.privacy.queries.automated import explanation
from yimei.privacy.queries.parties import passes_of
from yimei.privacy.rules import requests as rules
from yimei.privacy.rules.parties import not_passed


@transaction.atomic
def receive(
    patient_id: UUID,
    *,
    kind: RequestKind,
    requester: Requester,
    channel: RequestChannel,
    by: Staff,
    now: datetime,
    received_at: datetime | None = None,
    proof: str = "",
    details: str = "",
    scope: Sequence[str] = (),
    wanted: Mapping[str, str] | None = None,
) -> RightsRequest:
    """Write a request down and start its clock; it may have come by letter days ago."""
    need(by, Permission.PRIVACY_WRITE)
    patient = open_patient(patient_id, by=by, lock=True)
    since = received_at or now
    if since > now:
        raise RuleBroken(_("收到时间不能晚于现在。"), code="received_at")
    return begin(
        patient,
        kind=kind,
        requester=requester,
        channel=channel,
        since=since,
        by=by,
        now=now,
        proof=proof,
        details=details,
        scope=scope,
        wanted=wanted or {},
    )


def begin(
    patient: Patient,
    *,
    kind: RequestKind,
    requester: Requester,
    channel: RequestChannel,
    since: datetime,
    now: datetime,
    by: Staff | None = None,
    proof: str = "",
    details: str = "",
    scope: Sequence[str] = (),
    wanted: Mapping[str, str] = MappingProxyType({}),
) -> RightsRequest:
    """Part of a larger action: the patient's row is locked; ``by`` is nobody when she asks by herself."""
    patient = patient.head
    rules.check_requester(
        requester,
        kind=kind,
        proof=proof,
        statement=details,
        is_minor=needs_guardian(patient, local_date(now)),
        has_guardian=proved_guardians(patient).exists(),
    )
    running = RightsRequest.objects.open().filter(patient=patient, kind=kind).first()
    if running is not None:
        text = _("同类请求 %(number)s 正在办理，请在那里继续。")
        raise RuleBroken(text % {"number": running.number}, code="kind")
    if kind == RequestKind.RESTRICT:
        rules.check_not_restricted(patient.restricted_at)
    about = [code for code in scope if code in RecordKind] if kind == RequestKind.CORRECT else []
    rules.check_wish(kind, wanted=wanted, about=about, details=details)
    if kind == RequestKind.CORRECT and wanted:
        _check_values(wanted, now=now)
    given = {chip.code for chip in consent_chips(patient, now) if chip.is_standing}
    if kind == RequestKind.WITHDRAW and (not scope or not given.issuperset(scope)):
        raise RuleBroken(_("请选择要撤回的同意。"), code="scope")
    if kind == RequestKind.EXPLAIN and not {one.code for one in registry.programs()}.issuperset(scope):
        raise RuleBroken(_("没有这项程序判断。"), code="scope")
    rule = _deadline(kind, local_date(since))
    clock = _clock(rule, since)
    request = RightsRequest.objects.create(
        patient=patient,
        kind=kind,
        requester=requester,
        channel=channel,
        proof=proof.strip(),
        details=details.strip(),
        scope=sorted(about if kind == RequestKind.CORRECT else scope),
        received_at=since,
        received_by=by,
        rule=rule,
        due_at=clock.due_at,
        hard_stop_at=clock.hard_stop_at,
        is_provisional=clock.is_provisional,
        wanted=dict(wanted) or None,
    )
    if kind == RequestKind.EXPLAIN:
        request.reply = explanation(request)
        request.save(update_fields=["reply"])
    RequestMove.objects.create(request=request, new=RequestStatus.RECEIVED, by=by, at=now)
    _log("received", request, by=by, now=now, detail={"kind": kind.value, "requester": requester.value})
    return request


def _check_values(wanted: Mapping[str, str], *, now: datetime) -> None:
    """Who asks hears at once what could not be carried out, and not the officer when she answers."""
    try:
        identity.check_given(wanted, today=local_date(now))
    except RuleBroken as refusal:
        raise RuleBroken(refusal.message, missing=refusal.missing, code=f"wanted_{refusal.code}") from None


@transaction.atomic
def verify(request_id: UUID, *, method: IdentityMethod, by: Staff, now: datetime) -> RightsRequest:
    """Say that it is proved who asks, and how; nothing is decided before."""
    request = _open(request_id, by)
    rules.check_identity(RequestKind(request.kind), Requester(request.requester), method)
    request.identity_method, request.identity_at, request.identity_by = method, now, by
    automated.follow(request, by=by, now=now)
    return _move(
        request, RequestStatus.VERIFIED, "identity_method", "identity_at", "identity_by", by=by, now=now
    )


@transaction.atomic
def turn_down(request_id: UUID, *, method: IdentityMethod, by: Staff, now: datetime) -> RightsRequest:
    """Close a request of somebody who could not prove who she is; the person herself is warned."""
    request = _open(request_id, by)
    request.identity_method, request.identity_at, request.identity_by = method, now, by
    closed = _move(
        request, RequestStatus.UNPROVED, "identity_method", "identity_at", "identity_by", by=by, now=now
    )
    _tell("request.unproved", closed, now=now, by=by)
    return closed


@transaction.atomic
def cancel(request_id: UUID, *, by: Staff, now: datetime) -> RightsRequest:
    """Close a request that the person took back."""
    return _move(_open(request_id, by), RequestStatus.CANCELLED, by=by, now=now)


@transaction.atomic
def extend(request_id: UUID, *, until: date, reason: str, by: Staff, now: datetime) -> RightsRequest:
    """Take more time, once, with a reason that the person is told, never beyond the hard stop."""
    request = _open(request_id, by)
    if request.status not in rules.OPEN:
        raise RuleBroken(_("请求已经结束，不用延长。"), code="until")
    if request.extended_to is not None:
        raise RuleBroken(_("期限已经延长过一次。"), code="until")
    rules.check_extension(
        until, due_at=request.due_at, hard_stop_at=request.hard_stop_at, reason=reason, now=now
    )
    request.extended_to, request.extension_reason = local_day(until)[1], reason.strip()
    request.save(update_fields=["extended_to", "extension_reason"])
    _log("extended", request, by=by, now=now, detail={"until": until})
    return request


@transaction.atomic
def decide(
    request_id: UUID, *, decision: Decision, refusal: str = "", reply: str = "", by: Staff, now: datetime
) -> RightsRequest:
    """Fix what happens to each holding and why; carried out only with the answer."""
    request = _open(request_id, by)
    rules.check_move(RequestStatus(request.status), RequestStatus.DECIDED)
    _check_guardian(request, now)
    rules.check_decision(RequestKind(request.kind), decision, refusal=refusal, reply=reply)
    with in_print():
        proposed = queries.proposed(request, decision=decision, refusal=refusal, now=now)
    if proposed.pending:
        raise RuleBroken(_("还有未结束的事项，暂不能决定。"), missing=proposed.pending, code="pending")
    request.decision = proposed.decision
    request.refusal, request.reply = refusal, reply.strip()
    request.decided_at, request.decided_by = now, by
    Outcome.objects.bulk_create(
        Outcome(request=request, decided_at=now, **vars(line)) for line in proposed.lines
    )
    changed = ("decision", "refusal", "reply", "decided_at", "decided_by")
    return _move(request, RequestStatus.DECIDED, *changed, by=by, now=now)


@transaction.atomic
def reopen(request_id: UUID, *, by: Staff, now: datetime) -> RightsRequest:
    """Take a decision back before it was carried out; the old one stays in the history."""
    return _move(_open(request_id, by), RequestStatus.VERIFIED, by=by, now=now)


@transaction.atomic
def answer(request_id: UUID, *, by: Staff, now: datetime) -> RightsRequest:
    """Hand over the letter and carry the decision out, both or neither."""
    request = _open(request_id, by)
    rules.check_move(RequestStatus(request.status), RequestStatus.ANSWERED)
    if request.decision != Decision.REFUSED:
        _check_guardian(request, now)
        _check_unchanged(request, now)
        _check_passed(request, now)
    request.letter_sha256 = hashlib.sha256(letter_of(request)).hexdigest()
    request.answered_at, request.answered_by = now, by
    changed = ["letter_sha256", "answered_at", "answered_by", "evidence_sha256"]
    _tell("request.answered", request, now=now, by=by)
    if request.decision != Decision.REFUSED:
        changed += _carry_out(request, by=by, now=now)
    request.evidence_sha256 = evidence.digest(request)
    return _move(request, RequestStatus.ANSWERED, *changed, by=by, now=now)


@transaction.atomic
def resume(request_id: UUID, *, by: Staff, now: datetime) -> RightsRequest:
    """Take a restriction off at the person's own wish, while it waits; a seal takes two people to lift."""
    request = _open(request_id, by)
    patient = only(Patient.objects.with_person(), request.patient.head.public_id, lock=True)
    if request.kind != RequestKind.RESTRICT or not patient.is_restricted or patient.is_sealed:
        raise RuleBroken(_("没有可以恢复的限制；已封存的，请在「封存资料」申请恢复。"), code="restricted")
    erasure.lift(patient, by=by, now=now)
    _log("resumed", request, by=by, now=now)
    return request


@transaction.atomic
def letter(request_id: UUID, *, by: Staff, now: datetime) -> bytes:
    """Print the answer; after an erasure it names nobody, for nobody is known any more."""
    request = _open(request_id, by, permission=Permission.PRIVACY_VIEW, lock=False)
    if request.decided_at is None:
        raise RuleBroken(_("还没有决定，没有答复书。"), code="letter")
    page = letter_of(request)
    _log("letter", request, by=by, now=now)
    return page


def _open(
    request_id: UUID, by: Staff, *, permission: Permission = Permission.PRIVACY_WRITE, lock: bool = True
) -> RightsRequest:
    return open_request(request_id, by=by, permission=permission, lock=lock)


def _deadline(kind: RequestKind, on: date) -> DeadlineRule:
    """Return the shortest rule that holds for this kind on a day."""
    rows = DeadlineRule.objects.filter(
        Q(effective_to=None) | Q(effective_to__gte=on), is_active=True, effective_from__lte=on
    )
    fitting = [rule for rule in rows if not rule.kinds or kind in rule.kinds]
    if not fitting:
        raise RuleBroken(_("还没有登记答复期限，请先载入基础资料。"), code="deadline-missing")
    return min(fitting, key=lambda rule: rule.value * (30 if rule.unit == Unit.MONTHS else 1))


def _clock(rule: DeadlineRule, since: datetime) -> rules.Clock:
    year = local_date(since).year
    table = calendar_table([year, year + 1]) if rule.unit == Unit.WORKDAYS else {}
    return rules.due(since, rules.Deadline(rule.value, rule.hard_stop, Unit(rule.unit)), table)


@transaction.atomic
def settle_provisional(*, now: datetime) -> int:
    """Compute anew the clocks that had to guess a year, once its calendar is there (T-2); no other moves."""
    done = 0
    for request in RightsRequest.objects.open().filter(is_provisional=True).select_related("rule"):
        clock = _clock(request.rule, request.received_at)
        if clock.is_provisional:
            continue
        request.due_at, request.hard_stop_at = clock.due_at, clock.hard_stop_at
        request.is_provisional = False
        request.save(update_fields=["due_at", "hard_stop_at", "is_provisional"])
        done += 1
    if done:
        log.record("privacy.request.settled", at=now, rows=done)
    return done


@transaction.atomic
def set_profile(rule_id: int, *, is_active: bool, by: Staff, now: datetime) -> DeadlineRule:
    """Let the clocks of one law count from now on, or no longer; clocks that run keep their rule (T-1)."""
    need(by, Permission.PRIVACY_WRITE)
    rule = DeadlineRule.objects.filter(pk=rule_id).first()
    if rule is None:
        raise NotFound
    others = DeadlineRule.objects.filter(is_active=True, effective_to=None).exclude(pk=rule.pk)
    if not is_active and not any(not other.kinds for other in others):
        raise RuleBroken(_("至少保留一项适用于全部请求的期限。"), code="profile")
    rule.is_active = is_active
    rule.save(update_fields=["is_active"])
    log.record("privacy.deadline.profile", at=now, by=by, detail={"code": rule.code, "is_active": is_active})
    return rule


def _check_unchanged(request: RightsRequest, now: datetime) -> None:
    """A visit or a payment since the decision changes what must stay: then it is decided afresh."""
    with in_print():
        today = queries.proposed(request, decision=Decision(request.decision), refusal="", now=now)
    told = _restricted if request.kind == RequestKind.RESTRICT else _sealed
    if told(today.lines) != told(queries.outcomes(request)):
        raise RuleBroken(_("决定之后情况有变化（新的就诊或收款），请收回后重新决定。"), code="changed")


def _check_passed(request: RightsRequest, now: datetime) -> None:
    """What changes or ends the handling is done by all who handle together."""
    if request.kind not in rules.SHARED:
        return
    untold = [party.name for party, told in passes_of(request, on=local_date(now)) if told is None]
    if untold:
        raise RuleBroken(
            _("还没有转告共同处理者，答复之前请先转告。"), missing=not_passed(untold), code="joint"
        )


def _sealed(lines: Iterable[queries.Line | Outcome]) -> dict[str, date | None]:
    waits = {OutcomeKind.SEALED, OutcomeKind.HELD}
    return {line.holding: line.until for line in lines if line.outcome in waits}


def _restricted(lines: Iterable[queries.Line | Outcome]) -> set[tuple[str, date | None, str]]:
    """What still runs and until when the rest is stored; single rows come and go with every look."""
    return {(str(line.outcome), line.until, line.why) for line in lines}


def _check_guardian(request: RightsRequest, now: datetime) -> None:
    person = request.patient.person
    is_minor = person.vault_key.is_destroyed or needs_guardian(request.patient, local_date(now))
    rules.check_still_guardian(Requester(request.requester), is_minor=is_minor)


def _tell(template: str, request: RightsRequest, *, now: datetime, by: Staff) -> None:
    """Tell the person herself that something happened to a request in her name; never what it holds."""
    params = {
        "kind": str(request.get_kind_display()),
        "number": request.number,
        "phone": request.patient.campus.phone or request.patient.campus.name,
    }
    if template == "request.answered":
        params["link"] = settings.CENTRE_LINK
    with in_print():
        registry.messenger()(
            template,
            patient=request.patient,
            params=params,
            key=f"{template}:{request.public_id}",
            now=now,
            by=by,
            guardian=queries.guardian_of(request) if template == "request.answered" else None,
        )


def _carry_out(request: RightsRequest, *, by: Staff, now: datetime) -> list[str]:
    patient, kind = request.patient, RequestKind(request.kind)
    if kind in rules.ERASING:
        erasure.carry_out(patient, now=now, by=by)
    elif kind == RequestKind.RESTRICT:
        erasure.restrict(patient, now=now, by=by)
    elif kind == RequestKind.WITHDRAW:
        for code in request.scope:
            consents.withdraw(patient, code, now=now, by=by)
    elif kind == RequestKind.CORRECT:
        _correct(request, patient, by=by, now=now)
    elif kind in rules.GIVING:
        return packages.make(request, now=now)
    return []


def _correct(request: RightsRequest, patient: Patient, *, by: Staff, now: datetime) -> None:
    """Change the identity as it was verified; beside what was signed, write an addendum."""
    wanted = dict(request.wanted or {})
    if wanted:
        if birth := wanted.pop("birth_date", ""):
            wanted["birth_date"] = date.fromisoformat(birth)
        patients.correct(patient.public_id, **wanted, by=by, at=now, under=Permission.PATIENT_VIEW)
    Addendum.objects.bulk_create(
        Addendum(patient=patient, request=request, about=about, text=request.details, by=by, at=now)
        for about in request.scope
    )


def letter_of(request: RightsRequest) -> bytes:
    """Print the answer as it was decided."""
    with in_print():
        return render_pdf("letter.typ", queries.letter_of(request), title=_("个人信息主体请求答复书"))


def _move(
    request: RightsRequest, new: RequestStatus, *changed: str, by: Staff | None, now: datetime
) -> RightsRequest:
    old = RequestStatus(request.status)
    rules.check_move(old, new)
    request.status = new
    request.save(update_fields=["status", *changed])
    RequestMove.objects.create(request=request, old=old, new=new, by=by, at=now)
    _log(new.value, request, by=by, now=now, detail={"decision": request.decision})
    return request


def _log(
    word: str,
    request: RightsRequest,
    *,
    by: Staff | None,
    now: datetime,
    detail: dict[str, object] | None = None,
) -> None:
    log.record(
        f"privacy.request.{word}",
        at=now,
        by=by,
        target=request,
        subject=request.patient.person.vault_key,
        purpose="request",
        detail=detail or {},
    )
