"""The kit in a real browser: what it looks like is for eyes, what must hold is here."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.factories.people import StaffFactory
from tests.factories.ui import sign_in
from yimei.ui import registry

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.ui.pages"),
    pytest.mark.slow(reason="drives a real browser"),
]


@pytest.fixture
def kit(
    page: Page, live_server: LiveServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Page]:
    """Open the kit as somebody; whatever the page complains about fails the test."""
    monkeypatch.setattr(registry, "_rail", [])
    registry.rail_item("", "组件", "sun-high", "desk:kit", None, tab=True)
    key = sign_in(client, StaffFactory()).session.session_key
    assert key is not None
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{live_server.url}/desk/_kit")
    yield page
    assert complaints == []


@pytest.mark.long(reason="every piece, five times, in full height")
def test_the_kit_is_open_to_everybody_at_every_width_by_day_and_night(
    kit: Page, assert_accessible: Callable[[Page], None]
) -> None:
    for width, theme in [(1440, "light"), (1440, "dark"), (820, "light"), (390, "dark"), (390, "light")]:
        kit.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        kit.set_viewport_size({"width": width, "height": 900})
        height = kit.evaluate("document.documentElement.scrollHeight")
        kit.set_viewport_size({"width": width, "height": height + 200})
        expect(kit.locator("html")).to_have_attribute("data-theme", theme)
        assert kit.evaluate("document.documentElement.scrollWidth") <= width
        assert_accessible(kit)


def test_a_form_understands_what_is_typed_and_keeps_it(kit: Page) -> None:
    for field, typed, read in [
        ("birth_date", "20260506", "2026-05-06"),
        ("birth_date", "2026年5月6日", "2026-05-06"),
        ("birth_date", "13.40", "13.40"),
        ("at", "930", "09:30"),
        ("phone", "+86 138-0013 8000", "13800138000"),
        ("name", "林晓雨", "林晓雨"),
    ]:
        kit.fill(f"#id_{field}", typed)
        kit.press(f"#id_{field}", "Tab")
        expect(kit.locator(f"#id_{field}")).to_have_value(read)
    kit.reload()
    expect(kit.locator("#id_name")).to_have_value("林晓雨")
    kit.get_by_role("button", name="清空重填").click()
    expect(kit.locator("#id_name")).to_have_value("")

    kit.get_by_role("button", name="确认签署").click()
    expect(kit.get_by_text("还没有签名")).to_be_visible()
    box = kit.locator(".signature-canvas").bounding_box()
    assert box is not None
    kit.mouse.move(box["x"] + 40, box["y"] + 80)
    kit.mouse.down()
    kit.mouse.move(box["x"] + 240, box["y"] + 120, steps=12)
    kit.mouse.up()
    value = kit.locator("[data-ym-signature-value]")
    expect(value).to_have_value(re.compile("^data:image/png;base64,"))
    kit.get_by_role("button", name="重签").click()
    expect(value).to_have_value("")


def test_the_keyboard_reaches_rows_questions_and_pages(kit: Page) -> None:
    kit.locator("[data-ym-row]").first.focus()
    kit.keyboard.press("ArrowDown")
    expect(kit.locator("[data-ym-row]").nth(1)).to_be_focused()

    kit.get_by_role("button", name="确认接诊").press("Enter")
    question = kit.locator("#ym-confirm")
    expect(question.get_by_role("heading")).to_have_text("确认王**到诊？")
    expect(question.get_by_role("button", name="确认接诊")).to_be_visible()
    kit.keyboard.press("Escape")
    expect(question).to_be_hidden()

    kit.keyboard.press("Control+k")
    kit.keyboard.type("组件")
    expect(kit.locator(".palette-item[aria-selected=true]")).to_have_text("组件")
    kit.keyboard.press("Enter")
    kit.wait_for_url("**/desk/_kit")


def test_a_chosen_file_is_named_in_the_words_of_the_page(kit: Page) -> None:
    field = kit.locator(".field", has_text="转诊资料")
    none, drag = field.locator(".file-none"), field.get_by_text("，也可拖到这里", exact=True)
    expect(none).to_be_visible()
    files = field.locator('input[type="file"]')
    files.set_input_files({"name": "转诊.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"})
    expect(field.get_by_text("转诊.pdf")).to_be_visible()
    expect(none).to_be_hidden()
    files.set_input_files([])
    expect(drag).to_be_visible()
    kit.set_viewport_size({"width": 390, "height": 900})
    expect(none).to_be_visible()
    expect(drag).to_be_hidden()


def test_a_reason_without_room_is_read_on_request(kit: Page) -> None:
    reason = kit.get_by_text("两个数字相减会指向个人")
    expect(reason).to_be_hidden()
    kit.get_by_text("为什么", exact=True).click()
    expect(reason).to_be_visible()
