"""Many hands, one hour: threads with connections of their own fight for the same people and rooms.

Every slot is asked for by all contenders at once, half of them a quarter of an hour later. Each resource has
exactly one winner and every loser a Conflict: no deadlock, no serialization error, nothing else.
YIMEI_CONTEST_SLOTS=100 runs the long fight.
"""

import os
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest

from tests.factories.crowd import ends_of
from tests.factories.hospital import RoomFactory
from tests.factories.people import DutyFactory
from tests.journey.clinic import EIGHT, HALF_HOUR, QUARTER, TEN, Clinic
from yimei.core.errors import Conflict
from yimei.journey.actions import bookings
from yimei.journey.models import Booking, ResourceClaim

CONTENDERS = 20
SLOTS = int(os.environ.get("YIMEI_CONTEST_SLOTS", "5"))
A_DAY = 8
"""Slots in one day, an hour apart: a start shifted by a quarter still fights for its own slot only."""

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow(reason="twenty real threads fight over committed rows"),
]

Act = Callable[[int], object]


def rounds(act: Callable[[int, int], object]) -> list[Counter[str]]:
    """Let every contender try every slot; all meet before each one."""
    return [Counter(ends_of([partial(act, slot, one) for one in range(CONTENDERS)])) for slot in range(SLOTS)]


def start_of(slot: int, contender: int) -> datetime:
    day, hour = divmod(slot, A_DAY)
    return TEN + timedelta(days=day, hours=hour - 1) + (QUARTER if contender % 2 else timedelta())


