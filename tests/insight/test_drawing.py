"""What a chart is drawn from: hidden groups leave no name, and their rest stands only where parts add up."""

from dataclasses import replace
from datetime import date

import pytest

from yimei.insight.queries.drawing import compares, drawable, drawing
from yimei.insight.queries.figures import Answer, Cell
from yimei.insight.rules.questions import parse
from yimei.people.models import Staff

TODAY = date(2026, 6, 16)


def answered(query: dict[str, str], values: list[float | None], total: float | None) -> Answer:
    question = parse(query, today=TODAY)
    cells = [
        Cell((n,), (f"第{n}组",), value, None if value is None else 20, is_hidden=value is None)
        for n, value in enumerate(values)
    ]
    whole = Cell((), (), total, 60, is_hidden=total is None)
    return Answer(question, cells, whole, values.count(None))


def names_of(answer: Answer) -> tuple[list[str], list[float | None]]:
    spec = drawing(answer, by=Staff())
    assert spec is not None
    return spec["names"], spec["series"][0]["values"]


@pytest.mark.parametrize("chart", ["bar", "pie"])
def test_hidden_groups_of_what_adds_up_stand_together_as_the_rest(chart: str) -> None:
    found = answered({"m": "visits", "by1": "source", "c": chart}, [30, None, 12, None, None], 60)
    assert names_of(found) == (["第0组", "第2组", "其余 3 组"], [30, 12, 18])


def test_no_rest_is_made_up() -> None:
    asked = {"m": "visits", "by1": "source", "c": "bar"}
    assert names_of(answered(asked, [30, None, None], None))[0] == ["第0组"], "the total is hidden"
    assert names_of(answered(asked, [30, 12], 42))[0] == ["第0组", "第1组"], "nothing is hidden"
    assert names_of(replace(answered(asked, [30, None, None], 60), is_cut=True))[0] == ["第0组"]
    share = answered({**asked, "m": "win_rate"}, [0.5, None, None], 0.4)
    assert names_of(share)[0] == ["第0组"], "shares do not add up"
    alone = answered(asked, [None, None], 20)
    assert not drawable(drawing(alone, by=Staff())), "all of a chart in one bar says nothing"


def test_a_tile_is_drawn_only_where_it_compares() -> None:
    asked = {"m": "win_rate", "by1": "source", "c": "bar"}

    def drawn(values: list[float | None]) -> bool:
        answer = answered(asked, values, 0.4)
        return compares(drawing(answer, by=Staff()), answer.hidden_count)

    assert drawn([0.5, 0.2, None, None])
    assert drawn([0.0, 0.0]), "nothing is hidden: noughts are the news"
    assert not drawn([0.5, None, None]), "one alone"
    assert not drawn([0.0, 0.0, 0.5, None, None]), "one and noughts beside hidden ones"
    assert not drawn([None, None])


def test_groups_in_an_order_keep_their_places() -> None:
    found = answered({"m": "visits", "by1": "age", "c": "bar"}, [30, None, None], 60)
    assert names_of(found) == (["第0组", "第1组", "第2组"], [30, None, None])


def test_a_map_says_who_is_on_none() -> None:
    question = parse({"m": "new_customers", "by1": "province", "c": "map"}, today=TODAY)

    def beside(*cells: Cell) -> object:
        spec = drawing(Answer(question, cells, Cell((), (), 35.0, 35), 0), by=Staff())
        assert spec is not None
        return spec["beside"], drawable(spec)

    here, unknown = Cell(("33",), ("浙江",), 20.0, 20), Cell((None,), ("未填",), 15.0, 15)
    assert beside(here) == ("", True)
    assert beside(here, unknown) == ("没有登记省份的不在图上：新客数 15。", True)
    assert beside(unknown) == ("都没有登记省份，画不了地图：新客数 15。", False)
    assert beside(here, replace(unknown, value=None, is_hidden=True)) == ("没有登记省份的不在图上。", True)
