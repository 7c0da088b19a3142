"""Write a request down and start its clock, at the desk or from her own page."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.people.access import need, open_patient
from yimei.people.models import Patient, Staff
from yimei.people.queries import needs_guardian, proved_guardians
from yimei.people.roles import Permission
from yimei.people.rules import identity
from yimei.privacy import registry
from yimei.privacy.actions.requests.deadlines import clock_of, deadline
from yimei.privacy.actions.requests.moves import note
from yimei.privacy.enums import RecordKind, RequestChannel, Requester, RequestKind, RequestStatus
from yimei.privacy.models import RequestMove, RightsRequest
from yimei.privacy.queries import consent_chips
from yimei.privacy.queries.automated import explanation
from yimei.privacy.queries.requests.lists import in_hand
from yimei.privacy.rules import requests as rules


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
    if (running := in_hand(patient, kind)) is not None:
        text = _("%(kind)s请求 %(number)s 正在办理，请在那里继续。")
        words = {"kind": running.get_kind_display(), "number": running.number}
        raise RuleBroken(text % words, code="kind")
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
    rule = deadline(kind, local_date(since))
    clock = clock_of(rule, since)
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
    note("received", request, by=by, now=now, detail={"kind": kind.value, "requester": requester.value})
    return request


def _check_values(wanted: Mapping[str, str], *, now: datetime) -> None:
    """Who asks hears at once what could not be carried out, and not the officer when she answers."""
    try:
        identity.check_given(wanted, today=local_date(now))
    except RuleBroken as refusal:
        raise RuleBroken(refusal.message, missing=refusal.missing, code=f"wanted_{refusal.code}") from None
