"""Behind a figure stand the people whom it counts, not all who have rows of its fact."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from yimei.insight.gateways import apart
from yimei.insight.rules.metrics import BY_CODE, METRICS
from yimei.insight.rules.metrics.metric import Kind, rows_in
from yimei.insight.rules.metrics.sql import Slice, figures

KINDS = {
    "visits": ("is_arrived",),
    "visitors": ("is_arrived",),
    "show_rate": ("(is_arrived) AND (is_due)", "is_due"),
    "cancel_rate": ("(is_cancelled)", "TRUE"),
    "refunds": ("(CASE WHEN amount < 0 THEN -amount ELSE 0 END) <> 0",),
    "visits_per_visitor": ("is_arrived", "is_arrived"),
    "mean_fee": ("(is_counted) AND (CAST(amount AS DOUBLE)) IS NOT NULL",),
    "wait_median": ("(wait_minutes) IS NOT NULL",),
    "wait_p90": ("(wait_minutes) IS NOT NULL",),
    "repurchase_rate": ("is_counted",),
}


def test_each_kind_of_figure_says_which_rows_it_counts() -> None:
    assert {code: BY_CODE[code].parts for code in KINDS} == KINDS
    assert {BY_CODE[code].kind for code in KINDS} == set(Kind)
    assert all(one.parts and one.rows for one in METRICS)


def test_an_aggregate_that_nobody_understands_is_refused() -> None:
    with pytest.raises(ValueError, match="MAX"):
        rows_in("MAX(amount)")


BOOKINGS = [
    *[(customer, True, True, False, 30) for customer in range(12)],
    *[(customer, True, True, False, 5) for customer in range(12)],
    *[(customer, False, True, True, None) for customer in range(12, 16)],
    *[(customer, False, False, False, None) for customer in range(16, 56)],
]
SALES = [
    *[(customer, True) for customer in (*range(15), 0, 0, 1)],
    *[(customer, False) for customer in range(40)],
]


@pytest.mark.slow(reason="opens the engine for the first time")
@pytest.mark.parametrize(
    ("code", "n", "part"),
    [
        ("bookings", 56, None),
        ("visits", 12, None),
        ("visitors", 12, None),
        ("show_rate", 16, 12),
        ("no_show_rate", 16, 4),
        ("wait_median", 12, None),
        ("wait_over_20", 12, 12),
        ("visits_per_visitor", 12, 12),
        ("repurchase_rate", 15, 2),
        ("orders", 15, None),
    ],
)
def test_people_are_counted_among_the_rows_of_the_figure(code: str, n: int, part: int | None) -> None:
    metric = BY_CODE[code]
    if metric.fact == "booking":
        names = ("customer", "is_arrived", "is_due", "is_no_show", "wait_minutes")
        rows: list[tuple[object, ...]] = list(BOOKINGS)
    else:
        names, rows = ("customer", "is_counted"), list(SALES)
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    columns["day"] = [date(2026, 3, 1)] * len(rows)
    asked = figures(metric, Slice(date(2026, 1, 1), date(2026, 7, 1))).replace(f" {metric.fact} ", " told ")
    row = settled(columns, asked)
    assert row[-2:] == (n, part)


def settled(columns: Mapping[str, Sequence[Any]], asked: str) -> Any:
    with apart.question(seconds=20) as question:
        return question.settle(columns, asked, limit=5).rows[0]


def test_who_left_no_name_is_a_person_too() -> None:
    columns = {"customer": [1, 1, None, None], "day": [date(2026, 3, 1)] * 4}
    asked = figures(BY_CODE["turned_away"], Slice(date(2026, 1, 1), date(2026, 7, 1)))
    row = settled(columns, asked.replace(" turn_away ", " told "))
    assert row[-2:] == (3, None)
