"""What a file of rules must hold, and what a new one says it changes."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import yaml

from yimei.core.errors import RuleBroken
from yimei.privacy.queries.packs import SHIPPED, shipped
from yimei.privacy.rules.packs import MAX_BYTES, compare, keeps_own, read_pack


def file(*rules: dict[str, Any], **head: Any) -> bytes:
    body = {"code": "cn", "version": "2", "title": "中国", "profile": "cn", "rules": list(rules), **head}
    return yaml.safe_dump(body, allow_unicode=True).encode()


def rule(code: str = "B-4", **values: Any) -> dict[str, Any]:
    made = {
        "id": code,
        "law": "报告管理办法",
        "article": "第四条",
        "title": "四小时",
        "what": "较大以上事件四小时内报告。",
        "source": "公告",
        "mark": "secondary",
        "effective_from": date(2025, 11, 1),
        "numbers": [{"code": "breach.ordinary_hours", "name": "期限", "value": 4, "unit": "hours"}],
    }
    return made | values


@pytest.mark.parametrize("name", SHIPPED)
def test_what_ships_can_be_read_and_says_how_far_it_was_checked(name: str) -> None:
    pack = shipped(name)
    assert pack.profile == name
    assert all(each.source and each.mark for each in pack.rules)
    day, first = timedelta(days=1), pack.rules[0]
    last = first.effective_from + 9 * day
    ends = replace(first, effective_to=last)
    days = (first.effective_from - day, first.effective_from, last, last + day)
    assert [ends.in_force(on) for on in days] == [False, True, True, False]


def test_no_number_has_two_owners() -> None:
    codes = [number.code for name in SHIPPED for each in shipped(name).rules for number in each.numbers]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xff\xfe", "YAML"),
        (b"rules: [unclosed", "YAML"),
        (b"- 1", "code"),
        (b"a: &x [1]\nb: *x", "锚"),
        (b"x" * (MAX_BYTES + 1), "400 KB"),
        (file(), "1 至"),
        (file(rule(), profile="uk"), "profile"),
        (file(rule(), rule()), "重复：B-4"),
        (file(rule(mark="sure")), "mark"),
        (file(rule(effective_from="soon")), "日期"),
        (file(rule(effective_to=date(2020, 1, 1))), "早于"),
        (file(rule(numbers=[{"code": "x", "name": "y", "value": -1, "unit": "hours"}])), "整数"),
        (file(rule(numbers=[{"code": "x", "name": "y", "value": True, "unit": "hours"}])), "整数"),
        (file(rule(numbers=[{"code": "x", "name": "y", "value": 1, "unit": "moons"}])), "单位"),
        (file(rule(refs={"secrets": []})), "refs"),
        (file(rule(what="")), "what"),
        (file(rule(what="𠮷" * 501)), "what"),
        (file(rule(title="a\0b")), "title"),
    ],
)
def test_a_lying_file_is_refused_with_its_place(data: bytes, says: str) -> None:
    with pytest.raises(RuleBroken, match=says):
        read_pack(data)


def test_the_list_names_what_is_new_changed_gone_and_which_number_moved() -> None:
    old = read_pack(file(rule(), rule("B-5", numbers=[]), rule("B-6", numbers=[]))).rules
    fewer = [{"code": "breach.ordinary_hours", "name": "期限", "value": 2, "unit": "hours"}]
    new = read_pack(
        file(rule(numbers=fewer), rule("B-5", what="改了。", numbers=[]), rule("B-9", numbers=[]))
    ).rules
    found = [(one.kind, one.code) for one in compare(old, new)]
    assert found == [("added", "B-9"), ("changed", "B-5"), ("number", "B-4"), ("removed", "B-6")]
    moved = next(one for one in compare(old, new) if one.kind == "number")
    assert (moved.before, moved.after) == ("4 小时", "2 小时")


def test_the_same_pack_changes_nothing() -> None:
    rules = shipped("cn").rules
    assert compare(rules, rules) == []


@pytest.mark.parametrize(
    ("shipped_value", "held", "own"), [(4, 4, False), (4, 3, True), (None, 3, False), (4, None, False)]
)
def test_a_number_that_the_hospital_set_is_its_own(
    shipped_value: int | None, held: int | None, own: bool
) -> None:
    assert keeps_own(shipped=shipped_value, in_force=held) is own
