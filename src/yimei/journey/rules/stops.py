"""What must have ended before an operation: medication, menses, pregnancy, nursing, infection."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

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


def newest(signs: Iterable[Sign]) -> dict[str, Sign]:
    """Of each rule the last word counts; of two on one day the one said later."""
    found: dict[str, Sign] = {}
    for sign in signs:
        known = found.get(sign.code)
        if known is None or sign.told_on >= known.told_on:
            found[sign.code] = sign
    return found


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
