"""The members' rules, without a database."""

import json
from datetime import date
from decimal import Decimal
from importlib import resources
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.billing.enums import QuoteStatus
from yimei.billing.rules import cuts
from yimei.billing.rules.cuts import Priced
from yimei.core.errors import RuleBroken
from yimei.growth.rules import members as rules
from yimei.growth.rules.members import Lot

SHIPPED: dict[str, Any] = json.loads(
    (resources.files("yimei.growth") / "data" / "members.json").read_text("utf-8")
)
POLICY = rules.read(SHIPPED)


@pytest.mark.parametrize(
    ("spent", "tier"),
    [("-5", "basic"), ("0", "basic"), ("19999.99", "basic"), ("20000", "silver"), ("150000", "black")],
)
def test_a_threshold_counts_from_itself_on(spent: str, tier: str) -> None:
    assert POLICY.tier_of(Decimal(spent)).code == tier


def test_parts_of_a_point_are_dropped() -> None:
    assert POLICY.points_of(Decimal("99.99"), "basic") == 99
    assert POLICY.points_of(Decimal("99.99"), "silver") == 109
    assert POLICY.worth(150) == Decimal("1.50")


def test_a_bill_takes_a_share_in_points_and_no_more_than_there_are() -> None:
    assert POLICY.most_points(Decimal("7800"), 100_000) == 78_000
    assert POLICY.most_points(Decimal("7800"), 150) == 150
    with pytest.raises(RuleBroken, match="最多可用 78000 分"):
        rules.check_spend(78_001, policy=POLICY, amount=Decimal("7800"), balance=100_000)
    with pytest.raises(RuleBroken, match="积分不足，现有 150 分"):
        rules.check_spend(151, policy=POLICY, amount=Decimal("7800"), balance=150)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"tiers": []}, "等级应有"),
        ({"most_percent": 101}, "积分抵扣的上限"),
        ({"points_to_yuan": 0}, "多少积分抵一元"),
        ({"valid_months": True}, "积分有效期"),
        ({"tiers": [{"code": "a", "name": "甲", "from": 5, "rate": 100}]}, "门槛应为 0"),
        (
            {"tiers": [{"code": c, "name": c, "from": 0, "rate": 100} for c in "ab"]},
            "逐级升高",
        ),
        (
            {"tiers": [{"code": "a", "name": "甲", "from": 0, "rate": 100,
                        "benefits": [{"code": "x", "name": "", "times": 0}]}]},
            "每项权益要有名称",
        ),
    ],
)  # fmt: skip
def test_a_version_that_cannot_hold_is_refused_with_every_fault(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.read({**SHIPPED, **change})
    assert any(fault in one.what for one in refused.value.missing)


def test_points_that_end_first_go_first() -> None:
    lots = [Lot(1, 50, date(2027, 1, 1)), Lot(2, 50, date(2026, 9, 1)), Lot(3, 50, date(2026, 12, 1))]
    assert rules.allocate(lots, 120) == [(2, 50), (3, 50), (1, 20)]
    with pytest.raises(RuleBroken, match="积分不足"):
        rules.allocate(lots, 151)


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
    ],
)
def test_months_end_on_the_last_of_a_short_month(day: date, months: int, found: date) -> None:
    assert rules.months_on(day, months) == found


prices = st.decimals(min_value="0.00", max_value="99999.99", places=2)
lines = st.lists(
    st.builds(Priced, st.just("项目"), prices, st.integers(1, 9), st.none(), st.integers(1, 5)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=50, deadline=None)
@given(lines, st.data())
def test_what_a_cut_takes_off_the_lines_is_the_cut_to_the_fen(
    bill: list[Priced], data: st.DataObject
) -> None:
    whole = sum((line.total for line in bill), Decimal(0))
    amount = data.draw(st.decimals(min_value=0, max_value=whole, places=2))
    parts = cuts.shares(bill, amount)
    assert sum(parts) == (amount if whole else 0)
    assert all(0 <= part <= line.total for part, line in zip(parts, bill, strict=True))


def test_a_cut_never_sells_below_a_floor() -> None:
    bill = [
        Priced("切开重睑", Decimal("7800"), 1, Decimal("7000"), 1),
        Priced("开内眦", Decimal("4200"), 1, None, 2),
    ]
    off = lambda amount, scope=(): [cuts.Off(Decimal(amount), list(scope))]
    cuts.check_floors(bill, off("1230.76"))
    cuts.check_floors(bill, off("4200", (2,)))
    with pytest.raises(RuleBroken) as refused:
        cuts.check_floors(bill, off("1230.78"))
    with pytest.raises(RuleBroken):
        cuts.check_floors(bill, off("801", (1,)))
    assert refused.value.code == "floor"
    assert "切开重睑" in refused.value.missing[0].what
    cuts.check_floors(bill, off("5000"), may_go_below=True)


def test_a_chosen_quote_stands_as_it_was_chosen() -> None:
    bill = [Priced("切开重睑", Decimal("7800"), 1)]
    for status in (QuoteStatus.ACCEPTED, QuoteStatus.DECLINED):
        with pytest.raises(RuleBroken, match="不能再用券"):
            cuts.check_cut(cuts.Off(Decimal(1), []), status=status, lines=bill, standing=(), is_ordered=False)
    with pytest.raises(RuleBroken, match="超过报价余下的"):
        cuts.check_cut(
            cuts.Off(Decimal("7800.01"), []),
            status=QuoteStatus.OFFERED,
            lines=bill,
            standing=(),
            is_ordered=False,
        )
