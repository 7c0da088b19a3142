"""Intervals equal those of scipy and statsmodels."""

import math
import random

import pytest

from yimei.insight.rules import intervals
from yimei.insight.rules.intervals import Difference, Interval


@pytest.mark.slow(reason="loads a library to compare with, when it is the first to")
@pytest.mark.parametrize(("part", "whole"), [(0, 12), (3, 12), (12, 12), (431, 900)])
def test_wilson(part: int, whole: int) -> None:
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(part, whole, method="wilson")
    found = intervals.wilson(part, whole)
    assert found
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.slow(reason="loads a library to compare with, when it is the first to")
@pytest.mark.parametrize(
    ("freedom", "off"),
    [
        (1, 1e-9),
        (2, 1e-9),
        (3, 1e-9),
        (4, 1e-9),
        (5, 2e-4),
        (8, 2e-5),
        (30, 2e-8),
        (100, 5e-11),
        (400, 1e-12),
    ],
)
def test_student(freedom: int, off: float) -> None:
    """What the series leaves out falls with the fifth power of the freedom; far out each term is seen."""
    from scipy import stats

    assert intervals.t95(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=off)


def test_mean() -> None:
    from scipy import stats

    values = [3.0, 4.5, 5.0, 9.0, 2.0, 6.0, 7.5, 3.3]
    low, high = stats.t.interval(0.95, 7, loc=sum(values) / 8, scale=stats.sem(values))
    found = intervals.mean_t(sum(values), 8, sum(x * x for x in values))
    assert found
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-4)
    assert intervals.mean_t(3, 1, 9) is None


def test_welch() -> None:
    from scipy import stats

    a, b = [3.0, 4.5, 5.0, 9.0, 2.0, 6.0], [1.0, 2.0, 2.5, 3.5, 1.5, 0.5, 2.2]
    found = intervals.mean_difference(_sums(a), _sums(b))
    reference = stats.ttest_ind(a, b, equal_var=False).confidence_interval()
    assert found
    assert (found.low, found.high) == pytest.approx((reference.low, reference.high), rel=0.02)
    assert found.is_beyond_chance


def _sums(values: list[float]) -> tuple[float, float, float]:
    return sum(values), float(len(values)), sum(x * x for x in values)


def test_newcombe_as_published() -> None:
    """56 of 70 against 48 of 80: 0.0524 to 0.3339 (Newcombe 1998, table II, method 10)."""
    found = intervals.share_difference((56, 70), (48, 80))
    assert found
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_a_ratio_of_few_is_drawn_and_of_many_computed_and_both_agree() -> None:
    chance = random.Random(4)
    parts = [(chance.gauss(100, 20) * n, float(n)) for n in (chance.randint(1, 4) for _ in range(200))]
    drawn, computed = intervals.bootstrap_ratio(parts), intervals._delta(parts)
    assert drawn
    assert computed
    assert drawn.low == pytest.approx(computed.low, rel=0.02)
    assert drawn.high == pytest.approx(computed.high, rel=0.02)


def test_a_quantile_of_many_lies_between_its_ranks() -> None:
    values = [float(n) for n in range(1, 1001)]
    found = intervals.bootstrap_quantile(values, 0.5)
    half = 1.959964 * math.sqrt(1000 * 0.25)
    assert found
    assert (found.low, found.high) == pytest.approx((500 - half, 500 + half), abs=2)
    few = intervals.bootstrap_quantile([1.0, 2.0, 3.0, 10.0], 0.5)
    assert few
    assert 1 <= few.low <= 2.5 <= few.high <= 10


def test_counts_and_what_cannot_be_said() -> None:
    assert not intervals.count_difference(52, 50).is_beyond_chance
    assert intervals.count_difference(150, 50).is_beyond_chance
    assert intervals.interval_difference(1, None, 2, Interval(1, 2)) is None
    apart = intervals.interval_difference(10, Interval(7, 14), 4, Interval(3, 6))
    assert apart == Difference(6, 6 - math.hypot(3, 2), 6 + math.hypot(4, 1))
    assert intervals.wilson(0, 0) is None
    assert intervals.share_difference((1, 0), (1, 2)) is None


def test_an_interval_stays_on_its_scale() -> None:
    assert intervals.within(intervals.Interval(6.6, 10.6), (0, 10)) == intervals.Interval(6.6, 10)
    assert intervals.within(intervals.Interval(-3, 4), None) == intervals.Interval(-3, 4)
    assert intervals.within(None, (0, 10)) is None
