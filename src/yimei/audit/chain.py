"""How one line of the log follows from the one before, and whether it still does."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring as _quoted
from typing import Any, NamedTuple, NoReturn, cast

from django.db import DatabaseError, connection

from yimei.audit.checkpoints import Checkpoint
from yimei.audit.models import Entry, Seal
from yimei.audit.seals import Tree, is_genuine
from yimei.vault import ciphers
from yimei.vault.enums import Algorithm

GENESIS = "0" * 64
HASHED = (
    "seq", "at", "actor", "role", "on_behalf_of", "session", "device", "ip", "action", "subject_key",
    "object_type", "object_id", "level", "fields", "purpose", "reason", "rows", "result", "detail",
    "algorithm", "prev_hash",
)  # fmt: skip
SORTED = tuple(sorted(HASHED))
SEQ, PREV = SORTED.index("seq"), SORTED.index("prev_hash")
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
    return _digest((*(values[name] for name in SORTED), None))


def _digest(row: Sequence[Any]) -> str:
    """Hash one line as Django or the bare database gives it, written out by hand: ten times json's pace.

    The last column is the hash that lies there, which does not count.
    """
    (action, actor, algorithm, at, detail, device, fields, ip, level, object_id, object_type, on_behalf_of,
     prev_hash, purpose, reason, result, role, rows, seq, session, subject_key, _kept) = row  # fmt: skip
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
    """Write an id; a text is SQLite's, and 32 digits long or not ours."""
    if value is None:
        return "null"
    if type(value) is str:
        return f'"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"'
    return f'"{value}"'


def _at(value: Any) -> str:
    """Write an instant; SQLite's own words for it are put in order instead of read and written again."""
    if type(value) is str:
        micro = value[19:] if len(value) == 26 else ".000000" if len(value) == 19 else "?"
        between = "T" if value[10:11] == " " else "?"
        return f'"{value[:10]}{between}{value[11:19]}{micro}+00:00"'
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
        value, end = _scan(text, 0)
        return _plain(value) if end == len(text) else _quoted(text)
    except (ValueError, StopIteration, RecursionError):
        return _quoted(text)


def _plain(value: Any) -> str:
    return "".join(_encode(value, 0))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that comes twice: SQLite would search by the first, and we would show the last."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _never(value: object) -> NoReturn:
    raise TypeError(f"the log keeps no {type(value).__name__}")


_scan = cast(Any, json.JSONDecoder(object_pairs_hook=_once)).scan_once
_encode = cast(Any, json.encoder).c_make_encoder(None, _never, _quoted, None, ":", ",", True, False, False)
"""What json.loads and json.dumps make anew for each call, made once: two thirds of the time of a line."""


class Stretch(NamedTuple):
    """Some lines in order, as far as they follow from the one before, and what is wrong with the next."""

    hashes: list[str]
    reason: str


def stretches(after: int = 0, head: str = GENESIS) -> Iterator[Stretch]:
    """Follow the log from one line on, a piece at a time and past Django; ends at the first wrong line.

    gap: a number is missing or comes twice; link: it does not point at the line before; hash: its content
    was changed, or holds what no line can hold.
    """
    for batch in _batches(after):
        stretch = _follow(batch, after + 1, head)
        yield stretch
        if stretch.reason:
            return
        after, head = after + len(batch), stretch.hashes[-1]


def _follow(batch: Sequence[Any], first: int, head: str) -> Stretch:
    """Compare a whole piece at once; only one that is wrong is read line by line."""
    try:
        hashes = [_digest(row) for row in batch]
        wanted = list(zip(range(first, first + len(batch)), [head, *hashes[:-1]], hashes, strict=True))
        if [(row[SEQ], row[PREV], row[-1]) for row in batch] == wanted:
            return Stretch(hashes, "")
    except (TypeError, ValueError):
        pass  # a value of a kind that this column never holds: found below
    good: list[str] = []
    for row in batch:
        if reason := _wrong(row, first + len(good), good[-1] if good else head):
            return Stretch(good, reason)
        good.append(row[-1])
    return Stretch(good, "")


def _wrong(row: Sequence[Any] | None, seq: int, head: str) -> str:
    """Say in one word what is wrong with a line."""
    if row is None:
        return "hash"
    if row[SEQ] != seq:
        return "gap"
    if row[PREV] != head:
        return "link"
    try:
        return "" if row[-1] == _digest(row) else "hash"
    except (TypeError, ValueError):
        return "hash"


