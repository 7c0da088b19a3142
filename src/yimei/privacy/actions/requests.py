"""Take a request, prove who asks, decide with reasons, answer and do what was decided (PIPL 44–50)."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date, local_day
from yimei.core.documents import in_print, render_pdf
from yimei.core.errors import NotFound, RuleBroken
from yimei.people.access import need, open_patient
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.people.rules.capacity import needs_guardian
from yimei.privacy.access import open_request
from yimei.privacy.actions import consents, erasure
from yimei.privacy.enums import (
    Decision,
    IdentityMethod,
    OutcomeKind,
    RequestChannel,
    Requester,
    RequestKind,
    RequestStatus,
    Unit,
)
from yimei.privacy.models import DeadlineRule, Outcome, RequestMove, RightsRequest
from yimei.privacy.queries import consent_chips, limit
from yimei.privacy.queries import requests as queries
from yimei.privacy.rules import requests as rules
from yimei.vault import files
from yimei.vault.models import StoredFile


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
) -> RightsRequest:
    """Write a request down and start its clock; it may have come by letter days ago."""
    need(by, Permission.PRIVACY_WRITE)
    patient = open_patient(patient_id, by=by, lock=True)
    since = received_at or now
    if since > now:
        raise RuleBroken(_("收到时间不能晚于现在。"), code="received_at")
    rules.check_requester(
        requester,
        proof=proof,
        statement=details,
        is_minor=needs_guardian(patient.person.birth_date, local_date(now)),
        has_guardian=patient.guardians.exclude(verified_at=None).exists(),
    )
    running = RightsRequest.objects.open().filter(patient=patient, kind=kind).first()
    if running is not None:
        text = _("同类请求 %(number)s 正在办理，请在那里继续。")
        raise RuleBroken(text % {"number": running.number}, code="kind")
    given = {chip.code for chip in consent_chips(patient, now) if chip.is_given}
    if kind == RequestKind.WITHDRAW and (not scope or not given.issuperset(scope)):
        raise RuleBroken(_("请选择要撤回的同意。"), code="scope")
    rule = _deadline(kind, local_date(since))
    due_at, hard_stop_at = rules.due(since, rules.Deadline(rule.value, rule.hard_stop, Unit(rule.unit)))
    request = RightsRequest.objects.create(
        patient=patient,
        kind=kind,
        requester=requester,
        channel=channel,
        proof=proof.strip(),
        details=details.strip(),
        scope=sorted(scope),
        received_at=since,
        received_by=by,
        rule=rule,
        due_at=due_at,
        hard_stop_at=hard_stop_at,
    )
    RequestMove.objects.create(request=request, new=RequestStatus.RECEIVED, by=by, at=now)
    _log("received", request, by=by, now=now, detail={"kind": kind.value, "requester": requester.value})
    return request


@transaction.atomic
def verify(request_id: UUID, *, method: IdentityMethod, by: Staff, now: datetime) -> RightsRequest:
    """Say that it is proved who asks, and how; nothing is decided before."""
    request = _open(request_id, by)
    rules.check_identity(RequestKind(request.kind), Requester(request.requester), method)
    request.identity_method, request.identity_at, request.identity_by = method, now, by
    return _move(
        request, RequestStatus.VERIFIED, "identity_method", "identity_at", "identity_by", by=by, now=now
    )


@transaction.atomic
def turn_down(request_id: UUID, *, method: IdentityMethod, by: Staff, now: datetime) -> RightsRequest:
    """Close a request of somebody who could not prove who she is; she may ask again with papers."""
    request = _open(request_id, by)
    request.identity_method, request.identity_at, request.identity_by = method, now, by
    return _move(
        request, RequestStatus.UNPROVED, "identity_method", "identity_at", "identity_by", by=by, now=now
    )


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
        _check_unchanged(request, now)
    request.letter_sha256 = hashlib.sha256(_letter(request, now=now)).hexdigest()
    request.answered_at, request.answered_by = now, by
    changed = ["letter_sha256", "answered_at", "answered_by"]
    if request.decision != Decision.REFUSED:
        changed += _carry_out(request, by=by, now=now)
    return _move(request, RequestStatus.ANSWERED, *changed, by=by, now=now)


@transaction.atomic
def letter(request_id: UUID, *, by: Staff, now: datetime) -> bytes:
    """Print the answer; after an erasure it names nobody, for nobody is known any more."""
    request = _open(request_id, by, permission=Permission.PRIVACY_VIEW, lock=False)
    if request.decided_at is None:
        raise RuleBroken(_("还没有决定，没有答复书。"), code="letter")
    page = _letter(request, now=now)
    _log("letter", request, by=by, now=now)
    return page


@transaction.atomic
def package(request_id: UUID, *, by: Staff, now: datetime) -> bytes:
    """Open the copy of the person's data while it may be fetched."""
    request = _open(request_id, by, lock=False)
    if request.package is None or request.package_expires_at is None:
        raise NotFound(_("这个请求没有个人信息副本。"))
    if now >= request.package_expires_at:
        raise RuleBroken(_("副本的下载有效期已过，需要时请重新提出请求。"), code="package")
    data = request.package.read()
    _log("package", request, by=by, now=now, action="export")
    return data


