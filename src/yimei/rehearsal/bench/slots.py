"""The first common free time of a full hospital: 20 doctors, 30 rooms, 10 devices, 60 days, 80 % taken."""

import random
import resource
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from time import perf_counter
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from yimei.core.clock import local_day
from yimei.hospital.enums import Anaesthesia, Category, Field, Grade, InstitutionKind, RoomKind
from yimei.hospital.models import Campus, Device, Procedure, Room
from yimei.journey.enums import BookingKind, ResourceKind
from yimei.journey.models import Booking, Case, ResourceClaim
from yimei.journey.queries.visits import Ask, first_times
from yimei.journey.rules.bookings import Length
from yimei.people.enums import SourceKind
from yimei.people.models import Duty, Patient, Person, Role, Staff
from yimei.rehearsal.bench.scratch import scratch_database
from yimei.vault.keys import new_key

SEED = 20260616
DOCTORS, ROOMS, DEVICES, DAYS = 20, 30, 10, 60
FULL = 0.8
QUERIES = 400
MOST_PAST = 100_000
OPENS, CLOSES = timedelta(hours=9), timedelta(hours=18)
QUARTER = timedelta(minutes=15)
FIRST_DAY = date(2026, 6, 1)

Taken = tuple[ResourceKind, int, datetime, datetime]


