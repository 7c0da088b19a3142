"""Nobody is shown a link that answers that nothing is there: every role reads its pages and follows them."""

from collections.abc import Iterator
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import time_machine
from django.test import Client
from django.urls import Resolver404, resolve

from tests.factories.rehearsed import rehearsed_with_mart
from tests.factories.ui import sign_in
from yimei.insight.gateways import reader
from yimei.insight.queries import figures
from yimei.people.models import Staff
from yimei.people.roles import RoleCode
from yimei.ui.guard import opens

EVENING = datetime.fromisoformat("2026-06-16T16:30:00+08:00")
"""Up to which the tests of figures fill the hospital as well: it is filled once."""

DEPTH = 2
"""今日 leads to the rail, the rail to its pages; what stands on those is asked of their guards."""


class Links(HTMLParser):
    """Where a page leads without being asked to change anything."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "a":
            self.found.append(named.get("href") or "")
        if tag == "form" and (named.get("method") or "get").lower() == "get" and "hidden" not in named:
            self.found.append(named.get("action") or "")


def links(page: str, html: str) -> list[str]:
    parser = Links()
    parser.feed(html)
    found = (urlsplit(urljoin(page, link)) for link in dict.fromkeys(parser.found) if link)
    return [f"{to.path}?{to.query}".rstrip("?") for to in found if not to.netloc and to.path[:6] == "/desk/"]


def kind(url: str) -> str:
    """Pages of one kind differ by the row that they show."""
    try:
        return resolve(urlsplit(url).path).view_name
    except Resolver404:
        return url


def dead(staff: Staff) -> Iterator[str]:
    """Read one page of each kind; say each link that its guard refuses, and each that nothing answers."""
    client = sign_in(Client(raise_request_exception=False), staff)
    waiting, seen = [("/desk/", 0, "")], {"desk:sign-out"}
    while waiting:
        url, depth, behind = waiting.pop(0)
        if (name := kind(url)) in seen:
            continue
        seen.add(name)
        response: Any = client.get(url, follow=True)
        if response.status_code >= 400:
            yield f"{staff.role.code}: {behind} → {name} {response.status_code}"
        if depth == DEPTH or response.streaming or "html" not in response["Content-Type"]:
            continue
        for link in links(url, response.content.decode()):
            if not opens(staff, link):
                yield f"{staff.role.code}: {name} → {kind(link)} is not hers"
            elif kind(link) not in seen:
                waiting.append((link, depth + 1, name))
    assert len(seen) > 10, staff.role.code


@pytest.fixture
def own_mart(tmp_path: Path, settings: Any) -> Iterator[None]:
    reader.forget()
    figures.forget()
    settings.VAR_DIR = tmp_path
    yield
    reader.forget()
    figures.forget()


@pytest.mark.long(reason="fills a small hospital with its mart, and fifteen roles read all their pages")
@pytest.mark.django_db
@pytest.mark.usefixtures("own_mart")
def test_no_page_leads_its_reader_where_nothing_is_for_her() -> None:
    rehearsed_with_mart(EVENING)
    with time_machine.travel(EVENING, tick=False):
        readers = [Staff.objects.filter(role__code=role).order_by("pk")[0] for role in RoleCode]
        told = {line for staff in readers for line in dead(staff)}
    assert "\n".join(sorted(told)) == ""
