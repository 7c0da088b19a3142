"""What closes a stretch of the log: the root over its lines, tied to the stretch before, under our key."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime

from yimei.audit.models import Seal
from yimei.vault import ciphers
from yimei.vault.enums import Algorithm
from yimei.vault.keys import system_secret

LEAF, NODE = b"\0", b"\1"
"""A leaf can never be taken for a node (RFC 6962)."""


def root_of(algorithm: str, hashes: Sequence[bytes]) -> str:
    """Return the root of the tree over these hashes; a node without a neighbour rises as it is."""
    digest = _sha256 if algorithm == Algorithm.AES else lambda data: ciphers.digest(algorithm, data)
    level = [digest(LEAF + one) for one in hashes]
    while len(level) > 1:
        pairs = [digest(NODE + level[at] + level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0].hex()


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def sign(seal: Seal, previous: Seal | None) -> str:
    """Return the mac of a seal; without the key of the house nobody makes another."""
    _algorithm, secret = system_secret("audit-seal")
    return ciphers.mac(seal.algorithm, secret, _said(seal, previous)).hex()


def is_genuine(seal: Seal, previous: Seal | None) -> bool:
    """Whether this seal follows that one and was made with our key."""
    follows = seal.number == (previous.number + 1 if previous else 1)
    return follows and hmac.compare_digest(seal.mac, sign(seal, previous))


def _said(seal: Seal, previous: Seal | None) -> bytes:
    at: datetime = seal.at
    words = (seal.number, seal.first, seal.last, seal.root, previous.mac if previous else "", _instant(at))
    return "|".join(str(word) for word in words).encode()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
