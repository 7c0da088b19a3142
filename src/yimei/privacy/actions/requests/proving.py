"""Prove who asks, or close what nobody could prove or somebody took back."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from yimei.people.models import Staff
from yimei.privacy.actions import automated
from yimei.privacy.actions.requests.moves import move, opened, tell
from yimei.privacy.enums import IdentityMethod, Requester, RequestKind, RequestStatus
from yimei.privacy.models import RightsRequest
from yimei.privacy.rules import requests as rules


@transaction.atomic
def verify(request_id: UUID, *, method: IdentityMethod, by: Staff, now: datetime) -> RightsRequest:
    """Say that it is proved who asks, and how; nothing is decided before."""
    request = opened(request_id, by)
    rules.check_identity(RequestKind(request.kind), Requester(request.requester), method)
    request.identity_method, request.identity_at, request.identity_by = method, now, by
    automated.follow(request, by=by, now=now)
    return move(
        request, RequestStatus.VERIFIED, "identity_method", "identity_at", "identity_by", by=by, now=now
    )


@transaction.atomic
def turn_down(request_id: UUID, *, method: IdentityMethod, by: Staff, now: datetime) -> RightsRequest:
    """Close a request of somebody who could not prove who she is; the person herself is warned."""
    request = opened(request_id, by)
    request.identity_method, request.identity_at, request.identity_by = method, now, by
    closed = move(
        request, RequestStatus.UNPROVED, "identity_method", "identity_at", "identity_by", by=by, now=now
    )
    tell("request.unproved", closed, now=now, by=by)
    return closed


@transaction.atomic
def cancel(request_id: UUID, *, by: Staff, now: datetime) -> RightsRequest:
    """Close a request that the person took back."""
    return move(opened(request_id, by), RequestStatus.CANCELLED, by=by, now=now)
