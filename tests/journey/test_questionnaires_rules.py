"""Questionnaires as data: what is refused, which question is asked, what an answer is, what it comes to."""

import json
from copy import deepcopy
from datetime import date
from decimal import Decimal
from importlib import resources
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.core.errors import RuleBroken
from yimei.journey.rules import questionnaires as rules
from yimei.journey.rules.stops import READ

TODAY = date(2026, 6, 16)
SHIPPED = {
    path.name.removesuffix(".json"): json.loads(path.read_text(encoding="utf-8"))
    for path in (resources.files("yimei.journey") / "data" / "questionnaires").iterdir()
}
SMALL: dict[str, Any] = {
    "code": "small",
    "title": {"zh": "小问卷", "en": "Small"},
    "sections": [
        {
            "title": "一",
            "questions": [
                {"id": "smokes", "kind": "yes_no", "label": {"zh": "吸烟吗", "en": "Do you smoke?"}},
                {
                    "id": "many",
                    "kind": "number",
                    "label": "几支",
                    "min": 1,
                    "max": 60,
                    "unit": "支",
                    "show_if": {"question": "smokes", "is": ["yes"]},
                },
                {
                    "id": "heavy",
                    "kind": "text",
                    "label": "想戒吗",
                    "show_if": {"question": "many", "at_least": 20},
                },
                {
                    "id": "which",
                    "kind": "multi",
                    "label": "哪些",
                    "options": [
                        {"value": "a", "label": "甲", "points": 1},
                        {"value": "b", "label": "乙", "points": 2},
                        {"value": "none", "label": "无", "alone": True},
                    ],
                },
                {"id": "much", "kind": "scale", "label": "多大", "min": 0, "max": 4, "required": False},
                {"id": "day", "kind": "date", "label": "哪天", "required": False},
                {"id": "sign", "kind": "signature", "label": "签名"},
            ],
        }
    ],
    "scores": [
        {
            "id": "total",
            "label": "合计",
            "items": ["which", "much"],
            "bands": [{"upto": 2, "label": "低", "tone": "good"}, {"label": "高", "tone": "danger"}],
        }
    ],
}
WHOLE = {"smokes": ["no"], "which": ["a", "b"], "much": ["3"]}


def small(**changes: Any) -> dict[str, Any]:
    return deepcopy(SMALL) | changes


def read(raw: dict[str, list[str]], *, signed: bool = True) -> rules.Reading:
    return rules.read(rules.read_definition(SMALL), raw, today=TODAY, is_signed=signed)


@pytest.mark.parametrize("code", sorted(SHIPPED))
def test_what_ships_is_sound_and_whole_in_both_languages(code: str) -> None:
    definition = rules.read_definition(SHIPPED[code])
    assert definition.code == code
    words = [definition.title, definition.intro, *(question.label for question in definition.questions)]
    words += [option.label for question in definition.questions for option in question.options]
    assert all(each.zh and each.en for each in words)
    assert definition.signature is not None
    assert "待临床确认" in definition.source


def test_the_body_image_screening_asks_for_a_decision_at_its_limit_and_not_below() -> None:
    definition = rules.read_definition(SHIPPED["body-image"])
    calm = {"preoccupied": ["no"], "times": ["0"], "hope": ["looks"], "dark": ["no"]}
    marked = calm | {
        "preoccupied": ["yes"],
        "part": ["鼻"],
        "hours": ["some"],
        "distress": ["2"],
        "life": ["2"],
        "rituals": ["2"],
        "others_see": ["slight"],
    }
    assert definition.referral is not None
    for raw, expected in (
        (calm, False),
        (marked | {"rituals": ["1"]}, False),
        (marked, True),
        (calm | {"dark": ["yes"]}, True),
    ):
        reading = rules.read(definition, raw, today=TODAY, is_signed=True)
        assert reading.is_complete, reading.errors
        scores = {one.score.code: one.value for one in rules.score_all(definition, reading.values)}
        assert rules.holds(definition.referral.when, reading.values, scores) is expected, scores


