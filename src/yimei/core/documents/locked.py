"""A zip that opens with a password in any archiver: WinZip's AES-256 (AE-2), one file inside."""

import hashlib
import hmac
import os
import struct
import zlib
from datetime import datetime

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

SALT, KEY, CHECK, TAG = 16, 32, 2, 10
ROUNDS = 1000
"""Fixed by the format; the password must therefore be long and made by us."""
BLOCK = 16
METHOD, DEFLATED, NEEDS = 99, 8, 51
FLAGS = 0x1 | 0x800
"""Encrypted, and the name is UTF-8."""


def lock(data: bytes, *, name: str, password: str, at: datetime) -> bytes:
    """Return a zip whose one file opens with this password."""
    salt = os.urandom(SALT)
    key, mac_key, check = _keys(password, salt)
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    hidden = _stream(key, packer.compress(data) + packer.flush())
    tag = hmac.new(mac_key, hidden, hashlib.sha1).digest()[:TAG]
    body = salt + check + hidden + tag
    named = name.encode()
    extra = struct.pack("<HHH2sBH", 0x9901, 7, 2, b"AE", 3, DEFLATED)
    day = ((at.year - 1980) << 9) | (at.month << 5) | at.day
    clock = (at.hour << 11) | (at.minute << 5) | (at.second // 2)
    common = struct.pack(
        "<HHHHHIIIHH", NEEDS, FLAGS, METHOD, clock, day, 0, len(body), len(data), len(named), len(extra)
    )
    local = b"PK\3\4" + common + named + extra
    central = (
        b"PK\1\2" + struct.pack("<H", NEEDS) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + named + extra
    )
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local) + len(body), 0)
    return local + body + central + end


def unlock(archive: bytes, password: str) -> bytes:
    """Return what a zip of ours holds, or raise ValueError: wrong password, or changed since."""
    lengths = struct.unpack_from("<IIHH", archive, 18)
    packed, _size, named, extra = lengths
    start = 30 + named + extra
    body = archive[start : start + packed]
    salt, check, hidden, tag = body[:SALT], body[SALT : SALT + CHECK], body[SALT + CHECK : -TAG], body[-TAG:]
    key, mac_key, expected = _keys(password, salt)
    right = hmac.new(mac_key, hidden, hashlib.sha1).digest()[:TAG]
    if check != expected or not hmac.compare_digest(tag, right):
        raise ValueError("wrong password or changed content")
    return zlib.decompress(_stream(key, hidden), -15)


def _keys(password: str, salt: bytes) -> tuple[bytes, bytes, bytes]:
    made = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, ROUNDS, KEY * 2 + CHECK)
    return made[:KEY], made[KEY : KEY * 2], made[KEY * 2 :]


def _stream(key: bytes, data: bytes) -> bytes:
    """Counter mode as the format wants it: the counter runs from 1, its low byte first."""
    blocks = -(-len(data) // BLOCK)
    counters = b"".join(number.to_bytes(BLOCK, "little") for number in range(1, blocks + 1))
    cipher = Cipher(AES(key), ECB()).encryptor()
    keystream = (cipher.update(counters) + cipher.finalize())[: len(data)]
    mixed = int.from_bytes(data, "big") ^ int.from_bytes(keystream, "big")
    return mixed.to_bytes(len(data), "big")
