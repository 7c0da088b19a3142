"""Keys of persons and of the house: made, opened, destroyed, re-wrapped."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.vault import ciphers, masters
from yimei.vault.enums import Algorithm
from yimei.vault.models import DataKey, SystemKey

BATCH = 500

_system: dict[str, tuple[str, bytes]] = {}


class KeyDestroyed(RuleBroken):
    """The person's key is gone, and with it all that it opened."""

    def __init__(self) -> None:
        super().__init__(_("该资料已按要求删除，无法再读取或修改。"), code="erased")


def new_key() -> DataKey:
    """Make and save the key of one person."""
    key = DataKey(algorithm=_chosen())
    master = _ring().active
    key.master_id = master.id
    key.wrapped = _wrap(master, key.algorithm, os.urandom(_size(key.algorithm)), bound_to=key.public_id.bytes)
    key.save(force_insert=True)
    return key


def secret_of(key: DataKey) -> bytes:
    """Open a person's key; never keep the result longer than one use."""
    if key.wrapped is None:
        raise KeyDestroyed
    return _unwrap(key.master_id, key.algorithm, key.wrapped, bound_to=key.public_id.bytes)


def destroy(key: DataKey, *, at: datetime) -> None:
    """Forget the key for ever; destroying it twice keeps the first time."""
    DataKey.objects.filter(pk=key.pk, destroyed_at=None).update(wrapped=None, destroyed_at=at)
    key.refresh_from_db()


def system_secret(name: str) -> tuple[str, bytes]:
    """Return algorithm and bytes of a key of the house, made at its first use.

    Remembered only once its row is committed: a token of a key that was rolled back would never match again.
    """
    if known := _system.get(name):
        return known
    row = SystemKey.objects.filter(name=name).first() or _new_system_key(name)
    found = row.algorithm, _unwrap(row.master_id, row.algorithm, row.wrapped, bound_to=name.encode())
    if connection.in_atomic_block:
        transaction.on_commit(lambda: _system.update({name: found}))
    else:
        _system[name] = found
    return found


def forget_system_secrets() -> None:
    """Read the keys of the house afresh at their next use (another database, or tests)."""
    _system.clear()


@contextmanager
def keys_of_another_house() -> Iterator[None]:
    """Read the keys of another database meanwhile, and know one's own again afterwards."""
    own = dict(_system)
    _system.clear()
    try:
        yield
    finally:
        _system.clear()
        _system.update(own)


def rotate_master(*, progress: Callable[[int], None] = lambda done: None) -> int:
    """Wrap every key by a new master and return how many; an interrupted rotation is finished first."""
    if not masters.is_from_environment() and not stale_count():
        masters.add()
    done = 0
    while batch := _rewrap_batch():
        done += batch
        progress(done)
    return done


def forget_old_masters() -> None:
    """Drop the masters that wrap nothing any more; older backups cannot be opened after this."""
    if stale_count():
        raise RuleBroken(_("还有密钥由旧的主密钥保护，请先执行轮换。"))
    masters.keep_only_active()


def stale_count() -> int:
    """How many keys an older master still wraps."""
    active = _ring().active.id
    persons = DataKey.objects.exclude(wrapped=None).exclude(master_id=active)
    return persons.count() + SystemKey.objects.exclude(master_id=active).count()


@transaction.atomic
def _rewrap_batch() -> int:
    master = _ring().active
    persons = DataKey.objects.select_for_update().exclude(wrapped=None).exclude(master_id=master.id)
    keys = list(persons.order_by("pk")[:BATCH])
    for key in keys:
        secret = secret_of(key)
        key.master_id = master.id
        key.wrapped = _wrap(master, key.algorithm, secret, bound_to=key.public_id.bytes)
    DataKey.objects.bulk_update(keys, ["master_id", "wrapped"])
    house = list(SystemKey.objects.select_for_update().exclude(master_id=master.id)) if not keys else []
    for row in house:
        bound_to = row.name.encode()
        secret = _unwrap(row.master_id, row.algorithm, row.wrapped, bound_to=bound_to)
        row.master_id = master.id
        row.wrapped = _wrap(master, row.algorithm, secret, bound_to=bound_to)
        row.save(update_fields=["master_id", "wrapped"])
    return len(keys) + len(house)


def _new_system_key(name: str) -> SystemKey:
    algorithm = _chosen()
    master = _ring().active
    wrapped = _wrap(master, algorithm, os.urandom(_size(algorithm)), bound_to=name.encode())
    row, _created = SystemKey.objects.get_or_create(
        name=name, defaults={"algorithm": algorithm, "master_id": master.id, "wrapped": wrapped}
    )
    return row


def _ring() -> masters.Ring:
    """Return the masters, making the first one for a house that has no keys yet."""
    if not masters.exists() and not DataKey.objects.exists() and not SystemKey.objects.exists():
        return masters.create()
    return masters.ring()


def _chosen() -> Algorithm:
    return Algorithm(settings.VAULT_ALGORITHM)


def _size(algorithm: str) -> int:
    return ciphers.KEY_SIZE[Algorithm(algorithm)]


@lru_cache(maxsize=8)
def _wrapping_key(master: masters.Master, algorithm: str) -> bytes:
    return ciphers.mac(algorithm, master.secret, b"wrap\0" + algorithm.encode())[: _size(algorithm)]


def _wrap(master: masters.Master, algorithm: str, secret: bytes, *, bound_to: bytes) -> bytes:
    return ciphers.seal(algorithm, _wrapping_key(master, algorithm), secret, aad=b"key\0" + bound_to)


def _unwrap(master_id: str, algorithm: str, wrapped: bytes | memoryview, *, bound_to: bytes) -> bytes:
    wrapping_key = _wrapping_key(masters.ring().find(master_id), algorithm)
    return ciphers.unseal(algorithm, wrapping_key, bytes(wrapped), aad=b"key\0" + bound_to)
