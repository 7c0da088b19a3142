"""Statistics of small samples, against known values."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yimei.insight.rules import stats
from yimei.insight.rules.intervals import Interval

HOUR = timedelta(hours=1)


def test_nothing_seen_is_nothing_said() -> None:
    assert stats.mean([], (0, 10)) is stats.net_promoter([]) is stats.share(0, 0) is None
    assert stats.median([]) is stats.quantile([], 0.9) is None


def test_the_mean_carries_its_interval() -> None:
    """Two degrees of freedom: t = 4.3027 standard errors, cut off at the end of the scale."""
    found = stats.mean([6, 7, 8], (0, 10))
    assert found is not None
    assert found.interval is not None
    assert (found.value, found.n) == (7, 3)
    assert (found.interval.low, found.interval.high) == pytest.approx((7 - 2.4841, 7 + 2.4841), abs=1e-4)
    high = stats.mean([8, 9, 10], (0, 10))
    assert high is not None
    assert high.interval is not None
    assert high.interval.high == 10


def test_one_answer_has_no_interval() -> None:
    assert stats.mean([7], (0, 10)) == stats.Estimate(7, None, 1)


def test_the_share_follows_wilson() -> None:
    """Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662."""
    found = stats.share(81, 263)
    assert found is not None
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_promoters_count_for_and_detractors_against() -> None:
    found = stats.net_promoter([10, 9, 8, 7, 6, 0])
    assert found is not None
    assert found.value == 0
    loved = stats.net_promoter([10, 10])
    assert loved is not None
    assert (loved.value, loved.interval) == (100, Interval(100, 100))


@given(st.integers(1, 500), st.data())
def test_a_share_lies_within_its_interval_and_the_interval_within_one(
    whole: int, data: st.DataObject
) -> None:
    part = data.draw(st.integers(0, whole))
    found = stats.share(part, whole)
    assert found is not None
    assert found.interval is not None
    assert 0 <= found.interval.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.interval.high <= 1


def test_waits_are_ranked() -> None:
    waits = [n * HOUR for n in (4, 1, 3, 2)]
    assert stats.median(waits) == 2.5 * HOUR
    assert stats.quantile(waits, 0.9) == 4 * HOUR
    assert stats.quantile(waits, 0.5) == 2 * HOUR
    assert stats.quantile([HOUR], 0.01) == HOUR
