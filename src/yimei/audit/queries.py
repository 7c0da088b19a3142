"""Reading the log: who looked at one person, and how many persons somebody looked at."""

from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from yimei.audit.enums import Look
from yimei.audit.models import Entry


def looks_at(*subject_keys: UUID) -> QuerySet[Entry]:
    """Every look at one person's data, newest first: what the patient is shown."""
    return looks().filter(subject_key__in=subject_keys).order_by("-seq")


def counts(subject_key: UUID) -> dict[str, int]:
    """How often each kind of look happened to one person."""
    rows = looks_at(subject_key).order_by().values_list("action").annotate(times=Count("pk"))
    found: dict[str, int] = {}
    for action, times in rows:
        kind = action.rsplit(".", 1)[-1]
        found[kind] = found.get(kind, 0) + times
    return found


def subjects_seen(actor: UUID, *, since: datetime, until: datetime) -> int:
    """How many different persons one user looked at in [since, until)."""
    rows = looks().filter(actor=actor, at__gte=since, at__lt=until).exclude(subject_key=None)
    return rows.values("subject_key").distinct().count()


def seen_by(actor: UUID, *, since: datetime, until: datetime) -> set[UUID]:
    """Which persons one user looked at in [since, until)."""
    rows = looks().filter(actor=actor, at__gte=since, at__lt=until).exclude(subject_key=None)
    found = rows.order_by().values_list("subject_key", flat=True).distinct()
    return {key for key in found if key}


def acts_of(actor: UUID, *actions: str, since: datetime) -> int:
    """How often one user did one of these things."""
    return Entry.objects.filter(actor=actor, action__in=actions, at__gte=since).count()


def looks() -> QuerySet[Entry]:
    """Every look at anybody."""
    kinds = Q()
    for kind in Look.values:
        kinds |= Q(action=kind) | Q(action__endswith=f".{kind}")
    return Entry.objects.filter(kinds)


def head() -> Entry | None:
    """The newest line of the log."""
    return Entry.objects.order_by("-seq").first()
