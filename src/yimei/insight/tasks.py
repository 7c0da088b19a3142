"""What the queue calls: each reads the clock and calls one action."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from yimei.core import jobs
from yimei.insight.actions import mart

jobs.every("yimei.insight.mart", "yimei.insight.tasks.increment", minutes=10)
jobs.every("yimei.insight.mart_full", "yimei.insight.tasks.rebuild", cron="20 3 * * *")


@jobs.handler("insight.mart.build", atomic=False)
def build(payload: Mapping[str, Any]) -> None:
    mart.build(now=timezone.now())


def increment() -> int:
    return mart.build(now=timezone.now()).customers


def rebuild() -> int:
    return mart.build(now=timezone.now(), full=True).customers
