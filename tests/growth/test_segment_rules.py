"""A segment's tree: what is read, what is refused, what holds; no database."""

from datetime import date
from typing import Any

import pytest

from yimei.core.errors import RuleBroken
from yimei.growth.enums import SegmentUse
from yimei.growth.rules import rfm, segments
from yimei.growth.rules.segment_fields import FIELDS

ON = date(2026, 6, 16)


def test_a_tree_is_read_and_written_alike() -> None:
    tree = {
        "all": [
            {"field": "visits", "op": "gte", "value": 2},
            {"not": {"any": [{"field": "source", "op": "in", "value": ["douyin", "wechat"]}]}},
            {"field": "last_visit_on", "op": "ago", "value": 180},
            {"field": "paid_total", "op": "lte", "value": "1999.50"},
        ]
    }
    assert segments.plain(segments.parse(tree)) == tree


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        ([], "一组"),
        ({"all": "x"}, "一列条件"),
        ({"all": [], "any": []}, "一列条件"),
        ({"not": {"all": []}, "x": 1}, "不能与别的"),
        ({"field": "name", "op": "eq", "value": 1}, "没有「name」"),
        ({"field": "visits", "op": "in", "value": ["1"]}, "不能用"),
        ({"field": "visits", "op": "gte", "value": "二"}, "填一个数字"),
        ({"field": "visits", "op": "gte", "value": True}, "填一个数字"),
        ({"field": "visits", "op": "gte", "value": "1e400"}, "填一个数字"),
        ({"field": "last_visit_on", "op": "ago", "value": -1}, "0 到"),
        ({"field": "last_visit_on", "op": "ago", "value": 1.5}, "0 到"),
        ({"field": "source", "op": "in", "value": []}, "至少一项"),
        ({"field": "source", "op": "in", "value": ["𠮷"]}, "没有「𠮷」"),
        ({"field": "is_vip", "op": "yes", "value": 1}, "不需要值"),
        ({"field": "visits", "op": "gte", "value": 1, "sql": "1=1"}, "不认识"),
        ({"not": {"all": [{"all": [{"all": [{"all": [{"all": [{"all": []}]}]}]}]}]}}, "嵌套"),
        ({"all": [{"field": "is_vip", "op": "yes"}] * 61}, "最多 60 条"),
    ],
)
def test_what_is_unknown_is_refused_with_its_place(tree: Any, words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        segments.parse(tree)


@pytest.mark.parametrize(
    ("test", "facts", "holds"),
    [
        ({"field": "visits", "op": "gte", "value": 2}, {"visits": 2}, True),
        ({"field": "visits", "op": "lte", "value": 1.5}, {"visits": 2}, False),
        ({"field": "score", "op": "lte", "value": 6}, {"score": None}, False),
        ({"field": "score", "op": "empty"}, {"score": None}, True),
        ({"field": "last_visit_on", "op": "last", "value": 0}, {"last_visit_on": ON}, True),
        ({"field": "last_visit_on", "op": "last", "value": 5}, {"last_visit_on": date(2026, 6, 10)}, False),
        ({"field": "last_visit_on", "op": "ago", "value": 6}, {"last_visit_on": date(2026, 6, 10)}, False),
        ({"field": "last_visit_on", "op": "ago", "value": 5}, {"last_visit_on": date(2026, 6, 10)}, True),
        ({"field": "coming_on", "op": "next", "value": 3}, {"coming_on": date(2026, 6, 19)}, True),
        ({"field": "tags", "op": "tagged", "value": ["a"]}, {"tags": {"a", "b"}}, True),
        ({"field": "tags", "op": "untagged", "value": ["a"]}, {"tags": set()}, True),
        ({"not": {"field": "score", "op": "gte", "value": 1}}, {"score": None}, True),
        ({"any": []}, {}, True),
        ({"not": {"all": []}}, {}, False),
    ],
)
def test_what_holds(test: Any, facts: dict[str, Any], holds: bool) -> None:
    assert segments.holds(segments.parse(test), facts, on=ON) is holds


def test_nobody_is_chosen_for_advertisements_by_her_health() -> None:
    node = segments.parse({"any": [{"field": "injection_on", "op": "ago", "value": 120}]})
    segments.check_use(node, SegmentUse.CARE)
    with pytest.raises(RuleBroken, match="最近注射日期"):
        segments.check_use(node, SegmentUse.MARKETING)


def test_the_reasons_stand_in_the_order_of_the_tree() -> None:
    tree = {"all": [{"field": "visits", "op": "gte", "value": 2}, {"not": {"field": "is_vip", "op": "yes"}}]}
    lines = segments.explain(segments.parse(tree), {"visits": 1, "is_vip": True}, on=ON)
    assert [(line.text, line.holds, line.depth) for line in lines] == [
        ("以下全部满足", False, 0),
        ("到诊次数 不少于 2 次", False, 1),
        ("以下不满足", False, 1),
        ("VIP 是", True, 2),
    ]


def test_what_is_health_in_the_profile_is_sensitive_in_the_rules() -> None:
    from yimei.growth.models import Profile

    assert {code for code, spec in FIELDS.items() if spec.is_sensitive} == Profile.PRIVACY["health"]


@pytest.mark.parametrize(
    ("age", "times", "total", "name"),
    [
        (180, 1, 100, "new"),
        (180, 2, 100, "loyal"),
        (180, 3, 100, "champion"),
        (181, 1, 20_000, "risk"),
        (730, 1, 20_000, "risk"),
        (731, 9, 99_999, "asleep"),
        (365, 2, 100, "loyal"),
        (181, 1, 100, "asleep"),
        (1, 0, 0, "none"),
    ],
)
def test_rfm_layers(age: int, times: int, total: int, name: str) -> None:
    from datetime import timedelta
    from decimal import Decimal

    paid = ON - timedelta(days=age)
    assert rfm.layer(paid, times, Decimal(total), on=ON, steps=rfm.Steps()) == name
