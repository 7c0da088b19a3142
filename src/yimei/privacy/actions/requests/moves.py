"""Open a request, move it on, and tell and log what happened."""

from datetime import datetime
from uuid import UUID

from django.conf import settings

from yimei.audit import log
from yimei.core.language import in_house, kept
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy import registry
from yimei.privacy.access import open_request
from yimei.privacy.enums import RequestKind, RequestStatus
from yimei.privacy.models import RequestMove, RightsRequest
from yimei.privacy.queries.requests.lists import guardian_of
from yimei.privacy.rules import requests as rules


def opened(
    request_id: UUID, by: Staff, *, permission: Permission = Permission.PRIVACY_WRITE, lock: bool = True
) -> RightsRequest:
    return open_request(request_id, by=by, permission=permission, lock=lock)


def move(
    request: RightsRequest, new: RequestStatus, *changed: str, by: Staff | None, now: datetime
) -> RightsRequest:
    old = RequestStatus(request.status)
    rules.check_move(old, new)
    request.status = new
    request.save(update_fields=["status", *changed])
    RequestMove.objects.create(request=request, old=old, new=new, by=by, at=now)
    note(new.value, request, by=by, now=now, detail={"decision": request.decision})
    return request


def tell(template: str, request: RightsRequest, *, now: datetime, by: Staff) -> None:
    """Tell the person herself that something happened to a request in her name; never what it holds."""
    params = {
        "kind": kept(RequestKind(request.kind).label),
        "number": request.number,
        "phone": request.patient.campus.phone or request.patient.campus.name,
    }
    if template == "request.answered":
        params["link"] = settings.CENTRE_LINK
    with in_house():
        registry.messenger()(
            template,
            patient=request.patient,
            params=params,
            key=f"{template}:{request.public_id}",
            now=now,
            by=by,
            guardian=guardian_of(request) if template == "request.answered" else None,
        )


def note(
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
