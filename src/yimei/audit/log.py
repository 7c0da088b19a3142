"""The one way to write the log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.db import connection, models, transaction

from yimei.audit import context
from yimei.audit.chain import GENESIS, hash_of
from yimei.audit.models import Entry
from yimei.core.database.loading import append
from yimei.core.database.locks import lock
from yimei.vault.models import DataKey

LAST = "SELECT seq, hash FROM audit_entry ORDER BY seq DESC LIMIT 1"
"""Asked at every step of everybody: Django would build it anew each time."""


class Actor(Protocol):
    """Whoever acts: a member of staff, a patient, an outside program."""

    @property
    def public_id(self) -> UUID: ...

    @property
    def role_code(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Line:
    """What differs between the lines that one action writes about many people."""

    target: object | None = None
    subject: DataKey | UUID | None = None
    purpose: str = ""
    result: str = "ok"
    detail: Mapping[str, Any] = field(default_factory=dict)


def record(
    action: str,
    *,
    at: datetime,
    by: Actor | None = None,
    on_behalf_of: UUID | None = None,
    target: object | None = None,
    subject: DataKey | UUID | None = None,
    level: str = "",
    fields: Sequence[str] = (),
    purpose: str = "",
    reason: str = "",
    rows: int = 1,
    result: str = "ok",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add one line: ids, never names. Call it last in an action: it holds the log until commit."""
    line = Line(target=target, subject=subject, purpose=purpose, result=result, detail=detail or {})
    values = _values(action, line, at=at, by=by) | {
        "on_behalf_of": on_behalf_of,
        "level": level,
        "fields": [str(name) for name in fields],
        "reason": reason.replace("\0", "")[:500],
        "rows": rows,
    }
    _write([values])


def record_many(action: str, lines: Sequence[Line], *, at: datetime, by: Actor | None = None) -> None:
    """Add one line for each person that an action did the same to; they stand one after the other."""
    _write([_values(action, line, at=at, by=by) for line in lines])


def _values(action: str, line: Line, *, at: datetime, by: Actor | None) -> dict[str, Any]:
    origin = context.current()
    object_type, object_id = _name_of(line.target)
    subject = line.subject
    return {
        "at": at,
        "actor": by.public_id if by else None,
        "role": by.role_code if by else "",
        "on_behalf_of": None,
        "session": origin.session,
        "device": origin.device,
        "ip": origin.ip,
        "action": str(action),
        "subject_key": subject.public_id if isinstance(subject, DataKey) else subject,
        "object_type": object_type,
        "object_id": object_id,
        "level": "",
        "fields": [],
        "purpose": str(line.purpose),
        "reason": "",
        "rows": 1,
        "result": line.result,
        "detail": _plain(line.detail),
        "algorithm": settings.VAULT_ALGORITHM,
    }


def _write(lines: Sequence[dict[str, Any]]) -> None:
    """Without a savepoint of its own: what makes a line fail takes the whole action back."""
    with transaction.atomic(savepoint=False):
        append(_chained(lines))


def _chained(lines: Sequence[dict[str, Any]]) -> list[Entry]:
    """Number the lines and tie each to the one before; nobody else writes until the transaction ends."""
    lock("audit.chain")
    with connection.cursor() as cursor:
        cursor.execute(LAST)
        seq, head = cursor.fetchone() or (0, GENESIS)
    entries = []
    for values in lines:
        seq += 1
        values |= {"seq": seq, "prev_hash": head}
        head = hash_of(values)
        entries.append(Entry(**values, hash=head))
    return entries


def _name_of(target: object | None) -> tuple[str, str]:
    if target is None:
        return "", ""
    if isinstance(target, models.Model):
        return target._meta.label_lower, str(getattr(target, "public_id", target.pk))
    return type(target).__name__, str(getattr(target, "public_id", ""))


def _plain(value: Any) -> Any:
    """Return what every database gives back exactly as it was; a float it may not."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        raise TypeError("the log keeps no floats: write a string")
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [_plain(item) for item in items]
    return str(value).replace("\0", "")
