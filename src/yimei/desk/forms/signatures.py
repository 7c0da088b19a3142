"""A drawn signature as a browser posts it."""

import binascii
from base64 import b64decode

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken

PREFIX = "data:image/png;base64,"
PNG = b"\x89PNG\r\n\x1a\n"
LIMIT = 1_000_000


def png_of(text: str) -> bytes:
    """Return the picture of a signature; refuse what is none."""
    if not text:
        raise RuleBroken(_("请签名。"), code="signature")
    try:
        picture = b64decode(text.removeprefix(PREFIX), validate=True) if text.startswith(PREFIX) else b""
    except (binascii.Error, ValueError):
        picture = b""
    if not picture.startswith(PNG) or len(picture) > LIMIT:
        raise RuleBroken(_("没有收到可用的签名，请重新签名。"), code="signature")
    return picture
