"""Prices at or below the list, discounts within somebody's authority."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.billing.enums import QuoteStatus
from yimei.billing.rules import quotes
from yimei.billing.rules.quotes import Line
from yimei.core.errors import RuleBroken

LIMITS = {"consultant": 10, "director": 50}
NAMES = {"consultant": "现场咨询", "director": "院长"}


def line(price: str, *, listed: str = "7800", quantity: int = 1, reason: str = "老客户") -> Line:
    return Line("切开重睑", Decimal(listed), Decimal(price), quantity, reason)


def check(*lines: Line, role: str = "consultant") -> None:
    quotes.check_authority(lines, role_code=role, limits=LIMITS, names=NAMES)


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (line("7800.01"), "不能高于目录价 7800"),
        (line("-0.01"), "不能为负"),
        (line("7000.001"), "最多到分"),
        (line("7799.99", reason="  "), "写明优惠原因"),
        (line("7799.99", reason="好" * 81), "最多 80 个字"),
        (line("7800", quantity=0), "数量必须在 1 到 99 之间"),
        (line("7800", quantity=100), "数量必须在 1 到 99 之间"),
    ],
)
def test_a_price_that_nobody_may_offer_is_refused(bad: Line, says: str) -> None:
    with pytest.raises(RuleBroken, match=says):
        quotes.check_lines([line("7800"), bad])


def test_a_quote_needs_a_line() -> None:
    with pytest.raises(RuleBroken, match="至少要有一个项目"):
        quotes.check_lines([])


def test_the_list_price_and_nothing_are_both_lawful() -> None:
    quotes.check_lines([line("7800", reason=""), line("0")])


@pytest.mark.parametrize(
    ("price", "role", "is_allowed"),
    [
        ("7800.00", "nurse", True),
        ("7799.99", "nurse", False),
        ("7020.00", "consultant", True),
        ("7019.99", "consultant", False),
        ("3900.00", "director", True),
        ("3899.99", "director", False),
    ],
)
def test_a_discount_reaches_exactly_to_the_limit_of_the_role(price: str, role: str, is_allowed: bool) -> None:
    if is_allowed:
        check(line(price), role=role)
        return
    with pytest.raises(RuleBroken) as refusal:
        check(line(price), role=role)
    assert refusal.value.code == "discount"


def test_a_refused_discount_names_who_may_give_it() -> None:
    with pytest.raises(RuleBroken, match=r"超出您的权限（10%），可由院长批准"):
        check(line("5000"))


def test_a_discount_beyond_everybody_says_so() -> None:
    with pytest.raises(RuleBroken, match="超出任何角色的权限"):
        check(line("1"))


def test_one_dear_line_does_not_hide_a_cheap_one() -> None:
    with pytest.raises(RuleBroken, match="超出您的权限"):
        check(line("48000", listed="48000"), line("0.01", listed="0.02"))


def test_a_quote_can_be_accepted_on_its_last_day() -> None:
    quotes.check_not_expired(valid_to=date(2026, 6, 30), today=date(2026, 6, 30))
    with pytest.raises(RuleBroken, match="已于 2026-06-30 过期"):
        quotes.check_not_expired(valid_to=date(2026, 6, 30), today=date(2026, 7, 1))


@pytest.mark.parametrize("old", list(QuoteStatus))
@pytest.mark.parametrize("new", list(QuoteStatus))
def test_only_the_moves_of_the_table_are_open(old: QuoteStatus, new: QuoteStatus) -> None:
    lawful = {("draft", "offered"), ("draft", "declined"), ("offered", "accepted"), ("offered", "declined")}
    if (old.value, new.value) in lawful:
        quotes.check_move(old, new)
    else:
        with pytest.raises(RuleBroken, match="报价不能从"):
            quotes.check_move(old, new)


@pytest.mark.parametrize("deposit", ["-0.01", "7800.01", "100.001"])
def test_a_deposit_stays_between_nothing_and_the_amount(deposit: str) -> None:
    with pytest.raises(RuleBroken, match="定金"):
        quotes.check_deposit(Decimal(deposit), amount=Decimal("7800.00"))


def test_a_deposit_may_be_nothing_or_everything() -> None:
    for deposit in ("0", "7800.00"):
        quotes.check_deposit(Decimal(deposit), amount=Decimal("7800.00"))


PRICES = st.integers(0, 10_000_000).map(lambda cents: Decimal(cents) / 100)


@settings(deadline=None)
@given(st.lists(st.tuples(PRICES, st.integers(1, 99)), max_size=20))
def test_the_total_is_exact_to_the_fen(items: list[tuple[Decimal, int]]) -> None:
    lines = [Line("x", price, price, quantity) for price, quantity in items]
    assert int(quotes.total(lines) * 100) == sum(int(price * 100) * quantity for price, quantity in items)


@settings(deadline=None)
@given(PRICES, PRICES, st.integers(0, 100))
def test_within_the_limit_means_at_least_the_price_that_it_leaves(
    listed: Decimal, price: Decimal, percent: int
) -> None:
    within = quotes.is_within(Line("x", listed, price), percent)
    assert within == (price * 100 >= listed * (100 - percent))
