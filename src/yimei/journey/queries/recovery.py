"""Reads about the recovery room."""

from collections.abc import Sequence
from datetime import datetime

from yimei.core.errors import Missing
from yimei.journey.models import Observation, Surgery
from yimei.journey.rules import recovery as rules


def observations(surgery: Surgery) -> Sequence[Observation]:
    return list(surgery.observations.select_related("by").order_by("at", "id"))


def missing(surgery: Surgery, *, now: datetime) -> tuple[Missing, ...]:
    """What keeps this patient in the recovery room at ``now``."""
    where = f"desk:case-recovery:{surgery.case.public_id}"
    return tuple(rules.missing(observations(surgery), now=now, where=where))
