"""What the queue calls: each reads the clock and calls one action."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from yimei.core import jobs
from yimei.privacy.actions import centre, erasure, letters, packages, requests

jobs.every("yimei.privacy.retention", "yimei.privacy.tasks.retention", cron="30 2 * * *")


def retention() -> int:
    """At night: what is over goes, and copies that nobody fetched."""
    now = timezone.now()
    packages.drop_expired(now=now)
    requests.settle_provisional(now=now)
    centre.forget_old(now=now)
    return erasure.finish_due(now=now)


@jobs.handler("privacy.letters", atomic=False)
def hand_over_letters(payload: Mapping[str, Any]) -> None:
    """What affected persons are told leaves by the one gate for messages."""
    letters.hand_over(UUID(payload["incident"]), by_id=UUID(payload["by"]), now=timezone.now())
