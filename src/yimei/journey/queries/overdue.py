"""Next steps that nobody took in time: what rises to the manager."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.journey import registry
from yimei.journey.models import Case
from yimei.journey.models.cases import CaseQuerySet
from yimei.journey.queries import visits
from yimei.journey.queries.board import list_names
from yimei.journey.registry import TaskItem
from yimei.people.models import Staff
from yimei.people.roles import Permission, RoleCode

SHIPPED_HOURS, SHOWN = 24, 200


@dataclass(frozen=True)
class Overdue:
    """One open case whose next step is late, or that has none."""

    case: Case
    who: str
    late: timedelta | None


def limit(now: datetime) -> timedelta:
    return timedelta(hours=visits.number("case.overdue_hours", local_date(now), SHIPPED_HOURS))


def rows(*, by: Staff, now: datetime, owner: Staff | None = None) -> list[Overdue]:
    """Return the latest first; an open case without a next step stands on top."""
    found = _late(by, now).with_people().order_by("next_due_at", "pk")
    if owner is not None:
        found = found.filter(next_owner=owner)
    cases = sorted(found[:SHOWN], key=lambda case: case.next_due_at or case.opened_at)
    names = list_names((case.patient for case in cases), by=by)
    return [
        Overdue(case, names[case.patient_id], now - case.next_due_at if case.next_due_at else None)
        for case in cases
    ]


@registry.today_source(RoleCode.DIRECTOR)
def rises(staff: Staff, now: datetime) -> Iterator[TaskItem]:
    """One line for each member of staff whose customers wait too long."""
    counted = _late(staff, now).order_by().values("next_owner", "next_owner__name")
    for row in counted.annotate(count=Count("pk"), first=Min("next_due_at"), opened=Min("opened_at")):
        yield TaskItem(
            due_at=row["first"] or row["opened"],
            patient=None,
            who=row["next_owner__name"] or _("无人负责"),
            what=_("%(count)d 位客户的下一步已逾期") % {"count": row["count"]},
            action=_("查看"),
            where="desk:overdue",
            tone="danger",
        )


def _late(by: Staff, now: datetime) -> CaseQuerySet:
    late = Q(next_due_at__lt=now - limit(now)) | Q(next_due_at=None)
    seen = Case.objects.visible_to(by, Permission.BOOKING_VIEW).open()
    return seen.filter(late, campus=by.campus_id)
