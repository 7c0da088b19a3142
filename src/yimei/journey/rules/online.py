"""Booking by oneself on the website: what is offered, how long it is kept, how often one may ask."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yimei.core.clock import SHANGHAI
from yimei.core.errors import Conflict, RuleBroken
from yimei.journey.enums import HoldStatus

DIGITS = 6
HOUR = timedelta(hours=1)
HALF_HOUR = timedelta(minutes=30)
AT_WORK = timedelta(seconds=30)
"""A second click within this time is the same wish; after it the first one died on the way."""
NAME_LENGTH = 60
OVER = "over"
"""The code of a refusal after which another time must be chosen."""
NEVER_NAMED = ("肉毒", "botox", "botulinum", "保妥适", "衡力")
"""Words of toxic drugs, which no public page of the hospital names (《广告法》第十五条)."""


def may_be_named(procedure: str) -> bool:
    """Whether a public page may say the name of a procedure."""
    folded = unicodedata.normalize("NFKC", procedure).casefold()
    return not any(word in folded for word in NEVER_NAMED)


def is_offered(starts_at: datetime, *, earliest: datetime) -> bool:
    """Whole and half hours that are not too near."""
    return starts_at >= earliest and starts_at.astimezone(SHANGHAI).minute % 30 == 0


def check_often(asked: Sequence[datetime], *, most: int, now: datetime, text: str, code: str) -> None:
    """Refuse one more within the hour and say from when on; ``asked`` are the newest first."""
    recent = [at for at in asked if now - at < HOUR]
    if len(recent) < most:
        return
    free = recent[most - 1] + HOUR
    raise RuleBroken(text % {"time": f"{free.astimezone(SHANGHAI):%H:%M}"}, code=code)


def check_held(status: HoldStatus, *, expires_at: datetime, now: datetime) -> None:
    """The time is still kept; booked, given up and expired are each said."""
    if status == HoldStatus.BOOKED:
        raise Conflict(_("这个时间您已经约上了，无需重复提交。"))
    if status != HoldStatus.HELD or now >= expires_at:
        raise RuleBroken(_("保留的时间已到，请重新选择一个时间。"), code=OVER)


def check_try(
    *, expires_at: datetime, used_at: datetime | None, tries: int, most: int, now: datetime
) -> None:
    """Refuse a code that is over, used up or guessed at too often; the sentence is the same for all."""
    if used_at is not None or now >= expires_at or tries >= most:
        raise RuleBroken(_("这个验证码已经失效，请重新获取。"), code="worn")


def wrong_code(*, tries: int, most: int) -> RuleBroken:
    left = max(most - tries, 0)
    if not left:
        return RuleBroken(_("验证码不对，已用完次数，请重新获取。"), code="worn")
    return RuleBroken(_("验证码不对，还可以试 %(left)d 次。") % {"left": left}, code="digits")


def check_verified(*, is_verified: bool, is_same_number: bool) -> None:
    if not is_verified or not is_same_number:
        raise RuleBroken(_("请先用验证码核验这个手机号。"), code="phone")


def check_agreed(*, is_current: bool) -> None:
    """Whoever agrees has read the version that is in force (个人信息保护法 第十四条)."""
    if not is_current:
        raise RuleBroken(_("告知刚刚更新，请阅读新的版本后再提交。"), code="agreed")


def check_open_bookings(*, known: int, most: int) -> None:
    """One number keeps only so many times to come: others want to come as well."""
    if known >= most:
        raise RuleBroken(
            _("这个手机号已有 %(count)d 个还没到的网上预约，请先通过短信里的链接改期或取消，或致电医院。")
            % {"count": known},
            code="most",
        )
