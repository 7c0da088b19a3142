"""What a hospital has from its first day on: the shipped reference data of every part, in one load."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.core.database.locks import lock
from yimei.core.language import in_house
from yimei.growth.actions import reference as growth
from yimei.hospital.actions import reference as hospital
from yimei.journey.actions import reference as journey
from yimei.outbox.actions import reference as outbox
from yimei.outbox.actions.notifications import notify
from yimei.people.actions import guardians, roles, staff
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.actions import openings
from yimei.privacy.actions import reference as privacy


@in_house()
@transaction.atomic
def load(*, now: datetime) -> Mapping[str, int]:
    """Add what is missing and return how many rows of each part; a second run adds nothing.

    What the hospital has changed stays. No campus is named, so that nobody finds prices that nobody set.
    """
    lock("config.reference")
    rules_of_privacy = privacy.load(now, publishes=False)
    added = {
        "people": staff.seed_roles(now) + _offer(now) + guardians.find_again(at=now),
        "hospital": sum(hospital.load(campus_codes=[], at=now).values()),
        "privacy": rules_of_privacy.total + openings.look(now=now, known=rules_of_privacy.known),
        "outbox": outbox.load(at=now),
        "journey": journey.load(at=now),
        "growth": growth.load(at=now),
    }
    return {part: rows for part, rows in added.items() if rows}


def _offer(now: datetime) -> int:
    """Ask the administrators about permissions that an update brought; nobody is given one unasked."""
    waiting = roles.offer_new(now=now)
    if waiting:
        text = _("更新带来 %(count)d 项新权限，请决定给哪些角色。") % {"count": waiting}
        for one in Staff.objects.active().filter(role__grants__permission=Permission.STAFF_WRITE):
            notify(one, text, key=f"people.offer:{now:%Y%m%d%H%M}", where="desk:roles", now=now)
    return waiting
