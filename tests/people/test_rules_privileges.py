"""Who may be the responsible physician, and who may operate at a grade."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest

from yimei.hospital.enums import Field, Grade
from yimei.people.enums import LicenceKind
from yimei.people.rules import privileges as rules

TODAY = date(2026, 6, 16)


@dataclass(frozen=True)
class Licence:
    kind: str = LicenceKind.PHYSICIAN
    field: str = Field.SURGERY
    practising_since: date = date(2010, 7, 1)
    is_responsible: bool = True
    valid_to: date | None = None


@dataclass(frozen=True)
class Privilege:
    field: str = Field.SURGERY
    max_grade: int = Grade.TWO
    valid_from: date = date(2026, 1, 1)
    valid_to: date = date(2026, 6, 16)
    ended_at: datetime | None = None


def test_what_was_withdrawn_counts_on_no_day() -> None:
    ended = Privilege(ended_at=datetime(2026, 6, 10, tzinfo=UTC))
    asked = {"field": Field.SURGERY, "grade": Grade.TWO, "on": TODAY}
    assert rules.missing_for_grade([Privilege()], **asked) == []
    assert len(rules.missing_for_grade([ended], **asked)) == 1
    leg = rules.legs([Licence()], [ended], **asked)[-1]
    assert (leg.is_met, "2026-06-10" in leg.detail) == (False, True)
    assert rules.legs([Licence()], [ended, Privilege()], **asked)[-1].is_met


@pytest.mark.parametrize(
    ("field", "years"), [(Field.SURGERY, 6), (Field.DENTAL, 5), (Field.DERMATOLOGY, 3), (Field.TCM, 3)]
)
def test_the_years_of_practice_are_full_on_the_anniversary(field: Field, years: int) -> None:
    licence = Licence(field=field, practising_since=date(2026 - years, 6, 16))
    assert rules.missing_for_responsible([licence], field=field, on=TODAY) == []
    [missing] = rules.missing_for_responsible([licence], field=field, on=date(2026, 6, 15))
    assert f"满 {years} 年" in missing.what
    assert missing.why == "《医疗美容服务管理办法》第十一条"


def test_a_licence_counts_on_its_last_day_and_not_after() -> None:
    licence = Licence(valid_to=TODAY)
    assert rules.missing_for_responsible([licence], field=Field.SURGERY, on=TODAY) == []
    [missing] = rules.missing_for_responsible([licence], field=Field.SURGERY, on=date(2026, 6, 17))
    assert "有效期内" in missing.what


def test_every_missing_thing_is_named_at_once() -> None:
    licence = Licence(is_responsible=False, practising_since=date(2024, 1, 1), valid_to=date(2025, 1, 1))
    missing = rules.missing_to_operate([licence], [], field=Field.SURGERY, grade=Grade.THREE, on=TODAY)
    assert [m.what for m in missing] == [
        "有效期内的美容外科执业医师证",
        "美容外科主诊医师备案",
        "从事美容外科满 6 年",
        "美容外科三级手术授权",
    ]


@pytest.mark.parametrize("licences", [[], [Licence(kind=LicenceKind.NURSE)], [Licence(field=Field.DENTAL)]])
def test_another_licence_is_no_licence(licences: list[Licence]) -> None:
    [missing] = rules.missing_for_responsible(licences, field=Field.SURGERY, on=TODAY)
    assert missing.what == "美容外科执业医师证"


@pytest.mark.parametrize(
    ("privilege", "grade", "on", "is_enough"),
    [
        (Privilege(), Grade.TWO, TODAY, True),
        (Privilege(), Grade.ONE, TODAY, True),
        (Privilege(), Grade.THREE, TODAY, False),
        (Privilege(), Grade.TWO, date(2026, 6, 17), False),
        (Privilege(), Grade.TWO, date(2025, 12, 31), False),
        (replace(Privilege(), field=Field.DENTAL), Grade.TWO, TODAY, False),
    ],
)
def test_an_authorisation_covers_its_field_grade_and_days(
    privilege: Privilege, grade: Grade, on: date, is_enough: bool
) -> None:
    missing = rules.missing_for_grade([privilege], field=Field.SURGERY, grade=grade, on=on)
    assert (missing == []) is is_enough


def test_what_is_no_operation_needs_no_authorisation_of_a_grade() -> None:
    assert rules.missing_for_grade([], field=Field.DERMATOLOGY, grade=Grade.NONE, on=TODAY) == []


def test_before_the_rule_was_in_force_nobody_can_ask_for_it() -> None:
    with pytest.raises(LookupError):
        rules.experience_rule(Field.SURGERY, date(2002, 4, 30))
