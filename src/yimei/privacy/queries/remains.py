"""What is left of somebody whose key is destroyed, and until when each of it must be (ADR 91)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from django.db import models
from django.db.models import Max, Q, QuerySet

from yimei.core.clock import local_date
from yimei.people.models import Guardian, Patient, Person
from yimei.privacy.enums import Answer
from yimei.privacy.models import RetentionRule
from yimei.privacy.queries.datamap import our_models
from yimei.privacy.queries.erasure import table
from yimei.privacy.queries.register import retention_on
from yimei.privacy.queries.rows import paths_to_patient, rows_of
from yimei.privacy.registry import for_model
from yimei.privacy.rules.erasure import SHELLS, add_months


@dataclass(frozen=True)
class Left:
    """The rows of one table about one person, and the last day on which they must be."""

    model: type[models.Model]
    keys: tuple[int, ...]
    until: date | None


def shells(on: date) -> QuerySet[Patient]:
    """Persons of whom only rows without a name are left, one file each, whose day to look again has come."""
    gone = Patient.objects.kept().exclude(person__vault_key__destroyed_at=None)
    return gone.filter(Q(sealed_until=None) | Q(sealed_until__lt=on)).order_by("pk")


def left_of(files: Sequence[Patient], *, on: date) -> list[Left]:
    """Each table that still holds rows of this person, those that lean on others first."""
    known = retention_on(on)
    found = []
    for model in _by_depth():
        keys = sorted({pk for file in files for pk in _rows(model, file)})
        if keys:
            found.append(Left(model, tuple(keys), _until(model, keys, known, on)))
    return found


def guardians_alone(left: Sequence[Left], files: Sequence[Patient]) -> list[Left]:
    """Those who were here only as her guardians: they go although her own row must wait."""
    own = {file.person_id for file in files}
    keys = [pk for one in left if one.model is Person for pk in one.keys if pk not in own]
    return [Left(Person, tuple(keys), None)] if keys else []


def staying(left: Sequence[Left], *, on: date) -> dict[type[models.Model], date]:
    """The tables whose rows must stay today and until when, with those on which their rows stand."""
    here = {one.model for one in left}
    stays = {one.model: one.until for one in left if one.until is not None and one.until >= on}
    grown = True
    while grown:
        grown = False
        for model, until in list(stays.items()):
            for below in _leans_on(model) & here:
                if stays.get(below, date.min) < until:
                    stays[below] = until
                    grown = True
    return stays


@cache
def _by_depth() -> tuple[type[models.Model], ...]:
    """Every table about people, the farthest from the person first: what asks whose it is can still see."""
    about = [model for model in our_models() if paths_to_patient(model) and model is not Person]
    return (*sorted(about, key=lambda model: -_depth(model)), Person)


def _depth(model: type[models.Model]) -> int:
    return max(len(path.split("__")) if path else 0 for path in paths_to_patient(model))


def _rows(model: type[models.Model], file: Patient) -> Iterator[int]:
    if model is not Person:
        yield from rows_of(model, file).values_list("pk", flat=True)
        return
    guardians = Guardian.objects.filter(patient=file)
    hers = Person.objects.filter(
        Q(pk=file.person_id) | Q(pk__in=guardians.values("person"), patient=None),
        vault_key__destroyed_at__isnull=False,
    )
    others = Guardian.objects.exclude(patient__in=Patient.objects.files_of(file))
    yield from hers.exclude(pk__in=others.values("person")).values_list("pk", flat=True)


def _until(
    model: type[models.Model], keys: Sequence[int], known: Mapping[str, RetentionRule], on: date
) -> date | None:
    """Proof and ledgers stay for their period from the newest of their days; all else may go at once."""
    holding = for_model(model)
    rule = table().get(holding.code)
    code = SHELLS.get(model._meta.label)
    if code is None and rule is not None and rule.answer == Answer.KEEP:
        code = holding.retention_code
    if code is None or code not in known:
        return None
    newest = _newest(model, keys)
    return add_months(min(newest, on), known[code].months) if newest else None


def _newest(model: type[models.Model], keys: Sequence[int]) -> date | None:
    columns = [one.name for one in model._meta.concrete_fields if isinstance(one, models.DateTimeField)]
    if not columns:
        return None
    rows = model._base_manager.filter(pk__in=keys).order_by()
    values: dict[str, Any] = rows.aggregate(**{f"newest_{name}": Max(name) for name in columns})
    days = [local_date(value) for value in values.values() if isinstance(value, datetime)]
    return max(days, default=None)


@cache
def _leans_on(model: type[models.Model]) -> frozenset[type[models.Model]]:
    targets = (one.related_model for one in model._meta.concrete_fields if one.is_relation)
    return frozenset(one for one in targets if isinstance(one, type) and one is not model)
