"""One booking with its history and what it is made of."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yimei.core import phone
from yimei.desk.views.bookings.lines import line_of
from yimei.desk.views.customer.frames import shown_name
from yimei.desk.views.customer.tabs import Way, page_url
from yimei.journey.access import open_booking
from yimei.journey.queries import bookings as queries
from yimei.journey.queries import deposits, visits
from yimei.people.access import cares_for, display_name, may_see_clinical
from yimei.people.queries import shares_number
from yimei.people.roles import Permission
from yimei.privacy.actions import exports
from yimei.ui.guard import StaffRequest, allow

if TYPE_CHECKING:
    from yimei.journey.models import Booking, BookingMove


@require_GET
@allow(Permission.BOOKING_VIEW)
def detail(request: StaffRequest, booking_id: UUID) -> HttpResponse:
    booking = open_booking(booking_id, by=request.user)
    now, patient = timezone.now(), booking.patient
    purpose = exports.look(patient, page="booking", by=request.user, now=now)
    sees_clinical = may_see_clinical(request.user, patient, now)
    way = Way(request.user, cares=cares_for(request.user, patient), sees_clinical=sees_clinical)
    home, reveal = (page_url(name, patient.public_id) for name in ("patient", "patient-reveal"))
    chart = page_url("case", booking.case.public_id)
    values = {
        "booking": booking,
        "line": line_of(queries.DayRow(booking, display_name(patient, request.user)), now),
        "name": shown_name(patient, request.user, sees_clinical=sees_clinical),
        "phone": phone.mask(patient.person.phone),
        "note": _("您因「%(purpose)s」查看，已记录") % {"purpose": purpose.label},
        "trail": [_happening(move) for move in queries.trail(booking)],
        "held": queries.held_by(booking),
        "services": services_of(booking),
        "asked": deposits.asked_for(booking, now=now),
        "deposit": deposits.held_of(booking.case.public_id, now=now),
        "course": queries.course_of(booking, by=request.user),
        "limits": visits.wait_limits(now),
        "may_be_known": booking.is_online and not patient.is_registered and shares_number(patient),
        "home": home if way.leads(home, patient) else "",
        "reveal": reveal if way.leads(reveal, patient) else "",
        "chart": chart if way.leads(chart, booking.case) else "",
    }
    return render(request, "desk/bookings/detail.html", values)


@dataclass(frozen=True)
class Service:
    """One service of a visit with several."""

    start: datetime
    end: datetime
    what: str
    who: str


def services_of(booking: "Booking") -> list[Service]:
    """The services of a visit with several, or with a device; none where the booking says it all itself."""
    rows = visits.rows_of(booking)
    if len(rows) == 1 and rows[0].device is None:
        return []
    found = []
    for row in rows:
        start = booking.starts_at + timedelta(minutes=row.offset_minutes)
        things = [row.staff.name, row.room.name, row.device.name if row.device else ""]
        end = start + timedelta(minutes=row.minutes)
        found.append(Service(start, end, row.procedure.name, " · ".join(one for one in things if one)))
    return found


@dataclass(frozen=True)
class Happening:
    """One line of a booking's history."""

    at: datetime
    title: str
    note: str
    by_name: str


def _happening(move: "BookingMove") -> Happening:
    title = _("有变动") if move.old == move.new else str(move.get_new_display())
    return Happening(move.at, title, move.note, move.by.name if move.by else _("系统"))
