"""The reference data that ships is whole, marked by how well it is supported, and says only what it may."""

import re
from datetime import date, timedelta
from typing import Any

import chinese_calendar
import pytest

from yimei.hospital import enums
from yimei.hospital.actions.reference import expand, read, requirements
from yimei.hospital.enums import (
    Anaesthesia,
    Category,
    DayKind,
    Evidence,
    Field,
    FormKind,
    Grade,
    StepKind,
)
from yimei.hospital.rules.calendar import is_workday
from yimei.hospital.rules.catalogue import Profile, required_codes

PROCEDURES = read("procedures")["procedures"]
TESTS = {item["code"]: item for item in read("tests")["items"]}
FORMS = {form["code"]: form for form in read("forms")["forms"]}
COMMON = read("forms")["common"]
TEMPLATES = read("aftercare")["templates"]

SURGICAL_FORMS = [code for code, form in FORMS.items() if form["kind"] == FormKind.SURGERY]


def text_of(code: str) -> str:
    sections = expand(FORMS[code]["sections"], COMMON)
    return "\n".join(line for section in sections for line in [section["title"], *section["paragraphs"]])


def codes_asked_by(name: str) -> set[str]:
    return {code for row in read(name)["requirements"] for code in row["codes"]}


def test_the_catalogue_holds_every_kind_of_procedure_once() -> None:
    codes = [item["code"] for item in PROCEDURES]
    assert len(codes) == len(set(codes)) >= 20
    assert {item["category"] for item in PROCEDURES} == set(Category) - {Category.OTHER}
    assert {item["grade"] for item in PROCEDURES} == set(Grade)


@pytest.mark.parametrize("item", PROCEDURES, ids=lambda item: str(item["code"]))
def test_a_procedure_is_complete_and_waits_for_a_clinician(item: dict[str, Any]) -> None:
    assert item["field"] in Field
    assert item["anaesthesia"] in Anaesthesia
    assert 0 < item["minutes_p50"] <= item["minutes_p90"]
    assert item["evidence"] == Evidence.UNVERIFIED
    assert item["source"]
    assert item["price_source"]
    assert 0 <= float(item["deposit"]) < float(item["price"])
    assert item["aftercare"] in TEMPLATES


@pytest.mark.parametrize("item", PROCEDURES, ids=lambda item: str(item["code"]))
def test_grade_and_anaesthesia_agree(item: dict[str, Any]) -> None:
    """Level two starts at sedation, level three at general anaesthesia (220号 principles)."""
    deep = {Anaesthesia.SEDATION, Anaesthesia.GENERAL}
    if item["grade"] == Grade.NONE:
        assert item["anaesthesia"] == Anaesthesia.TOPICAL
        assert item["recovery_minutes"] == 0
    else:
        assert item["recovery_minutes"] > 0
    if item["grade"] == Grade.TWO:
        assert item["anaesthesia"] in deep
    if item["grade"] > Grade.TWO:
        assert item["anaesthesia"] == Anaesthesia.GENERAL


def test_liposuction_is_graded_by_volume() -> None:
    graded = {item["grade"]: item["name"] for item in PROCEDURES if item["code"].startswith("LIPO")}
    assert [graded[grade] for grade in (1, 2, 3)] == [
        "吸脂（1000 ml 以下）",
        "吸脂（1000 至 2000 ml 以下）",
        "吸脂（2000 至 5000 ml 以下）",
    ]


@pytest.mark.parametrize("item", TESTS.values(), ids=lambda item: str(item["code"]))
def test_a_number_has_a_unit_and_a_range_and_a_finding_its_normal_words(item: dict[str, Any]) -> None:
    if item["kind"] == enums.TestKind.NUMBER:
        assert item["unit"]
        assert float(item["low"]) < float(item["high"])
    else:
        assert item["normal_text"]
    assert item.get("only_sex", "") in {"", "F", "M"}
    assert item["validity_days"] > 0
    assert item.get("evidence", Evidence.UNVERIFIED) != Evidence.OFFICIAL
    assert item["source"]


def test_what_is_asked_for_exists() -> None:
    assert codes_asked_by("tests") == set(TESTS)
    assert codes_asked_by("forms") <= set(FORMS)
    surgical_and_images = {*SURGICAL_FORMS, "image", "anaesthesia-general"}
    assert codes_asked_by("forms") == surgical_and_images


