"""What the clock calls: each reads the time and calls one action."""

from django.utils import timezone

from yimei.core import jobs
from yimei.growth.actions import erasing, owning

jobs.every("yimei.growth.recycle", "yimei.growth.tasks.recycle", cron="20 1 * * *")
jobs.every("yimei.growth.erase", "yimei.growth.tasks.erase", cron="40 3 * * *")


def recycle() -> int:
    return owning.recycle(now=timezone.now())


def erase() -> int:
    return erasing.erase_due(now=timezone.now())
