"""The SQL views that there are, by the page that they tell of."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q

from yimei.core.errors import RuleBroken
from yimei.insight.gateways.remote import views
from yimei.insight.models import PublishedPage
from yimei.insight.queries.feeds import pages
from yimei.insight.rules.feeds import prefix
from yimei.people.models import Staff


@dataclass(frozen=True)
class Published:
    """One page and its views; without a row it was put there by an older version and never refreshed."""

    page: str
    title: str
    names: Sequence[str]
    row: PublishedPage | None


@dataclass(frozen=True)
class Standing:
    """What was published, and why the other database could not be asked."""

    pages: Sequence[Published]
    fault: str = ""


def place() -> str:
    """Where the views stand, without the name and the password that lead there; empty when nowhere."""
    parts = urlsplit(settings.VIEWS_URL)
    return f"{parts.hostname}{parts.path}" if parts.hostname else ""


def published_page(page: str, *, by: Staff) -> PublishedPage | None:
    """A page that stands there, for who may publish it or put it there."""
    rows = PublishedPage.objects.filter(Q(page__in=dict(pages(by))) | Q(owner=by))
    return rows.filter(page=page).first()


def standing(by: Staff) -> Standing:
    """Return the pages of which there are views, among those that one may publish or put there."""
    titles, fault, known = dict(pages(by)), "", []
    rows = PublishedPage.objects.filter(Q(page__in=titles) | Q(owner=by)).select_related("owner")
    by_page = {row.page: row for row in rows}
    try:
        known = views.names(settings.VIEWS_URL)
    except RuleBroken as refusal:
        fault = refusal.message
    found = [
        Published(page, title, [name for name in known if name.startswith(prefix(page))], by_page.get(page))
        for page, title in {**{row.page: row.title for row in rows}, **titles}.items()
    ]
    return Standing([one for one in found if one.names or one.row], fault)
