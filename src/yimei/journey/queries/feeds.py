"""What a member of staff does in the next weeks, as a calendar shows it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.errors import NotFound
from yimei.journey.enums import BookingKind, BookingStatus, SurgeryStatus
from yimei.journey.models import Booking, BookingPart, CalendarFeed, SurgeryMember
from yimei.journey.rules import bookings as booking_rules
from yimei.journey.rules import tokens
from yimei.journey.rules.feeds import Event, calendar, whole_day
from yimei.people.models import Duty, Staff

BEHIND, AHEAD = timedelta(days=7), timedelta(days=60)


def feed_of(secret: str) -> CalendarFeed:
    """Return the live feed of a secret; a revoked one, and that of who has left, is not found."""
    rows = CalendarFeed.objects.live().filter(secret_hash=tokens.token_hash(secret))
    feed = rows.select_related("staff__campus").first()
    if feed is None:
        raise NotFound
    return feed


def live_feed(staff: Staff) -> CalendarFeed | None:
    return staff.calendar_feeds.live().first()


def past_feeds(staff: Staff) -> list[CalendarFeed]:
    return list(staff.calendar_feeds.exclude(revoked_at=None)[:10])


def text_of(feed: CalendarFeed, *, now: datetime) -> str:
    """Return the calendar of its owner; four queries, no name, nothing of who is sealed."""
    staff, window = feed.staff, (now - BEHIND, now + AHEAD)
    events = [
        *_duties(staff, *window),
        *_bookings(staff, *window),
        *_parts(staff, *window),
        *_surgeries(staff, *window),
    ]
    return calendar(events, name=_("颐美 · %(name)s") % {"name": staff.name}, now=now)


def _duties(staff: Staff, since: datetime, until: datetime) -> Iterator[Event]:
    rows = Duty.objects.filter(staff=staff, starts_at__gte=since, starts_at__lt=until)
    for day in sorted({local_date(start) for start in rows.values_list("starts_at", flat=True)}):
        yield whole_day(f"duty-{staff.public_id}-{day:%Y%m%d}", _("值班"), day)


def _bookings(staff: Staff, since: datetime, until: datetime) -> Iterator[Event]:
    rows = Booking.objects.filter(
        staff=staff,
        patient__sealed_at=None,
        status__in=booking_rules.HOLDING,
        starts_at__gte=since,
        starts_at__lt=until,
        parts=None,
    )
    for booking in rows.select_related("room"):
        yield Event(
            uid=f"booking-{booking.public_id}",
            title=str(BookingKind(booking.kind).label),
            start=booking.starts_at,
            end=booking.ends_at,
            place=booking.room.name,
            is_tentative=booking.status == BookingStatus.REQUESTED,
        )


def _parts(staff: Staff, since: datetime, until: datetime) -> Iterator[Event]:
    rows = BookingPart.objects.filter(
        staff=staff,
        booking__patient__sealed_at=None,
        booking__status__in=booking_rules.HOLDING,
        booking__starts_at__gte=since,
        booking__starts_at__lt=until,
    )
    for part in rows.select_related("room", "booking"):
        start = part.booking.starts_at + timedelta(minutes=part.offset_minutes)
        yield Event(
            uid=f"booking-{part.booking.public_id}-{part.position}",
            title=str(BookingKind(part.kind).label),
            start=start,
            end=start + timedelta(minutes=part.minutes),
            place=part.room.name,
            is_tentative=part.booking.status == BookingStatus.REQUESTED,
        )


def _surgeries(staff: Staff, since: datetime, until: datetime) -> Iterator[Event]:
    rows = SurgeryMember.objects.filter(
        staff=staff,
        surgery__case__patient__sealed_at=None,
        surgery__starts_at__gte=since,
        surgery__starts_at__lt=until,
    ).exclude(surgery__status=SurgeryStatus.CANCELLED)
    for member in rows.select_related("surgery__room"):
        surgery = member.surgery
        yield Event(
            f"surgery-{surgery.public_id}", _("手术"), surgery.starts_at, surgery.ends_at, surgery.room.name
        )
