"""Reads the rows of a table that was brought, some thousands at a time; tries them and keeps none."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from yimei.core.clock import local_date
from yimei.core.database.rows import only
from yimei.core.errors import RuleBroken
from yimei.insight.actions import cleaning
from yimei.insight.enums import ImportStatus, RowStatus
from yimei.insight.gateways.files import open_table
from yimei.insight.models import ImportBatch
from yimei.insight.queries import imports as queries
from yimei.insight.rules.imports.many import Columns
from yimei.insight.rules.imports.profile import Profiler, orders_shown
from yimei.insight.rules.imports.rows import Judged
from yimei.vault import files

BLOCK = 5000
SAMPLE = 20
Say = Callable[[int, int], None]


class Block(NamedTuple):
    """Some thousand rows of the file: those that fit with their marks, those that do not with why.

    A trial with nothing to compare to asks for no marks.
    """

    number: int
    size: int
    lines: Sequence[int]
    judged: Sequence[Judged]
    marks: Sequence[bytes]
    bad: Sequence[tuple[int, Sequence[object], str]]
    doubted: Sequence[cleaning.Flag]
    columns: Sequence[Sequence[object]]


def blocks(batch: ImportBatch, now: datetime, *, is_marked: bool = True) -> Iterator[Block]:
    sheet = open_table(files.read(batch.file), encoding=batch.encoding)
    columns = Columns(queries.judge_of(batch, today=local_date(now)))
    marks = queries.Marks(batch.template)
    number = 0
    while rows := list(islice(sheet.rows, BLOCK)):
        lines, judged, bad, cells = columns.split(rows)
        doubted = columns.doubted(lines, judged)
        found = marks.of_many(judged) if is_marked else []
        yield Block(number, len(rows), lines, judged, found, bad, doubted, cells)
        number += 1


def try_out(
    batch: ImportBatch, *, now: datetime, say: Say
) -> tuple[ImportStatus, dict[str, Any], dict[str, str], int]:
    """Return what becomes of the import, what the trial found, the orders of its days, and its lines.

    Days such as 3/5/2024 are read as the others of their column show; when these turn out to be written
    otherwise than was thought, every row is tried once more.
    """
    elsewhere, orders = queries.marks_elsewhere(batch), dict(batch.orders)
    try:
        report, lines = _tried(batch, elsewhere, orders, now=now, say=say)
        shown = orders_shown(report["profile"])
        if any(orders.get(name) != order for name, order in shown.items()):
            orders |= shown
            report, lines = _tried(
                batch, elsewhere, orders, now=now, say=lambda done, total: say(total + done, total * 2)
            )
    except RuleBroken as refusal:
        return ImportStatus.RECEIVED, {"fault": refusal.message}, orders, batch.rows_total
    return ImportStatus.CHECKED, report, orders, lines


def _tried(
    batch: ImportBatch, elsewhere: queries.Known, orders: Mapping[str, str], *, now: datetime, say: Say
) -> tuple[dict[str, Any], int]:
    good = known = bad = lines = doubted = 0
    reasons: Counter[str] = Counter()
    refused: list[list[object]] = []
    template = queries.template_of(batch)
    batch.orders = dict(orders)
    profiler = Profiler(batch.sample["header"], template, batch.mapping, today=local_date(now), orders=orders)
    for block in blocks(batch, now, is_marked=not elsewhere.is_empty):
        lines += block.size
        profiler.add(block.columns)
        bad += len(block.bad)
        reasons.update(re.sub("「.*?」", "「…」", reason) for _line, _cells, reason in block.bad)
        for line, cells, reason in block.bad[: SAMPLE - len(refused)]:
            refused.append([line, queries.shown(template, batch.mapping, cells), reason])
        doubted += len(block.doubted)
        there = sum(elsewhere.has(block.marks))
        known, good = known + there, good + len(block.judged) - there
        say(lines, max(batch.rows_total, lines))
    report = {
        "profile": profiler.result(),
        "good": good,
        "known": known,
        "bad": bad,
        "doubted": doubted,
        "reasons": reasons.most_common(SAMPLE),
        "refused": refused,
    }
    return report, lines


def again(batch: ImportBatch) -> ImportBatch:
    """The import as it stands now, locked."""
    rows = ImportBatch.objects.select_related("vault_key", "file_key", "by", "rules")
    return only(rows, batch.public_id, lock=True)


def count(batch: ImportBatch) -> None:
    """Say anew how many rows were taken in, were there before, and did not fit."""
    blocks = list(batch.blocks.values_list("rows", "known"))
    batch.accepted = sum(rows for rows, _known in blocks)
    batch.known = sum(known for _rows, known in blocks)
    batch.rejected = batch.rejects.exclude(status=RowStatus.MENDED).count()
