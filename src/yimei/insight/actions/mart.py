"""Builds the mart: whole, or only the customers whom the log has named since the last build.

Every write of the house ends with a line of the audit log that names its customer by an opaque key. The log's
lines are numbered in the order of commit, so a saved number misses nothing; that is the one cursor. Two kinds
of rows change without a line, messages on their way and wishes that lapse: those still open are read again.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from yimei.audit import log
from yimei.audit.models import Entry
from yimei.core.clock import local_date
from yimei.growth.models import Lead
from yimei.insight import registry
from yimei.insight.actions import views
from yimei.insight.enums import BuildKind
from yimei.insight.gateways.store import SHAPE, TABLES, Draft, Store
from yimei.insight.models import Build, DimensionVersion, Pseudonym
from yimei.insight.queries.facts import HOUSE_READERS, LEAD_READERS, READERS, brought, leads, nobody
from yimei.insight.queries.facts.brought import State
from yimei.insight.queries.facts.dimensions import current, holidays
from yimei.insight.rules.mart import find
from yimei.insight.rules.mart.dimensions import Version
from yimei.journey.enums import WaitingStatus
from yimei.outbox.enums import MessageStatus
from yimei.people.models import Patient
from yimei.people.queries.merges import files_by_person

BATCH = 500
ONE_ROW_EACH = "customer"
"""The table with one row for a person, however many files she has."""
IMPORTED = 20_000
"""How many rows of an import are held at once."""
ONLY_LOOKED = ("people.patient.view", "people.patient.search", "people.patient.reveal")
UNNOTICED: Mapping[str, Sequence[str]] = {
    "message": (MessageStatus.HELD, MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.UNKNOWN),
    "waiting": (WaitingStatus.WAITING, WaitingStatus.OFFERED),
}
"""Tables whose rows move without a line of the log, and the states from which they do."""


@dataclass(frozen=True)
class Task:
    """What a build has to do: whom and which leads to read again (None: all), who is left out, imports."""

    changed: Sequence[int]
    asked: Sequence[int] | None
    out: frozenset[int]
    numbers_out: frozenset[int]
    imports: Sequence[State]
    end: int
    whole: bool
    now: datetime


@dataclass(frozen=True)
class Built:
    """What a build did."""

    version: str
    kind: BuildKind
    customers: int
    rows: int


def store() -> Store:
    return Store(Path(settings.VAR_DIR) / "mart")


def build(*, now: datetime, full: bool = False) -> Built:
    """Bring the mart up to now; without a usable version before it, from nothing."""
    shelf = store()
    with shelf.alone():
        last = Build.objects.first()
        known = shelf.manifest
        whole = full or last is None or known.get("version") != last.version or known.get("shape") != SHAPE
        end = Entry.objects.aggregate(last=Max("seq"))["last"] or 0
        since = None if whole or last is None else last.cursor
        changed = list(_everybody() if since is None else _changed(shelf, since, end))
        asked = None if since is None else _asked(since, end, changed)
        out = _left_out()
        numbers = brought.numbers_out(out)
        task = Task(changed, asked, out, numbers, brought.states(numbers), end, whole, now)
        draft = shelf.begin(_name(now))
        try:
            return _write(shelf, draft, task)
        except BaseException:
            draft.drop()
            raise


def follow(*, now: datetime) -> Built | None:
    """Bring the mart up to now, unless every import already stands in it as it is."""
    known = store().manifest
    marks = {str(one.batch.pk): one.mark for one in brought.states(brought.numbers_out(_left_out()))}
    if known.get("shape") == SHAPE and known.get("imports") == marks:
        return None
    return build(now=now)


def _write(shelf: Store, draft: Draft, task: Task) -> Built:
    now, changed = task.now, task.changed
    unchanged = _read(draft, changed, task.out)
    leads_same = _read_leads(draft, task)
    for name, reader in HOUSE_READERS.items():
        draft.add(find(TABLES, name), reader())
    marks = {} if task.whole else shelf.manifest.get("imports", {})
    rows = draft.merge(unchanged, _bring(draft, task, marks), leads_same, keep=not task.whole)
    _note_dimensions(now)
    versions = [
        Version(one.dimension, one.key, one.values, one.valid_from) for one in DimensionVersion.objects.all()
    ]
    draft.serve(versions, holidays(), local_date(now), brought.as_dimension(task.imports))
    kind = BuildKind.FULL if task.whole else BuildKind.INCREMENT
    with transaction.atomic():
        row = Build.objects.create(
            version=draft.path.name,
            kind=kind,
            cursor=task.end,
            at=now,
            finished_at=now,
            customers=len(changed),
            rows=rows,
        )
        log.record("insight.mart.built", target=row, at=now, rows=len(changed), detail={"kind": kind})
    manifest = {
        "version": draft.path.name,
        "shape": SHAPE,
        "cursor": task.end,
        "at": now.isoformat(),
        "rows": rows,
        "imports": {str(state.batch.pk): state.mark for state in task.imports},
    }
    shelf.publish(draft, manifest)
    views.ask_for_refresh(draft.path.name)
    return Built(draft.path.name, kind, len(changed), rows)


def _left_out() -> frozenset[int]:
    """Whom no figure counts: those who do not exist, and those whom another part names."""
    made_up = Patient.objects.filter(canary__isnull=False).values_list("pk", flat=True)
    return registry.left_out() | frozenset(made_up)


def _bring(draft: Draft, task: Task, marks: Mapping[str, str]) -> list[int]:
    """Write the rows of the imports that changed, and return the numbers of all others that still stand."""
    same: list[int] = []
    for state in task.imports:
        if marks.get(str(state.batch.pk)) == state.mark:
            same.append(state.batch.pk)
            continue
        found = iter(brought.rows_of(state.batch, task.numbers_out))
        while part := list(islice(found, IMPORTED)):
            by_table: dict[str, list[tuple[object, ...]]] = {}
            for table, row in part:
                by_table.setdefault(table.name, []).append(row)
            for name, rows in by_table.items():
                draft.add(find(TABLES, name), rows)
    return same


def _read(draft: Draft, changed: Sequence[int], out: frozenset[int]) -> list[int]:
    """Write the rows of those who changed, and return the pseudonyms of all others who are still there.

    Whoever may no longer be analysed loses her number, and with it her rows. Files of one person stand under
    one number, that of the kept file.
    """
    Pseudonym.objects.filter(patient__restricted_at__isnull=False).delete()
    Pseudonym.objects.filter(patient__merged_into__isnull=False).delete()
    Pseudonym.objects.filter(patient__in=out).delete()
    for batch in _batches(changed):
        wanted = Patient.objects.filter(pk__in=batch, restricted_at=None).values_list("pk", "merged_into")
        head_of = {pk: head or pk for pk, head in wanted if not {pk, head} & out}
        code_of_head = _codes(sorted(set(head_of.values())))
        code_of = {pk: code_of_head[head] for pk, head in head_of.items()}
        for name, reader in READERS.items():
            once = name == ONE_ROW_EACH
            read = sorted(pk for pk, head in head_of.items() if pk == head or not once)
            draft.add(find(TABLES, name), _coded(reader(read), code_of))
    for name, row in nobody():
        draft.add(find(TABLES, name), [row])
    gone = set(changed)
    return [code for pk, code in Pseudonym.objects.values_list("patient", "code") if pk not in gone]


def _read_leads(draft: Draft, task: Task) -> list[int]:
    """Write the rows of the leads that changed, and return the codes of all others that still stand.

    A lead without a customer is counted under its own code, below nothing, where no pseudonym lies.
    """
    living = leads.living(task.out)
    again = set(living) if task.asked is None else living.keys() & set(task.asked)
    for batch in _batches(sorted(again)):
        whose = {living[pk][1] for pk in batch}
        code_of = _codes(sorted(patient for patient in whose if patient is not None))
        for name, reader in LEAD_READERS.items():
            draft.add(find(TABLES, name), _as_customers(reader(batch), code_of))
    return [code for pk, (code, _patient) in living.items() if pk not in again]


def _as_customers(
    rows: Iterable[tuple[object, ...]], code_of: dict[int, int]
) -> Iterator[tuple[object, ...]]:
    for row, patient, campus, code, *rest in rows:
        if isinstance(code, int):
            known = code_of.get(patient) if isinstance(patient, int) else None
            yield (row, -1 - code if known is None else known, campus, code, *rest)


def _coded(rows: Iterable[tuple[object, ...]], code_of: dict[int, int]) -> Iterator[tuple[object, ...]]:
    for row, patient, *rest in rows:
        if isinstance(patient, int):
            yield (row, code_of[patient], *rest)


def _codes(patients: Sequence[int]) -> dict[int, int]:
    """Return each patient's pseudonym, drawing one for whoever has none."""
    mine = Pseudonym.objects.filter(patient__in=patients)
    known: dict[int, int] = dict(mine.values_list("patient", "code"))
    fresh = [Pseudonym(patient_id=pk, code=secrets.randbits(62) + 1) for pk in patients if pk not in known]
    Pseudonym.objects.bulk_create(fresh, ignore_conflicts=True)
    return dict(mine.values_list("patient", "code")) if fresh else known


