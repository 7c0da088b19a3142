"""Where a request comes from, kept beside it so that every line of the log can say so."""

import hashlib
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """The session is kept as a hash: enough to join lines, useless to steal."""

    session: str = ""
    ip: str = ""
    device: str = ""


_origin: ContextVar[Origin | None] = ContextVar("yimei_audit_origin", default=None)


def set_request(*, session: str | None = "", ip: str | None = "", device: str | None = "") -> None:
    hashed = hashlib.sha256(session.encode()).hexdigest()[:32] if session else ""
    _origin.set(Origin(hashed, (ip or "")[:45], (device or "")[:200]))


def clear() -> None:
    _origin.set(None)


def current() -> Origin:
    return _origin.get() or Origin()
