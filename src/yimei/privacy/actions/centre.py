"""A person's own way to her data: a short visit, and what she asks for in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.rows import only
from yimei.core.errors import NotFound, RuleBroken
from yimei.people.models import Patient
from yimei.people.queries import needs_guardian
from yimei.people.rules.sessions import key_hash
from yimei.privacy.actions import automated, consents, erasure, packages
from yimei.privacy.actions.requests import answering, receiving
from yimei.privacy.enums import (
    ConsentChannel,
    IdentityMethod,
    RequestChannel,
    Requester,
    RequestKind,
    RequestStatus,
)
from yimei.privacy.models import CentreCode, CentreSession, Consent, Notice, RequestMove, RightsRequest
from yimei.privacy.queries import Chip, chip, current_notice, pending_asks
from yimei.privacy.queries.centre import visits, wishes
from yimei.privacy.queries.erasure import periods
from yimei.privacy.queries.register import audience_of, limit
from yimei.privacy.rules import centre as rules
from yimei.privacy.rules import requests as request_rules
from yimei.privacy.rules.erasure import add_months

UNTIL_LOADED = 6
"""Months, while the period of these rows is not in the register yet."""


@dataclass(frozen=True)
class Asked:
    """One question of consent as the person reads it."""

    chip: Chip
    notice: Notice | None
    needs_guardian: bool


@transaction.atomic
def visit(secret: str, *, now: datetime) -> CentreSession:
    """Return the visit behind a browser's secret and note that it goes on."""
    session = visits.session_behind(key_hash(secret), now=now)
    if now - session.seen_at >= rules.SEEN_EVERY:
        CentreSession.objects.filter(pk=session.pk).update(seen_at=now)
    return session


@transaction.atomic
def leave(secret: str, *, now: datetime) -> None:
    """End a visit; ending it again is nothing."""
    for session in CentreSession.objects.filter(key_hash=key_hash(secret), ended_at=None):
        _end(session, now=now)


def prove(session: CentreSession, tail: str, *, now: datetime) -> CentreSession:
    """Prove more than the phone: the last six of the identity number, a few tries in one visit.

    Not one transaction: a refused try must stay.
    """
    numbers = visits.numbers_of(session)
    if not numbers:
        raise RuleBroken(_("本院没有登记您的证件号，请携带证件到院办理，或致电医院。"), code="tail")
    most = limit("centre.code_tries", local_date(now))
    tries = _count_try(session, most=most, now=now)
    if not any(rules.is_tail_of(number, tail) for number in numbers):
        raise RuleBroken(_("证件号后六位不对，还可以试 %(left)d 次。") % {"left": most - tries}, code="tail")
    return _proved(session, now=now)


@transaction.atomic
def ask(
    session: CentreSession,
    kind: RequestKind,
    *,
    now: datetime,
    details: str = "",
    wanted: Mapping[str, str] = MappingProxyType({}),
    about: Sequence[str] = (),
) -> RightsRequest:
    """Take a request; what the visit has proved may be enough to have it decided at once."""
    if kind == RequestKind.WITHDRAW:
        raise RuleBroken(_("撤回同意请在「同意」页直接办理，立即生效。"), code="kind")
    request = receiving.begin(
        _locked(session),
        kind=kind,
        requester=Requester.GUARDIAN if session.guardian else Requester.SELF,
        channel=RequestChannel.PORTAL,
        since=now,
        now=now,
        proof=_("隐私中心：已核对的监护人 %(name)s") % {"name": session.guardian.person.name}
        if session.guardian
        else "",
        details=details,
        wanted=wanted,
        scope=about,
    )
    return _verified(request, IdentityMethod(session.proof), now=now)


@transaction.atomic
def take_back(session: CentreSession, request_id: UUID, *, now: datetime) -> RightsRequest:
    """The person takes her request back while nothing was done."""
    _locked(session)
    request = wishes.request_of(session, request_id)
    old = RequestStatus(request.status)
    request_rules.check_move(old, RequestStatus.CANCELLED)
    request.status = RequestStatus.CANCELLED
    request.save(update_fields=["status"])
    _note(request, old=old, new=RequestStatus.CANCELLED, now=now)
    return request


@transaction.atomic
def resume(session: CentreSession, *, now: datetime) -> Patient:
    """She takes her own restriction off while it is not sealed: what she had agreed to counts again."""
    return erasure.lift(_locked(session), now=now)


@transaction.atomic
def show(session: CentreSession, purpose_code: str, *, device: str, now: datetime) -> Asked:
    """Return one purpose with its notice, and write down that it was told, when it may be asked at all."""
    patient = session.patient
    found = chip(patient, purpose_code, now)
    if found is None:
        raise NotFound
    if any(ask.purpose.code == purpose_code for ask in pending_asks(patient, now)):
        consents.show(patient, purpose_code, now=now, channel=ConsentChannel.PORTAL, device=device)
    on = local_date(now)
    notice = current_notice(purpose_code, audience_of(patient, on))
    needs = needs_guardian(patient, on) and session.guardian is None
    return Asked(found, notice, needs)


