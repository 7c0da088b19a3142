"""Tables that were brought: kept as they came, mapped, tried, taken in block by block, mended, undone.

The work in the queue may die at any row and be done again: a block is one transaction and stands there once.
"""

import gc
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core import jobs
from yimei.core.errors import RuleBroken
from yimei.core.language import in_house
from yimei.insight.access import open_import
from yimei.insight.actions import cleaning, trials
from yimei.insight.actions.requests import refresh
from yimei.insight.actions.trials import Say
from yimei.insight.enums import ImportStatus
from yimei.insight.gateways.files import open_table
from yimei.insight.gateways.files.sheet import LARGEST_FILE
from yimei.insight.models import DataSource, HeadingChoice, ImportBatch, ImportBlock, MarkShelf, RejectedRow
from yimei.insight.queries import cleaning as cleaning_queries
from yimei.insight.queries import imports as queries
from yimei.insight.queries.import_sheets import beside
from yimei.insight.rules.imports import mapping as mappings
from yimei.insight.rules.imports import moves, values
from yimei.insight.rules.imports.checks import Check
from yimei.insight.rules.imports.templates import TEMPLATES
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.vault import files, keys


@transaction.atomic
def receive(
    data: bytes,
    *,
    name: str,
    template: str,
    by: Staff,
    now: datetime,
    source: DataSource | None = None,
    until: str = "",
    encoding: str = "",
) -> ImportBatch:
    """Keep a table under keys of its own; the same file again is the import that is there already."""
    need(by, Permission.INSIGHT_IMPORT)
    kind = TEMPLATES.get(template)
    if kind is None:
        raise RuleBroken(_("请选择数据类型。"), code="template")
    sheet = open_table(data, name=name, encoding=encoding)
    head = [
        [line, [values.text(cell)[:200] for cell in row]] for line, row in islice(sheet.rows, trials.SAMPLE)
    ]
    others = [one for one in sheet.others if one not in beside()]
    if not head and others:
        said = _(
            "工作表「%(read)s」只有表头，另外 %(count)d 张有内容的工作表没有读。请把数据另存为单独的文件。"
        )
        raise RuleBroken(said % {"read": sheet.name, "count": len(others)}, code="empty")
    if not head:
        raise RuleBroken(_("文件只有表头，没有数据行。"), code="empty")
    sha256 = hashlib.sha256(data).hexdigest()
    same = ImportBatch.objects.filter(template=template, sha256=sha256, undone_at=None, cleared_at=None)
    if (known := same.visible_to(by).first()) is not None:
        return known
    if same.exists():
        raise RuleBroken(_("这个文件已由同事导入。"), code="known")
    key = keys.new_key()
    suggested = mappings.suggest(sheet.header, kind, queries.remembered(sheet.header, kind))
    orders = queries.remembered_orders(sheet.header, kind, suggested)
    try:
        with transaction.atomic():
            batch = ImportBatch.objects.create(
                template=template,
                vault_key=keys.new_key(),
                file_key=key,
                file=files.store(data, key=key, name_hint=f"table.{sheet.kind}", most=LARGEST_FILE),
                sha256=sha256,
                name=name[-120:],
                kind=sheet.kind.value,
                encoding=sheet.encoding,
                sample={"header": list(sheet.header), "rows": head, "read": sheet.name, "unread": others},
                mapping=suggested,
                orders=orders,
                rows_total=max(sheet.total or 0, len(head)),
                status=ImportStatus.RECEIVED,
                source=source,
                until=until or None,
                by=by,
                at=now,
            )
    except IntegrityError:
        raise RuleBroken(_("同一个文件正在被上传，请刷新页面。"), code="twice") from None
    log.record("insight.import.received", target=batch, by=by, at=now, rows=batch.rows_total)
    return batch


