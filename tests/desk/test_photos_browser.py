"""A whole series taken with the camera of a tablet, compared and looked at, by day and by night."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.factories.photos import NOW, Studio, drawn
from tests.factories.ui import sign_in
from yimei.journey.models import Photo

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow(reason="drives a real browser"),
]


@pytest.fixture
def studio() -> Studio:
    studio = Studio()
    studio.take("front", data=drawn(1200, 900, shade=150), taken_on=(NOW - timedelta(days=9)).date())
    studio.take("front", data=drawn(1200, 900, shade=210))
    return studio


@pytest.fixture
def desk(page: Page, live_server: LiveServer, client: Client, studio: Studio) -> Iterator[Page]:
    """Sign the surgeon in; whatever the page complains about fails the test."""
    key = sign_in(client, studio.surgeon).session.session_key
    assert key is not None
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
    page.context.grant_permissions(["camera"])
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.goto(f"{live_server.url}/desk/cases/{studio.case.public_id}/photos/")
    yield page
    assert [text for text in complaints if "422" not in text] == []


def test_a_series_is_taken_with_the_camera(desk: Page, artefacts: Path) -> None:
    desk.get_by_role("link", name="拍照", exact=True).click()
    for angle, following in [("左 45°", "右 45°"), ("右 45°", "左侧面")]:
        expect(desk.get_by_role("heading", name=angle)).to_be_visible()
        desk.get_by_role("button", name="拍摄").click()
        desk.screenshot(path=artefacts / f"shot-{angle[0]}.png")
        desk.get_by_role("button", name="保存").click()
        expect(desk.get_by_role("heading", name=following)).to_be_visible()
    taken = Photo.objects.exclude(angle="front").values_list("angle", "origin")
    assert set(taken) == {("oblique-left", "camera"), ("oblique-right", "camera")}


def test_the_earlier_photo_fades_over_the_live_picture(desk: Page, artefacts: Path) -> None:
    desk.get_by_role("link", name="正面").first.click()
    ghost = desk.locator("[data-ym-camera-ghost]")
    expect(desk.get_by_role("button", name="拍摄")).to_be_visible()
    expect(ghost).to_have_css("opacity", "0.35")
    desk.get_by_label("上次照片").fill("70")
    expect(ghost).to_have_css("opacity", "0.7")
    desk.get_by_label("轮廓线").uncheck()
    expect(desk.locator(".camera-guide")).to_be_hidden()
    desk.get_by_role("button", name="拍摄").click()
    desk.get_by_role("button", name="重拍").click()
    expect(desk.get_by_role("button", name="拍摄")).to_be_visible()
    assert desk.locator("input[type=file]").evaluate("node => node.files.length") == 0


def test_a_file_that_is_no_photo_is_refused_and_another_may_be_chosen(desk: Page) -> None:
    desk.get_by_role("link", name="左侧面").first.click()
    files = desk.locator("input[type=file]")
    files.set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"%PDF-1.7 no photo"})
    desk.get_by_role("button", name="保存").click()
    expect(desk.locator("#notices")).to_contain_text("PDF")
    files.set_input_files({"name": "b.jpg", "mimeType": "image/jpeg", "buffer": drawn()})
    expect(desk.locator("[data-ym-camera-shot]")).to_be_visible()
    desk.get_by_role("button", name="保存").click()
    expect(desk.get_by_role("heading", name="左 45°")).to_be_visible()
    assert Photo.objects.filter(origin="upload", angle="left").count() == 1


def test_the_slider_follows_keys_and_pointer(desk: Page, artefacts: Path) -> None:
    desk.get_by_role("link", name="滑动对比").click()
    slider = desk.get_by_label("分界位置")
    box = desk.locator("[data-ym-compare]")
    split = "node => node.style.getPropertyValue('--split')"
    slider.focus()
    slider.press("ArrowRight")
    assert box.evaluate(split) == "51%"
    stage = desk.locator("[data-ym-compare-stage]")
    for picture in stage.locator("img").all():
        expect(picture).to_have_js_property("complete", True)  # the stage grows with its pictures
    stage.scroll_into_view_if_needed()
    edge = stage.bounding_box()
    assert edge
    desk.mouse.move(edge["x"] + edge["width"] / 2, edge["y"] + 100)
    desk.mouse.down()
    desk.mouse.move(edge["x"] + edge["width"] / 4, edge["y"] + 100)
    desk.mouse.up()
    assert box.evaluate(split) == "25%"
    desk.screenshot(path=artefacts / "slider.png")


def test_nothing_of_a_photo_is_printed(desk: Page) -> None:
    desk.emulate_media(media="print")
    expect(desk.locator(".photo-grid")).to_be_hidden()
    expect(desk.get_by_text("照片不打印。")).to_be_visible()


@pytest.mark.long(reason="five pages, five times each, in full height")
def test_every_page_is_open_to_everybody_at_every_width_by_day_and_night(
    desk: Page,
    studio: Studio,
    live_server: LiveServer,
    artefacts: Path,
    assert_accessible: Callable[[Page], None],
) -> None:
    case = f"{live_server.url}/desk/cases/{studio.case.public_id}/photos"
    shot = Photo.objects.latest("taken_at")
    pages = {
        "gallery": f"{case}/",
        "take": f"{case}/take/?angle=front",
        "side": f"{case}/compare/?angle=front",
        "slider": f"{case}/compare/?angle=front&mode=slider",
        "photo": f"{live_server.url}/desk/photos/{shot.public_id}/",
    }
    for name, address in pages.items():
        desk.goto(address)
        desk.wait_for_load_state("networkidle")
        for width, theme in [(1440, "light"), (1440, "dark"), (820, "light"), (390, "light"), (390, "dark")]:
            desk.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
            desk.set_viewport_size({"width": width, "height": 900})
            height = desk.evaluate("document.documentElement.scrollHeight")
            assert desk.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
            desk.set_viewport_size({"width": width, "height": height + 200})
            desk.screenshot(path=artefacts / f"{name}-{width}-{theme}.png")
            assert_accessible(desk)
