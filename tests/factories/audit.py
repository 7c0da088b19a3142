from typing import Any

from django.utils import timezone

from yimei.audit import log
from yimei.audit.models import Entry


def EntryFactory(action: str = "people.patient.view", **values: Any) -> Entry:  # noqa: N802
    """A line of the log, written the only way there is."""
    log.record(action, **{"at": timezone.now(), **values})
    return Entry.objects.latest("seq")
