"""The hospital's own numbers of the service journey."""

from datetime import datetime

from yimei.journey.rules.settings import NUMBERS
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.actions import numbers
from yimei.privacy.models import Limit


def set_number(code: str, *, value: int, reason: str, by: Staff, now: datetime) -> Limit:
    """Set one number from tomorrow on; what runs by the old one keeps it."""
    return numbers.set_number(
        NUMBERS, code, value=value, reason=reason, permission=Permission.CATALOGUE_WRITE, by=by, now=now
    )
