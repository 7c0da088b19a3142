"""What flows may give to members: points, once for each run and step."""

from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from django.utils.translation import gettext_lazy as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.growth import registry
from yimei.growth.actions import points
from yimei.growth.models import Member, PointEntry
from yimei.growth.queries import members as queries
from yimei.growth.rules.members import months_on
from yimei.people.models import Patient

MOST = 1_000
"""Points that one step may give; more is a promotion, with its budget and approval."""


@registry.grant("points", _("赠送积分"))
def give_points(patient: Patient, value: str, key: str, now: datetime) -> bool:
    """Give a member points that last as long as earned ones; nothing to those who are none."""
    member = Member.objects.filter(patient=patient, left_at=None).first()
    amount = int(value) if value.isdecimal() and len(value) <= len(str(MOST)) else 0
    if member is None or not 1 <= amount <= MOST:
        return False
    today, ref = local_date(now), uuid5(NAMESPACE_URL, key)
    if PointEntry.objects.filter(member=member, ref=ref).exists():
        return False
    end = months_on(today, queries.policy_on(today).valid_months)
    points.gift(member, amount, ref=ref, expires_on=end, by=None, now=now)
    log.record("growth.points.gift", at=now, target=member, subject=patient.person.vault_key)
    return True
