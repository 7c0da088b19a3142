"""Two consultants, two surgeons and two consulting rooms, on duty on one Tuesday from nine to six."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any
from uuid import uuid4

from tests.factories.hospital import CampusFactory, ProcedureFactory, RoomFactory
from tests.factories.kept import Kept, kept
from tests.factories.people import CareRelationFactory, DutyFactory, PatientFactory, StaffFactory
from yimei.hospital.enums import RoomKind
from yimei.journey.actions import bookings
from yimei.journey.enums import BookingKind, VisitKind
from yimei.journey.models import Booking
from yimei.outbox.actions import reference
from yimei.people.enums import CareReason
from yimei.people.models import Patient, Staff

TEN = datetime(2026, 6, 16, 2, tzinfo=UTC)
"""10:00 in Shanghai."""
EIGHT = TEN - timedelta(hours=2)
HALF_HOUR = timedelta(minutes=30)
QUARTER = timedelta(minutes=15)


def step(take: Callable[..., Any]) -> Callable[..., Any]:
    """One of the first things that many tests do in a clinic: taken once or twice a process, then kept."""

    @wraps(take)
    def taken(clinic: "Clinic", *args: Any, **values: Any) -> Any:
        if "key" in values:
            return take(clinic, *args, **values)
        known = tuple(sorted(values.items()))
        return kept(lambda: take(clinic, *args, **values), take, clinic.campus.pk, args, known, at_once=False)

    return taken


class Clinic(metaclass=Kept):
    def __init__(self) -> None:
        reference.load(at=EIGHT)
        self.campus = CampusFactory()
        self.reception = self.staff("reception", "前台小周")
        self.online = self.staff("online", "网电小陈")
        self.consultants = [self.staff("consultant", "周蕾"), self.staff("consultant", "吴敏")]
        self.surgeons = [self.staff("surgeon", "李医生"), self.staff("surgeon", "陈医生")]
        for staff in (*self.consultants, *self.surgeons):
            DutyFactory(staff=staff)
        self.rooms = [RoomFactory(campus=self.campus, name=name) for name in ("诊室一", "诊室二")]
        self.treatment_room = RoomFactory(campus=self.campus, name="治疗室", kind=RoomKind.TREATMENT)
        self.procedure = ProcedureFactory(minutes_p50=60, setup_minutes=10, turnover_minutes=20)

    def staff(self, role: str, name: str) -> Staff:
        return StaffFactory(role=role, name=name, campus=self.campus)

    @step
    def patient(self, **values: Any) -> Patient:
        return PatientFactory(campus=self.campus, registered=True, **values)

    def cares(self, staff: Staff, patient: Patient, reason: CareReason = CareReason.ONLINE) -> None:
        CareRelationFactory(staff=staff, patient=patient, reason=reason)

    @step
    def request(self, patient: Patient | None = None, **values: Any) -> Booking:
        """Book ten o'clock with the first consultant in the first room, unless told; None is "any"."""
        asked = {
            "kind": BookingKind.CONSULT,
            "visit_kind": VisitKind.FIRST,
            "starts_at": TEN,
            "staff": self.consultants[0],
            "room": self.rooms[0],
            "note": "",
            "by": self.reception,
            "now": EIGHT,
            "key": uuid4(),
            "procedure": self.procedure,
        } | values
        staff, room, procedure = asked.pop("staff"), asked.pop("room"), asked.pop("procedure")
        return bookings.request(
            patient_public_id=(patient or self.patient()).public_id,
            campus_public_id=self.campus.public_id,
            procedure_public_id=procedure.public_id,
            staff_public_id=staff and staff.public_id,
            room_public_id=room and room.public_id,
            **asked,
        )

    @step
    def confirmed(self, patient: Patient | None = None, **values: Any) -> Booking:
        return bookings.confirm(self.request(patient, **values).public_id, by=self.reception, now=EIGHT)

    @step
    def arrived(self, patient: Patient | None = None, **values: Any) -> Booking:
        booking = self.confirmed(patient, **values)
        return bookings.arrive(booking.public_id, by=self.reception, now=booking.starts_at)
