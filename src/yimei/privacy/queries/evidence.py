"""The proof of how a request was handled: made from rows that nobody can edit, so it can be made again."""

import hashlib
import json
from typing import Any

from yimei.audit.models import Entry
from yimei.core.clock import SHANGHAI
from yimei.privacy.models import RightsRequest
from yimei.privacy.queries.requests.letters import outcomes as outcomes_of

STEPS = ("received", "verified", "extended", "decided", "unproved", "cancelled", "outgrown")
"""Words of the log that belong to the proof; readings and downloads come later and are no part of it."""


def digest(request: RightsRequest) -> str:
    return hashlib.sha256(file_of(request)).hexdigest()


def is_sound(request: RightsRequest) -> bool:
    """Whether the proof made today is the one that was sealed with the answer."""
    return bool(request.evidence_sha256) and digest(request) == request.evidence_sha256


def file_of(request: RightsRequest) -> bytes:
    """Times, conclusions, articles and hashes; no name and no word of the person, so it outlives her key."""
    return (json.dumps(_content(request), ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def _content(request: RightsRequest) -> dict[str, Any]:
    outcomes = outcomes_of(request)
    steps = [f"privacy.request.{word}" for word in STEPS]
    lines = Entry.objects.filter(object_id=str(request.public_id), action__in=steps).order_by("seq")
    return {
        "format": "yimei.request-evidence/1",
        "request": str(request.public_id),
        "subject": str(request.patient.person.vault_key.public_id),
        "kind": request.kind,
        "requester": request.requester,
        "channel": request.channel,
        "scope": request.scope,
        "rule": {"code": request.rule.code, "source": request.rule.source},
        "received_at": _at(request.received_at),
        "due_at": _at(request.due_at),
        "hard_stop_at": _at(request.hard_stop_at),
        "extended_to": _at(request.extended_to),
        "identity": {"method": request.identity_method, "at": _at(request.identity_at)},
        "decision": {"word": request.decision, "refusal": request.refusal, "at": _at(request.decided_at)},
        "outcomes": [
            {
                "holding": line.holding,
                "outcome": line.outcome,
                "until": line.until.isoformat() if line.until else None,
                "article": line.article,
                "why": line.why,
                "rows": line.rows,
            }
            for line in outcomes
        ],
        "answered_at": _at(request.answered_at),
        "letter_sha256": request.letter_sha256,
        "package_sha256": request.package_sha256,
        "log": [{"seq": line.seq, "action": line.action, "hash": line.hash} for line in lines],
    }


def _at(moment: Any) -> str | None:
    return moment.astimezone(SHANGHAI).isoformat() if moment else None
