"""What the queue calls: each reads the clock and calls one action."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from yimei.core import jobs
from yimei.journey.actions import labs, links, online, waiting

jobs.every("yimei.journey.expire_offers", "yimei.journey.tasks.expire_offers", minutes=1)
jobs.every("yimei.journey.expire_holds", "yimei.journey.tasks.expire_holds", minutes=1)
jobs.every("yimei.journey.forget_holds", "yimei.journey.tasks.forget_holds", cron="35 3 * * *")
jobs.every("yimei.journey.wipe_labs", "yimei.journey.tasks.wipe_labs", cron="15 3 * * *")
jobs.every("yimei.journey.remind", "yimei.journey.tasks.remind", cron="0 10 * * *")


@jobs.handler("journey.waiting.fill", atomic=False)
def fill(payload: Mapping[str, Any]) -> None:
    freed = datetime.fromisoformat(payload["from"]), datetime.fromisoformat(payload["to"])
    waiting.fill(UUID(payload["campus"]), freed, now=timezone.now())


def expire_offers() -> int:
    return waiting.expire(now=timezone.now())


def expire_holds() -> int:
    return online.expire(now=timezone.now())


def forget_holds() -> int:
    return online.forget_old(now=timezone.now())


def remind() -> int:
    return links.remind(now=timezone.now())


def wipe_labs() -> int:
    return labs.wipe_expired(now=timezone.now())
