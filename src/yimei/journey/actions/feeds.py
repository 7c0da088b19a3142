"""A member of staff makes the secret address of her calendar, and takes it back."""

import secrets
from datetime import datetime

from django.db import transaction

from yimei.audit import log
from yimei.core.database.locks import lock
from yimei.journey.models import CalendarFeed
from yimei.journey.queries import feeds as queries
from yimei.journey.rules import tokens
from yimei.people.models import Staff


@transaction.atomic
def create(*, by: Staff, now: datetime) -> str:
    """Return a new secret, shown this once; an older address stops to work."""
    lock(f"journey.feed:{by.pk}")
    _revoke_live(by, now)
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.create(staff=by, secret_hash=tokens.token_hash(secret), created_at=now)
    log.record("journey.feed.created", at=now, by=by, target=feed)
    return secret


@transaction.atomic
def revoke(*, by: Staff, now: datetime) -> bool:
    """Stop the address; false when there was none."""
    lock(f"journey.feed:{by.pk}")
    if not _revoke_live(by, now):
        return False
    log.record("journey.feed.revoked", at=now, by=by)
    return True


def read(secret: str, *, now: datetime) -> str:
    """Return the calendar of a secret and note when it was last read."""
    feed = queries.feed_of(secret)
    CalendarFeed.objects.filter(pk=feed.pk).update(read_at=now)
    return queries.text_of(feed, now=now)


def _revoke_live(staff: Staff, now: datetime) -> int:
    return staff.calendar_feeds.filter(revoked_at=None).update(revoked_at=now)
