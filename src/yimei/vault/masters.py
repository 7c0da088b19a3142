"""The master keys, kept outside the database: one active, older ones only to read with."""

import base64
import binascii
import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

VARIABLE = "YIMEI_MASTER_KEY"
SIZE = 32


class MasterKeyError(ImproperlyConfigured):
    """The master key is missing, readable by others, or not a key; the sentence says what to do."""


@dataclass(frozen=True)
class Master:
    id: str
    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: bytes) -> "Master":
        return cls(hashlib.sha256(b"yimei master id\0" + secret).hexdigest()[:16], secret)


@dataclass(frozen=True)
class Ring:
    masters: tuple[Master, ...]

    @property
    def active(self) -> Master:
        return self.masters[0]

    def find(self, master_id: str) -> Master:
        for master in self.masters:
            if master.id == master_id:
                return master
        text = _("缺少主密钥 %(id)s：请把它放回 %(path)s 或环境变量 %(variable)s，否则资料无法读取。")
        raise MasterKeyError(text % {"id": master_id, "path": path(), "variable": VARIABLE})


def path() -> Path:
    return Path(settings.KEYS_DIR) / "master"


def is_from_environment() -> bool:
    return bool(os.environ.get(VARIABLE))


def ring() -> Ring:
    """Return the masters as they are now, so that a rotation is seen without a restart."""
    if given := os.environ.get(VARIABLE):
        return _parse(given, VARIABLE)
    try:  # without a Path: this is asked for each value that is opened
        found = os.stat(place := os.path.join(settings.KEYS_DIR, "master"))
    except FileNotFoundError:
        text = _("没有主密钥：%(path)s 不存在，也没有环境变量 %(variable)s。")
        raise MasterKeyError(text % {"path": path(), "variable": VARIABLE}) from None
    if mode := stat.S_IMODE(found.st_mode) & 0o077:
        text = _("主密钥文件 %(path)s 可被其他用户读取（权限多出 %(mode)04o），请先执行：chmod 600 %(path)s")
        raise MasterKeyError(text % {"path": path(), "mode": mode})
    return _read(place, found.st_mtime_ns, found.st_ino)


def exists() -> bool:
    return is_from_environment() or path().exists()


def create() -> Ring:
    """Make the first master, unless another process was quicker."""
    _write([os.urandom(SIZE)], replace=False)
    return ring()


def add() -> Ring:
    """Make a new active master in front of the others."""
    if is_from_environment():
        text = _("主密钥来自环境变量 %(variable)s：请把新密钥写在最前面、旧密钥用逗号跟在后面，再执行轮换。")
        raise MasterKeyError(text % {"variable": VARIABLE})
    _write([os.urandom(SIZE), *(master.secret for master in ring().masters)], replace=True)
    return ring()


def keep_only_active() -> Ring:
    """Forget the older masters; whatever is still wrapped by them is lost for ever."""
    _write([ring().active.secret], replace=True)
    return ring()


@lru_cache(maxsize=4)
def _read(name: str, _mtime: int, _inode: int) -> Ring:
    return _parse(Path(name).read_text(encoding="ascii"), name)


@lru_cache(maxsize=4)
def _parse(text: str, source: str) -> Ring:
    masters = []
    for word in text.replace(",", " ").split():
        try:
            secret = base64.b64decode(word, validate=True)
        except binascii.Error:
            secret = b""
        if len(secret) != SIZE:
            message = _("%(source)s 里的主密钥应是 32 字节的 base64，可用 openssl rand -base64 32 生成。")
            raise MasterKeyError(message % {"source": source})
        masters.append(Master.of(secret))
    if not masters:
        raise MasterKeyError(_("%(source)s 是空的，没有主密钥。") % {"source": source})
    return Ring(tuple(masters))


def _write(secrets: list[bytes], *, replace: bool) -> None:
    target = path()
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".master-")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.writelines(base64.b64encode(secret).decode() + "\n" for secret in secrets)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            os.replace(temporary, target)
        else:
            try:
                os.link(temporary, target)
            except FileExistsError:
                return
    finally:
        Path(temporary).unlink(missing_ok=True)
