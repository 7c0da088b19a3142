"""Capacity for civil acts by age (regulations M-1 to M-3, T-4)."""

import enum
from dataclasses import dataclass
from datetime import date

from yimei.core.clock import age_on


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


def is_child(birth_date: date | None, on: date) -> bool:
    """Under fourteen, or not proved to be older: every word about the person is sensitive."""
    return birth_date is None or age_on(birth_date, on) < CHILD.age
