"""One version of a questionnaire as plain values, read from its file; whatever cannot be asked is refused."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from yimei.journey.enums import QuestionKind as Kind
from yimei.journey.rules.questionnaires.conditions import Condition, Value, read_condition
from yimei.journey.rules.questionnaires.scores import Score, read_scores
from yimei.journey.rules.questionnaires.words import (
    NOTHING,
    Words,
    flag,
    mapping,
    name,
    number,
    rows,
    words,
    wrong,
)
from yimei.people.enums import AlertKind, Sex

CODE = re.compile(r"[a-z][a-z0-9-]{1,39}")
PURPOSE = re.compile(r"[a-z][a-z0-9.]{1,39}")
PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
MOST_QUESTIONS, MOST_OPTIONS = 120, 40
TEXT_LIMIT = 2000
WIDEST_SCALE = 11
CHOOSING = frozenset({Kind.CHOICE, Kind.MULTI})
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


# ---- reading a file ------------------------------------------------------------------------------


def read_definition(data: Any) -> Definition:
    """Return the definition that a file holds, or say what is wrong with it and where."""
    keys = "code title intro sections scores alerts referral licence minutes source"
    found = mapping(data, _("全文"), known=keys.split())
    code = found.get("code")
    if not isinstance(code, str) or not CODE.fullmatch(code):
        raise wrong("code", _("编号只用小写字母、数字与连字符，以字母开头"))
    sections, answers = _sections(found.get("sections"))
    questions = [question for section in sections for question in section.questions]
    pointed = frozenset(
        question.code
        for question in questions
        if question.kind in NUMERIC | {Kind.YES_NO}
        or any(option.points is not None for option in question.options)
    )
    scores = read_scores(found.get("scores", []), questions=answers, pointed=pointed)
    codes = frozenset(score.code for score in scores)
    minutes = found.get("minutes", 3)
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 1 <= minutes <= 60:
        raise wrong("minutes", _("应是 1 到 60 的整数"))
    source = found.get("source", "")
    if not isinstance(source, str) or len(source) > 400:
        raise wrong("source", _("应是不超过 400 个字的文字"))
    return Definition(
        code=code,
        title=words(found.get("title"), "title"),
        intro=words(found.get("intro"), "intro", required=False),
        sections=sections,
        scores=scores,
        alerts=_alerts(found.get("alerts", []), answers, codes),
        referral=_referral(found.get("referral"), answers, codes),
        licence=_licence(found.get("licence")),
        minutes=minutes,
        source=source,
    )


def _sections(value: Any) -> tuple[tuple[Section, ...], dict[str, frozenset[str]]]:
    """Read section by section; each question may look at those before it, never at itself or further."""
    answers: dict[str, frozenset[str]] = {}
    found: list[Section] = []
    signed = ""
    for number_of, row in enumerate(rows(value, "sections", least=1, most=30)):
        where = f"sections[{number_of}]"
        row = mapping(row, where, known=("title", "questions"))
        questions = []
        for item in rows(row.get("questions"), where, least=1, most=MOST_QUESTIONS):
            question = _question(item, where, answers)
            if signed:
                raise wrong(question.code, _("签名必须是最后一题"))
            if question.code in answers:
                raise wrong(question.code, _("编号重复：%(name)s") % {"name": question.code})
            answers[question.code] = _possible(question)
            signed = question.code if question.kind == Kind.SIGNATURE else ""
            questions.append(question)
        found.append(Section(words(row.get("title"), where, required=False), tuple(questions)))
    if len(answers) > MOST_QUESTIONS:
        raise wrong("sections", _("最多 %(most)d 题") % {"most": MOST_QUESTIONS})
    return tuple(found), answers


def _possible(question: Question) -> frozenset[str]:
    """The answers that a condition may name; nothing where any text is one."""
    if question.kind == Kind.YES_NO:
        return frozenset({YES, NO})
    if question.kind == Kind.SCALE:
        return frozenset(str(step) for step in question.steps)
    return frozenset(option.value for option in question.options)


def _question(value: Any, where: str, answers: Mapping[str, frozenset[str]]) -> Question:
    keys = "id kind label help required show_if sex options unit min max decimals low high points purposes"
    row = mapping(value, where, known=keys.split())
    code = name(row.get("id"), where)
    if row.get("kind") not in Kind:
        raise wrong(code, _("不认识的题型 %(kind)s") % {"kind": row.get("kind")})
    kind = Kind(row["kind"])
    if kind == Kind.SIGNATURE and ("show_if" in row or row.get("required") is False or row.get("sex")):
        raise wrong(code, _("签名不能有条件，也不能选填"))
    if row.get("sex", "") not in ("", Sex.FEMALE, Sex.MALE):
        raise wrong(code, _("性别只有 F 与 M"))
    low, high, decimals = _range(row, kind, code)
    return Question(
        code=code,
        kind=kind,
        label=words(row.get("label"), code),
        help=words(row.get("help"), code, required=False),
        is_required=flag(row.get("required", True), code),
        show_if=read_condition(row["show_if"], code, questions=answers) if "show_if" in row else None,
        sex=row.get("sex", ""),
        options=_options(row.get("options", []), kind, code),
        unit=words(row.get("unit"), code, required=False),
        low=low,
        high=high,
        decimals=decimals,
        low_text=words(row.get("low"), code, required=False),
        high_text=words(row.get("high"), code, required=False),
        yes_points=number(row["points"], code) if "points" in row else None,
        purposes=_purposes(row["purposes"], code) if "purposes" in row else frozenset({CARE}),
        names_purposes="purposes" in row,
    )


def _purposes(value: Any, code: str) -> frozenset[str]:
    given = rows(value, code, least=1, most=10)
    if bad := [one for one in given if not isinstance(one, str) or not PURPOSE.fullmatch(one)]:
        raise wrong(code, _("不认识的目的：%(names)s") % {"names": bad})
    return frozenset(given)


def _range(row: Mapping[str, Any], kind: Kind, code: str) -> tuple[Decimal | None, Decimal | None, int]:
    low = number(row["min"], code) if "min" in row else None
    high = number(row["max"], code) if "max" in row else None
    decimals = row.get("decimals", 0)
    if kind in NUMERIC and (low is None or high is None or low >= high):
        raise wrong(code, _("数值与量表须写明 min 与 max，且 min 小于 max"))
    if kind not in NUMERIC and (low is not None or high is not None):
        raise wrong(code, _("只有数值与量表有范围"))
    if not isinstance(decimals, int) or not 0 <= decimals <= 3:
        raise wrong(code, _("小数位只有 0 到 3"))
    is_scale = kind == Kind.SCALE and low is not None and high is not None
    if is_scale and (low % 1 or high % 1 or high - low >= WIDEST_SCALE):  # type: ignore[operator]
        raise wrong(code, _("量表是整数，最多 %(most)d 档") % {"most": WIDEST_SCALE})
    return low, high, decimals


def _options(value: Any, kind: Kind, code: str) -> tuple[Option, ...]:
    given = rows(value, code, most=MOST_OPTIONS, least=2 if kind in CHOOSING else 0)
    if given and kind not in CHOOSING:
        raise wrong(code, _("只有单选与多选有选项"))
    found: list[Option] = []
    for row in given:
        row = mapping(row, code, known=("value", "label", "points", "alone"))
        option = Option(
            value=name(row.get("value"), code),
            label=words(row.get("label"), code),
            points=number(row["points"], code) if "points" in row else None,
            is_alone=flag(row.get("alone", False), code),
        )
        if option.value in {known.value for known in found}:
            raise wrong(code, _("选项重复：%(name)s") % {"name": option.value})
        found.append(option)
    return tuple(found)


def _alerts(
    value: Any, answers: Mapping[str, frozenset[str]], scores: frozenset[str]
) -> tuple[AlertRule, ...]:
    found = []
    for index, row in enumerate(rows(value, "alerts", most=40)):
        where = f"alerts[{index}]"
        row = mapping(row, where, known=("when", "kind", "text", "severe"))
        if row.get("kind") not in AlertKind:
            raise wrong(where, _("不认识的提醒类别 %(kind)s") % {"kind": row.get("kind")})
        text = words(row.get("text"), where)
        if unknown := [place for place in PLACE.findall(text.zh + text.en) if place not in answers]:
            raise wrong(where, _("没有这些问题：%(names)s") % {"names": unknown})
        when = read_condition(row.get("when"), where, questions=answers, scores=scores)
        found.append(AlertRule(when, AlertKind(row["kind"]), text, flag(row.get("severe", False), where)))
    return tuple(found)


def _referral(
    value: Any, answers: Mapping[str, frozenset[str]], scores: frozenset[str]
) -> ReferralRule | None:
    if value is None:
        return None
    row = mapping(value, "referral", known=("code", "when", "text"))
    when = read_condition(row.get("when"), "referral", questions=answers, scores=scores)
    return ReferralRule(name(row.get("code"), "referral"), when, words(row.get("text"), "referral"))


def _licence(value: Any) -> Licence | None:
    if value is None:
        return None
    row = mapping(value, "licence", known=("name", "owner", "reference"))
    texts = [row.get(key, "") for key in ("name", "owner", "reference")]
    if not all(isinstance(text, str) and text.strip() and len(text) <= 120 for text in texts):
        raise wrong("licence", _("须写明量表名称、权利人与本院的授权编号"))
    return Licence(*(text.strip() for text in texts))
