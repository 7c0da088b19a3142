"""Files of enquiries, taken in line by line: short ones at once, long ones by the worker.

A line and what became of it are one transaction: whoever goes on after a killed worker leaves out what
stands. Reader and queue are those of the exchange's logs; the imports of figures lie on a higher floor.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core import jobs
from yimei.core.database.locks import lock
from yimei.core.database.rows import lock_rows
from yimei.core.errors import RuleBroken
from yimei.growth.access import open_lead_file
from yimei.growth.actions import leads
from yimei.growth.actions.intake import interest
from yimei.growth.enums import LeadStatus, TouchKind
from yimei.growth.gateways import sheets
from yimei.growth.models import Lead, LeadFile, LeadFileLine
from yimei.people.access import need
from yimei.people.enums import SourceKind
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.vault import files, keys

AT_ONCE, MOST, LARGEST = 500, 20_000, 8 * 1024 * 1024
"""Lines that are taken in while somebody waits; most lines and bytes of one file."""
SLICE = 1_000
"""Lines of one job: a slow machine is through with them long before a job's time is over."""
KEPT = timedelta(days=7)
"""How long the bytes stay, so that refused lines can be fetched and mended."""
Say = Callable[[int, int], None]


def bring_in(content: bytes, *, source: str, by: Staff, now: datetime) -> LeadFile:
    """Keep a file and take it in: a short one at once, a long one by the worker."""
    file = _receive(content, source=source, by=by, now=now)
    if file.rows <= AT_ONCE:
        take(file.public_id, now=now)
        file.refresh_from_db()
    return file


@transaction.atomic
def _receive(content: bytes, *, source: str, by: Staff, now: datetime) -> LeadFile:
    need(by, Permission.LEAD_ASSIGN)
    digest = sha256(content).hexdigest()
    lock(f"growth.leadfile:{by.campus_id}:{digest}")
    if LeadFile.objects.filter(campus=by.campus, sha256=digest).exists():
        raise RuleBroken(_("这份文件已经导入过，没有再导入。"), code="file")
    rows = sheets.read(content, most=MOST, largest=LARGEST)
    key = keys.new_key()
    file = LeadFile.objects.create(
        campus=by.campus,
        sha256=digest,
        source=SourceKind(source),
        vault_key=key,
        file=files.store(content, key=key, name_hint="leads.xlsx", most=LARGEST),
        rows=len(rows),
        by=by,
        at=now,
    )
    if len(rows) > AT_ONCE:
        _queue(file, 0)
    log.record("growth.lead.file", at=now, by=by, target=file, rows=len(rows))
    return file


def take(file_id: UUID, *, now: datetime, most: int = MOST, say: Say = lambda done, total: None) -> LeadFile:
    """Take in the lines that are not there yet; done again it changes nothing.

    Not one transaction: a wrong line stops nobody else's, and what came in stays in.
    """
    file = LeadFile.objects.select_related("campus", "by__role", "by__campus", "file__key").get(
        public_id=file_id
    )
    if file.finished_at is not None or file.file is None:
        return file
    there = set(file.lines.values_list("number", flat=True))
    rest = [(number, line) for number, line in _read(file) if number not in there]
    for done, (number, line) in enumerate(rest[:most], start=len(there) + 1):
        _line(file, number, line, now=now)
        say(done, file.rows)
    if len(rest) > most:
        with transaction.atomic():
            _queue(file, len(there) + most)
        return file
    return _finish(file, now=now)


@transaction.atomic
def refused_lines(file_id: UUID, *, by: Staff, now: datetime) -> bytes:
    """A sheet of the lines that were not taken, with why, to be mended and brought again."""
    file = open_lead_file(file_id, by=by)
    if file.cleared_at is not None or file.file is None:
        raise RuleBroken(_("原文件已在 %(n)d 天后销毁，请对照行号在您自己的文件里修改。") % {"n": KEPT.days})
    whys = dict(file.lines.exclude(why="").values_list("number", "why"))
    sheet = sheets.write((line, whys[number]) for number, line in _read(file) if number in whys)
    log.record("growth.lead.file_refused", at=now, by=by, target=file, rows=len(whys))
    return sheet


