"""The original report beside the typed values: kept encrypted, void by name, never changed."""

import hashlib
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.journey.access import open_case, open_test_report
from yimei.journey.models import TestReport
from yimei.journey.rules import tests as rules
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.vault import files

MAX_BYTES = 20 * 1024 * 1024


@transaction.atomic
def keep(
    case_id: UUID,
    *,
    data: bytes,
    name: str,
    number: str,
    taken_on: date,
    laboratory: str,
    by: Staff,
    now: datetime,
) -> TestReport:
    """Keep a PDF, if the name and the number on it are this customer's; the same file again is no new one."""
    need(by, Permission.TEST_WRITE)
    case = open_case(case_id, by=by, lock=True, permission=Permission.TEST_WRITE)
    person = case.patient.person
    if not number.strip():
        raise RuleBroken(_("请照报告填写档案号或证件号后四位。"), code="number")
    rules.check_bearer(
        name=name, number=number, is_name=person.name, file_no=case.patient.file_no, id_no=person.id_no
    )
    rules.check_taken(taken_on, today=local_date(now))
    check_pdf(data)
    sha256 = hashlib.sha256(data).hexdigest()
    if case.test_reports.filter(file__sha256=sha256, voided_at=None).exists():
        raise RuleBroken(_("这份报告已经上传过。"), code="file")
    kept = files.store(data, key=person.vault_key, name_hint="report.pdf", content_type="application/pdf")
    report = TestReport.objects.create(
        case=case, file=kept, taken_on=taken_on, laboratory=laboratory.strip(), by=by, at=now
    )
    log.record("journey.test_report.kept", target=report, subject=case.subject, by=by, at=now)
    return report


@transaction.atomic
def void(report_id: UUID, *, reason: str, by: Staff, now: datetime) -> TestReport:
    """Mark a wrong report; it stays, and what was typed from it must be looked at again."""
    need(by, Permission.TEST_WRITE)
    report = open_test_report(report_id, by=by)
    if report.voided_at is not None:
        raise RuleBroken(_("这份报告已经作废。"))
    if len(reason.strip()) < 2:
        raise RuleBroken(_("请写明作废的原因。"))
    report.voided_at, report.voided_by, report.void_reason = now, by, reason.strip()
    report.save(update_fields=["voided_at", "voided_by", "void_reason"])
    log.record("journey.test_report.voided", target=report, subject=report.case.subject, by=by, at=now)
    return report


def check_pdf(data: bytes) -> None:
    """Look at the bytes, not at the name: a picture called .pdf is no report."""
    if len(data) > MAX_BYTES:
        raise RuleBroken(_("报告超过 20 MB，请压缩后再上传。"), code="file")
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-2048:]:
        raise RuleBroken(_("这不是完整的 PDF 文件。照片请先存成 PDF。"), code="file")
