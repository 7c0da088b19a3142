"""From what was posted to what is kept: which questions are asked, and which answers are whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from yimei.journey.enums import QuestionKind as Kind
from yimei.journey.rules.questionnaires.conditions import Value, holds
from yimei.journey.rules.questionnaires.definitions import (
    NO,
    PLACE,
    TEXT_LIMIT,
    YES,
    Definition,
    Question,
)
from yimei.journey.rules.questionnaires.words import Words

Raw = Mapping[str, Sequence[str]]
"""What was posted: the name of each question and every value that came under it."""
SIGNED = "signed"
EARLIEST = date(1900, 1, 1)


@dataclass(frozen=True)
class Reading:
    """A set of answers as the server understands it."""

    values: Mapping[str, Value]
    errors: Mapping[str, str]
    asked: tuple[Question, ...]
    """The questions that are asked, given the answers before them."""
    raw: Mapping[str, list[str]]
    """What was typed under those, whole or not, for a draft; hidden branches are not in it."""

    @property
    def is_complete(self) -> bool:
        return not self.errors

    @property
    def answered(self) -> int:
        return sum(1 for question in self.asked if question.code in self.values)


def read(definition: Definition, raw: Raw, *, today: date, is_signed: bool = False) -> Reading:
    """Go through the questions in order; an answer to one that is not asked does not exist."""
    values: dict[str, Value] = {}
    errors: dict[str, str] = {}
    kept: dict[str, list[str]] = {}
    asked: list[Question] = []
    for question in definition.questions:
        if not holds(question.show_if, values):
            continue
        asked.append(question)
        if question.kind == Kind.SIGNATURE:
            if is_signed:
                values[question.code] = SIGNED
            else:
                errors[question.code] = _("请签名。")
            continue
        given = [text.replace("\0", "").strip()[: TEXT_LIMIT + 1] for text in raw.get(question.code, ())]
        given = [text for text in given if text][: len(question.options) or 1]
        if given:
            kept[question.code] = given
        value, error = _value(question, given, today=today)
        if error:
            errors[question.code] = error
        elif value:
            values[question.code] = value
    return Reading(values, errors, tuple(asked), kept)


def _value(question: Question, given: list[str], *, today: date) -> tuple[Value, str]:
    if not given:
        if not question.is_required:
            return "", ""
        return "", _("请作答。") if question.kind not in (Kind.TEXT, Kind.NUMBER, Kind.DATE) else _(
            "请填写。"
        )
    first = given[0]
    match question.kind:
        case Kind.MULTI:
            return _several(question, given)
        case Kind.CHOICE:
            return (first, "") if question.option(first) else ("", _("请从选项里选。"))
        case Kind.YES_NO:
            return (first, "") if first in (YES, NO) else ("", _("请选「是」或「否」。"))
        case Kind.SCALE:
            is_step = first.isascii() and first.isdigit() and int(first) in question.steps
            return (str(int(first)), "") if is_step else ("", _("请在量表上选一个数。"))
        case Kind.NUMBER:
            return _number(question, first)
        case Kind.DATE:
            return _date(first, today=today)
        case _:
            too_long = _("最多 %(most)d 个字。") % {"most": TEXT_LIMIT}
            return (first, "") if len(first) <= TEXT_LIMIT else ("", too_long)


def _several(question: Question, given: list[str]) -> tuple[Value, str]:
    chosen = [option for option in question.options if option.value in given]
    if len(chosen) != len(set(given)):
        return "", _("请从选项里选。")
    alone = next((option for option in chosen if option.is_alone), None)
    if alone and len(chosen) > 1:
        return "", _("「%(option)s」不能与其他选项同时选。") % {"option": alone.label}
    return [option.value for option in chosen], ""


def _number(question: Question, text: str) -> tuple[Value, str]:
    assert question.low is not None
    assert question.high is not None
    try:
        found = Decimal(text.replace("，", ".").replace("。", ".").replace(",", ""))
    except InvalidOperation:
        return "", _("请填数字。")
    if not found.is_finite() or not question.low <= found <= question.high:
        span = {"low": f"{question.low:f}", "high": f"{question.high:f}", "unit": question.unit}
        return "", _("应在 %(low)s 到 %(high)s %(unit)s之间。") % span
    rounded = round(found, question.decimals)
    if rounded != found:
        if not question.decimals:
            return "", _("请填整数。")
        return "", _("最多 %(places)d 位小数。") % {"places": question.decimals}
    return f"{rounded:f}", ""


def _date(text: str, *, today: date) -> tuple[Value, str]:
    try:
        found = date.fromisoformat(text.replace("/", "-").replace(".", "-"))
    except ValueError:
        return "", _("请填日期，例如 2026-05-06。")
    if not EARLIEST <= found <= today:
        return "", _("日期须在今天或之前。")
    return found.isoformat(), ""


def hint(question: Question) -> str:
    """Say which numbers are taken, beside the field."""
    if question.kind != Kind.NUMBER or question.low is None or question.high is None:
        return ""
    return f"{question.low:f}–{question.high:f}"


def as_said(question: Question, value: Value) -> str:
    """Return an answer in words."""
    match question.kind:
        case Kind.YES_NO:
            return _("是") if value == YES else _("否")
        case Kind.CHOICE | Kind.MULTI:
            given = value if isinstance(value, list) else [value]
            labels = [str(option.label) for option in question.options if option.value in given]
            return "、".join(labels)
        case Kind.NUMBER:
            return f"{value} {question.unit}".strip()
        case Kind.SCALE:
            return f"{value} / {int(question.high or 0)}"
        case Kind.SIGNATURE:
            return _("已签名")
        case _:
            return str(value)


def fill(text: Words, said: Mapping[str, str]) -> str:
    """Put answers into the words of a rule; a place whose question was not asked leaves nothing behind."""
    filled = PLACE.sub(lambda place: said.get(place[1], ""), str(text))
    return filled.strip(" ：:，,")
