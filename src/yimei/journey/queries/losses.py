"""Why customers left without an order."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from yimei.core.clock import local_day
from yimei.journey.enums import CaseStage, LossReason
from yimei.journey.models import Case
from yimei.people.models import Staff
from yimei.people.roles import Permission


@dataclass(frozen=True)
class Loss:
    """One reason and how often it was given."""

    reason: LossReason
    count: int
    share: float


def losses(*, by: Staff, start: date, end: date) -> list[Loss]:
    """Return the reasons of the episodes lost in [start, end), the most frequent first; one query."""
    rows = Case.objects.visible_to(by, Permission.MONEY_VIEW).filter(
        stage=CaseStage.LOST, closed_at__gte=local_day(start)[0], closed_at__lt=local_day(end)[0]
    )
    found = list(rows.order_by().values_list("loss_reason").annotate(count=Count("pk")))
    total = sum(count for _reason, count in found)
    kept = [Loss(LossReason(reason), count, count / total) for reason, count in found]
    return sorted(kept, key=lambda loss: (-loss.count, loss.reason.value))
