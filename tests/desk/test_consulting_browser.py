"""A questionnaire and a map in a real browser: branches, drafts, signature, mouse and keys."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.factories.ui import sign_in
from tests.journey.test_maps import Room as Marking
from tests.journey.test_questionnaires import Room as Asking
from yimei.journey.models import AnswerSet, TreatmentMap
from yimei.people.models import Staff

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow(reason="drives a real browser"),
]


@pytest.fixture
def enter(page: Page, live_server: LiveServer, client: Client) -> Iterator[Callable[[Staff, str], Page]]:
    """Sign somebody in and open an address; whatever the page complains about fails the test."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.set_viewport_size({"width": 1440, "height": 1000})

    def go(staff: Staff, address: str) -> Page:
        key = sign_in(client, staff).session.session_key
        assert key is not None
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}]
        )
        page.goto(f"{live_server.url}{address}")
        return page

    yield go
    assert [text for text in complaints if "422" not in text] == []


def test_branches_open_drafts_are_kept_and_the_signature_survives_a_refusal(
    enter: Callable[[Staff, str], Page], artefacts: Path, assert_accessible: Callable[..., None]
) -> None:
    room = Asking().agrees()
    row = room.begin()
    page = enter(room.consultant, f"/desk/answers/{row.public_id}/fill/")
    expect(page.get_by_text("平均每天几支？")).to_be_hidden()
    page.get_by_label("吸", exact=True).check()
    page.get_by_label("平均每天几支？").fill("10")
    page.get_by_label("吸了多少年？").fill("3")
    page.locator("#q-alcohol").get_by_label("不饮").check()
    page.locator("#q-medicine").get_by_label("否").check()
    expect(page.get_by_text("已答 5 / 6")).to_be_visible()
    page.reload()
    expect(page.get_by_label("平均每天几支？")).to_have_value("10")
    assert_accessible(page)
    page.locator("canvas").scroll_into_view_if_needed()
    pad = page.locator("canvas").bounding_box()
    assert pad is not None
    page.mouse.move(pad["x"] + 40, pad["y"] + 60)
    page.mouse.down()
    page.mouse.move(pad["x"] + 160, pad["y"] + 20, steps=5)
    page.mouse.move(pad["x"] + 280, pad["y"] + 80, steps=5)
    page.mouse.up()
    page.get_by_label("平均每天几支？").fill("1000")
    page.get_by_role("button", name="完成并冻结").click()
    expect(page.locator("#q-cigarettes-error")).to_contain_text("应在 0 到 100")
    page.screenshot(path=artefacts / "refused.png", full_page=True)
    page.get_by_label("平均每天几支？").fill("10")
    page.get_by_role("button", name="完成并冻结").click()
    page.wait_for_url("**/questionnaires/")
    expect(page.get_by_text("吸烟 10 支/天")).to_be_visible()
    assert AnswerSet.objects.get().completed_at is not None


def test_points_are_set_by_mouse_moved_by_keys_and_kept(
    enter: Callable[[Staff, str], Page], artefacts: Path, assert_accessible: Callable[..., None]
) -> None:
    room = Marking()
    row = room.begin()
    page = enter(room.surgeon, f"/desk/maps/{row.public_id}/edit/")
    figure = page.locator('[data-ym-map-figure="face-front"]')
    box = figure.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.45, box["y"] + box["height"] * 0.35)
    page.get_by_label("产品").fill("A 型肉毒毒素")
    page.get_by_label("用量").fill("4")
    page.get_by_label("批号").fill("C3709")
    page.mouse.click(box["x"] + box["width"] * 0.55, box["y"] + box["height"] * 0.35)
    expect(page.get_by_label("批号")).to_have_value("C3709")
    page.get_by_role("button", name="第 2 点").press("Shift+ArrowDown")
    figure.focus()
    figure.press("ArrowRight")
    figure.press("Enter")
    expect(page.locator("#map-state")).to_contain_text("12 U")
    page.get_by_role("button", name="第 3 点").press("Delete")
    expect(page.locator("#map-state")).to_contain_text("8 U")
    assert_accessible(page)
    page.screenshot(path=artefacts / "map.png")
    page.get_by_role("button", name="完成并冻结").click()
    page.wait_for_url(f"**/maps/{row.public_id}/")
    first, second = TreatmentMap.objects.select_related("case__patient__person__vault_key").get().points
    assert float(second["y"]) == pytest.approx(float(first["y"]) + 5, abs=0.6)
