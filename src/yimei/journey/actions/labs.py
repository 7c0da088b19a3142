"""Taking in a file of results: received, mapped, run once; every row that fits nobody waits to be mended."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.errors import RuleBroken
from yimei.journey.access import open_lab_import, open_lab_row
from yimei.journey.actions import tests
from yimei.journey.enums import LabRowStatus
from yimei.journey.models import LabImport, LabRow
from yimei.journey.queries import labs
from yimei.journey.rules import labs as rules
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.vault import files, keys


@transaction.atomic
def receive(data: bytes, *, by: Staff, now: datetime) -> LabImport:
    """Keep a file under a key of its own; the same file again is the import that is there already."""
    need(by, Permission.TEST_WRITE)
    table = rules.read_table(data)
    sha256 = hashlib.sha256(data).hexdigest()
    known = LabImport.objects.filter(campus=by.campus_id, sha256=sha256, closed_at=None).first()
    if known is not None:
        return known
    key = keys.new_key()
    received = LabImport.objects.create(
        campus=by.campus,
        vault_key=key,
        file=files.store(data, key=key, name_hint="results.csv", content_type="text/csv"),
        sha256=sha256,
        encoding=table.encoding,
        mapping=rules.guess(table.head),
        rows_total=len(table.rows),
        by=by,
        at=now,
    )
    log.record("journey.lab_import.received", target=received, by=by, at=now, rows=len(table.rows))
    return received


@transaction.atomic
def run(import_id: UUID, *, mapping: Mapping[str, int], by: Staff, now: datetime) -> LabImport:
    """Take every row in that has an order, and keep every other one with its reason."""
    lab_import = open_lab_import(import_id, by=by, lock=True)
    if lab_import.ran_at is not None:
        raise RuleBroken(_("这个文件已经入库；没有入库的行可以逐行修改。"))
    table = labs.table_of(lab_import)
    rules.check_mapping(mapping, columns=len(table.head))
    rows = [rules.cells_of(row, mapping) for row in table.rows]
    known = labs.known_to(rows, by=by)
    for number, cells in enumerate(rows, start=2):
        row = LabRow(lab_import=lab_import, number=number, status=LabRowStatus.REJECTED)
        _take(row, cells, known, by=by, now=now)
        row.save()
    lab_import.mapping, lab_import.ran_at = dict(mapping), now
    lab_import.save(update_fields=["mapping", "ran_at"])
    _close_if_done(lab_import, now=now)
    log.record("journey.lab_import.ran", target=lab_import, by=by, at=now, rows=len(rows))
    return lab_import


@transaction.atomic
def repair(row_id: UUID, *, cells: Mapping[str, str], by: Staff, now: datetime) -> LabRow:
    """Judge a mended row anew; what still does not fit waits on with the new reason."""
    row = open_lab_row(row_id, by=by)
    known = labs.known_to([cells], by=by)
    _take(row, cells, known, by=by, now=now)
    if row.status == LabRowStatus.ACCEPTED:
        row.status = LabRowStatus.REPAIRED
    if row.status != LabRowStatus.REJECTED:
        row.settled_by, row.settled_at = by, now
    row.save(update_fields=["status", "cells", "reason", "result", "settled_by", "settled_at"])
    _close_if_done(row.lab_import, now=now)
    log.record("journey.lab_row.repaired", target=row, by=by, at=now)
    return row


@transaction.atomic
def dismiss(row_id: UUID, *, by: Staff, now: datetime) -> LabRow:
    """Leave a row out: its words go at once, its reason once the file is closed, its number stays."""
    row = open_lab_row(row_id, by=by)
    row.status, row.cells = LabRowStatus.DISMISSED, {}
    row.settled_by, row.settled_at = by, now
    row.save(update_fields=["status", "cells", "settled_by", "settled_at"])
    _close_if_done(row.lab_import, now=now)
    log.record("journey.lab_row.dismissed", target=row, by=by, at=now)
    return row


@transaction.atomic
def wipe_expired(*, now: datetime) -> int:
    """Destroy the keys of files that are thirty days old, mended or not."""
    since = now - timedelta(days=labs.KEEP_DAYS)
    old = list(LabImport.objects.filter(closed_at=None, at__lt=since).select_related("vault_key"))
    for lab_import in old:
        _close(lab_import, now=now)
    return len(old)


def _take(row: LabRow, cells: Mapping[str, str], known: labs.Known, *, by: Staff, now: datetime) -> None:
    try:
        wanted = labs.judge(cells, known, now=now)
        result = tests.record(
            wanted.order.public_id,
            value=wanted.value,
            finding=wanted.finding,
            taken_at=wanted.taken_at,
            by=by,
            now=now,
        )
    except RuleBroken as refusal:
        row.cells, row.reason = dict(cells), refusal.message[:200]
        return
    known.keep(wanted)
    row.status = LabRowStatus.KNOWN if wanted.is_known else LabRowStatus.ACCEPTED
    row.cells, row.reason, row.result = {}, "", result


def _close_if_done(lab_import: LabImport, *, now: datetime) -> None:
    if not lab_import.rows.filter(status=LabRowStatus.REJECTED).exists():
        _close(lab_import, now=now)


def _close(lab_import: LabImport, *, now: datetime) -> None:
    """Nothing is left to mend: the words go with the key, and reasons, which quote them, are emptied."""
    lab_import.rows.exclude(reason="").update(reason="")
    keys.destroy(lab_import.vault_key, at=now)
    lab_import.closed_at = now
    lab_import.save(update_fields=["closed_at"])
