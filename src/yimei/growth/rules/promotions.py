"""What an offer takes off, with what it may stand, whether it may be made, and what it would cost."""

import hmac
import math
from base64 import b32encode
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from yimei.core.errors import Missing, RuleBroken
from yimei.core.money import format_yuan, yuan
from yimei.growth.enums import BaseKind, PromotionKind, PromotionStatus, Stacking, ValueKind

S = PromotionStatus
MOVES: Mapping[PromotionStatus, frozenset[PromotionStatus]] = {
    S.DRAFT: frozenset({S.SUBMITTED}),
    S.SUBMITTED: frozenset({S.DRAFT, S.APPROVED}),
    S.APPROVED: frozenset({S.STOPPED}),
}
LONGEST = timedelta(days=366)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's digits: nothing that is read as something else."""
CODE_LENGTH = 12
ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
QR = "YMC1"
ARTICLE = "《规范促销行为暂行规定》第二十一条"


@dataclass(frozen=True)
class Terms:
    """What is taken off, from how much on, of which procedures (none named: all)."""

    value_kind: ValueKind
    value: Decimal
    most: Decimal
    min_spend: Decimal = Decimal(0)
    stacking: Stacking = Stacking.ALONE
    procedures: frozenset[int] = frozenset()

    def fits(self, procedure: int) -> bool:
        return not self.procedures or procedure in self.procedures


@dataclass(frozen=True)
class Item:
    """One line of a quote or of a past order."""

    procedure: int
    price: Decimal
    quantity: int = 1

    @property
    def total(self) -> Decimal:
        return self.price * self.quantity


def reduction(terms: Terms, items: Sequence[Item], *, taken: Decimal = Decimal(0)) -> Decimal:
    """What the terms take off these lines, never more than is left of them; nothing when they do not fit."""
    fitting = [item for item in items if terms.fits(item.procedure)]
    base = sum((item.total for item in fitting), Decimal(0))
    if base <= 0 or base < terms.min_spend:
        return Decimal(0)
    if terms.value_kind == ValueKind.AMOUNT:
        wanted = terms.value
    elif terms.value_kind == ValueKind.PERCENT:
        wanted = yuan(base * terms.value / 100)
    else:
        wanted = max((item.price for item in fitting), default=Decimal(0)) - terms.value
    left = sum((item.total for item in items), Decimal(0)) - taken
    return max(Decimal(0), min(wanted, terms.most, base, left))


def check_fit(terms: Terms, items: Sequence[Item], names: Mapping[int, str]) -> None:
    """Say why a coupon takes nothing off."""
    base = sum((item.total for item in items if terms.fits(item.procedure)), Decimal(0))
    if base <= 0:
        wanted = "、".join(names[one] for one in sorted(terms.procedures) if one in names)
        raise RuleBroken(_("这张券只能用于：%(names)s。") % {"names": wanted}, code="coupon")
    if base < terms.min_spend:
        text = _("适用项目合计 %(base)s，未满 %(least)s，不能用这张券。")
        raise RuleBroken(
            text % {"base": format_yuan(base), "least": format_yuan(terms.min_spend)}, code="coupon"
        )


def check_stacking(mine: Stacking, others: Sequence[Stacking], *, has_points: bool) -> None:
    if others and (mine != Stacking.ALL or any(one != Stacking.ALL for one in others)):
        raise RuleBroken(_("这份报价上已有优惠券，两张券不能同时使用。请先撤下一张。"), code="coupon")
    if has_points and mine == Stacking.ALONE:
        raise RuleBroken(_("这张券不能与积分同时使用，请先撤下积分。"), code="coupon")


def check_points_beside(coupons: Sequence[Stacking]) -> None:
    if any(one == Stacking.ALONE for one in coupons):
        raise RuleBroken(_("这份报价上的优惠券不能与积分同时使用。"), code="points")


# ---- codes --------------------------------------------------------------------------------------


def code_of(number: int) -> str:
    """Twelve characters of a random number."""
    return "".join(ALPHABET[number >> (5 * place) & 31] for place in range(CODE_LENGTH))


def read_code(text: str) -> str:
    """Read what was typed, with spaces, dashes and look-alikes."""
    return "".join(text.split()).replace("-", "").upper().translate(ALIKE)[: CODE_LENGTH * 2]


