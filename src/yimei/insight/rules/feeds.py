"""How often another program may read, and how its questions are called."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken

WINDOW = timedelta(minutes=1)
MOST = 60
"""Reads of one key in a minute; a refresh of a page of twenty tiles takes twenty."""


def window(window_at: datetime | None, reads: int, now: datetime) -> tuple[datetime, int]:
    """Return the window that counts now and the reads in it, this one too; refuse one too many."""
    if window_at is None or now - window_at >= WINDOW:
        return now, 1
    if reads >= MOST:
        raise RuleBroken(
            _("读取太频繁：每分钟最多 %(most)d 次，请稍后再试。") % {"most": MOST}, code="too-many"
        )
    return window_at, reads + 1


def names(codes: Sequence[str]) -> list[str]:
    """A name for each question of a page: its metric, numbered where it stands there twice."""
    found: list[str] = []
    for code in codes:
        number = 1 + sum(name == code or name.rsplit("_", 1)[0] == code for name in found)
        found.append(code if number == 1 else f"{code}_{number}")
    return found


def prefix(page: str) -> str:
    """How the views of a page begin: its name, or a part of the number of a page of one's own."""
    return (
        f"own_{page.removeprefix('own:').replace('-', '')[:12]}_" if page.startswith("own:") else f"{page}_"
    )
