"""What is sealed cannot be rebuilt by whoever owns the database but not the key of the house."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.audit.test_verify import rehash, rewrite_all, rows, unguarded, verify
from tests.factories.audit import EntryFactory
from yimei.audit import chain, seals, tasks
from yimei.audit.actions import seals as actions
from yimei.audit.models import Entry, Seal
from yimei.core.errors import RuleBroken
from yimei.vault import ciphers, keys

NOW = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
TEXT = st.text(max_size=12)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
CONTENT = st.fixed_dictionaries(
    {
        **dict.fromkeys(chain.HASHED, TEXT),
        "seq": st.integers(1, 10**12),
        "rows": st.integers(0, 10**6),
        "at": st.datetimes(timezones=st.just(UTC)),
        "algorithm": st.sampled_from(["AES-256-GCM", "SM4-GCM"]),
        "fields": st.lists(TEXT, max_size=3),
        "detail": st.dictionaries(TEXT, PLAIN, max_size=3),
        **{name: st.none() | st.uuids() for name in ("actor", "on_behalf_of", "subject_key")},
    }
)


@given(CONTENT)
@settings(max_examples=25, deadline=None)
def test_a_line_is_written_as_sorted_json_would_write_it(values: dict[str, Any]) -> None:
    def plain(value: Any) -> Any:
        if isinstance(value, datetime):
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        return str(value) if isinstance(value, UUID) else value

    body = {name: plain(values[name]) for name in chain.HASHED}
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert chain.hash_of(values) == ciphers.digest(values["algorithm"], text.encode()).hex()


def test_the_root_depends_on_every_leaf_and_on_their_order() -> None:
    leaves = [f"{number:064x}" for number in range(7)]
    roots = {root_of("AES-256-GCM", leaves[:count]) for count in range(1, 8)}
    roots |= {root_of("AES-256-GCM", leaves[::-1]), root_of("SM4-GCM", leaves)}
    assert len(roots) == 9


def root_of(algorithm: str, hashes: list[str]) -> str:
    tree = seals.Tree(algorithm)
    tree.add(hashes)
    return tree.root()


def plain_root(leaves: list[bytes]) -> bytes:
    """The tree as RFC 6962 defines it, split at the largest power of two below its size."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + plain_root(leaves[:split]) + plain_root(leaves[split:])).digest()


@given(st.lists(st.integers(0, 2**256 - 1), min_size=1, max_size=70), st.integers(1, 70))
@settings(max_examples=40, deadline=None)
def test_the_root_is_that_of_rfc_6962_in_whatever_pieces_the_lines_come(
    numbers: list[int], piece: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seals, "WIDTH", 8)
        tree = seals.Tree("AES-256-GCM")
        for begun in range(0, len(numbers), piece):
            tree.add(f"{number:064x}" for number in numbers[begun : begun + piece])
    assert tree.root() == plain_root([number.to_bytes(32) for number in numbers]).hex()


@pytest.fixture
def sealed(db: None) -> list[Entry]:
    """Five lines under two seals, and a sixth that nobody has sealed yet."""
    keys.forget_system_secrets()
    found = [
        EntryFactory(at=NOW + timedelta(minutes=minute), detail={"页": "床旁"}, subject=UUID(int=0xABC << 99))
        for minute in range(3)
    ]
    actions.seal(now=NOW)
    found += [EntryFactory(at=NOW, reason="复查"), EntryFactory(at=NOW)]
    actions.seal(now=NOW + timedelta(hours=1))
    return [*found, EntryFactory(at=NOW)]


