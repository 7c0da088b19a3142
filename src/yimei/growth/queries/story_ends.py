"""Which stories end, and which places are late: what the tasks about stories ask."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import Q

from yimei.core.clock import local_date
from yimei.core.database.rows import lock_rows
from yimei.growth.enums.stories import StoryEnd, StoryPlace, StoryStatus
from yimei.growth.models import Story, StoryStand
from yimei.growth.models.stories import PURPOSE
from yimei.growth.queries.stories import may_decide, most_days
from yimei.journey.queries.visits import number
from yimei.privacy.queries import consenting


def down_within(on: date) -> timedelta:
    return timedelta(hours=number("story.down_hours", on, 24))


def to_end(*, now: datetime) -> Iterator[tuple[int, StoryEnd]]:
    """Stories that no consent carries any more, and why.

    A restriction hides what stands inside until it is taken off; what hangs outside ends with it.
    """
    rows = Story.objects.filter(status__in=[StoryStatus.AGREED, StoryStatus.CLEARED])
    today = local_date(now)
    refused = set(rows.refused_since().order_by().values_list("pk", flat=True))
    found = list(rows.with_people())
    allowed = consenting([story.patient for story in found], PURPOSE, now)
    out = StoryStand.objects.filter(down_at=None).exclude(kind__in=[StoryPlace.ALBUM, StoryPlace.LESSON])
    outside = set(out.filter(version__story__in=found).order_by().values_list("version__story", flat=True))
    for story in found:
        if story.patient.is_sealed:
            yield story.pk, StoryEnd.ERASED
        elif story.pk in refused:
            yield story.pk, StoryEnd.WITHDRAWN
        elif story.current is not None and story.current.until < today:
            yield story.pk, StoryEnd.EXPIRED
        elif story.patient.is_restricted and story.pk not in outside:
            continue
        elif story.patient_id not in allowed or not may_decide(story.patient, today):
            yield story.pk, StoryEnd.LAPSED


def late_stands(*, now: datetime) -> list[int]:
    rows = StoryStand.objects.filter(down_at=None, late_at=None, due_at__lte=now)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def locked_stand(pk: int) -> StoryStand:
    rows = StoryStand.objects.filter(pk=pk)
    lock_rows(rows)
    return rows.select_related("version__story__campus").get()


def drafts_forgotten(*, now: datetime) -> list[int]:
    """Drafts that nobody finished for as long as a consent may last, and those of sealed people."""
    old = now - timedelta(days=most_days(local_date(now)))
    rows = Story.objects.filter(status=StoryStatus.DRAFT)
    return list(
        rows.filter(Q(created_at__lt=old) | Q(patient__sealed_at__isnull=False)).values_list("pk", flat=True)
    )
