"""What coupons and points may take off a quote: never more than there is, never below a floor."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _

from yimei.billing.enums import QuoteStatus
from yimei.core.errors import Missing, RuleBroken
from yimei.core.money import format_yuan, split, yuan

OPEN = frozenset({QuoteStatus.DRAFT, QuoteStatus.OFFERED})
"""A quote that the customer chose stands as she chose it."""


@dataclass(frozen=True)
class Priced:
    """One line with its floor, if it has one."""

    name: str
    price: Decimal
    quantity: int
    floor: Decimal | None = None
    key: int = 0

    @property
    def total(self) -> Decimal:
        return self.price * self.quantity


def shares(lines: Sequence[Priced], amount: Decimal, *, keys: Iterable[int] | None = None) -> list[Decimal]:
    """Spread a cut over the lines it speaks of, by what they cost; the parts add up to it to the fen."""
    wanted = None if keys is None else set(keys)
    weights = [line.total if wanted is None or line.key in wanted else Decimal(0) for line in lines]
    if sum(weights) <= 0:
        return [yuan(0) for _line in lines]
    return split(amount, weights)


class Taken(Protocol):
    """Anything that takes an amount off some procedures of a quote, or off all."""

    @property
    def amount(self) -> Decimal: ...
    @property
    def scope(self) -> list[int]: ...


@dataclass(frozen=True)
class Off:
    """An amount off some procedures; none named: off all."""

    amount: Decimal
    scope: list[int]


def spread(lines: Sequence[Priced], cuts: Iterable[Taken]) -> list[Decimal]:
    """What each line bears of several cuts, each over the procedures it speaks of."""
    borne = [Decimal(0) for _line in lines]
    for cut in cuts:
        for place, part in enumerate(shares(lines, cut.amount, keys=cut.scope or None)):
            borne[place] += part
    return borne


def check_cut(
    new: Taken,
    *,
    status: QuoteStatus,
    lines: Sequence[Priced],
    standing: Sequence[Taken],
    is_ordered: bool,
) -> None:
    """Refuse what would change a chosen quote, cost more than it, or sell below a floor."""
    if status not in OPEN or is_ordered:
        raise RuleBroken(_("客户已选定或作罢的报价不能再用券或积分，请重新报价。"), code="quote")
    amount = new.amount
    if amount <= 0 or amount != yuan(amount):
        raise RuleBroken(_("抵扣必须大于零，最多到分。"))
    taken = sum((one.amount for one in standing), Decimal(0))
    left = sum((line.total for line in lines), Decimal(0)) - taken
    if amount > left:
        text = _("抵扣 %(amount)s 超过报价余下的 %(left)s。")
        raise RuleBroken(text % {"amount": format_yuan(amount), "left": format_yuan(left)})
    check_floors(lines, [*standing, new])


def check_floors(lines: Sequence[Priced], cuts: Sequence[Taken] = (), *, may_go_below: bool = False) -> None:
    """Every line keeps its floor after its share of what is taken off."""
    if may_go_below:
        return
    below = []
    for line, share in zip(lines, spread(lines, cuts), strict=True):
        if line.floor is None or line.total - share >= line.floor * line.quantity:
            continue
        unit = yuan((line.total - share) / line.quantity)
        words = {"name": line.name, "price": format_yuan(unit), "floor": format_yuan(line.floor)}
        what = _("「%(name)s」优惠后单价 %(price)s，低于价格底线 %(floor)s") % words
        below.append(Missing(what, _("须由有「批准活动与价格底线」权限的人报价或批准")))
    if below:
        raise RuleBroken(_("优惠后低于价格底线。"), missing=below, code="floor")


def with_floors(lines: Iterable[Priced], floors: Mapping[int, Decimal]) -> list[Priced]:
    return [Priced(line.name, line.price, line.quantity, floors.get(line.key), line.key) for line in lines]