def on_duty_all_days(clinic: Clinic) -> None:
    for staff in (*clinic.consultants, *clinic.surgeons):
        for day in range(1, SLOTS // A_DAY + 1):
            DutyFactory(
                staff=staff,
                starts_at=TEN + timedelta(days=day, hours=-1),
                ends_at=TEN + timedelta(days=day, hours=8),
            )


def assert_whole() -> None:
    """Nothing overlaps, and every booking holds exactly its three."""
    seen: dict[tuple[str, int], datetime] = {}
    claims = ResourceClaim.objects.filter(released_at=None).order_by("kind", "resource_id", "starts_at")
    for claim in claims:
        resource = (claim.kind, claim.resource_id)
        assert seen.get(resource, EIGHT) <= claim.starts_at
        seen[resource] = claim.ends_at
    assert Counter(claims.values_list("booking_id", flat=True)) == dict.fromkeys(
        Booking.objects.values_list("pk", flat=True), 3
    )


@pytest.mark.parametrize(("contested", "winners"), [("doctor", 1), ("room", 1), ("any doctor", 4)])
def test_each_resource_has_one_winner_and_every_loser_a_conflict(contested: str, winners: int) -> None:
    clinic = Clinic()
    patients = [clinic.patient() for _ in range(CONTENDERS)]
    rooms = RoomFactory.create_batch(CONTENDERS, campus=clinic.campus)
    if contested == "room":
        clinic.consultants = [clinic.staff("consultant", f"咨询{n}") for n in range(CONTENDERS)]
        for staff in clinic.consultants:
            DutyFactory(staff=staff)
    on_duty_all_days(clinic)
    staff = {
        "doctor": lambda contender: clinic.surgeons[0],
        "room": lambda contender: clinic.consultants[contender],
        "any doctor": lambda contender: None,
    }[contested]

    def act(slot: int, contender: int) -> object:
        return clinic.request(
            patients[contender],
            starts_at=start_of(slot, contender),
            staff=staff(contender),
            room=rooms[0] if contested == "room" else rooms[contender],
        )

    assert rounds(act) == [Counter(won=winners, conflict=CONTENDERS - winners)] * SLOTS
    assert Booking.objects.count() == SLOTS * winners
    assert_whole()


def test_one_of_many_clicks_confirms() -> None:
    clinic = Clinic()
    asked = [clinic.request(starts_at=start_of(slot, 0)) for slot in range(min(SLOTS, A_DAY))]
    for booking in asked:
        ends = ends_of(
            [lambda: bookings.confirm(booking.public_id, by=clinic.reception, now=EIGHT)] * CONTENDERS  # noqa: B023
        )
        assert Counter(ends) == Counter(won=1, conflict=CONTENDERS - 1)
        assert [move.new for move in booking.moves.all()] == ["requested", "confirmed"]


def test_one_of_many_double_clicks_books() -> None:
    clinic = Clinic()
    patient, key = clinic.patient(), clinic.campus.public_id
    assert set(ends_of([lambda: clinic.request(patient, key=key)] * CONTENDERS)) == {"won"}
    assert Booking.objects.count() == 1
    assert_whole()


def test_many_reschedule_to_one_place() -> None:
    clinic = Clinic()
    rooms = RoomFactory.create_batch(CONTENDERS, campus=clinic.campus)
    mine = []
    for room in rooms:
        staff = clinic.staff("consultant", "咨询")
        DutyFactory(staff=staff)
        mine.append(clinic.request(staff=staff, room=room))

    def move(contender: int) -> Callable[[], object]:
        return lambda: bookings.reschedule(
            mine[contender].public_id,
            starts_at=start_of(4, contender),
            staff_public_id=clinic.surgeons[0].public_id,
            by=clinic.reception,
            now=EIGHT,
        )

    ends = ends_of([move(contender) for contender in range(CONTENDERS)])
    assert Counter(ends) == Counter(won=1, conflict=CONTENDERS - 1)
    assert_whole()


def test_rescheduling_in_opposite_directions_never_locks_up() -> None:
    clinic = Clinic()
    for day in range(max(SLOTS, 10)):
        one = clinic.request(starts_at=TEN)
        other = clinic.request(starts_at=TEN + HALF_HOUR, staff=clinic.consultants[1], room=clinic.rooms[1])

        def to_place_of(booking: Booking, place: Booking) -> Callable[[], object]:
            return lambda: bookings.reschedule(
                booking.public_id,
                starts_at=place.starts_at,
                staff_public_id=place.staff.public_id,
                room_public_id=place.room.public_id,
                by=clinic.reception,
                now=EIGHT,
            )

        ends = ends_of([to_place_of(one, other), to_place_of(other, one)] * 3)
        assert set(ends) == {"conflict"}, day
        for booking in (one, other):
            bookings.cancel(booking.public_id, reason="下一轮", by=clinic.reception, now=EIGHT)


def test_swaps_in_a_ring_and_in_opposite_directions_never_lock_up() -> None:
    clinic = Clinic()
    three = [
        clinic.confirmed(starts_at=TEN),
        clinic.confirmed(starts_at=TEN + HALF_HOUR, staff=clinic.consultants[1], room=clinic.rooms[1]),
        clinic.confirmed(starts_at=TEN + 2 * HALF_HOUR, staff=clinic.surgeons[0]),
    ]
    places = {(booking.starts_at, booking.staff_id, booking.room_id) for booking in three}
    pairs = [(0, 1), (1, 2), (2, 0), (1, 0), (2, 1), (0, 2)] * 3

    def swap(one: int, other: int) -> Callable[[], object]:
        return lambda: bookings.swap(
            three[one].public_id, three[other].public_id, by=clinic.reception, now=EIGHT
        )

    assert set(ends_of([swap(*pair) for pair in pairs])) == {"won"}
    for booking in three:
        booking.refresh_from_db()
    assert {(booking.starts_at, booking.staff_id, booking.room_id) for booking in three} == places
    assert_whole()


ASKING = 200


@pytest.mark.long(reason="two hundred real threads fight over committed rows")
def test_two_hundred_ask_for_one_hour_and_exactly_its_capacity_is_booked() -> None:
    clinic = Clinic()
    capacity = min(len(clinic.consultants) + len(clinic.surgeons), len(clinic.rooms))
    patients = [clinic.patient() for _ in range(ASKING)]
    told: list[Conflict] = []

    def ask(number: int) -> Callable[[], object]:
        def act() -> object:
            try:
                return clinic.request(patients[number], staff=None, room=None)
            except Conflict as conflict:
                told.append(conflict)
                raise

        return act

    ends: Counter[str] = Counter()
    for batch in range(0, ASKING, 2 * CONTENDERS):
        ends.update(ends_of([ask(batch + number) for number in range(2 * CONTENDERS)]))
    assert ends == Counter(won=capacity, conflict=ASKING - capacity)
    assert Booking.objects.count() == capacity
    assert_whole()
    for conflict in told:
        assert "已有安排" in conflict.message
        assert conflict.next_free
        assert all(start >= TEN + HALF_HOUR for start, _end in conflict.next_free)
