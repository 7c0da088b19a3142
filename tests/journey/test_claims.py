"""Claims hold, collide, and are given back; the last word is the database's."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.factories.hospital import DeviceFactory
from tests.factories.journey import TEN, BookingFactory
from tests.factories.people import DutyFactory, StaffFactory
from yimei.core.errors import Conflict, NotFound
from yimei.journey import access
from yimei.journey.actions import claims
from yimei.journey.enums import BookingStatus, ResourceKind
from yimei.journey.models import ResourceClaim
from yimei.people.roles import Permission

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_the_database_itself_refuses_an_overlap() -> None:
    booking = BookingFactory()
    claim = booking.claims.get(kind=ResourceKind.ROOM)
    with pytest.raises(IntegrityError, match="claim_no_overlap"), transaction.atomic():
        ResourceClaim.objects.create(
            kind=ResourceKind.ROOM,
            resource_id=claim.resource_id,
            starts_at=claim.ends_at - timedelta(seconds=1),
            ends_at=claim.ends_at + HOUR,
            booking=booking,
        )


def test_each_taken_resource_is_named() -> None:
    booking, other = BookingFactory(), BookingFactory(starts_at=TEN + 8 * HOUR)
    device = DeviceFactory(campus=booking.campus, name="内窥镜一号")
    DutyFactory(staff=booking.staff)
    resources = [(ResourceKind.STAFF, booking.staff_id), (ResourceKind.DEVICE, device.pk)]
    claims.claim(resources[1:], starts_at=TEN, ends_at=TEN + HOUR, booking=other)
    with pytest.raises(Conflict) as refused:
        claims.claim(resources, starts_at=TEN, ends_at=TEN + 2 * HOUR, booking=other)
    assert (
        refused.value.message
        == f"{booking.staff.name} 10:00–10:30 已有安排；内窥镜一号 10:00–11:00 已有安排。"
    )
    assert refused.value.next_free[0] == (TEN + HOUR, TEN + 3 * HOUR)


def test_a_lost_claim_takes_nothing() -> None:
    booking, other = BookingFactory(), BookingFactory(starts_at=TEN + 8 * HOUR)
    device = DeviceFactory(campus=booking.campus)
    before = other.claims.count()
    with pytest.raises(Conflict):
        claims.claim(
            [(ResourceKind.DEVICE, device.pk), (ResourceKind.ROOM, booking.room_id)],
            starts_at=TEN,
            ends_at=TEN + HOUR,
            booking=other,
        )
    assert other.claims.count() == before


def test_somebody_named_twice_is_claimed_once() -> None:
    booking, staff = BookingFactory(), StaffFactory()
    twice = [(ResourceKind.STAFF, staff.pk)] * 2
    claims.claim(twice, starts_at=TEN, ends_at=TEN + HOUR, booking=booking)
    assert booking.claims.filter(resource_id=staff.pk, kind=ResourceKind.STAFF).count() == 1


def test_what_is_given_back_is_free_again_and_stays_on_record() -> None:
    booking = BookingFactory()
    held = claims.held_by(booking)
    assert len(held) == 3
    claims.release(booking, TEN)
    assert claims.held_by(booking) == set()
    assert booking.claims.filter(released_at=TEN).count() == 3
    claims.claim(sorted(held), starts_at=TEN, ends_at=TEN + HOUR, booking=booking)


def test_a_cancelled_booking_holds_nothing() -> None:
    booking = BookingFactory(status=BookingStatus.CANCELLED)
    assert claims.held_by(booking) == set()


def test_a_booking_opens_only_within_the_scope_of_the_permission() -> None:
    booking = BookingFactory(arrived=True)
    desk = StaffFactory(role="reception", campus=booking.campus)
    assert access.open_booking(booking.public_id, by=booking.staff) == booking
    locked = access.open_booking(booking.public_id, by=desk, lock=True, permission=Permission.RECEPTION_WRITE)
    assert (locked, locked.case) == (booking, booking.case)
    for by, permission in [
        (booking.staff, Permission.RECEPTION_WRITE),
        (StaffFactory(role="consultant", campus=booking.campus), Permission.BOOKING_VIEW),
        (StaffFactory(role="reception"), Permission.BOOKING_VIEW),
    ]:
        for lock in (False, True):
            with pytest.raises(NotFound):
                access.open_booking(booking.public_id, by=by, lock=lock, permission=permission)
