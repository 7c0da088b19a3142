"""Asks the worker for a mart."""

from datetime import datetime

from django.db import transaction

from yimei.core import jobs


def refresh(cause: str, *, now: datetime) -> None:
    """Have the mart follow at once when what it holds was taken in, or taken back; once per cause."""
    jobs.enqueue("insight.mart.build", {}, key=f"insight.mart.build:{cause}:{now.isoformat()}")


@transaction.atomic
def ask_for_mart(*, now: datetime) -> None:
    """Ask once a minute at most, however many readers wait."""
    jobs.enqueue("insight.mart.build", {}, key=f"insight.mart.first:{now:%Y%m%d%H%M}")
