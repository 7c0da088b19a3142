import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.factories.audit import EntryFactory
from yimei.audit import chain
from yimei.audit.models import Entry, Seal
from yimei.vault import keys

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_system_secrets() -> Iterator[None]:
    keys.forget_system_secrets()
    yield
    keys.forget_system_secrets()


@pytest.fixture
def five_lines() -> list[Entry]:
    return [EntryFactory(at=datetime(2026, 6, 16, 2, minute, tzinfo=UTC)) for minute in range(5)]


@contextmanager
def unguarded(table: str = "audit_entry") -> Iterator[None]:
    """What an intruder with the owner's rights would do first."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table]
            )
            guards = cursor.fetchall()
            for name, _sql in guards:
                cursor.execute(f'DROP TRIGGER "{name}"')
            yield
            for _name, sql in guards:
                cursor.execute(sql)
        else:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            yield
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def rehash(seq: int, **changes: Any) -> None:
    """Change a line and make its own hash fit again."""
    rows = Entry.objects.filter(seq=seq)
    rows.update(**changes)
    rows.update(hash=chain.hash_of(rows.values(*chain.HASHED).get()))


def rewrite_all(**changes: Any) -> None:
    """Change the third line and every hash after it: a forgery that is sound in itself."""
    rehash(3, **changes)
    for seq in (4, 5):
        rehash(seq, prev_hash=Entry.objects.get(seq=seq - 1).hash)


def verify(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("audit", "verify", *arguments, stdout=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue().strip()
    return 0, out.getvalue().strip()


def rows(seq: int) -> Any:
    return Entry.objects.filter(seq=seq)


def test_an_empty_log_and_an_honest_log_are_sound(five_lines: list[Entry]) -> None:
    assert verify() == (0, f"ok entries=5 head={five_lines[-1].hash}")
    with unguarded():
        Entry.objects.all().delete()
    assert verify() == (0, f"ok entries=0 head={chain.GENESIS}")


@pytest.mark.parametrize("field", [name for name in chain.HASHED if name not in {"seq", "prev_hash"}])
def test_any_field_changed_is_found(five_lines: list[Entry], field: str) -> None:
    other: dict[str, Any] = {
        "at": datetime(2026, 6, 16, 2, 2, 0, 1, tzinfo=UTC), "actor": keys.new_key().public_id,
        "on_behalf_of": keys.new_key().public_id, "subject_key": keys.new_key().public_id,
        "rows": 2, "fields": ["x"], "detail": {"x": 1}, "algorithm": "SM4-GCM",
    }  # fmt: skip
    with unguarded():
        rows(3).update(**{field: other.get(field, "changed")})
    assert verify() == (1, "first_bad=3 reason=hash")


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (lambda: rows(3).delete(), "first_bad=3 reason=gap"),
        (lambda: rows(1).delete(), "first_bad=1 reason=gap"),
        (lambda: rows(5).update(seq=6), "first_bad=5 reason=gap"),
        (lambda: rehash(3, reason="forged"), "first_bad=4 reason=link"),
        (lambda: rows(3).update(prev_hash="0" * 64), "first_bad=3 reason=link"),
        (lambda: rows(5).update(hash="f" * 64), "first_bad=5 reason=hash"),
    ],
)
def test_the_first_broken_line_is_named(
    five_lines: list[Entry], tamper: Callable[[], Any], found: str
) -> None:
    with unguarded():
        tamper()
    assert verify() == (1, found)


def test_lines_exchanged_are_found(five_lines: list[Entry]) -> None:
    with unguarded():
        rows(2).update(seq=99)
        rows(3).update(seq=2)
        rows(99).update(seq=3)
    assert verify() == (1, "first_bad=2 reason=link")


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (lambda: rows(5).delete(), "first_bad=5 reason=truncated"),
        (lambda: Entry.objects.all().delete(), "first_bad=1 reason=truncated"),
        (lambda: rewrite_all(reason="forged"), "first_bad=5 reason=checkpoint"),
    ],
)
def test_a_checkpoint_outside_finds_what_the_log_alone_cannot(
    five_lines: list[Entry], tmp_path: Path, tamper: Callable[[], Any], found: str
) -> None:
    file = tmp_path / "heads.jsonl"
    call_command("audit", "checkpoint", str(file), stdout=StringIO())
    EntryFactory()
    call_command("audit", "checkpoint", str(file), stdout=StringIO())
    assert verify("--checkpoint", str(file))[0] == 0
    with unguarded(), unguarded("audit_seal"):
        Seal.objects.all().delete()
        rows(6).delete()
        tamper()
    file.write_text(file.read_text().splitlines()[0])
    assert verify()[0] == 0, "without the checkpoint it looks sound"
    assert verify("--checkpoint", str(file)) == (1, found)


def test_a_forged_checkpoint_is_found(five_lines: list[Entry], tmp_path: Path) -> None:
    file = tmp_path / "heads.jsonl"
    call_command("audit", "checkpoint", str(file), stdout=StringIO())
    checkpoint = json.loads(file.read_text())
    with unguarded(), unguarded("audit_seal"):
        Seal.objects.all().delete()
        rewrite_all(reason="forged")
    forged = {**checkpoint, "hash": Entry.objects.get(seq=5).hash}
    file.write_text(json.dumps(forged))
    assert verify("--checkpoint", str(file)) == (1, "first_bad=5 reason=checkpoint")
    file.write_text(f"{json.dumps(checkpoint)}\n\n{json.dumps(forged)}\n")
    assert verify("--checkpoint", str(file)) == (1, "first_bad=5 reason=checkpoint")
    file.write_text(json.dumps({**checkpoint, "seq": 9}))
    assert verify("--checkpoint", str(file)) == (1, "first_bad=9 reason=checkpoint")


def test_the_verdict_is_also_for_machines(five_lines: list[Entry]) -> None:
    assert json.loads(verify("--json")[1]) == {
        "entries": 5, "head": five_lines[-1].hash, "first_bad": 0, "reason": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    "content", ["{}", "nonsense", '{"seq": "x", "hash": "", "at": "", "signature": ""}', "[1]"]
)
def test_a_file_that_holds_no_checkpoints_is_bad_input(
    five_lines: list[Entry], tmp_path: Path, content: str
) -> None:
    file = tmp_path / "heads.jsonl"
    file.write_text(f"\n{content}\n")
    with pytest.raises(CommandError, match="第 2 行") as refused:
        verify("--checkpoint", str(file))
    assert refused.value.returncode == 2


def test_a_file_that_cannot_be_read_or_a_log_without_lines_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="检查点文件") as refused:
        verify("--checkpoint", str(tmp_path / "absent"))
    assert refused.value.returncode == 2
    with pytest.raises(CommandError, match="还是空的"):
        call_command("audit", "checkpoint", str(tmp_path / "new"), stdout=StringIO())


def test_reading_the_log_holds_only_a_piece_of_it_in_memory(
    five_lines: list[Entry], monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(chain, "CHUNK", 2)
    stretches = chain.stretches()
    assert iter(stretches) is stretches
    with django_assert_max_num_queries(2):
        assert chain.verify().entries == 5
