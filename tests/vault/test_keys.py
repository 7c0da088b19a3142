import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import override_settings

from tests.factories.vault import DataKeyFactory
from yimei.core.errors import RuleBroken
from yimei.vault import blind, ciphers, keys, masters
from yimei.vault.enums import Algorithm
from yimei.vault.models import DataKey, SystemKey

NOW = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.delenv(masters.VARIABLE, raising=False)
    with override_settings(KEYS_DIR=tmp_path):
        yield tmp_path


def vault(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("vault", "--json", *arguments, stdout=out)
    return dict(json.loads(out.getvalue()))


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_key_is_kept_wrapped_and_bound_to_its_row(algorithm: Algorithm) -> None:
    with override_settings(VAULT_ALGORITHM=algorithm.value):
        key, other = DataKeyFactory(), DataKeyFactory()
    secret = keys.secret_of(key)
    assert len(secret) == ciphers.KEY_SIZE[algorithm]
    assert secret not in bytes(DataKey.objects.get(pk=key.pk).wrapped or b"")
    key.wrapped = other.wrapped
    with pytest.raises(ciphers.TamperedError):
        keys.secret_of(key)


def test_a_destroyed_key_is_gone_for_ever_and_keeps_its_date() -> None:
    key = DataKeyFactory()
    keys.destroy(key, at=NOW)
    keys.destroy(key, at=datetime(2027, 1, 1, tzinfo=UTC))
    assert key.is_destroyed
    assert (key.wrapped, key.destroyed_at) == (None, NOW)
    with pytest.raises(keys.KeyDestroyed, match="已按要求删除"):
        keys.secret_of(key)


def test_a_key_is_either_live_or_dated_as_destroyed() -> None:
    key = DataKeyFactory()
    for change in ({"wrapped": None}, {"destroyed_at": NOW}, {"algorithm": "ROT13"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            DataKey.objects.filter(pk=key.pk).update(**change)


def test_a_house_with_keys_never_makes_a_second_first_master(folder: Path) -> None:
    DataKeyFactory()
    (folder / "master").unlink()
    with pytest.raises(masters.MasterKeyError, match="没有主密钥"):
        DataKeyFactory()
    assert not (folder / "master").exists()


def test_rotation_wraps_every_key_anew_and_changes_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "BATCH", 3)
    made = [DataKeyFactory() for _ in range(7)]
    secrets = [keys.secret_of(key) for key in made]
    keys.destroy(made[0], at=NOW)
    token = blind.token("phone", "+8613800000000")
    old = masters.ring().active.id

    assert vault("rotate")["rewrapped"] == 7
    keys.forget_system_secrets()
    assert not DataKey.objects.exclude(wrapped=None).filter(master_id=old).exists()
    assert [keys.secret_of(DataKey.objects.get(pk=key.pk)) for key in made[1:]] == secrets[1:]
    assert blind.token("phone", "+8613800000000") == token

    vault("rotate", "--forget-old")
    assert len(masters.ring().masters) == 1
    assert keys.secret_of(DataKey.objects.get(pk=made[1].pk)) == secrets[1]


def test_an_interrupted_rotation_is_finished_and_not_begun_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "BATCH", 2)
    for _ in range(5):
        DataKeyFactory()

    def cut(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keys.rotate_master(progress=cut)
    assert vault("status")["to_rewrap"] == 3
    with pytest.raises(RuleBroken, match="先执行轮换"):
        keys.forget_old_masters()
    assert vault("rotate") == {**vault("status"), "rewrapped": 3}
    assert vault("status")["masters"] == 2


def test_a_master_from_the_environment_is_rotated_by_putting_a_new_one_in_front(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a, b = (base64.b64encode(letter * 32).decode() for letter in (b"a", b"b"))
    monkeypatch.setenv(masters.VARIABLE, a)
    secret = keys.secret_of(key := DataKeyFactory())
    monkeypatch.setenv(masters.VARIABLE, f"{b},{a}")
    assert keys.rotate_master() == 1
    monkeypatch.setenv(masters.VARIABLE, b)
    key.refresh_from_db()
    assert keys.secret_of(key) == secret
    assert keys.rotate_master() == 0


def test_a_lost_master_is_named(folder: Path) -> None:
    key = DataKeyFactory()
    (folder / "master").unlink()
    masters.create()
    with pytest.raises(masters.MasterKeyError, match=key.master_id):
        keys.secret_of(key)
    with pytest.raises(CommandError, match=key.master_id):
        vault("rotate")


def test_status_counts_without_opening() -> None:
    keys.destroy(DataKeyFactory(), at=NOW)
    DataKeyFactory()
    report = vault("status")
    assert (report["keys"], report["destroyed"], report["to_rewrap"], report["masters"]) == (1, 1, 0, 1)
    out = StringIO()
    call_command("vault", "status", stdout=out)
    assert "destroyed=1" in out.getvalue()


def test_a_token_tells_kinds_apart_and_hides_the_value() -> None:
    token = blind.token("phone", "1380000")
    assert len(token) == blind.SIZE
    assert token == blind.token("phone", "1380000")
    assert token != blind.token("name", "1380000")
    assert token != blind.token("phone", "1380001")


def test_a_system_key_that_was_rolled_back_is_not_remembered() -> None:
    lost: list[bytes] = []

    @transaction.atomic
    def act() -> None:
        lost.append(blind.token("phone", "1"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()
    assert not SystemKey.objects.exists()
    assert blind.token("phone", "1") not in lost


@pytest.mark.django_db(transaction=True)
def test_a_committed_system_key_is_asked_for_once(django_assert_num_queries: Any) -> None:
    token = blind.token("phone", "1")
    with django_assert_num_queries(0):
        assert blind.token("phone", "1") == token
