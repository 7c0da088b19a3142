"""What becomes of feedback: who must be answered by when, what rises at once, when it may be closed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils.translation import gettext as _

from yimei.core.clock import SHANGHAI
from yimei.core.errors import RuleBroken
from yimei.growth.enums.feedback import FeedbackKind, FeedbackStatus, Finding, Severity
from yimei.hospital.enums import DayKind
from yimei.hospital.rules import calendar

S = FeedbackStatus
MOVES: Mapping[FeedbackStatus, frozenset[FeedbackStatus]] = {
    S.NEW: frozenset({S.OPEN, S.VOID}),
    S.OPEN: frozenset({S.OPEN, S.ANSWERED, S.CLOSED, S.VOID}),
    S.ANSWERED: frozenset({S.OPEN, S.ANSWERED, S.CLOSED}),
    S.CLOSED: frozenset({S.OPEN}),
    S.VOID: frozenset({S.OPEN}),
}
RUNNING = frozenset({S.NEW, S.OPEN})
"""Somebody still waits for an answer."""
WORDS_LENGTH, NAME_LENGTH, NOTE_LENGTH, ANSWER_LENGTH = 1000, 40, 500, 600
BAD_STARS = 2
DAY = timedelta(days=1)

SAFETY = (
    "出血", "流血", "血肿", "感染", "化脓", "流脓", "坏死", "发烧", "发热", "高烧", "昏迷", "晕倒", "晕厥",
    "休克", "抽搐", "呼吸困难", "喘不上气", "胸闷", "看不见", "失明", "视力下降", "复视", "栓塞", "过敏",
    "剧痛", "疼得厉害", "麻木", "面瘫", "裂开", "破裂", "烫伤", "烧伤", "打错", "做错", "开错", "发错",
    "急诊", "抢救", "自杀", "不想活",
)  # fmt: skip
"""Words after which nobody waits for triage; better ten times for nothing than once too late (院方默认)."""
DENIALS = ("没有", "没", "无", "未", "不", "怕", "担心")


@dataclass(frozen=True)
class Clocks:
    """The hospital's numbers of feedback: how soon each kind is answered, and when people work."""

    urgent_minutes: int = 30
    high_hours: int = 2
    normal_hours: int = 8
    low_days: int = 5
    work_from: int = 9
    work_until: int = 18
    remind_minutes: int = 60

    @property
    def day(self) -> timedelta:
        return timedelta(hours=self.work_until - self.work_from)


@dataclass(frozen=True)
class Due:
    """When an answer is due; provisional where the calendar of the year is not published yet (T-2)."""

    at: datetime
    is_provisional: bool = False


def check_move(old: FeedbackStatus, new: FeedbackStatus) -> None:
    if new not in MOVES.get(old, frozenset()):
        text = _("这条意见现在是「%(old)s」，不能变为「%(new)s」。")
        raise RuleBroken(text % {"old": old.label, "new": new.label}, code="status")


def due(received: datetime, severity: Severity, clocks: Clocks, table: Mapping[date, DayKind]) -> Due:
    """When somebody must have answered: medical safety by the clock, all else in working hours."""
    if severity == Severity.URGENT:
        return Due(received + timedelta(minutes=clocks.urgent_minutes))
    if severity == Severity.LOW:
        day, is_provisional = calendar.add_workdays(
            _start(received, clocks, table).date(), clocks.low_days, table
        )
        return Due(_at(day, clocks.work_until), is_provisional)
    hours = clocks.high_hours if severity == Severity.HIGH else clocks.normal_hours
    return add_hours(received, timedelta(hours=hours), clocks, table)


def add_hours(since: datetime, span: timedelta, clocks: Clocks, table: Mapping[date, DayKind]) -> Due:
    """Walk through working hours only; what comes at night or on a holiday begins the next morning."""
    moment, known = _start(since, clocks, table), calendar.known_years(table)
    is_provisional = moment.year not in known
    while True:
        left = _at(moment.date(), clocks.work_until) - moment
        if span <= left:
            return Due((moment + span).astimezone(UTC), is_provisional)
        span -= left
        day, is_guess = calendar.add_workdays(moment.date(), 1, table)
        is_provisional = is_provisional or is_guess
        moment = _at(day, clocks.work_from)


def _start(since: datetime, clocks: Clocks, table: Mapping[date, DayKind]) -> datetime:
    """The first working moment from then on."""
    local = since.astimezone(SHANGHAI)
    day = local.date()
    if calendar.is_workday(day, table) and local < _at(day, clocks.work_until):
        return max(local, _at(day, clocks.work_from))
    return _at(calendar.add_workdays(day, 1, table)[0], clocks.work_from)


def _at(day: date, hour: int) -> datetime:
    midnight = datetime.combine(day, time.min, SHANGHAI)
    return midnight + timedelta(hours=hour)


def is_alarming(words: str) -> bool:
    """Whether the words speak of medical safety; "没有出血" does not."""
    for word in SAFETY:
        at = words.find(word)
        while at >= 0:
            before = words[max(at - 3, 0) : at]
            if not any(before.endswith(no) or before[:-1].endswith(no) for no in DENIALS):
                return True
            at = words.find(word, at + 1)
    return False


def first_severity(words: str, *, stars: int | None, is_public: bool) -> Severity | None:
    """What can be said before anybody has read it: safety at once, a bad public review soon."""
    if is_alarming(words):
        return Severity.URGENT
    if is_public and stars is not None and stars <= BAD_STARS:
        return Severity.HIGH
    return None


def check_words(text: str, *, limit: int = WORDS_LENGTH, code: str = "words", is_needed: bool = True) -> str:
    words = text.replace("\0", "").strip()
    if is_needed and not words:
        raise RuleBroken(_("请写下内容。"), code=code)
    if len(words) > limit:
        raise RuleBroken(_("内容不能超过 %(limit)d 字。") % {"limit": limit}, code=code)
    return words


def check_stars(stars: int | None) -> int | None:
    if stars is not None and not 1 <= stars <= 5:
        raise RuleBroken(_("评分应为 1 到 5。"), code="stars")
    return stars


def check_close(
    *,
    kind: FeedbackKind | None,
    severity: Severity | None,
    finding: Finding,
    is_answered: bool,
    may_be_answered: bool,
    improvements: int,
) -> None:
    """A complaint ends with an answer and a finding; a grave one that holds, with an improvement."""
    if kind is None:
        raise RuleBroken(_("请先分诊，再办结。"), code="kind")
    needs_answer = kind in {FeedbackKind.COMPLAINT, FeedbackKind.QUESTION} and may_be_answered
    if needs_answer and not is_answered:
        raise RuleBroken(_("还没有答复对方，不能办结。电话或当面答复的，也请先登记。"), code="answer")
    is_grave = severity in {Severity.URGENT, Severity.HIGH} and kind == FeedbackKind.COMPLAINT
    if is_grave and finding in {Finding.FOUNDED, Finding.PARTLY} and not improvements:
        text = _("严重投诉查明属实的，须先立一项改进措施（负责人与期限），再办结。")
        raise RuleBroken(text, code="improvement")
