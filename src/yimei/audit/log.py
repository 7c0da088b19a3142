"""The one way to write the log."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.db import models, transaction

from yimei.audit import context
from yimei.audit.chain import GENESIS, hash_of
from yimei.audit.models import Entry
from yimei.core.database.locks import lock
from yimei.vault.models import DataKey


class Actor(Protocol):
    """Whoever acts: a member of staff, a patient, an outside program."""

    @property
    def public_id(self) -> UUID: ...

    @property
    def role_code(self) -> str: ...


@transaction.atomic
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
) -> Entry:
    """Add one line: ids, never names. Call it last in an action: it holds the log until commit."""
    origin = context.current()
    object_type, object_id = _name_of(target)
    values: dict[str, Any] = {
        "at": at,
        "actor": by.public_id if by else None,
        "role": by.role_code if by else "",
        "on_behalf_of": on_behalf_of,
        "session": origin.session,
        "device": origin.device,
        "ip": origin.ip,
        "action": str(action),
        "subject_key": subject.public_id if isinstance(subject, DataKey) else subject,
        "object_type": object_type,
        "object_id": object_id,
        "level": level,
        "fields": [str(name) for name in fields],
        "purpose": str(purpose),
        "reason": reason.replace("\0", "")[:500],
        "rows": rows,
        "result": result,
        "detail": _plain(detail or {}),
        "algorithm": settings.VAULT_ALGORITHM,
    }
    lock("audit.chain")
    last = Entry.objects.order_by("-seq").values("seq", "hash").first()
    values["seq"] = last["seq"] + 1 if last else 1
    values["prev_hash"] = last["hash"] if last else GENESIS
    return Entry.objects.create(**values, hash=hash_of(values))


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
