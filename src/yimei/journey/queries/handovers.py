"""Customers on their way from one consultant to another."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from yimei.core.errors import NotFound
from yimei.journey import registry
from yimei.journey.models import Case, Handover
from yimei.journey.registry import Look, TaskItem, TimelineItem, Worklist
from yimei.people.models import Staff
from yimei.people.roles import RoleCode

ANSWER_WITHIN = timedelta(hours=2)


def of_id(public_id: UUID, *, by: Staff) -> Handover:
    """Return a handover to one whom it concerns; others' are not found."""
    row = Handover.objects.concerning(by).with_people().filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def open_of(case: Case) -> Handover | None:
    return Handover.objects.open().with_people().filter(case=case).first()


def takers(case: Case) -> list[Staff]:
    """Return the other consultants of the campus."""
    consultants = Staff.objects.active().at(case.campus).in_role(RoleCode.CONSULTANT)
    others = consultants.exclude(pk=case.consultant.pk) if case.consultant else consultants
    return list(others.order_by("name"))


@registry.today_source(RoleCode.CONSULTANT)
def to_take(staff: Staff, now: datetime) -> Worklist[Handover]:
    asked = Handover.objects.open().filter(to_staff=staff)
    return Worklist(
        asked,
        ("asked_at",),
        lambda asked_at: asked_at + ANSWER_WITHIN,
        asked.with_people,
        lambda row, due_at: TaskItem(
            due_at=due_at,
            patient=row.case.patient,
            what=_("%(name)s 请您接手：%(what)s") % {"name": row.from_staff.name, "what": row.case.procedure},
            action=_("答复"),
            where=f"desk:handover:{row.public_id}",
            since=row.asked_at,
        ),
    )


@registry.timeline_source(Handover)
def handovers(look: Look) -> Iterator[TimelineItem]:
    for row in look.hand(Handover.objects.select_related("from_staff", "to_staff", "asked_by")):
        names = {"old": row.from_staff.name, "new": row.to_staff.name, "status": row.get_status_display()}
        yield TimelineItem(
            at=row.decided_at or row.asked_at,
            kind="case",
            title=_("交接：%(old)s → %(new)s（%(status)s）") % names,
            text=row.reason,
            by_name=row.asked_by.name,
        )
