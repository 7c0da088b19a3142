"""Answer and carry out what was decided, both or neither."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.database.rows import only
from yimei.core.documents import render_pdf
from yimei.core.errors import RuleBroken
from yimei.core.language import in_house
from yimei.people.actions import patients
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy.actions import consents, erasure, packages
from yimei.privacy.actions.requests.deciding import check_guardian
from yimei.privacy.actions.requests.moves import move, note, opened, tell
from yimei.privacy.enums import Decision, OutcomeKind, RequestKind, RequestStatus
from yimei.privacy.models import Addendum, Outcome, RightsRequest
from yimei.privacy.queries import evidence
from yimei.privacy.queries.parties import passes_of
from yimei.privacy.queries.requests import letters, proposals
from yimei.privacy.rules import requests as rules
from yimei.privacy.rules.parties import not_passed


@transaction.atomic
def answer(request_id: UUID, *, by: Staff, now: datetime) -> RightsRequest:
    """Hand over the letter and carry the decision out, both or neither."""
    request = opened(request_id, by)
    rules.check_move(RequestStatus(request.status), RequestStatus.ANSWERED)
    if request.decision != Decision.REFUSED:
        check_guardian(request, now)
        _check_unchanged(request, now)
        _check_passed(request, now)
    request.letter_sha256 = hashlib.sha256(letter_of(request)).hexdigest()
    request.answered_at, request.answered_by = now, by
    changed = ["letter_sha256", "answered_at", "answered_by", "evidence_sha256"]
    tell("request.answered", request, now=now, by=by)
    if request.decision != Decision.REFUSED:
        changed += _carry_out(request, by=by, now=now)
    request.evidence_sha256 = evidence.digest(request)
    return move(request, RequestStatus.ANSWERED, *changed, by=by, now=now)


@transaction.atomic
def resume(request_id: UUID, *, by: Staff, now: datetime) -> RightsRequest:
    """Take a restriction off at the person's own wish, while it waits; a seal takes two people to lift."""
    request = opened(request_id, by)
    patient = only(Patient.objects.with_person(), request.patient.head.public_id, lock=True)
    if request.kind != RequestKind.RESTRICT or not patient.is_restricted or patient.is_sealed:
        raise RuleBroken(_("没有可以恢复的限制；已封存的，请在「封存资料」申请恢复。"), code="restricted")
    erasure.lift(patient, by=by, now=now)
    note("resumed", request, by=by, now=now)
    return request


@transaction.atomic
def letter(request_id: UUID, *, by: Staff, now: datetime) -> bytes:
    """Print the answer; after an erasure it names nobody, for nobody is known any more."""
    request = opened(request_id, by, permission=Permission.PRIVACY_VIEW, lock=False)
    if request.decided_at is None:
        raise RuleBroken(_("还没有决定，没有答复书。"), code="letter")
    page = letter_of(request)
    note("letter", request, by=by, now=now)
    return page


def letter_of(request: RightsRequest) -> bytes:
    """Print the answer as it was decided."""
    with in_house():
        return render_pdf("letter.typ", letters.letter_of(request), title=_("个人信息主体请求答复书"))


def _check_unchanged(request: RightsRequest, now: datetime) -> None:
    """A visit or a payment since the decision changes what must stay: then it is decided afresh."""
    with in_house():
        today = proposals.proposed(request, decision=Decision(request.decision), refusal="", now=now)
    told = _restricted if request.kind == RequestKind.RESTRICT else _sealed
    if told(today.lines) != told(letters.outcomes(request)):
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


def _sealed(lines: Iterable[proposals.Line | Outcome]) -> dict[str, date | None]:
    waits = {OutcomeKind.SEALED, OutcomeKind.HELD}
    return {line.holding: line.until for line in lines if line.outcome in waits}


def _restricted(lines: Iterable[proposals.Line | Outcome]) -> set[tuple[str, date | None, str]]:
    """What still runs and until when the rest is stored; single rows come and go with every look."""
    return {(str(line.outcome), line.until, line.why) for line in lines}


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