@transaction.atomic
def readable(request_id: UUID, *, by: Staff, now: datetime) -> bytes:
    """Print the same copy as pages that a person can read."""
    data = package(request_id, by=by, now=now)
    request = _open(request_id, by, lock=False)
    with in_print():
        return render_pdf("letter.typ", queries.pages(request, data), title=_("个人信息副本"))


@transaction.atomic
def drop_expired_packages(*, now: datetime) -> int:
    """Remove the copies that nobody fetched in time."""
    expired = RightsRequest.objects.filter(package__isnull=False, package_expires_at__lte=now)
    stored = StoredFile.objects.filter(pk__in=expired.values("package")).exclude(size=0)
    count = 0
    for file in stored:
        transaction.on_commit(file.path.unlink if file.path.exists() else _nothing)
        count += 1
    stored.update(size=0, sha256="")
    return count


def _nothing() -> None:
    """A file that is gone already needs no removal."""


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


def _check_unchanged(request: RightsRequest, now: datetime) -> None:
    """A visit or a payment since the decision changes what must stay: then it is decided afresh."""
    today = queries.proposed(request, decision=Decision(request.decision), refusal="", now=now)
    if _sealed(today.lines) != _sealed(queries.outcomes(request)):
        raise RuleBroken(_("决定之后情况有变化（新的就诊或收款），请收回后重新决定。"), code="changed")


def _sealed(lines: Iterable[queries.Line | Outcome]) -> dict[str, date | None]:
    return {line.holding: line.until for line in lines if line.outcome == OutcomeKind.SEALED}


def _carry_out(request: RightsRequest, *, by: Staff, now: datetime) -> list[str]:
    patient, kind = request.patient, RequestKind(request.kind)
    if kind in rules.ERASING:
        erasure.carry_out(patient, now=now, by=by)
    elif kind == RequestKind.RESTRICT:
        erasure.restrict(patient, now=now, by=by)
    elif kind == RequestKind.WITHDRAW:
        for code in request.scope:
            consents.withdraw(patient, code, now=now, by=by)
    elif kind in rules.GIVING:
        return _store_package(request, patient, now=now)
    return []


def _store_package(request: RightsRequest, patient: Patient, *, now: datetime) -> list[str]:
    with in_print():
        data = queries.package_of(patient, now=now)
    request.package = files.store(data, key=patient.person.vault_key, content_type="application/json")
    request.package_sha256 = hashlib.sha256(data).hexdigest()
    request.package_expires_at = now + timedelta(days=limit("request.package_days", local_date(now)))
    return ["package", "package_sha256", "package_expires_at"]


def _letter(request: RightsRequest, *, now: datetime) -> bytes:
    with in_print():
        return render_pdf("letter.typ", queries.letter_of(request), title=_("个人信息主体请求答复书"))


def _move(
    request: RightsRequest, new: RequestStatus, *changed: str, by: Staff, now: datetime
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
    by: Staff,
    now: datetime,
    detail: dict[str, object] | None = None,
    action: str = "",
) -> None:
    log.record(
        f"privacy.request.{action or word}",
        at=now,
        by=by,
        target=request,
        subject=request.patient.person.vault_key,
        purpose="request",
        detail=detail or {},
    )
