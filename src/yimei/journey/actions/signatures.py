"""A drawn signature as it is posted, and the guardian whose it is."""

import base64
import binascii
import io
from uuid import UUID

from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from yimei.core.errors import RuleBroken
from yimei.journey.models import Case
from yimei.people.models import Guardian
from yimei.people.queries import proved_guardians

MAX_SIGNATURE_BYTES = 400_000
INK = 160
"""Darker than this is ink."""


def read_signature(data_url: str) -> bytes:
    """Return the PNG of a drawn signature; refuses what is no picture, too large, or blank."""
    head, _comma, body = data_url.partition(",")
    if head != "data:image/png;base64" or len(body) > MAX_SIGNATURE_BYTES * 4 // 3:
        raise RuleBroken(_("签名没有收到，请重新签名。"))
    try:
        data = base64.b64decode(body, validate=True)
        with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
            if picture.width * picture.height > 4_000_000:
                raise RuleBroken(_("签名图片过大，请重新签名。"))
            ink = _ink(picture)
    except (binascii.Error, UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise RuleBroken(_("签名图片无法读取，请重新签名。")) from error
    if ink is None or ink[2] - ink[0] < 10:
        raise RuleBroken(_("签名是空白的，请签名后再提交。"))
    return data


def _ink(picture: Image.Image) -> tuple[int, int, int, int] | None:
    """Return the box round what was drawn, on clear as on white paper."""
    drawn = picture.convert("RGBA")
    paper = Image.new("RGBA", drawn.size, "white")
    grey = Image.alpha_composite(paper, drawn).convert("L")
    return grey.point([255 if level < INK else 0 for level in range(256)]).getbbox()


def guardian_who_signs(case: Case, guardian_id: UUID | None) -> Guardian:
    """Return a verified guardian of this customer, or say what comes first."""
    guardian = proved_guardians(case.patient).filter(public_id=guardian_id).first() if guardian_id else None
    if guardian is None:
        raise RuleBroken(_("请先核对监护人的身份与关系，再由其签名。"))
    return guardian
