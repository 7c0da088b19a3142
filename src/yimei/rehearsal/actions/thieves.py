"""Thefts acted out in a rehearsed hospital: through its doors, into its log, before its own alarms.

The rules, queries and jobs are the product's; only who looks at whom is played. All of it is rolled back.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.audit.enums import Look
from yimei.audit.models import Entry
from yimei.core.clock import local_date, local_day
from yimei.core.errors import NotFound, RuleBroken
from yimei.people.actions import canaries, looks, patients
from yimei.people.enums import LookPurpose, RevealPurpose
from yimei.people.models import CareRelation, Patient, Staff
from yimei.people.roles import Permission, RoleCode
from yimei.privacy.actions import alarms, exports
from yimei.privacy.enums.watch import AlarmSeverity
from yimei.privacy.models import Alarm
from yimei.privacy.queries import alarms as queries
from yimei.privacy.registry import find_export_source
from yimei.privacy.rules.alarms import is_business
from yimei.rehearsal.rules import thefts
from yimei.rehearsal.rules.thefts import Act, Glance, Reader

MONTH, BEFORE = timedelta(days=28), timedelta(days=56)
SCAN = timedelta(minutes=5)
NIGHTLY = timedelta(hours=4, minutes=40)
FEW = 60
"""Who may find fewer people than this besides her own cannot steal much: her right ends before."""
LIST = "customers"


@dataclass
class House:
    """What the rehearsed hospital gives: who works there, what they did, whom each may find."""

    ends_at: datetime
    staff: Mapping[UUID, Staff]
    people: Mapping[int, Patient]
    readers: Mapping[UUID, Reader]
    acts: Sequence[Act]
    carers: Mapping[int, Sequence[UUID]]

    @property
    def days(self) -> list[datetime]:
        """The midnights of the last four weeks."""
        first = local_date(self.ends_at - MONTH)
        return [local_day(first + timedelta(days=place))[0] for place in range(MONTH.days)]

    @property
    def workdays(self) -> list[datetime]:
        return [day for day in self.days if local_date(day).weekday() < 5]


@dataclass
class Tally:
    """What was tried and what the alarms said."""

    tried: int = 0
    found: int = 0
    delays: list[float] = field(default_factory=list)
    rules: Counter[str] = field(default_factory=Counter)
    stopped: int = 0
    """Looks that a gate refused the thief."""


@dataclass
class Played:
    """All of a run; delays of quick thefts in hours, of slow ones in working days."""

    looks: int = 0
    staff_months: int = 0
    accused: int = 0
    cries: Counter[str] = field(default_factory=Counter)
    quick: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    slow: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    thieves: int = 0
    out_of_reach: int = 0
    people: int = 0
    canaries: int = 0


def play(*, quick: int, slow: int, worlds: int, seed: int) -> Played:
    """Play months of honest work around the real acts, and in each of them thefts of every kind."""
    played = Played()
    with _undone():
        house = _open_house(played)
        for number in range(worlds):
            chance = Random(f"{seed}:{number}")
            with _undone():
                glances = thefts.honest(house.acts, house.readers, house.carers, chance)
                for glance in glances:
                    _honest_look(house, glance)
                played.looks += len(glances)
                accused = _honest_month(house, played)
                can = [one for one in _thieves(house) if house.staff[one.actor].pk not in accused]
                for kind, theft in thefts.QUICK.items():
                    able = _able(can, house, kind)
                    for _time in range(_share(quick, number, worlds) if able else 0):
                        _quick(house, kind, theft, chance.choice(able), played, chance)
                for kind, counts in thefts.SLOW.items():
                    for _time in range(_share(slow, number, worlds) if can else 0):
                        _slow(house, kind, counts, chance.choice(can), played, chance)
    return played


def _share(whole: int, number: int, parts: int) -> int:
    return whole // parts + (number < whole % parts)


@contextmanager
def _undone() -> Iterator[None]:
    """Nothing that happens within is left."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _open_house(played: Played) -> House:
    last = Entry.objects.order_by("-at").values_list("at", flat=True).first()
    officer = Staff.objects.active().in_role(RoleCode.PRIVACY).first()
    if last is None or officer is None:
        raise RuleBroken(_("数据库里没有彩排医院，请先运行 yimei rehearse。"))
    ends_at = local_day(local_date(last))[0]
    canaries.plant(by=officer, now=ends_at - BEFORE)
    staff = {one.public_id: one for one in Staff.objects.active().select_related("role", "campus")}
    people = {one.pk: one for one in Patient.objects.with_person().filter(sealed_at=None)}
    keys = {one.person.vault_key.public_id: one.pk for one in people.values()}
    cared = defaultdict(set)
    carers: dict[int, list[UUID]] = defaultdict(list)
    for actor, pk in CareRelation.objects.values_list("staff__public_id", "patient").order_by("pk"):
        cared[actor].add(pk)
        carers[pk].append(actor)
    readers = {actor: _reader(one, cared[actor]) for actor, one in staff.items()}
    rows = Entry.objects.filter(at__gt=ends_at - BEFORE, at__lte=ends_at, subject_key__in=keys)
    acts = [
        Act(at, actor, keys[key])
        for at, actor, key, action in rows.order_by("at", "seq").values_list(
            "at", "actor", "subject_key", "action"
        )
        if actor in staff and key in keys and is_business(action, is_by_somebody=True)
    ]
    house = House(
        ends_at, staff, people, {actor: one for actor, one in readers.items() if one.reach}, acts, carers
    )
    played.people = Patient.objects.counted().count()
    played.canaries = len(people) - Patient.objects.counted().filter(sealed_at=None).count()
    played.thieves = len(_thieves(house))
    played.out_of_reach = len(house.readers) - played.thieves
    return house


