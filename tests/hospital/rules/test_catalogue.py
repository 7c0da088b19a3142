import pytest
from hypothesis import given
from hypothesis import strategies as st

from yimei.hospital.enums import Anaesthesia, Category, Grade, InstitutionKind
from yimei.hospital.rules.catalogue import (
    Condition,
    Profile,
    Requirement,
    advice_codes,
    max_grade,
    may_perform,
    missing_grade,
    required_codes,
    room_minutes,
)

EYE = Profile(category=Category.EYE, grade=Grade.ONE, anaesthesia=Anaesthesia.LOCAL)
BREAST = Profile(category=Category.BREAST, grade=Grade.TWO, anaesthesia=Anaesthesia.GENERAL)
LASER = Profile(category=Category.LASER, grade=Grade.NONE, anaesthesia=Anaesthesia.TOPICAL)

SURGERY = Requirement(when=(Condition(from_grade=Grade.ONE),), codes=("blood", "heart"))
DEEP = Requirement(
    when=(
        Condition(from_grade=Grade.TWO),
        Condition(anaesthesias=frozenset({Anaesthesia.SEDATION, Anaesthesia.GENERAL})),
    ),
    codes=("chest", "heart"),
)
BREASTS = Requirement(when=(Condition(categories=frozenset({Category.BREAST})),), codes=("ultrasound",))


@pytest.mark.parametrize(
    ("kind", "highest"),
    [
        (InstitutionKind.CLINIC, Grade.ONE),
        (InstitutionKind.OUTPATIENT, Grade.TWO),
        (InstitutionKind.HOSPITAL, Grade.THREE),
        (InstitutionKind.SPECIALIST, Grade.FOUR),
    ],
)
def test_each_kind_of_institution_has_its_ceiling(kind: InstitutionKind, highest: Grade) -> None:
    assert [grade for grade in Grade if may_perform(grade, kind=kind)] == [
        grade for grade in Grade if grade <= highest
    ]


@given(st.sampled_from(InstitutionKind), st.sampled_from(Grade), st.sampled_from(Grade))
def test_a_campus_may_narrow_its_ceiling_and_never_widen_it(
    kind: InstitutionKind, narrowed: Grade, grade: Grade
) -> None:
    assert max_grade(kind, narrowed_to=narrowed) <= min(max_grade(kind), narrowed)
    assert may_perform(Grade.NONE, kind=kind, narrowed_to=narrowed)
    allowed = may_perform(grade, kind=kind, narrowed_to=narrowed)
    assert allowed == (missing_grade(grade, kind=kind, narrowed_to=narrowed) == [])
    assert not allowed or may_perform(grade, kind=kind)


def test_a_refused_grade_says_which_and_which_rule_asks() -> None:
    (missing,) = missing_grade(Grade.FOUR, kind=InstitutionKind.SPECIALIST, narrowed_to=Grade.TWO)
    assert "二级" in missing.what
    assert "四级" in missing.what
    assert "分级管理目录" in missing.why


def test_a_room_is_taken_from_getting_ready_to_cleared_away() -> None:
    assert room_minutes(setup=10, operation=75, turnover=20) == 105


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (EYE, ["blood", "heart"]),
        (BREAST, ["blood", "heart", "chest", "ultrasound"]),
        (LASER, []),
    ],
)
def test_a_procedure_needs_the_codes_of_each_class_it_belongs_to_once(
    profile: Profile, expected: list[str]
) -> None:
    assert required_codes(profile, [SURGERY, DEEP, BREASTS]) == expected


def test_a_condition_without_limits_covers_everything() -> None:
    assert all(Condition().covers(profile) for profile in (EYE, BREAST, LASER))


def test_the_sheet_of_the_category_comes_before_the_general_one() -> None:
    assert advice_codes(Category.FACE_BONE) == ("advice-face-bone", "advice-general")