def test_seals_follow_one_another_and_close_only_what_is_new(sealed: list[Entry]) -> None:
    assert list(Seal.objects.values_list("number", "first", "last")) == [(1, 1, 3), (2, 4, 5)]
    assert tasks.seal() == 1
    assert tasks.seal() == 0
    assert chain.verify() == chain.Verdict(6, sealed[-1].hash)
    with pytest.raises(IntegrityError, match="audit_seal_append_only"), transaction.atomic():
        Seal.objects.filter(number=1).update(root="0" * 64)


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (lambda: rewrite_all(reason="forged"), "first_bad=1 reason=seal"),
        (lambda: rows(6).delete(), "ok"),
        (lambda: [rows(seq).delete() for seq in (6, 5)], "first_bad=5 reason=truncated"),
        (lambda: Entry.objects.all().delete(), "first_bad=1 reason=truncated"),
        (lambda: Seal.objects.filter(number=1).delete(), "first_bad=1 reason=seal"),
        (lambda: Seal.objects.filter(number=2).update(last=4), "first_bad=4 reason=seal"),
        (lambda: Seal.objects.filter(number=2).update(at=NOW), "first_bad=4 reason=seal"),
        (lambda: Seal.objects.filter(number=2).update(mac="0" * 64), "first_bad=4 reason=seal"),
    ],
)
def test_a_log_rebuilt_by_the_owner_of_the_database_is_found_by_its_seals(
    sealed: list[Entry], tamper: Callable[[], Any], found: str
) -> None:
    with unguarded(), unguarded("audit_seal"):
        tamper()
    assert verify()[1].startswith(found)


def test_lines_exchanged_under_a_chain_made_anew_are_found(sealed: list[Entry], tmp_path: Path) -> None:
    """The owner changes the order of two lines, hashes everything after them again, and seals it himself."""
    file = tmp_path / "heads.jsonl"
    call_command("audit", "checkpoint", str(file))
    with unguarded(), unguarded("audit_seal"):
        for old, new in ((2, 99), (3, 2), (99, 3)):
            rows(old).update(seq=new)
        rehash(2, prev_hash=Entry.objects.get(seq=1).hash)
        for seq in (3, 4, 5, 6):
            rehash(seq, prev_hash=Entry.objects.get(seq=seq - 1).hash)
        assert verify() == (1, "first_bad=1 reason=seal")
        Seal.objects.all().delete()
    assert verify()[0] == 0, "without its seals the log alone says nothing"
    assert verify("--checkpoint", str(file)) == (1, "first_bad=6 reason=checkpoint")


