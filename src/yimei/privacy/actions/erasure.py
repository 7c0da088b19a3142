"""Erase what may go, seal what must stay, finish by itself when the time is up, and again after a restore.

The ledger is a table and, beside the database, a file of opaque keys: a backup that is put back knows nothing
of what was erased since, the file does.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.rows import lock_rows, only
from yimei.core.errors import RuleBroken
from yimei.people.actions import tokens
from yimei.people.models import Patient, Staff
from yimei.people.queries.merges import other_files
from yimei.privacy import registry
from yimei.privacy.actions import consents, exports, packages
from yimei.privacy.enums import Answer
from yimei.privacy.models import Erasure
from yimei.privacy.queries import consent_chips, rows
from yimei.privacy.queries.erasure import IDENTITY, Plan, PlanLine, Run, due, plan, restricted, still_running


@dataclass(frozen=True)
class Entry:
    """One line of the ledger's file."""

    key: UUID
    is_total: bool
    until: date | None
    at: datetime
    is_lifted: bool = False
    is_restriction: bool = False

    @property
    def line(self) -> tuple[UUID, bool, date | None, datetime, bool, bool]:
        """What makes two entries the same."""
        return (self.key, self.is_total, self.until, self.at, self.is_lifted, self.is_restriction)


def ledger_path() -> Path:
    return Path(settings.VAR_DIR) / "erasures.jsonl"


@transaction.atomic
def carry_out(patient: Patient, *, now: datetime, by: Staff | None = None) -> Plan:
    """Do to each holding what the table says; refused while something of this person still runs.

    Every file of the person goes the same way, each with a line in the ledger.
    """
    patient, others = _all_files(patient)
    plan_ = plan(patient, now, counted=False)
    if plan_.pending:
        raise RuleBroken(_("还有未结束的事项，暂不能删除或封存。"), missing=plan_.pending, code="pending")
    if not plan_.is_total:
        _withdraw_optional(patient, now=now, by=by)
    for file in (patient, *others):
        _carry_out(file, replace(plan_, patient=file), now=now)
    for file in (patient, *others):
        log.record(
            f"privacy.erasure.{'total' if plan_.is_total else 'held' if plan_.is_held else 'sealed'}",
            at=now,
            by=by,
            target=file,
            subject=file.person.vault_key,
            detail={line.holding.code: _said(line) for line in plan_.lines},
        )
    return plan_


def _all_files(patient: Patient) -> tuple[Patient, list[Patient]]:
    """Lock every file of a person and return the one asked about, and the others."""
    lock_rows(Patient.objects.filter(pk__in=Patient.objects.files_of(patient)))
    fresh = only(Patient.objects.with_person(), patient.public_id)
    return fresh, other_files(fresh)


def _carry_out(patient: Patient, plan_: Plan, *, now: datetime) -> None:
    if plan_.is_held:
        tokens.erase(patient.person)
    packages.revoke(patient, now=now)
    exports.end_with(patient, now=now)
    _erase(plan_, now)
    patient.refresh_from_db()
    _seal(patient, plan_.until, now=now)
    _enter(patient, now, is_total=plan_.is_total, until=plan_.until)


def _seal(patient: Patient, until: date | None, *, now: datetime) -> None:
    """From here on nothing but storing; what is sealed is restricted as well."""
    patient.restricted_at = patient.restricted_at or now
    patient.sealed_at, patient.sealed_until = patient.sealed_at or now, until
    patient.save(update_fields=["restricted_at", "sealed_at", "sealed_until"])


@transaction.atomic
def restrict(patient: Patient, *, now: datetime, by: Staff | None = None) -> tuple[Run, ...]:
    """Stop every optional use at once (限制处理), and all processing but storage when nothing runs any more.

    Returns what still runs: until then her treatment goes on, and the seal follows by itself.
    """
    patient, others = _all_files(patient)
    if not patient.is_restricted:
        for file in (patient, *others):
            exports.end_with(file, now=now)
            file.restricted_at = now
            file.save(update_fields=["restricted_at"])
            _enter(file, now, is_restriction=True)
            log.record(
                "privacy.erasure.restricted", at=now, by=by, target=file, subject=file.person.vault_key
            )
    today = plan(patient, now, counted=False)
    runs = still_running(today, now)
    if not runs:
        _complete(patient, others, today.until, now=now, by=by)
    return runs


