"""The officer's view of the log: who looked, by person, by staff and by time, and the report on a leaver."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from yimei.audit.enums import Look
from yimei.audit.models import Entry, Seal
from yimei.audit.queries import looks
from yimei.core import names
from yimei.core.clock import local_date
from yimei.core.errors import NotFound
from yimei.people.access import alias, has_alias, need
from yimei.people.models import BreakGlass, Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy.models import Alarm, Export
from yimei.privacy.queries.looks import PURPOSES

LEAVER_DAYS = 90
"""How far back the report on somebody who leaves goes (house rule)."""


@dataclass(frozen=True)
class Watched:
    """One line of the log as the officer reads it."""

    entry: Entry
    who: str
    whom: str
    file_no: str
    kind: str
    purpose: str


def log_lines(
    by: Staff,
    *,
    file_no: str = "",
    staff: str = "",
    kind: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Entry]:
    """Return the looks that fit, the newest first; an unknown file number or name fits nothing."""
    need(by, Permission.AUDIT_VIEW)
    rows = looks().order_by("-seq")
    if file_no:
        patient = Patient.objects.filter(file_no=file_no.strip().upper()).first()
        rows = rows.filter(subject_key=patient.person.vault_key.public_id) if patient else rows.none()
    if staff:
        found = Staff.objects.filter(Q(name__icontains=staff) | Q(username__iexact=staff))
        rows = rows.filter(actor__in=list(found.values_list("public_id", flat=True)[:50]))
    if kind in Look.values:
        rows = rows.filter(Q(action=kind) | Q(action__endswith=f".{kind}"))
    if since:
        rows = rows.filter(at__gte=since)
    return rows.filter(at__lt=until) if until else rows


def watched(entries: Iterable[Entry]) -> list[Watched]:
    """Give the lines their names; two queries, however many there are. Customers stay masked."""
    rows = list(entries)
    staff = {
        one.public_id: one
        for one in Staff.objects.filter(public_id__in={row.actor for row in rows if row.actor})
    }
    people = _people({row.subject_key for row in rows if row.subject_key})
    found = []
    for row in rows:
        one = staff.get(row.actor) if row.actor else None
        patient = people.get(row.subject_key) if row.subject_key else None
        word = row.action.rsplit(".", 1)[-1]
        found.append(
            Watched(
                entry=row,
                who=one.name if one else "",
                whom=_masked(patient) if patient else "",
                file_no=(patient.file_no or "") if patient else "",
                kind=str(Look(word).label) if word in Look.values else row.action,
                purpose=str(PURPOSES.get(row.purpose, row.purpose)),
            )
        )
    return found


@dataclass(frozen=True)
class Leaver:
    """What somebody did with people's data in the last ninety days before leaving."""

    staff: Staff
    since: datetime
    until: datetime
    looks: int
    persons: int
    kinds: Mapping[str, int]
    busiest: list[tuple[object, int]]
    late: int
    exports: list[Export]
    glasses: list[BreakGlass]
    alarms: list[Alarm]


def leaver(staff_id: UUID, *, by: Staff, now: datetime) -> Leaver:
    """Return the report on one member of staff; nobody reads the one on herself."""
    need(by, Permission.AUDIT_VIEW)
    staff = Staff.objects.select_related("role", "campus").filter(public_id=staff_id).first()
    if staff is None or staff.pk == by.pk:
        raise NotFound
    since = now - timedelta(days=LEAVER_DAYS)
    rows = looks().filter(actor=staff.public_id, at__gte=since, at__lt=now)
    kinds, days, people, late = Counter[str](), Counter[object](), set[UUID](), 0
    for action, at, key in rows.values_list("action", "at", "subject_key").iterator(chunk_size=2000):
        kinds[str(Look(action.rsplit(".", 1)[-1]).label)] += 1
        days[local_date(at)] += 1
        late += not 7 <= (at.hour + 8) % 24 < 22
        if key:
            people.add(key)
    return Leaver(
        staff=staff,
        since=since,
        until=now,
        looks=sum(kinds.values()),
        persons=len(people),
        kinds=dict(kinds.most_common()),
        busiest=days.most_common(5),
        late=late,
        exports=list(Export.objects.filter(asked_by=staff, asked_at__gte=since)),
        glasses=list(
            BreakGlass.objects.filter(staff=staff, at__gte=since).select_related("patient__person__vault_key")
        ),
        alarms=list(Alarm.objects.filter(staff=staff, raised_at__gte=since)),
    )


def latest_seals(count: int = 8) -> list[Seal]:
    return list(Seal.objects.order_by("-number")[:count])


def _people(keys: set[UUID]) -> dict[UUID, Patient]:
    rows = Patient.objects.filter(person__vault_key__public_id__in=keys).select_related("person__vault_key")
    return {patient.person.vault_key.public_id: patient for patient in rows}


def _masked(patient: Patient) -> str:
    if patient.person.vault_key.is_destroyed:
        return _("（资料已删除）")
    return alias(patient) if has_alias(patient) else names.mask(patient.person.name)


def names_of(keys: Iterable[UUID | None]) -> dict[UUID, str]:
    """A masked name for each person behind a key; one query."""
    return {key: _masked(patient) for key, patient in _people({key for key in keys if key}).items()}
