"""A report leaves as a file by the one gate of figures: who, which, what for; the ledger knows first."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import SHANGHAI
from yimei.insight.access import open_report
from yimei.insight.actions.reports import gate
from yimei.insight.actions.reports.signing import mark_of
from yimei.insight.enums import DownloadPurpose, ReportShape
from yimei.insight.gateways import office
from yimei.insight.models import Report
from yimei.insight.queries.reports import reports
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.actions import exports
from yimei.vault import files


@transaction.atomic
def release(
    report_id: UUID, *, shape: ReportShape, purpose: DownloadPurpose, by: Staff, now: datetime
) -> tuple[Report, bytes]:
    """Return the file of a report; of a signed one the PDF is the very bytes that were signed."""
    need(by, Permission.INSIGHT_EXPORT)
    report = open_report(report_id, by=by)
    document = reports.document(report, by=by, now=now)
    told = gate.check(document)
    if report.is_out and shape == ReportShape.PDF and report.file is not None:
        data = files.read(report.file)
    else:
        data = office.write(document, shape, mark=_mark(report, by, now), at=report.signed_at or now)
    exports.note_figures(
        f"report:{report.template or 'own'}",
        query={"report": str(report.public_id), "shape": shape.value},
        reason=str(DownloadPurpose(purpose).label),
        rows=told["figures"],
        data=data,
        by=by,
        now=now,
    )
    log.record(
        "insight.report.downloaded",
        target=report,
        by=by,
        at=now,
        purpose=DownloadPurpose(purpose).value,
        rows=max(1, told["figures"]),
        detail={"shape": shape.value, **told},
    )
    return report, data


def _mark(report: Report, by: Staff, now: datetime) -> str:
    if report.is_out:
        return mark_of(report.sha256)
    words = {"name": by.name, "at": f"{now.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"}
    return _("草稿，未签发 · %(name)s %(at)s 导出") % words
