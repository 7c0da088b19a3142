"""A report is begun from a template or from nothing and kept version by version."""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import Conflict, RuleBroken
from yimei.insight.access import open_draft
from yimei.insight.enums import BlockKind, Cadence, ReportStatus
from yimei.insight.models import Report, ReportSchedule, ReportVersion
from yimei.insight.queries import mart
from yimei.insight.queries.reports import compose, reports
from yimei.insight.queries.reports.facts import Reading
from yimei.insight.queries.rights import NEEDS, campus_of, may_see
from yimei.insight.rules.metrics.metric import Need
from yimei.insight.rules.questions import Question
from yimei.insight.rules.reports import content, moves, periods
from yimei.insight.rules.reports.content import Block, Page, Pages
from yimei.insight.rules.reports.periods import Period
from yimei.insight.rules.reports.templates import TEMPLATES
from yimei.people.access import need
from yimei.people.models import Role, Staff
from yimei.people.roles import Permission
from yimei.privacy.queries.mentions import check_words

BLANK = (Page("", (Block(BlockKind.NUMBERS, metrics=("visits",)),)),)


@transaction.atomic
def begin(
    template: str, *, title: str, starts_on: date, last_day: date, by: Staff, now: datetime,
    schedule: ReportSchedule | None = None, about: Question | None = None,
) -> Report:  # fmt: skip
    """Begin a draft; a template brings its pages, with recommendations drafted from the figures.

    Without a template it may be ``about`` one question of the explorer.
    """
    need(by, Permission.INSIGHT_REPORT)
    period = periods.check(starts_on, last_day, local_date(now))
    known = TEMPLATES.get(template)
    if template and known is None:
        raise RuleBroken(_("请选择报告模板。"), code="template")
    if known and known.need and not by.may(NEEDS[known.need]):
        raise RuleBroken(_("您没有查看收入指标的权限，不能用这个模板。"), code="template")
    if about and not may_see(about.metric, by):
        raise RuleBroken(_("您没有查看这个指标的权限。"), code="forbidden")
    subject = known.words if known else about.metric.words if about else ""
    title = title.strip() or (_title(str(subject), period) if subject else "")
    if not title:
        raise RuleBroken(_("请给报告写一个标题。"), code="title")
    check_words(title, code="title")
    report = Report.objects.create(
        title=title[: content.MOST_TITLE],
        template=template,
        starts_on=period.start,
        ends_on=period.end,
        campus_id=campus_of(by),
        owner=by,
        status=ReportStatus.DRAFT,
        schedule=schedule,
        created_at=now,
    )
    blank = tuple(replace(page, title=_("第一页")) for page in BLANK)
    pages = content.about(about) if about else blank
    if known:
        pages = known.begin(with_brought=mart.holds_imports())
    pages = _advised(pages, reports.reading(report, by))
    if known:
        report.readers.set(Role.objects.filter(code__in=known.readers))
    _keep(report, report.title, pages, 1, by, now)
    log.record("insight.report.begun", target=report, by=by, at=now, detail={"template": template})
    return report


@transaction.atomic
def save(
    report_id: UUID, *, base: int, title: str, pages: Pages, readers: list[str], by: Staff, now: datetime
) -> ReportVersion:
    """Keep a new version; whoever began from an older one than the last is told whose it is."""
    report = open_draft(report_id, by=by)
    moves.check_move(ReportStatus(report.status), ReportStatus.SIGNED)
    last = reports.last_version(report)
    if base != last.number:
        text = _("%(name)s 已于 %(at)s 保存了版本 %(number)d。您的修改还在下面，没有覆盖它：请对照后再保存。")
        words = {"name": last.by.name, "at": f"{last.at:%H:%M}", "number": last.number}
        raise Conflict(text % words, code="version")
    if not title.strip():
        raise RuleBroken(_("请给报告写一个标题。"), code="title")
    content.check(pages)
    if any(not may_see(metric, by) for metric in content.metrics_of(pages)):
        raise RuleBroken(_("您没有查看这个指标的权限。"), code="forbidden")
    check_words(title, *content.words_of(pages), code="identifier")
    report.title = title.strip()[: content.MOST_TITLE]
    version = _keep(report, report.title, pages, last.number + 1, by, now)
    report.readers.set(Role.objects.filter(code__in=readers))
    log.record("insight.report.saved", target=report, by=by, at=now, detail={"version": version.number})
    return version


@transaction.atomic
def take_up(question: Question, *, report: UUID | None, title: str, by: Staff, now: datetime) -> Report:
    """Put a question of the explorer at the end of a draft, or begin one about it over the last month."""
    if report is None:
        month = periods.latest(Cadence.MONTH, local_date(now))
        return begin(
            "", title=title, starts_on=month.start, last_day=month.last, by=by, now=now, about=question
        )
    return _add(report, question, title, by, now)


def _add(report_id: UUID, question: Question, title: str, by: Staff, now: datetime) -> Report:
    report = open_draft(report_id, by=by)
    moves.check_move(ReportStatus(report.status), ReportStatus.SIGNED)
    if not may_see(question.metric, by):
        raise RuleBroken(_("您没有查看这个指标的权限。"), code="forbidden")
    check_words(title, code="identifier")
    last = reports.last_version(report)
    pages = content.with_figure(content.read(last.pages), content.figure_of(question, title))
    content.check(pages)
    version = _keep(report, report.title, pages, last.number + 1, by, now)
    log.record("insight.report.saved", target=report, by=by, at=now, detail={"version": version.number})
    return report


@transaction.atomic
def advise(report_id: UUID, *, by: Staff, now: datetime) -> ReportVersion:
    """Draft the recommendations anew from the figures as they are."""
    report = open_draft(report_id, by=by)
    moves.check_move(ReportStatus(report.status), ReportStatus.SIGNED)
    last = reports.last_version(report)
    pages = _advised(content.read(last.pages), reports.reading(report, by))
    if all(block.kind != BlockKind.ADVICE for page in pages for block in page.blocks):
        raise RuleBroken(_("报告里没有「建议与依据」这一块，请先加上。"), code="advice")
    version = _keep(report, report.title, pages, last.number + 1, by, now)
    log.record("insight.report.advised", target=report, by=by, at=now, detail={"version": version.number})
    return version


def _advised(pages: Pages, reading: Reading) -> Pages:
    if all(block.kind != BlockKind.ADVICE for page in pages for block in page.blocks):
        return pages
    items = tuple(compose.suggested(pages, reading))
    return tuple(
        replace(
            page,
            blocks=tuple(
                replace(block, items=items) if block.kind == BlockKind.ADVICE else block
                for block in page.blocks
            ),
        )
        for page in pages
    )


def _keep(report: Report, title: str, pages: Pages, number: int, by: Staff, now: datetime) -> ReportVersion:
    metrics = content.metrics_of(pages)
    report.needs_finance = any(metric.need == Need.FINANCE for metric in metrics)
    report.names_staff = content.names_staff(pages)
    report.save(update_fields=["title", "needs_finance", "names_staff"])
    return ReportVersion.objects.create(
        report=report, number=number, title=title, pages=content.write(pages), by=by, at=now
    )


def _title(words: str, period: Period) -> str:
    return _("%(words)s · %(period)s") % {"words": words, "period": periods.words(period)}
