"""A time that becomes free is offered in turn, held, and taken or passed on; nothing is booked twice."""

import re
import threading
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

from tests.factories.crowd import ends_of
from tests.factories.privacy import LimitFactory
from tests.journey.clinic import EIGHT, HALF_HOUR, TEN, Clinic
from yimei.core import jobs
from yimei.core.clock import SHANGHAI
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.core.models import Job
from yimei.journey.actions import bookings, reference, waiting
from yimei.journey.enums import (
    BookingKind,
    BookingStatus,
    OfferStatus,
    TurnAwayReason,
    Urgency,
    WaitingStatus,
)
from yimei.journey.models import Booking, ResourceClaim, WaitingEntry, WaitingOffer
from yimei.journey.queries import deposits
from yimei.journey.queries import waiting as queries
from yimei.journey.rules import waiting as rules
from yimei.journey.rules.bookings import NO_SHOW_DAYS, NO_SHOW_MOST
from yimei.journey.rules.waiting import Wish
from yimei.outbox.models import Message
from yimei.people.models import Patient

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 16)
FREED = (TEN, TEN + HALF_HOUR)


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


def enter(clinic: Clinic, patient: Patient | None = None, **values: Any) -> WaitingEntry:
    wish = Wish("0123456", 0, 24, TODAY, TODAY + timedelta(days=30))
    asked = {
        "kind": BookingKind.CONSULT,
        "staff_public_id": clinic.consultants[0].public_id,
        "wish": wish,
        "urgency": Urgency.NORMAL,
        "by": clinic.reception,
        "now": EIGHT,
    } | values
    return waiting.enter(
        patient_public_id=(patient or clinic.patient()).public_id,
        campus_public_id=clinic.campus.public_id,
        procedure_public_id=clinic.procedure.public_id,
        **asked,
    )


def fill(clinic: Clinic) -> list[WaitingOffer]:
    return waiting.fill(clinic.campus.public_id, FREED, now=EIGHT)


def token_of(offer: WaitingOffer) -> str:
    message = Message.objects.get(key=f"waiting.offered:{offer.public_id}")
    return re.search(r"/my/offer/([\w-]+)/", message.body or "")[1]  # type: ignore[index]


def held(offer: WaitingOffer) -> int:
    return offer.claims.filter(released_at=None).count()


def test_who_cancels_gives_her_time_to_the_first_who_waits(clinic: Clinic) -> None:
    booking = clinic.confirmed()
    first, second = enter(clinic), enter(clinic)
    with time_machine.travel(EIGHT, tick=False):
        bookings.cancel(booking.public_id, reason="临时有事", by=clinic.reception, now=EIGHT)
        jobs.run_waiting()
    offer = WaitingOffer.objects.get()
    assert (offer.entry, offer.starts_at, offer.staff) == (first, TEN, clinic.consultants[0])
    assert offer.expires_at == EIGHT + timedelta(minutes=15)
    assert held(offer) == 3
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (WaitingStatus.OFFERED, WaitingStatus.WAITING)
    with pytest.raises(Conflict, match="周蕾 10:00–10:30"):
        clinic.request()


def test_the_urgent_are_asked_first_and_the_unsuited_not_at_all(clinic: Clinic) -> None:
    enter(clinic)
    afternoon = Wish("0123456", 13, 18, TODAY, TODAY)
    enter(clinic, wish=afternoon, urgency=Urgency.MEDICAL)
    enter(clinic, staff_public_id=clinic.surgeons[0].public_id, urgency=Urgency.NORMAL)
    urgent = enter(clinic, urgency=Urgency.SOON)
    offers = fill(clinic)
    assert offers[0].entry == urgent
    assert {offer.staff for offer in offers} == {clinic.consultants[0], clinic.surgeons[0]}
    assert [offer.starts_at for offer in offers] == [TEN, TEN]


def test_accepting_by_link_books_and_confirms(clinic: Clinic) -> None:
    entry = enter(clinic)
    (offer,) = fill(clinic)
    booking = waiting.accept_by_link(token_of(offer), now=EIGHT + timedelta(minutes=14))
    entry.refresh_from_db()
    offer.refresh_from_db()
    assert (booking.status, booking.starts_at, booking.patient) == (
        BookingStatus.CONFIRMED,
        TEN,
        entry.patient,
    )
    assert (entry.status, offer.status, offer.booking) == (
        WaitingStatus.BOOKED,
        OfferStatus.ACCEPTED,
        booking,
    )
    assert held(offer) == 0
    assert booking.claims.filter(released_at=None).count() == 3
    with pytest.raises(RuleBroken, match="已接受"):
        waiting.accept_by_link(token_of(offer), now=EIGHT + timedelta(minutes=14))


