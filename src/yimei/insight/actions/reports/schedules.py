"""Reports that are written by themselves every week or month, one of each period."""

from collections.abc import Collection
from datetime import datetime
from urllib.parse import parse_qsl
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.errors import NotFound, RuleBroken
from yimei.core.language import in_house
from yimei.insight.access import open_schedule
from yimei.insight.actions.reports import drafts, signing
from yimei.insight.enums import Cadence
from yimei.insight.models import Report, ReportSchedule
from yimei.insight.queries import mart
from yimei.insight.queries.reports import reports
from yimei.insight.queries.rights import NEEDS, may_see
from yimei.insight.rules.metrics.metric import Need
from yimei.insight.rules.questions import Question, parse
from yimei.insight.rules.reports import content, periods
from yimei.insight.rules.reports.templates import TEMPLATES
from yimei.outbox.actions.notifications import notify
from yimei.people.access import need
from yimei.people.models import Role, Staff
from yimei.people.roles import Permission
from yimei.privacy.queries.mentions import check_words

LAST_DAY = {Cadence.MONTH: 28, Cadence.WEEK: 7}


@transaction.atomic
def plan(
    template: str,
    *,
    name: str,
    day: int,
    recipients: Collection[str],
    is_automatic: bool,
    by: Staff,
    now: datetime,
) -> ReportSchedule:
    """Let a template be filled every week or month, for the figures that its owner may see."""
    need(by, Permission.INSIGHT_REPORT)
    known = TEMPLATES.get(template)
    if known is None:
        raise RuleBroken(_("请选择报告模板。"), code="template")
    if known.need and not by.may(NEEDS[known.need]):
        raise RuleBroken(_("您没有查看收入指标的权限，不能用这个模板。"), code="template")
    if is_automatic and not by.may(Permission.INSIGHT_SIGN):
        raise RuleBroken(_("不经签发自动发出，须由有签发权限的人设定。"), code="is_automatic")
    row = ReportSchedule(
        name=(name.strip() or str(known.words))[:60],
        template=template,
        cadence=known.cadence,
        day=day,
        is_automatic=is_automatic,
        owner=by,
        created_at=now,
    )
    return _planned(row, recipients, known.need)


@transaction.atomic
def plan_question(
    question: Question,
    *,
    name: str,
    cadence: Cadence,
    day: int,
    recipients: Collection[str],
    by: Staff,
    now: datetime,
) -> ReportSchedule:
    """Let one question of the explorer be answered every week or month, in a report signed like any."""
    need(by, Permission.INSIGHT_REPORT)
    if not may_see(question.metric, by):
        raise RuleBroken(_("您没有查看这个指标的权限。"), code="forbidden")
    row = ReportSchedule(
        name=(name.strip() or str(question.metric.words))[:60],
        question=content.figure_of(question).question,
        cadence=cadence,
        day=day,
        owner=by,
        created_at=now,
    )
    return _planned(row, recipients, question.metric.need)


def _planned(row: ReportSchedule, recipients: Collection[str], need_of: Need | None) -> ReportSchedule:
    if not 1 <= row.day <= LAST_DAY[Cadence(row.cadence)]:
        text = _("每月请选 1–28 号，每周请选 1（周一）– 7（周日）。")
        raise RuleBroken(text, code="day")
    check_words(row.name, code="name")
    roles = list(Role.objects.filter(code__in=recipients).prefetch_related("grants"))
    if not roles:
        raise RuleBroken(_("请选择收件角色。"), code="recipients")
    for role in roles:
        if lacking := reports.lacking(role, row.owner, need_of):
            text = _("「%(role)s」读不到这份报告（需要：%(right)s），请另选收件角色。")
            raise RuleBroken(text % {"role": role.name, "right": lacking}, code="recipients")
    row.save(force_insert=True)
    row.recipients.set(roles)
    log.record(
        "insight.schedule.planned",
        target=row,
        by=row.owner,
        at=row.created_at,
        detail={"template": row.template, "roles": sorted(role.code for role in roles)},
    )
    return row


@transaction.atomic
def switch(schedule_id: UUID, *, by: Staff, now: datetime) -> ReportSchedule:
    """Stop a schedule, or let it go on."""
    row = open_schedule(schedule_id, by=by)
    row.is_active = not row.is_active
    row.save(update_fields=["is_active"])
    word = "resumed" if row.is_active else "stopped"
    log.record(f"insight.schedule.{word}", target=row, by=by, at=now)
    return row


def run_due(*, now: datetime) -> int:
    """Write what is due by today; by the queue, every morning after the mart."""
    if mart.freshness() is None:
        return 0
    today = local_date(now)
    rows = ReportSchedule.objects.filter(is_active=True, owner__is_active=True).select_related("owner__role")
    due = [row for row in rows if periods.is_due(Cadence(row.cadence), row.day, today)]
    return sum(_write(row, now=now) is not None for row in due)


@transaction.atomic
@in_house()
def _write(row: ReportSchedule, *, now: datetime) -> Report | None:
    """Write the report of the last period once; an owner without the right any more is told."""
    lock(f"insight.schedule:{row.pk}")
    period = periods.latest(Cadence(row.cadence), local_date(now))
    if row.reports.filter(starts_on=period.start).exists():
        return None
    try:
        report = drafts.begin(
            row.template,
            title="",
            starts_on=period.start,
            last_day=period.last,
            by=row.owner,
            now=now,
            schedule=row,
            about=parse(dict(parse_qsl(row.question)), today=local_date(now)) if row.question else None,
        )
    except (NotFound, RuleBroken):
        notify(
            row.owner,
            gettext_noop("定期报告「%(name)s」没有写成：您已没有所需的权限。") % {"name": row.name},
            key=f"insight.schedule.refused:{row.public_id}:{period.start}",
            now=now,
            where="desk:insight-schedules",
        )
        return None
    report.readers.set(row.recipients.all())
    if row.is_automatic:
        return signing.issue(report, now=now)
    for one in reports.signers(report):
        notify(
            one,
            gettext_noop("%(report)s已按计划写好，请核对后签发：%(link)s")
            % {"report": reports.called(report), "link": signing.link_of(report)},
            key=f"insight.report.to_sign:{report.public_id}",
            now=now,
            where=f"desk:insight-report:{report.public_id}",
            also_by_mail=True,
        )
    return report
