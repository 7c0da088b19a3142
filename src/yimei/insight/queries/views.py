"""The SQL views that there are, by the page that they tell of."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from yimei.insight.gateways.remote import views
from yimei.insight.queries.feeds import pages
from yimei.insight.rules.feeds import prefix
from yimei.people.models import Staff


@dataclass(frozen=True)
class Published:
    """One page and its views."""

    page: str
    title: str
    names: Sequence[str]


def place() -> str:
    """Where the views stand, without the name and the password that lead there; empty when nowhere."""
    parts = urlsplit(settings.VIEWS_URL)
    return f"{parts.hostname}{parts.path}" if parts.hostname else ""


def published(by: Staff) -> list[Published]:
    """Return the pages of which there are views, among those that one may publish."""
    known = views.names(settings.VIEWS_URL)
    found = [
        Published(page, title, [name for name in known if name.startswith(prefix(page))])
        for page, title in pages(by)
    ]
    return [one for one in found if one.names]
