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
from yimei.insight.queries.rights import covers, sees_group
from yimei.insight.rules.reports import secrets
from yimei.people.access import need
from yimei.people.models import Role, Staff
from yimei.people.roles import Permission
from yimei.privacy.queries.mentions import check_words

MOST_DAYS = 90
MOST_REASON = 200


@transaction.atomic
def share(
    report_id: UUID, *, roles: Collection[str], days: int, by: Staff, now: datetime,
    is_for_campuses: bool = False, reason: str = "",
) -> tuple[Report, str]:  # fmt: skip
    """Make a link to what is out and return its secret, which is kept nowhere.

    Whoever sees all campuses may let this one report be read beyond the reader's own campus, and says why.
    """
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
        if report.campus_id is None and not sees_group(role) and not is_for_campuses:
            text = _(
                "「%(role)s」只看本院区，打不开全集团的报告：请另做一份该院区的报告来共享，"
                "或允许院区角色读这一份并写明理由。"
            )
            raise RuleBroken(text % {"role": role.name}, code="roles")
    why = _why(reason, by) if is_for_campuses else ""
    secret = secrets.draw()
    link = ReportLink.objects.create(
        report=report,
        secret_hash=secrets.fingerprint(secret),
        is_for_campuses=is_for_campuses,
        reason=why,
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
        reason=why,
        detail={
            "roles": sorted(role.code for role in found),
            "days": days,
            "is_for_campuses": is_for_campuses,
        },
    )
    return report, secret


def _why(reason: str, by: Staff) -> str:
    """The reason for which a report may be read beyond the reader's campus; the audit log keeps it."""
    if not sees_group(by.role):
        raise RuleBroken(_("只有看全集团数字的人，才能允许院区角色读这一份。"), code="is_for_campuses")
    words = reason.strip()
    if not words:
        raise RuleBroken(_("请写明为什么院区角色可以读这一份。"), code="reason")
    if len(words) > MOST_REASON:
        raise RuleBroken(_("最多 %(most)d 字。") % {"most": MOST_REASON}, code="reason")
    check_words(words, code="reason")
    return words


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
    """Return what a link leads to, and write down who looked; a wrong, old or foreign one leads nowhere.

    One of a report that reaches beyond the reader's campus says whom to ask.
    """
    link = reports.shared(secret, by=by, now=now)
    if not link.is_for_campuses and not covers(link.report.campus_id, by):
        text = _(
            "这份报告算的是「%(scope)s」的数字，您能看的是「%(campus)s」："
            "请向分享人%(name)s要一份您院区的报告，或请其允许院区角色读这一份。"
        )
        words = {"scope": reports.scope(link.report), "campus": by.campus.name, "name": link.by.name}
        raise RuleBroken(text % words, code="scope")
    if lacking := reports.missing_right(link.report, by.role):
        text = _("报告里有您现在无权看的内容（需要：%(right)s），请向分享人%(name)s询问。")
        raise RuleBroken(text % {"right": lacking, "name": link.by.name}, code="forbidden")
    ReportLink.objects.filter(pk=link.pk).update(opened=F("opened") + 1, last_opened_at=now)
    log.record(
        "insight.report.opened", target=link.report, by=by, at=now, detail={"link": str(link.public_id)}
    )
    return link.report
