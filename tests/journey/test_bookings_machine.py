"""Whatever people try: nothing overlaps, no claim leaks, history equals status."""

from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from tests.journey.clinic import EIGHT, QUARTER, TEN, Clinic
from yimei.core.errors import RuleBroken
from yimei.journey.actions import bookings
from yimei.journey.enums import BookingStatus, CaseStage, ResourceKind
from yimei.journey.models import Booking, Case, ResourceClaim
from yimei.journey.rules.bookings import HOLDING
from yimei.people.models import Patient

quarters = st.integers(0, 12)
who = st.integers(0, 3) | st.none()
where = st.integers(0, 1) | st.none()


class BookingMachine(RuleBasedStateMachine):
    """Two rooms, four people, three customers and one morning: crowded enough to collide."""

    asked = Bundle("asked")

    @initialize()
    def open_the_doors(self) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.clinic = Clinic()
        self.staff = [*self.clinic.consultants, *self.clinic.surgeons]
        self.patients: list[Patient] = [self.clinic.patient() for _ in range(3)]
        self.now = EIGHT

    def teardown(self) -> None:
        if hasattr(self, "atomic"):
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def at(self, quarter: int) -> datetime:
        return TEN + quarter * QUARTER

    @rule(target=asked, patient=st.integers(0, 2), quarter=quarters, staff=who, room=where)
    def request(self, patient: int, quarter: int, staff: int | None, room: int | None) -> object:
        try:
            return self.clinic.request(
                self.patients[patient],
                starts_at=self.at(quarter),
                staff=None if staff is None else self.staff[staff],
                room=None if room is None else self.clinic.rooms[room],
                now=self.now,
            )
        except RuleBroken:
            return multiple()

    @rule(booking=asked)
    def confirm(self, booking: Booking) -> None:
        self.attempt(bookings.confirm, booking)

    @rule(booking=asked)
    def arrive(self, booking: Booking) -> None:
        self.attempt(bookings.arrive, booking)

    @rule(booking=asked, staff=st.integers(0, 3), room=st.integers(0, 1))
    def triage(self, booking: Booking, staff: int, room: int) -> None:
        self.attempt(
            bookings.triage,
            booking,
            staff_public_id=self.staff[staff].public_id,
            room_public_id=self.clinic.rooms[room].public_id,
        )

    @rule(booking=asked)
    def serve(self, booking: Booking) -> None:
        self.attempt(bookings.serve, booking)

    @rule(booking=asked, quarter=quarters, staff=who, room=where)
    def reschedule(self, booking: Booking, quarter: int, staff: int | None, room: int | None) -> None:
        self.attempt(
            bookings.reschedule,
            booking,
            starts_at=self.at(quarter),
            staff_public_id=None if staff is None else self.staff[staff].public_id,
            room_public_id=None if room is None else self.clinic.rooms[room].public_id,
        )

    @rule(one=asked, other=asked)
    def swap(self, one: Booking, other: Booking) -> None:
        with suppress(RuleBroken):
            bookings.swap(one.public_id, other.public_id, by=self.clinic.reception, now=self.now)

    @rule(booking=asked)
    def miss(self, booking: Booking) -> None:
        self.attempt(bookings.mark_no_show, booking)

    @rule(booking=asked)
    def cancel(self, booking: Booking) -> None:
        self.attempt(bookings.cancel, booking, reason="改天再来")

    @rule(booking=asked)
    def undo(self, booking: Booking) -> None:
        self.attempt(bookings.undo, booking)

    @rule(minutes=st.sampled_from([0, 15, 60]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    def attempt(self, action: object, booking: Booking, **values: object) -> None:
        with suppress(RuleBroken):
            action(booking.public_id, by=self.clinic.reception, now=self.now, **values)  # type: ignore[operator]

    @invariant()
    def nothing_overlaps(self) -> None:
        ends: dict[tuple[str, int], datetime] = {}
        for claim in ResourceClaim.objects.filter(released_at=None).order_by(
            "kind", "resource_id", "starts_at"
        ):
            resource = (claim.kind, claim.resource_id)
            assert resource not in ends or ends[resource] <= claim.starts_at
            ends[resource] = claim.ends_at

    @invariant()
    def claims_are_exactly_those_of_live_bookings(self) -> None:
        held = ResourceClaim.objects.filter(released_at=None).values_list(
            "booking", "kind", "resource_id", "starts_at", "ends_at"
        )
        wanted = [
            (booking.pk, kind.value, pk, booking.starts_at, booking.ends_at)
            for booking in Booking.objects.filter(status__in=HOLDING)
            for kind, pk in [
                (ResourceKind.PATIENT, booking.patient_id),
                (ResourceKind.STAFF, booking.staff_id),
                (ResourceKind.ROOM, booking.room_id),
            ]
        ]
        assert Counter(held) == Counter(wanted)

    @invariant()
    def history_equals_status(self) -> None:
        for booking in Booking.objects.prefetch_related("moves"):
            moves = list(booking.moves.all())
            assert moves[0].old == ""
            assert all(later.old == earlier.new for earlier, later in pairwise(moves))
            assert moves[-1].new == booking.status
        for case in Case.objects.prefetch_related("moves"):
            assert [move.new for move in case.moves.all()][-1] == case.stage

    @invariant()
    def an_open_case_has_one_next_action(self) -> None:
        for case in Case.objects.open():
            assert case.next_action
            assert case.next_due_at
            assert case.next_owner_id

    @invariant()
    def whoever_arrived_has_moved_the_case(self) -> None:
        seen = Booking.objects.filter(status__in=[BookingStatus.ARRIVED, BookingStatus.SERVED])
        assert not seen.filter(case__stage=CaseStage.BOOKED).exists()


@pytest.mark.slow(reason="a few hundred steps, each through the database")
@pytest.mark.django_db
class TestBookingMachine(BookingMachine.TestCase):
    settings = settings(
        max_examples=12,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
