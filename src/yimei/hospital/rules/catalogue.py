"""What an institution may perform, how long a room is taken, and what must come before a procedure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from yimei.core.errors import Missing
from yimei.hospital.enums import Anaesthesia, Category, Grade, InstitutionKind

DEFAULT_MAX_GRADE: Mapping[InstitutionKind, Grade] = {
    InstitutionKind.CLINIC: Grade.ONE,
    InstitutionKind.OUTPATIENT: Grade.TWO,
    InstitutionKind.HOSPITAL: Grade.THREE,
    InstitutionKind.SPECIALIST: Grade.FOUR,
}
"""Ceiling by kind of institution (domain 7.3); provinces differ, so each campus may narrow it."""

CLINICAL_FIELDS = frozenset(
    {
        "category",
        "field",
        "grade",
        "anaesthesia",
        "minutes_p50",
        "minutes_p90",
        "setup_minutes",
        "turnover_minutes",
        "recovery_minutes",
        "has_side",
        "needs_consult_days",
    }
)
"""What a clinician confirms; changing one of them asks for a new confirmation."""


def max_grade(kind: InstitutionKind, *, narrowed_to: Grade = Grade.FOUR) -> Grade:
    """Return the highest grade a campus may perform: what its kind allows, narrowed by what it registered."""
    return min(DEFAULT_MAX_GRADE[kind], narrowed_to)


def may_perform(grade: Grade, *, kind: InstitutionKind, narrowed_to: Grade = Grade.FOUR) -> bool:
    return grade <= max_grade(kind, narrowed_to=narrowed_to)


def missing_grade(grade: Grade, *, kind: InstitutionKind, narrowed_to: Grade = Grade.FOUR) -> list[Missing]:
    """Return what a campus lacks to perform this grade; empty when it may."""
    if may_perform(grade, kind=kind, narrowed_to=narrowed_to):
        return []
    ceiling = max_grade(kind, narrowed_to=narrowed_to)
    text = _("本院区（%(kind)s）登记的手术最高级别为「%(max)s」，不能开展「%(grade)s」项目。")
    names = {"kind": kind.label, "max": ceiling.label, "grade": grade.label}
    return [Missing(what=text % names, why=_("医疗美容项目分级管理目录（默认值，以本机构核准备案为准）"))]


def room_minutes(*, setup: int, operation: int, turnover: int) -> int:
    """Return how long a room is taken: getting ready, the operation and clearing away."""
    return setup + operation + turnover


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The features of a procedure that decide what must come before it."""

    category: Category
    grade: Grade
    anaesthesia: Anaesthesia


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A class of procedures; what is left out does not narrow it."""

    from_grade: Grade = Grade.NONE
    categories: frozenset[Category] = frozenset(Category)
    anaesthesias: frozenset[Anaesthesia] = frozenset(Anaesthesia)

    def covers(self, profile: Profile) -> bool:
        return (
            profile.grade >= self.from_grade
            and profile.category in self.categories
            and profile.anaesthesia in self.anaesthesias
        )


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """Codes of tests or forms that a procedure needs when any of the conditions covers it."""

    when: tuple[Condition, ...]
    codes: tuple[str, ...]


def required_codes(profile: Profile, requirements: Iterable[Requirement]) -> list[str]:
    """Return the codes a procedure needs, each once, in the order of the requirements."""
    codes = (
        code
        for requirement in requirements
        if any(condition.covers(profile) for condition in requirement.when)
        for code in requirement.codes
    )
    return list(dict.fromkeys(codes))


def advice_codes(category: str) -> tuple[str, str]:
    """Return the codes of the take-home sheets that fit, the best first."""
    return (f"advice-{category}".replace("_", "-"), "advice-general")
