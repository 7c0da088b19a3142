"""One refusal tried both ways: through the action and through its page, neither leaving a trace."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.factories.ui import sign_in
from tests.stories.hospital import footprint, refused
from yimei.billing.models import Quote
from yimei.core.errors import NotFound
from yimei.people.models import Staff

HTMX = {"HX-Request": "true"}


@dataclass(frozen=True)
class Ask:
    """One thing tried both ways: the action, and the post of its page."""

    words: str
    act: Callable[[], object]
    page: str
    args: tuple[object, ...]
    by: Staff | None
    data: Mapping[str, Any] = field(default_factory=dict)
    shown: str = ""
    """What the page says where its form is the first to see it."""
    is_layer: bool = False
    """Whether the page is a dialog, which only answers htmx."""

    def post(self) -> HttpResponse:
        """Post the page as its person; a name with a colon belongs to another house than the desk."""
        client = Client() if self.by is None else sign_in(Client(), self.by)
        address = reverse(self.page if ":" in self.page else f"desk:{self.page}", args=self.args)
        return client.post(address, self.data, headers=HTMX if self.is_layer else None)  # type: ignore[return-value]


def assert_both(*asked: Ask) -> None:
    """Expect the refusal of each action and of each page, in words, with no row written by either."""
    for one in asked:
        refusal = refused(one.act, one.words)
        before = charted()
        answer = one.post()
        assert answer.status_code in {422, refusal.status}, (one.page, one.words, answer.status_code)
        assert (one.shown or one.words) in answer.content.decode(), (one.words, one.page)
        assert charted() == before, f"{one.page} wrote something down though it refused: {one.words}"


def assert_absent(*asked: Ask) -> None:
    """Expect that neither way knows of such a row."""
    for one in asked:
        refused(one.act, kind=NotFound)
        before = charted()
        assert one.post().status_code == 404, one.page
        assert charted() == before, f"{one.page} wrote something down about what is not there"


def charted() -> dict[str, int]:
    """The rows of chart and quotes: a page that shows its form again writes into the log that it was read."""
    rows = {name: count for name, count in footprint().items() if name != "Entry"}
    return rows | {"Quote": Quote.objects.count()}