@transaction.atomic
def consent(
    session: CentreSession, purpose_code: str, *, is_given: bool, device: str, now: datetime
) -> Consent:
    """Say yes or no to one purpose; a minor's yes is her guardian's."""
    if is_given:
        return consents.give(
            session.patient,
            purpose_code,
            now=now,
            channel=ConsentChannel.PORTAL,
            guardian=session.guardian,
            device=device,
        )
    return consents.refuse(
        session.patient, purpose_code, now=now, channel=ConsentChannel.PORTAL, device=device
    )


@transaction.atomic
def withdraw(session: CentreSession, purpose_code: str, *, device: str, now: datetime) -> Consent:
    """Take a consent back with one touch; it ends at once."""
    return consents.withdraw(
        session.patient, purpose_code, now=now, channel=ConsentChannel.PORTAL, device=device
    )


@transaction.atomic
def letter(session: CentreSession, request_id: UUID, *, now: datetime) -> bytes:
    """Return the answer to a request of one's own."""
    request = wishes.request_of(session, request_id)
    if request.status != RequestStatus.ANSWERED:
        raise NotFound
    page = answering.letter_of(request)
    packages.note(request, shape="letter", by=None, now=now)
    return page


@transaction.atomic
def fetch(session: CentreSession, request_id: UUID, *, shape: str, now: datetime) -> bytes:
    """Return one's own copy; for that the number must have been proved in this visit."""
    if session.proof != IdentityMethod.CODE_ID:
        raise RuleBroken(_("下载个人信息副本前，请先核对证件号后六位。"), code="prove")
    request = wishes.request_of(session, request_id)
    data = packages.opened(request, shape=shape, now=now)
    packages.note(request, shape=shape, by=None, now=now)
    return data


@transaction.atomic
def forget_old(*, now: datetime) -> int:
    """Remove codes and visits whose period is over."""
    before = _months_ago(now)
    codes = CentreCode.objects.filter(asked_at__lt=before).delete()[0]
    return codes + CentreSession.objects.filter(started_at__lt=before).delete()[0]


def _months_ago(now: datetime) -> datetime:
    on = local_date(now)
    rule = periods(on).get("centre")
    day = add_months(on, -(rule.months if rule else UNTIL_LOADED))
    return now - timedelta(days=(on - day).days)


@transaction.atomic
def _count_try(session: CentreSession, *, most: int, now: datetime) -> int:
    """Count a try before it is looked at; with the last one the visit ends."""
    fresh = CentreSession.objects.select_for_update(of=("self",)).get(pk=session.pk)
    if fresh.tries >= most or fresh.ended_at is not None:
        raise RuleBroken(_("核对次数已用完，请重新登录，或携带证件到院办理。"), code="tail")
    fresh.tries += 1
    fresh.save(update_fields=["tries"])
    if fresh.tries >= most:
        CentreSession.objects.filter(pk=fresh.pk, proof=IdentityMethod.CODE).update(ended_at=now)
    return fresh.tries


@transaction.atomic
def _proved(session: CentreSession, *, now: datetime) -> CentreSession:
    """Keep what was proved for this visit, and let it count for what already waits for proof."""
    patient = _locked(session)
    session.proof, session.ended_at = IdentityMethod.CODE_ID, None
    session.save(update_fields=["proof", "ended_at"])
    waiting = RightsRequest.objects.filter(
        patient=patient, channel=RequestChannel.PORTAL, status=RequestStatus.RECEIVED
    )
    for request in waiting.with_people():
        _verified(request, IdentityMethod.CODE_ID, now=now)
    log.record("privacy.centre.proved", at=now, target=session, subject=patient.person.vault_key)
    return session


def _verified(request: RightsRequest, method: IdentityMethod, *, now: datetime) -> RightsRequest:
    """Let the officer decide at once when the visit's proof is enough; else the papers are asked for."""
    if not request_rules.suffices(RequestKind(request.kind), method):
        return request
    request.status = RequestStatus.VERIFIED
    request.identity_method, request.identity_at = method, now
    request.save(update_fields=["status", "identity_method", "identity_at"])
    automated.follow(request, by=None, now=now)
    _note(request, old=RequestStatus.RECEIVED, new=RequestStatus.VERIFIED, now=now)
    return request


def _note(request: RightsRequest, *, old: RequestStatus, new: RequestStatus, now: datetime) -> None:
    RequestMove.objects.create(request=request, old=old, new=new, by=None, at=now)
    log.record(
        f"privacy.request.{new.value}",
        at=now,
        target=request,
        subject=request.patient.person.vault_key,
        purpose="request",
    )


def _locked(session: CentreSession) -> Patient:
    patients = Patient.objects.with_person().filter(sealed_at=None)
    return only(patients, session.patient.public_id, lock=True)


@transaction.atomic
def _end(session: CentreSession, *, now: datetime) -> None:
    session.ended_at = now
    session.save(update_fields=["ended_at"])
    log.record("privacy.centre.left", at=now, target=session, subject=session.patient.person.vault_key)
