"""The one way a list leaves: asked with a purpose, judged, made encrypted and marked, gone in a day."""

import hashlib
import io
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.audit.enums import Look
from yimei.audit.models import Entry
from yimei.core.clock import SHANGHAI, local_date
from yimei.core.database import locks
from yimei.core.documents import locked
from yimei.core.errors import NotFound, RuleBroken
from yimei.people.actions import looks
from yimei.people.enums import LookPurpose
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission, RoleCode
from yimei.privacy import registry
from yimei.privacy.actions import transfers
from yimei.privacy.enums.watch import ExportKind, ExportState
from yimei.privacy.models import Export, ExportWord, Party
from yimei.privacy.queries import exports as queries
from yimei.privacy.queries import outgoing, parties
from yimei.privacy.queries.exports import open_export
from yimei.privacy.registry import ExportRow, ExportSource, find_export_source
from yimei.privacy.rules import exports as rules
from yimei.vault import files

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstuvwxyz"
PASSWORD_LENGTH = 20
"""100 bits and more: the zip format stretches a password little."""


@transaction.atomic
def ask(
    source_code: str,
    *,
    query: Mapping[str, str],
    purpose: LookPurpose,
    reason: str,
    by: Staff,
    now: datetime,
    is_abroad: bool = False,
    recipient: str = "",
) -> Export:
    """Ask for a list to leave; how many must agree follows from how many people it and the day come to."""
    source = _source(source_code, by=by)
    numbers = queries.numbers(local_date(now))
    kept = {key: str(query[key])[:60] for key in source.keys if query.get(key)}
    found = queries.rows_of(source, by, kept, now, numbers.rows_most + 1)
    rules.check_rows(len(found), numbers=numbers)
    people = {row.subject for row in found}
    party = _check_recipient(recipient, source, people, now=now) if recipient else None
    rules.check_destination(is_abroad=is_abroad, has_party_abroad=party is not None and party.is_abroad)
    words = rules.check_reason(reason, subjects=len(people), numbers=numbers)
    others = queries.seen_today(by, now) - people
    needed = rules.approvals_needed(subjects=len(people), seen_today=len(others), numbers=numbers)
    export = Export.objects.create(
        kind=ExportKind.FILE,
        source=source.code,
        query=kept,
        recipient=party,
        purpose=LookPurpose(purpose),
        reason=words,
        subjects=len(people),
        rows=len(found),
        needed=needed,
        asked_by=by,
        asked_at=now,
    )
    _tell_officers(export, now=now)
    _log("asked", export, by=by, now=now)
    return export


@transaction.atomic
def ask_to_look(*, purpose: LookPurpose, reason: str, by: Staff, now: datetime) -> Export:
    """Ask leave to look at more people in a day than the law's number; two others must agree."""
    numbers = queries.numbers(local_date(now))
    leave = Export.objects.create(
        kind=ExportKind.LOOKS,
        purpose=LookPurpose(purpose),
        reason=rules.check_reason(reason, subjects=numbers.approval_from, numbers=numbers),
        subjects=numbers.approval_from,
        needed=2,
        asked_by=by,
        asked_at=now,
    )
    _tell_officers(leave, now=now)
    _log("asked", leave, by=by, now=now)
    return leave


@transaction.atomic
def judge(export_id: UUID, *, is_granted: bool, by: Staff, now: datetime) -> Export:
    """Say yes or no to somebody else's export; one no ends it."""
    if not queries.may_judge(by):
        raise NotFound
    export = open_export(export_id, by=by, lock=True)
    if export.asked_by_id == by.pk:
        raise RuleBroken(_("不能审批自己的导出申请。"))
    if export.state(now) != ExportState.ASKED:
        raise RuleBroken(_("这项申请已经有结论，不需要再审批。"))
    _word, is_new = ExportWord.objects.get_or_create(
        export=export, by=by, defaults={"at": now, "is_granted": is_granted}
    )
    if not is_new:
        raise RuleBroken(_("您已经表过态，须由另一人批准。"))
    export = open_export(export_id, by=by)
    if export.kind == ExportKind.LOOKS and export.state(now) == ExportState.GRANTED:
        export.made_at = now
        export.expires_at = now + timedelta(hours=queries.numbers(local_date(now)).hours)
        export.save(update_fields=["made_at", "expires_at"])
    _log("granted" if is_granted else "refused", export, by=by, now=now)
    return export


