import base64
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from yimei.vault import masters

A, B = (base64.b64encode(letter * 32).decode() for letter in (b"a", b"b"))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.delenv(masters.VARIABLE, raising=False)
    with override_settings(KEYS_DIR=tmp_path / "keys"):
        yield tmp_path / "keys"


def test_a_new_master_is_readable_by_its_owner_alone(folder: Path) -> None:
    ring = masters.create()
    assert stat.S_IMODE((folder / "master").stat().st_mode) == 0o600
    assert len(ring.active.secret) == 32
    assert masters.create() == ring, "a second process must take the first one's master"
    assert [file.name for file in folder.iterdir()] == ["master"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_others_can_read_is_refused_with_the_remedy(folder: Path, mode: int) -> None:
    masters.create()
    (folder / "master").chmod(mode)
    with pytest.raises(masters.MasterKeyError, match="chmod 600"):
        masters.ring()


def test_a_missing_master_is_said(folder: Path) -> None:
    with pytest.raises(masters.MasterKeyError, match="没有主密钥"):
        masters.ring()
    assert not masters.exists()


@pytest.mark.parametrize("text", ["", "not base64!", base64.b64encode(b"short").decode()])
def test_what_is_no_key_is_refused(folder: Path, text: str) -> None:
    folder.mkdir()
    (folder / "master").write_text(text)
    (folder / "master").chmod(0o600)
    with pytest.raises(masters.MasterKeyError, match="主密钥"):
        masters.ring()


def test_a_rotation_is_seen_without_a_restart(folder: Path) -> None:
    old = masters.create().active
    ring = masters.add()
    assert masters.ring() == ring
    assert ring.active != old
    assert ring.find(old.id) == old
    assert masters.keep_only_active().masters == (ring.active,)
    with pytest.raises(masters.MasterKeyError, match=old.id):
        masters.ring().find(old.id)


def test_the_environment_goes_first_and_is_never_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(masters.VARIABLE, f"{A},{B}")
    assert [master.secret for master in masters.ring().masters] == [b"a" * 32, b"b" * 32]
    with pytest.raises(masters.MasterKeyError, match="环境变量"):
        masters.add()
    assert not folder.exists()


def test_a_master_does_not_show_itself() -> None:
    shown = repr(masters._parse(A, "test"))
    assert A not in shown
    assert "aaaa" not in shown
