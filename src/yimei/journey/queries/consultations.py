"""What is known when a consultant sits with a customer."""

from datetime import datetime

from yimei.core.clock import local_date
from yimei.journey.enums import BookingKind, BookingStatus
from yimei.journey.models import Case, Consultation
from yimei.journey.queries.bookings import OnDuty, on_duty
from yimei.people.roles import RoleCode


def newest(case: Case) -> Consultation | None:
    """Return the consultation that counts, read with its key."""
    rows = case.consultations.select_related("by", "case__patient__person__vault_key")
    return rows.order_by("-started_at", "-id").first()


def has_arrived(case: Case) -> bool:
    """Whether the customer has come for a consultation, so that it can be written down."""
    seen = [BookingStatus.ARRIVED, BookingStatus.SERVED]
    return case.bookings.filter(kind=BookingKind.CONSULT, status__in=seen).exists()


def physicians_on_duty(case: Case, now: datetime) -> list[OnDuty]:
    """Return to whom the customer can be referred today."""
    people = on_duty(local_date(now), campus=case.campus)
    return [one for one in people if one.staff.role_code == RoleCode.SURGEON]
