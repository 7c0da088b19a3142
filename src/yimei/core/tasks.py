"""What the queue calls on its own; each reads the clock and calls one function."""

from django.utils import timezone

from yimei.core import jobs

jobs.every("yimei.core.sweep_jobs", "yimei.core.tasks.sweep_jobs", minutes=1)


def sweep_jobs() -> int:
    return jobs.sweep(now=timezone.now())
