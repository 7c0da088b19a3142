"""Pieces of every act on feedback: a line of its trail, its clock, who is told at once."""

from datetime import datetime

from django.utils.translation import gettext_noop

from yimei.core.clock import local_date
from yimei.growth.enums.feedback import FeedbackStepKind, Severity
from yimei.growth.models import Feedback, FeedbackStep
from yimei.growth.queries import feedback as queries
from yimei.growth.queries import numbers
from yimei.growth.rules import feedback as rules
from yimei.hospital.queries import calendar_table
from yimei.outbox.actions import notifications
from yimei.people.models import Staff


def step(
    row: Feedback,
    kind: FeedbackStepKind,
    *,
    by: Staff | None,
    now: datetime,
    note: str = "",
    owner: Staff | None = None,
) -> FeedbackStep:
    return FeedbackStep.objects.create(feedback=row, kind=kind, note=note, owner=owner, by=by, at=now)


def set_clock(row: Feedback) -> None:
    """Say until when somebody must have answered; the caller saves."""
    on = local_date(row.created_at)
    table = calendar_table([on.year, on.year + 1])
    severity = Severity(row.severity) if row.severity else Severity.NORMAL
    due = rules.due(row.created_at, severity, numbers.clocks(on), table)
    row.due_at, row.is_provisional = due.at, due.is_provisional


def rise(row: Feedback, *, now: datetime) -> None:
    """Tell everybody who hands feedback out that medical safety may be at stake."""
    row.risen_at = now
    row.save(update_fields=["risen_at"])
    step(row, FeedbackStepKind.RISEN, by=None, now=now)
    tell_managers(row, gettext_noop("有一条意见可能涉及医疗安全，请立即查看并联系对方。"), "rise", now=now)


def tell_managers(row: Feedback, text: str, what: str, *, now: datetime) -> None:
    for one in queries.managers_of(row.campus):
        tell(one, text, row, what, now=now)


def tell(staff: Staff, text: str, row: Feedback, what: str, *, now: datetime) -> None:
    notifications.notify(
        staff,
        text,
        key=f"growth.feedback:{what}:{row.public_id}:{now:%Y%m%d%H%M}",
        now=now,
        where=f"desk:feedback-one:{row.public_id}",
        also_by_mail=row.severity == Severity.URGENT,
    )
