"""On a tablet the rows of a wide table are cards: nothing scrolls sideways, no column is one sign wide."""

from collections.abc import Iterator

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.desk.front import Front
from tests.factories.ui import sign_in
from tests.journey.clinic import EIGHT
from yimei.people.models import Staff

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow(reason="drives a real browser"),
]

LONG = "吸脂（2000 至 5000 ml 以下）"


@pytest.fixture
def front() -> Iterator[Front]:
    with time_machine.travel(EIGHT, tick=True):
        yield Front()


@pytest.mark.parametrize("name", ["price-truth", "bookings"])
def test_a_wide_table_is_cards_on_a_tablet(
    page: Page, live_server: LiveServer, client: Client, front: Front, name: str
) -> None:
    front.procedure.name = LONG
    front.procedure.save(update_fields=["name"])
    front.confirmed()
    enter(page, live_server, client, front.director if name == "price-truth" else front.reception)
    page.set_viewport_size({"width": 820, "height": 900})
    page.goto(live_server.url + reverse(f"desk:{name}"))
    wrap, cell = page.locator(".table-wide"), page.locator("td[data-label=项目]").first
    assert wrap.evaluate("one => one.scrollWidth - one.clientWidth") == 0
    box = cell.bounding_box()
    assert box
    assert box["width"] >= 150
    assert cell.evaluate("one => getComputedStyle(one.parentElement).display") == "grid"
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 820
    page.set_viewport_size({"width": 1440, "height": 900})
    assert cell.evaluate("one => getComputedStyle(one).display") == "table-cell"


def enter(page: Page, live_server: LiveServer, client: Client, staff: Staff) -> None:
    key = sign_in(client, staff).session.session_key
    assert key is not None
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