def _complete(
    patient: Patient, others: list[Patient], until: date | None, *, now: datetime, by: Staff | None
) -> None:
    """Seal every file of somebody with whom nothing runs any more, until the record's period ends."""
    for file in (patient, *others):
        tokens.erase(file.person)
        packages.revoke(file, now=now)
        exports.end_with(file, now=now)
        _seal(file, until, now=now)
        log.record("privacy.erasure.completed", at=now, by=by, target=file, subject=file.person.vault_key)


def complete_restrictions(*, now: datetime) -> int:
    """Seal those with whom nothing runs any more, each in a transaction of its own; return how many."""
    return sum(_complete_if_over(one, now=now) for one in list(restricted()))


@transaction.atomic
def _complete_if_over(patient: Patient, *, now: datetime) -> bool:
    patient, others = _all_files(patient)
    today = plan(patient, now, counted=False)
    if patient.is_sealed or not patient.is_restricted or still_running(today, now):
        return False
    _complete(patient, others, today.until, now=now, by=None)
    return True


@transaction.atomic
def lift(patient: Patient, *, now: datetime, by: Staff | None = None) -> Patient:
    """Take restriction and seal off at the person's own wish: she is back, and may be found again."""
    patient, others = _all_files(patient)
    if not patient.is_restricted or patient.person.vault_key.is_destroyed:
        raise RuleBroken(_("没有可以恢复的封存资料。"), code="sealed")
    was_sealed = patient.is_sealed
    for number in {file.person.id_no for file in (patient, *others) if was_sealed} - {""}:
        tokens.check_id_no_free(number)
    for file in (patient, *others):
        file.restricted_at, file.sealed_at, file.sealed_until = None, None, None
        file.save(update_fields=["restricted_at", "sealed_at", "sealed_until"])
        _enter(file, now, is_lifted=True)
    if was_sealed:
        tokens.write(patient)
    for file in (patient, *others):
        log.record("privacy.erasure.lifted", at=now, by=by, target=file, subject=file.person.vault_key)
    return patient


def finish_due(*, now: datetime) -> int:
    """Erase everybody whose time is over, each in a transaction of its own; what still runs waits."""
    done = 0
    for each in list(due(local_date(now))):
        today = plan(each.patient, now, counted=False)
        if today.pending or today.is_held:
            continue
        carry_out(each.patient, now=now)
        done += 1
    return done


def reapply(*, now: datetime) -> int:
    """After a restore: erase and seal again whoever stands in the ledger's file or table; return how many."""
    done = 0
    for key, entry in _latest().items():
        patient = Patient.objects.with_person().filter(person__vault_key__public_id=key).first()
        if patient is None:
            done += entry.is_total and _forget_again(key, now)
        elif _is_undone(patient, entry):
            _repeat(patient, entry, now=now)
            done += 1
    return done


def note(key: UUID, *, now: datetime) -> None:
    """Enter into the ledger that what lay under a key of no customer's is gone: an enquiry, say."""
    Erasure.objects.create(subject_key=key, is_total=True, until=None, at=now)
    transaction.on_commit(partial(append, Entry(key, True, None, now)))


def differences() -> tuple[list[Entry], list[Entry]]:
    """What only the file knows, for a backup was put back, and what only the table knows."""
    in_file, in_table = {one.line: one for one in _lines()}, {one.line: one for one in rows_of_ledger()}
    lost = [entry for line, entry in in_file.items() if line not in in_table]
    return lost, [entry for line, entry in in_table.items() if line not in in_file]


def _forget_again(key: UUID, now: datetime) -> bool:
    """Ask every part that holds rows under keys of their own; one key is one part's."""
    return any(forget(key, now) for forget in registry.forgetters())


@transaction.atomic
def _repeat(patient: Patient, entry: Entry, *, now: datetime) -> None:
    """Do what was done then, whatever the restored rows would say today."""
    patient = only(Patient.objects.with_person(), patient.public_id, lock=True)
    if entry.is_restriction:
        patient.restricted_at = entry.at
        patient.save(update_fields=["restricted_at"])
        _enter_again(patient, entry, now=now)
        return
    today = plan(patient, now, counted=False)
    lines = tuple(
        PlanLine(line.holding, Answer.ERASE, None, line.article, line.why, 0)
        if entry.is_total and line.until and not (entry.until and line.until >= entry.until)
        else line
        for line in today.lines
    )
    plan_ = Plan(patient, lines, ())
    _erase(plan_, now)
    patient.refresh_from_db()
    _seal(patient, entry.until, now=entry.at)
    _enter_again(patient, entry, now=now)


