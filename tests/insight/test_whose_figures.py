"""No figure that is shown tells of one to nine people: not its cells, not its total."""

import random
from datetime import timedelta
from typing import Any

import pytest

from tests.factories.people import StaffFactory
from yimei.insight.enums import Chart
from yimei.insight.queries import mart
from yimei.insight.queries.drawing import boxes, histogram
from yimei.insight.queries.figures import answer
from yimei.insight.rules.metrics import METRICS, Kind, Metric
from yimei.insight.rules.metrics.dims import DIMS, dims_of
from yimei.insight.rules.metrics.sql import where
from yimei.insight.rules.questions import Question, parse
from yimei.people.models import Staff
from yimei.rehearsal.bench.dashboards import TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("made_up_mart")]
VISITS = 600


@pytest.fixture
def director() -> Staff:
    found: Staff = StaffFactory(role="director")
    return found


def asked(code: str, days: int, *split: str, **more: str) -> Question:
    given = {"span": "own", "from": (TODAY - timedelta(days=days)).isoformat(), "to": TODAY.isoformat()}
    given |= {f"by{place}": dim for place, dim in enumerate(split, 1)}
    return parse({"m": code, **given, **more}, today=TODAY)


def whom(metric: Metric, question: Question, of: Any, keys: tuple[Any, ...]) -> list[int]:
    """The people of a cell, counted here one by one: whom the number counts, and of a share also of whom."""
    same = [
        f"{dim.sql()} IS NOT DISTINCT FROM {'NULL' if key is None else repr(str(key))}"
        for dim, key in zip(of.by, keys, strict=True)
    ]
    rows = " AND ".join([where("day", question.slice(None)), *same])
    told = [f"({metric.value})"]
    if metric.kind is Kind.SHARE:
        told = [f"({metric.value}) AND ({metric.base})", f"({metric.base})"]
    picks = ", ".join(f"COUNT(DISTINCT CASE WHEN {one} THEN customer END)" for one in told)
    return list(mart.ask(f"SELECT {picks} FROM {metric.fact} WHERE {rows}").rows[0])


@pytest.mark.long(reason="asks some hundred questions of a small mart")
def test_no_figure_that_is_shown_tells_of_one_to_nine_people(director: Staff) -> None:
    chance, shown, hid = random.Random(20261130), 0, 0
    counted = [
        one for one in METRICS if one.is_personal and one.kind in {Kind.COUNT, Kind.PEOPLE, Kind.SHARE}
    ]
    for metric in counted:
        dims = [dim for dim in dims_of(metric.fact) if dim.few or dim.code == "month"]
        for days in (20, 120):
            split = chance.sample(dims, min(len(dims), chance.randrange(1, 3)))
            question = asked(metric.code, days, *(dim.code for dim in split), vs="previous")
            found = answer(question, by=director, sure=False)
            for cell in [*found.cells, found.total]:
                of = question if cell is not found.total else asked(metric.code, days)
                if cell.is_hidden:
                    hid += 1
                    continue
                people = whom(metric, question, of, cell.keys)
                assert not any(0 < count < 10 for count in people), (question.query(), cell, people)
                shown += 1
    assert shown > 100
    assert hid > 100


@pytest.mark.slow(reason="draws of a mart that is opened anew")
def test_a_histogram_and_boxes_are_of_the_rows_that_the_figure_counts(director: Staff) -> None:
    question = asked("visits", 400, "sex", c=Chart.HISTOGRAM.value, x="lead_days")
    assert question.measure == "lead_days"
    rows = f"{where('day', question.slice(None))} AND is_arrived AND lead_days IS NOT NULL"
    everybody = rows.replace(" AND is_arrived", "")
    (most,) = mart.ask(f"SELECT COUNT(*) FROM booking WHERE {everybody}").rows[0]
    (low, high) = mart.ask(
        f"SELECT QUANTILE_CONT(lead_days, 0.01), QUANTILE_CONT(lead_days, 0.99) FROM booking WHERE {rows}"
    ).rows[0]
    inside = mart.ask(
        f"SELECT COUNT(*) FROM booking WHERE {rows} AND lead_days BETWEEN {low} AND {high}"
    ).rows[0][0]
    drawn = histogram(question, director)["series"][0]["values"]
    assert sum(value or 0 for value in drawn) <= inside < most
    assert any(drawn)
    box = boxes(asked("visits", 400, "sex", c=Chart.BOX.value, x="lead_days"), director)
    middle = "SELECT sex, QUANTILE_CONT(CAST(lead_days AS DOUBLE), 0.5) FROM booking"
    medians = dict(mart.ask(f"{middle} WHERE {rows} GROUP BY 1").rows)
    others = dict(mart.ask(f"{middle} WHERE {everybody} GROUP BY 1").rows)
    assert {row[2] for row in box["boxes"]} <= set(medians.values())
    assert medians != others
    assert DIMS["sex"] in question.by
