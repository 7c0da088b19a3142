"""What an offer takes off, when it is honest, and what it would cost, without a database."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.core.errors import RuleBroken
from yimei.growth.enums import BaseKind, PromotionKind, Stacking, ValueKind
from yimei.growth.rules import promotions as rules
from yimei.growth.rules.promotions import Item, Past, Subject, Terms

D = Decimal
OFF = Terms(ValueKind.AMOUNT, D(500), D(500), D(3000))
TENTH = Terms(ValueKind.PERCENT, D(10), D(800), procedures=frozenset({1}))
FIXED = Terms(ValueKind.PRICE, D(6800), D(1000), procedures=frozenset({1}))
TODAY = date(2026, 6, 16)


@pytest.mark.parametrize(
    ("terms", "items", "taken", "off"),
    [
        (OFF, [Item(1, D(2999))], 0, 0),
        (OFF, [Item(1, D(1500), 2)], 0, 500),
        (OFF, [Item(1, D(3000))], D("2600.01"), D("399.99")),
        (TENTH, [Item(2, D(7800))], 0, 0),
        (TENTH, [Item(1, D(7800)), Item(2, D(9000))], 0, 780),
        (TENTH, [Item(1, D(9999))], 0, 800),
        (TENTH, [Item(1, D("33.33"))], 0, D("3.33")),
        (FIXED, [Item(1, D(7800), 2)], 0, 1000),
        (FIXED, [Item(1, D(6000))], 0, 0),
    ],
)
def test_what_terms_take_off(terms: Terms, items: list[Item], taken: Decimal, off: Decimal) -> None:
    assert rules.reduction(terms, items, taken=D(taken)) == off


def test_a_coupon_that_does_not_fit_says_why() -> None:
    with pytest.raises(RuleBroken, match="只能用于：切开重睑"):
        rules.check_fit(TENTH, [Item(2, D(1))], {1: "切开重睑"})
    with pytest.raises(RuleBroken, match="未满 ¥3,000"):
        rules.check_fit(OFF, [Item(2, D(2999))], {})


A, P, X = Stacking.ALONE, Stacking.POINTS, Stacking.ALL


@pytest.mark.parametrize(
    ("mine", "others", "points", "fine"),
    [(A, [], False, True), (A, [], True, False), (P, [], True, True), (X, [X], True, True),
     (P, [X], False, False), (X, [P], False, False), (A, [A], False, False), (X, [X, X], False, True)],
)  # fmt: skip
def test_what_may_stand_together(mine: Stacking, others: list[Stacking], points: bool, fine: bool) -> None:
    if fine:
        rules.check_stacking(mine, others, has_points=points)
    else:
        with pytest.raises(RuleBroken):
            rules.check_stacking(mine, others, has_points=points)


def test_a_picture_says_its_last_day_without_a_network_and_cannot_be_forged() -> None:
    text = rules.make_qr("secret", "0123456789AB", TODAY)
    assert rules.read_qr(text, "secret", today=TODAY) == "0123456789AB"
    with pytest.raises(RuleBroken, match="已于 2026-06-16 到期"):
        rules.read_qr(text, "secret", today=TODAY + timedelta(days=1))
    forged = text.replace("20260616", "20270616")
    for lie in (forged, text[:-1] + "?", text.replace("secret", ""), "YMC1.x", "YMC1..20261399.AAAA"):
        if lie != text:
            with pytest.raises(RuleBroken, match="不是本院出具"):
                rules.read_qr(lie, "secret", today=TODAY)
    assert rules.read_qr(" o123-4567 89ab ", "secret", today=TODAY) == "0123456789AB"


def test_the_price_compared_with_is_the_lowest_that_really_was() -> None:
    sold = [(TODAY - timedelta(days=n), D(price)) for n, price in ((1, 7800), (7, 7000), (8, 6000), (0, 10))]
    base = rules.base_of(sold, starts_on=TODAY, days=7)
    assert base == rules.Base(D(7000), BaseKind.LOWEST, TODAY - timedelta(days=7))
    older = rules.base_of(sold[2:3], starts_on=TODAY, days=7)
    assert older == rules.Base(D(6000), BaseKind.LAST, TODAY - timedelta(days=8))
    assert rules.base_of(sold[3:], starts_on=TODAY, days=7) is None


def test_raised_prices_false_offers_and_floors_stop_an_approval() -> None:
    base = rules.Base(D(6500), BaseKind.LOWEST, TODAY)
    honest = Subject("切开重睑", 1, D(7800), D(7800), rules.Base(D(7800), BaseKind.LAST, TODAY), None)
    assert list(rules.honest(FIXED, [honest], days=30)) == []
    bad = Subject("切开重睑", 1, D(7800), D(7000), base, D(7500))
    said = " ".join(one.what for one in rules.honest(FIXED, [bad], days=30))
    assert "提过价（¥7,000.00 → ¥7,800.00）" in said
    assert "不低于实际成交价 ¥6,500.00" in said
    assert "低于价格底线 ¥7,500.00" in said
    bare = Subject("开内眦", 2, None, None, None, None)
    assert "没有目录价" in next(rules.honest(FIXED, [bare], days=30)).what


@pytest.mark.parametrize(
    ("terms", "fault"),
    [
        (Terms(ValueKind.PERCENT, D(100), D(1)), "减 1% 到减 99%"),
        (Terms(ValueKind.PRICE, D(5), D(1)), "只能针对一个项目"),
        (Terms(ValueKind.AMOUNT, D(500), D(500), D(500)), "不能变成免费"),
        (Terms(ValueKind.AMOUNT, D(500), D(400), D(900)), "应等于减的金额"),
    ],
)
def test_terms_that_cannot_hold_are_named(terms: Terms, fault: str) -> None:
    found = rules.faults(terms, starts_on=TODAY, ends_on=TODAY, coupon_days=30, budget=D(9999))
    assert any(fault in one for one in found)


def test_a_replay_counts_who_fits_caps_at_the_budget_and_says_when_it_knows_little() -> None:
    past = [
        Past(TODAY - timedelta(days=n), n % 10, n < 10, n % 2 == 0, (Item(1, D(5000)),)) for n in range(100)
    ]
    plain = {"past_days": 100, "days": 50, "per_person": 99, "take_up": 50, "budget": D(100000)}
    every = rules.simulate(OFF, past, kind=PromotionKind.SEASON, **plain)
    assert (every.matching, every.average, every.whole) == (100, D(500), D(25000))
    assert (every.expected, every.uses, every.break_even) == (D(12500), D("25.0"), 3)
    assert every.low < every.expected < every.high
    once = rules.simulate(OFF, past, kind=PromotionKind.SEASON, **plain | {"per_person": 1})
    assert (once.matching, once.short_of) == (10, 10)
    assert rules.simulate(OFF, past, kind=PromotionKind.NEW, **plain).matching == 10
    assert rules.simulate(OFF, past, kind=PromotionKind.BIRTHDAY, **plain).matching == 50
    tight = rules.simulate(OFF, past, kind=PromotionKind.SEASON, **plain | {"budget": D(5000)})
    assert (tight.expected, tight.is_capped) == (D(5000), True)
    none = rules.simulate(OFF, [], kind=PromotionKind.SEASON, **plain)
    assert (none.expected, none.break_even) == (D(0), 0)


money = st.decimals(min_value="0.01", max_value="99999.99", places=2)
items = st.lists(st.builds(Item, st.integers(1, 4), money, st.integers(1, 5)), min_size=1, max_size=5)
terms = st.builds(
    Terms,
    st.sampled_from(ValueKind),
    st.decimals(min_value=1, max_value=99, places=2),
    money,
    st.decimals(min_value=0, max_value=5000, places=2),
    st.sampled_from(Stacking),
    st.frozensets(st.integers(1, 4), max_size=3),
)


@settings(max_examples=50, deadline=None)
@given(terms, items, st.data())
def test_nothing_takes_off_more_than_there_is_or_than_its_budget_keeps(
    offer: Terms, bill: list[Item], data: st.DataObject
) -> None:
    whole = sum((one.total for one in bill), D(0))
    taken = data.draw(st.decimals(min_value=0, max_value=whole, places=2))
    off = rules.reduction(offer, bill, taken=taken)
    assert 0 <= off <= min(offer.most, whole - taken)
    assert off == off.quantize(D("0.01"))
    assert off <= sum((one.total for one in bill if offer.fits(one.procedure)), D(0))
