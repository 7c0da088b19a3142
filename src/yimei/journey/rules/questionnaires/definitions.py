"""One version of a questionnaire as plain values: what it asks, of whom, and what for."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from yimei.journey.enums import QuestionKind as Kind
from yimei.journey.rules.questionnaires.conditions import Condition, Value
from yimei.journey.rules.questionnaires.scores import Score
from yimei.journey.rules.questionnaires.words import (
    NOTHING,
    Words,
    wrong,
)
from yimei.people.enums import AlertKind, Sex

PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
TEXT_LIMIT = 2000
NUMERIC = frozenset({Kind.NUMBER, Kind.SCALE})
YES, NO = "yes", "no"
CARE = "care.health"
"""What a question of a version serves that was published before questions named their purposes."""


@dataclass(frozen=True)
class Option:
    value: str
    label: Words
    points: Decimal | None = None
    is_alone: bool = False
    """Excludes every other, like 「以上都没有」."""


@dataclass(frozen=True)
class Question:
    """One question: its words, the kind of its answer, and when it is asked at all."""

    code: str
    kind: Kind
    label: Words
    help: Words = NOTHING
    is_required: bool = True
    show_if: Condition | None = None
    sex: str = ""
    options: tuple[Option, ...] = ()
    unit: Words = NOTHING
    low: Decimal | None = None
    high: Decimal | None = None
    decimals: int = 0
    low_text: Words = NOTHING
    high_text: Words = NOTHING
    yes_points: Decimal | None = None
    purposes: frozenset[str] = frozenset({CARE})
    """Why it is asked; where none of them is in force it is neither shown nor kept (PIPL 6, 19)."""
    names_purposes: bool = False

    def option(self, value: str) -> Option | None:
        return next((option for option in self.options if option.value == value), None)

    @property
    def steps(self) -> range:
        """The numbers of a scale."""
        return range(int(self.low or 0), int(self.high or 0) + 1)

    def points_of(self, value: Value) -> Decimal | None:
        """What an answer is worth in a score."""
        if self.kind in NUMERIC:
            try:
                return Decimal(str(value))
            except InvalidOperation:
                return None
        if self.kind == Kind.YES_NO:
            return (
                (Decimal(1) if self.yes_points is None else self.yes_points) if value == YES else Decimal(0)
            )
        given = value if isinstance(value, list) else [value]
        points = [
            option.points for option in self.options if option.value in given and option.points is not None
        ]
        return sum(points, Decimal(0)) if points else None


@dataclass(frozen=True)
class Section:
    title: Words
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class AlertRule:
    """What becomes a safety flag of the customer once the answers are complete."""

    when: Condition
    kind: AlertKind
    text: Words
    is_severe: bool


@dataclass(frozen=True)
class ReferralRule:
    """When a physician must decide before a plan is made."""

    code: str
    when: Condition
    text: Words


@dataclass(frozen=True)
class Licence:
    """Somebody else's scale: its name, whose it is, and the hospital's own licence to use it."""

    name: str
    owner: str
    reference: str


@dataclass(frozen=True)
class Definition:
    """Everything that one version asks and what follows from the answers."""

    code: str
    title: Words
    intro: Words
    sections: tuple[Section, ...]
    scores: tuple[Score, ...] = ()
    alerts: tuple[AlertRule, ...] = ()
    referral: ReferralRule | None = None
    licence: Licence | None = None
    minutes: int = 3
    source: str = ""

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for section in self.sections for question in section.questions)

    @property
    def signature(self) -> Question | None:
        return next((question for question in self.questions if question.kind == Kind.SIGNATURE), None)

    def for_sex(self, sex: str) -> "Definition":
        """Leave out what is not asked of this sex; of an unknown one everything is."""
        if sex not in (Sex.FEMALE, Sex.MALE):
            return self
        kept = (
            replace(section, questions=tuple(one for one in section.questions if one.sex in ("", sex)))
            for section in self.sections
        )
        return replace(self, sections=tuple(section for section in kept if section.questions))

    @property
    def purposes(self) -> frozenset[str]:
        """Everything that its questions serve; a signature serves what it stands under."""
        return frozenset().union(*(one.purposes for one in self.questions if one.kind != Kind.SIGNATURE))

    def for_purposes(self, in_force: Collection[str]) -> "Definition":
        """Leave out what no purpose in force needs; where nothing is left, not even a signature is asked."""
        if self.purposes <= frozenset(in_force):
            return self
        kept = tuple(
            replace(section, questions=tuple(one for one in section.questions if _serves(one, in_force)))
            for section in self.sections
        )
        if all(one.kind == Kind.SIGNATURE for section in kept for one in section.questions):
            return replace(self, sections=())
        return replace(self, sections=tuple(section for section in kept if section.questions))


def _serves(question: Question, in_force: Collection[str]) -> bool:
    return question.kind == Kind.SIGNATURE or not question.purposes.isdisjoint(in_force)


def check_purposes(
    definition: Definition, *, known: Collection[str], lasting: Collection[str], watched: Collection[str]
) -> None:
    """Each question of a new version says what for; what safety stands on serves care, which nobody stops."""
    for question in definition.questions:
        if question.kind == Kind.SIGNATURE:
            continue
        if not question.names_purposes:
            raise wrong(question.code, _("每一题都要写明服务于哪些目的（purposes）"))
        if strange := sorted(question.purposes.difference(known)):
            text = _("问卷不能服务于这些目的：%(names)s；可用的是 %(known)s")
            raise wrong(
                question.code, text % {"names": "、".join(strange), "known": "、".join(sorted(known))}
            )
    leaned_on = _leaned_on(definition, watched)
    for question in definition.questions:
        if question.code in leaned_on and question.purposes.isdisjoint(lasting):
            raise wrong(question.code, _("计分、安全提示与转诊所依据的题，须服务于诊疗这样不能停用的目的"))


def _leaned_on(definition: Definition, watched: Collection[str]) -> frozenset[str]:
    """The questions whose answers scores, flags, referrals and stop rules read, also through a condition."""
    found = {item for score in definition.scores for item in score.items} | set(watched)
    found.update(*(rule.when.names for rule in definition.alerts))
    found.update(*(PLACE.findall(rule.text.zh + rule.text.en) for rule in definition.alerts))
    if definition.referral is not None:
        found |= definition.referral.when.names
    for question in reversed(definition.questions):
        if question.code in found and question.show_if is not None:
            found |= question.show_if.names
    return frozenset(found)
