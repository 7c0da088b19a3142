"""What coupons and points may take off a quote: never more than there is, never below a floor."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

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


def check_cut(
    amount: Decimal, *, status: QuoteStatus, lines: Sequence[Priced], taken: Decimal, is_ordered: bool
) -> None:
    """Refuse what would change a chosen quote, cost more than it, or sell below a floor."""
    if status not in OPEN or is_ordered:
        raise RuleBroken(_("客户已选定或作罢的报价不能再用券或积分，请重新报价。"), code="quote")
    if amount <= 0 or amount != yuan(amount):
        raise RuleBroken(_("抵扣必须大于零，最多到分。"))
    left = sum((line.total for line in lines), Decimal(0)) - taken
    if amount > left:
        text = _("抵扣 %(amount)s 超过报价余下的 %(left)s。")
        raise RuleBroken(text % {"amount": format_yuan(amount), "left": format_yuan(left)})
    check_floors(lines, taken + amount)


def check_floors(lines: Sequence[Priced], cut: Decimal, *, may_go_below: bool = False) -> None:
    """Every line keeps its floor after its share of what is taken off the whole."""
    if may_go_below:
        return
    below = []
    for line, share in zip(lines, shares(lines, cut), strict=True):
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
