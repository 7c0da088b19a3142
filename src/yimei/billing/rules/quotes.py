"""What may be offered: list price or less, by whom, and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _

from yimei.billing.enums import QuoteStatus
from yimei.billing.rules.reasons import check_reason
from yimei.core.errors import RuleBroken
from yimei.core.money import yuan
from yimei.people.roles import RoleCode

MAX_QUANTITY = 99
VALID_FOR = timedelta(days=14)

SEED_LIMITS: Mapping[str, int] = {RoleCode.CONSULTANT: 10, RoleCode.DIRECTOR: 50}
"""Percent off the list price that a role may give on its own; a hospital's own rows replace these."""

MOVES: Mapping[QuoteStatus, frozenset[QuoteStatus]] = {
    QuoteStatus.DRAFT: frozenset({QuoteStatus.OFFERED, QuoteStatus.DECLINED}),
    QuoteStatus.OFFERED: frozenset({QuoteStatus.ACCEPTED, QuoteStatus.DECLINED}),
}


class Priced(Protocol):
    """Anything with a price and a count."""

    @property
    def price(self) -> Decimal: ...
    @property
    def quantity(self) -> int: ...


@dataclass(frozen=True)
class Line:
    """One line as it will be written."""

    name: str
    list_price: Decimal
    price: Decimal
    quantity: int = 1
    discount_reason: str = ""


def total(lines: Iterable[Priced]) -> Decimal:
    return yuan(sum((line.price * line.quantity for line in lines), Decimal(0)))


def check_lines(lines: Sequence[Line]) -> None:
    """Refuse prices that no authority can allow."""
    if not lines:
        raise RuleBroken(_("报价至少要有一个项目。"))
    for line in lines:
        if not 1 <= line.quantity <= MAX_QUANTITY:
            text = _("「%(name)s」的数量必须在 1 到 %(most)s 之间。")
            raise RuleBroken(text % {"name": line.name, "most": MAX_QUANTITY})
        if line.price != yuan(line.price):
            raise RuleBroken(_("「%(name)s」的价格最多到分。") % {"name": line.name})
        if line.price < 0:
            raise RuleBroken(_("「%(name)s」的价格不能为负。") % {"name": line.name})
        if line.price > line.list_price:
            text = _("「%(name)s」的价格不能高于目录价 %(list)s 元。")
            raise RuleBroken(text % {"name": line.name, "list": line.list_price})
        if line.price < line.list_price and not line.discount_reason.strip():
            raise RuleBroken(_("「%(name)s」低于目录价，请写明优惠原因。") % {"name": line.name})
        check_reason(line.discount_reason)


def check_authority(
    lines: Sequence[Line], *, role_code: str, limits: Mapping[str, int], names: Mapping[str, str]
) -> None:
    """Refuse a discount beyond the role's limit and name who may give it."""
    limit = limits.get(role_code, 0)
    for line in lines:
        if is_within(line, limit):
            continue
        able = [names.get(code, code) for code, percent in sorted(limits.items()) if is_within(line, percent)]
        values = {"name": line.name, "limit": limit, "who": "、".join(able)}
        if able:
            text = _("「%(name)s」的优惠超出您的权限（%(limit)s%%），可由%(who)s批准。")
        else:
            text = _("「%(name)s」的优惠超出任何角色的权限，请先由管理员调整优惠权限。")
        raise RuleBroken(text % values, code="discount")


def is_within(line: Line, percent: int) -> bool:
    return (line.list_price - line.price) * 100 <= line.list_price * percent


def open_moves(status: QuoteStatus) -> frozenset[QuoteStatus]:
    return MOVES.get(status, frozenset())


def check_move(old: QuoteStatus, new: QuoteStatus) -> None:
    if new not in open_moves(old):
        text = _("报价不能从「%(old)s」变为「%(new)s」。")
        raise RuleBroken(text % {"old": old.label, "new": new.label})


def check_not_expired(*, valid_to: date, today: date) -> None:
    if today > valid_to:
        raise RuleBroken(_("报价已于 %(day)s 过期，请重新报价。") % {"day": valid_to.isoformat()})


def check_deposit(deposit: Decimal, *, amount: Decimal) -> None:
    if deposit != yuan(deposit) or deposit < 0:
        raise RuleBroken(_("定金必须是不小于零的金额，最多到分。"))
    if deposit > amount:
        raise RuleBroken(_("定金不能超过应收金额 %(amount)s 元。") % {"amount": amount})
