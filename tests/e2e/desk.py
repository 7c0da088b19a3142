"""The desk as people use it: every person has a browser of their own, and one clock runs for all."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine
from django.urls import reverse
from django_otp.oath import hotp
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from tests.conftest import BROWSER_PATIENCE
from tests.factories.people import PASSWORD
from yimei.people.models import Staff

DESK, PHONE, TABLET = 1440, 390, 820
HEIGHT = 900
TOTP_KEY = b"12345678901234567890"
EXPECTED = re.compile(r"Failed to load resource: the server responded with a status of (400|401|404|409|422)")
"""What the browser says about a refusal on purpose, or a session that is over; whatever else is a fault."""
KIND = "e => e.tagName === 'SELECT' ? 'select' : e.type"
KINDS = f"""(place, names) => names.map(name => {{
    const found = place.querySelector(`[name="${{name}}"]`)
    return found && ({KIND})(found)
}})"""
"""How each of several fields is answered, asked at once."""


class Clock:
    """The time of the server and of every browser; it ticks, and it jumps."""

    def __init__(self, start: datetime) -> None:
        self._travel = time_machine.travel(start, tick=True)
        self._time = self._travel.start()

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def at(self, moment: datetime) -> None:
        self._time.move_to(moment)

    def later(self, **span: float) -> None:
        self._time.shift(timedelta(**span))

    def stop(self) -> None:
        self._travel.stop()


class House:
    """All browsers of one story, what they complained about, and where pictures go."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        clock: Clock,
        *,
        options: dict[str, Any],
        pictures: Path,
        check: Callable[[Page], None] | None,
    ) -> None:
        self.browser, self.url, self.clock, self.options = browser, url, clock, options
        self.pictures, self.check = pictures, check
        self.complaints: list[str] = []
        self.barriers: list[str] = []
        self._contexts: list[BrowserContext] = []
        self._people: dict[int, Person] = {}
        self._shots = 0

    def page(self, width: int = DESK) -> Page:
        """Return the page of a new browser, whose every complaint is kept."""
        size = {"width": width, "height": HEIGHT}
        context = self.browser.new_context(**self.options, viewport=size, reduced_motion="reduce")
        context.set_default_timeout(BROWSER_PATIENCE)
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._heard(page, said.type, said.text))
        return page

    def _heard(self, page: Page, kind: str, text: str) -> None:
        if kind == "error" and not EXPECTED.search(text):
            self.complaints.append(f"{page.url}: {text}")

    def person(self, staff: Staff) -> "Person":
        if staff.pk not in self._people:
            self._people[staff.pk] = Person(self, staff)
        return self._people[staff.pk]

    def look(self, page: Page, name: str, *widths: int) -> None:
        """Keep a picture at each width, see that nothing sticks out, and let axe read the narrowest.

        Without a check (`--glance`) nobody looks.
        """
        if self.check is None:
            return
        self._shots += 1
        widths = widths or (DESK,)
        for width in widths:
            _resize(page, width, HEIGHT)
            height = page.evaluate("document.documentElement.scrollHeight")
            _resize(page, width, max(HEIGHT, min(height + 120, 9000)))
            picture = self.pictures / f"{self._shots:02}-{name}-{width}.jpeg"
            # Hiding the caret would write style attributes; a PNG takes the browser longer than the page.
            page.screenshot(path=picture, caret="initial", type="jpeg", quality=85)
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                self.barriers.append(f"{page.url}: {wide} px wide in a window of {width} px")
            if width == min(widths):
                self._read(page, self.check, width)
        _resize(page, DESK, HEIGHT)

    def _read(self, page: Page, check: Callable[[Page], None], width: int) -> None:
        try:
            check(page)
        except AssertionError as found:
            self.barriers.append(f"{width} px: {found}")

    def close(self) -> None:
        for context in self._contexts:
            context.close()


def _resize(page: Page, width: int, height: int) -> None:
    """Lay the page out anew only when its window changes."""
    size: ViewportSize = {"width": width, "height": height}
    if page.viewport_size != size:
        page.set_viewport_size(size)


