"""Printed pages as PDF/A: data goes in as JSON, never as markup; equal data gives equal bytes."""

import io
import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from yimei.core.clock import SHANGHAI
from yimei.core.documents import glyphs
from yimei.core.errors import RuleBroken

TEMPLATES = Path(__file__).parent / "templates"
MAX_IMAGE_PIXELS = 4_000_000


def render_pdf(template: str, data: Mapping[str, Any], *, title: str) -> bytes:
    """Return the page as PDF/A-2b.

    ``data["date"]``, an aware datetime or a date, is the date of the document, so that its hash means
    something. Bytes are PNG images; a character that no font draws is printed as 〔U+20BB7〕.
    """
    moment = _moment(data["date"])
    drawable, fonts = glyphs.drawable({**data, "title": title, "date": moment.isoformat()})
    inputs = json.dumps(
        {**drawable, "fonts": fonts.families}, ensure_ascii=False, default=_plain, sort_keys=True
    )
    return typst.compile(
        TEMPLATES / template,
        root=TEMPLATES,
        font_paths=_fonts(fonts.paths),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": inputs},
        pdf_standards="a-2b",
        timestamp=int(moment.timestamp()),
    )


@lru_cache(maxsize=4)
def _fonts(paths: tuple[Path, ...]) -> typst.Fonts:
    """Fonts are read once per process: 15 MB of them."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(paths))


def _moment(value: date | datetime) -> datetime:
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=SHANGHAI)
    if value.tzinfo is None:
        raise ValueError("a document needs an instant with a time zone")
    return value.astimezone(SHANGHAI)


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return list(_checked_image(value))
    return str(value)


def _checked_image(data: bytes) -> bytes:
    """Return the picture drawn anew, so that only its pixels reach the page."""
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            if image.width * image.height > MAX_IMAGE_PIXELS:
                raise RuleBroken(_("图片太大，请重新签名或上传较小的图片。"))
            out = io.BytesIO()
            image.convert("RGBA").save(out, "PNG", optimize=False)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as problem:
        raise RuleBroken(_("签名图片无法读取，请重新签名。")) from problem
    return out.getvalue()
