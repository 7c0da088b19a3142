"""Encrypted files on disk, whole or not at all."""

import hashlib
import io
import mimetypes
import os
import tempfile
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from django.utils.translation import gettext as _

from yimei.core.errors import NotFound, RuleBroken
from yimei.vault import ciphers, keys
from yimei.vault.models import DataKey, StoredFile

HEADER = b"YMF1"
"""Format and version; nonce, ciphertext and tag follow."""
MAX_SIZE = 50 * 1024 * 1024


def store(
    data: bytes, *, key: DataKey, name_hint: str = "", content_type: str = "", most: int | None = None
) -> StoredFile:
    """Encrypt the bytes under a person's key and keep them; the hint only tells the content type."""
    limit = MAX_SIZE if most is None else most
    if len(data) > limit:
        words = {"most": limit // 1024 // 1024}
        raise RuleBroken(_("文件超过 %(most)d MB，请压缩后再上传。") % words, code="file_size")
    file = StoredFile(
        key=key,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        content_type=content_type or mimetypes.guess_type(name_hint)[0] or "application/octet-stream",
        algorithm=key.algorithm,
    )
    sealed = ciphers.seal(file.algorithm, keys.secret_of(key), data, aad=_aad(file))
    _write(file.path, HEADER + sealed)
    file.save(force_insert=True)
    return file


def read(file: StoredFile) -> bytes:
    secret = keys.secret_of(file.key)
    try:
        content = file.path.read_bytes()
    except FileNotFoundError:
        raise NotFound(_("文件不在磁盘上，请从备份恢复。")) from None
    if not content.startswith(HEADER):
        raise ciphers.TamperedError("unknown file format")
    data = ciphers.unseal(file.algorithm, secret, content[len(HEADER) :], aad=_aad(file))
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise ciphers.TamperedError("file does not match its row")
    return data


def _aad(file: StoredFile) -> bytes:
    return f"{StoredFile._meta.db_table}|bytes|{file.public_id}".encode()


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as output:
            output.write(content)
            output.flush()
            os.fsync(output.fileno())
        os.replace(temporary, target)
    finally:
        Path(temporary).unlink(missing_ok=True)
    directory = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


BLOCK = 16


class Passing(io.RawIOBase):
    """A file that lies on disk for one request only: without a name, under a key that nothing else holds.

    Written once from its beginning, then read wherever. What a crash leaves behind nobody can read.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed with this one
        self._key, self._nonce = os.urandom(32), os.urandom(BLOCK)
        self._cipher = self._at_block(0)
        self._place = 0

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: os.fstat(self._file.fileno()).st_size}
        self._place = max(start[whence] + offset, 0)
        self._file.seek(self._place)
        self._cipher = self._at_block(self._place // BLOCK)
        self._cipher.update(bytes(self._place % BLOCK))
        return self._place

    def write(self, data: Any) -> int:
        sealed = self._cipher.update(bytes(data))
        written = 0
        while written < len(sealed):
            written += self._file.write(sealed[written:])
        self._place += written
        return written

    def readinto(self, buffer: Any) -> int:
        found = self._file.read(len(buffer)) or b""
        buffer[: len(found)] = self._cipher.update(found)
        self._place += len(found)
        return len(found)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _at_block(self, number: int) -> Any:
        count = (int.from_bytes(self._nonce, "big") + number) % (1 << 8 * BLOCK)
        return Cipher(AES(self._key), CTR(count.to_bytes(BLOCK, "big"))).encryptor()