@transaction.atomic
def make(export_id: UUID, *, by: Staff, now: datetime) -> tuple[Export, str]:
    """Make the file of a granted export and return its password, which is kept nowhere."""
    export = _own(export_id, by=by, lock=True)
    if export.kind != ExportKind.FILE or export.state(now) != ExportState.GRANTED:
        raise RuleBroken(_("这项导出还没有获准，或文件已经生成过；需要时请重新申请。"))
    source = _source(export.source, by=by)
    numbers = queries.numbers(local_date(now))
    locks.lock(f"privacy.export:{by.pk}")
    found = queries.rows_of(source, by, export.query, now, numbers.rows_most + 1)
    rules.check_rows(len(found), numbers=numbers)
    people = {row.subject for row in found}
    others = queries.seen_today(by, now) - people
    needed = rules.approvals_needed(subjects=len(people), seen_today=len(others), numbers=numbers)
    if needed > export.granted():
        raise RuleBroken(_("涉及的人数比申请时多，须更多人批准；请重新申请。"))
    party = export.recipient
    if party is not None:
        _check_recipient(party.code, source, people, now=now)
        if party.is_abroad:
            way = outgoing.transfer_for(party, source.holdings)
            transfers.allow(way, outgoing.people_of(people), by=by, now=now)
    password = "".join(secrets.choice(ALPHABET) for _letter in range(PASSWORD_LENGTH))
    export.mark = secrets.token_hex(6).upper()
    sheet = sheet_of(source, found, export=export, by=by, now=now)
    name = f"{source.code}-{export.mark}.xlsx"
    data = locked.lock(sheet, name=name, password=password, at=now.astimezone(SHANGHAI))
    export.file = files.store(data, key=by.vault_key, content_type="application/zip")
    export.sha256 = hashlib.sha256(data).hexdigest()
    export.made_at, export.expires_at = now, now + timedelta(hours=numbers.hours)
    export.rows, export.subjects = len(found), len(people)
    export.save(update_fields=["file", "sha256", "mark", "made_at", "expires_at", "rows", "subjects"])
    for subject in sorted(people):
        log.record(
            f"privacy.list.{Look.EXPORT}",
            at=now,
            by=by,
            target=export,
            subject=subject,
            purpose=export.purpose,
            fields=list(source.columns),
            detail={"recipient": party.code} if party else {},
        )
    _log("made", export, by=by, now=now)
    return export, password


@transaction.atomic
def download(export_id: UUID, *, by: Staff, now: datetime) -> tuple[str, bytes]:
    """Give the file to whoever asked for it, while it lives and not too often."""
    export = _own(export_id, by=by, lock=True)
    if export.state(now) != ExportState.READY or export.file is None:
        raise RuleBroken(_("文件已到期、已撤回或尚未生成，不能下载。"))
    if export.recipient is not None:
        parties.need(export.recipient.code, now)
    most = queries.numbers(local_date(now)).downloads
    if export.downloads >= most:
        raise RuleBroken(_("最多下载 %(most)d 次，已用完；需要时请重新申请。") % {"most": most})
    data = files.read(export.file)
    export.downloads += 1
    export.save(update_fields=["downloads"])
    _log("fetched", export, by=by, now=now)
    return f"{export.source}-{export.mark}.zip", data


@transaction.atomic
def revoke(export_id: UUID, *, by: Staff, now: datetime) -> Export:
    """Take back an export: the file goes at once, a leave ends; the line in the ledger stays."""
    export = open_export(export_id, by=by, lock=True)
    if export.asked_by_id != by.pk and not by.may(Permission.PRIVACY_WRITE):
        raise NotFound
    if export.revoked_at is not None or export.state(now) == ExportState.EXPIRED:
        raise RuleBroken(_("这项导出已经结束。"))
    export.revoked_at, export.revoked_by = now, by
    export.save(update_fields=["revoked_at", "revoked_by"])
    _drop_file(export, now=now)
    _log("revoked", export, by=by, now=now)
    return export


@transaction.atomic
def drop_expired(*, now: datetime) -> int:
    """Delete the files whose time is over; by the queue, every quarter of an hour."""
    over = Export.objects.with_people().filter(expires_at__lte=now, deleted_at=None, file__isnull=False)
    rows = list(over[:200])
    for export in rows:
        _drop_file(export, now=now)
        _log("deleted", export, by=None, now=now)
    return len(rows)


def end_with(patient: Patient, *, now: datetime) -> int:
    """Part of an erasure or a restriction: files of others in which she stands leave the disk (PIPL 47)."""
    alive = {
        str(one.public_id): one
        for one in Export.objects.with_people().filter(deleted_at=None, file__isnull=False)
    }
    named = Entry.objects.filter(
        subject_key=patient.person.vault_key.public_id,
        action=f"privacy.list.{Look.EXPORT}",
        object_id__in=alive,
    )
    hers = [alive[one] for one in sorted(set(named.values_list("object_id", flat=True)))]
    for export in hers:
        _drop_file(export, now=now)
        _log("deleted", export, by=None, now=now)
    return len(hers)


@transaction.atomic
def note_figures(
    code: str, *, query: Mapping[str, str], reason: str, rows: int, data: bytes, by: Staff, now: datetime
) -> Export:
    """Write into the ledger that figures left as a file; they passed the gate and are about nobody."""
    export = Export.objects.create(
        kind=ExportKind.FIGURES,
        source=code[:40],
        query={key: str(value)[:300] for key, value in query.items()},
        purpose=LookPurpose.MANAGEMENT,
        reason=reason,
        subjects=0,
        rows=rows,
        needed=0,
        asked_by=by,
        asked_at=now,
        downloads=1,
        sha256=hashlib.sha256(data).hexdigest(),
    )
    _log("figures", export, by=by, now=now)
    return export


