"""Links to pictures: for one reader, for ten minutes; passed on, they open nothing."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django import template
from django.core.signing import BadSignature, TimestampSigner
from django.template.context import Context
from django.urls import reverse
from django.utils.http import urlencode

if TYPE_CHECKING:
    from yimei.people.models import Staff

register = template.Library()

LASTS = timedelta(minutes=10)
_signer = TimestampSigner(salt="desk.photo")


def photo_link(reader: "Staff", photo_id: UUID, size: str) -> str:
    """Return the address of one picture in one size for this reader."""
    signature = _signer.sign(_said(reader, photo_id, size)).split(":", 1)[1]
    return f"{reverse('desk:photo-image', args=[photo_id, size])}?{urlencode({'k': signature})}"


def is_fresh(reader: "Staff", photo_id: UUID, size: str, signature: str) -> bool:
    """Whether this link was made for this reader within the last ten minutes."""
    try:
        _signer.unsign(f"{_said(reader, photo_id, size)}:{signature}", max_age=LASTS)
    except BadSignature:
        return False
    return True


@register.simple_tag(takes_context=True)
def photo_url(context: Context, photo_id: UUID, size: str) -> str:
    return photo_link(context["request"].user, photo_id, size)


def _said(reader: "Staff", photo_id: UUID, size: str) -> str:
    return f"{reader.pk}.{photo_id}.{size}"
