"""The door of the privacy centre: how often one may ask, try and stay."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yimei.core.clock import SHANGHAI
from yimei.core.errors import RuleBroken

DIGITS = 6
ID_TAIL = 6
HOUR = timedelta(hours=1)
SEEN_EVERY = timedelta(minutes=1)


def check_asks(asked: Sequence[datetime], *, most: int, now: datetime) -> None:
    """Refuse another code within the hour; ``asked`` are the newest first."""
    recent = [at for at in asked if now - at < HOUR]
    if len(recent) < most:
        return
    free = recent[most - 1] + HOUR
    text = _("索取验证码过于频繁，请在 %(time)s 之后再试，或致电医院、携带证件到院办理。")
    raise RuleBroken(text % {"time": f"{free.astimezone(SHANGHAI):%H:%M}"}, code="phone")


def check_try(
    *, expires_at: datetime, used_at: datetime | None, tries: int, most: int, now: datetime
) -> None:
    """Refuse a code that is over, used up or guessed at too often; the sentence is the same for all."""
    if used_at is not None or now >= expires_at or tries >= most:
        raise RuleBroken(_("这个验证码已经失效，请重新索取。"), code="worn")


def wrong_code(*, tries: int, most: int) -> RuleBroken:
    left = max(most - tries, 0)
    if not left:
        return RuleBroken(_("验证码不对，已用完次数，请重新索取。"), code="worn")
    return RuleBroken(_("验证码不对，还可以试 %(left)d 次。") % {"left": left}, code="code")


def is_over(*, started_at: datetime, seen_at: datetime, idle: int, visit: int, now: datetime) -> bool:
    """Whether a visit idled or lasted too long; ``idle`` and ``visit`` are minutes."""
    return now - seen_at >= timedelta(minutes=idle) or now - started_at >= timedelta(minutes=visit)


def is_tail_of(number: str, typed: str) -> bool:
    """Whether these are the last six of an identity number; x and X are one."""
    tail = "".join(typed.split()).upper()
    return len(tail) == ID_TAIL and len(number) > ID_TAIL and number.upper().endswith(tail)