class Person:
    """A member of staff before a screen."""

    def __init__(self, house: House, staff: Staff) -> None:
        self.house, self.staff = house, staff
        self.page = house.page()

    # ---- going somewhere -------------------------------------------------------------------------

    def open(self, name: str, *args: object, **query: str) -> "Person":
        """Go to a page of the desk by its name, through the door when it asks."""
        address = reverse(f"desk:{name}", args=args)
        if query:
            address += "?" + "&".join(f"{key}={value}" for key, value in query.items())
        return self.visit(address)

    def visit(self, address: str) -> "Person":
        self.page.goto(self.house.url + address)
        if self.is_at_the_door:
            self.sign_in()
            self.page.wait_for_url(self.house.url + address + "*")
        return self

    @property
    def is_at_the_door(self) -> bool:
        return "/sign-in/" in self.page.url

    def sign_in(self, password: str = PASSWORD) -> None:
        """Through the real page, with the second factor of those who have one."""
        self.fill(username=self.staff.username, password=password)
        self.press("登录")
        if self.staff.totp_secret and password == PASSWORD:
            step = int(self.house.clock.now.timestamp()) // 30
            self.fill(totp=f"{hotp(TOTP_KEY, step):06d}")
            self.press("验证并登录")

    # ---- doing something -------------------------------------------------------------------------

    def fill(self, within: Locator | None = None, **values: str) -> "Person":
        """Answer fields by name: type, choose from a list, tick a box or a card."""
        place = within or self.page.locator("body")
        kinds = place.evaluate(KINDS, list(values))
        for (name, value), known in zip(values.items(), kinds, strict=True):
            field = place.locator(f'[name="{name}"]')
            kind = known or field.first.evaluate(KIND)  # what is not there yet is waited for
            if kind == "select":
                field.select_option(value)
            elif kind == "checkbox":
                field.first.check()
            elif kind == "radio":
                field.and_(self.page.locator(f'[value="{value}"]')).first.check()
            else:
                field.fill(value)
        return self

    def pick(self, name: str, words: str) -> "Person":
        """Choose the entry of a list, or the card, that says these words."""
        field = self.page.locator(f'[name="{name}"]')
        if field.first.evaluate("e => e.tagName") == "SELECT":
            value = field.locator("option", has_text=words).first.get_attribute("value")
            field.select_option(value)
        else:
            self.page.locator("label.option", has_text=words).locator(field).first.check()
        return self

    def press(self, words: str, *, within: Locator | None = None) -> "Person":
        (within or self.page).get_by_role("button", name=words, exact=True).click()
        return self

    def follow(self, words: str, *, within: Locator | None = None) -> "Person":
        with self.page.expect_navigation():
            (within or self.page).get_by_role("link", name=words, exact=True).first.click()
        return self

    def draw(self, pad: str = "signature") -> "Person":
        """Sign with the mouse, and see that the pad took it."""
        canvas = self.page.locator(f"canvas#id_{pad}")
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        assert box is not None
        x, y, mouse = box["x"], box["y"], self.page.mouse
        for dx, dy, to_x, to_y in [(30, 70, 130, 40), (60, 40, 110, 100), (150, 50, 240, 90)]:
            mouse.move(x + dx, y + dy)
            mouse.down()
            mouse.move(x + to_x, y + to_y, steps=4)
            mouse.up()
        expect(self.page.locator(f'input[name="{pad}"]')).to_have_value(re.compile("^data:image/png;base64,"))
        return self

    # ---- what is seen ----------------------------------------------------------------------------

    def told(self, words: str) -> "Person":
        """See the short message that says what was done."""
        expect(self.page.locator("#toasts").get_by_text(words).first).to_be_visible()
        return self

    def sees(self, *words: str) -> "Person":
        for each in words:
            expect(self.page.get_by_text(each).locator("visible=true").first).to_be_visible()
        return self

    def gate(self, words: str) -> Locator:
        """The line of what is missing that says these words."""
        line = self.page.locator(".gate", has_text=words).locator("visible=true").first
        expect(line).to_be_visible()
        return line

    def mend(self, words: str) -> "Person":
        """Follow the link of what is missing to where it is mended."""
        with self.page.expect_navigation():
            self.gate(words).get_by_role("link").click()
        return self

    def look(self, name: str, *widths: int) -> "Person":
        self.house.look(self.page, name, *widths)
        return self


@contextmanager
def opened(
    browser: Browser,
    url: str,
    *,
    start: datetime,
    options: dict[str, Any],
    pictures: Path,
    check: Callable[[Page], None] | None,
) -> Iterator[House]:
    """A house at one moment; afterwards time is real again and every browser is closed."""
    clock = Clock(start)
    house = House(browser, url, clock, options=options, pictures=pictures, check=check)
    try:
        yield house
    finally:
        house.close()
        clock.stop()
