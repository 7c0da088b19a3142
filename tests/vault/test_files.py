import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import override_settings

from tests.factories.vault import DataKeyFactory, StoredFileFactory
from yimei.core.errors import NotFound, RuleBroken
from yimei.vault import files, keys
from yimei.vault.ciphers import TamperedError
from yimei.vault.models import StoredFile

DATA = "手术同意书 signed".encode() * 100

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("algorithm", ["AES-256-GCM", "SM4-GCM"])
def test_a_file_comes_back_and_lies_encrypted_under_a_name_that_says_nothing(algorithm: str) -> None:
    with override_settings(VAULT_ALGORITHM=algorithm):
        file = StoredFileFactory(data=DATA, name_hint="林晓雨.pdf")
    stored = StoredFile.objects.get()
    assert stored.read() == DATA
    assert (stored.size, stored.content_type) == (len(DATA), "application/pdf")
    assert stored.sha256 == hashlib.sha256(DATA).hexdigest()
    assert stored.path.name == str(file.public_id)
    assert stored.path.stat().st_mode & 0o077 == 0
    assert "手术".encode() not in stored.path.read_bytes()
    assert [part.name for part in stored.path.parent.iterdir() if part.name.startswith(".")] == []


def test_a_destroyed_key_takes_the_file_along() -> None:
    file = StoredFileFactory()
    keys.destroy(file.key, at=datetime(2026, 6, 16, tzinfo=UTC))
    with pytest.raises(keys.KeyDestroyed):
        StoredFile.objects.get().read()


@pytest.mark.parametrize("damage", ["flip", "cut", "foreign", "swap"])
def test_a_damaged_or_exchanged_file_is_not_read(damage: str) -> None:
    key = DataKeyFactory()
    file, other = StoredFileFactory(key=key), StoredFileFactory(key=key, data=b"other")
    content = bytearray(file.path.read_bytes())
    content[-1] ^= 1
    damaged = {"flip": bytes(content), "cut": b"", "foreign": b"%PDF-1.7", "swap": other.path.read_bytes()}[
        damage
    ]
    file.path.write_bytes(damaged)
    with pytest.raises(TamperedError):
        file.read()


def test_a_row_that_claims_another_digest_is_noticed() -> None:
    file = StoredFileFactory()
    file.sha256 = "0" * 64
    with pytest.raises(TamperedError, match="row"):
        file.read()


def test_a_missing_file_is_said() -> None:
    file = StoredFileFactory()
    file.path.unlink()
    with pytest.raises(NotFound, match="备份"):
        file.read()


def test_too_large_is_refused_and_a_failed_write_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key = DataKeyFactory()
    with pytest.raises(RuleBroken, match="超过 1 MB"):
        files.store(b"x" * (1024 * 1024 + 1), key=key, most=1024 * 1024)
    monkeypatch.setattr(files, "MAX_SIZE", 3)
    with pytest.raises(RuleBroken, match="超过 0 MB"):
        files.store(b"four", key=key)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with override_settings(FILES_DIR=tmp_path), pytest.raises(OSError, match="No space"):
        files.store(b"one", key=key)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert not StoredFile.objects.exists()
