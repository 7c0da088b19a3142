"""How one line of the log follows from the one before, and whether it still does."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from yimei.audit.checkpoints import Checkpoint
from yimei.audit.models import Entry
from yimei.vault import ciphers

GENESIS = "0" * 64
HASHED = (
    "seq", "at", "actor", "role", "on_behalf_of", "session", "device", "ip", "action", "subject_key",
    "object_type", "object_id", "level", "fields", "purpose", "reason", "rows", "result", "detail",
    "algorithm", "prev_hash",
)  # fmt: skip
CHUNK = 2000


@dataclass(frozen=True)
class Verdict:
    """What a reading of the whole log found; `first_bad` is 0 when it is sound."""

    entries: int
    head: str
    first_bad: int = 0
    reason: str = ""

    @property
    def is_sound(self) -> bool:
        return not self.reason

    def __str__(self) -> str:
        if self.is_sound:
            return f"ok entries={self.entries} head={self.head}"
        return f"first_bad={self.first_bad} reason={self.reason}"


def hash_of(values: Mapping[str, Any]) -> str:
    """Return the hash of a line: canonical JSON, keys sorted, instants in UTC to the microsecond."""
    body = {name: _canonical(values[name]) for name in HASHED}
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return ciphers.digest(values["algorithm"], text.encode()).hex()


def _canonical(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, UUID) else value


def verify(checkpoints: Mapping[int, Checkpoint] | None = None) -> Verdict:
    """Read the log from its first line and stop at the first that does not follow.

    gap: a number is missing; link: it does not point at the line before; hash: its content was changed;
    checkpoint: it differs from what was signed outside, or that signature is false; truncated: the end is
    missing.
    """
    signed = dict(checkpoints or {})
    count, head = 0, GENESIS
    for values in _lines():
        seq = values["seq"]
        if seq != count + 1:
            return Verdict(count, head, count + 1, "gap")
        if values["prev_hash"] != head:
            return Verdict(count, head, seq, "link")
        if values["hash"] != hash_of(values):
            return Verdict(count, head, seq, "hash")
        checkpoint = signed.pop(seq, None)
        if checkpoint and (checkpoint.hash != values["hash"] or not checkpoint.is_genuine()):
            return Verdict(count, head, seq, "checkpoint")
        count, head = seq, values["hash"]
    if signed:
        first = min(signed)
        genuine = signed[first].is_genuine()
        return Verdict(count, head, count + 1 if genuine else first, "truncated" if genuine else "checkpoint")
    return Verdict(count, head)


def _lines() -> Iterator[dict[str, Any]]:
    yield from Entry.objects.order_by("seq").values(*HASHED, "hash").iterator(chunk_size=CHUNK)
