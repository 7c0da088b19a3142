"""Merging two texts, budgets in words, options in order, implants whole, capacity by more than age."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from yimei.core.errors import RuleBroken
from yimei.journey.queries import cooling
from yimei.journey.rules import merge, plans
from yimei.journey.rules.merge import Change
from yimei.people.rules import capacity
from yimei.people.rules.capacity import Capacity

GROUPS = {"risks": ("risks",), "sites": ("sites",), "implants": ("a", "b")}
BASE = {"risks": "出血", "sites": "双侧", "a": "硅胶", "b": ""}


@pytest.mark.parametrize(
    ("theirs", "mine", "expected"),
    [
        ({}, {}, []),
        ({"risks": "感染"}, {}, [("risks", Change.THEIRS)]),
        ({}, {"risks": "感染"}, [("risks", Change.MINE)]),
        ({"risks": "感染"}, {"risks": "瘢痕"}, [("risks", Change.BOTH)]),
        ({"risks": "感染"}, {"risks": "感染"}, []),
        ({"risks": "感染"}, {"sites": "左侧"}, [("risks", Change.THEIRS), ("sites", Change.MINE)]),
        ({"a": "膨体"}, {"b": "310"}, [("implants", Change.BOTH)]),
        ({}, {"risks": "出血\r\n"}, []),
    ],
)
def test_each_group_is_compared_with_what_was_there(
    theirs: dict[str, str], mine: dict[str, str], expected: list[tuple[str, Change]]
) -> None:
    rows = merge.three_way(GROUPS, base=BASE, theirs=BASE | theirs, mine=BASE | mine)
    assert [(row.group, row.change) for row in rows] == expected


@pytest.mark.parametrize(
    ("who", "told", "said"),
    [
        (Capacity.FULL, {}, ""),
        (Capacity.FULL, {"is_spoken": True}, ""),
        (Capacity.LIMITED, {}, "不能口头选定"),
        (Capacity.LIMITED, {"is_spoken": True, "is_signed": True, "has_guardian": True}, "不能口头选定"),
        (Capacity.LIMITED, {"is_signed": True}, "哪一位监护人"),
        (Capacity.LIMITED, {"is_signed": True, "has_guardian": True, "words": " "}, "本人的意愿"),
        (Capacity.LIMITED, {"is_signed": True, "has_guardian": True, "words": "我也想"}, ""),
        (Capacity.NONE, {"is_signed": True}, "哪一位监护人"),
        (Capacity.NONE, {"has_guardian": True}, "不能口头选定"),
        (Capacity.NONE, {"is_signed": True, "has_guardian": True}, ""),
    ],
)
def test_who_may_not_decide_alone_is_decided_for_by_a_signature(
    who: Capacity, told: dict[str, Any], said: str
) -> None:
    facts: dict[str, Any] = {"is_signed": False, "has_guardian": False, "words": ""} | told
    if not said:
        plans.check_chooser(who, **facts)
        return
    with pytest.raises(RuleBroken, match=said):
        plans.check_chooser(who, **facts)


def test_taking_their_group_takes_all_its_fields_and_no_other() -> None:
    mine, theirs = BASE | {"risks": "我"}, BASE | {"risks": "他", "a": "膨体", "b": "310"}
    taken = merge.take(GROUPS, ["implants"], theirs=theirs, mine=mine)
    assert taken == {"risks": "我", "sites": "双侧", "a": "膨体", "b": "310"}


@pytest.mark.parametrize(
    ("said", "sum_of"),
    [
        ("", None),
        ("看方案", None),
        ("一万左右", "10000"),
        ("两万以内", "20000"),
        ("2 万以内", "20000"),
        ("1.5万", "15000"),
        ("三五千", "5000"),
        ("15,000", "15000"),
        ("10000-15000 元", "15000"),
        ("十二万", "120000"),
        ("二十万", "200000"),
        ("8k", "8000"),
        ("3 个月后再说", None),
    ],
)
def test_a_budget_is_read_as_people_say_it(said: str, sum_of: str | None) -> None:
    assert plans.read_budget(said) == (Decimal(sum_of) if sum_of else None)


def test_nobody_chooses_above_her_budget_untold() -> None:
    plans.check_budget(Decimal(100), None, is_told=False)
    plans.check_budget(Decimal(100), Decimal(100), is_told=False)
    plans.check_budget(Decimal(101), Decimal(100), is_told=True)
    with pytest.raises(RuleBroken, match="超出客户说过的预算"):
        plans.check_budget(Decimal(101), Decimal(100), is_told=False)


def test_options_are_opened_in_their_order() -> None:
    for known, letter in ((set(), "A"), ({"A"}, "A"), ({"A"}, "B"), ({"A", "B"}, "C")):
        plans.check_option(letter, known=known)
    for known, letter in ((set(), "B"), ({"A"}, "C"), ({"A", "B", "C"}, "D"), ({"A"}, "")):
        with pytest.raises(RuleBroken, match="依次"):
            plans.check_option(letter, known=known)


def test_an_implant_is_whole_or_not_at_all() -> None:
    whole = {"name": "假体", "maker": "甲厂", "model": "圆形", "size": "300 cc", "count": "2"}
    plans.check_implants([whole])
    assert plans.implant_lines([whole]) == ["假体 甲厂 圆形 300 cc × 2"]
    with pytest.raises(RuleBroken, match="厂家、规格"):
        plans.check_implants([whole | {"maker": " ", "size": ""}])


BORN = date(2008, 6, 16)


@pytest.mark.parametrize(
    ("on", "limited", "income", "expected"),
    [
        (date(2024, 6, 15), False, True, "limited"),
        (date(2024, 6, 16), False, True, "full"),
        (date(2024, 6, 16), False, False, "limited"),
        (date(2024, 6, 16), True, True, "limited"),
        (date(2026, 6, 15), False, False, "limited"),
        (date(2026, 6, 16), False, False, "full"),
        (date(2026, 6, 16), True, False, "limited"),
    ],
)
def test_capacity_follows_age_and_what_was_found(
    on: date, limited: bool, income: bool, expected: str
) -> None:
    assert capacity.capacity_of(BORN, on, is_limited=limited, has_own_income=income) == expected


def test_an_unknown_birth_date_is_no_ground_for_the_exception() -> None:
    on = date(2026, 6, 16)
    assert capacity.capacity_of(None, on, is_limited=False, has_own_income=True) == "limited"
    for is_own_income, born in (
        (True, None),
        (True, date(2011, 1, 1)),
        (True, BORN),
        (False, date(2010, 1, 1)),
    ):
        with pytest.raises(RuleBroken):
            capacity.check_finding(is_own_income=is_own_income, birth_date=born, on=on)
    capacity.check_finding(is_own_income=True, birth_date=BORN, on=date(2026, 6, 15))
    capacity.check_finding(is_own_income=False, birth_date=BORN, on=on)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("grade", "minor", "expected"), [(0, True, 0), (1, False, 0), (1, True, 7), (3, False, 3), (4, True, 14)]
)
def test_days_to_think_again_grow_with_grade_and_with_a_guardian(
    grade: int, minor: bool, expected: int
) -> None:
    assert cooling.days(grade, minor=minor, on=date(2026, 6, 16)) == expected
