"""The numbers of the rail: kept while nothing is done, right after something was."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.factories.journey import TEN, BookingFactory
from tests.factories.people import DutyFactory, StaffFactory
from tests.factories.ui import sign_in
from yimei.outbox.actions import reference as outbox_reference

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow(reason="drives a real browser"),
]


def test_a_number_is_asked_once_and_again_after_the_work_is_done(
    page: Page, live_server: LiveServer, client: Client
) -> None:
    with time_machine.travel(TEN + timedelta(minutes=14), tick=True):
        with transaction.atomic():
            late = BookingFactory(created_at=TEN - timedelta(days=2), starts_at=TEN + timedelta(hours=4))
            DutyFactory(staff=late.staff)
            outbox_reference.load(at=TEN)
        key = sign_in(client, StaffFactory(role="reception", campus=late.campus)).session.session_key
        assert key is not None
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        asked: list[str] = []
        page.on("request", lambda sent: asked.append(sent.url) if sent.url.endswith("/badges/") else None)
        badge = page.locator("#rail a[aria-current=page] [data-ym-count]")

        page.goto(live_server.url + reverse("desk:today"))
        expect(badge).to_have_text("1")
        page.goto(live_server.url + reverse("desk:patients"))
        page.goto(live_server.url + reverse("desk:today"))
        expect(badge).to_have_text("1")
        assert len(asked) == 1
        with page.expect_navigation():
            page.get_by_role("link", name="确认", exact=True).first.click()
        with page.expect_response("**/badges/") as answer:
            page.get_by_role("button", name="确认预约", exact=True).click()
        expect(page.locator("#toasts")).to_contain_text("已确认预约")
        assert answer.value.json()[reverse("desk:today")] == 0
        page.goto(live_server.url + reverse("desk:today"))
        expect(page.get_by_role("heading", name="今日")).to_be_visible()
        expect(badge).to_have_text("")
        assert len(asked) == 2
