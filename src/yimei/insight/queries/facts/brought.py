"""Rows of tables that were brought, and the keyed numbers by which they may be a customer's of the house."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from yimei.core.clock import local_date
from yimei.insight.enums import ImportStatus
from yimei.insight.models import ImportBatch
from yimei.insight.queries import cleaning, imports
from yimei.insight.queries.imports import person_token
from yimei.insight.rules.imports.templates import TEMPLATES, Kind
from yimei.insight.rules.mart import Table
from yimei.insight.rules.mart.brought import FILLED, LINES, PERSON, RENAMED, fact_of
from yimei.people.models import Patient

NAMED = tuple(one.code for one in TEMPLATES.values() if any(column.identifies for column in one.columns))


@dataclass(frozen=True)
class State:
    """An import as it stands: two of the same mark hold the same rows."""

    batch: ImportBatch
    mark: str
    rows: int


def person_number(token: str) -> int:
    """Return a keyed number of 62 bits for whom a row speaks of."""
    return int(token[:16], 16) >> 2


def states(out: Collection[int]) -> list[State]:
    """Return every import that was taken in. Blocks are only added, and rows only taken out of them, so that
    both counts together change with whatever changes; so do the numbers of those who are left out."""
    digest = hashlib.sha256(repr(sorted(out)).encode()).hexdigest()[:16]
    done = ImportBatch.objects.filter(status=ImportStatus.DONE).order_by("pk")
    rows: Any = done.annotate(many=Count("blocks"), whole=Sum("blocks__rows")).select_related("vault_key")
    found = []
    for batch in rows:
        parts = [
            str(batch.many),
            str(batch.whole or 0),
            str(batch.treated),
            *([digest] if batch.template in NAMED else []),
        ]
        if batch.whole:
            found.append(State(batch, ":".join(parts), batch.whole))
    return found


def rows_of(batch: ImportBatch, out: Collection[int]) -> Iterator[tuple[Table, tuple[object, ...]]]:
    """Yield the rows of an import with the fact to which each belongs, without those of whom is left out."""
    template = imports.template_of(batch)
    kept = [column for column in template.columns if not column.identifies]
    for line, token, values, marks in cleaning.filled(batch, imports.facts(batch), in_figures=True):
        person = person_number(token) if token else None
        if person in out:
            continue
        said = {column.name: _typed(column.kind, value) for column, value in zip(kept, values, strict=True)}
        table = fact_of(template.code, said)
        said[FILLED] = bool(marks)
        yield table, tuple(_cell(name, batch.pk, line, person, said) for name in table.names)


def _cell(name: str, batch: int, line: int, person: int | None, said: Mapping[str, object]) -> object:
    if name == "row":
        return batch * LINES + line
    if name == "batch":
        return batch
    if name == PERSON:
        return person
    return said.get(RENAMED.get(name, name))


def _typed(kind: Kind, value: object) -> object:
    if value is None:
        return None
    match kind:
        case Kind.DAY:
            return date.fromisoformat(str(value))
        case Kind.MONEY:
            return Decimal(str(value)).quantize(Decimal("0.01"))
        case Kind.NUMBER:
            return float(str(value))
        case Kind.WHOLE | Kind.YEAR:
            return int(str(value))
    return value


def identities(patients: Sequence[int]) -> Iterator[tuple[object, ...]]:
    """Yield the keyed numbers of some patients; only the house's key leads from one to a phone."""
    rows = Patient.objects.filter(pk__in=patients).select_related("person__vault_key").order_by("pk")
    for patient in rows:
        for number in numbers_of(patient):
            yield patient.pk, patient.pk, number, local_date(patient.created_at)


def numbers_of(patient: Patient) -> list[int]:
    person = patient.person
    said = {Kind.PHONE: person.phone, Kind.ID_NO: person.id_no, Kind.FILE_NO: patient.file_no}
    return [person_number(person_token(kind.value, str(word).upper())) for kind, word in said.items() if word]


def numbers_out(left_out: Collection[int]) -> frozenset[int]:
    """Return the keyed numbers of all who may not be analysed: sealed, restricted, or made up."""
    if not ImportBatch.objects.filter(status=ImportStatus.DONE, template__in=NAMED).exists():
        return frozenset()
    known = Patient.objects.select_related("person__vault_key")
    stopped = known.filter(restricted_at__isnull=False, person__vault_key__destroyed_at=None)
    made_up = known.filter(pk__in=left_out)
    return frozenset(
        number for rows in (stopped, made_up) for patient in rows for number in numbers_of(patient)
    )


def as_dimension(found: Sequence[State]) -> list[tuple[object, ...]]:
    """The imports as a table of the mart; a file's own name may hold anything and stays behind."""
    told: list[tuple[object, ...]] = []
    for state in found:
        batch, template = state.batch, imports.template_of(state.batch)
        day = local_date(batch.ran_at) if batch.ran_at else None
        told.append((batch.pk, f"{template.words.zh} {day} #{batch.pk}", batch.template, day, state.rows))
    return told
