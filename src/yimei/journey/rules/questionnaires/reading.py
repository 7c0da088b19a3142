"""A questionnaire's file read into plain values; whatever cannot be asked is refused, with its place."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from yimei.journey.enums import QuestionKind as Kind
from yimei.journey.rules.questionnaires.conditions import read_condition
from yimei.journey.rules.questionnaires.definitions import (
    CARE,
    NO,
    NUMERIC,
    PLACE,
    YES,
    AlertRule,
    Definition,
    Licence,
    Option,
    Question,
    ReferralRule,
    Section,
)
from yimei.journey.rules.questionnaires.scores import read_scores
from yimei.journey.rules.questionnaires.words import (
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
MOST_QUESTIONS, MOST_OPTIONS = 120, 40
WIDEST_SCALE = 11
CHOOSING = frozenset({Kind.CHOICE, Kind.MULTI})


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
