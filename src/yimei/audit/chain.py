"""How one line of the log follows from the one before, and whether it still does."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring as _quoted
from typing import Any, NamedTuple

from django.db import connection

from yimei.audit.checkpoints import Checkpoint
from yimei.audit.models import Entry, Seal
from yimei.audit.seals import is_genuine, root_of
from yimei.vault import ciphers
from yimei.vault.enums import Algorithm

GENESIS = "0" * 64
HASHED = (
    "seq", "at", "actor", "role", "on_behalf_of", "session", "device", "ip", "action", "subject_key",
    "object_type", "object_id", "level", "fields", "purpose", "reason", "rows", "result", "detail",
    "algorithm", "prev_hash",
)  # fmt: skip
SORTED = tuple(sorted(HASHED))
SM3 = Algorithm.SM4.value
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
    return _digest(tuple(values[name] for name in SORTED))


def _digest(row: tuple[Any, ...]) -> str:
    """Hash one line as Django or the bare database gives it, written out by hand: ten times json's pace."""
    (action, actor, algorithm, at, detail, device, fields, ip, level, object_id, object_type, on_behalf_of,
     prev_hash, purpose, reason, result, role, rows, seq, session, subject_key) = row  # fmt: skip
    body = (
        f'{{"action":{_quoted(action)},"actor":{_id(actor)},"algorithm":{_quoted(algorithm)},"at":{_at(at)},'
        f'"detail":{_object(detail)},"device":{_quoted(device)},"fields":{_object(fields)},'
        f'"ip":{_quoted(ip)},"level":{_quoted(level)},"object_id":{_quoted(object_id)},'
        f'"object_type":{_quoted(object_type)},"on_behalf_of":{_id(on_behalf_of)},'
        f'"prev_hash":{_quoted(prev_hash)},"purpose":{_quoted(purpose)},"reason":{_quoted(reason)},'
        f'"result":{_quoted(result)},"role":{_quoted(role)},"rows":{rows!r},"seq":{seq!r},'
        f'"session":{_quoted(session)},"subject_key":{_id(subject_key)}}}'
    ).encode()
    if algorithm == SM3:
        return ciphers.digest(algorithm, body).hex()
    return hashlib.sha256(body).hexdigest()


@lru_cache(maxsize=65_536)
def _id(value: Any) -> str:
    if value is None:
        return "null"
    if type(value) is str and len(value) == 32:
        return f'"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"'
    return f'"{value}"'


def _at(value: Any) -> str:
    if not isinstance(value, datetime):
        return "null"
    if value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    return f'"{value.isoformat(timespec="microseconds")}+00:00"'


def _object(value: Any) -> str:
    return _object_of(value) if type(value) is str else _plain(value)


@lru_cache(maxsize=4096)
def _object_of(text: str) -> str:
    """Write a JSON column anew; what is no JSON any more cannot have been written by us."""
    try:
        return _plain(json.loads(text))
    except ValueError:
        return _quoted(text)


def _plain(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class Line(NamedTuple):
    """What following a line needs."""

    seq: int
    prev: str
    hash: str
    is_whole: bool
    """Its hash is the one of its content."""


def lines(after: int = 0) -> Iterator[Line]:
    """Read the log in order, a piece at a time and past Django: a million lines in seconds."""
    names = ", ".join(connection.ops.quote_name(name) for name in (*SORTED, "hash"))
    seq_at, prev_at = SORTED.index("seq"), SORTED.index("prev_hash")
    sql = f"SELECT {names} FROM {Entry._meta.db_table} WHERE seq > %s ORDER BY seq, id"
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, [after])
        while batch := cursor.fetchmany(CHUNK):
            for row in batch:
                yield Line(row[seq_at], row[prev_at], row[-1], _is_whole(row))


def _is_whole(row: tuple[Any, ...]) -> bool:
    try:
        return bool(row[-1] == _digest(row[:-1]))
    except TypeError:
        return False  # a value of a kind that this column never holds


def verify(checkpoints: Mapping[int, Checkpoint] | None = None) -> Verdict:
    """Read the log from its first line and stop at the first that does not follow.

    gap: a number is missing or comes twice; link: it does not point at the line before; hash: its content was
    changed; seal: what was sealed from this line on is not what lies here, or the seal is false; checkpoint:
    it differs from what was signed outside, or that signature is false; truncated: the end is missing.
    """
    signed = dict(checkpoints or {})
    seals = _Seals()
    count, head = 0, GENESIS
    for line in lines():
        if line.seq != count + 1:
            return Verdict(count, head, count + 1, "gap")
        if line.prev != head:
            return Verdict(count, head, line.seq, "link")
        if not line.is_whole:
            return Verdict(count, head, line.seq, "hash")
        checkpoint = signed.pop(line.seq, None)
        if checkpoint and (checkpoint.hash != line.hash or not checkpoint.is_genuine()):
            return Verdict(count, head, line.seq, "checkpoint")
        count, head = line.seq, line.hash
        if broken := seals.follow(line):
            return Verdict(count, head, broken, "seal")
    if signed:
        first = min(signed)
        genuine = signed[first].is_genuine()
        return Verdict(count, head, count + 1 if genuine else first, "truncated" if genuine else "checkpoint")
    if seals.is_waiting:
        return Verdict(count, head, count + 1, "truncated")
    return Verdict(count, head)


class _Seals:
    """Walks the seals beside the lines that they close."""

    def __init__(self) -> None:
        self._rows = iter(Seal.objects.order_by("number"))
        self._next = next(self._rows, None)
        self._previous: Seal | None = None
        self._hashes: list[bytes] = []

    @property
    def is_waiting(self) -> bool:
        return self._next is not None

    def follow(self, line: Line) -> int:
        """Return from which line on a seal does not hold, or 0."""
        seal = self._next
        if seal is None:
            return 0
        self._hashes.append(bytes.fromhex(line.hash))
        first = line.seq - len(self._hashes) + 1
        if line.seq < seal.last:
            return 0
        is_right = seal.first == first and seal.last == line.seq and is_genuine(seal, self._previous)
        if not is_right or seal.root != root_of(seal.algorithm, self._hashes):
            return first
        self._previous, self._next, self._hashes = seal, next(self._rows, None), []
        return 0
