"""The codes by which a customer says that she is here."""

from datetime import datetime
from uuid import UUID

from django.conf import settings

from yimei.core.clock import local_date
from yimei.journey.models import Booking
from yimei.journey.rules import arrivals as rules


def pass_of(booking: Booking) -> str:
    """Return what the customer shows at the desk on the day of her visit."""
    return rules.make_pass(settings.SECRET_KEY, booking.public_id, local_date(booking.starts_at))


def desk_code(campus_id: UUID, now: datetime) -> str:
    """Return what the desk of a campus shows to customers today."""
    return rules.desk_code(settings.SECRET_KEY, campus_id, local_date(now))
