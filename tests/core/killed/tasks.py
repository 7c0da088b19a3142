import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from yimei.core import jobs
from yimei.core.models import Job


@jobs.handler("killed.slow")
def slow(payload: Mapping[str, Any]) -> None:
    """Write first, then dawdle the first time, so that a killer finds the transaction open."""
    Job.objects.create(
        key=f"effect:{uuid4()}", name="killed.effect", status="done", enqueued_at=timezone.now()
    )
    begun = Path(settings.FOLDER) / "begun"
    if not begun.exists():
        begun.touch()
        time.sleep(60)
