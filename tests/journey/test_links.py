"""What a customer answers by the link she was sent; another's link and a worn-out one open nothing."""

import re
from datetime import timedelta

import pytest

from tests.journey.clinic import EIGHT, HALF_HOUR, TEN, Clinic
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.journey.actions import bookings, links
from yimei.journey.enums import BookingStatus
from yimei.journey.models import Booking, BookingLink
from yimei.outbox.models import Message, Notification

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


def token_of(booking: Booking) -> str:
    message = Message.objects.filter(patient=booking.patient, template__code="booking.confirmed").last()
    assert message is not None
    return re.search(r"/my/visit/([\w-]+)/", message.body or "")[1]  # type: ignore[index]


def test_the_confirmation_carries_a_link_and_only_its_hash_is_kept(clinic: Clinic) -> None:
    booking = clinic.confirmed()
    token = token_of(booking)
    link = BookingLink.objects.get()
    assert (link.booking, link.expires_at) == (booking, booking.ends_at)
    assert token not in link.token_hash


def test_she_says_once_that_she_comes(clinic: Clinic) -> None:
    booking = clinic.confirmed()
    assert links.acknowledge(token_of(booking), now=EIGHT).acknowledged_at == EIGHT
    with pytest.raises(Conflict, match="无需重复"):
        links.acknowledge(token_of(booking), now=EIGHT)
    move = booking.moves.last()
    assert move is not None
    assert (move.note, move.by) == ("客户通过链接确认会来", None)


def test_a_new_time_asks_her_again(clinic: Clinic) -> None:
    booking = clinic.confirmed()
    links.acknowledge(token_of(booking), now=EIGHT)
    bookings.reschedule(booking.public_id, starts_at=TEN + HALF_HOUR, by=clinic.reception, now=EIGHT)
    booking.refresh_from_db()
    assert booking.acknowledged_at is None
    assert BookingLink.objects.count() == 2


def test_who_asks_to_move_is_called_and_keeps_her_place(clinic: Clinic) -> None:
    booking = clinic.confirmed()
    moved = links.ask_to_move(token_of(booking), wish=" 周五下午 ", now=EIGHT)
    case = moved.case
    assert (moved.status, case.next_action, case.next_due_at) == (
        BookingStatus.CONFIRMED,
        "客户要求改期，请联系",
        EIGHT + timedelta(hours=2),
    )
    note = Notification.objects.get(staff=clinic.reception)
    assert note.where == f"desk:booking:{booking.public_id}"
    assert booking.patient.person.name not in note.text
    assert booking.claims.filter(released_at=None).count() == 3
    with pytest.raises(RuleBroken, match="方便的时间"):
        links.ask_to_move(token_of(booking), wish=" ", now=EIGHT)


def test_who_cancels_gives_her_time_back_and_the_link_is_done(clinic: Clinic) -> None:
    booking = clinic.confirmed()
    token = token_of(booking)
    cancelled = links.cancel(token, now=EIGHT)
    assert (cancelled.status, cancelled.cancel_reason) == (BookingStatus.CANCELLED, "客户通过链接取消")
    assert not booking.claims.filter(released_at=None).exists()
    for act in (links.acknowledge, links.cancel):
        with pytest.raises(RuleBroken, match="已取消"):
            act(token, now=EIGHT)


@pytest.mark.parametrize("token", ["", "nobody's", "x" * 400])
def test_an_unknown_link_opens_nothing(clinic: Clinic, token: str) -> None:
    clinic.confirmed()
    with pytest.raises(NotFound):
        links.acknowledge(token, now=EIGHT)


def test_a_link_ends_with_its_visit_and_changes_nothing_once_it_began(clinic: Clinic) -> None:
    booking = clinic.confirmed()
    with pytest.raises(RuleBroken, match="请致电医院"):
        links.cancel(token_of(booking), now=TEN)
    with pytest.raises(NotFound, match="已过期"):
        links.cancel(token_of(booking), now=TEN + HALF_HOUR)


def test_the_link_of_one_booking_leaves_another_alone(clinic: Clinic) -> None:
    mine = clinic.confirmed()
    other = clinic.confirmed(staff=clinic.consultants[1], room=clinic.rooms[1])
    links.cancel(token_of(mine), now=EIGHT)
    other.refresh_from_db()
    assert other.status == BookingStatus.CONFIRMED


def test_whoever_is_expected_tomorrow_is_reminded_once_with_a_link(clinic: Clinic) -> None:
    booking = clinic.confirmed()
    clinic.request(starts_at=TEN + HALF_HOUR)
    yesterday = EIGHT - timedelta(days=1)
    assert links.remind(now=yesterday) == 1
    assert links.remind(now=yesterday) == 1
    message = Message.objects.get(template__code="visit.reminder")
    assert message.patient == booking.patient
    token = re.search(r"/my/visit/([\w-]+)/", message.body or "")[1]  # type: ignore[index]
    assert links.acknowledge(token, now=yesterday).pk == booking.pk
    assert links.remind(now=EIGHT) == 0
