"""People counted by a bit each are as many as distinct numbers say; spans of time are the calendar's."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.factories.rehearsed import rehearsed_with_mart
from yimei.insight.queries import mart as served
from yimei.insight.rules.metrics import METRICS
from yimei.insight.rules.metrics.dims import DIMS, dims_of
from yimei.insight.rules.metrics.metric import Kind
from yimei.insight.rules.metrics.sql import Slice, figures, people, spread

WHOLE = Slice(date(2020, 1, 1), date(2027, 12, 31))
MONTH, SOURCE, STAFF, DAY = (DIMS[code] for code in ("month", "source", "staff", "day"))


@pytest.mark.first
@pytest.mark.slow(reason="fills a small hospital and asks every figure twice")
@pytest.mark.django_db
@pytest.mark.usefixtures("own_mart")
def test_bits_and_distinct_numbers_count_the_same(evening: datetime, tmp_path: Path) -> None:
    rehearsed_with_mart(evening)
    asked = 0
    for metric in METRICS:
        if not metric.has_places:
            continue
        size = served.size(metric)
        assert size
        for by in ((), (MONTH,), (SOURCE, MONTH)):
            if not set(by) <= set(dims_of(metric.fact)):
                continue
            fast = figures(metric, WHOLE, by, size=size)
            assert ("BITSTRING_AGG" in fast) == (
                metric.fact != "customer" and metric.kind is not Kind.PER_PERSON
            )
            assert sorted(served.ask(fast).rows, key=repr) == pytest.approx(
                sorted(served.ask(figures(metric, WHOLE, by)).rows, key=repr)
            ), (metric.code, by)
            asked += 1
            if metric.kind is Kind.RATIO:
                sure = served.ask(spread(metric, WHOLE, by, size=size)).rows
                plain = served.ask(spread(metric, WHOLE, by)).rows
                assert sorted(sure, key=repr) == pytest.approx(sorted(plain, key=repr))
    assert asked > 200
    for day, week, month, quarter, year in served.ask(
        "SELECT day, in_week, in_month, in_quarter, in_year FROM booking"
    ).rows:
        assert week == day - timedelta(days=day.weekday())
        assert month == day.replace(day=1)
        assert quarter == date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        assert year == date(day.year, 1, 1)


def test_bits_are_spent_on_few_cells_only() -> None:
    one = "COUNT(DISTINCT customer) AS n, COUNT(DISTINCT CASE WHEN is_arrived THEN customer END) AS d"
    bits = people(one, WHOLE, (SOURCE,), 1000)
    assert bits == (
        "COALESCE(BIT_COUNT(BITSTRING_AGG(nth, 0, 999)), 0) AS n,"
        " COALESCE(BIT_COUNT(BITSTRING_AGG(CASE WHEN is_arrived THEN nth END, 0, 999)), 0) AS d"
    )
    for by, size in (((STAFF,), 1000), ((DAY,), 1000), ((SOURCE, MONTH), 1_000_000), ((SOURCE,), None)):
        assert people(one, WHOLE, by, size) == one