def run(n: int) -> dict[str, Any]:
    """Return the latency of the search; ``n`` old claims lie behind the sixty days."""
    chance = random.Random(SEED)
    with scratch_database():
        world = _World()
        _tell(_("排满日历"))
        past = world.fill(_past(world.resources, min(n, MOST_PAST)))
        ahead = world.fill(_full_calendars(world.resources, chance))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        _tell(_("查询"))
        answers = list(world.ask(chance))
    times = sorted(milliseconds for milliseconds, _found in answers)
    return {
        "name": "slots",
        "n": n,
        "claims": ahead,
        "past_claims": past,
        "full": FULL,
        "queries": len(times),
        "found": sum(found for _milliseconds, found in answers),
        "p50_ms": round(times[len(times) // 2], 2),
        "p95_ms": round(times[int(len(times) * 0.95)], 2),
        "max_ms": round(times[-1], 2),
        "max_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


class _World:
    """The smallest hospital in which a calendar can be full."""

    def __init__(self) -> None:
        start = local_day(FIRST_DAY)[0]
        campus = Campus.objects.create(
            code="C", name="C", institution_kind=InstitutionKind.SPECIALIST, max_grade=Grade.FOUR
        )
        role = Role.objects.create(code="surgeon", name="surgeon")
        self.staff = [
            Staff.objects.create(
                username=f"d{i}", name=f"D{i}", role=role, campus=campus, vault_key=new_key()
            )
            for i in range(DOCTORS)
        ]
        self.rooms = [
            Room.objects.create(campus=campus, code=f"R{i}", name=f"R{i}", kind=RoomKind.TREATMENT)
            for i in range(ROOMS)
        ]
        self.devices = [
            Device.objects.create(campus=campus, code=f"M{i}", name=f"M{i}") for i in range(DEVICES)
        ]
        Duty.objects.bulk_create(
            Duty(staff=one, starts_at=opens, ends_at=closes)
            for one in self.staff
            for opens, closes in map(_hours, range(DAYS))
        )
        self.procedure = Procedure.objects.create(
            code="P",
            name="P",
            category=Category.LASER,
            field=Field.DERMATOLOGY,
            grade=Grade.NONE,
            anaesthesia=Anaesthesia.NONE,
            minutes_p50=30,
            minutes_p90=30,
            setup_minutes=0,
            turnover_minutes=0,
        )
        person = Person.objects.create(vault_key=new_key(), created_at=start)
        self.patient = Patient.objects.create(
            person=person, campus=campus, source=SourceKind.PHONE, created_at=start
        )
        case = Case.objects.create(
            patient=self.patient,
            campus=campus,
            procedure=self.procedure,
            stage_since=start,
            opened_at=start,
            opened_by=self.staff[0],
        )
        self.owner = Booking.objects.create(
            case=case,
            patient=self.patient,
            campus=campus,
            kind=BookingKind.TREATMENT,
            procedure=self.procedure,
            staff=self.staff[0],
            room=self.rooms[0],
            starts_at=start,
            ends_at=start + QUARTER,
            created_at=start,
            created_by=self.staff[0],
        )

    @property
    def resources(self) -> list[tuple[ResourceKind, int]]:
        return [
            *((ResourceKind.STAFF, one.pk) for one in self.staff),
            *((ResourceKind.ROOM, one.pk) for one in self.rooms),
            *((ResourceKind.DEVICE, one.pk) for one in self.devices),
        ]

    @transaction.atomic
    def fill(self, taken: Iterator[Taken]) -> int:
        """Insert plain rows, guarded by the same triggers as the hospital's."""
        rows = [(kind.value, pk, start, end, self.owner.pk) for kind, pk, start, end in taken]
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {ResourceClaim._meta.db_table} "
                "(kind, resource_id, starts_at, ends_at, booking_id) VALUES (%s, %s, %s, %s, %s)",
                rows,
            )
        return len(rows)

    def ask(self, chance: random.Random) -> Iterator[tuple[float, bool]]:
        """Yield the milliseconds of each search, and whether it found a time."""
        for number in range(QUERIES):
            asks = self._visit(number % 4, chance)
            begin = local_day(FIRST_DAY)[0] + chance.randrange(DAYS * 24 * 4 // 2) * QUARTER
            window = (begin, local_day(FIRST_DAY + timedelta(days=DAYS))[0])
            started = perf_counter()
            found = first_times(asks, window, patient=self.patient)
            yield (perf_counter() - started) * 1000, bool(found)

    def _visit(self, shape: int, chance: random.Random) -> list[Ask]:
        """A named set, anybody anywhere, two services in sequence, or three of which two at once."""
        if shape == 0:
            return [
                self._part(
                    0,
                    30,
                    [chance.choice(self.staff)],
                    [chance.choice(self.rooms)],
                    [chance.choice(self.devices)],
                )
            ]
        if shape == 1:
            return [self._part(0, 60, self.staff, self.rooms, self.devices)]
        first = self._part(0, 30, [chance.choice(self.staff)], self.rooms, [])
        then = self._part(30, 45, self.staff, self.rooms, self.devices)
        if shape == 2:
            return [first, then]
        return [first, then, self._part(45, 30, self.staff, self.rooms, [])]

    def _part(
        self,
        offset: int,
        minutes: int,
        staff: Sequence[Staff],
        rooms: Sequence[Room],
        devices: Sequence[Device],
    ) -> Ask:
        return Ask(
            procedure=self.procedure,
            kind=BookingKind.TREATMENT,
            staff=staff,
            rooms=rooms,
            devices=devices,
            offset=timedelta(minutes=offset),
            length=Length(timedelta(minutes=minutes)),
        )


def _hours(day: int) -> tuple[datetime, datetime]:
    midnight = local_day(FIRST_DAY + timedelta(days=day))[0]
    return midnight + OPENS, midnight + CLOSES


def _full_calendars(resources: Sequence[tuple[ResourceKind, int]], chance: random.Random) -> Iterator[Taken]:
    """Take four fifths of each day of each resource, in blocks of a quarter to a whole hour."""
    quarters = (CLOSES - OPENS) // QUARTER
    for kind, pk in resources:
        for day in range(DAYS):
            opens = _hours(day)[0]
            free: set[int] = set()
            while len(free) < quarters * (1 - FULL) - 1:
                hole = chance.randrange(quarters)
                free.update(range(hole, min(hole + chance.randint(1, 4), quarters)))
            at = 0
            while at < quarters:
                if at in free:
                    at += 1
                    continue
                end = at + 1
                while end < quarters and end not in free and end - at < chance.randint(1, 4):
                    end += 1
                yield kind, pk, opens + at * QUARTER, opens + end * QUARTER
                at = end


def _past(resources: Sequence[tuple[ResourceKind, int]], count: int) -> Iterator[Taken]:
    """Old claims, half an hour each, the oldest first, up to the evening before the first day."""
    rounds = -(-count // len(resources))
    begin = local_day(FIRST_DAY)[0] - rounds * 2 * QUARTER
    for number in range(count):
        kind, pk = resources[number % len(resources)]
        start = begin + (number // len(resources)) * 2 * QUARTER
        yield kind, pk, start, start + 2 * QUARTER


def _tell(text: str) -> None:
    sys.stderr.write(f"\r{text:<40}")
    sys.stderr.flush()
