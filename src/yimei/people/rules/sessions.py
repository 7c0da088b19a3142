"""How long a sign-in lasts, and when trying again must wait."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

TRIES = 5
TRIES_PER_ADDRESS = 30
WINDOW = timedelta(minutes=15)
LOCK = timedelta(minutes=15)
SEEN_EVERY = timedelta(minutes=1)


def end_reason(
    started_at: datetime, seen_at: datetime, now: datetime, idle: timedelta, absolute: timedelta
) -> str:
    """Return why a session is over, or nothing while it lives."""
    if now - started_at >= absolute:
        return "absolute"
    return "idle" if now - seen_at >= idle else ""


def is_alive(
    started_at: datetime, seen_at: datetime, now: datetime, idle: timedelta, absolute: timedelta
) -> bool:
    return not end_reason(started_at, seen_at, now, idle, absolute)


def locked_until(failures: Sequence[datetime], now: datetime, *, tries: int = TRIES) -> datetime | None:
    """Return until when signing in is refused: ``tries`` failures within the window lock for a while.

    ``failures`` are the newest first, since the last success; nothing is recorded while locked.
    """
    if len(failures) < tries or failures[0] - failures[tries - 1] >= WINDOW:
        return None
    until = failures[0] + LOCK
    return until if now < until else None


def tries_left(failures: Sequence[datetime], now: datetime) -> int:
    """Return how many more failures are allowed before the lock."""
    recent = [at for at in failures if now - at < WINDOW]
    return max(TRIES - len(recent), 0)


def key_hash(session_key: str) -> str:
    """What is kept of the secret string in the browser's session."""
    return hashlib.sha256(session_key.encode()).hexdigest()
