"""The two families of algorithms a site may choose: international, or commercial (商用密码) for 密评."""

import hashlib
import os
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM

from yimei.vault.enums import Algorithm

NONCE = 12
TAG = 16
BLOCK = 64
"""What SHA-256 reads at a time."""
KEY_SIZE = {Algorithm.AES: 32, Algorithm.SM4: 16}


class TamperedError(Exception):
    """The ciphertext was changed, moved to another place, or belongs to another key."""


def seal(algorithm: str, key: bytes, plaintext: bytes, *, aad: bytes) -> bytes:
    """Return nonce, ciphertext and tag."""
    nonce = os.urandom(NONCE)
    if algorithm == Algorithm.SM4:
        cipher = Cipher(SM4(key), GCM(nonce)).encryptor()
        cipher.authenticate_additional_data(aad)
        return nonce + cipher.update(plaintext) + cipher.finalize() + cipher.tag
    return nonce + AESGCM(key).encrypt(nonce, plaintext, aad)


def unseal(algorithm: str, key: bytes, sealed: bytes, *, aad: bytes) -> bytes:
    nonce = sealed[:NONCE]
    try:
        if algorithm == Algorithm.SM4:
            cipher = Cipher(SM4(key), GCM(nonce, sealed[-TAG:])).decryptor()
            cipher.authenticate_additional_data(aad)
            return cipher.update(sealed[NONCE:-TAG]) + cipher.finalize()
        return AESGCM(key).decrypt(nonce, sealed[NONCE:], aad)
    except (InvalidTag, ValueError):
        raise TamperedError("ciphertext does not open with this key in this place") from None


def mac(algorithm: str, key: bytes, data: bytes) -> bytes:
    """HMAC with SHA-256, or with SM3 beside SM4; 32 bytes."""
    keyed = hmac.HMAC(key, hashes.SM3() if algorithm == Algorithm.SM4 else hashes.SHA256())
    keyed.update(data)
    return keyed.finalize()


def macs(algorithm: str, key: bytes, data: Iterable[bytes]) -> list[bytes]:
    """The same for very many: written out as RFC 2104 says, for asking the library costs twice as much."""
    if algorithm == Algorithm.SM4:
        return [mac(algorithm, key, one) for one in data]
    block = (key if len(key) <= BLOCK else hashlib.sha256(key).digest()).ljust(BLOCK, b"\0")
    inner, outer = bytes(one ^ 0x36 for one in block), bytes(one ^ 0x5C for one in block)
    sha256 = hashlib.sha256
    return [sha256(outer + sha256(inner + one).digest()).digest() for one in data]


def digest(algorithm: str, data: bytes) -> bytes:
    plain = hashes.Hash(hashes.SM3() if algorithm == Algorithm.SM4 else hashes.SHA256())
    plain.update(data)
    return plain.finalize()