def _enter_again(patient: Patient, entry: Entry, *, now: datetime) -> None:
    """The restored table learns what the file knew."""
    subject = patient.person.vault_key.public_id
    if not Erasure.objects.filter(subject_key=subject, at=entry.at).exists():
        Erasure.objects.create(
            subject_key=subject,
            is_total=entry.is_total,
            is_restriction=entry.is_restriction,
            until=entry.until,
            at=entry.at,
        )
    log.record("privacy.erasure.reapplied", at=now, target=patient, subject=patient.person.vault_key)


def _erase(plan_: Plan, now: datetime) -> None:
    """The key goes last, for the parts may have to read before they forget."""
    lines = [line for line in plan_.lines if _goes(line, is_total=plan_.is_total)]
    for line in sorted(lines, key=lambda line: line.holding.code == IDENTITY):
        for model in rows.models_of(line.holding.code):
            _empty(rows.rows_of(model, plan_.patient))
        if line.holding.erase:
            line.holding.erase(plan_.patient, now)


def _empty(found: QuerySet[Model]) -> None:
    """Empty every open text in these rows; encrypted ones go with the key."""
    if blank := rows.blanks_of(found.model):
        found.exclude(**blank).update(**blank)


def _goes(line: PlanLine, *, is_total: bool) -> bool:
    """What is kept as proof loses its words once the person is gone."""
    return line.answer == Answer.ERASE or (is_total and line.answer == Answer.KEEP)


def _withdraw_optional(patient: Patient, *, now: datetime, by: Staff | None) -> None:
    """Whoever wants to be forgotten has said no to all that care does not need."""
    if patient.is_sealed:
        return
    for chip in consent_chips(patient, now):
        if chip.is_standing and not chip.purpose.is_necessary:
            consents.withdraw(patient, chip.code, now=now, by=by)


def _said(line: PlanLine) -> str:
    return f"{line.answer.value} {line.until}" if line.until else line.answer.value


def _enter(
    patient: Patient,
    now: datetime,
    *,
    is_total: bool = False,
    until: date | None = None,
    is_restriction: bool = False,
    is_lifted: bool = False,
) -> None:
    """Write the ledger: the row with the transaction, the line in the file once it is kept."""
    entry = Entry(patient.person.vault_key.public_id, is_total, until, now, is_lifted, is_restriction)
    Erasure.objects.create(
        subject_key=entry.key,
        is_total=is_total,
        is_restriction=is_restriction,
        is_lifted=is_lifted,
        until=until,
        at=now,
    )
    transaction.on_commit(partial(append, entry))


def append(entry: Entry) -> None:
    """Write one line into the file, and make sure that the disk has it."""
    path = ledger_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    line = {
        "key": str(entry.key),
        "is_total": entry.is_total,
        "is_lifted": entry.is_lifted,
        "is_restriction": entry.is_restriction,
        "until": entry.until.isoformat() if entry.until else None,
        "at": entry.at.isoformat(),
    }
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, (json.dumps(line) + "\n").encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def _latest() -> dict[UUID, Entry]:
    """The last word about each key, a total erasure being final."""
    found: dict[UUID, Entry] = {}
    for entry in sorted([*rows_of_ledger(), *_lines()], key=lambda entry: (entry.is_total, entry.at)):
        found[entry.key] = entry
    return found


def rows_of_ledger() -> Iterator[Entry]:
    for row in Erasure.objects.all():
        yield Entry(row.subject_key, row.is_total, row.until, row.at, row.is_lifted, row.is_restriction)


def _lines() -> Iterator[Entry]:
    if not ledger_path().exists():
        return
    for number, text in enumerate(ledger_path().read_text(encoding="utf-8").splitlines(), 1):
        try:
            line = json.loads(text)
            until = date.fromisoformat(line["until"]) if line["until"] else None
            yield Entry(
                UUID(line["key"]),
                bool(line["is_total"]),
                until,
                datetime.fromisoformat(line["at"]),
                bool(line.get("is_lifted", False)),
                bool(line.get("is_restriction", False)),
            )
        except (ValueError, KeyError, TypeError):
            words = {"path": ledger_path(), "line": number}
            raise RuleBroken(_("%(path)s 第 %(line)d 行不是删除台账。") % words, code="ledger") from None


def _is_undone(patient: Patient, entry: Entry) -> bool:
    is_alive = not patient.person.vault_key.is_destroyed
    if entry.is_lifted:
        return False
    if entry.is_restriction:
        return is_alive and not patient.is_restricted
    return is_alive if entry.is_total else is_alive and not patient.is_sealed