def make_qr(secret: str, code: str, valid_to: date) -> str:
    """What a phone shows: code, last day and a seal, so that a desk without a network can read the day."""
    body = f"{QR}.{code}.{valid_to:%Y%m%d}"
    return f"{body}.{_seal(secret, body)}"


def read_qr(text: str, secret: str, *, today: date) -> str:
    """Return the code of a picture or of typed text; a day that is over is refused without asking anybody."""
    text = text.strip()
    if not text.upper().startswith(f"{QR}."):
        return read_code(text)
    body, _dot, seal = text.rpartition(".")
    parts = body.split(".")
    if len(parts) != 3 or not hmac.compare_digest(seal.encode(), _seal(secret, body).encode()):
        raise RuleBroken(
            _("这个二维码不是本院出具的，或已损坏。请输入券码，或请客户重新打开。"), code="coupon"
        )
    try:
        valid_to = date(int(parts[2][:4]), int(parts[2][4:6]), int(parts[2][6:]))
    except ValueError:
        raise RuleBroken(
            _("这个二维码不是本院出具的，或已损坏。请输入券码，或请客户重新打开。"), code="coupon"
        ) from None
    check_days(None, valid_to, today=today)
    return read_code(parts[1])


def check_days(valid_from: date | None, valid_to: date, *, today: date) -> None:
    if today > valid_to:
        text = _("这张券已于 %(day)s 到期（含当日），不能再用。离线时收下的也以核销当天为准。")
        raise RuleBroken(text % {"day": valid_to.isoformat()}, code="expired")
    if valid_from is not None and today < valid_from:
        text = _("这张券从 %(day)s 起才能用。")
        raise RuleBroken(text % {"day": valid_from.isoformat()}, code="coupon")


def _seal(secret: str, body: str) -> str:
    digest = hmac.digest(secret.encode(), f"yimei.coupon:{body}".encode(), "sha256")
    return b32encode(digest[:10]).decode()


# ---- whether an offer may be made ----------------------------------------------------------------


def faults(
    terms: Terms, *, starts_on: date, ends_on: date, coupon_days: int, budget: Decimal
) -> Iterator[str]:
    """What is wrong with the terms themselves."""
    if terms.value_kind == ValueKind.PERCENT and not 1 <= terms.value <= 99:
        yield _("折扣力度应在减 1% 到减 99% 之间")
    if terms.value_kind == ValueKind.PRICE and len(terms.procedures) != 1:
        yield _("活动价只能针对一个项目")
    if terms.value_kind == ValueKind.AMOUNT and terms.min_spend <= terms.value:
        yield _("满减的「满」应大于减的金额，不能变成免费")
    if terms.value_kind == ValueKind.AMOUNT and terms.most != terms.value:
        yield _("立减的每张最多减应等于减的金额")
    if ends_on < starts_on or ends_on - starts_on > LONGEST:
        yield _("发放期应在一年以内，结束不早于开始")
    if not 1 <= coupon_days <= LONGEST.days:
        yield _("领取后有效天数应在 1 到 366 天之间")
    if budget < terms.most:
        yield _("预算至少要够一张券")


@dataclass(frozen=True)
class Base:
    """A price that really was: the lowest of the days before, else the last one."""

    amount: Decimal
    kind: BaseKind
    on: date


def base_of(sold: Sequence[tuple[date, Decimal]], *, starts_on: date, days: int) -> Base | None:
    """The price that a reduction is compared with; without any sale there is none, and none is shown."""
    before = [(day, price) for day, price in sold if day < starts_on]
    recent = [(price, day) for day, price in before if day >= starts_on - timedelta(days=days)]
    if recent:
        price, day = min(recent)
        return Base(price, BaseKind.LOWEST, day)
    if before:
        day, price = max(before)
        return Base(price, BaseKind.LAST, day)
    return None


@dataclass(frozen=True)
class Subject:
    """One procedure of an offer with everything that approval looks at."""

    name: str
    key: int
    list_price: Decimal | None
    before: Decimal | None
    """The lowest list price of the days before the offer."""
    base: Base | None
    floor: Decimal | None


