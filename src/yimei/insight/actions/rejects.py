"""Rows of a table that did not fit: corrected one by one or all alike, judged anew, or left out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.insight.access import open_reject
from yimei.insight.actions.trials import again, count
from yimei.insight.enums import ImportStatus, RowStatus
from yimei.insight.models import ImportBatch, ImportBlock, MarkShelf, RejectedRow
from yimei.insight.queries import imports as queries
from yimei.insight.rules.imports.rows import Judge, Judged
from yimei.people.models import Staff

MENDED = 1_000_000_000
"""Blocks of mended rows are numbered by their line beyond this, after those of the file."""
MOST_ALIKE = 1000
"""So many rows are corrected at a time."""


@transaction.atomic
def mend(row_id: UUID, *, cells: Mapping[str, str], by: Staff, now: datetime) -> RejectedRow:
    """Judge a row anew with what was corrected; what still does not fit waits on with the new reason."""
    row = open_reject(row_id, by=by, lock=True)
    batch = _ready_to_mend(row)
    judge, marks = queries.judge_of(batch, today=local_date(now)), queries.Marks(batch.template)
    _judge_anew(batch, row, _corrected(batch, row, cells), judge, marks, by=by, now=now)
    count(batch)
    batch.save(update_fields=["accepted", "known", "rejected"])
    log.record("insight.import.row_mended", target=row, by=by, at=now, fields=sorted(cells))
    return row


@transaction.atomic
def mend_alike(row_id: UUID, *, cells: Mapping[str, str], by: Staff, now: datetime) -> tuple[int, int]:
    """Correct what was corrected in one row in every waiting row that says the same there; return how many
    rows fit now, and how many do not.

    What says who somebody is belongs to one row, and is never carried to another.
    """
    row = open_reject(row_id, by=by, lock=True)
    batch = _ready_to_mend(row)
    template, said = queries.template_of(batch), _corrected(batch, row, cells)
    open_columns = [one for one in template.columns if one.name in batch.mapping and not one.identifies]
    places = [batch.mapping[one.name] for one in open_columns]
    before = [*row.cells, *([""] * len(said))]
    changed = [place for place in places if said[place] != before[place]]
    if not changed:
        raise RuleBroken(_("没有改动可以带到别的行：标识列只能逐行改。"), code="alike")
    wrong = _says(before, changed)
    waiting = queries.waiting_rows(batch).select_for_update(of=("self",))
    others = [one for one in waiting if one.pk != row.pk and _says(one.cells, changed) == wrong]
    alike = [row, *others[: MOST_ALIKE - 1]]
    judge, marks = queries.judge_of(batch, today=local_date(now)), queries.Marks(batch.template)
    for one in alike:
        words = said if one.pk == row.pk else _carried(one.cells, said, changed, width=len(said))
        _judge_anew(batch, one, words, judge, marks, by=by, now=now)
    count(batch)
    batch.save(update_fields=["accepted", "known", "rejected"])
    log.record(
        "insight.import.rows_mended", target=batch, by=by, at=now, fields=sorted(cells), rows=len(alike)
    )
    taken = sum(one.status == RowStatus.MENDED for one in alike)
    return taken, len(alike) - taken


def _ready_to_mend(row: RejectedRow) -> ImportBatch:
    batch = again(row.batch)
    if batch.status != ImportStatus.DONE:
        raise RuleBroken(_("这个导入还没有完成，请稍后再改。"), code="move")
    return batch


def _corrected(batch: ImportBatch, row: RejectedRow, cells: Mapping[str, str]) -> list[str]:
    width = len(batch.sample["header"])
    said = [*row.cells, *([""] * width)][:width]
    for name, word in cells.items():
        if name in batch.mapping:
            said[batch.mapping[name]] = word[:500]
    return said


def _says(cells: Sequence[str], places: Sequence[int]) -> list[str]:
    return [cells[place] if place < len(cells) else "" for place in places]


def _carried(cells: Sequence[str], said: Sequence[str], places: Sequence[int], *, width: int) -> list[str]:
    found = [*cells, *([""] * width)][: max(width, len(cells))]
    for place in places:
        found[place] = said[place]
    return found


def _judge_anew(
    batch: ImportBatch,
    row: RejectedRow,
    said: list[str],
    judge: Judge,
    marks: queries.Marks,
    *,
    by: Staff,
    now: datetime,
) -> None:
    """Take a waiting row in with these words, or keep it with them and with why it does not fit."""
    try:
        judged = judge.judge(said)
    except RuleBroken as refusal:
        row.cells, row.reason = said, refusal.message
        row.save(update_fields=["cells", "reason"])
        return
    mark = marks.of(judged)
    fresh = b"" if queries.is_there(batch.template, mark) else mark
    ImportBlock.objects.create(
        batch=batch,
        number=MENDED + row.number,
        rows=1 if fresh else 0,
        known=0 if fresh else 1,
        facts=[_kept(row.number, judged)] if fresh else [],
        marks=fresh,
    )
    if fresh:
        _shelve(batch, fresh)
    _settle(row, RowStatus.MENDED, by=by, now=now)


@transaction.atomic
def dismiss(row_id: UUID, *, by: Staff, now: datetime) -> RejectedRow:
    """Leave a row out: its words go, its number and reason stay while the file does."""
    row = open_reject(row_id, by=by, lock=True)
    _settle(row, RowStatus.DISMISSED, by=by, now=now)
    log.record("insight.import.row_dismissed", target=row, by=by, at=now)
    return row


def _kept(line: int, judged: Judged) -> list[object]:
    person = queries.person_token(*judged.person) if judged.person else None
    return [line, person, list(judged.facts)]


def _settle(row: RejectedRow, status: RowStatus, *, by: Staff, now: datetime) -> None:
    row.status, row.cells, row.settled_by, row.settled_at = status, [], by, now
    row.save(update_fields=["status", "cells", "settled_by", "settled_at"])


def _shelve(batch: ImportBatch, mark: bytes) -> None:
    """Put one more mark among those that begin like it."""
    shelf, is_new = MarkShelf.objects.get_or_create(batch=batch, first=mark[0], defaults={"marks": mark})
    if not is_new:
        shelf.marks = bytes(shelf.marks) + mark
        shelf.save(update_fields=["marks"])
