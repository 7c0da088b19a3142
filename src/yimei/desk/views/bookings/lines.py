"""One booking as a list shows it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from yimei.core import names, phone
from yimei.journey.enums import BookingStatus
from yimei.journey.queries import bookings as queries
from yimei.journey.rules import bookings as rules

if TYPE_CHECKING:
    from yimei.journey.models import Booking


TONES = {
    BookingStatus.REQUESTED: "info",
    BookingStatus.CONFIRMED: "",
    BookingStatus.ARRIVED: "warn",
    BookingStatus.SERVED: "accent",
    BookingStatus.NO_SHOW: "danger",
    BookingStatus.CANCELLED: "",
}
SOON = timedelta(minutes=30)
"""Whoever is expected within this time stands out in a list."""


@dataclass(frozen=True)
class Line:
    """One booking as a list shows it: the name masked, the number by its last four."""

    booking: "Booking"
    name: str
    phone: str
    tone: str
    waiting_since: datetime | None
    waited: timedelta | None
    is_late: bool
    may_move: bool
    may_miss: bool
    is_due: bool

    @property
    def tone_of_act(self) -> str:
        """Only what is due now asks for the eye."""
        return "primary" if self.is_due else "secondary"

    @property
    def chips(self) -> list[tuple[str, str]]:
        """What a line of the reception says besides the place in which it stands."""
        booking = self.booking
        said = [(str(booking.get_visit_kind_display()), "")] if booking.visit_kind else []
        if booking.is_online:
            said.append((_("网约 · %(channel)s") % {"channel": booking.get_channel_display()}, "info"))
        if booking.status in {BookingStatus.REQUESTED, BookingStatus.NO_SHOW, BookingStatus.CANCELLED}:
            said.append((str(booking.get_status_display()), self.tone))
        if booking.patient.is_restricted:
            said.append((_("已限制处理，只办在办事项"), "warn"))
        if self.is_late:
            said.append((_("已过时间"), "danger"))
        if self.waited is not None:
            said.append((_("等候 %(minutes)d 分钟") % {"minutes": self.waited.total_seconds() // 60}, ""))
        return said


def line_of(row: queries.DayRow, now: datetime) -> Line:
    booking = row.booking
    is_expected = BookingStatus(booking.status) in rules.MOVABLE
    return Line(
        booking=booking,
        name=row.who if booking.patient.is_vip else names.mask(row.who),
        phone=phone.mask(booking.patient.person.phone),
        tone=TONES[BookingStatus(booking.status)],
        waiting_since=row.waiting_since,
        waited=row.waited,
        is_late=is_expected and booking.starts_at < now and booking.announced_at is None,
        may_move=is_expected,
        is_due=row.waiting_since is not None or (is_expected and booking.starts_at <= now + SOON),
        may_miss=booking.starts_at + rules.NO_SHOW_GRACE <= now,
    )
