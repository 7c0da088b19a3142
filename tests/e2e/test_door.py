"""The door of an event in a real browser whose network goes: nobody is lost, nobody counts twice."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.e2e.desk import DESK, PHONE, House
from tests.growth.gathering import START, Gathering
from tests.stories.hospital import TEN
from yimei.growth.models import DoorScan, Seat
from yimei.growth.queries import events as queries

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow(reason="drives a real browser"),
]
OFFLINE = "net::ERR_INTERNET_DISCONNECTED"
"""What the browser says of the shell's own looks while the network is gone."""


def test_a_door_without_a_network_keeps_its_scans_and_sends_each_once(house: House) -> None:
    house.clock.at(TEN)
    gathering = Gathering(capacity=3)
    first, second, third = (gathering.registers(n) for n in (1, 2, 3))
    house.clock.at(START - timedelta(minutes=30))
    door = house.person(gathering.reception).open("event-door", gathering.event.public_id)
    page, code = door.page, door.page.locator("#door-code")
    kept = page.locator("[data-door-kept]")
    page.context.set_offline(True)
    for seat in (first, second, first):
        code.fill(queries.ticket_of(seat))
        code.press("Enter")
    expect(kept).to_have_text("2")
    door.sees("重复签到").look("断网签到", DESK, PHONE)
    assert not DoorScan.objects.exists()
    house.complaints[:] = [said for said in house.complaints if OFFLINE not in said]
    door.page = page.context.new_page()
    page.close()
    door.page.context.set_offline(False)
    kept, came = (door.page.locator(f"[data-door-{name}]") for name in ("kept", "came"))
    door.open("event-door", gathering.event.public_id)
    expect(kept).to_have_text("0")
    expect(came).to_have_text("2")
    door.page.context.set_offline(True)
    door.page.locator("#door-code").fill("not-of-here")
    door.page.locator("#door-code").press("Enter")
    said = door.page.locator("[data-door-said]")
    expect(said).to_have_text("名单里没有：已记下，联网后核对")
    door.page.context.set_offline(False)
    expect(kept).to_have_text("0")
    house.complaints[:] = [said for said in house.complaints if OFFLINE not in said]
    expect(said).to_have_text("不是本场的入场码")
    fourth = gathering.registers(4)
    door.page.locator("#door-code").fill(queries.ticket_of(fourth))
    door.page.locator("#door-code").press("Enter")
    expect(said).to_have_text("客** · 候补，没有名额")
    door.page.get_by_role("button", name="签到", exact=True).last.click()
    expect(came).to_have_text("3")
    expect(kept).to_have_text("0")
    assert DoorScan.objects.count() == 5  # the code of nobody is on record as well
    assert list(Seat.objects.order_by("pk").values_list("status", flat=True)) == ["came"] * 3 + ["waiting"]
    third.refresh_from_db()
    assert third.came_at is not None
