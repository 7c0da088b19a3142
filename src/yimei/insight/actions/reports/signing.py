"""Signing: the figures of this moment are frozen, as words and as a PDF, each with its fingerprint."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.language import in_house
from yimei.insight.access import open_report
from yimei.insight.actions.reports import gate
from yimei.insight.enums import ReportShape, ReportStatus
from yimei.insight.gateways import office
from yimei.insight.models import Report
from yimei.insight.queries.reports import reports
from yimei.insight.rules.reports import content, moves
from yimei.insight.rules.reports.document import to_text
from yimei.outbox.actions.notifications import notify
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.vault import files, keys


@transaction.atomic
def sign(report_id: UUID, *, by: Staff, now: datetime) -> Report:
    """Put one's name under a report: from here on nobody changes it."""
    need(by, Permission.INSIGHT_SIGN)
    report = open_report(report_id, by=by, lock=True)
    return _freeze(report, ReportStatus.SIGNED, by=by, now=now)


@transaction.atomic
def issue(report: Report, *, now: datetime) -> Report:
    """Freeze a report that its schedule lets out by itself; it says that nobody signed it."""
    return _freeze(report, ReportStatus.ISSUED, by=report.owner, now=now)


@in_house()
def _freeze(report: Report, status: ReportStatus, *, by: Staff, now: datetime) -> Report:
    moves.check_move(ReportStatus(report.status), status)
    pages = content.check(content.read(reports.last_version(report).pages))
    words = str(status.label)
    if status == ReportStatus.SIGNED:
        words = _("%(name)s 签发") % {"name": by.name}
    document = reports.draft(report, pages, by=by, now=now, status=words)
    gate.check(document)
    text = to_text(document)
    report.sha256 = hashlib.sha256(text.encode()).hexdigest()
    page = office.write(document, ReportShape.PDF, mark=mark_of(report.sha256), at=now)
    report.vault_key = keys.new_key()
    report.file = files.store(page, key=report.vault_key, content_type="application/pdf")
    report.file_sha256 = hashlib.sha256(page).hexdigest()
    report.content, report.status, report.signed_at = text, status, now
    report.signed_by = by if status == ReportStatus.SIGNED else None
    report.save(
        update_fields=[
            "content", "sha256", "vault_key", "file", "file_sha256", "status", "signed_by", "signed_at",
        ]
    )  # fmt: skip
    tell_readers(report, now=now)
    log.record(
        f"insight.report.{status}",
        target=report,
        by=by if report.signed_by else None,
        on_behalf_of=None if report.signed_by else by.public_id,
        at=now,
        detail={"sha256": report.sha256, "pdf": report.file_sha256},
    )
    return report


def mark_of(sha256: str) -> str:
    return _("内容指纹 SHA-256 %(hash)s") % {"hash": sha256}


def tell_readers(report: Report, *, now: datetime) -> int:
    """Tell everybody who reads it that it is out, in the bell and by mail: a link, never a figure."""
    told = reports.readers(report)
    text = _("%(report)s已发出：%(link)s") % {"report": reports.called(report), "link": link_of(report)}
    for one in told:
        notify(
            one,
            text,
            key=f"insight.report.out:{report.public_id}",
            now=now,
            where=f"desk:insight-report:{report.public_id}",
            also_by_mail=True,
        )
    return len(told)


def link_of(report: Report) -> str:
    return settings.REPORT_LINK.format(report=report.public_id)
