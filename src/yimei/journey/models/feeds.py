"""Secret addresses under which a member of staff reads her own calendar elsewhere."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q

from yimei.people.models import Staff


class FeedQuerySet(models.QuerySet["CalendarFeed"]):
    def live(self) -> Self:
        return self.filter(revoked_at=None, staff__is_active=True)


class CalendarFeed(models.Model):
    """One calendar address (日历订阅); only the hash of its secret is kept, and it can be taken back."""

    PRIVACY = {
        "plain": {"id", "public_id", "staff", "created_at", "revoked_at", "read_at"},
        "secret": {"secret_hash"},
    }
    HOLDING = "journey.feed"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="calendar_feeds")
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = FeedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["staff"], condition=Q(revoked_at=None), name="feed_one_live_each")
        ]
