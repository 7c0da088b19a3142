"""Keys for other programs: made, read by the one gate of figures, counted, taken back."""

import hashlib
import json
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.rows import only
from yimei.core.errors import NotFound, RuleBroken
from yimei.insight.access import open_feed
from yimei.insight.actions import downloads
from yimei.insight.enums import DownloadPurpose
from yimei.insight.models import Dashboard, FeedToken
from yimei.insight.queries import feeds as queries
from yimei.insight.queries.exchange import table_of
from yimei.insight.queries.figures import answer, check
from yimei.insight.rules import feeds as rules
from yimei.insight.rules.exchange import Table
from yimei.insight.rules.reports import secrets
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission

MOST_DAYS = 365


@transaction.atomic
def create(name: str, *, page: str, days: int, by: Staff, now: datetime) -> tuple[FeedToken, str]:
    """Make a key to the figures of one page and return it; only its hash is kept."""
    need(by, Permission.INSIGHT_EXPORT)
    if page not in dict(queries.pages(by)):
        raise RuleBroken(_("请选择一块看板。"), code="page")
    if not 1 <= days <= MOST_DAYS:
        raise RuleBroken(_("令牌最长一年有效。"), code="days")
    if not name.strip():
        raise RuleBroken(_("请写明哪个程序用它，例如「Power BI 财务」。"), code="name")
    own = page.removeprefix("own:") if page.startswith("own:") else ""
    dashboard = only(Dashboard.objects.filter(owner=by), UUID(own)) if own else None
    secret = secrets.draw()
    feed = FeedToken.objects.create(
        name=name.strip()[:60],
        secret_hash=secrets.fingerprint(secret),
        dashboard=dashboard,
        page="" if own else page,
        owner=by,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    log.record("insight.feed.created", target=feed, by=by, at=now, detail={"page": page, "days": days})
    return feed, secret


@transaction.atomic
def revoke(feed_id: UUID, *, by: Staff, now: datetime) -> FeedToken:
    feed = open_feed(feed_id, by=by)
    if feed.revoked_at is None:
        feed.revoked_at = now
        feed.save(update_fields=["revoked_at"])
        log.record("insight.feed.revoked", target=feed, by=by, at=now)
    return feed


@transaction.atomic
def look(secret: str, *, now: datetime) -> dict[str, Table]:
    """Return the tables of a feed, for a program that asks which there are and of which columns."""
    feed = _count(secret, now)
    asked = queries.questions(feed, local_date(now))
    return {name: table_of(answer(one, by=feed.owner)) for name, one in asked.items()}


@transaction.atomic
def read(secret: str, name: str, *, now: datetime) -> Table:
    """Return one table through the gate; each day and each change of its figures is a line of the ledger."""
    feed = _count(secret, now)
    asked = queries.questions(feed, local_date(now)).get(name)
    if asked is None:
        raise NotFound
    found = answer(asked, by=feed.owner)
    check(found)
    table = table_of(found)
    data = json.dumps(table.rows, ensure_ascii=False).encode()
    mark = [local_date(now).isoformat(), hashlib.sha256(data).hexdigest()]
    if feed.noted.get(name) != mark:
        downloads.note(found, data, shape="feed", purpose=DownloadPurpose.REPORT, by=feed.owner, now=now)
        feed.noted = {**feed.noted, name: mark}
        feed.save(update_fields=["noted"])
    return table


def _count(secret: str, now: datetime) -> FeedToken:
    """Open a feed and count this read; one too many in a minute is refused."""
    known = queries.live(secret, now)
    feed = only(FeedToken.objects.select_related("owner__role", "dashboard"), known.public_id, lock=True)
    feed.window_at, feed.window_reads = rules.window(feed.window_at, feed.window_reads, now)
    feed.read_at, feed.reads = now, feed.reads + 1
    feed.save(update_fields=["window_at", "window_reads", "read_at", "reads"])
    return feed
