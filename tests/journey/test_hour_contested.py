"""Many callers, one hour: exactly the capacity is booked, every loser hears why and what is free next.

YIMEI_CONTEST_ASKERS=200 runs the full crowd.
"""

import os
import threading
from collections.abc import Sequence

import pytest
from django.db import connection

from tests.journey.clinic import TEN, Clinic
from yimei.core.errors import Conflict
from yimei.journey.models import Booking, ResourceClaim
from yimei.people.models import Patient

ASKERS = int(os.environ.get("YIMEI_CONTEST_ASKERS", "16"))
DOORS = 80
"""As many connections as a pool would open; the rest of the crowd waits for one."""
CAPACITY = 2
"""Four people could see somebody at ten, but there are two consulting rooms."""

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow(reason="many real threads fight over one hour"),
]


def ask_at_once(clinic: Clinic, patients: Sequence[Patient]) -> list[BaseException | None]:
    start, doors = threading.Barrier(len(patients)), threading.BoundedSemaphore(DOORS)
    ends: list[BaseException | None] = [None] * len(patients)

    def run(number: int) -> None:
        start.wait()
        with doors:
            try:
                clinic.request(patients[number], staff=None, room=None)
            except BaseException as error:  # noqa: BLE001 - whatever happens is what this test looks at
                ends[number] = error
            finally:
                connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(patients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def test_one_hour_takes_exactly_its_capacity_and_every_loser_hears_why() -> None:
    clinic = Clinic()
    ends = ask_at_once(clinic, [clinic.patient() for _ in range(ASKERS)])
    losers = [end for end in ends if end is not None]
    assert len(losers) == ASKERS - CAPACITY
    for loser in losers:
        assert isinstance(loser, Conflict), repr(loser)
        assert "已有安排" in loser.message
        assert loser.next_free
        assert all(begin > TEN for begin, _end in loser.next_free)
    assert Booking.objects.count() == CAPACITY
    assert ResourceClaim.objects.filter(released_at=None).count() == CAPACITY * 3