@pytest.mark.parametrize(
    ("grade", "anaesthesia", "expected"),
    [
        (Grade.NONE, Anaesthesia.SEDATION, set()),
        (Grade.ONE, Anaesthesia.LOCAL, {"ECG"}),
        (Grade.ONE, Anaesthesia.SEDATION, {"ECG", "CXR"}),
        (Grade.TWO, Anaesthesia.LOCAL, {"ECG", "CXR"}),
    ],
)
def test_grade_two_or_sedation_asks_for_more_tests(
    grade: Grade, anaesthesia: Anaesthesia, expected: set[str]
) -> None:
    profile = Profile(category=Category.EYE, grade=grade, anaesthesia=anaesthesia)
    assert set(required_codes(profile, requirements("tests"))) & {"ECG", "CXR"} == expected


def test_each_aftercare_template_calls_early_and_asks_for_satisfaction_once() -> None:
    for name, steps in TEMPLATES.items():
        kinds = [StepKind(step["kind"]) for step in steps]
        days = [step["day"] for step in steps]
        assert days == sorted(days), name
        assert min(step["day"] for step in steps if step["kind"] == StepKind.CALL) <= 2, name
        assert kinds.count(StepKind.SURVEY) == 1, name
        assert StepKind.REVIEW in kinds, name
        assert all(step["window_hours"] > 0 for step in steps), name


def test_every_template_belongs_to_a_procedure() -> None:
    assert {item["aftercare"] for item in PROCEDURES} == set(TEMPLATES)


# ---- documents --------------------------------------------------------------------------------


@pytest.mark.parametrize("code", SURGICAL_FORMS)
def test_a_consent_says_everything_that_consent_needs(code: str) -> None:
    titles = [section["title"] for section in expand(FORMS[code]["sections"], COMMON)]
    order = ["告知依据", "禁忌", "风险", "专项风险", "替代", "注意事项", "医院的承诺", "您的承诺"]
    places = [next(i for i, title in enumerate(titles) if word in title) for word in order]
    assert places == sorted(places), titles
    assert "第一千二百一十九条" in text_of(code)
    assert "监护人" in text_of(code)


def test_each_category_has_its_own_consent() -> None:
    expected = {f"consent-{category}".replace("_", "-") for category in Category}
    assert expected == set(SURGICAL_FORMS)


@pytest.mark.parametrize("item", PROCEDURES, ids=lambda item: str(item["code"]))
def test_local_anaesthesia_is_explained_where_no_other_document_does(item: dict[str, Any]) -> None:
    if item["anaesthesia"] == Anaesthesia.LOCAL:
        assert "局部麻醉的说明" in text_of(f"consent-{item['category']}".replace("_", "-"))


def test_no_document_promises_an_effect() -> None:
    promise = re.compile(r"(?<!不)(?<!不能)保证(?!金)|治愈|百分之百|最佳|最先进|无风险|零风险|绝对安全")
    for code in FORMS:
        found = [line for line in text_of(code).split("\n") if promise.search(line)]
        assert all("不能对效果作出保证" in line for line in found), (code, found)


def test_each_use_of_images_is_asked_for_apart_and_publicity_gives_no_consent_by_itself() -> None:
    sections = [section for section in FORMS["image"]["sections"] if "choices" in section]
    assert [[choice["code"] for choice in section["choices"]] for section in sections] == [
        ["care"],
        ["teaching"],
        ["research"],
        ["publicity"],
    ]
    assert all(set(choice) == {"code", "text"} for section in sections for choice in section["choices"])
    assert "不等于同意公开" in text_of("image")
    assert "不影响为您治疗" in text_of("image")


@pytest.mark.parametrize("code", [code for code in FORMS if code.startswith("advice")])
def test_each_advice_says_when_not_to_wait(code: str) -> None:
    assert "立即联系我们或就近急诊" in text_of(code)


# ---- calendar ---------------------------------------------------------------------------------


def test_the_calendar_is_that_of_the_state_council_for_every_day_of_its_years() -> None:
    years = read("calendar")["years"]
    table = {
        date.fromisoformat(day): kind
        for year in years
        for key, kind in (("holidays", DayKind.HOLIDAY), ("workdays", DayKind.WORKDAY))
        for days in year[key].values()
        for day in days
    }
    assert [year["year"] for year in years] == [2024, 2025, 2026]
    day = date(2024, 1, 1)
    while day.year < 2027:
        assert is_workday(day, table) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


def test_each_year_names_its_notice() -> None:
    for year in read("calendar")["years"]:
        assert year["source"].startswith(f"国务院办公厅关于{year['year']}年部分节假日安排的通知")
