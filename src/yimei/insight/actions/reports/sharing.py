"""Links that expire: made for some roles, opened by them only, taken back at any time."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.errors import RuleBroken
from yimei.insight.access import open_link, open_report
from yimei.insight.models import Report, ReportLink
from yimei.insight.queries.reports import reports
from yimei.insight.rules.reports import secrets
from yimei.people.access import need
from yimei.people.models import Role, Staff
from yimei.people.roles import Permission

MOST_DAYS = 90


@transaction.atomic
def share(
    report_id: UUID, *, roles: Collection[str], days: int, by: Staff, now: datetime
) -> tuple[Report, str]:
    """Make a link to what is out and return its secret, which is kept nowhere."""
    need(by, Permission.INSIGHT_REPORT)
    report = open_report(report_id, by=by)
    if not report.is_out:
        raise RuleBroken(_("草稿不能共享：请先签发。"), code="draft")
    if not 1 <= days <= MOST_DAYS:
        raise RuleBroken(_("链接最长 90 天有效。"), code="days")
    found = list(Role.objects.filter(code__in=roles).prefetch_related("grants"))
    if not found:
        raise RuleBroken(_("请选择哪些角色可以打开链接。"), code="roles")
    for role in found:
        if lacking := reports.missing_right(report, role):
            text = _("报告里有「%(role)s」无权看的内容（需要：%(right)s），不能共享给这个角色。")
            raise RuleBroken(text % {"role": role.name, "right": lacking}, code="roles")
    secret = secrets.draw()
    link = ReportLink.objects.create(
        report=report,
        secret_hash=secrets.fingerprint(secret),
        by=by,
        at=now,
        expires_at=now + timedelta(days=days),
    )
    link.roles.set(found)
    log.record(
        "insight.report.shared",
        target=report,
        by=by,
        at=now,
        detail={"roles": sorted(role.code for role in found), "days": days},
    )
    return report, secret


@transaction.atomic
def take_back(link_id: UUID, *, by: Staff, now: datetime) -> Report:
    link = open_link(link_id, by=by)
    if link.revoked_at is None:
        link.revoked_at = now
        link.save(update_fields=["revoked_at"])
        log.record("insight.report.unshared", target=link.report, by=by, at=now)
    return link.report


@transaction.atomic
def open_shared(secret: str, *, by: Staff, now: datetime) -> Report:
    """Return what a link leads to, and write down who looked; a wrong, old or foreign one leads nowhere."""
    link = reports.shared(secret, by=by, now=now)
    ReportLink.objects.filter(pk=link.pk).update(opened=F("opened") + 1, last_opened_at=now)
    log.record(
        "insight.report.opened", target=link.report, by=by, at=now, detail={"link": str(link.public_id)}
    )
    return link.report
