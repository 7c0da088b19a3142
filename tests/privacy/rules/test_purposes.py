"""What a purpose must say, and when it has become another one."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from yimei.core.errors import RuleBroken
from yimei.privacy.models import Purpose
from yimei.privacy.rules import purposes

WHOLE: dict[str, Any] = {
    "name": "人脸排队",
    "description": "用您的面部影像在到院时核对身份。",
    "basis": "consent",
    "mode": "separate",
    "article": "《个人信息保护法》第二十九条",
    "triggers": ["automated"],
}


DAY, SHUT = date(2026, 6, 30), datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("is_active", "assess_by", "closed_at", "is_now"),
    [
        (True, None, None, "live"),
        (True, DAY, None, "waits"),
        (True, DAY, SHUT, "closed"),
        (False, None, None, "off"),
        (False, DAY, None, "off"),
        (False, DAY, SHUT, "off"),
    ],
)
def test_a_purpose_stands_in_one_of_four_ways(
    is_active: bool, assess_by: date | None, closed_at: datetime | None, is_now: str
) -> None:
    assert purposes.standing(is_active=is_active, assess_by=assess_by, closed_at=closed_at) == is_now
    row = Purpose(is_active=is_active, assess_by=assess_by, closed_at=closed_at)
    assert (row.standing, row.is_in_force) == (is_now, is_now in {"live", "waits"})


def test_a_whole_purpose_passes() -> None:
    purposes.check(WHOLE)
    purposes.check({**WHOLE, "basis": "contract", "mode": "", "triggers": []})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": " "}, "名称"),
        ({"description": "短"}, "至少 10 个字"),
        ({"article": ""}, "依据的条款"),
    ],
)
def test_a_purpose_that_says_too_little_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(RuleBroken) as caught:
        purposes.check({**WHOLE, **changes})
    assert [says in one.what for one in caught.value.missing] == [True]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"basis": "duty"}, "不写同意方式"),
        ({"triggers": ["new"]}, "没有这种情形"),
        ({"triggers": ["abroad"], "mode": "general"}, "单独同意"),
        ({"triggers": ["share"], "mode": "general"}, "单独同意"),
    ],
)
def test_a_ground_that_the_law_does_not_know_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(RuleBroken, match=says):
        purposes.check({**WHOLE, **changes})


@pytest.mark.parametrize("code", ["人脸", "1a", "a", "../x", "x" * 41])
def test_a_code_is_a_plain_word(code: str) -> None:
    with pytest.raises(RuleBroken):
        purposes.check_code(code)
    assert purposes.check_code(" Face.Queue ") == "face.queue"


@pytest.mark.parametrize(
    ("changed", "only_words", "is_material"),
    [
        (["name"], False, False),
        (["retention", "article"], False, False),
        (["description"], False, True),
        (["description"], True, False),
        (["description", "basis"], True, True),
        (["triggers"], True, True),
        (["is_sensitive"], True, True),
        (["mode"], True, True),
    ],
)
def test_what_makes_it_another_processing(changed: list[str], only_words: bool, is_material: bool) -> None:
    assert purposes.is_material(changed, only_words=only_words) is is_material
