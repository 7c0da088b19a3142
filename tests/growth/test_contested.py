"""Eight claims at the same instant leave exactly one owner; two enquiries at once leave one first lead."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from tests.growth.house import House
from tests.journey.clinic import EIGHT
from tests.journey.test_bookings_contested import at_once
from yimei.growth.actions import owning
from yimei.growth.models import Lead, OwnerPeriod

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow(reason="threads with connections of their own, against a real database"),
]


def test_of_claims_at_once_one_wins() -> None:
    house = House()
    lead = house.lead()
    owning.release(lead.public_id, by=house.online, now=EIGHT)
    many = 8 if connection.vendor == "postgresql" else 4
    team = [house.staff("online", f"网电{n}") for n in range(many)]
    later = EIGHT + timedelta(hours=1)
    ends = at_once([lambda one=one: owning.claim(lead.public_id, by=one, now=later) for one in team])
    assert Counter(ends) == {"won": 1, "conflict": many - 1}
    lead.refresh_from_db()
    assert lead.owner == OwnerPeriod.objects.get(until=None).staff


def test_two_forms_at_once_are_one_lead_and_its_second_enquiry() -> None:
    house = House()
    ends = at_once([lambda: house.lead(), lambda: house.lead(by=house.second), lambda: house.lead()])
    assert ends == ["won"] * 3
    assert Counter(Lead.objects.values_list("status", flat=True)) == {"open": 1, "linked": 2}