def _reader(staff: Staff, cared: set[int]) -> Reader:
    seen = Patient.objects.visible_to(staff).order_by("pk")
    reach = list(seen.counted().values_list("pk", flat=True))
    return Reader(
        actor=staff.public_id,
        role=staff.role_code,
        reach=reach,
        others=[pk for pk in reach if pk not in cared],
        searched=list(seen.values_list("pk", flat=True)),
        may_reveal=staff.may(Permission.PATIENT_REVEAL),
    )


def _thieves(house: House) -> list[Reader]:
    """Who is at work in these weeks and may find enough people of others."""
    at_work = {act.actor for act in house.acts}
    return [
        one for actor, one in sorted(house.readers.items()) if len(one.others) >= FEW and actor in at_work
    ]


def _able(can: Sequence[Reader], house: House, kind: str) -> Sequence[Reader]:
    """Those whose role lets them try this."""
    source = find_export_source(LIST)
    if kind == "telephone_numbers":
        return [one for one in can if one.may_reveal]
    if kind == "bulk_export" and source is not None:
        return [one for one in can if house.staff[one.actor].may(source.permission)]
    return can


def _honest_look(house: House, glance: Glance) -> None:
    by, patient = house.staff[glance.actor], house.people[glance.subject]
    if glance.kind == Look.REVEAL:
        _reveal(patient, by=by, at=glance.at)
    else:
        looks.record(patient, page="case", by=by, at=glance.at)


def _steal(house: House, glances: Sequence[Glance]) -> int:
    """Take what the doors let one take; return how many they did not."""
    stopped = 0
    for glance in sorted(glances, key=lambda one: one.at):
        by, patient = house.staff[glance.actor], house.people[glance.subject]
        try:
            if glance.kind == Look.REVEAL:
                exports.look(patient, page="case", by=by, now=glance.at)
                _reveal(patient, by=by, at=glance.at)
            elif glance.kind == Look.EXPORT:
                # As ``exports.make`` writes it for each person of a list.
                log.record(
                    f"privacy.list.{Look.EXPORT}",
                    at=glance.at,
                    by=by,
                    subject=patient.person.vault_key,
                    purpose=LookPurpose.SERVICE.value,
                )
            else:
                exports.look(patient, page="case", by=by, now=glance.at)
        except RuleBroken:
            stopped += 1
    return stopped


def _reveal(patient: Patient, *, by: Staff, at: datetime) -> None:
    try:
        patients.reveal_phone(patient.public_id, purpose=RevealPurpose.BOOKING, by=by, at=at)
    except (RuleBroken, NotFound):  # no number, or a canary of another campus
        return


def _honest_month(house: House, played: Played) -> set[int]:
    """Run the jobs over a month in which nobody stole; return whom they accuse."""
    accused: set[int] = set()
    with _undone():
        for midnight in house.days:
            usual = queries.usual(midnight + SCAN)
            raised = []
            for hour in (12, 16, 20, 24):
                raised += alarms.scan(now=midnight + timedelta(hours=hour), usual=usual)
            raised += alarms.scan_month(now=midnight + timedelta(days=1) + NIGHTLY)
            for alarm in _serious(raised):
                played.cries[alarm.kind] += 1
                accused.add(alarm.staff_id)
    played.staff_months += len({act.actor for act in house.acts if act.actor in house.readers})
    played.accused += len(accused)
    return accused


def _quick(
    house: House, kind: str, theft: thefts.Theft, thief: Reader, played: Played, chance: Random
) -> None:
    midnight = chance.choice(house.days[-20:])
    glances = list(theft(thief, midnight, chance))
    tally = played.quick[kind]
    tally.tried += 1
    with _undone():
        usual = queries.usual(midnight + SCAN)
        tally.stopped += _steal(house, glances)
        first, last = min(one.at for one in glances), max(one.at for one in glances)
        marks = [first + SCAN * place for place in range(1, (last - first) // SCAN + 3)]
        found = _at_mark(house, thief, marks[-1], usual)
        if not found:
            return
        low, high = 0, len(marks) - 1
        while low < high:  # what was seen at one scan is seen at the next
            middle = (low + high) // 2
            if now := _at_mark(house, thief, marks[middle], usual):
                found, high = now, middle
            else:
                low = middle + 1
    tally.found += 1
    tally.delays.append((marks[low] - first).total_seconds() / 3600)
    tally.rules.update({alarm.kind for alarm in found})


def _at_mark(house: House, thief: Reader, now: datetime, usual: queries.Usuals) -> list[Alarm]:
    with _undone():
        return _of(house, thief, alarms.scan(now=now, usual=usual))


def _slow(
    house: House,
    kind: str,
    counts: Callable[[Random, int], int],
    thief: Reader,
    played: Played,
    chance: Random,
) -> None:
    tally = played.slow[kind]
    tally.tried += 1
    with _undone():
        tally.stopped += _steal(house, thefts.slowly(thief, counts, house.workdays, chance))
        for place, midnight in enumerate(house.workdays, 1):
            raised = alarms.scan(now=midnight + timedelta(days=1), usual=queries.usual(midnight + SCAN))
            raised += alarms.scan_month(now=midnight + timedelta(days=1) + NIGHTLY)
            if found := _of(house, thief, raised):
                tally.found += 1
                tally.delays.append(place)
                tally.rules.update({alarm.kind for alarm in found})
                return


def _of(house: House, thief: Reader, raised: Sequence[Alarm]) -> list[Alarm]:
    pk = house.staff[thief.actor].pk
    return [alarm for alarm in _serious(raised) if alarm.staff_id == pk]


def _serious(raised: Sequence[Alarm]) -> list[Alarm]:
    """An emergency look is told, not suspected."""
    return [alarm for alarm in raised if alarm.severity != AlarmSeverity.NOTE]