@transaction.atomic
def go_on(file_id: UUID, *, by: Staff, now: datetime) -> LeadFile:
    """Hand a file that stopped half way to the worker again."""
    file = open_lead_file(file_id, by=by)
    if file.finished_at is None and file.cleared_at is None:
        jobs.enqueue(
            "growth.leads.bring",
            {"file": str(file.public_id)},
            key=f"growth.leads.bring:{file.public_id}:again:{now.isoformat()}",
        )
        log.record("growth.lead.file_again", at=now, by=by, target=file)
    return file


def forget_old(*, now: datetime) -> int:
    """Destroy the bytes of files whose days are over."""
    old = LeadFile.objects.filter(at__lt=now - KEPT, cleared_at=None, vault_key__isnull=False)
    return sum(_clear(pk, now=now) for pk in list(old.values_list("pk", flat=True)))


def forget_lead(lead: Lead, *, now: datetime) -> int:
    """Whoever is erased stands in no file either: the bytes go at once. Part of a larger action."""
    mine = LeadFile.objects.filter(lines__lead=lead, cleared_at=None, vault_key__isnull=False).distinct()
    return sum(_clear(pk, now=now) for pk in list(mine.order_by("pk").values_list("pk", flat=True)))


@transaction.atomic
def _clear(pk: int, *, now: datetime) -> int:
    rows = LeadFile.objects.filter(pk=pk, cleared_at=None)
    lock_rows(rows)
    file = rows.select_related("vault_key").first()
    if file is None or file.vault_key is None:
        return 0
    keys.destroy(file.vault_key, at=now)
    file.cleared_at = now
    file.save(update_fields=["cleared_at"])
    return 1


@transaction.atomic
def _line(file: LeadFile, number: int, line: dict[str, str], *, now: datetime) -> None:
    lock(f"growth.leadfile:{file.pk}:{number}")
    if LeadFileLine.objects.filter(file=file, number=number).exists():
        return
    lead, why = None, ""
    try:
        with transaction.atomic():
            lead = leads.write_down(
                name=line.get("name", ""),
                phone=line.get("phone", ""),
                wechat=line.get("wechat", ""),
                interest=interest(line.get("interest", "")),
                note=line.get("note", ""),
                source=SourceKind(file.source),
                kind=TouchKind.FORM,
                by=_author(file),
                now=now,
                campus=file.campus,
            )
    except RuleBroken as refusal:
        why = refusal.message[:200]
    is_new = lead is not None and lead.status != LeadStatus.LINKED
    LeadFileLine.objects.create(file=file, number=number, lead=lead, is_new=is_new, why=why)


def _author(file: LeadFile) -> Staff | None:
    """Whoever brought it, while she still hands out leads there; nobody's enquiry follows her elsewhere."""
    by = file.by
    is_there = by.is_active and by.campus_id == file.campus_id and by.may(Permission.LEAD_WRITE)
    return by if is_there else None


@transaction.atomic
def _finish(file: LeadFile, *, now: datetime) -> LeadFile:
    lock_rows(LeadFile.objects.filter(pk=file.pk))
    file.refresh_from_db()
    if file.finished_at is not None:
        return file
    counted: dict[str, Any] = file.lines.aggregate(
        new=Count("pk", filter=Q(is_new=True)), linked=Count("pk", filter=Q(lead__isnull=False, is_new=False))
    )
    file.created, file.linked, file.finished_at = counted["new"], counted["linked"], now
    file.refused = [list(one) for one in file.lines.exclude(why="").values_list("number", "why")]
    file.save(update_fields=["created", "linked", "refused", "finished_at"])
    log.record("growth.lead.import", at=now, by=file.by, target=file, rows=file.created + file.linked)
    return file


def _read(file: LeadFile) -> list[tuple[int, dict[str, str]]]:
    assert file.file is not None
    return sheets.read(files.read(file.file), most=MOST, largest=LARGEST)


def _queue(file: LeadFile, done: int) -> None:
    key = f"growth.leads.bring:{file.public_id}:{done}"
    jobs.enqueue("growth.leads.bring", {"file": str(file.public_id)}, key=key)
