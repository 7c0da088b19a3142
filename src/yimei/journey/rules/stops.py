"""What must have ended before an operation: medication, menses, pregnancy, nursing, infection."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.hospital.enums import StopKind
from yimei.journey.enums import StopState


@dataclass(frozen=True)
class Rule:
    """One stop rule as the hospital keeps it."""

    code: str
    kind: StopKind
    name: str
    words: tuple[str, ...]
    days: int
    may_override: bool
    advice: str = ""
    source: str = ""
    is_confirmed: bool = False

    @property
    def label(self) -> str:
        """The source in words, with the mark of what no clinician has confirmed."""
        mark = "" if self.is_confirmed else _("待临床确认")
        return " · ".join(part for part in (self.source, mark) if part)


@dataclass(frozen=True)
class Sign:
    """What somebody said about one rule: going on or over, since when, and who heard it."""

    code: str
    state: StopState
    last: date | None
    told_on: date
    told_by: str = ""
    source: str = ""
    """Where it stands, in words: an assessment, a safety flag, a question of a questionnaire."""
    answers_id: UUID | None = None
    """The frozen questionnaire it comes from, to be opened."""


FROM_ANSWERS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("pregnancy", "pregnant"): ("PREGNANCY",),
    ("pregnancy", "nursing"): ("LACTATION",),
    ("smoking", "now"): ("SMOKING",),
    ("medicine_kinds", "anticoagulant"): ("ANTICOAG",),
    ("medicine_kinds", "antiplatelet"): ("ASPIRIN",),
    ("medicine_kinds", "painkiller"): ("NSAID",),
    ("medicine_kinds", "fish_oil"): ("HERBAL",),
    ("medicine_kinds", "hormone"): ("OCP", "OESTROGEN"),
    ("medicine_kinds", "isotretinoin"): ("RETINOID",),
}
"""Answers that are signs of rules, whatever questionnaire asks them."""
IN_WORDS = ("medicine_names",)
"""Questions answered in free words, in which drugs are looked for."""
MENSES, LAST_MENSES = "MENSES", "menses"
SMOKING, QUIT_WEEKS = "SMOKING", "stopped_weeks"
READ = frozenset({*(question for question, _answer in FROM_ANSWERS), *IN_WORDS, LAST_MENSES, QUIT_WEEKS})
"""The questions that signs are read from."""


@dataclass(frozen=True)
class Told:
    """What one answer of a questionnaire says about one rule."""

    code: str
    state: StopState
    last: date | None
    question: str


@dataclass(frozen=True)
class Finding:
    """A rule that an operation on a day meets, or that still asks for something before it."""

    rule: Rule
    sign: Sign
    is_blocking: bool
    free_from: date | None
    words: str

    @property
    def key(self) -> str:
        """What an override is about: this rule, this answer; another answer asks for another override."""
        return f"{self.rule.code}:{self.sign.state}:{self.sign.last or self.sign.told_on}"


def by_words(rules: Iterable[Rule], text: str) -> list[Rule]:
    """Return the rules whose words stand in a text; a word that is denied (不、无、未) is no sign."""
    plain = "".join(text.split()).casefold()
    return [rule for rule in rules if any(_stands(plain, _squeeze(word)) for word in rule.words)]


def from_answers(rules: Iterable[Rule], answers: Mapping[str, Any], *, told_on: date) -> list[Told]:
    """Return what a frozen set of answers says; what it does not mention it does not deny."""
    known = {rule.code: rule for rule in rules}
    found: dict[str, Told] = {}
    for (question, answer), codes in FROM_ANSWERS.items():
        given = answers.get(question, "")
        if answer == given or (isinstance(given, list) and answer in given):
            for code in codes:
                found.setdefault(code, Told(code, StopState.NOW, None, question))
    drugs = [rule for rule in known.values() if rule.kind == StopKind.MEDICATION]
    for question in IN_WORDS:
        for rule in by_words(drugs, str(answers.get(question, ""))):
            found.setdefault(rule.code, Told(rule.code, StopState.NOW, None, question))
    if day := answers.get(LAST_MENSES):
        found[MENSES] = Told(MENSES, StopState.STOPPED, date.fromisoformat(str(day)), LAST_MENSES)
    weeks = str(answers.get(QUIT_WEEKS, ""))
    if weeks.isdecimal():
        quit_on = told_on - timedelta(weeks=int(weeks))
        found[SMOKING] = Told(SMOKING, StopState.STOPPED, quit_on, QUIT_WEEKS)
    return [each for each in found.values() if each.code in known]


def newest(signs: Iterable[Sign]) -> dict[str, Sign]:
    """Of each rule the last word counts; of two on one day the one said later."""
    found: dict[str, Sign] = {}
    for sign in signs:
        known = found.get(sign.code)
        if known is None or sign.told_on >= known.told_on:
            found[sign.code] = sign
    return found


def state_words(sign: Sign) -> str:
    """What was said, short."""
    if sign.state == StopState.STOPPED:
        return _("最后一次 %(day)s") % {"day": sign.last}
    return _("正在进行") if sign.state == StopState.NOW else _("没有")


def otherwise(signs: Sequence[Sign], counts: Sign | None) -> Sequence[Sign]:
    """Return what was said of the same rule and differs from what counts, the newest first."""
    if counts is None:
        return ()
    differing = [each for each in signs if each.code == counts.code and each.state != counts.state]
    return list(reversed(differing))


def findings(
    rules: Iterable[Rule], signs: Mapping[str, Sign], *, on: date, is_final: bool
) -> Sequence[Finding]:
    """Return what stands against an operation on a day.

    Before the day itself (``is_final`` false) something still going on may end in time and only asks for it.
    """
    found = []
    for rule in rules:
        sign = signs.get(rule.code)
        if sign is not None and (finding := _finding(rule, sign, on=on, is_final=is_final)):
            found.append(finding)
    return found


def _finding(rule: Rule, sign: Sign, *, on: date, is_final: bool) -> Finding | None:
    if sign.state == StopState.NO:
        return None
    wait = timedelta(days=rule.days)
    goes_on = sign.state == StopState.NOW and rule.kind != StopKind.MENSES
    began = sign.last if sign.last and not goes_on else sign.told_on
    free_from = began + wait
    values = {"name": rule.name, "days": rule.days, "free": free_from, "last": began, "by": on - wait}
    if not goes_on:
        if on >= free_from:
            return None
        said = _("%(name)s：%(last)s 起须间隔 %(days)d 天，最早 %(free)s") % values
        return Finding(rule, sign, True, free_from, said)
    if rule.kind == StopKind.PREGNANCY:
        return Finding(rule, sign, True, None, _("%(name)s：期间不做择期手术") % values)
    if on < free_from:
        said = _("%(name)s：仍在进行，停后须间隔 %(days)d 天，最早 %(free)s") % values
        return Finding(rule, sign, True, free_from, said)
    if is_final:
        said = _("%(name)s：没有停止的日期，须确认何时停的") % values
        return Finding(rule, sign, True, free_from, said)
    return Finding(rule, sign, False, free_from, _("%(name)s：须在 %(by)s 之前停止") % values)


def check_sign(state: StopState, last: date | None, *, today: date) -> None:
    """What is over has a day on which it ended, and that day is not to come."""
    if state == StopState.STOPPED and last is None:
        raise RuleBroken(_("请写明最后一次的日期。"), code="last")
    if last is not None and last > today:
        raise RuleBroken(_("最后一次的日期不能在今天之后。"), code="last")


def _squeeze(word: str) -> str:
    return "".join(word.split()).casefold()


def _stands(text: str, word: str) -> bool:
    at = text.find(word)
    while at >= 0:
        before = text[max(at - 3, 0) : at]
        if not any(mark in before for mark in ("不", "无", "未", "否认", "没")):
            return True
        at = text.find(word, at + 1)
    return False
