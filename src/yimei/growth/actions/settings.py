"""The hospital's own numbers of growth."""

from datetime import datetime

from yimei.growth.rules.settings import NUMBERS
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.actions import numbers
from yimei.privacy.models import Limit


def set_number(code: str, *, value: int, reason: str, by: Staff, now: datetime) -> Limit:
    """Set one number from tomorrow on; what runs by the old one keeps it."""
    return numbers.set_number(
        NUMBERS, code, value=value, reason=reason, permission=Permission.GROWTH_WRITE, by=by, now=now
    )
