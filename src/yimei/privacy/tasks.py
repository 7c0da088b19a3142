"""What the queue calls: each reads the clock and calls one action."""

from django.utils import timezone

from yimei.core import jobs
from yimei.privacy.actions import erasure, requests

jobs.every("yimei.privacy.retention", "yimei.privacy.tasks.retention", cron="30 2 * * *")


def retention() -> int:
    """At night: what is over goes, and copies that nobody fetched."""
    now = timezone.now()
    requests.drop_expired_packages(now=now)
    return erasure.finish_due(now=now)
