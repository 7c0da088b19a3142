"""The made-up customers and whose they are: which of them rang, and from whose list a number came."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max

from yimei.people.access import need
from yimei.people.models import Canary, Staff
from yimei.people.roles import Permission
from yimei.privacy.enums.watch import AlarmKind, ExportKind
from yimei.privacy.models import Alarm, Export


@dataclass(frozen=True)
class Planted:
    """One canary as the officer sees it; she never sees the one that was planted for her."""

    staff: Staff
    name: str
    phone: str
    planted_at: datetime
    opened: int
    lists: int
    last_list: datetime | None


def canaries(by: Staff) -> Sequence[Planted]:
    """Return every canary but one's own; the ones of people who left stay, for their lists stay too."""
    need(by, Permission.PRIVACY_WRITE)
    rows = (
        Canary.objects.exclude(planted_for=by)
        .filter(patient__sealed_at=None)
        .select_related("planted_for__role", "planted_for__campus", "patient__person__vault_key")
    )
    rang = Counter(
        Alarm.objects.filter(kind=AlarmKind.CANARY).exclude(staff=by).values_list("subject_key", flat=True)
    )
    lists = {
        row["asked_by"]: (row["made"], row["last"])
        for row in Export.objects.filter(kind=ExportKind.FILE, made_at__isnull=False)
        .order_by()
        .values("asked_by")
        .annotate(made=Count("pk"), last=Max("made_at"))
    }
    return [_planted(one, rang, lists.get(one.planted_for_id, (0, None))) for one in rows]


def waiting(by: Staff) -> int:
    """How many who may find customers have no canary yet."""
    rows = Staff.objects.active().filter(canary=None).select_related("role")
    return sum(staff.may(Permission.PATIENT_VIEW) for staff in rows)


def _planted(one: Canary, rang: Counter[UUID | None], lists: tuple[int, datetime | None]) -> Planted:
    person = one.patient.person
    return Planted(
        one.planted_for,
        person.name,
        person.phone,
        one.planted_at,
        rang[person.vault_key.public_id],
        *lists,
    )
