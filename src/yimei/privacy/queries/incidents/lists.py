"""Which incidents and drills there are, and whose account it may have been."""

from datetime import datetime

from django.db.models import QuerySet

from yimei.people.models import Staff
from yimei.privacy.enums.incidents import IncidentStatus
from yimei.privacy.models import Incident


def listed(by: Staff, *, show: str = "") -> QuerySet[Incident]:
    rows = Incident.objects.visible_to(by).with_people()
    if show == "drills":
        return rows.filter(is_drill=True)
    if show == "closed":
        return rows.filter(is_drill=False).exclude(pk__in=Incident.objects.running())
    return rows.running()


def drills_done(since: datetime, until: datetime) -> int:
    """Drills that were carried through to their end in a window."""
    done = Incident.objects.filter(is_drill=True, status=IncidentStatus.CLOSED)
    return done.filter(closed_at__gte=since, closed_at__lt=until).count()


def last_drill(now: datetime) -> datetime | None:
    done = Incident.objects.filter(is_drill=True, status=IncidentStatus.CLOSED, closed_at__lte=now)
    return done.order_by("-closed_at").values_list("closed_at", flat=True).first()


def accounts() -> list[Staff]:
    """Every account, those who left as well: it may be theirs that was misused."""
    return list(Staff.objects.order_by("-is_active", "name"))


def account_named(public_id: str) -> Staff | None:
    return next((one for one in accounts() if str(one.public_id) == public_id), None)
