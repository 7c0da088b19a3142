"""Capacity for civil acts by age (regulations M-1 to M-3, T-4)."""

import enum
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from yimei.core.clock import age_on
from yimei.core.errors import RuleBroken


class Capacity(enum.StrEnum):
    NONE = "none"
    LIMITED = "limited"
    FULL = "full"


@dataclass(frozen=True)
class AgeRule:
    """From this birthday on the word holds."""

    age: int
    source: str
    effective_from: date


ADULT = AgeRule(18, "《民法典》第十七条", date(2021, 1, 1))
LIMITED = AgeRule(8, "《民法典》第十九条", date(2021, 1, 1))
WORKING = AgeRule(16, "《民法典》第十八条第二款", date(2021, 1, 1))
"""Who lives mainly on own labour income from here on is deemed fully capable."""
LIMITED_ADULT = "《民法典》第二十一条、第二十二条"
CHILD = AgeRule(14, "《个人信息保护法》第三十一条", date(2021, 11, 1))
GUARDIAN_CONSENT = "《医疗美容服务管理办法》第二十条"
"""No aesthetic treatment of a person without full capacity unless the guardian consents."""


def capacity(birth_date: date | None, on: date) -> Capacity:
    """Return the capacity on a day; an unknown birth date counts as a minor until proved."""
    if birth_date is None:
        return Capacity.LIMITED
    age = age_on(birth_date, on)
    if age >= ADULT.age:
        return Capacity.FULL
    return Capacity.LIMITED if age >= LIMITED.age else Capacity.NONE


def needs_guardian(birth_date: date | None, on: date) -> bool:
    return capacity(birth_date, on) != Capacity.FULL


def capacity_of(birth_date: date | None, on: date, *, is_limited: bool, has_own_income: bool) -> Capacity:
    """Return the capacity with what was found besides age; an unknown birth date is no exception's ground."""
    if is_limited:
        return Capacity.LIMITED
    by_age = capacity(birth_date, on)
    if has_own_income and birth_date is not None and age_on(birth_date, on) >= WORKING.age:
        return Capacity.FULL
    return by_age


def check_finding(*, is_own_income: bool, birth_date: date | None, on: date) -> None:
    """Refuse what the law does not know: own income counts from sixteen on, and a limit only for adults."""
    if birth_date is None:
        raise RuleBroken(_("请先登记出生日期，再认定行为能力。"), code="kind")
    age = age_on(birth_date, on)
    if is_own_income and not WORKING.age <= age < ADULT.age:
        raise RuleBroken(
            _("只有满十六周岁、不满十八周岁的人才适用（%(article)s）。") % {"article": WORKING.source},
            code="kind",
        )
    if not is_own_income and age < ADULT.age:
        raise RuleBroken(_("未成年人本来就须监护人，不需要另行认定。"), code="kind")


def is_child(birth_date: date | None, on: date) -> bool:
    """Under fourteen, or not proved to be older: every word about the person is sensitive."""
    return birth_date is None or age_on(birth_date, on) < CHILD.age
