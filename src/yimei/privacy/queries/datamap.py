"""The data map: every field of every model, why it is held, how long, who gets it, how it is protected."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.apps import apps
from django.db import DatabaseError, models
from django.db.models import Model
from django.utils.translation import get_language

from yimei.people.enums import Level
from yimei.people.roles import Permission
from yimei.privacy import registry
from yimei.privacy.enums import Sensitivity
from yimei.privacy.models import Purpose, RetentionRule
from yimei.privacy.queries.levels import levels_of
from yimei.privacy.queries.needs import purposes_of
from yimei.privacy.queries.register import field_labels, retention_on, shipped
from yimei.privacy.registry import Holding
from yimei.vault.fields import EncryptedField


@dataclass(frozen=True)
class FieldEntry:
    """One column."""

    part: str
    model: str
    table: str
    field: str
    label: str
    sensitivity: Sensitivity
    is_encrypted: bool
    level: Level
    is_spi: bool
    """Sensitive personal information (个人信息保护法 第二十八条; GB/T 45574)."""
    right: Permission | None
    """Whoever reads it needs this right; None is nobody."""
    purposes: tuple[str, ...]
    """Codes of what it is for; none for what is not about anybody."""


@dataclass(frozen=True)
class Activity:
    """One processing activity: a holding with its purposes, its period and its columns."""

    holding: Holding
    purposes: tuple[Purpose, ...]
    retention: RetentionRule | None
    fields: tuple[FieldEntry, ...]

    @property
    def is_personal(self) -> bool:
        return any(field.sensitivity != Sensitivity.PLAIN for field in self.fields)


@dataclass(frozen=True)
class DataMap:
    activities: tuple[Activity, ...]
    is_as_shipped: bool
    """Purposes and periods are those that come with the program, because none are loaded yet."""

    @property
    def fields(self) -> tuple[FieldEntry, ...]:
        return tuple(field for activity in self.activities for field in activity.fields)


def datamap(on: date) -> DataMap:
    """Walk every model and join it to its holding, with the purposes and periods in force on a day."""
    purposes, retention, is_as_shipped = _register(on)
    columns: dict[str, list[FieldEntry]] = defaultdict(list)
    for model in our_models():
        columns[registry.for_model(model).code] += _fields_of(model, get_language())
    activities = tuple(
        Activity(
            holding=holding,
            purposes=tuple(purposes[code] for code in holding.purpose_codes if code in purposes),
            retention=retention.get(holding.retention_code),
            fields=tuple(columns[holding.code]),
        )
        for holding in registry.all_holdings()
        if columns[holding.code]
    )
    return DataMap(activities=activities, is_as_shipped=is_as_shipped)


def columns() -> Iterator[FieldEntry]:
    """Yield every column of every model; asks no database."""
    for model in our_models():
        yield from _fields_of(model, get_language())


def datamap_problems() -> list[str]:
    """Say what keeps the data map from being whole; the build fails unless it is empty."""
    problems = []
    purposes = {row["code"] for row in shipped("purposes")}
    periods = {row["code"] for row in shipped("retention")}
    personal: set[str] = set()
    for model in our_models():
        name = model._meta.label
        privacy: Mapping[str, set[str]] = getattr(model, "PRIVACY", {})
        listed = [field for group in privacy.values() for field in group]
        own = set(_field_names(model))
        problems += [
            f"{name}: no such class {level}" for level in sorted(set(privacy) - set(Sensitivity.values))
        ]
        problems += [f"{name}.{field}: not classified" for field in sorted(own - set(listed))]
        problems += [f"{name}.{field}: no such field" for field in sorted(set(listed) - own)]
        problems += [
            f"{name}.{field}: classified twice"
            for field in sorted({f for f in listed if listed.count(f) > 1})
        ]
        holding = registry.find(getattr(model, "HOLDING", ""))
        if holding is None:
            problems.append(f"{name}: no holding {getattr(model, 'HOLDING', '')!r}")
            continue
        if any(privacy.get(level) for level in ("personal", "health")):
            personal.add(holding.code)
        problems += _loose_ties(model, holding)
    for holding in registry.all_holdings():
        unknown = set(holding.purpose_codes) - purposes
        problems += [f"{holding.code}: no such purpose {code}" for code in sorted(unknown)]
        if holding.retention_code not in periods:
            problems.append(f"{holding.code}: no such retention rule {holding.retention_code!r}")
        if holding.code in personal and not (
            holding.purpose_codes and holding.subjects and holding.categories
        ):
            problems.append(f"{holding.code}: holds personal data without purpose, subjects or categories")
    return problems


def _loose_ties(model: type[Model], holding: Holding) -> Iterator[str]:
    """Where an activity has several purposes, say which column about people does not name its own."""
    own: Mapping[str, tuple[str, ...]] = getattr(model, "PURPOSES", {})
    privacy: Mapping[str, set[str]] = getattr(model, "PRIVACY", {})
    about = {field for level in ("personal", "health") for field in privacy.get(level, ())}
    name = model._meta.label
    if len(holding.purpose_codes) > 1:
        yield from (f"{name}.{field}: which of the purposes?" for field in sorted(about - set(own)))
    yield from (f"{name}.{field}: no such field" for field in sorted(set(own) - set(_field_names(model))))
    for field, codes in sorted(own.items()):
        if not codes or not set(codes) <= set(holding.purpose_codes):
            yield f"{name}.{field}: purposes {codes} are not those of {holding.code}"


def our_models() -> Iterator[type[Model]]:
    """Yield every model of the installed parts of this program."""
    for config in apps.get_app_configs():
        if config.name.startswith("yimei."):
            yield from config.get_models()


@cache
def _fields_of(model: type[Model], language: str | None) -> tuple[FieldEntry, ...]:
    """The columns of a model, their labels in one language; they stand as long as the process."""
    return tuple(_entries(model))


def _entries(model: type[Model]) -> Iterator[FieldEntry]:
    levels = {
        field: Sensitivity(level)
        for level, group in model.PRIVACY.items()  # type: ignore[attr-defined]
        for field in group
    }
    for name in _field_names(model):
        field = model._meta.get_field(name)
        is_encrypted = isinstance(field, EncryptedField)
        standing = levels_of(model.__name__, name, levels[name], is_encrypted=is_encrypted)
        yield FieldEntry(
            part=model._meta.app_label,
            model=model.__name__,
            table=model._meta.db_table,
            field=name,
            label=label_of(field),
            sensitivity=levels[name],
            is_encrypted=is_encrypted,
            level=standing.level,
            is_spi=standing.is_spi,
            right=standing.right,
            purposes=() if levels[name] == Sensitivity.PLAIN else purposes_of(model, name),
        )


def label_of(field: "models.Field[Any, Any] | models.ForeignObjectRel") -> str:
    """Return the model's own word for a field, or ours where Django made one up from the identifier."""
    name, label = field.name, str(getattr(field, "verbose_name", field.name))
    return field_labels().get(name, label) if label in {name.replace("_", " "), "ID"} else label


def _field_names(model: type[Model]) -> list[str]:
    fields = [*model._meta.concrete_fields, *model._meta.local_many_to_many]
    return [field.name for field in fields]


def _register(on: date) -> tuple[Mapping[str, Purpose], Mapping[str, RetentionRule], bool]:
    """Return purposes and periods in force, or those shipped when the database holds none."""
    try:
        purposes, periods = {row.code: row for row in Purpose.objects.all()}, retention_on(on)
    except DatabaseError:
        purposes, periods = {}, {}
    if purposes and periods:
        return purposes, periods, False
    return (
        {row["code"]: Purpose(**{**row, "retention": None}) for row in shipped("purposes")},
        {row["code"]: RetentionRule(**row) for row in shipped("retention")},
        True,
    )
