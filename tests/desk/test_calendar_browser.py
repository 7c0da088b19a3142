"""A bar is dragged, refused with a reason, moved by keys and taken back."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.desk.front import Front
from tests.factories.ui import sign_in
from tests.journey.clinic import EIGHT, HALF_HOUR, TEN
from yimei.journey.models import Booking

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow(reason="drives a real browser"),
]


@pytest.fixture
def front() -> Iterator[Front]:
    with time_machine.travel(EIGHT, tick=True):
        yield Front()


@pytest.fixture
def desk(page: Page, live_server: LiveServer, client: Client, front: Front) -> Iterator[Page]:
    key = sign_in(client, front.reception).session.session_key
    assert key is not None
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(reduced_motion="reduce")
    yield page
    assert [text for text in complaints if "409" not in text] == []


def drag(page: Page, bar: Locator, *, minutes: int, onto: Locator) -> None:
    """Take the bar by its middle, to the same place of another lane and so many minutes on."""
    box, lane = bar.bounding_box(), onto.bounding_box()
    assert box
    assert lane
    slots = int(onto.get_attribute("data-slots") or "1")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 10, y, steps=2)
    page.mouse.move(x + lane["width"] / slots * minutes / 5, lane["y"] + lane["height"] / 2, steps=6)


def test_a_bar_is_dragged_refused_moved_by_keys_and_taken_back(
    desk: Page,
    live_server: LiveServer,
    front: Front,
    artefacts: Path,
    assert_accessible: Callable[[Page], None],
) -> None:
    mine = front.confirmed()
    front.confirmed(starts_at=TEN + 2 * HALF_HOUR, staff=front.consultants[1], room=front.rooms[1])
    desk.goto(f"{live_server.url}/desk/calendar/?day=2026-06-16")
    assert_accessible(desk)
    bar = desk.locator(f'[data-ym-move="{mine.public_id}"]')
    mine_lane = desk.locator(f'[data-ym-lane="{front.consultants[0].public_id}"]')
    other_lane = desk.locator(f'[data-ym-lane="{front.consultants[1].public_id}"]')
    said = desk.locator("[data-ym-move-say]")

    drag(desk, bar, minutes=60, onto=other_lane)
    expect(said).to_contain_text("吴敏 11:00–11:30 已有安排。 （放下即可与它互换）")
    desk.screenshot(path=artefacts / "refused.png")
    desk.mouse.up()
    dialog = desk.locator("#dialog")
    expect(dialog).to_contain_text("可以互换")
    expect(dialog.locator("[name=other]:checked")).to_have_count(1)
    dialog.get_by_role("button", name="返回").click()
    expect(mine_lane.locator(f'[data-ym-move="{mine.public_id}"]')).to_be_visible()
    assert Booking.objects.get(pk=mine.pk).starts_at == TEN

    drag(desk, bar, minutes=120, onto=other_lane)
    expect(said).to_contain_text("12:00–12:30 · 吴敏")
    desk.mouse.up()
    expect(other_lane.locator(f'[data-ym-move="{mine.public_id}"]')).to_be_visible()
    expect(desk.locator("#toasts")).to_contain_text("已改期")
    moved = Booking.objects.get(pk=mine.pk)
    assert (moved.starts_at, moved.staff_id) == (TEN + 4 * HALF_HOUR, front.consultants[1].pk)

    with desk.expect_navigation():
        desk.get_by_role("button", name="撤销").click()
    expect(mine_lane.locator(f'[data-ym-move="{mine.public_id}"]')).to_be_visible()
    assert Booking.objects.get(pk=mine.pk).starts_at == TEN

    bar.focus()
    for key in (" ", "Shift+ArrowRight", "ArrowRight", "ArrowDown"):
        desk.keyboard.press(key)
    expect(said).to_contain_text("吴敏 11:00–11:30 已有安排")
    desk.keyboard.press("ArrowUp")
    expect(said).to_contain_text("11:15–11:45 · 周蕾")
    desk.keyboard.press("Enter")
    expect(desk.locator("#toasts")).to_contain_text("已改期")
    expect(bar).to_be_focused()
    assert Booking.objects.get(pk=mine.pk).starts_at == TEN + timedelta(minutes=75)

    for key in (" ", "ArrowDown", "Enter"):
        desk.keyboard.press(key)
    expect(dialog).to_contain_text("可以互换")
    dialog.get_by_role("button", name="互换", exact=True).click()
    expect(desk.locator("#toasts")).to_contain_text("已互换")
    assert Booking.objects.get(pk=mine.pk).starts_at == TEN + 2 * HALF_HOUR
    desk.goto(f"{live_server.url}/desk/calendar/?day=2026-06-16&view=week")
    assert_accessible(desk)
