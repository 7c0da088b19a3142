"""How far a reader's right to figures reaches."""

from yimei.core.errors import NotFound
from yimei.insight.rules.dashboards import Ready
from yimei.insight.rules.metrics import METRICS, Metric, Need
from yimei.people.models import Role, Staff
from yimei.people.roles import Permission, Scope

NEEDS = {Need.FINANCE: Permission.INSIGHT_FINANCE}


def campus_of(by: Staff, through: Permission = Permission.INSIGHT_VIEW) -> int | None:
    """Return the one campus whose figures a reader sees, or None for all; whoever sees none is refused."""
    scope = by.scope_of(through)
    if scope is None:
        raise NotFound
    return None if scope == Scope.GROUP else by.campus_id


def sees_group(role: Role) -> bool:
    """Whether a role sees the figures of all campuses, be it on one page only."""
    ways = (Permission.INSIGHT_VIEW, Permission.INSIGHT_PAGE)
    return any(role.scopes.get(permission) == Scope.GROUP for permission in ways)


def covers(campus: int | None, by: Staff) -> bool:
    """Whether what was computed for one campus, or for all, lies within somebody's reach."""
    return sees_group(by.role) or (campus is not None and campus == by.campus_id)


def is_watched(by: Staff) -> bool:
    """Whether figures could tell a reader what no record would: who may open the records need not guess.

    Whoever signs reports answers for what leaves in them, and compares figures to do so.
    """
    if by.may(Permission.INSIGHT_SIGN):
        return False
    figures = by.scope_of(Permission.INSIGHT_VIEW) or by.scope_of(Permission.INSIGHT_PAGE)
    records = by.scope_of(Permission.PATIENT_VIEW)
    wide = list(Scope)
    return figures is None or records is None or wide.index(records) < wide.index(figures)


def at_work(username: str) -> Staff | None:
    """Return whoever a command is run for."""
    return Staff.objects.filter(username=username, is_active=True).select_related("role").first()


def may_open(page: Ready, by: Staff) -> bool:
    """By the right to all figures, or because it is the page of one's own work."""
    if by.may(Permission.INSIGHT_VIEW):
        return page.need is None or by.may(NEEDS[page.need])
    return page.work is not None and by.may(Permission.INSIGHT_PAGE) and by.may(page.work)


def may_see(metric: Metric, by: Staff) -> bool:
    return metric.need is None or by.may(NEEDS[metric.need])


def metrics_for(by: Staff) -> list[Metric]:
    return [metric for metric in METRICS if may_see(metric, by)]