def _everybody() -> Iterator[int]:
    yield from Patient.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=5000)


def _changed(shelf: Store, start: int, end: int) -> list[int]:
    """Whom the log names between two numbers, whose rows move without a line, and who has no number yet."""
    named = _named(start, end)
    found = set(Patient.objects.filter(person__vault_key__public_id__in=named).values_list("pk", flat=True))
    for table, statuses in UNNOTICED.items():
        codes = shelf.customers(table, statuses)
        for batch in _batches(codes):
            found.update(Pseudonym.objects.filter(code__in=batch).values_list("patient", flat=True))
    known = Pseudonym.objects.values("patient")
    without = Patient.objects.kept().filter(restricted_at=None).exclude(pk__in=known)
    found.update(without.values_list("pk", flat=True))
    return sorted(found.union(*files_by_person(found).values()))


def _asked(start: int, end: int, changed: Sequence[int]) -> list[int]:
    """The leads that the log names between two numbers, and those of the customers who are read again."""
    found = set(Lead.objects.filter(vault_key__public_id__in=_named(start, end)).values_list("pk", flat=True))
    for batch in _batches(changed):
        found.update(Lead.objects.filter(patient__in=batch).values_list("pk", flat=True))
    return sorted(found)


def _named(start: int, end: int) -> Any:
    lines = Entry.objects.filter(seq__gt=start, seq__lte=end, subject_key__isnull=False)
    return lines.exclude(action__in=ONLY_LOOKED).values("subject_key")


@transaction.atomic
def _note_dimensions(now: datetime) -> None:
    """Write a new version of whatever looks otherwise than at the last build."""
    newest: dict[tuple[str, str], Any] = {}
    for one in DimensionVersion.objects.order_by("id"):
        newest[one.dimension, one.key] = one.values
    DimensionVersion.objects.bulk_create(
        DimensionVersion(
            dimension=dimension, key=key, values=dict(values), valid_from=local_date(now), at=now
        )
        for dimension, key, values in current()
        if newest.get((dimension, key)) != dict(values)
    )


def _batches(numbers: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(numbers)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _name(now: datetime) -> str:
    return f"v{now:%Y%m%d%H%M%S}-{secrets.token_hex(4)}"
