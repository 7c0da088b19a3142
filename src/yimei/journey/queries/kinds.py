"""What the history of a customer suggests for the next visit, and what it still lacks."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from yimei.billing import queries as billing
from yimei.core.clock import local_day
from yimei.hospital.models import Procedure
from yimei.journey.enums import BookingKind, BookingStatus, CaseStage, VisitKind
from yimei.journey.models import Booking, Case
from yimei.journey.queries import visits
from yimei.journey.rules import bookings as booking_rules
from yimei.journey.rules import kinds as rules
from yimei.people.access import open_patient
from yimei.people.models import Patient, Staff

SINCE_ARRIVAL = frozenset(CaseStage) - {CaseStage.BOOKED, CaseStage.CLOSED, CaseStage.LOST}


def suggest(patient: Patient, kind: BookingKind) -> VisitKind:
    """First visit, return, buying again or review, from what was booked, seen and paid."""
    files = Patient.objects.files_of(patient)
    been = Booking.objects.filter(patient__in=files, status=BookingStatus.SERVED).exists()
    return rules.suggest(
        kind,
        has_been_here=been,
        has_bought=been and billing.money_of(patient).paid > 0,
        is_going_on=been and Case.objects.filter(patient__in=files, stage__in=SINCE_ARRIVAL).exists(),
    )


def of_booking(booking: Booking) -> VisitKind:
    """What stands on the booking, or what the history suggests."""
    if booking.visit_kind:
        return VisitKind(booking.visit_kind)
    return suggest(booking.patient, BookingKind(booking.kind))


@dataclass(frozen=True)
class ConsultOwed:
    """A treatment that asks for a consultation which this customer does not have."""

    procedure: Procedure
    patient: Patient
    days: int


def consult_owed(
    patient_id: UUID | None, kind: BookingKind, procedure_id: UUID, on: date, *, by: Staff
) -> ConsultOwed | None:
    """Say before a time is chosen that a consultation must come first."""
    procedure = Procedure.objects.filter(public_id=procedure_id, is_active=True).first()
    if patient_id is None or procedure is None or kind != BookingKind.TREATMENT:
        return None
    days = procedure.needs_consult_days
    if days is None:
        return None
    patient, start = open_patient(patient_id, by=by), local_day(on)[0]
    last = visits.last_consulted(patient, before=local_day(on)[1], about=procedure)
    if booking_rules.is_consulted(last, starts_at=start, days=days):
        return None
    return ConsultOwed(procedure, patient, days)