def honest(terms: Terms, subjects: Sequence[Subject], *, days: int) -> Iterator[Missing]:
    """What a buyer would be misled by, or what the house forbids, procedure by procedure."""
    for one in subjects:
        if one.list_price is None:
            yield Missing(_("「%(name)s」没有目录价") % {"name": one.name}, _("先在价目表设定价格"))
            continue
        words = {"name": one.name, "days": days, "now": format_yuan(one.list_price)}
        if one.before is not None and one.list_price > one.before:
            text = _("「%(name)s」活动前 %(days)d 天内提过价（%(before)s → %(now)s）")
            yield Missing(text % {**words, "before": format_yuan(one.before)}, _("先提价再打折会误导客户"))
        if terms.value_kind == ValueKind.PRICE and one.base is not None and terms.value >= one.base.amount:
            text = _("「%(name)s」的活动价不低于实际成交价 %(base)s")
            yield Missing(text % {**words, "base": format_yuan(one.base.amount)}, ARTICLE)
        off = reduction(terms, [Item(one.key, one.list_price)])
        if one.floor is not None and one.list_price - off < one.floor:
            text = _("「%(name)s」优惠后 %(price)s，低于价格底线 %(floor)s")
            price = format_yuan(one.list_price - off)
            yield Missing(
                text % {**words, "price": price, "floor": format_yuan(one.floor)}, _("先调整力度或底线")
            )


# ---- what it would cost ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Past:
    """One order that was: when, whose, whether her first, whether near her birthday, and its lines."""

    day: date
    patient: int
    is_new: bool
    is_birthday: bool
    items: tuple[Item, ...]

    @property
    def total(self) -> Decimal:
        return sum((item.total for item in self.items), Decimal(0))


@dataclass(frozen=True)
class Estimate:
    """What an offer would have cost, carried over to its length."""

    orders: int
    matching: int
    average: Decimal
    """Taken off a matching order, on average."""
    expected: Decimal
    low: Decimal
    high: Decimal
    whole: Decimal
    """If everybody who could used it."""
    uses: Decimal
    is_capped: bool
    break_even: int
    """More orders of the usual size, in net money and without their cost, that make up for it."""
    short_of: int
    """How many past orders it is drawn from, where they are too few to say much."""


FEW = 20


def simulate(
    terms: Terms,
    past: Sequence[Past],
    *,
    kind: PromotionKind,
    past_days: int,
    days: int,
    per_person: int,
    take_up: int,
    budget: Decimal,
) -> Estimate:
    """Replay the terms on past orders: how many fit, what would have come off, for how many days."""
    seen: Counter[int] = Counter()
    off: list[tuple[Decimal, Decimal]] = []
    for one in sorted(past, key=lambda one: (one.day, one.patient)):
        if (kind == PromotionKind.NEW and not one.is_new) or (
            kind == PromotionKind.BIRTHDAY and not one.is_birthday
        ):
            continue
        amount = reduction(terms, one.items)
        if amount <= 0 or seen[one.patient] >= per_person:
            continue
        seen[one.patient] += 1
        off.append((amount, one.total - amount))
    count, scale = len(off), Decimal(days) / Decimal(max(past_days, 1))
    average = yuan(sum((a for a, _n in off), Decimal(0)) / count) if count else yuan(0)
    net = sum((n for _a, n in off), Decimal(0)) / count if count else Decimal(0)
    share = Decimal(take_up) / 100
    spread = Decimal(str(1.96 * math.sqrt(count))) if count else Decimal(0)
    whole = yuan(average * count * scale)
    expected = yuan(whole * share)
    high = yuan(average * (count + spread) * scale * share)
    low = yuan(average * max(count - spread, Decimal(0)) * scale * share)
    uses = (Decimal(count) * scale * share).quantize(Decimal("0.1"))
    cost = min(expected, budget)
    return Estimate(
        orders=len(past),
        matching=count,
        average=average,
        expected=cost,
        low=min(low, budget),
        high=min(high, budget),
        whole=min(whole, budget),
        uses=uses,
        is_capped=high > budget,
        break_even=math.ceil(cost / net) if net > 0 else 0,
        short_of=count if count < FEW else 0,
    )
