"""The same question of more people at a time: what a page asks when too few stand behind its own."""

from datetime import date

import pytest

from yimei.insight.rules.questions import coarser, parse

TODAY = date(2026, 6, 16)


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("visits c=number span=90", ["visits number 180", "visits number 365", "visits number 730"]),
        ("visits c=number span=730", []),
        ("visits by1=month c=line span=365", ["visits line 365 quarter", "visits line 730 quarter"]),
        ("visits by1=source c=pie span=365", ["visits pie 730 source"]),
        ("visits by1=year c=bar span=730", []),
        (
            "visits by1=weekday by2=hour c=heat span=730",
            ["visits bar 730 weekday", "visits bar 730 hour"],
        ),
        (
            "visits by1=month by2=source c=line span=365",
            [
                "visits line 365 quarter source",
                "visits line 730 quarter source",
                "visits line 365 quarter",
                "visits line 730 quarter",
                "visits bar 365 source",
                "visits bar 730 source",
            ],
        ),
    ],
)
def test_a_question_is_asked_of_more_people_step_by_step(asked: str, wanted: list[str]) -> None:
    metric, *rest = asked.split()
    question = parse({"m": metric, **dict(part.split("=") for part in rest)}, today=TODAY)
    found = coarser(question)
    assert [
        " ".join([one.metric.code, one.chart, one.span, *(dim.code for dim in one.by)]) for one in found
    ] == wanted
    assert {one.end for one in found} <= {question.end}
    assert all(one.start <= question.start for one in found), "never of fewer days"
