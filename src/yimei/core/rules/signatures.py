"""What an outside program signs: HMAC-SHA256 over the moment and the raw body, compared in constant time."""

import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256

FRESH = timedelta(minutes=5)
"""How far the two clocks may differ; what is older may have been recorded by somebody and sent again."""


def sign(secret: str, body: bytes, *, at: str) -> str:
    return hmac.new(secret.encode(), at.encode() + b"." + body, sha256).hexdigest()


def is_signed(secret: str, body: bytes, *, at: str, signature: str, now: datetime) -> bool:
    """Whether this body was signed with the secret just now; no secret means no."""
    if not secret or not at.isascii() or not at.isdigit() or len(at) > 12:
        return False
    if abs(now - datetime.fromtimestamp(int(at), UTC)) > FRESH:
        return False
    return hmac.compare_digest(sign(secret, body, at=at).encode(), signature.encode())
