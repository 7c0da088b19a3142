"""The day of bookings, and who stands where at the reception."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yimei.core import names
from yimei.core.clock import local_date
from yimei.desk.views.bookings.lines import Line, line_of
from yimei.journey.enums import BookingStatus
from yimei.journey.queries import bookings as queries
from yimei.journey.queries import visits
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow, page_behind

if TYPE_CHECKING:
    from yimei.people.models import Patient

ORIGINS = {"day": "#day", "reception": "#queue", "booking": "#booking", "calendar": "#calendar"}
"""The page on which a move was asked for, and the part of it that shows the answer."""


@require_GET
@allow(Permission.BOOKING_VIEW)
def day(request: StaffRequest) -> HttpResponse:
    return render(request, "desk/bookings/day.html", day_values(request, request.GET.dict()))


def queue(request: StaffRequest) -> dict[str, Any]:
    """Today's customers by where they stand at the reception."""
    now = timezone.now()
    rows = queries.day(local_date(now), by=request.user, campus_id=request.user.campus.public_id)
    limits = visits.wait_limits(now)
    lines = [line_of(row, now) for row in rows]

    def of(*statuses: BookingStatus) -> list[Line]:
        return [line for line in lines if line.booking.status in statuses]

    def with_tone(found: Iterable[Line]) -> list[tuple[Line, str]]:
        return [(line, limits.tone(line.waiting_since, now)) for line in found]

    served = of(BookingStatus.SERVED)
    waits = [line.waited for line in lines if line.waited is not None]
    return {
        "now": now,
        "limits": limits,
        "announced": with_tone(line for line in of(BookingStatus.CONFIRMED) if line.booking.announced_at),
        "expected": [
            line
            for line in of(BookingStatus.REQUESTED, BookingStatus.CONFIRMED)
            if not line.booking.announced_at
        ],
        "waiting": with_tone(sorted(of(BookingStatus.ARRIVED), key=lambda line: line.waiting_since or now)),
        "seen": [line for line in served if line.booking.ends_at > now],
        "done": [line for line in served if line.booking.ends_at <= now],
        "gone_count": len(of(BookingStatus.NO_SHOW, BookingStatus.CANCELLED)),
        "gone": of(BookingStatus.NO_SHOW, BookingStatus.CANCELLED),
        "mean_wait": sum(waits, timedelta()) / len(waits) if waits else None,
        "origin": "reception",
        "target": ORIGINS["reception"],
    }


def query_behind(request: StaffRequest) -> dict[str, str]:
    """What the address of the page asks for on which the reader clicked."""
    query = parse_qs(urlsplit(page_behind(request)).query)
    return {name: values[-1] for name, values in query.items()}


def day_values(request: StaffRequest, query: dict[str, str]) -> dict[str, Any]:
    """Everything on the page of one day; the number of queries does not grow with it."""
    now = timezone.now()
    today = local_date(now)
    wanted = read_day(query.get("day", "")) or today
    status, text = query.get("status", ""), query.get("q", "").strip()
    calendar = reverse("desk:calendar")
    rows = queries.day(wanted, by=request.user, campus_id=request.user.campus.public_id)
    lines = [line_of(row, now) for row in rows if is_meant(row.booking.patient, row.who, text)]

    def url(**changes: str) -> str:
        values = {"day": wanted.isoformat(), "status": status, "q": text}
        asked = {name: value for name, value in (values | changes).items() if value}
        return f"{reverse('desk:bookings')}?{urlencode(asked)}"

    def count(*statuses: BookingStatus) -> int:
        return sum(line.booking.status in statuses for line in lines)

    booked = len(lines) - count(BookingStatus.CANCELLED)
    arrived = count(BookingStatus.ARRIVED, BookingStatus.SERVED)
    return {
        "now": now,
        "limits": visits.wait_limits(now),
        "wanted": wanted,
        "is_today": wanted == today,
        "urls": {
            "before": url(day=(wanted - timedelta(days=1)).isoformat()),
            "today": url(day=today.isoformat()),
            "after": url(day=(wanted + timedelta(days=1)).isoformat()),
        },
        "q": text,
        "query": {"day": wanted.isoformat(), "status": status},
        "lines": [line for line in lines if status in ("", line.booking.status)],
        "filters": [
            (_("全部"), url(status=""), not status, len(lines)),
            *(
                (str(one.label), url(status=one.value), status == one.value, count(one))
                for one in BookingStatus
            ),
        ],
        "booked": booked,
        "booked_text": str(booked),
        "arrived": arrived,
        "requested": count(BookingStatus.REQUESTED),
        "waiting": count(BookingStatus.ARRIVED),
        "missed": count(BookingStatus.NO_SHOW, BookingStatus.CANCELLED),
        "faces": [
            (_("列表"), url(), True),
            (_("日"), f"{calendar}?day={wanted.isoformat()}", False),
            (_("周"), f"{calendar}?day={wanted.isoformat()}&view=week", False),
        ],
        "origin": "day",
        "target": ORIGINS["day"],
    }


def read_day(text: str) -> date | None:
    """Return the day of an address; None where nobody can read it or count weeks from it."""
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day and 1900 <= day.year < 2200 else None


def is_meant(patient: "Patient", who: str, text: str) -> bool:
    """Whether a search within a list means this customer: name, initials, number or file."""
    if not text:
        return True
    folded = text.casefold()
    digits = "".join(text.split())
    return (
        folded in who.casefold()
        or names.initials(who).casefold().startswith(folded)
        or (digits.isdigit() and len(digits) >= 4 and digits in patient.person.phone)
        or folded == (patient.file_no or "").casefold()
    )