def test_staff_accept_for_her_and_are_named(clinic: Clinic) -> None:
    enter(clinic)
    (offer,) = fill(clinic)
    booking = waiting.accept(offer.public_id, by=clinic.reception, now=EIGHT)
    offer.refresh_from_db()
    assert offer.decided_by == clinic.reception
    assert booking.created_by == clinic.reception
    with pytest.raises(NotFound):
        waiting.accept(offer.public_id, by=clinic.staff("cashier", "收银"), now=EIGHT)


def test_who_declines_keeps_her_place_and_the_next_is_asked(clinic: Clinic) -> None:
    first, second = enter(clinic), enter(clinic)
    (offer,) = fill(clinic)
    waiting.decline_by_link(token_of(offer), now=EIGHT)
    with time_machine.travel(EIGHT, tick=False):
        jobs.run_waiting()
    assert [one.entry for one in WaitingOffer.objects.open()] == [second]
    first.refresh_from_db()
    assert first.status == WaitingStatus.WAITING
    assert held(offer) == 0


def test_who_leaves_the_list_is_not_asked_again(clinic: Clinic) -> None:
    entry = enter(clinic)
    (offer,) = fill(clinic)
    waiting.decline_by_link(token_of(offer), now=EIGHT, leaves=True)
    entry.refresh_from_db()
    assert (entry.status, entry.ended_at) == (WaitingStatus.WITHDRAWN, EIGHT)
    assert fill(clinic) == []


def test_an_offer_expires_and_goes_to_the_next_not_to_her_again(clinic: Clinic) -> None:
    first, second = enter(clinic), enter(clinic)
    (offer,) = fill(clinic)
    late = EIGHT + timedelta(minutes=15)
    with pytest.raises(NotFound, match="已到期"):
        waiting.accept_by_link(token_of(offer), now=late)
    assert waiting.expire(now=late - timedelta(seconds=1)) == 0
    assert waiting.expire(now=late) == 1
    with time_machine.travel(late, tick=False):
        jobs.run_waiting()
    assert [one.entry for one in WaitingOffer.objects.open()] == [second]
    waiting.expire(now=late + timedelta(minutes=15))
    assert waiting.fill(clinic.campus.public_id, FREED, now=late + timedelta(minutes=15)) == []
    first.refresh_from_db()
    assert first.status == WaitingStatus.WAITING


def test_nobody_is_asked_at_night_but_in_the_morning_once(clinic: Clinic) -> None:
    """An offer of minutes would end before she wakes; the day after, the hospital asks from nine on."""
    first = enter(clinic)
    night = datetime(2026, 6, 15, 21, 0, tzinfo=SHANGHAI)
    for _ in range(2):
        assert waiting.fill(clinic.campus.public_id, FREED, now=night) == []
    job = Job.objects.get(name="journey.waiting.fill")
    assert (job.lease_until, job.delivered_at) == (EIGHT, None)
    with time_machine.travel(EIGHT - timedelta(seconds=1), tick=False):
        assert jobs.run_waiting() == 0
    with time_machine.travel(EIGHT, tick=False):
        jobs.run_waiting()
    assert [one.entry for one in WaitingOffer.objects.open()] == [first]
    LimitFactory(code="waiting.night_until", value=9, effective_from=date(2026, 1, 1))
    assert waiting.fill(clinic.campus.public_id, FREED, now=EIGHT + timedelta(minutes=59)) == []
    later = Job.objects.filter(name="journey.waiting.fill").latest("pk")
    assert later.lease_until == EIGHT + timedelta(hours=1)


def test_the_minutes_of_an_offer_are_the_hospitals(clinic: Clinic) -> None:
    LimitFactory(code="waiting.offer_minutes", value=40, effective_from=date(2026, 1, 1))
    enter(clinic)
    (offer,) = fill(clinic)
    assert offer.expires_at == EIGHT + timedelta(minutes=40)


def test_the_shipped_numbers_are_registered_once_and_hold() -> None:
    assert reference.load(at=EIGHT) > 3
    assert reference.load(at=EIGHT) == 0
    assert queries.offer_minutes(EIGHT) == rules.OFFER_MINUTES
    policy = deposits.policy(EIGHT)
    assert (policy.most, policy.days) == (NO_SHOW_MOST, NO_SHOW_DAYS)