@transaction.atomic
def check(
    import_id: UUID,
    *,
    mapping: Mapping[str, int],
    orders: Mapping[str, str] | None = None,
    by: Staff,
    now: datetime,
) -> ImportBatch:
    """Try every row without taking any in; the mapping is remembered for files to come.

    ``orders`` says how 3/5/2024 is read in columns of days that cannot tell by themselves.
    """
    batch = open_import(import_id, by=by, lock=True)
    _refuse_cleared(batch)
    _refuse_busy(batch)
    header = batch.sample["header"]
    template = queries.template_of(batch)
    mappings.check(mapping, template, width=len(header))
    orders = mappings.checked_orders(orders or {}, mapping, template)
    batch.mapping, batch.orders, batch.report = dict(mapping), orders, None
    batch.rules = cleaning_queries.rules_of(batch.template)
    _queue(batch, ImportStatus.CHECKING, ("mapping", "orders", "report", "rules"))
    for name, place in mapping.items():
        if key := mappings.key_of(header[place]):
            token = queries.heading_token(key)
            HeadingChoice.objects.update_or_create(
                template=template.code,
                heading=token,
                defaults={"column": name, "order": orders.get(name, "")},
            )
    log.record("insight.import.tried", target=batch, by=by, at=now, detail={"columns": sorted(mapping)})
    return batch


@transaction.atomic
def run(import_id: UUID, *, by: Staff, now: datetime) -> ImportBatch:
    """Ask the worker to take the rows in; only after a trial with this mapping."""
    batch = open_import(import_id, by=by, lock=True)
    _refuse_cleared(batch)
    _refuse_busy(batch)
    if batch.status == ImportStatus.CHECKED and not (batch.report or {}).get("good"):
        raise RuleBroken(_("试跑没有一行可以入库，请先改列对应或文件。"), code="nothing")
    _queue(batch, ImportStatus.RUNNING)
    log.record("insight.import.started", target=batch, by=by, at=now, rows=batch.rows_total)
    return batch


@in_house()
def work(import_id: UUID, *, now: datetime, say: Say = lambda done, total: None) -> None:
    """What the worker does: try or take in, whichever was asked for; done twice it changes nothing."""
    batch = ImportBatch.objects.select_related("vault_key", "file_key", "file__key", "rules").get(
        public_id=import_id
    )
    with _without_cycles():
        if batch.status == ImportStatus.CHECKING:
            _try(batch, now=now, say=say)
        elif batch.status == ImportStatus.RUNNING:
            _take(batch, now=now, say=say)


