"""What a hospital has from its first day on: the shipped reference data of every part, in one load."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from yimei.core.database.locks import lock
from yimei.growth.actions import reference as growth
from yimei.hospital.actions import reference as hospital
from yimei.journey.actions import reference as journey
from yimei.outbox.actions import reference as outbox
from yimei.people.actions import staff
from yimei.privacy.actions import reference as privacy


@transaction.atomic
def load(*, now: datetime) -> Mapping[str, int]:
    """Add what is missing and return how many rows of each part; a second run adds nothing.

    What the hospital has changed stays. No campus is named, so that nobody finds prices that nobody set.
    """
    lock("config.reference")
    added = {
        "people": staff.seed_roles(now),
        "hospital": sum(hospital.load(campus_codes=[], at=now).values()),
        "privacy": privacy.load(now).total,
        "outbox": outbox.load(at=now),
        "journey": journey.load(at=now),
        "growth": growth.load(at=now),
    }
    return {part: rows for part, rows in added.items() if rows}
