"""What is said about a report and what is decided on it stays with it; who is named is told."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.rows import only
from yimei.core.errors import RuleBroken
from yimei.insight.access import open_report
from yimei.insight.models import Report, ReportComment, ReportDecision
from yimei.insight.queries.reports import reports
from yimei.outbox.actions.notifications import notify
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.queries.mentions import check_words


@transaction.atomic
def comment(
    report_id: UUID, text: str, *, about: str, mentions: Collection[UUID], by: Staff, now: datetime
) -> ReportComment:
    """Say something about a report; only those who may read it can be spoken to."""
    report = open_report(report_id, by=by)
    words = _checked(text, 1000)
    named = _readers(report, mentions, by)
    row = ReportComment.objects.create(report=report, about=about[:80], text=words, by=by, at=now)
    row.mentions.set(named)
    for one in named:
        _tell(
            one,
            report,
            gettext_noop("%(name)s 在《%(title)s》里提到了您"),
            f"comment:{row.public_id}",
            by,
            now,
        )
    log.record("insight.report.commented", target=report, by=by, at=now, detail={"mentions": len(named)})
    return row


@transaction.atomic
def decide(report_id: UUID, text: str, *, owner: UUID, due: date, by: Staff, now: datetime) -> ReportDecision:
    """Write down a decision: what, who, until when."""
    report = open_report(report_id, by=by)
    words = _checked(text, 300)
    if due < local_date(now):
        raise RuleBroken(_("期限已经过去。"), code="due")
    person = by if owner == by.public_id else _readers(report, [owner], by)[0]
    row = ReportDecision.objects.create(report=report, text=words, owner=person, due=due, by=by, at=now)
    if person != by:
        _tell(
            person,
            report,
            gettext_noop("《%(title)s》有一项决定由您负责"),
            f"decision:{row.public_id}",
            by,
            now,
        )
    log.record("insight.report.decided", target=report, by=by, at=now)
    return row


@transaction.atomic
def finish(decision_id: UUID, *, by: Staff, now: datetime) -> ReportDecision:
    """Say that a decision was carried out: its owner, or whoever signs."""
    rows = ReportDecision.objects.filter(report__in=Report.objects.visible_to(by))
    if not by.may(Permission.INSIGHT_SIGN):
        rows = rows.filter(owner=by)
    row = only(rows.select_related("report"), decision_id, lock=True)
    if row.done_at is None:
        row.done_at, row.done_by = now, by
        row.save(update_fields=["done_at", "done_by"])
        log.record("insight.report.decision.done", target=row.report, by=by, at=now)
    return row


def _checked(text: str, most: int) -> str:
    words = text.strip()
    if not words:
        raise RuleBroken(_("请先写内容。"), code="text")
    if len(words) > most:
        raise RuleBroken(_("最多 %(most)d 字。") % {"most": most}, code="text")
    check_words(words, code="text")
    return words


def _readers(report: Report, wanted: Collection[UUID], by: Staff) -> list[Staff]:
    known = {one.public_id: one for one in reports.colleagues(report, by)}
    if any(one not in known for one in wanted):
        raise RuleBroken(_("只能提到看得到这份报告的同事。"), code="mentions")
    return [known[one] for one in dict.fromkeys(wanted)]


def _tell(staff: Staff, report: Report, text: str, key: str, by: Staff, now: datetime) -> None:
    words = text % {"name": by.name, "title": report.title}
    where = f"desk:insight-report:{report.public_id}"
    notify(staff, words[:200], key=f"insight.report.{key}", now=now, where=where)
