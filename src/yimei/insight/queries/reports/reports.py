"""Which reports there are for a reader, and what one of them shows."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yimei.core.errors import NotFound
from yimei.insight.enums import ReportStatus
from yimei.insight.models import (
    Report,
    ReportComment,
    ReportDecision,
    ReportLink,
    ReportSchedule,
    ReportVersion,
)
from yimei.insight.queries.reports.compose import compose
from yimei.insight.queries.reports.facts import Reading
from yimei.insight.queries.rights import NEEDS, campus_of
from yimei.insight.rules.metrics.metric import Need
from yimei.insight.rules.reports import content
from yimei.insight.rules.reports.content import Pages
from yimei.insight.rules.reports.document import Document, from_text
from yimei.insight.rules.reports.drawing import clip
from yimei.insight.rules.reports.periods import Period
from yimei.insight.rules.reports.secrets import fingerprint
from yimei.people.models import Role, Staff
from yimei.people.roles import Permission, Scope


def reports(by: Staff, *, status: str = "", template: str = "") -> QuerySet[Report]:
    rows = Report.objects.visible_to(by).with_people()
    if status in ReportStatus.values:
        rows = rows.filter(status=status)
    return rows.filter(template=template) if template else rows


def last_version(report: Report) -> ReportVersion:
    return report.versions.select_related("by").order_by("-number")[:1].get()


def versions(report: Report) -> Sequence[ReportVersion]:
    return list(report.versions.select_related("by").order_by("-number"))


def period(report: Report) -> Period:
    return Period(report.starts_on, report.ends_on)


def reading(report: Report, by: Staff) -> Reading:
    return Reading(period(report), report.campus_id, by)


def document(report: Report, *, by: Staff, now: datetime) -> Document:
    """What is out as it was signed; a draft with the figures of now."""
    if report.is_out:
        return from_text(report.content)
    return draft(report, content.read(last_version(report).pages), by=by, now=now)


def draft(
    report: Report, pages: Pages, *, by: Staff, now: datetime, status: str = "", name: str = ""
) -> Document:
    return compose(
        pages,
        reading(report, by),
        title=report.title,
        hospital=report.owner.campus.name,
        scope=scope(report),
        status=status or str(ReportStatus(report.status).label),
        by=name or report.owner.name,
        now=now,
    )


def scope(report: Report) -> str:
    """Of which campus a report's figures are."""
    return report.campus.name if report.campus else _("全集团")


def comments(report: Report) -> Sequence[ReportComment]:
    return list(report.comments.select_related("by").prefetch_related("mentions"))


def decisions(report: Report) -> Sequence[ReportDecision]:
    return list(report.decisions.select_related("owner", "by", "done_by"))


def links(report: Report) -> Sequence[ReportLink]:
    return list(report.links.select_related("by").prefetch_related("roles"))


def shared(secret: str, *, by: Staff, now: datetime) -> ReportLink:
    """Return the link of a secret that lives and is for this reader's role; all else is not there."""
    link = (
        ReportLink.objects.filter(
            secret_hash=fingerprint(secret), revoked_at=None, expires_at__gt=now, roles=by.role_id
        )
        .select_related("report__owner__campus", "report__campus", "report__signed_by", "by")
        .first()
    )
    if link is None or not link.by.is_active:
        raise NotFound
    return link


def colleagues(report: Report, by: Staff) -> Sequence[Staff]:
    """Who may read a report and so be spoken to about it."""
    readers = set(report.readers.values_list("pk", flat=True))
    people = Staff.objects.filter(is_active=True, role__grants__permission=Permission.INSIGHT_VIEW)
    found = people.exclude(pk=by.pk).select_related("role").prefetch_related("role__grants")
    return [one for one in found.order_by("name", "pk") if _reads(report, one, readers)]


def readers(report: Report) -> Sequence[Staff]:
    """Who is told when a report is out: the members of the roles that read it and may see what it holds."""
    roles = set(report.readers.values_list("pk", flat=True))
    people = Staff.objects.filter(is_active=True, role__in=roles).select_related("role")
    return [one for one in people.prefetch_related("role__grants") if _reads(report, one, roles)]


def signers(report: Report) -> Sequence[Staff]:
    """Who may sign a report: its owner, if she signs, and those above."""
    people = Staff.objects.filter(is_active=True, role__grants__permission=Permission.INSIGHT_SIGN)
    found = people.select_related("role").prefetch_related("role__grants")
    return [one for one in found if _reads(report, one, set())]


def called(report: Report) -> str:
    """What a message calls a report: its line of the timetable, where that says more, and its title.

    Clipped, so that a line of a bell has room for the link.
    """
    name = report.schedule.name if report.schedule else ""
    title = f"《{clip(report.title, 40)}》"
    return title if not name or name in report.title else f"「{clip(name, 24)}」{title}"


def _reads(report: Report, staff: Staff, readers: set[int]) -> bool:
    """What `visible_to` asks, of one report and somebody at hand."""
    scope = staff.scope_of(Permission.INSIGHT_VIEW)
    if scope is None or (scope != Scope.GROUP and report.campus_id != staff.campus_id):
        return False
    if missing_right(report, staff.role) and not (staff.pk == report.owner_id and not report.needs_finance):
        return False
    return staff.may(Permission.INSIGHT_REPORT) or (report.is_out and staff.role_id in readers)


def roles_for(report: Report) -> Sequence[Role]:
    """Roles that a report may be given to: what they may not see otherwise, no link shows them."""
    roles = Role.objects.prefetch_related("grants").order_by("pk")
    return [role for role in roles if missing_right(report, role) == ""]


def missing_right(report: Report, role: Role) -> str:
    """Which right a role lacks for what a report holds."""
    if report.needs_finance and Permission.INSIGHT_FINANCE not in role.scopes:
        return str(Permission.INSIGHT_FINANCE.label)
    if report.names_staff and Permission.INSIGHT_STAFF not in role.scopes:
        return str(Permission.INSIGHT_STAFF.label)
    return ""


def writers_roles() -> Sequence[Role]:
    """Roles that read figures, to whom a report may go."""
    return list(Role.objects.filter(grants__permission=Permission.INSIGHT_VIEW).order_by("pk"))


def roles_reached(owner: Staff, need: Need | None = None) -> Sequence[Role]:
    """Roles that can read what is written by itself for an owner: no other is offered."""
    return [role for role in writers_roles() if not lacking(role, owner, need)]


def lacking(role: Role, owner: Staff, need: Need | None) -> str:
    """Which right a role lacks for the reports of an owner: a promise that nobody receives is none."""
    scope = role.scopes.get(Permission.INSIGHT_VIEW)
    if scope is None:
        return str(Permission.INSIGHT_VIEW.label)
    if scope != Scope.GROUP and campus_of(owner) is None:
        return _("查看全集团的经营数据")
    if need and NEEDS[need] not in role.scopes:
        return str(NEEDS[need].label)
    return ""


def schedules(by: Staff) -> Sequence[ReportSchedule]:
    rows = ReportSchedule.objects.select_related("owner").prefetch_related("recipients")
    return list(rows if by.may(Permission.INSIGHT_SIGN) else rows.filter(owner=by))
