"""Cases and bookings, each valid on its own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from tests.factories.hospital import ProcedureFactory, RoomFactory
from tests.factories.people import PatientFactory, StaffFactory
from yimei.journey.actions import claims
from yimei.journey.enums import BookingKind, BookingStatus, CaseStage, VisitKind
from yimei.journey.models import Booking, BookingMove, Case, CaseMove
from yimei.journey.queries import bookings as queries
from yimei.journey.rules import bookings as rules

TEN = datetime(2026, 6, 16, 2, tzinfo=UTC)
"""A Tuesday morning, 10:00 in Shanghai."""
YESTERDAY = TEN - timedelta(days=1)


class CaseFactory(DjangoModelFactory[Case]):
    """A case that was just booked; its history begins with its stage."""

    class Meta:
        model = Case
        skip_postgeneration_save = True

    patient = factory.SubFactory(PatientFactory)
    campus = factory.SelfAttribute("patient.campus")
    procedure = factory.SubFactory(ProcedureFactory)
    stage = CaseStage.BOOKED
    stage_since = YESTERDAY
    opened_at = YESTERDAY
    opened_by = factory.SubFactory(StaffFactory, campus=factory.SelfAttribute("..campus"))

    @factory.post_generation
    def moves(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        CaseMove.objects.create(case=self, new=self.stage, by=self.opened_by, at=self.opened_at)


class BookingFactory(DjangoModelFactory[Booking]):
    """A request for ten o'clock that holds its patient, consultant and room."""

    class Meta:
        model = Booking
        skip_postgeneration_save = True

    class Params:
        confirmed = factory.Trait(status=BookingStatus.CONFIRMED)
        arrived = factory.Trait(
            status=BookingStatus.ARRIVED,
            visit_kind=VisitKind.FIRST,
            arrived_at=factory.SelfAttribute("starts_at"),
        )

    case = factory.SubFactory(CaseFactory)
    patient = factory.SelfAttribute("case.patient")
    campus = factory.SelfAttribute("case.campus")
    procedure = factory.SelfAttribute("case.procedure")
    kind = BookingKind.CONSULT
    staff = factory.SubFactory(StaffFactory, role="consultant", campus=factory.SelfAttribute("..campus"))
    room = factory.SubFactory(RoomFactory, campus=factory.SelfAttribute("..campus"))
    starts_at = TEN
    ends_at = factory.LazyAttribute(
        lambda booking: (
            booking.starts_at + queries.length_of(BookingKind(booking.kind), booking.procedure).duration
        )
    )
    status = BookingStatus.REQUESTED
    created_at = YESTERDAY
    created_by = factory.SelfAttribute("case.opened_by")

    @factory.post_generation
    def moves(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        BookingMove.objects.create(booking=self, new=self.status, by=self.created_by, at=self.created_at)

    @factory.post_generation
    def claimed(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        if self.status in rules.HOLDING:
            length = queries.length_of(BookingKind(self.kind), self.procedure)
            holds = length.holds(
                self.starts_at, patient=self.patient_id, staff=self.staff_id, room=self.room_id
            )
            claims.claim_holds(holds, wanted=(self.starts_at, self.ends_at), booking=self)