def test_a_whole_chain_made_anew_from_one_inserted_line_is_found(sealed: list[Entry]) -> None:
    """The owner moves every later line one place on, puts a line between, and hashes all of it again."""
    with unguarded(), unguarded("audit_seal"):
        for seq in (6, 5, 4):
            rows(seq).update(seq=seq + 1)
        copy = Entry.objects.get(seq=3)
        copy.pk, copy.seq, copy.reason = None, 4, "插入"
        copy.save(force_insert=True)
        for seq in (4, 5, 6, 7):
            rehash(seq, prev_hash=Entry.objects.get(seq=seq - 1).hash)
    assert verify() == (1, "first_bad=4 reason=seal")


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE audit_entry SET reason = 'x' WHERE seq = 2", "first_bad=2 reason=hash"),
        ("UPDATE audit_entry SET detail = '{}' WHERE seq = 2", "first_bad=2 reason=hash"),
        ("UPDATE audit_entry SET at = '2026-06-16 03:00:00' WHERE seq = 2", "first_bad=2 reason=hash"),
        ("DELETE FROM audit_entry WHERE seq = 2", "first_bad=2 reason=gap"),
        ("UPDATE audit_entry SET seq = 7 WHERE seq = 6", "first_bad=6 reason=gap"),
        ("DELETE FROM audit_entry WHERE seq > 2", "first_bad=3 reason=truncated"),
    ],
)
def test_a_raw_connection_without_triggers_leaves_a_trace(
    sealed: list[Entry], tmp_path: Path, sql: str, found: str
) -> None:
    file = tmp_path / "heads.jsonl"
    call_command("audit", "checkpoint", str(file))
    with unguarded(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert verify("--checkpoint", str(file)) == (1, found)


def test_what_is_no_json_any_more_is_named_instead_of_ending_the_reading(sealed: list[Entry]) -> None:
    if connection.vendor != "sqlite":
        with pytest.raises(Exception, match="json"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT '{oops'::jsonb")
        return
    with unguarded(), connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        cursor.execute("UPDATE audit_entry SET detail = '{oops' WHERE seq = 2")
        cursor.execute("PRAGMA ignore_check_constraints = OFF")
    assert verify() == (1, "first_bad=2 reason=hash")


OWNERS_EDITS = [
    ("UPDATE audit_entry SET hash = 'ü' WHERE seq = 2", "first_bad=2 reason=hash"),
    ("UPDATE audit_entry SET prev_hash = hash, hash = prev_hash WHERE seq = 2", "first_bad=2 reason=link"),
    ("UPDATE audit_entry SET seq = 0 WHERE seq = 1", "first_bad=1 reason=gap"),
    ("UPDATE audit_entry SET seq = -seq WHERE seq > 3", "first_bad=1 reason=gap"),
    ("UPDATE audit_entry SET seq = 20 - seq", "first_bad=1 reason=gap"),
    ("DELETE FROM audit_entry", "first_bad=1 reason=truncated"),
    ("DELETE FROM audit_entry WHERE seq > 4", "first_bad=5 reason=truncated"),
    ("UPDATE audit_seal SET mac = 'ü' WHERE number = 2", "first_bad=4 reason=seal"),
    ("UPDATE audit_seal SET algorithm = 'x' WHERE number = 2", "first_bad=4 reason=seal"),
    ("UPDATE audit_seal SET root = '' WHERE number = 1", "first_bad=1 reason=seal"),
    ("UPDATE audit_seal SET first = 3 WHERE number = 2", "first_bad=4 reason=seal"),
    ("UPDATE audit_seal SET number = 3 WHERE number = 2", "first_bad=4 reason=seal"),
    ("DELETE FROM audit_seal WHERE number = 1", "first_bad=1 reason=seal"),
]
DASHED = " || '-' || ".join(
    f"substr(subject_key, {start}, {length})"
    for start, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
)
"""The same number in other words: no search would find the line."""
SQLITE_EDITS = [
    ("UPDATE audit_entry SET reason = CAST(X'FF' AS TEXT) WHERE seq = 2", "first_bad=2 reason=hash"),
    ("UPDATE audit_entry SET reason = X'61' WHERE seq = 2", "first_bad=2 reason=hash"),
    ("UPDATE audit_entry SET at = replace(at, ' ', 'T') WHERE seq = 2", "first_bad=2 reason=hash"),
    ("UPDATE audit_entry SET at = 'when?' WHERE seq = 2", "first_bad=2 reason=hash"),
    ("UPDATE audit_entry SET at = X'00' WHERE seq = 2", "first_bad=2 reason=hash"),
    ("UPDATE audit_entry SET rows = 'many' WHERE seq = 2", "first_bad=2 reason=hash"),
    ("UPDATE audit_entry SET seq = 'two' WHERE seq = 2", "first_bad=2 reason=gap"),
    ("UPDATE audit_entry SET seq = 2.5 WHERE seq = 3", "first_bad=3 reason=gap"),
    ("UPDATE audit_entry SET subject_key = upper(subject_key) WHERE seq = 2", "first_bad=2 reason=hash"),
    (f"UPDATE audit_entry SET subject_key = {DASHED} WHERE seq = 2", "first_bad=2 reason=hash"),
    (
        "UPDATE audit_entry SET detail = replace(detail, '{', '{\"页\": \"别处\", ') WHERE seq = 2",
        "first_bad=2 reason=hash",
    ),
    ("UPDATE audit_entry SET detail = '{' WHERE seq = 2", "first_bad=2 reason=hash"),
    ("UPDATE audit_entry SET detail = '{} {}' WHERE seq = 2", "first_bad=2 reason=hash"),
    (
        "UPDATE audit_entry SET detail = printf('%.*c', 99999, '[') WHERE seq = 2",
        "first_bad=2 reason=hash",
    ),
    ("UPDATE audit_seal SET at = 'when?' WHERE number = 2", "first_bad=4 reason=seal"),
    ("UPDATE audit_seal SET at = '2026-13-77 99:00:00' WHERE number = 2", "first_bad="),
    ("UPDATE audit_seal SET root = CAST(X'FF' AS TEXT) WHERE number = 2", "first_bad="),
    ("UPDATE audit_seal SET last = 'end' WHERE number = 2", "first_bad=4 reason=seal"),
]
POSTGRES_EDITS = [
    ("UPDATE audit_entry SET at = 'infinity' WHERE seq = 2", "first_bad=2 reason=hash"),
    ("UPDATE audit_entry SET at = '24000-01-01' WHERE seq = 2", "first_bad=2 reason=hash"),
    ("UPDATE audit_entry SET at = at + interval '1 microsecond' WHERE seq = 2", "first_bad=2 reason=hash"),
    ("UPDATE audit_entry SET detail = detail || '{\"x\": null}' WHERE seq = 2", "first_bad=2 reason=hash"),
    ("UPDATE audit_seal SET at = '-infinity' WHERE number = 2", "first_bad="),
    ("TRUNCATE audit_entry", "first_bad=1 reason=truncated"),
]


@pytest.mark.parametrize("piece", [1, 2, 2000])
def test_whatever_the_owner_writes_into_the_tables_is_named_and_stops_nothing(
    sealed: list[Entry], monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    """Neither the guard nor the checks of the tables bind their owner; the file outside he cannot write."""
    monkeypatch.setattr(chain, "CHUNK", piece)
    own = SQLITE_EDITS if connection.vendor == "sqlite" else POSTGRES_EDITS
    wrong = []
    for sql, expected in OWNERS_EDITS + own:
        with suppress(UndoError), transaction.atomic():
            with owner_of_everything() as cursor:
                cursor.execute(sql)
            found = verify()[1]
            if not found.startswith(expected):
                wrong.append((sql, found))
            raise UndoError
    assert wrong == []
    assert verify()[0] == 0


class UndoError(Exception):
    """Ends one try, so that the next begins with an honest log."""


@contextmanager
def owner_of_everything() -> Iterator[Any]:
    """A cursor that no trigger and no check binds any more; the transaction around it brings them back."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit_%%'"
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')
            cursor.execute("PRAGMA ignore_check_constraints = ON")
            yield cursor
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
        else:
            for table in ("audit_entry", "audit_seal"):
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute("ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_seq_from_one")
            cursor.execute("ALTER TABLE audit_seal DROP CONSTRAINT audit_seal_in_order")
            yield cursor


def test_a_broken_log_is_refused_instead_of_sealed(sealed: list[Entry]) -> None:
    with unguarded():
        rows(6).update(reason="forged")
    with pytest.raises(RuleBroken, match="第 6 条"):
        actions.seal(now=NOW)
    with pytest.raises(CommandError, match="audit verify"):
        call_command("audit", "seal")
    assert Seal.objects.count() == 2


def test_every_night_the_signed_head_goes_into_the_named_file(sealed: list[Entry], tmp_path: Path) -> None:
    file = tmp_path / "worm" / "heads.jsonl"
    with override_settings(AUDIT_CHECKPOINT=str(file)):
        assert tasks.checkpoint() == sealed[-1].hash
        EntryFactory()
        tasks.checkpoint()
    assert [json.loads(line)["seq"] for line in file.read_text().splitlines()] == [6, 7]
    assert Seal.objects.latest("number").last == 7
    assert verify("--checkpoint", str(file))[0] == 0


def test_a_house_that_chose_sm3_seals_with_it(db: None) -> None:
    with override_settings(VAULT_ALGORITHM="SM4-GCM"):
        EntryFactory()
        actions.seal(now=NOW)
    EntryFactory()
    actions.seal(now=NOW)
    assert chain.verify().is_sound