def look(patient: Patient, *, page: str, by: Staff, now: datetime, purpose: str = "") -> LookPurpose:
    """Record a look at one person, unless it is one too many of a day for which nobody gave leave."""
    check_look(patient, by=by, now=now)
    return looks.record(patient, page=page, by=by, at=now, purpose=purpose)


def check_look(patient: Patient, *, by: Staff, now: datetime) -> None:
    """Refuse one person too many; for a look whose own line is written elsewhere."""
    key = patient.person.vault_key.public_id
    seen = queries.seen_today(by, now)
    if key in seen:
        return
    numbers = queries.numbers(local_date(now))
    if len(seen) + 1 >= numbers.approval_from:
        rules.check_breadth(seen=len(seen), numbers=numbers, has_leave=queries.has_leave(by, now))


def _tell_officers(export: Export, *, now: datetime) -> None:
    """Ring for those whose word is needed; a line tells how many people, and nobody's name."""
    if not export.needed:
        return
    text = gettext_noop("名单待审批：%(count)d 人，须 %(needed)d 人批准")
    words = text % {"count": export.subjects, "needed": export.needed}
    for officer in Staff.objects.active().in_role(RoleCode.PRIVACY, RoleCode.AUDITOR):
        if officer.pk != export.asked_by_id:
            registry.bell()(officer, words, key=f"export:{export.public_id}", now=now, where="desk:exports")


def _check_recipient(code: str, source: ExportSource, people: set[UUID], *, now: datetime) -> Party:
    """Ask the register of parties, and for one abroad the register of transfers: the default is no (X-5)."""
    party = outgoing.need(code, source.holdings, people, now)
    if party.is_abroad:
        way = outgoing.transfer_for(party, source.holdings)
        transfers.check(way, outgoing.people_of(people), now=now)
    return party


def _drop_file(export: Export, *, now: datetime) -> None:
    file, export.file, export.deleted_at = export.file, None, now
    export.save(update_fields=["file", "deleted_at"])
    if file is not None:
        path = file.path
        file.delete()
        transaction.on_commit(lambda: path.unlink(missing_ok=True))


def _source(code: str, *, by: Staff) -> ExportSource:
    source = find_export_source(code)
    if source is None or not by.may(source.permission):
        raise NotFound
    return source


def _own(export_id: UUID, *, by: Staff, lock: bool) -> Export:
    export = open_export(export_id, by=by, lock=lock)
    if export.asked_by_id != by.pk:
        raise NotFound
    return export


def sheet_of(
    source: ExportSource, rows: list[ExportRow], *, export: Export, by: Staff, now: datetime
) -> bytes:
    """Write the list with who took it, when and what for on every printed page and in the file itself."""
    import xlsxwriter

    from yimei.core.documents.lists import ListSheet

    taken = _("%(name)s %(at)s 导出，编号 %(mark)s，用于%(purpose)s；含个人信息，不得转发。") % {
        "name": by.name,
        "at": f"{now.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
        "mark": export.mark,
        "purpose": export.get_purpose_display(),
    }
    if export.recipient is not None:
        taken += _("仅提供给：%(name)s。") % {"name": export.recipient.name}
    output = io.BytesIO()
    # Text that begins with = is a text: nobody's name becomes a formula.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(output, options)
    book.set_properties(
        {"title": str(source.title), "author": by.name, "comments": taken, "keywords": export.mark}
    )
    sheet, bold = book.add_worksheet(worksheet_class=ListSheet), book.add_format({"bold": True})
    sheet.write_string(0, 0, taken, book.add_format({"font_color": "#B3382C"}))
    for column, label in enumerate(source.columns.values()):
        sheet.write_string(1, column, str(label), bold)
    sheet.write_lines(2, [[row.values.get(key, "") for key in source.columns] for row in rows])
    sheet.freeze_panes(2, 0)
    sheet.set_column(0, len(source.columns) - 1, 16)
    sheet.set_header(f"&C&8{by.name} · {export.mark}")
    sheet.set_footer(f"&C&8{taken.replace('&', '&&')[:200]}")
    sheet.repeat_rows(0, 1)
    book.close()
    return output.getvalue()


def _log(word: str, export: Export, *, by: Staff | None, now: datetime) -> None:
    log.record(
        f"privacy.export.{word}",
        at=now,
        by=by,
        on_behalf_of=export.asked_by.public_id if by is None or by.pk != export.asked_by_id else None,
        target=export,
        purpose=export.purpose,
        rows=export.subjects,
        detail={
            "kind": export.kind,
            "source": export.source,
            "needed": export.needed,
            "recipient": export.recipient.code if export.recipient else "",
        },
    )
