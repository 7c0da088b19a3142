"""How much a booking deposit is, and what the visits make of it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from yimei.core.errors import RuleBroken
from yimei.journey.enums import BookingStatus, CancelSide, DepositFate
from yimei.journey.rules import deposits as rules
from yimei.journey.rules.deposits import Policy, Visit

TEN = datetime(2026, 6, 16, 2, tzinfo=UTC)
TAKEN = TEN - timedelta(days=3)
HOUR = timedelta(hours=1)
POLICY = Policy(most=2, days=180, yuan=200, percent=20, free_hours=24)
S = BookingStatus


def gone(hours: float, side: CancelSide = CancelSide.CUSTOMER) -> Visit:
    return Visit(S.CANCELLED, TEN, TEN - hours * HOUR, side)


@pytest.mark.parametrize(
    ("price", "amount"),
    [(None, "200"), ("7800", "200"), ("1000", "200"), ("999.99", "200.00"), ("680", "136"), ("0.01", "0.01")],
)
def test_a_deposit_is_the_houses_amount_but_never_above_its_share_of_the_price(
    price: str | None, amount: str
) -> None:
    assert rules.amount_of(POLICY, price=Decimal(price) if price else None) == Decimal(amount)


def test_what_is_told_names_the_amount_the_hours_and_both_sides_of_the_law() -> None:
    said = rules.terms(Decimal(200), free_hours=24)
    for words in ("¥200.00", "24 小时", "原路退还", "第五百八十七条", "双倍返还"):
        assert words in said


@pytest.mark.parametrize(
    ("visits", "has_ended", "fate"),
    [
        ([Visit(S.REQUESTED, TEN)], False, DepositFate.HOLDS),
        ([Visit(S.CONFIRMED, TEN)], False, DepositFate.HOLDS),
        ([Visit(S.ARRIVED, TEN)], False, DepositFate.HOLDS),
        ([Visit(S.SERVED, TEN)], False, DepositFate.FREE),
        ([Visit(S.SERVED, TEN)], True, DepositFate.OWED),
        ([Visit(S.NO_SHOW, TEN)], False, DepositFate.BROKEN),
        ([gone(25)], False, DepositFate.OWED),
        ([gone(24)], False, DepositFate.OWED),
        ([gone(23.9)], False, DepositFate.BROKEN),
        ([gone(1, CancelSide.HOSPITAL)], False, DepositFate.OWED),
        ([gone(1), Visit(S.SERVED, TEN + HOUR)], False, DepositFate.FREE),
        ([Visit(S.NO_SHOW, TEN), Visit(S.CONFIRMED, TEN + 24 * HOUR)], False, DepositFate.BROKEN),
        ([gone(30), Visit(S.CONFIRMED, TEN + 24 * HOUR)], False, DepositFate.HOLDS),
        ([Visit(S.NO_SHOW, TAKEN - 24 * HOUR), Visit(S.CONFIRMED, TEN)], False, DepositFate.HOLDS),
        ([Visit(S.NO_SHOW, TAKEN - 24 * HOUR)], False, DepositFate.OWED),
        ([], False, DepositFate.OWED),
    ],
)
def test_the_last_visit_that_ended_decides(visits: list[Visit], has_ended: bool, fate: DepositFate) -> None:
    found = rules.fate(visits, taken_at=TAKEN, free_hours=24, has_ended=has_ended)
    assert found == fate


def test_only_what_was_broken_is_kept_and_what_holds_a_time_stays() -> None:
    for fate in DepositFate:
        if fate == DepositFate.BROKEN:
            rules.check_kept(fate)
        else:
            with pytest.raises(RuleBroken, match="才可以不退"):
                rules.check_kept(fate)
        if fate == DepositFate.HOLDS:
            with pytest.raises(RuleBroken, match="请先取消预约"):
                rules.check_given_back(fate)
        else:
            rules.check_given_back(fate)
