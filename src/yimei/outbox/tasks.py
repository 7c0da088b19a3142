"""What the queue calls: each reads the clock and calls one action."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from yimei.core import jobs
from yimei.outbox.actions import batches, codes, notifications, retention

jobs.every("yimei.outbox.release_held", "yimei.outbox.tasks.release_held", minutes=5)
jobs.every("yimei.outbox.forget_old", "yimei.outbox.tasks.forget_old", cron="50 2 * * *")
jobs.every("yimei.outbox.forget_codes", "yimei.outbox.tasks.forget_codes", cron="25 3 * * *")


FRESH = 5
"""Messages of one look at consents and the rest: a withdrawal stops all but those of the same moment."""


@jobs.handler("outbox.deliver_enquiry", atomic=False)
@jobs.handler("outbox.deliver", atomic=False)
def deliver(payload: Mapping[str, Any]) -> None:
    """Call the channel for one message, or for a handful; what another worker began is not sent again.

    The other name, and one message alone, are of jobs that an older version left in the queue.
    """
    ids = [UUID(one) for one in payload.get("messages", [payload.get("message")])]
    for start in range(0, len(ids), FRESH):
        batches.deliver_some(ids[start : start + FRESH], now=timezone.now())


@jobs.handler("outbox.deliver_code", atomic=False)
def deliver_code(payload: Mapping[str, Any]) -> None:
    codes.deliver(UUID(payload["message"]), now=timezone.now())


@jobs.handler("outbox.mail", atomic=False)
def mail(payload: Mapping[str, Any]) -> None:
    notifications.mail(UUID(payload["notification"]), now=timezone.now())


def release_held() -> int:
    return batches.release_held(now=timezone.now())


def forget_codes() -> int:
    return codes.forget_old(now=timezone.now())


def forget_old() -> int:
    return retention.forget_old(now=timezone.now())
