"""People counted by a bit each are as many as distinct numbers say; spans of time are the calendar's."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.factories.people import StaffFactory
from tests.factories.rehearsed import rehearsed_with_mart
from yimei.insight.queries import mart as served
from yimei.insight.queries.dashboards import tiles
from yimei.insight.queries.figures import Cell, answer
from yimei.insight.rules.dashboards import READY
from yimei.insight.rules.metrics import METRICS
from yimei.insight.rules.metrics.dims import DIMS, Dim, dims_of
from yimei.insight.rules.metrics.metric import Kind
from yimei.insight.rules.metrics.sql import Slice, figures, of_customers, people, spread

WHOLE = Slice(date(2020, 1, 1), date(2027, 12, 31))
MONTH, SOURCE, STAFF, DAY = (DIMS[code] for code in ("month", "source", "staff", "day"))


@pytest.mark.long(reason="fills a small hospital and asks every figure twice")
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
            told = sorted(served.ask(figures(metric, WHOLE, by)).rows, key=repr)
            least = sorted(served.ask(figures(metric, WHOLE, by, size=size, roughly=True)).rows, key=repr)
            at_least(least, told)
            if metric.kind is Kind.RATIO:
                at_once = by_cell(of_customers(metric, WHOLE, by, size=size), by)
                varied = by_cell(spread(metric, WHOLE, by), by)
                assert at_once == {
                    keys: pytest.approx((*row, *varied[keys]))
                    for keys, row in by_cell(figures(metric, WHOLE, by), by).items()
                }, (metric.code, by)
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


def by_cell(sql: str, by: Sequence[Dim]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    return {row[: len(by)]: row[len(by) :] for row in served.ask(sql).rows}


def at_least(rows: Sequence[tuple[Any, ...]], told: Sequence[tuple[Any, ...]]) -> None:
    """The same figures; of people never too many, and nobody only where there is nobody."""
    by_keys = {row[:-6]: row[-6:] for row in told}
    assert {row[:-6] for row in rows} == by_keys.keys()
    for row in rows:
        exact = by_keys[row[:-6]]
        assert row[-6:-2] == pytest.approx(exact[:4])
        for some, all_of_them in zip(row[-2:], exact[4:], strict=True):
            assert (some is None) == (all_of_them is None)
            if some is not None:
                assert some <= all_of_them
                assert (some == 0) == (all_of_them == 0)
                assert some >= min(all_of_them, 10) // 2, "a heap each, but for few"


def test_bits_are_spent_on_few_cells_only() -> None:
    one = "COUNT(DISTINCT customer) AS n, COUNT(DISTINCT CASE WHEN is_arrived THEN customer END) AS d"
    bits = people(one, WHOLE, (SOURCE,), 1000)
    assert bits == (
        "COALESCE(BIT_COUNT(BITSTRING_AGG(nth, 0, 999)), 0) AS n,"
        " COALESCE(BIT_COUNT(BITSTRING_AGG(CASE WHEN is_arrived THEN nth END, 0, 999)), 0) AS d"
    )
    for by, size in (((STAFF,), 1000), ((DAY,), 1000), ((SOURCE, MONTH), 1_000_000), ((SOURCE,), None)):
        assert people(one, WHOLE, by, size) == one


@pytest.mark.long(reason="fills a small hospital and asks every tile twice")
@pytest.mark.django_db
@pytest.mark.usefixtures("own_mart")
def test_a_page_says_what_the_explorer_says(evening: datetime) -> None:
    rehearsed_with_mart(evening)
    director, hidden, shown = StaffFactory(role="director"), 0, 0
    for page in READY.values():
        for tile in tiles(page, by=director, today=evening.date()):
            assert tile.answer
            exact = answer(tile.question, by=director)
            assert [spoken(cell) for cell in (*tile.answer.cells, tile.answer.total)] == [
                spoken(cell) for cell in (*exact.cells, exact.total)
            ], tile.question.query()
            hidden += tile.answer.hidden_count
            shown += len(tile.answer.cells) - tile.answer.hidden_count
    assert (hidden > 10, shown > 10) == (True, True)


def spoken(cell: Cell) -> tuple[object, ...]:
    """All that a page says of a figure."""
    change = cell.change and (round(cell.change.value, 9), cell.change.is_beyond_chance)
    return (cell.keys, cell.value, cell.is_hidden, cell.interval, cell.before, change)
