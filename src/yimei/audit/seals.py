"""What closes a stretch of the log: the root over its lines, tied to the stretch before, under our key."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial

from yimei.audit.models import Seal
from yimei.vault import ciphers
from yimei.vault.enums import Algorithm
from yimei.vault.keys import system_secret

LEAF, NODE = b"\0", b"\1"
"""A leaf can never be taken for a node (RFC 6962)."""


WIDTH = 4096
"""Leaves to a subtree that is folded at once: a power of two, so that the whole tree stays the same."""


class Tree:
    """The root over a stretch, grown as its lines are read; holds one subtree, not all the leaves."""

    def __init__(self, algorithm: str) -> None:
        self._digest = _sha256 if algorithm == Algorithm.AES else partial(ciphers.digest, algorithm)
        self._leaves: list[bytes] = []
        self._whole: list[bytes] = []

    def add(self, hashes: Iterable[str]) -> None:
        digest, leaves = self._digest, self._leaves
        leaves += [digest(LEAF + bytes.fromhex(one)) for one in hashes]
        while len(leaves) >= WIDTH:
            self._whole.append(self._fold(leaves[:WIDTH]))
            del leaves[:WIDTH]

    def root(self) -> str:
        rest = [self._fold(self._leaves)] if self._leaves else []
        return self._fold([*self._whole, *rest]).hex()

    def _fold(self, level: list[bytes]) -> bytes:
        """Pair by pair up to one; a node without a neighbour rises as it is."""
        digest = self._digest
        while len(level) > 1:
            pairs = zip(level[::2], level[1::2], strict=False)
            level = [digest(NODE + left + right) for left, right in pairs] + (
                level[-1:] if len(level) % 2 else []
            )
        return level[0]


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def sign(seal: Seal, previous: Seal | None) -> str:
    """Return the mac of a seal; without the key of the house nobody makes another."""
    _algorithm, secret = system_secret("audit-seal")
    return ciphers.mac(seal.algorithm, secret, _said(seal, previous)).hex()


def is_genuine(seal: Seal, previous: Seal | None) -> bool:
    """Whether this seal follows that one and was made with our key."""
    follows = seal.number == (previous.number + 1 if previous else 1)
    if not follows or seal.algorithm not in Algorithm.values:
        return False
    return hmac.compare_digest(seal.mac.encode(), sign(seal, previous).encode())


def _said(seal: Seal, previous: Seal | None) -> bytes:
    words = (
        seal.number,
        seal.first,
        seal.last,
        seal.root,
        previous.mac if previous else "",
        _instant(seal.at),
    )
    return "|".join(str(word) for word in words).encode()


def _instant(at: datetime | None) -> str:
    """A seal without a time was not made by us; it has no word for it, and so no signature."""
    return "" if at is None else at.astimezone(UTC).isoformat(timespec="microseconds")
