"""Reads after the operation: what is due, what was found, how satisfied the customer is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from yimei.core.clock import local_date, local_day
from yimei.hospital.enums import StepKind
from yimei.journey.enums import TaskStatus
from yimei.journey.models import AftercareTask, Case, Review, Survey
from yimei.journey.queries.board import list_names
from yimei.people.models import Staff
from yimei.vault.fields import key_path

WEEK = timedelta(days=7)
SHOWN = 200
DUE = ("overdue", "today", "week", "done")
"""The filters of the list."""


@dataclass(frozen=True)
class Due:
    """One task of the list with the name it is shown under."""

    task: AftercareTask
    who: str
    now: datetime

    @property
    def is_late(self) -> bool:
        return self.task.status == TaskStatus.OPEN and self.task.late_at < self.now

    @property
    def days_late(self) -> int:
        return (self.now - self.task.late_at).days

    @property
    def tone(self) -> str:
        if self.task.has_red_flag or self.is_late:
            return "danger"
        return "warn" if self.task.status == TaskStatus.OPEN and self.task.due_at < self.now else ""


def worklist(*, by: Staff, now: datetime, due: str = "today", kind: str = "") -> list[Due]:
    """Return the tasks of one filter, the most pressing first; ``today`` holds what is late as well."""
    tasks = _filters(now)[due if due in DUE else "today"]
    rows = AftercareTask.objects.visible_to(by).with_people().filter(tasks)
    if kind in StepKind:
        rows = rows.filter(kind=kind)
    ordered = rows.order_by("-done_at") if due == "done" else rows.order_by("due_at", "id")
    found = list(ordered[:SHOWN])
    names = list_names((task.case.patient for task in found), by=by)
    return [Due(task, names[task.case.patient_id], now) for task in found]


def counts(*, by: Staff, now: datetime) -> dict[str, int]:
    """How many tasks stand behind each filter; one query."""
    filters = {name: Count("pk", filter=wanted) for name, wanted in _filters(now).items()}
    return AftercareTask.objects.visible_to(by).order_by().aggregate(**filters)


def late_count(by: Staff, now: datetime) -> int:
    return AftercareTask.objects.visible_to(by).filter(_filters(now)["overdue"]).count()


def tasks_of(case: Case) -> Sequence[AftercareTask]:
    return list(case.aftercare_tasks.with_people())


def reviews_of(case: Case) -> Sequence[Review]:
    return list(case.reviews.select_related("by", key_path(Review)))


def survey_of(case: Case) -> Survey | None:
    return case.surveys.select_related(key_path(Survey)).first()


def due_by(by: Staff, until: datetime) -> QuerySet[AftercareTask]:
    """Return the open tasks that are due before an instant."""
    return AftercareTask.objects.visible_to(by).filter(status=TaskStatus.OPEN, due_at__lt=until).with_people()


def flagged(by: Staff, since: datetime) -> QuerySet[AftercareTask]:
    return AftercareTask.objects.visible_to(by).filter(has_red_flag=True, done_at__gte=since).with_people()


def _filters(now: datetime) -> dict[str, Q]:
    start, end = local_day(local_date(now))
    is_open = Q(status=TaskStatus.OPEN)
    return {
        "overdue": is_open & Q(late_at__lt=now),
        "today": is_open & Q(due_at__lt=end),
        "week": is_open & Q(due_at__lt=start + WEEK),
        "done": Q(status=TaskStatus.DONE, done_at__gte=start - WEEK),
    }
