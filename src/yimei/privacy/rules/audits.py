"""Audits: when they are due, how samples are drawn, when a round may be signed (regulations §7, M-6)."""

import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from yimei.core.errors import Missing, RuleBroken
from yimei.privacy.enums import CheckResult, ProofState, RoundKind

SAMPLE_MOST = 200
FRESH = timedelta(hours=36)
"""A control test older than this proves nothing of today."""
NEED_ACTION = frozenset({CheckResult.PARTLY, CheckResult.NO})


@dataclass(frozen=True)
class MinorsYear:
    """Where the yearly audit of minors' data stands: due by the end of January for the year before."""

    year: int
    due_on: date
    state: str
    """``open`` from 1 October, ``red`` from 15 January, ``overdue`` from 1 February, or ``filed``; ``ahead``
    until the October of a house's first year."""


def minors_year(on: date, filed: Collection[int], *, since: int = 0) -> MinorsYear:
    """Task on 1 October, red from 15 January, overdue from 1 February (M-6).

    ``since`` is the year in which the house began: it owes nothing for the years before.
    """
    last = on.year - 1
    if last < since:
        begun = "open" if on.month >= 10 else "ahead"
        return MinorsYear(on.year, date(on.year + 1, 1, 31), "filed" if on.year in filed else begun)
    if last not in filed and on.month < 10:
        state = "overdue" if on >= date(on.year, 2, 1) else "red" if on >= date(on.year, 1, 15) else "open"
        return MinorsYear(last, date(on.year, 1, 31), state)
    year = on.year if on.month >= 10 else last
    if on.month >= 10:
        if last not in filed:
            return MinorsYear(last, date(on.year, 1, 31), "overdue")
        return MinorsYear(year, date(year + 1, 1, 31), "filed" if year in filed else "open")
    return MinorsYear(year, date(year + 1, 1, 31), "filed")


def period_of(kind: RoundKind, *, on: date, minors: MinorsYear) -> tuple[date, date]:
    """The period that a new round looks at: that of minors is the year which must be filed next (M-6)."""
    if kind != RoundKind.MINORS:
        return on.replace(month=1, day=1), on
    return date(minors.year, 1, 1), min(on, date(minors.year, 12, 31))


def check_period(kind: RoundKind, start: date, end: date) -> None:
    """A round of minors' data is filed for one year and looks at that year."""
    if end < start:
        raise RuleBroken(_("结束时间须晚于开始时间。"), code="period_to")
    if kind == RoundKind.MINORS and start.year != end.year:
        text = _("未成年人审计按年度报送，期间须在同一年内（未成年人网络保护条例第三十七条）。")
        raise RuleBroken(text, code="period_to")


def draw(ids: Sequence[str], *, seed: str, size: int) -> list[str]:
    """The same seed over the same rows draws the same sample, whoever draws it."""
    if not 1 <= size <= SAMPLE_MOST:
        raise RuleBroken(_("抽样数为 1 至 %(most)d。") % {"most": SAMPLE_MOST}, code="size")
    ordered = sorted(ids)
    return random.Random(seed).sample(ordered, min(size, len(ordered)))


def result_of(states: Iterable[ProofState]) -> CheckResult:
    """What live tests say of a rule: good only when all are; without a test a person judges."""
    found = set(states) - {ProofState.NONE}
    if not found:
        return CheckResult.OPEN
    if ProofState.BAD in found:
        return CheckResult.NO
    return CheckResult.PARTLY if ProofState.WARN in found else CheckResult.OK


def check_judgement(
    result: CheckResult, *, finding: str, has_owner: bool, due_on: date | None, on: date
) -> None:
    """What does not comply has a finding, an owner and a day."""
    if result not in NEED_ACTION:
        return
    missing = []
    if len(finding.strip()) < 4:
        missing.append(Missing(_("发现了什么"), "A-5"))
    if not has_owner:
        missing.append(Missing(_("整改责任人"), "A-5"))
    if due_on is None or due_on < on:
        missing.append(Missing(_("不早于今天的整改期限"), "A-5"))
    if missing:
        raise RuleBroken(_("不符合或部分符合的须写明整改。"), missing=missing, code="finding")


def check_sign(results: Iterable[tuple[str, CheckResult, bool]]) -> None:
    """Every question judged, and every shortfall with its action."""
    missing = [
        Missing(code, _("还没有结论") if result == CheckResult.OPEN else _("没有整改责任人与期限"))
        for code, result, has_action in results
        if result == CheckResult.OPEN or (result in NEED_ACTION and not has_action)
    ]
    if missing:
        raise RuleBroken(_("还不能签署报告。"), missing=missing[:20], code="sign")


def worst(states: Iterable[ProofState]) -> ProofState:
    """Green only where every test is green."""
    order = (ProofState.BAD, ProofState.WARN, ProofState.NONE, ProofState.GOOD)
    found = set(states)
    return next((state for state in order if state in found), ProofState.NONE)


def steps(value: int, threshold: int, percents: Sequence[int]) -> list[int]:
    """Which alarms a count has reached, in percent of its threshold."""
    return [percent for percent in percents if value * 100 >= threshold * percent]
