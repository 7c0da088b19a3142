"""Two bookings change places through the page: judged beforehand, done once, taken back together."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.desk.front import HTMX, Front, at_time, queries_of, url
from tests.journey.clinic import EIGHT, HALF_HOUR, TEN
from tests.journey.test_bookings import held, wanted
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.journey.actions import bookings
from yimei.journey.enums import BookingKind
from yimei.journey.models import Booking, BookingMove
from yimei.outbox.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def front() -> Front:
    return Front()


@pytest.fixture
def pair(front: Front) -> tuple[Booking, Booking]:
    one = front.confirmed()
    other = front.confirmed(starts_at=TEN + HALF_HOUR, staff=front.consultants[1], room=front.rooms[1])
    return one, other


def places(*rows: Booking) -> list[tuple[object, ...]]:
    for row in rows:
        row.refresh_from_db()
    return [(row.starts_at, row.ends_at, row.staff_id, row.room_id) for row in rows]


def test_the_page_judges_before_it_exchanges_and_both_go_back_together(
    front: Front, pair: tuple[Booking, Booking]
) -> None:
    one, other = pair
    before, messages = places(*pair), Message.objects.count()
    desk = front.client(front.reception)
    with at_time(EIGHT):
        page = desk.get(url("booking-swap", one.public_id), headers=HTMX).content.decode()
        assert str(other.public_id) in page
        tried = desk.get(
            url("booking-swap-try", one.public_id), {"other": other.public_id}, headers=HTMX
        ).content.decode()
        assert "可以互换" in tried
        assert (places(*pair), Message.objects.count()) == (before, messages), "a try writes nothing"
        desk.post(url("booking-swap", one.public_id), {"other": other.public_id}, headers=HTMX)
    swapped = places(*pair)
    assert [row[:1] + row[2:] for row in swapped] == [row[:1] + row[2:] for row in reversed(before)]
    with at_time(EIGHT + timedelta(seconds=20)):
        desk.post(url("booking-undo", other.public_id), headers=HTMX)
    assert places(*pair) == before, "whichever of the two is taken back takes the other along"
    for row in pair:
        assert held(row) == wanted(row)
    moves = BookingMove.objects.count()
    with pytest.raises(Conflict):
        bookings.undo(one.public_id, by=front.reception, now=EIGHT + timedelta(seconds=30))
    assert BookingMove.objects.count() == moves


def test_a_conflict_is_said_in_the_page_and_nothing_moves(
    front: Front, pair: tuple[Booking, Booking]
) -> None:
    one, other = pair
    front.confirmed(one.patient, starts_at=TEN + HALF_HOUR)
    before, asked = places(*pair), {"other": other.public_id}
    desk = front.client(front.reception)
    with at_time(EIGHT):
        tried = desk.get(url("booking-swap-try", one.public_id), asked, headers=HTMX).content.decode()
        answer = desk.post(url("booking-swap", one.public_id), asked, headers=HTMX)
    assert "这位客户 10:30–11:00 已有安排" in tried
    assert answer.status_code == 409
    late = TEN + timedelta(minutes=10)
    with pytest.raises(RuleBroken):
        bookings.try_swap(one.public_id, other.public_id, by=front.reception, now=late)
    assert places(*pair) == before


def test_who_may_not_book_swaps_nothing_and_forged_ids_find_nothing(
    front: Front, pair: tuple[Booking, Booking]
) -> None:
    one, _other = pair
    before = places(*pair)
    for name in ("booking-swap", "booking-swap-try"):
        with at_time(EIGHT):
            assert front.client(front.stranger).get(url(name, one.public_id)).status_code == 404
            assert front.client(front.cashier).get(url(name, one.public_id)).status_code == 404
    for action in (bookings.swap, bookings.try_swap):
        with pytest.raises(NotFound):
            action(one.public_id, uuid4(), by=front.reception, now=EIGHT)
        with pytest.raises(RuleBroken, match="两个不同"):
            action(one.public_id, one.public_id, by=front.reception, now=EIGHT)
    with at_time(EIGHT):
        nobody = front.client(front.reception).post(
            url("booking-swap", one.public_id), {"other": "x"}, headers=HTMX
        )
    assert nobody.status_code == 422
    assert "请选择一个预约" in nobody.content.decode()
    assert places(*pair) == before


def test_a_swap_is_taken_back_at_once_by_who_made_it_or_not_at_all(
    front: Front, pair: tuple[Booking, Booking]
) -> None:
    one, other = pair
    bookings.swap(one.public_id, other.public_id, by=front.reception, now=EIGHT)
    swapped = places(*pair)
    with pytest.raises(RuleBroken, match="本人"):
        bookings.undo(one.public_id, by=front.staff("reception", "何前台"), now=EIGHT + timedelta(seconds=5))
    with pytest.raises(RuleBroken, match="超过"):
        bookings.undo(one.public_id, by=front.reception, now=EIGHT + timedelta(seconds=61))
    assert places(*pair) == swapped


def test_the_list_asks_no_more_for_more_bookings(front: Front, pair: tuple[Booking, Booking]) -> None:
    desk, address = front.client(front.reception), url("booking-swap", pair[0].public_id)
    with at_time(EIGHT):
        few = queries_of(desk, address, headers=HTMX)
        for n in range(2, 5):
            front.confirmed(starts_at=TEN + n * HALF_HOUR, staff=front.consultants[1], room=front.rooms[1])
        assert queries_of(desk, address, headers=HTMX) <= few


def test_a_bar_let_go_on_another_asks_with_the_answer_at_hand(
    front: Front, pair: tuple[Booking, Booking]
) -> None:
    one, other = pair
    desk = front.client(front.reception)
    asked = {"booking": str(one.public_id), "other": str(other.public_id), "from": "calendar"}
    with at_time(EIGHT):
        page = desk.get(url("calendar-swap"), asked, headers=HTMX).content.decode()
        assert f'value="{other.public_id}" checked' in page
        assert "可以互换" in page
        for forged in ({"other": str(uuid4())}, {"booking": "x"}, {"other": ""}):
            assert desk.get(url("calendar-swap"), asked | forged, headers=HTMX).status_code == 404
        foreign = front.client(front.stranger)
        assert foreign.get(url("calendar-swap"), asked, headers=HTMX).status_code == 404
        review = front.confirmed(
            kind=BookingKind.REVIEW, starts_at=TEN + 4 * HALF_HOUR, staff=front.surgeons[0]
        )
        page = desk.get(
            url("calendar-swap"), asked | {"other": str(review.public_id)}, headers=HTMX
        ).content.decode()
        assert "可以互换" not in page
        assert "接诊" in page or "不能互换" in page
