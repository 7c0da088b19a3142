"""Keys with which other programs read the figures of one page."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from urllib.parse import parse_qsl

from django.utils.translation import gettext as _

from yimei.core.errors import NotFound, RuleBroken
from yimei.insight.models import Dashboard, FeedToken
from yimei.insight.queries.rights import NEEDS, may_see
from yimei.insight.rules.dashboards import READY
from yimei.insight.rules.feeds import names
from yimei.insight.rules.questions import Question, parse
from yimei.insight.rules.reports.secrets import fingerprint
from yimei.people.models import Staff
from yimei.people.roles import Permission


def feeds(by: Staff) -> Sequence[FeedToken]:
    return list(FeedToken.objects.filter(owner=by).select_related("dashboard"))


def pages(by: Staff) -> list[tuple[str, str]]:
    """The pages whose figures one may let another program read."""
    ready = [
        (code, str(one.words)) for code, one in READY.items() if one.need is None or by.may(NEEDS[one.need])
    ]
    own = Dashboard.objects.filter(owner=by)
    return [*ready, *((f"own:{one.public_id}", one.name) for one in own)]


def title(feed: FeedToken) -> str:
    return feed.dashboard.name if feed.dashboard else str(READY[feed.page].words)


def live(secret: str, now: datetime) -> FeedToken:
    """Return the feed of a secret while it lives and its owner may export; all else is not there."""
    rows = FeedToken.objects.filter(revoked_at=None, expires_at__gt=now, owner__is_active=True)
    feed = rows.filter(secret_hash=fingerprint(secret)).select_related("owner__role", "dashboard").first()
    if feed is None or not feed.owner.may(Permission.INSIGHT_EXPORT):
        raise NotFound
    return feed


def questions(feed: FeedToken, today: date) -> dict[str, Question]:
    """The questions of a feed's page by name, as far as its owner's rights reach."""
    if feed.dashboard is not None:
        texts = [tile.question for tile in feed.dashboard.tiles.all()]
    elif feed.page in READY:
        texts = list(READY[feed.page].tiles)
    else:
        texts = []
    return asked(texts, feed.owner, today)


def page_questions(page: str, by: Staff, today: date) -> dict[str, Question]:
    """The questions of a page that one may let other programs read, as ``pages`` names it."""
    if page not in dict(pages(by)):
        raise RuleBroken(_("请选择一块看板。"), code="page")
    if page in READY:
        return asked(READY[page].tiles, by, today)
    own = Dashboard.objects.get(owner=by, public_id=page.removeprefix("own:"))
    return asked((tile.question for tile in own.tiles.all()), by, today)


def asked(texts: Iterable[str], by: Staff, today: date) -> dict[str, Question]:
    """Some tiles' questions by name, without those that one may not see."""
    all_ = [parse(dict(parse_qsl(text)), today=today) for text in texts]
    seen = [one for one in all_ if may_see(one.metric, by)]
    return dict(zip(names([one.metric.code for one in seen]), seen, strict=True))
