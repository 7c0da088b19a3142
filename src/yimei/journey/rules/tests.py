"""When a test result is abnormal, how badly, and how long it holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Protocol

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.journey.enums import Flag

SEXES = frozenset({"F", "M"})


class RangeFacts(Protocol):
    """What the rule reads of a reference range."""

    @property
    def sex(self) -> str: ...
    @property
    def age_from(self) -> int: ...
    @property
    def age_below(self) -> int | None: ...
    @property
    def low(self) -> Decimal | None: ...
    @property
    def high(self) -> Decimal | None: ...
    @property
    def critical_low(self) -> Decimal | None: ...
    @property
    def critical_high(self) -> Decimal | None: ...


@dataclass(frozen=True)
class Limits:
    """Between which numbers a result is normal, and beyond which somebody must be called."""

    low: Decimal | None = None
    high: Decimal | None = None
    critical_low: Decimal | None = None
    critical_high: Decimal | None = None

    @property
    def words(self) -> str:
        """The reference in words: ``3.5–9.5``, ``≥ 90``."""
        if self.low is not None and self.high is not None and self.low > self.high:
            return _("须先登记年龄与性别")
        low, high = _plain(self.low), _plain(self.high)
        if low and high:
            return f"{low}–{high}"
        return f"≥ {low}" if low else f"≤ {high}" if high else ""


def limits_for(ranges: Iterable[RangeFacts], *, sex: str, age: int | None, otherwise: Limits) -> Limits:
    """Return the limits for a sex and an age; what is unknown is judged by the narrowest that could apply."""
    fitting = [
        each
        for each in ranges
        if (not each.sex or sex not in SEXES or each.sex == sex)
        and (age is None or (each.age_from <= age and (each.age_below is None or age < each.age_below)))
    ]
    if not fitting:
        return otherwise
    return Limits(
        low=max((each.low for each in fitting if each.low is not None), default=None),
        high=min((each.high for each in fitting if each.high is not None), default=None),
        critical_low=max((x.critical_low for x in fitting if x.critical_low is not None), default=None),
        critical_high=min((x.critical_high for x in fitting if x.critical_high is not None), default=None),
    )


def flag_number(value: Decimal, limits: Limits) -> Flag:
    """Both limits belong to the normal range (以上 includes the number itself)."""
    if limits.critical_low is not None and value < limits.critical_low:
        return Flag.CRITICAL_LOW
    if limits.critical_high is not None and value > limits.critical_high:
        return Flag.CRITICAL_HIGH
    if limits.low is not None and value < limits.low:
        return Flag.LOW
    if limits.high is not None and value > limits.high:
        return Flag.HIGH
    return Flag.NORMAL


def flag_finding(finding: str, *, normal_text: str) -> Flag:
    return Flag.NORMAL if finding.strip() == normal_text.strip() else Flag.ABNORMAL


SPECIAL = frozenset({"HBSAG", "HCV", "TP", "HIV"})
"""Screening for infections: level 5 (GB/T 39725), shown to those who treat this person by name."""


def read_number(text: str) -> Decimal:
    """Return the number typed as a result; full-width digits and spaces are understood."""
    plain = text.strip().translate(str.maketrans("０１２３４５６７８９．－", "0123456789.-"))
    try:
        number = Decimal(plain)
    except InvalidOperation:
        raise RuleBroken(_("「%(text)s」不是数值，请填数字，不带单位。") % {"text": text[:20]}) from None
    if not number.is_finite() or abs(number) >= 10**9:
        raise RuleBroken(_("「%(text)s」不是数值，请填数字，不带单位。") % {"text": text[:20]})
    return number


def valid_to(taken: date, validity_days: int) -> date:
    """The last day on which the result still counts."""
    return taken + timedelta(days=validity_days)


def check_taken(taken: date, *, today: date) -> None:
    if taken > today:
        raise RuleBroken(_("采样日期不能在今天之后。"))
    if taken < today - timedelta(days=365):
        raise RuleBroken(_("采样日期在一年以前，请核对。"))


def check_bearer(
    *, name: str, number: str, is_name: str, file_no: str | None, id_no: str, sex: str = "", is_sex: str = ""
) -> None:
    """Refuse a result that is not about this person: name and number on the paper must both be hers."""
    if _fold(name) != _fold(is_name):
        raise RuleBroken(_("报告上的姓名与这位客户不符，没有保存。请核对是不是拿错了报告。"), code="bearer")
    known = {_fold(each) for each in (file_no or "", id_no, id_no[-4:]) if each}
    if number.strip() and _fold(number) not in known:
        raise RuleBroken(_("报告上的档案号或证件号与这位客户不符，没有保存。"), code="bearer")
    if sex and is_sex in SEXES and sex in SEXES and sex != is_sex:
        raise RuleBroken(_("报告上的性别与这位客户不符，没有保存。"), code="bearer")


def _fold(text: str) -> str:
    return "".join(text.split()).upper()


def _plain(limit: Decimal | None) -> str:
    return f"{limit.normalize():f}" if limit is not None else ""
