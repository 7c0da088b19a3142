"""What the holder of a link may see of a booking: time and place, no name."""

from datetime import datetime

from django.utils.translation import gettext as _

from yimei.core.errors import NotFound
from yimei.journey.models import BookingLink
from yimei.journey.rules import tokens


def link_of(token: str, *, now: datetime) -> BookingLink:
    """Return a link that is still good; unknown and worn-out ones are both not found."""
    rows = BookingLink.objects.filter(token_hash=tokens.token_hash(token))
    link = rows.select_related(
        "booking__campus", "booking__room", "booking__staff", "booking__procedure"
    ).first()
    if link is None:
        raise NotFound
    if now >= link.expires_at:
        raise NotFound(_("这个链接已过期，如需帮助请致电医院。"))
    return link