def test_a_wish_ends_with_its_last_day_or_when_it_is_withdrawn(clinic: Clinic) -> None:
    over = enter(clinic, wish=Wish("0123456", 0, 24, TODAY, TODAY))
    waiting.expire(now=EIGHT + timedelta(days=1))
    over.refresh_from_db()
    assert over.status == WaitingStatus.EXPIRED
    entry = enter(clinic)
    (offer,) = fill(clinic)
    waiting.withdraw(entry.public_id, by=clinic.reception, now=EIGHT)
    offer.refresh_from_db()
    assert (offer.status, held(offer)) == (OfferStatus.WITHDRAWN, 0)
    with pytest.raises(Conflict, match="已经结束"):
        waiting.withdraw(entry.public_id, by=clinic.reception, now=EIGHT)


def test_nobody_waits_twice_for_the_same(clinic: Clinic) -> None:
    patient = clinic.patient()
    enter(clinic, patient)
    with pytest.raises(Conflict, match="已在候补名单"):
        enter(clinic, patient)
    assert WaitingEntry.objects.count() == 1


def test_a_token_of_another_opens_nothing(clinic: Clinic) -> None:
    enter(clinic)
    fill(clinic)
    with pytest.raises(NotFound):
        waiting.accept_by_link("somebody-elses", now=EIGHT)


def test_the_list_is_read_in_turn_with_what_is_held(clinic: Clinic) -> None:
    enter(clinic)
    urgent = enter(clinic, urgency=Urgency.SOON)
    (offer,) = fill(clinic)
    rows = queries.waiting_list(by=clinic.reception)
    assert rows[0].entry == urgent
    assert [row.offer for row in rows] == [offer, None]
    assert queries.waiting_count(clinic.reception) == 1
    assert queries.waiting_list(by=clinic.staff("cashier", "收银")) == []


def test_who_is_turned_away_is_counted_by_reason(clinic: Clinic) -> None:
    for reason in (TurnAwayReason.FULL, TurnAwayReason.FULL, TurnAwayReason.OFF_DUTY):
        waiting.turn_away(
            patient_public_id=None,
            campus_public_id=clinic.campus.public_id,
            kind=BookingKind.CONSULT,
            procedure_public_id=clinic.procedure.public_id,
            staff_public_id=None,
            wanted_at=TEN,
            reason=reason,
            said="周蕾 10:00–10:30 已有安排。",
            by=clinic.reception,
            now=EIGHT,
        )
    found = queries.turn_aways(by=clinic.reception, since=TODAY, until=TODAY)
    assert found.counts == [(TurnAwayReason.FULL, 2), (TurnAwayReason.OFF_DUTY, 1)]
    assert (found.total, len(found.rows)) == (3, 3)
    assert queries.turn_aways(by=clinic.online, since=TODAY, until=TODAY).total == 0


# ---- many hands ---------------------------------------------------------------------------------


@pytest.mark.slow(reason="real threads fight over committed rows")
@pytest.mark.django_db(transaction=True)
def test_accepting_declining_expiring_and_booking_at_once_book_it_once() -> None:
    clinic = Clinic()
    for number in range(3):
        entry = enter(clinic)
        (offer,) = fill(clinic)
        token = token_of(offer)
        strangers = [clinic.patient() for _ in range(4)]
        late = EIGHT + timedelta(minutes=15)
        ends = ends_of(
            [
                *[lambda: waiting.accept_by_link(token, now=EIGHT)] * 4,  # noqa: B023
                *[lambda: waiting.decline_by_link(token, now=EIGHT)] * (number == 1),  # noqa: B023
                *[lambda: waiting.expire(now=late)] * 2,  # noqa: B023
                *[lambda patient=patient: clinic.request(patient) for patient in strangers],
                *[lambda: fill(clinic)] * 2,
            ]
        )
        assert not [end for end in ends if "Error" in end and "NotFound" not in end], ends
        live = ResourceClaim.objects.filter(released_at=None, starts_at__lt=FREED[1], ends_at__gt=FREED[0])
        owners = {(claim.booking_id, claim.offer_id) for claim in live}
        assert len(owners) <= 1, Counter(ends)
        assert live.count() in {0, 3}
        accepted = Booking.objects.filter(waiting_offer=offer).count()
        offer.refresh_from_db()
        assert (offer.status == OfferStatus.ACCEPTED) == (accepted == 1)
        for booking in Booking.objects.exclude(status=BookingStatus.CANCELLED):
            bookings.cancel(booking.public_id, reason="下一轮", by=clinic.reception, now=EIGHT)
        entry.refresh_from_db()
        for row in WaitingEntry.objects.open():
            waiting.withdraw(row.public_id, by=clinic.reception, now=EIGHT)
    connection.close()
    assert threading.active_count() >= 1