@contextmanager
def _without_cycles() -> Iterator[None]:
    """Rows hold nothing that points back at them: looking for such things costs a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _try(batch: ImportBatch, *, now: datetime, say: Say) -> None:
    to, report, orders, lines = trials.try_out(batch, now=now, say=say)
    with transaction.atomic():
        batch = trials.again(batch)
        if batch.status != ImportStatus.CHECKING:
            return
        batch.status, batch.report, batch.orders, batch.rows_total = to, report, orders, max(lines, 1)
        batch.save(update_fields=["status", "report", "orders", "rows_total"])
        log.record("insight.import.checked", target=batch, by=batch.by, at=now, rows=max(1, lines))


def _take(batch: ImportBatch, *, now: datetime, say: Say) -> None:
    elsewhere = queries.marks_elsewhere(batch)
    there = set(batch.blocks.values_list("number", flat=True))
    lines, flagged = 0, 0
    flags: list[cleaning.Flag] = []
    counts: Counter[Check] = Counter()
    for block in trials.blocks(batch, now):
        lines += block.size
        if block.number not in there:
            with transaction.atomic():
                _write(batch, block, elsewhere)
        flagged += len(block.doubted)
        for flag in block.doubted:
            counts[flag[1]] += 1
            if counts[flag[1]] <= cleaning.MOST_OF_A_RULE:
                flags.append(flag)
        say(lines, max(batch.rows_total, lines))
    with transaction.atomic():
        batch = trials.again(batch)
        if batch.status != ImportStatus.RUNNING:
            return
        batch.status, batch.ran_at = ImportStatus.DONE, now
        trials.count(batch)
        cleaning.finish(batch, flags=flags, flagged=flagged, good=batch.accepted, now=now)
        batch.save(update_fields=["status", "ran_at", "accepted", "known", "rejected", "quality"])
        MarkShelf.objects.bulk_create(queries.shelves_of(batch))
        jobs.enqueue(
            "insight.import.outliers",
            {"import": str(batch.public_id)},
            key=f"insight.outliers:{batch.public_id}",
        )
        log.record(
            "insight.import.ran",
            target=batch,
            by=batch.by,
            at=now,
            rows=max(1, batch.accepted),
            detail={"known": batch.known, "rejected": batch.rejected},
        )
        refresh(str(batch.public_id), now=now)


def _write(batch: ImportBatch, block: trials.Block, elsewhere: queries.Known) -> None:
    is_known = elsewhere.has(block.marks)
    persons = queries.person_tokens(block.judged)
    fresh = [
        [line, person, judged.facts]
        for line, person, judged, known in zip(block.lines, persons, block.judged, is_known, strict=True)
        if not known
    ]
    ImportBlock.objects.create(
        batch=batch,
        number=block.number,
        rows=len(fresh),
        known=len(block.judged) - len(fresh),
        facts=fresh,
        marks=b"".join(mark for mark, known in zip(block.marks, is_known, strict=True) if not known),
    )
    RejectedRow.objects.bulk_create(
        RejectedRow(
            batch=batch, number=line, cells=[values.text(cell)[:500] for cell in cells], reason=reason
        )
        for line, cells, reason in block.bad
    )


@transaction.atomic
def undo(import_id: UUID, *, by: Staff, now: datetime) -> ImportBatch:
    """Take a whole import back: what it brought goes, and both keys with it; that it was stays."""
    batch = open_import(import_id, by=by, lock=True)
    moves.check(ImportStatus(batch.status), ImportStatus.UNDONE)
    gone = batch.accepted
    for found in (batch.blocks, batch.shelves, batch.doubts, batch.fillings):
        found.all().delete()
    batch.rejects.all().delete()
    _clear(batch, now=now)
    keys.destroy(batch.vault_key, at=now)
    batch.status, batch.undone_at = ImportStatus.UNDONE, now
    batch.save(update_fields=["status", "undone_at"])
    log.record("insight.import.undone", target=batch, by=by, at=now, rows=max(1, gone))
    refresh(f"{batch.public_id}:undone", now=now)
    return batch


@transaction.atomic
def clear_expired(*, now: datetime) -> int:
    """Destroy the keys of files that are thirty days old, with the rows that never fitted."""
    since = now - timedelta(days=queries.KEEP_DAYS)
    old = list(ImportBatch.objects.filter(cleared_at=None, at__lt=since).select_related("file_key", "file"))
    for batch in old:
        _clear(batch, now=now)
        log.record("insight.import.cleared", target=batch, at=now)
    return len(old)


def _clear(batch: ImportBatch, *, now: datetime) -> None:
    if batch.cleared_at is not None:
        return
    keys.destroy(batch.file_key, at=now)
    transaction.on_commit(partial(batch.file.path.unlink, missing_ok=True), robust=True)
    batch.cleared_at = now
    batch.save(update_fields=["cleared_at"])


def _queue(batch: ImportBatch, to: ImportStatus, fields: Sequence[str] = ()) -> None:
    moves.check(ImportStatus(batch.status), to)
    batch.status = to
    batch.attempt += 1
    batch.save(update_fields=["status", "attempt", *fields])
    jobs.enqueue("insight.import.work", {"import": str(batch.public_id)}, key=queries.job_key(batch))


def _refuse_busy(batch: ImportBatch) -> None:
    """Work that goes on is not begun a second time; work that died may be."""
    is_at_work = batch.status in {ImportStatus.CHECKING, ImportStatus.RUNNING}
    if is_at_work and not queries.progress(batch).has_failed:
        raise RuleBroken(_("已经在后台进行，请等它完成。"), code="busy")


def _refuse_cleared(batch: ImportBatch) -> None:
    if batch.cleared_at is not None:
        raise RuleBroken(_("原文件已满三十天销毁，请重新上传。"), code="cleared")
