"""Whom an incident touches, worked out from the log, and who of them is told on paper."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet, Sum

from yimei.audit.enums import Look
from yimei.audit.models import Entry
from yimei.core.clock import local_date
from yimei.people.models import Patient
from yimei.people.rules.capacity import needs_guardian
from yimei.privacy import registry
from yimei.privacy.enums import Sensitivity
from yimei.privacy.enums.incidents import LetterState
from yimei.privacy.models import Affected, Incident, Letter
from yimei.privacy.queries.majority import guardians_by_head

CHUNK = 500


@dataclass(frozen=True)
class Scope:
    """Whom one account's looks in a window touch, and what of them."""

    looks: Mapping[int, int]
    """Patient → how often."""
    minors: frozenset[int]
    unnamed_rows: int
    """Rows of lists and searches that the log counts without saying whose."""
    categories: tuple[str, ...]
    is_sensitive: bool
    has_money: bool


def scope(
    account: UUID, *, since: datetime, until: datetime, object_types: Collection[str] = (), now: datetime
) -> Scope:
    """Work out from the log whom an account looked at, and from the data map what it saw of them."""
    entries = Entry.objects.filter(_looks(), actor=account, at__gte=since, at__lt=until).order_by()
    if object_types:
        entries = entries.filter(object_type__in=object_types)
    counts: dict[UUID, int] = dict(
        entries.exclude(subject_key=None).values_list("subject_key").annotate(n=Count("pk"))
    )
    unnamed = entries.filter(subject_key=None).aggregate(n=Sum("rows"))["n"] or 0
    looks: dict[int, int] = {}
    minors: set[int] = set()
    on = local_date(now)
    keys = list(counts)
    for start in range(0, len(keys), CHUNK):
        found = Patient.objects.filter(person__vault_key__public_id__in=keys[start : start + CHUNK])
        for patient in found.select_related("person__vault_key", "merged_into__person__vault_key"):
            head = patient.head  # of two files joined as one, one person is touched, and told once
            looks[head.pk] = looks.get(head.pk, 0) + counts[patient.person.vault_key.public_id]
            if not head.person.vault_key.is_destroyed and needs_guardian(head.person.birth_date, on):
                minors.add(head.pk)
    types = set(entries.exclude(subject_key=None).values_list("object_type", flat=True).distinct())
    titles, is_sensitive, has_money = _categories(types)
    return Scope(looks, frozenset(minors), unnamed, titles, is_sensitive, has_money)


def _looks() -> Q:
    kinds = Q()
    for kind in Look.values:
        kinds |= Q(action=kind) | Q(action__endswith=f".{kind}")
    return kinds


def _categories(types: Collection[str]) -> tuple[tuple[str, ...], bool, bool]:
    """The holdings that these tables belong to; a look at a customer's page shows who she is as well."""
    codes, is_sensitive = set(), False
    for label in types:
        try:
            model: Any = apps.get_model(label)
        except (LookupError, ValueError):
            continue
        codes.add(getattr(model, "HOLDING", ""))
        is_sensitive = is_sensitive or bool(getattr(model, "PRIVACY", {}).get(Sensitivity.HEALTH))
    if codes:
        codes |= {"people.identity"}
    if "people.patient" in codes:
        codes.add("people.alert")  # shown on top of every page of a customer
        is_sensitive = True
    found = [holding for code in sorted(codes) if (holding := registry.find(code)) and holding.subjects]
    titles = tuple(dict.fromkeys(word for holding in found for word in holding.categories))
    return titles, is_sensitive, any(code.startswith("billing.") for code in codes)


def affected(incident: Incident) -> QuerySet[Affected]:
    rows = incident.affected.select_related("patient__person__vault_key", "patient__campus")
    return rows.order_by("-is_minor", "-looks", "id")


def letters(incident: Incident) -> QuerySet[Letter]:
    people = ("patient__person__vault_key", "guardian__person__vault_key", "handed_by")
    return incident.letters.select_related(*people).order_by("guardian", "id")


def letter_counts(incident: Incident) -> Counter[str]:
    rows = incident.letters.order_by().values_list("state").annotate(n=Count("pk"))
    return Counter(dict(rows))


@dataclass(frozen=True)
class Papers:
    """Letters that no message carries: to whom, why, how many."""

    to_guardians: bool
    why: str
    count: int


def papers(incident: Incident) -> list[Papers]:
    """What waits to be written or told in person, guardians first."""
    rows = incident.letters.filter(state=LetterState.DRAFTED).exclude(problem="").order_by()
    is_own = ExpressionWrapper(Q(guardian=None), output_field=BooleanField())
    counted = rows.annotate(is_own=is_own).values_list("is_own", "problem").annotate(n=Count("pk"))
    return [
        Papers(to_guardians=not own, why=why, count=n)
        for own, why, n in sorted(counted, key=lambda row: (row[0], -row[2]))
    ]


def without_guardian(incident: Incident) -> int:
    """How many of its minors have nobody on record: she is looked for, or the public is warned (M-7)."""
    minors = [one.patient for one in incident.affected.filter(is_minor=True).select_related("patient")]
    guardians = guardians_by_head(minors) if minors else {}
    return sum(one.head_id not in guardians for one in minors)
