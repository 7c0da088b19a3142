from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yimei.core.money import fen, format_yuan, split, yuan

CENTS = st.integers(-10_000_000_00, 10_000_000_00).map(lambda cents: Decimal(cents) / 100)
WEIGHTS = st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any)


@given(total=CENTS, weights=WEIGHTS)
def test_a_split_loses_no_fen_and_stays_near_its_share(total: Decimal, weights: list[int]) -> None:
    parts = split(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * weight / sum(weights)) < Decimal("0.01")


def test_the_odd_fen_goes_to_the_largest_remainder() -> None:
    assert split(Decimal("100.00"), [1, 1, 1]) == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]
    assert split(Decimal("-0.01"), [1, 3]) == [Decimal("0.00"), Decimal("-0.01")]


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_a_split_without_proper_weights_is_an_error(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split(Decimal(1), weights)


def test_halves_round_away_from_zero() -> None:
    assert yuan("1.005") == Decimal("1.01")
    assert yuan("-1.005") == Decimal("-1.01")
    assert fen(Decimal("19.995")) == 2000


def test_amounts_are_written_for_people() -> None:
    assert format_yuan(Decimal("1234")) == "¥1,234.00"
    assert format_yuan(Decimal("-1234567.8")) == "−¥1,234,567.80"
    assert format_yuan(Decimal("-0.001")) == "¥0.00"
