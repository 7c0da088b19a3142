"""How urgent something is."""

from datetime import datetime, timedelta

SOON = timedelta(minutes=15)


def tone(due_at: datetime, now: datetime) -> str:
    """Red when late, amber when it is about to be, else nothing."""
    if due_at < now:
        return "danger"
    return "warn" if due_at - now <= SOON else ""
