"""What a customer is told about her booking: when, where, and the link by which she answers."""

import secrets
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from yimei.core.clock import SHANGHAI
from yimei.core.language import in_house
from yimei.journey.models import Booking, BookingLink
from yimei.journey.rules import tokens
from yimei.outbox.actions import messages
from yimei.people.models import Staff


def tell(booking: Booking, template: str, *, by: Staff | None, now: datetime, occasion: str = "") -> None:
    """Send the customer when and where, with a link to answer; once for each template, time and occasion."""
    messages.send(
        template,
        patient=booking.patient,
        params={
            "when": when_text(booking.starts_at),
            "place": booking.campus.name,
            "phone": booking.campus.phone,
            "link": settings.VISIT_LINK.format(token=new_link(booking, now=now)),
        },
        key=f"{template}:{booking.public_id}:{booking.starts_at:%Y%m%dT%H%M}{occasion and ':'}{occasion}",
        now=now,
        by=by,
    )


def new_link(booking: Booking, *, now: datetime) -> str:
    """Make a link by which the customer answers about this booking, good until it is over."""
    token = secrets.token_urlsafe(24)
    BookingLink.objects.create(
        booking=booking, token_hash=tokens.token_hash(token), created_at=now, expires_at=booking.ends_at
    )
    return token


def when_text(instant: datetime) -> str:
    """``6 月 16 日 10:00`` in the hospital's time and language, for what is sent or written down."""
    with in_house():
        return said_when(instant)


def said_when(instant: datetime) -> str:
    """The same in the reader's language."""
    local = instant.astimezone(SHANGHAI)
    return _("%(month)d 月 %(day)d 日 %(clock)s") % {
        "month": local.month,
        "day": local.day,
        "clock": f"{local:%H:%M}",
    }
