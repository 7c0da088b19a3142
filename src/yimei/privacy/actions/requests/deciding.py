"""Fix what happens to each holding and why, or take more time for it."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.core.clock import local_date, local_day
from yimei.core.errors import RuleBroken
from yimei.core.language import in_house
from yimei.people.models import Staff
from yimei.people.queries import needs_guardian
from yimei.privacy.actions.requests.moves import move, note, opened
from yimei.privacy.enums import Decision, Requester, RequestKind, RequestStatus
from yimei.privacy.models import Outcome, RightsRequest
from yimei.privacy.queries.requests import proposals
from yimei.privacy.rules import requests as rules


@transaction.atomic
def extend(request_id: UUID, *, until: date, reason: str, by: Staff, now: datetime) -> RightsRequest:
    """Take more time, once, with a reason that the person is told, never beyond the hard stop."""
    request = opened(request_id, by)
    if request.status not in rules.OPEN:
        raise RuleBroken(_("请求已经结束，不用延长。"), code="until")
    if request.extended_to is not None:
        raise RuleBroken(_("期限已经延长过一次。"), code="until")
    rules.check_extension(
        until, due_at=request.due_at, hard_stop_at=request.hard_stop_at, reason=reason, now=now
    )
    request.extended_to, request.extension_reason = local_day(until)[1], reason.strip()
    request.save(update_fields=["extended_to", "extension_reason"])
    note("extended", request, by=by, now=now, detail={"until": until})
    return request


@transaction.atomic
def decide(
    request_id: UUID, *, decision: Decision, refusal: str = "", reply: str = "", by: Staff, now: datetime
) -> RightsRequest:
    """Fix what happens to each holding and why; carried out only with the answer."""
    request = opened(request_id, by)
    rules.check_move(RequestStatus(request.status), RequestStatus.DECIDED)
    check_guardian(request, now)
    rules.check_decision(RequestKind(request.kind), decision, refusal=refusal, reply=reply)
    with in_house():
        proposed = proposals.proposed(request, decision=decision, refusal=refusal, now=now)
    if proposed.pending:
        raise RuleBroken(_("还有未结束的事项，暂不能决定。"), missing=proposed.pending, code="pending")
    request.decision = proposed.decision
    request.refusal, request.reply = refusal, reply.strip()
    request.decided_at, request.decided_by = now, by
    Outcome.objects.bulk_create(
        Outcome(request=request, decided_at=now, **vars(line)) for line in proposed.lines
    )
    changed = ("decision", "refusal", "reply", "decided_at", "decided_by")
    return move(request, RequestStatus.DECIDED, *changed, by=by, now=now)


@transaction.atomic
def reopen(request_id: UUID, *, by: Staff, now: datetime) -> RightsRequest:
    """Take a decision back before it was carried out; the old one stays in the history."""
    return move(opened(request_id, by), RequestStatus.VERIFIED, by=by, now=now)


def check_guardian(request: RightsRequest, now: datetime) -> None:
    person = request.patient.person
    is_minor = person.vault_key.is_destroyed or needs_guardian(request.patient, local_date(now))
    rules.check_still_guardian(Requester(request.requester), is_minor=is_minor)
