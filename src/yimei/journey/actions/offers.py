"""What customers may book by themselves, and what must come first: set by who keeps the catalogue."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from yimei.hospital.actions import procedures
from yimei.hospital.enums import OnlineBooking
from yimei.hospital.models import Procedure
from yimei.journey.rules import own as rules
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission


@transaction.atomic
def set_terms(
    procedure_id: UUID, *, online: OnlineBooking, consult_days: int | None, by: Staff, now: datetime
) -> Procedure:
    """Open a procedure to customers or close it; other consultation terms wait for a clinician again."""
    need(by, Permission.CATALOGUE_WRITE)
    return procedures.update(
        procedure_id,
        by=by,
        at=now,
        online=online,
        needs_consult_days=rules.check_days(consult_days),
    )
