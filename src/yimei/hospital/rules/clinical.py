"""Versions of what a clinician confirms: from which day one counts, and which numbers make sense."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.hospital.enums import StopKind

ALWAYS = date(1970, 1, 1)
"""The first day of what ships."""
WORDS = 30
WORD_LENGTH = 20


OLDEST = 130


@dataclass(frozen=True)
class Band:
    """A stretch of ages in full years: from, and below; without an end it is open."""

    start: int
    end: int | None


class Versioned(Protocol):
    """What the rule reads of a version."""

    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


def stands(version: Versioned, on: date) -> bool:
    """Whether a version is the one that counts on a day; its last day is not its own."""
    return version.valid_from <= on and (version.valid_to is None or on < version.valid_to)


def check_new_version(from_day: date, *, today: date, starts: frozenset[date]) -> None:
    """A version changes nothing that was judged: it begins today or later, and once a day."""
    if from_day < today:
        raise RuleBroken(_("生效日期不能早于今天，以前的判断不改动。"), code="valid_from")
    if from_day == today and from_day in starts:
        raise RuleBroken(_("今天已经有一版生效，请从明天起。"), code="valid_from")


def check_band(new: Band) -> None:
    if new.start > OLDEST or (new.end is not None and not new.start < new.end <= OLDEST):
        text = _("年龄段须从小到大，不超过 %(oldest)d 岁。")
        raise RuleBroken(text % {"oldest": OLDEST}, code="age_below")


def overlap(one: Band, other: Band) -> bool:
    return (other.end is None or one.start < other.end) and (one.end is None or other.start < one.end)


def rest_of(known: Band, new: Band) -> list[Band]:
    """What remains of a stretch of ages, below and above, when a new one is taken out of it."""
    below = [Band(known.start, new.start)] if known.start < new.start else []
    is_longer = new.end is not None and (known.end is None or new.end < known.end)
    return below + ([Band(new.end, known.end)] if is_longer and new.end is not None else [])


def check_sexes(new: str, known: Sequence[str]) -> None:
    """One age is judged either for both sexes together or for each apart."""
    if "" in known and new:
        raise RuleBroken(_("这个年龄段已有不分性别的范围，请选「不分性别」。"), code="sex")
    if not new and any(known):
        raise RuleBroken(_("这个年龄段已按男女分开，请选男或女。"), code="sex")


def check_limits(
    *,
    low: Decimal | None,
    high: Decimal | None,
    critical_low: Decimal | None,
    critical_high: Decimal | None,
) -> None:
    """The reference lies inside the critical limits, and there is one at all."""
    if low is None and high is None:
        raise RuleBroken(_("参考下限与上限至少填一个。"), code="low")
    if low is not None and high is not None and high <= low:
        raise RuleBroken(_("参考上限要大于下限。"), code="high")
    if critical_low is not None and critical_low > min(x for x in (low, high) if x is not None):
        raise RuleBroken(_("危急值下限不能高于参考范围。"), code="critical_low")
    if critical_high is not None and critical_high < max(x for x in (low, high) if x is not None):
        raise RuleBroken(_("危急值上限不能低于参考范围。"), code="critical_high")


def check_stop_rule(kind: StopKind, *, may_override: bool, words: Sequence[str]) -> None:
    if kind == StopKind.PREGNANCY and may_override:
        raise RuleBroken(_("妊娠期不做择期手术，这一条不能改成可放行。"), code="may_override")
    if len(words) > WORDS or any(len(word) > WORD_LENGTH for word in words):
        raise RuleBroken(_("识别用词最多 30 个，每个不超过 20 字。"), code="words")


def check_changed(before: Mapping[str, object], after: Mapping[str, object]) -> None:
    if all(before[name] == value for name, value in after.items()):
        raise RuleBroken(_("与现行版本相同，没有保存。"))


def read_words(text: str) -> list[str]:
    """Words typed with commas of either width, one per line or with 、 between them; each once."""
    for mark in "，、；;\n\r\t":
        text = text.replace(mark, ",")
    return list(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
