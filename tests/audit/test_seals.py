"""What is sealed cannot be rebuilt by whoever owns the database but not the key of the house."""

import json
from collections.abc import Callable
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
    leaves = [number.to_bytes(32) for number in range(7)]
    roots = {seals.root_of("AES-256-GCM", leaves[:count]) for count in range(1, 8)}
    roots |= {seals.root_of("AES-256-GCM", leaves[::-1]), seals.root_of("SM4-GCM", leaves)}
    assert len(roots) == 9


@pytest.fixture
def sealed(db: None) -> list[Entry]:
    """Five lines under two seals, and a sixth that nobody has sealed yet."""
    keys.forget_system_secrets()
    found = [EntryFactory(at=NOW + timedelta(minutes=minute), detail={"页": "床旁"}) for minute in range(3)]
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
