"""Reads of improvements: the gate to one, the list, what was said before and after."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from yimei.core.database.rows import only
from yimei.growth.enums.feedback import FeedbackKind, FeedbackStatus, ImprovementStatus
from yimei.growth.models import Feedback, Improvement
from yimei.growth.models.feedback import ImprovementQuerySet
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.rules import pii

VIEWS = (*ImprovementStatus.values,)
BAD = (FeedbackKind.COMPLAINT, FeedbackKind.SUGGESTION)


def open_improvement(
    public_id: UUID, *, by: Staff, lock: bool = False, permission: Permission = Permission.FEEDBACK_WRITE
) -> Improvement:
    rows = Improvement.objects.reachable(by, permission).select_related(
        "campus", "owner", "place", "created_by"
    )
    return only(rows, public_id, lock=lock)


def listed(view: str, *, by: Staff) -> ImprovementQuerySet:
    rows = Improvement.objects.reachable(by).select_related("owner", "place", "campus")
    if view in VIEWS:
        rows = rows.filter(status=view)
    return rows.annotate(said=Count("feedback")).order_by("due_on", "pk")


def counts(*, by: Staff) -> dict[str, int]:
    rows = Improvement.objects.reachable(by).order_by()
    return dict(rows.values_list("status").annotate(n=Count("pk")))


def reasons(made: Improvement, *, by: Staff) -> list[tuple[Feedback, str]]:
    """What was said that led to it, as far as the reader may see it, masked."""
    rows = Feedback.objects.reachable(by).with_people().filter(improvements=made).order_by("created_at")
    return [(one, pii.mask(one.said)[:90]) for one in rows[:20]]


def to_join(row: Feedback) -> QuerySet[Improvement]:
    """What runs already at this campus about the same theme."""
    rows = Improvement.objects.filter(campus=row.campus, theme=row.theme).exclude(feedback=row)
    return rows.filter(status__in=[ImprovementStatus.OPEN, ImprovementStatus.DONE])


def ready_at(made: Improvement) -> datetime:
    """From when on the effect can be counted."""
    return (made.done_at or made.created_at) + timedelta(days=made.days)


def to_count(*, now: datetime) -> list[Improvement]:
    rows = Improvement.objects.filter(status=ImprovementStatus.DONE, after=None)
    found = rows.select_related("campus", "owner", "place").order_by("pk")
    return [one for one in found if ready_at(one) <= now]


def to_remind(*, on: date) -> QuerySet[Improvement]:
    rows = Improvement.objects.filter(status=ImprovementStatus.OPEN, reminded_at=None, due_on__lte=on)
    return rows.select_related("owner").order_by("pk")


def before_and_after(made: Improvement) -> tuple[int, int]:
    """Complaints and suggestions on its theme, at its place if it has one, in equal numbers of days."""
    rows = Feedback.objects.filter(campus=made.campus, theme=made.theme, kind__in=BAD)
    rows = rows.exclude(status=FeedbackStatus.VOID).order_by()
    if made.place is not None:
        rows = rows.filter(place=made.place)
    span, since = timedelta(days=made.days), made.done_at or made.created_at
    told = rows.aggregate(
        before=Count("pk", filter=Q(created_at__lte=made.created_at, created_at__gt=made.created_at - span)),
        after=Count("pk", filter=Q(created_at__gt=since, created_at__lte=since + span)),
    )
    return told["before"], told["after"]
