"""The hospital's own numbers of the journey: from tomorrow on, within bounds, by who keeps the catalogue."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.people import StaffFactory
from tests.factories.ui import sign_in
from tests.journey.clinic import EIGHT
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.enums import Grade
from yimei.journey.actions import reference, settings
from yimei.journey.queries import cooling
from yimei.journey.queries import settings as queries
from yimei.journey.rules.settings import NUMBERS

pytestmark = pytest.mark.django_db
TODAY, TOMORROW = date(2026, 6, 16), date(2026, 6, 17)


@pytest.fixture(autouse=True)
def shipped() -> None:
    reference.load(EIGHT - timedelta(days=30))


def test_every_number_of_the_journey_that_ships_may_be_set() -> None:
    assert [one.code for one in queries.listed(on=TODAY)] == list(NUMBERS.bounds)


def test_the_wait_of_who_needs_a_guardian_is_the_hospitals_to_set_from_tomorrow_on() -> None:
    admin = StaffFactory(role="admin")
    assert cooling.days(Grade.TWO, minor=True, on=TODAY) == 7
    settings.set_number("cooling.minor", value=14, reason="伦理委员会意见", by=admin, now=EIGHT)
    assert cooling.days(Grade.TWO, minor=True, on=TODAY) == 7
    assert cooling.days(Grade.TWO, minor=True, on=TOMORROW) == 14


@pytest.mark.parametrize(
    ("code", "value", "words"),
    [
        ("booking.deposit_percent", 21, "1 到 20"),
        ("reception.wait_amber", 21, "不能大于"),
        ("lead.idle_days", 5, "没有这个可以设置的数值"),
    ],
)
def test_what_no_hospital_may_mean_is_refused(code: str, value: int, words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        settings.set_number(code, value=value, reason="试", by=StaffFactory(role="admin"), now=EIGHT)


def test_only_who_keeps_the_catalogue_of_the_group_sets_them(client: Client) -> None:
    with pytest.raises(NotFound):
        settings.set_number(
            "cooling.minor", value=9, reason="试", by=StaffFactory(role="reception"), now=EIGHT
        )
    address, posted = reverse("desk:journey-numbers"), {"code": "cooling.minor", "value": "9", "reason": "试"}
    sign_in(client, StaffFactory(role="reception"))
    assert client.get(address).status_code == client.post(address, posted).status_code == 404
    sign_in(client, StaffFactory(role="admin"))
    assert "由监护人同意的手术另加的冷静期" in client.get(address).content.decode()
    assert client.post(address, posted | {"value": "900"}).status_code == 422
    assert client.post(address, posted).status_code == 302
    assert "院方设定：试" in client.get(address).content.decode()