def question(index: int, **values: Any) -> dict[str, Any]:
    changed = small()
    changed["sections"][0]["questions"][index] |= values
    return changed


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "应是一个对象"),
        (small(code="大"), "编号"),
        (small(extra=1), "不认识的键 extra"),
        (small(sections=[]), "1 到 30 项"),
        (question(1, show_if={"question": "heavy", "is": ["x"]}), "只能引用前面的问题"),
        (question(1, show_if={"question": "many", "at_least": 1}), "只能引用前面的问题"),
        (question(1, show_if={"question": "smokes", "is": ["maybe"]}), "没有选项"),
        (question(1, show_if={"question": "smokes"}), "一种判断"),
        (
            question(
                1, show_if={"all": [{"all": [{"all": [{"all": [{"question": "smokes", "is": ["yes"]}]}]}]}]}
            ),
            "嵌套过深",
        ),
        (question(1, min=9, max=9), "min 小于 max"),
        (question(1, min="x"), "应是一个数"),
        (question(1, id="smokes"), "编号重复"),
        (question(3, options=[{"value": "a", "label": "甲"}]), "2 到 40 项"),
        (question(4, max=30), "量表是整数，最多 11 档"),
        (question(6, required=False), "签名不能有条件，也不能选填"),
        (question(0, kind="video"), "不认识的题型"),
        (question(0, label=""), "缺少中文"),
        (small(scores=[{"id": "s", "label": "甲", "items": ["nobody"]}]), "没有这些问题"),
        (small(scores=[{"id": "s", "label": "甲", "items": ["day"]}]), "没有分值"),
        (
            small(
                scores=[
                    {"id": "s", "label": "甲", "items": ["much"], "bands": [{"label": "低"}, {"label": "高"}]}
                ]
            ),
            "上限 upto",
        ),
        (
            small(alerts=[{"when": {"score": "none", "at_least": 1}, "kind": "allergy", "text": "甲"}]),
            "没有这个分数",
        ),
        (
            small(
                alerts=[{"when": {"question": "smokes", "is": ["yes"]}, "kind": "allergy", "text": "{who}"}]
            ),
            "没有这些问题",
        ),
        (small(licence={"name": "X", "owner": "Y"}), "授权编号"),
    ],
)
def test_a_definition_that_cannot_be_asked_is_refused_in_words(data: Any, said: str) -> None:
    with pytest.raises(RuleBroken, match=said):
        rules.read_definition(data)


def test_what_an_earlier_answer_hides_is_not_asked_and_not_kept() -> None:
    reading = read(WHOLE | {"many": ["30"], "heavy": ["想"]})
    assert reading.is_complete
    assert set(reading.values) == {"smokes", "which", "much", "sign"}
    assert "many" not in reading.raw
    assert "heavy" not in reading.raw


def test_a_branch_hangs_on_a_branch() -> None:
    reading = read(WHOLE | {"smokes": ["yes"], "many": ["20"]})
    assert reading.errors == {"heavy": "请填写。"}
    assert read(WHOLE | {"smokes": ["yes"], "many": ["19"]}).is_complete


@pytest.mark.parametrize(
    ("changes", "where", "said"),
    [
        ({"smokes": ["perhaps"]}, "smokes", "「是」或「否」"),
        ({"smokes": []}, "smokes", "请作答"),
        ({"smokes": ["yes"], "many": ["0"]}, "many", "1 到 60"),
        ({"smokes": ["yes"], "many": ["NaN"]}, "many", "1 到 60"),
        ({"smokes": ["yes"], "many": ["很多"]}, "many", "请填数字"),
        ({"smokes": ["yes"], "many": ["2.5"]}, "many", "请填整数"),
        ({"which": ["a", "none"]}, "which", "不能与其他选项"),
        ({"which": ["a", "z"]}, "which", "从选项里选"),
        ({"much": ["5"]}, "much", "量表"),
        ({"much": ["²"]}, "much", "量表"),
        ({"day": ["2026-06-17"]}, "day", "今天或之前"),
        ({"day": ["1899-12-31"]}, "day", "今天或之前"),
        ({"day": ["昨天"]}, "day", "请填日期"),
        ({"smokes": ["yes"], "many": ["20"], "heavy": ["字" * 2001]}, "heavy", "最多 2000"),
    ],
)
def test_an_answer_that_is_none_is_refused_beside_its_question(
    changes: dict[str, list[str]], where: str, said: str
) -> None:
    reading = read(WHOLE | changes)
    assert said in reading.errors[where]
    assert where not in reading.values


def test_without_the_signature_nothing_is_complete() -> None:
    assert read(WHOLE, signed=False).errors == {"sign": "请签名。"}


def test_scores_add_points_and_name_their_band() -> None:
    definition = rules.read_definition(SMALL)
    (scored,) = rules.score_all(definition, read(WHOLE).values)
    assert scored.value == Decimal(6)
    assert scored.band is not None
    assert (str(scored.band.label), scored.band.tone) == ("高", "danger")


