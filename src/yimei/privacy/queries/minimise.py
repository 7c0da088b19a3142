"""Whether everything that is collected is also needed: personal columns, how full they are, who uses them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Count, Q

from yimei.audit.models import Entry
from yimei.core.clock import local_date
from yimei.people.models import Patient
from yimei.privacy.enums import Sensitivity
from yimei.privacy.models import Erasure, Purpose, RetentionRule
from yimei.privacy.queries.datamap import label_of, our_models
from yimei.privacy.queries.erasure import Due, due, table
from yimei.privacy.queries.needs import purposes_of
from yimei.privacy.queries.register import retention_on
from yimei.privacy.registry import all_holdings, for_model
from yimei.vault.fields import EncryptedField

SAMPLE = 200
"""Sealed values are opened only in a sample: how many of the newest rows."""
WINDOW = timedelta(days=365)
LATELY = timedelta(days=90)
SOURCE = Path(__file__).resolve().parents[2]
APART = {"migrations", "models", "models.py", "holdings.py", "data", "locale", "bench"}
"""Where a column is named without being used: its own declaration, its history, the data map."""


@dataclass(frozen=True)
class Column:
    """One personal column: how many rows have it, how many of them fill it, how many modules read it."""

    model: str
    field: str
    label: str
    holding: str
    is_sensitive: bool
    total: int
    filled: int
    is_sampled: bool
    uses: int
    purposes: tuple[str, ...]
    is_over: bool
    """All its purposes are stopped: nothing more comes in, and what is there has no ground."""

    @property
    def words(self) -> str:
        """What a search looks through."""
        return " ".join([self.label, self.model, self.field, self.holding, *self.purposes])

    @property
    def is_needless(self) -> bool:
        """Collected, and nothing of the program reads it by name."""
        return self.filled > 0 and not self.uses

    @property
    def is_groundless(self) -> bool:
        return self.is_over and self.filled > 0

    @property
    def is_empty(self) -> bool:
        return self.total > 0 and not self.filled


@dataclass(frozen=True)
class Period:
    """One line of the retention schedule: the period, what it covers, and what it will take."""

    rule: RetentionRule
    holdings: tuple[str, ...]


def columns() -> list[Column]:
    """Return every personal column of rows about people; those without ground first, then those unread."""
    known = {purpose.code: purpose for purpose in Purpose.objects.all()}
    found = [column for model in our_models() for column in _columns_of(model, known)]
    return sorted(
        found, key=lambda one: (not one.is_groundless, not one.is_needless, one.uses, one.model, one.field)
    )


def looks_by_purpose(now: datetime) -> list[tuple[str, int]]:
    """For what people's data were opened in the last year, as the log says."""
    rows = Entry.objects.filter(at__gte=now - WINDOW).exclude(subject_key=None).exclude(purpose="")
    return list(rows.order_by().values_list("purpose").annotate(times=Count("pk")).order_by("-times"))


def schedule(on: date) -> list[Period]:
    """Return each period in force with what it covers."""
    covered: dict[str, list[str]] = {}
    for holding in all_holdings():
        covered.setdefault(holding.retention_code, []).append(holding.title)
    for code, title in _decided_by_table():
        if title not in covered.setdefault(code, []):
            covered[code].append(title)
    rules = retention_on(on)
    return [Period(rules[code], tuple(covered.get(code, ()))) for code in sorted(rules)]


@dataclass(frozen=True)
class Done:
    """What the ledger says of one day: whom it erased whole, sealed, and gave back."""

    on: date
    erased: int = 0
    sealed: int = 0
    lifted: int = 0


def done_lately(now: datetime) -> list[Done]:
    """What was carried out in the last three months, the newest day first; the ledger names nobody."""
    rows = Erasure.objects.filter(at__gte=now - LATELY).values_list("at", "is_total", "is_lifted")
    days: dict[date, Done] = {}
    for at, is_total, is_lifted in rows:
        day = days.get(local_date(at), Done(local_date(at)))
        name = "lifted" if is_lifted else "erased" if is_total else "sealed"
        days[day.on] = replace(day, **{name: getattr(day, name) + 1})
    return sorted(days.values(), key=lambda one: one.on, reverse=True)


def due_soon(on: date, *, most: int) -> list[Due]:
    """Whose data the next night takes; the first ones."""
    return list(islice(due(on), most))


def sealed_by_year() -> list[tuple[int, int]]:
    """How many sealed persons end in which year."""
    living = Patient.objects.filter(sealed_until__isnull=False, person__vault_key__destroyed_at=None)
    counted = living.order_by().values_list("sealed_until__year").annotate(times=Count("pk"))
    return sorted(counted)


def sealed_without_end() -> int:
    """Restricted or held: nobody knows yet until when."""
    return Patient.objects.filter(
        Q(sealed_until=None), sealed_at__isnull=False, person__vault_key__destroyed_at=None
    ).count()


def _decided_by_table() -> Iterator[tuple[str, str]]:
    titles = {holding.code: holding.title for holding in all_holdings()}
    for code, rule in table().items():
        for group in rule.periods:
            yield from ((period, titles[code]) for period in group if code in titles)


def _columns_of(model: type[models.Model], known: Mapping[str, Purpose]) -> Iterator[Column]:
    privacy: Mapping[str, set[str]] = getattr(model, "PRIVACY", {})
    levels = {name: level for level in ("personal", "health") for name in privacy.get(level, ())}
    if not levels:
        return
    total = model._base_manager.count()
    for name in sorted(levels):
        column = model._meta.get_field(name)
        if column.many_to_many or not isinstance(column, models.Field):
            continue
        filled, is_sampled = _filled(model, column, total)
        served = [known[code] for code in purposes_of(model, name) if code in known]
        yield Column(
            model=model._meta.label,
            field=name,
            label=label_of(column),
            holding=for_model(model).title,
            is_sensitive=levels[name] == Sensitivity.HEALTH,
            total=total,
            filled=filled,
            is_sampled=is_sampled,
            uses=uses_of(name),
            purposes=tuple(purpose.name for purpose in served),
            is_over=bool(served) and not any(purpose.is_in_force for purpose in served),
        )


def _filled(model: type[models.Model], column: "models.Field[Any, Any]", total: int) -> tuple[int, bool]:
    rows = model._base_manager.all()
    if isinstance(column, EncryptedField):
        paths = [str(model.VAULT).replace(".", "__")] if hasattr(model, "VAULT") else []
        newest = list(rows.select_related(*paths).order_by("-pk")[:SAMPLE])
        full = sum(bool(getattr(row, column.name)) for row in newest)
        return (round(total * full / len(newest)) if newest else 0), total > SAMPLE
    empty = Q(**{f"{column.name}__isnull": True})
    if isinstance(column, models.CharField | models.TextField):
        empty |= Q(**{column.name: ""})
    return rows.exclude(empty).count(), False


def uses_of(name: str) -> int:
    """In how many modules and templates the program names a column."""
    return _words().get(name, 0)


@cache
def _words() -> Mapping[str, int]:
    """Every word of the program's text with the number of files that say it."""
    known = {
        column.name
        for config in apps.get_app_configs()
        if config.name.startswith("yimei.")
        for model in config.get_models()
        for column in model._meta.concrete_fields
    }
    counted: dict[str, int] = {}
    for path in [*SOURCE.rglob("*.py"), *SOURCE.rglob("*.html")]:
        if APART & set(path.relative_to(SOURCE).parts):
            continue
        for word in known & set(re.findall(r"\w+", path.read_text("utf-8"))):
            counted[word] = counted.get(word, 0) + 1
    return counted
