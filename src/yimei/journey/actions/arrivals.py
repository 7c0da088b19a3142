"""A customer says that she is here: by a code that the desk scans, or by herself with the desk's code."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.errors import Conflict, RuleBroken
from yimei.journey import access
from yimei.journey.actions import bookings, links
from yimei.journey.enums import BookingStatus
from yimei.journey.models import Booking, BookingLink
from yimei.journey.queries import links as link_queries
from yimei.journey.rules import arrivals as rules
from yimei.journey.rules import bookings as booking_rules
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission, Scope

STILL_HERE = frozenset({BookingStatus.CONFIRMED, BookingStatus.ARRIVED})
"""Who said so before still waits; saying it again is answered kindly."""


def scan(text: str, *, by: Staff, now: datetime) -> Booking:
    """Return the booking of a shown code: genuine, of this campus, of today. Nothing is written yet."""
    scope = need(by, Permission.RECEPTION_WRITE)
    booking_id = rules.read_pass(text)
    found = Booking.objects.select_related("campus").filter(public_id=booking_id).first()
    if found is None:
        raise rules.not_ours()
    rules.check_pass(text, settings.SECRET_KEY, booking_id, local_date(found.starts_at))
    if scope != Scope.GROUP and found.campus_id != by.campus_id:
        raise RuleBroken(_("这是其他院区的预约，请客户核对短信里的地址。"))
    booking_rules.check_arrival_day(starts_at=found.starts_at, now=now)
    return access.open_booking(booking_id, by=by, permission=Permission.RECEPTION_WRITE)


def announce(token: str, *, code: str, now: datetime) -> Booking:
    """The customer says by her link that she stands in the house; who lacks nothing has arrived.

    Not one transaction: a wrong code must stay counted.
    """
    link = link_queries.link_of(token, now=now)
    if not _count(link):
        raise RuleBroken(_("试的次数太多，请直接到前台登记。"))
    campus = link.booking.campus
    rules.check_desk_code(code, settings.SECRET_KEY, campus.public_id, local_date(now))
    return _announce(link, now=now)


def _count(link: BookingLink) -> bool:
    """Write the try down before the code is looked at."""
    tries = BookingLink.objects.filter(pk=link.pk, desk_tries__lt=rules.MOST_TRIES)
    return tries.update(desk_tries=F("desk_tries") + 1) == 1


@transaction.atomic
def _announce(link: BookingLink, *, now: datetime) -> Booking:
    booking = links.locked(link.booking)
    if booking.announced_at is not None and booking.status in STILL_HERE:
        raise Conflict(_("您已签到，请在休息区稍候。"))
    if booking.status != BookingStatus.CONFIRMED:
        label = BookingStatus(booking.status).label
        raise RuleBroken(_("这个预约现在是「%(status)s」，请到前台登记。") % {"status": label})
    booking_rules.check_arrival_day(starts_at=booking.starts_at, now=now)
    booking.announced_at = now
    booking.save(update_fields=["announced_at"])
    if booking.patient.is_registered and booking.visit_kind:
        bookings.arrive_opened(booking, by=None, now=now)
    else:
        links.write(booking, _("客户自助签到，待前台登记"), action="announced", now=now)
    return booking