def test_a_licensed_table_turns_the_raw_sum_into_the_published_number() -> None:
    scores = [{"id": "s", "label": "甲", "items": ["much"], "table": {"3": "61.5"}}]
    definition = rules.read_definition(small(scores=scores))
    assert rules.score_all(definition, {"much": "3"})[0].value == Decimal("61.5")
    assert rules.score_all(definition, {"much": "2"})[0].value is None


def test_a_question_of_one_sex_is_not_asked_of_the_other() -> None:
    definition = rules.read_definition(question(5, sex="F"))
    assert [one.code for one in definition.for_sex("M").questions].count("day") == 0
    assert [one.code for one in definition.for_sex("F").questions].count("day") == 1
    assert [one.code for one in definition.for_sex("").questions].count("day") == 1


def test_it_speaks_the_language_of_its_reader() -> None:
    label = rules.read_definition(SMALL).questions[0].label
    with translation.override("en"):
        assert str(label) == "Do you smoke?"
    assert str(label) == "吸烟吗"


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["smokes", "many", "heavy", "which", "much", "day", "nobody"]),
        st.lists(st.text(max_size=8), max_size=3),
    )
)
def test_whatever_is_posted_is_read_and_only_asked_questions_have_answers(raw: dict[str, list[str]]) -> None:
    reading = read(raw)
    asked = {each.code for each in reading.asked}
    assert set(reading.values) <= asked
    assert set(reading.raw) <= asked
    assert set(reading.errors) <= asked


# ---- what each question is asked for -----------------------------------------------------------------


def tied(*purposes: str, at: int = 5, **changes: Any) -> rules.Definition:
    """The small questionnaire, every question for care and one of them for something else."""
    data = deepcopy(SMALL) | changes
    for index, one in enumerate(data["sections"][0]["questions"]):
        if one["kind"] != "signature":
            one["purposes"] = list(purposes) if index == at else ["care.health"]
    return rules.read_definition(data)


def checked(definition: rules.Definition, *watched: str) -> None:
    rules.check_purposes(
        definition,
        known=("care.health", "survey", "research"),
        lasting=("care.health",),
        watched=watched,
    )


def test_what_no_purpose_in_force_needs_is_not_asked_and_a_forged_answer_not_read() -> None:
    definition = tied("survey", "research")
    left = definition.for_purposes({"care.health"})
    assert [one.code for one in definition.questions if one not in left.questions] == ["day"]
    reading = rules.read(left, {"smokes": ["no"], "which": ["a"], "day": ["2026-01-01"]}, today=TODAY)
    assert "day" not in {**reading.values, **reading.raw}
    assert definition.for_purposes({"care.health", "research"}).questions == definition.questions


def test_a_signature_alone_is_no_questionnaire() -> None:
    assert tied("survey").for_purposes(set()).sections == ()


@pytest.mark.parametrize("code", sorted(SHIPPED))
def test_each_question_that_ships_says_what_for(code: str) -> None:
    checked(rules.read_definition(SHIPPED[code]), *READ)


def test_a_version_says_what_each_question_is_for_and_nothing_strange() -> None:
    with pytest.raises(RuleBroken, match=r"smokes.*每一题都要写明"):
        checked(rules.read_definition(SMALL))
    with pytest.raises(RuleBroken, match=r"day.*不能服务于这些目的：marketing"):
        checked(tied("care.health", "marketing"))
    with pytest.raises(RuleBroken, match="不认识的目的"):
        tied("Care Health")
    checked(tied("survey"))


@pytest.mark.parametrize(
    ("at", "changes", "watched"),
    [
        (3, {"scores": [{"id": "s", "label": "分", "items": ["which"], "bands": []}]}, ()),
        (
            4,
            {
                "alerts": [
                    {"when": {"question": "much", "at_least": 3}, "kind": "other", "text": "注意"},
                ]
            },
            (),
        ),
        (5, {"referral": {"code": "r", "when": {"question": "day", "answered": True}, "text": "转"}}, ()),
        (2, {}, ("heavy",)),
        (0, {}, ("heavy",)),
    ],
    ids=["score", "flag", "referral", "stop rule", "the question that a stop rule hangs on"],
)
def test_what_safety_stands_on_cannot_be_stopped(at: int, changes: Any, watched: Any) -> None:
    checked(tied("survey", "care.health", at=at, **changes), *watched)
    with pytest.raises(RuleBroken, match="须服务于诊疗"):
        checked(tied("survey", at=at, **changes), *watched)
