"""One click taken back: by its maker, at once, once, while nothing has followed."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.journey.clinic import EIGHT, HALF_HOUR, TEN, Clinic
from yimei.core.errors import Conflict, RuleBroken
from yimei.journey.actions import bookings
from yimei.journey.enums import BookingStatus, CaseStage
from yimei.journey.models import Booking, ResourceClaim
from yimei.outbox.models import Message

pytestmark = pytest.mark.django_db
AT_ONCE = timedelta(seconds=5)
LATE = TEN + timedelta(hours=1)


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


def held(booking: Booking) -> Counter[tuple[str, int]]:
    live = ResourceClaim.objects.filter(booking=booking, released_at=None)
    return Counter(live.values_list("kind", "resource_id"))


def stand(booking: Booking) -> tuple[object, ...]:
    """Everything that a click may change."""
    fresh = Booking.objects.select_related("case").get(pk=booking.pk)
    place = (fresh.starts_at, fresh.ends_at, fresh.staff_id, fresh.room_id)
    times = (fresh.arrived_at, fresh.served_at, fresh.cancel_reason)
    case = (fresh.case.stage, fresh.case.consultant_id, fresh.case.next_action, fresh.case.next_owner_id)
    carers = frozenset(fresh.patient.care_relations.filter(until=None).values_list("staff", flat=True))
    return fresh.status, place, times, case, carers, frozenset(held(fresh))


def cancelled(clinic: Clinic, booking: Booking) -> None:
    bookings.cancel(booking.public_id, reason="改天", by=clinic.reception, now=TEN)


def missed(clinic: Clinic, booking: Booking) -> None:
    bookings.mark_no_show(booking.public_id, by=clinic.reception, now=LATE)


def arrived(clinic: Clinic, booking: Booking) -> None:
    bookings.arrive(booking.public_id, by=clinic.reception, now=TEN)


def moved(clinic: Clinic, booking: Booking) -> None:
    bookings.reschedule(
        booking.public_id,
        starts_at=TEN + HALF_HOUR,
        staff_public_id=clinic.consultants[1].public_id,
        room_public_id=clinic.rooms[1].public_id,
        by=clinic.reception,
        now=EIGHT,
    )


STEPS = {cancelled: TEN, missed: LATE, arrived: TEN, moved: EIGHT}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_a_click_taken_back_leaves_everything_as_it_stood(
    clinic: Clinic, step: Callable[[Clinic, Booking], None]
) -> None:
    booking = clinic.confirmed()
    before = stand(booking)
    step(clinic, booking)
    assert stand(booking) != before
    bookings.undo(booking.public_id, by=clinic.reception, now=STEPS[step] + AT_ONCE)
    assert stand(booking) == before
    assert "撤销" in booking.moves.order_by("-id")[0].note


def test_a_triage_taken_back_gives_the_customer_back_to_the_first(clinic: Clinic) -> None:
    booking = clinic.arrived()
    before = stand(booking)
    bookings.triage(
        booking.public_id,
        staff_public_id=clinic.surgeons[0].public_id,
        room_public_id=clinic.rooms[1].public_id,
        by=clinic.reception,
        now=TEN,
    )
    bookings.undo(booking.public_id, by=clinic.reception, now=TEN + AT_ONCE)
    assert stand(booking) == before


def test_who_is_seen_may_wait_again_until_something_is_written(clinic: Clinic) -> None:
    booking = clinic.arrived()
    consultant = clinic.consultants[0]
    bookings.serve(booking.public_id, by=consultant, now=TEN)
    assert bookings.undo(booking.public_id, by=consultant, now=TEN + AT_ONCE).status == BookingStatus.ARRIVED
    bookings.serve(booking.public_id, by=consultant, now=TEN + 2 * AT_ONCE)
    booking.case.stage = CaseStage.LOST
    booking.case.loss_reason, booking.case.closed_at = "price", TEN
    booking.case.save()
    with pytest.raises(RuleBroken, match="之后已有新的记录"):
        bookings.undo(booking.public_id, by=consultant, now=TEN + 3 * AT_ONCE)


def test_only_its_maker_at_once_and_only_once(clinic: Clinic) -> None:
    booking = clinic.confirmed()
    cancelled(clinic, booking)
    other = clinic.staff("reception", "前台小王")
    with pytest.raises(RuleBroken, match="本人"):
        bookings.undo(booking.public_id, by=other, now=TEN + AT_ONCE)
    with pytest.raises(RuleBroken, match="超过"):
        bookings.undo(booking.public_id, by=clinic.reception, now=TEN + timedelta(seconds=61))
    bookings.undo(booking.public_id, by=clinic.reception, now=TEN + AT_ONCE)
    with pytest.raises(Conflict, match="已经撤销"):
        bookings.undo(booking.public_id, by=clinic.reception, now=TEN + AT_ONCE)


def test_a_confirmation_is_told_and_stays(clinic: Clinic) -> None:
    booking = clinic.confirmed()
    with pytest.raises(RuleBroken, match="改期或重新登记"):
        bookings.undo(booking.public_id, by=clinic.reception, now=EIGHT + AT_ONCE)


def test_a_place_given_away_meanwhile_is_not_taken_back(clinic: Clinic) -> None:
    booking = clinic.confirmed()
    cancelled(clinic, booking)
    clinic.request(now=TEN)
    before = stand(booking)
    with pytest.raises(Conflict, match="已有安排") as refusal:
        bookings.undo(booking.public_id, by=clinic.reception, now=TEN + AT_ONCE)
    assert refusal.value.next_free
    assert stand(booking) == before


def test_a_move_there_and_back_is_told_both_times(clinic: Clinic) -> None:
    booking = clinic.confirmed()
    moved(clinic, booking)
    bookings.undo(booking.public_id, by=clinic.reception, now=EIGHT + AT_ONCE)
    assert Message.objects.filter(template__code="booking.confirmed").count() == 3
