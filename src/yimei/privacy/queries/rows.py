"""Every row that is about one person, found from the data map and the keys between the tables."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.core.exceptions import FieldError
from django.db import connection, models
from django.db.models import Q, QuerySet

from yimei.core.clock import SHANGHAI
from yimei.people.models import Patient, Person
from yimei.privacy.enums import Sensitivity
from yimei.privacy.queries.datamap import label_of, our_models
from yimei.privacy.queries.register import field_labels
from yimei.vault.fields import EncryptedField
from yimei.vault.models import StoredFile

NOBODY = -1
"""Stands in a statement for the file that is asked about."""


@cache
def models_of(holding: str) -> tuple[type[models.Model], ...]:
    return tuple(model for model in our_models() if getattr(model, "HOLDING", "") == holding)


def rows_of(model: type[models.Model], patient: Patient) -> QuerySet[models.Model]:
    """Return the rows of one table that belong to a person."""
    rows: QuerySet[models.Model] = model._base_manager.all()
    if model is StoredFile:
        return rows.filter(key=patient.person.vault_key_id)
    if model is Person:
        return rows.filter(Q(pk=patient.person_id) | Q(pk__in=patient.guardians.values("person")))
    paths = paths_to_patient(model)
    if not paths:
        return rows.none()
    belongs = Q()
    for path in paths:
        belongs |= Q((path or "pk", patient.pk))
    return rows.filter(belongs)


def counts_of(found: Sequence[type[models.Model]], patient: Patient) -> Mapping[type[models.Model], int]:
    """How many rows of a person each of these tables holds, by one statement drawn up once a process."""
    asked = {model: _counting(model) for model in found if model not in (StoredFile, Person)}
    known = [(model, statement, times) for model, (statement, times) in asked.items() if statement]
    counts = dict.fromkeys(found, 0)
    counts |= {model: rows_of(model, patient).count() for model in found if model not in asked}
    if known:
        with connection.cursor() as cursor:
            cursor.execute(
                " UNION ALL ".join(
                    f"SELECT {n}, COUNT(*) FROM ({statement}) AS t{n}"
                    for n, (_, statement, _times) in enumerate(known)
                ),
                [patient.pk for _model, _statement, times in known for _time in range(times)],
            )
            counts |= {known[n][0]: count for n, count in cursor.fetchall()}
    return counts


def filled(found: Sequence[type[models.Model]], patient: Patient) -> frozenset[type[models.Model]]:
    """Which of these tables hold a row of a person: most hold none, and reading each costs a query."""
    return frozenset(model for model, count in counts_of(found, patient).items() if count)


@cache
def _counting(model: type[models.Model]) -> tuple[str, int]:
    """The statement that finds a person's rows in one table, and how often it names her file."""
    if not paths_to_patient(model):
        return "", 0
    statement, values = rows_of(model, Patient(pk=NOBODY)).order_by().values("pk").query.sql_with_params()
    if set(values) != {NOBODY}:
        raise FieldError(f"{model.__name__} is found by more than her file")
    return statement, len(values)


@cache
def paths_to_patient(
    model: type[models.Model], besides: frozenset[type[models.Model]] = frozenset()
) -> tuple[str, ...]:
    """Return how a row leads to its patient: by the shortest key that is always filled, else by any.

    A table that leads to nobody (staff, catalogue, texts) gives nothing.
    """
    if model is Patient:
        return ("",)
    if model is Person:
        return ("patient",)
    required: list[str] = []
    optional: list[str] = []
    for field in model._meta.concrete_fields:
        target = field.related_model
        if not isinstance(target, type) or target is model or target in besides:
            continue
        onward = paths_to_patient(target, besides | {model})
        paths = [f"{field.name}__{path}" if path else field.name for path in onward]
        (optional if field.null else required).extend(paths)
    return (min(required, key=len),) if required else tuple(optional)


def described(rows: QuerySet[models.Model]) -> Iterator[Mapping[str, object]]:
    """Yield each row as the person may read it: Chinese labels, local times, names instead of numbers."""
    model = rows.model
    title = field_labels().get(model.__name__, str(model._meta.verbose_name))
    fields = [field for field in model._meta.concrete_fields if _is_told(field, model)]
    joined = [field.name for field in fields if isinstance(field, models.ForeignKey)]
    paths = [str(model.VAULT).replace(".", "__")] if hasattr(model, "VAULT") else []
    for row in rows.select_related(*joined, *paths).order_by("pk").iterator(chunk_size=500):
        told = {label_of(field): _told(field, row) for field in fields}
        yield {"记录": title, **_filled(told)}


def blanks_of(model: type[models.Model]) -> Mapping[str, object]:
    """The open texts about people in one table, each with what it looks like when empty."""
    columns = (column for column in model._meta.concrete_fields if is_open_text(column, model))
    return {column.name: _blank(column) for column in columns}


def is_open_text(field: "models.Field[Any, Any]", model: type[models.Model]) -> bool:
    """Whether a column holds words about a person that no key protects; closed words and numbers are not."""
    if isinstance(field, EncryptedField) or field.is_relation or field.choices or field.unique:
        return False
    if not isinstance(field, models.CharField | models.TextField | models.JSONField):
        return False
    return _level(field, model) in {Sensitivity.PERSONAL, Sensitivity.HEALTH}


def _level(field: "models.Field[Any, Any]", model: type[models.Model]) -> str:
    privacy: Mapping[str, Iterable[str]] = getattr(model, "PRIVACY", {})
    return next((level for level, names in privacy.items() if field.name in names), "")


def _is_told(field: "models.Field[Any, Any]", model: type[models.Model]) -> bool:
    if field.primary_key or field.name in {"public_id", "key"} or _level(field, model) == Sensitivity.SECRET:
        return False
    if field.is_relation:
        target = field.related_model
        return isinstance(target, type) and hasattr(target, "name") and not paths_to_patient(target)
    return (
        not field.name.endswith(("sha256", "_hash"))
        and not isinstance(field, models.UUIDField | models.BinaryField)
    ) or isinstance(field, EncryptedField)


WRITTEN: Mapping[type, Callable[[object], object]] = {
    Decimal: str,
    bool: lambda value: "是" if value else "否",
}


def _told(field: "models.Field[Any, Any]", row: models.Model) -> object:
    value = getattr(row, field.name)
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, models.Model):
        return str(getattr(value, "name", value))
    return WRITTEN[type(value)](value) if type(value) in WRITTEN else value


def _filled(told: Mapping[str, object]) -> dict[str, object]:
    return {label: value for label, value in told.items() if value not in (None, "", [], {})}


def _blank(field: "models.Field[Any, Any]") -> object:
    if field.null:
        return None
    return type(field.get_default() or {})() if isinstance(field, models.JSONField) else ""
