"""Keyed fingerprints that find a row by an exact value without keeping the value."""

from collections.abc import Iterable

from yimei.vault import ciphers
from yimei.vault.keys import system_secret

SIZE = 16


def token(kind: str, value: str) -> bytes:
    """Return the fingerprint of a value; the same value of another kind gives another one."""
    algorithm, secret = system_secret("blind-index")
    return ciphers.mac(algorithm, secret, kind.encode() + b"\0" + value.encode())[:SIZE]


def tokens(kind: str, values: Iterable[str]) -> list[bytes]:
    """The fingerprints of very many values."""
    algorithm, secret = system_secret("blind-index")
    prefix = kind.encode() + b"\0"
    found = ciphers.macs(algorithm, secret, (prefix + value.encode() for value in values))
    return [one[:SIZE] for one in found]