def _batches(after: int, skip: int = 0) -> Iterator[list[Any]]:
    """Read the table as it lies; a piece that the driver cannot read is read once more, row by row."""
    names = ", ".join(_column(name) for name in (*SORTED, "hash"))
    try:
        with connection.chunked_cursor() as cursor:
            cursor.execute(*_select(names, after, skip))
            while batch := cursor.fetchmany(CHUNK):
                yield batch
                skip += len(batch)
        return
    except DatabaseError:
        pass  # which row it is, is found below
    with connection.cursor() as cursor:
        cursor.execute(*_select("id", after, skip))
        ids = cursor.fetchmany(CHUNK)
    for one in ids:
        yield [_row(names, one)]
    yield from _batches(after, skip + len(ids))


def _row(names: str, one: Sequence[Any]) -> Any:
    """One line by itself; None for values that no program can read: bytes in a text, a day without end."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {names} FROM {Entry._meta.db_table} WHERE id = %s", one)
            return cursor.fetchone()
    except DatabaseError:
        return None


def _select(names: str, after: int, skip: int) -> tuple[str, list[int]]:
    """From the beginning without a condition: a line whose number is nought or less is found too."""
    where, given = (" WHERE seq > %s", [after]) if after else ("", [])
    past = f" LIMIT {2**62} OFFSET {skip}" if skip else ""
    return f"SELECT {names} FROM {Entry._meta.db_table}{where} ORDER BY seq, id{past}", given


def _column(name: str) -> str:
    """A column as it is hashed; of SQLite's instants the words that lie there."""
    quoted = connection.ops.quote_name(name)
    return f"CAST({quoted} AS TEXT)" if name == "at" and connection.vendor == "sqlite" else quoted


def verify(checkpoints: Mapping[int, Checkpoint] | None = None) -> Verdict:
    """Read the log from its first line and stop at the first that does not follow.

    Beside what `stretches` finds, seal: what was sealed from this line on is not what lies here, or the seal
    is false; checkpoint: it differs from what was signed outside, or that signature is false; truncated: the
    end is missing.
    """
    signed = dict(checkpoints or {})
    seals = _Seals()
    count, head = 0, GENESIS
    for stretch in stretches():
        until = count + len(stretch.hashes)
        faults = [
            (seq, seq, "checkpoint")
            for seq in sorted(seq for seq in signed if count < seq <= until)
            if signed[seq].hash != stretch.hashes[seq - count - 1] or not signed.pop(seq).is_genuine()
        ][:1]
        if broken := seals.follow(stretch.hashes):
            faults.append((*broken, "seal"))
        if stretch.reason:
            faults.append((until + 1, until + 1, stretch.reason))
        if faults:
            found, first, reason = min(faults, key=lambda fault: fault[0])
            return Verdict(
                found - 1, stretch.hashes[found - count - 2] if found > count + 1 else head, first, reason
            )
        count, head = until, stretch.hashes[-1]
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
        self._rows = _readable_seals()
        self._previous: Seal | None = None
        self._next: Seal | None = None
        self._at = 0
        self._open()

    @property
    def is_waiting(self) -> bool:
        return self._next is not None

    def follow(self, hashes: Sequence[str]) -> tuple[int, int] | None:
        """Take the next lines; return where a seal does not hold, and from which line on."""
        begun = self._at
        while self._next is not None and self._at - begun < len(hashes):
            seal, taken = self._next, self._at - begun
            piece = hashes[taken : max(seal.last - begun, taken + 1)]
            self._tree.add(piece)
            self._at += len(piece)
            if self._at < seal.last:
                break
            is_right = (
                seal.first == self._first and seal.last == self._at and is_genuine(seal, self._previous)
            )
            if not is_right or seal.root != self._tree.root():
                return self._at, self._first
            self._previous = seal
            self._open()
        return None

    def _open(self) -> None:
        self._next = next(self._rows, None)
        self._first = self._at + 1
        self._tree = Tree(self._next.algorithm if self._next else "")


def _readable_seals() -> Iterator[Seal]:
    """The seals in order; one whose values no program can read is a false one."""
    false = Seal(number=0, first=0, last=0)
    try:
        for seal in Seal.objects.order_by("number").iterator():
            yield seal if isinstance(seal.first, int) and isinstance(seal.last, int) else false
    except (DatabaseError, ValueError, TypeError):
        yield false
