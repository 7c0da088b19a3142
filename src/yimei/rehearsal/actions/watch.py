"""What the watch over the log has to show: somebody curious, a list asked for, a first seal."""

from datetime import datetime, timedelta

from yimei.audit.actions import seals
from yimei.people.actions import looks
from yimei.people.enums import LookPurpose
from yimei.people.models import Patient
from yimei.people.roles import RoleCode
from yimei.privacy.actions import alarms, exports
from yimei.privacy.registry import find_export_source
from yimei.rehearsal.actions.world import World

STRANGERS = 8
LIST = "customers"


def leave_traces(world: World, *, now: datetime) -> None:
    """A nurse opened the oldest files one evening; the aftercare desk asks for its list."""
    curious = world.staff[RoleCode.NURSE][-1]
    oldest = Patient.objects.with_person().filter(campus=curious.campus, sealed_at=None).order_by("pk")
    for number, patient in enumerate(oldest[:STRANGERS]):
        at = now - timedelta(hours=2) + timedelta(minutes=2 * number)
        looks.record(patient, page="case", by=curious, at=at)
    alarms.scan(now=now)
    asking = world.staff[RoleCode.AFTERCARE][0]
    if find_export_source(LIST) and oldest.exists():
        exports.ask(
            LIST,
            query={},
            purpose=LookPurpose.AFTERCARE,
            reason="季度回访名单，只给客服组，用完即删",
            by=asking,
            now=now,
        )
    seals.seal(now=now)
