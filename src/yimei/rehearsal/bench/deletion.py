"""How long it takes to plan the deletion of somebody who has been coming for twenty years."""

import resource
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from yimei.hospital.enums import Anaesthesia, Category, Field, Grade, InstitutionKind, RoomKind
from yimei.hospital.models import Campus, Procedure, Room
from yimei.journey.enums import BookingKind, BookingStatus
from yimei.journey.models import Booking, BookingMove, Case
from yimei.people.enums import AlertKind, SourceKind
from yimei.people.models import Alert, Patient, Person, Role, Staff
from yimei.privacy.actions import reference
from yimei.privacy.enums import Answer
from yimei.privacy.queries.copies import package_of
from yimei.privacy.queries.erasure import plan
from yimei.rehearsal.bench.scratch import scratch_database
from yimei.vault.keys import new_key

NOW = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
YEARS, VISITS_A_YEAR, MOVES = 20, 12, 4
MOST_OTHERS = 200_000
"""Visits of other people that lie between hers."""


def run(n: int) -> dict[str, Any]:
    """Plan for one patient of twenty years among ``n`` visits of others (at most 200,000)."""
    with scratch_database():
        with transaction.atomic():
            house = _House()
            hers = house.visits(house.patient, YEARS * VISITS_A_YEAR)
            others = house.visits(house.somebody(), min(n, MOST_OTHERS))
            house.alerts(YEARS)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        _tell(_("计算"))
        times = sorted(_timed(house.patient) for _turn in range(5))
        started = perf_counter()
        size = len(package_of(house.patient, now=NOW))
        copied = perf_counter() - started
        found = plan(house.patient, NOW)
        return {
            "name": "deletion",
            "n": others,
            "years": YEARS,
            "visits": hers,
            "rows": sum(line.count for line in found.lines),
            "holdings": len(found.lines),
            "sealed": sum(line.answer == Answer.SEAL for line in found.lines),
            "plan_s_p50": round(times[len(times) // 2], 3),
            "plan_s_max": round(times[-1], 3),
            "copy_s": round(copied, 3),
            "copy_kb": size // 1024,
            "max_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }


class _House:
    """One campus, one member of staff, one procedure, and the patient of twenty years."""

    def __init__(self) -> None:
        self.campus = Campus.objects.create(
            code="A",
            name="A",
            address="A",
            phone="021-00000000",
            institution_kind=InstitutionKind.SPECIALIST,
            max_grade=Grade.FOUR,
        )
        reference.load(NOW - timedelta(days=365 * YEARS))
        role = Role.objects.create(code="bench", name="bench")
        self.staff = Staff.objects.create(
            username="bench", name="B", role=role, campus=self.campus, vault_key=new_key()
        )
        self.room = Room.objects.create(campus=self.campus, code="R", name="R", kind=RoomKind.TREATMENT)
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
        self.patient = self.somebody()

    def somebody(self) -> Patient:
        start = NOW - timedelta(days=365 * YEARS)
        person = Person.objects.create(
            vault_key=new_key(), name="林晓雨", phone="+8612000000001", created_at=start
        )
        return Patient.objects.create(
            person=person, campus=self.campus, source=SourceKind.PHONE, created_at=start
        )

    def visits(self, patient: Patient, count: int) -> int:
        case = Case.objects.create(
            patient=patient,
            campus=self.campus,
            procedure=self.procedure,
            stage_since=NOW,
            opened_at=NOW - timedelta(days=365 * YEARS),
            opened_by=self.staff,
        )
        made = Booking.objects.bulk_create(self._bookings(patient, case, count), batch_size=500)
        if patient == self.patient:
            BookingMove.objects.bulk_create(
                BookingMove(booking=booking, old="", new=BookingStatus.SERVED, by=self.staff, at=NOW)
                for booking in made
                for _turn in range(MOVES)
            )
        return len(made)

    def _bookings(self, patient: Patient, case: Case, count: int) -> Iterator[Booking]:
        step = timedelta(days=365 * YEARS) / (count + 1)
        for number in range(count):
            at = NOW - timedelta(days=1) - step * number
            yield Booking(
                case=case,
                patient=patient,
                campus=self.campus,
                kind=BookingKind.TREATMENT,
                procedure=self.procedure,
                staff=self.staff,
                room=self.room,
                starts_at=at,
                ends_at=at + timedelta(minutes=30),
                status=BookingStatus.CANCELLED,
                created_at=at - timedelta(days=3),
                created_by=self.staff,
            )

    def alerts(self, count: int) -> None:
        for _number in range(count):
            Alert.objects.create(
                patient=self.patient,
                kind=AlertKind.ALLERGY,
                text="青霉素过敏",
                recorded_at=NOW,
                recorded_by=self.staff,
            )


def _timed(patient: Patient) -> float:
    started = perf_counter()
    plan(patient, NOW)
    return perf_counter() - started


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
