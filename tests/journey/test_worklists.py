"""What waits on 今日, and the number beside it: one definition, asked twice."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.journey import TEN, BookingFactory
from tests.stories.hospital import DAY, DOCUMENTS, HOUR, Customer, Hospital
from yimei.journey.models import Booking
from yimei.journey.queries import today
from yimei.journey.registry import TaskItem, Worklist, late_of, today_sources
from yimei.people.models import Staff

pytestmark = pytest.mark.django_db


def stops(at: Hospital) -> Iterator[None]:
    """Places on two customers' way where somebody has something to do."""
    first, second = Customer(at), Customer(at, name="钱多多")
    first.call()
    second.call(TEN + HOUR)
    yield
    first.confirm()
    second.confirm()
    at.now = TEN
    first.register()
    first.arrive()
    yield
    first.agree("care.health")
    first.consult()
    first.ask_price()
    first.refer()
    first.assess()
    first.test(abnormal="PLT")
    yield
    first.retake()
    first.write_plan()
    first.choose()
    first.open_order()
    first.pay_deposit()
    first.schedule(TEN + 2 * DAY)
    yield
    first.sign(DOCUMENTS[0])
    yield


def everybody() -> list[Staff]:
    return list(Staff.objects.select_related("role", "campus"))


@pytest.mark.slow(reason="walks two customers to the door of the theatre, and asks everybody at each stop")
def test_the_number_beside_today_is_what_the_page_calls_late() -> None:
    at = Hospital()
    seen: set[str] = set()
    for _stop in stops(at):
        for hours in (1, 25, 47, 97):
            moment = at.now + timedelta(hours=hours)
            for staff in everybody():
                items = today.items(staff, moment)
                assert today.late_count(staff, moment) == sum(item.due_at < moment for item in items)
                seen |= {item.where.split(":")[1] for item in items if item.due_at < moment}
    assert {"booking-confirm", "booking-triage", "case-plan", "case-tests", "case-consents"} <= seen


def test_the_number_reads_nobody() -> None:
    at = Hospital()
    Customer(at).call()
    late = TEN + DAY
    for staff in everybody():
        staff.role.scopes  # noqa: B018  what a request has read before
        with CaptureQueriesContext(connection) as found:
            today.late_count(staff, late)
        for query in found:
            assert "people_person" not in query["sql"]
            assert 'JOIN "vault' not in query["sql"]
    assert today.late_count(at.reception, late) == 1


def test_two_things_due_at_one_moment_are_two() -> None:
    BookingFactory(created_at=TEN)
    BookingFactory(created_at=TEN)
    assert _listed(Booking.objects.distinct()).late(TEN + HOUR) == 2
    assert _listed(Booking.objects.order_by("created_at")[:1]).late(TEN + HOUR) == 1


def test_a_source_that_makes_its_words_is_counted_by_them(now: datetime) -> None:
    item = TaskItem(due_at=now, patient=None, what="", action="", where="")
    assert late_of([item, item], now + HOUR) == 2
    assert late_of([item], now) == 0
    assert today_sources("surgeon")


def _listed(bookings: "object") -> Worklist[Booking]:
    return Worklist(
        bookings,  # type: ignore[arg-type]
        ("created_at",),
        lambda created_at: created_at,
        list,
        lambda booking, due_at: TaskItem(due_at=due_at, patient=None, what="", action="", where=""),
    )
