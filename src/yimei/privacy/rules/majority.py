"""From which day on somebody answers for herself, and what ends for her guardians with it (民法典 17, 18)."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.clock import add_years, local_day
from yimei.core.errors import RuleBroken
from yimei.people.rules.capacity import ADULT, Capacity, capacity_of

ARTICLE = "《民法典》第十七条、第十八条"


class Phase(enum.StrEnum):
    """Where somebody who has guardians on record stands on a day."""

    GUARDED = "guarded"
    SOON = "soon"
    OF_AGE = "of_age"


class Ending(enum.StrEnum):
    """What ends for the guardians, each counted when it does."""

    VISITS = "visits"
    CODES = "codes"
    REQUESTS = "requests"
    COPIES = "copies"
    WORDS = "words"
    MESSAGES = "messages"
    LINKS = "links"
    CONSENTS = "consents"


ENDINGS: Mapping[Ending, object] = {
    Ending.VISITS: gettext_lazy("登录隐私中心的记录"),
    Ending.CODES: gettext_lazy("未使用的验证码"),
    Ending.REQUESTS: gettext_lazy("以监护人身份提出、尚未办结的请求"),
    Ending.COPIES: gettext_lazy("可下载的个人信息副本"),
    Ending.WORDS: gettext_lazy("监护人号码的检索标识"),
    Ending.MESSAGES: gettext_lazy("还没有发给监护人的消息"),
    Ending.LINKS: gettext_lazy("发到监护人号码的链接"),
    Ending.CONSENTS: gettext_lazy("监护人代为作出、须本人确认的同意"),
}


@dataclass(frozen=True)
class Standing:
    """What a decision needs to know of somebody with guardians."""

    birth_date: date | None
    is_limited: bool = False
    """An adult who cannot answer for herself keeps her guardian (民法典 21, 22)."""
    has_own_income: bool = False


def majority_day(birth_date: date) -> date:
    """The eighteenth birthday; who was born on 29 February has it on the 28th (T-3, 民法典 202)."""
    return add_years(birth_date, ADULT.age)


def begins_at(birth_date: date) -> datetime:
    """The instant from which she answers for herself: midnight of that day in Beijing."""
    return local_day(majority_day(birth_date))[0]


def phase_of(who: Standing, *, on: date, remind_days: int) -> Phase:
    """Guardians answer until the day, not a day longer; an unknown birth date never comes of age."""
    capacity = capacity_of(who.birth_date, on, is_limited=who.is_limited, has_own_income=who.has_own_income)
    if capacity == Capacity.FULL:
        return Phase.OF_AGE
    if who.birth_date is None or who.is_limited:
        return Phase.GUARDED
    left = (majority_day(who.birth_date) - on).days
    return Phase.SOON if 0 < left <= remind_days else Phase.GUARDED


def check_keeps_number(*, is_guardians: bool, is_of_age: bool) -> None:
    """Only who is of age says that a number which her guardian gave is her own as well."""
    if not is_of_age:
        raise RuleBroken(_("本人尚未成年，号码由监护人登记。"), code="number")
    if not is_guardians:
        raise RuleBroken(_("登记的号码不是原监护人的号码，不需要确认。"), code="number")
