"""How grave an incident is, which duties it starts, by when, and when it may be closed (regulations §9)."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.clock import SHANGHAI
from yimei.core.errors import Missing, RuleBroken
from yimei.privacy.enums import Profile
from yimei.privacy.enums.incidents import DutyState, IncidentKind, IncidentLevel, IncidentStatus

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

LEVELS = (IncidentLevel.MINOR, IncidentLevel.LARGER, IncidentLevel.MAJOR, IncidentLevel.GRAVE)
HOURS_BY_OPERATOR = {
    "ordinary": "breach.ordinary_hours",
    "critical": "breach.critical_hours",
    "central": "breach.central_hours",
}
WINDOW = timedelta(days=400)
"""No one asks for more of the log at once."""

MEDICAL = re.compile(
    "手术|整形|整容|医美|注射|隆|吸脂|玻尿酸|肉毒|假体|双眼皮|重睑|麻醉|病历|诊断|病情|患者|疾病|术前|术后|面诊"
)


@dataclass(frozen=True)
class Facts:
    """What is known about an incident when its duties are worked out."""

    kind: IncidentKind
    level: IncidentLevel
    discovered_at: datetime
    profiles: frozenset[str]
    operator: str = "ordinary"
    persons: int = 0
    minors: int = 0
    is_crime: bool = False
    handled_at: datetime | None = None
    numbers: Mapping[str, int] | None = None

    def number(self, code: str) -> int:
        return (self.numbers or {})[code]


@dataclass(frozen=True)
class Clock:
    """One duty with its absolute end."""

    code: str
    rule_code: str
    trigger_at: datetime
    due_at: datetime
    is_immediate: bool


@dataclass(frozen=True)
class Duty:
    """One line of the table of duties: when it applies and when it ends; no end means at once."""

    code: str
    rule_code: str
    title: "_StrOrPromise"
    profile: str
    applies: Callable[[Facts], bool]
    end: Callable[[Facts], datetime] | None = None
    start: Callable[[Facts], datetime] = lambda facts: facts.discovered_at
    may_be_exempt: bool = False
    to_persons: bool = False


def _is_leak(facts: Facts) -> bool:
    return facts.kind != IncidentKind.PHISHING or facts.persons > 0


def _is_larger(facts: Facts) -> bool:
    return LEVELS.index(facts.level) >= LEVELS.index(IncidentLevel.LARGER)


def _after_hours(code: Callable[[Facts], str]) -> Callable[[Facts], datetime]:
    return lambda facts: facts.discovered_at + timedelta(hours=facts.number(code(facts)))


def _hipaa_report(facts: Facts) -> datetime:
    """Many persons: with the letters; few: within as many days after the end of the year."""
    days = timedelta(days=facts.number("breach.hipaa_days"))
    if facts.persons >= facts.number("breach.hipaa_large"):
        return facts.discovered_at + days
    year = facts.discovered_at.astimezone(SHANGHAI).year
    return datetime(year + 1, 1, 1, tzinfo=SHANGHAI).astimezone(UTC) + days


CN, GDPR, HIPAA = Profile.CN.value, Profile.GDPR.value, Profile.HIPAA.value
DUTIES: tuple[Duty, ...] = (
    Duty("pipl.authority", "B-1", gettext_lazy("报告履行个人信息保护职责的部门"), CN, _is_leak),
    Duty(
        "pipl.persons", "B-1", gettext_lazy("告知受影响的个人"), CN, _is_leak,
        may_be_exempt=True, to_persons=True,
    ),
    Duty(
        "minors.guardians", "M-7", gettext_lazy("逐一告知未成年人及其监护人"), CN,
        lambda facts: facts.minors > 0, to_persons=True,
    ),
    Duty("police", "B-3", gettext_lazy("向公安机关报案"), CN, lambda facts: facts.is_crime),
    Duty(
        "csl.report", "B-4", gettext_lazy("报告省级网信部门（较大以上）"), CN, _is_larger,
        end=_after_hours(lambda facts: HOURS_BY_OPERATOR[facts.operator]),
    ),
    Duty(
        "csl.final", "B-6", gettext_lazy("报送事件总结报告"), CN,
        lambda facts: _is_larger(facts) and facts.handled_at is not None,
        end=lambda facts: (facts.handled_at or facts.discovered_at)
        + timedelta(days=facts.number("breach.final_days")),
        start=lambda facts: facts.handled_at or facts.discovered_at,
    ),
    Duty(
        "gdpr.authority", "EU-33", gettext_lazy("报告欧盟监管机构"), GDPR, _is_leak,
        end=_after_hours(lambda facts: "breach.gdpr_hours"), may_be_exempt=True,
    ),
    Duty(
        "gdpr.persons", "EU-34", gettext_lazy("告知欧盟境内的个人（高风险）"), GDPR, _is_leak,
        may_be_exempt=True, to_persons=True,
    ),
    Duty(
        "hipaa.persons", "US-404", gettext_lazy("告知个人（HIPAA）"), HIPAA, _is_leak,
        end=lambda facts: facts.discovered_at + timedelta(days=facts.number("breach.hipaa_days")),
        to_persons=True,
    ),
    Duty("hipaa.hhs", "US-408", gettext_lazy("报告美国卫生与公众服务部"), HIPAA, _is_leak, end=_hipaa_report),
    Duty(
        "hipaa.media", "US-406", gettext_lazy("媒体公告"), HIPAA,
        lambda facts: facts.persons > facts.number("breach.hipaa_large"),
        end=lambda facts: facts.discovered_at + timedelta(days=facts.number("breach.hipaa_days")),
    ),
)  # fmt: skip
BY_CODE = {duty.code: duty for duty in DUTIES}
NUMBERS = (
    *HOURS_BY_OPERATOR.values(), "breach.final_days", "breach.gdpr_hours", "breach.hipaa_days",
    "breach.hipaa_large",
)  # fmt: skip


def clocks(facts: Facts) -> list[Clock]:
    """Return a clock for each duty that these facts start."""
    return [
        Clock(
            code=duty.code,
            rule_code=duty.rule_code,
            trigger_at=duty.start(facts),
            due_at=duty.end(facts) if duty.end else duty.start(facts),
            is_immediate=duty.end is None,
        )
        for duty in DUTIES
        if duty.profile in facts.profiles and duty.applies(facts)
    ]


def level_of(*, persons: int, loss_wan: int, numbers: Mapping[str, int]) -> IncidentLevel:
    """The lowest level that the numbers allow; other criteria may raise it, never lower it."""
    found = IncidentLevel.MINOR
    for level in LEVELS[1:]:
        if persons >= numbers[f"level.{level}_persons"] or loss_wan >= numbers[f"level.{level}_loss"]:
            found = level
    return found


def check_level(level: IncidentLevel, least: IncidentLevel) -> None:
    if LEVELS.index(level) < LEVELS.index(least):
        text = _("按人数与损失至少为「%(level)s」（国家网络安全事件报告管理办法附件）。")
        raise RuleBroken(text % {"level": least.label}, code="level")


def check_report(*, title: str, what: str, discovered_at: datetime, now: datetime) -> None:
    if len(title.strip()) < 4:
        raise RuleBroken(_("用一句话写明发生了什么。"), code="title")
    if not what.strip():
        raise RuleBroken(_("请写明经过：看到了什么、何时、在哪个系统。"), code="what")
    if discovered_at > now:
        raise RuleBroken(_("发现时间不能晚于现在。"), code="discovered_at")


def check_window(since: datetime, until: datetime, now: datetime) -> None:
    if not since < until:
        raise RuleBroken(_("结束时间须晚于开始时间。"), code="until")
    if since > now:
        raise RuleBroken(_("开始时间不能晚于现在。"), code="since")
    if until - since > WINDOW:
        raise RuleBroken(_("一次最多计算 400 天；更长的请分段。"), code="until")


def check_exempt(duty_code: str, reason: str) -> None:
    """Only the person may be left untold, and only with a reason that can be shown (B-2)."""
    duty = BY_CODE.get(duty_code)
    if duty is None or not duty.may_be_exempt:
        text = _("这项义务不能豁免：向部门的报告不因措施有效而免除（个人信息保护法第五十七条）。")
        raise RuleBroken(text, code="exempt")
    if len(reason.strip()) < 10:
        raise RuleBroken(_("请写明措施为何有效避免了危害，至少 10 个字。"), code="evidence")


def check_close(
    *,
    status: IncidentStatus,
    duties: Iterable[tuple[str, DutyState]],
    measures: str,
    report: str,
    handled_at: datetime | None,
    where: str = "",
) -> None:
    """Refuse to close while a duty is open or unexplained."""
    if status != IncidentStatus.OPEN:
        raise RuleBroken(_("只有处置中的事件可以结案。"), code="status")
    missing = [
        Missing(str(BY_CODE[code].title), BY_CODE[code].rule_code, where)
        for code, state in duties
        if state == DutyState.OPEN and code in BY_CODE
    ]
    if not measures.strip():
        missing.append(Missing(_("已采取的措施"), "《个人信息保护法》第五十七条", where))
    if handled_at is None:
        missing.append(Missing(_("处置结束时间"), "B-6", where))
    if not report.strip():
        missing.append(Missing(_("总结报告：原因、措施、危害、责任、整改与教训"), "B-6", where))
    if missing:
        raise RuleBroken(_("还不能结案。"), missing=missing, code="close")


def check_neutral(texts: Mapping[str, str]) -> None:
    """A text message may be read over a shoulder: it names no medical word."""
    for name, text in texts.items():
        found = sorted(set(MEDICAL.findall(text)))
        if found:
            said = _("告知短信会被旁人看到，请不要写：%(words)s。") % {"words": "、".join(found)}
            raise RuleBroken(said, code=name)
        if not text.strip():
            raise RuleBroken(_("起草告知前请先填写这一项（个人信息保护法第五十七条）。"), code=name)


def told_categories(*, has_identity: bool, has_health: bool, has_money: bool) -> str:
    """The kinds of data in words that give nothing away."""
    words = [
        (has_identity, _("身份与联系资料")),
        (has_health, _("到院服务记录（含敏感个人信息）")),
        (has_money, _("费用记录")),
    ]
    return "、".join(word for is_there, word in words if is_there) or _("身份与联系资料")


def new_duties(wanted: Iterable[Clock], known: Collection[str]) -> list[Clock]:
    """Only what is not there yet: a clock that runs is never moved, a duty once started never vanishes."""
    return [clock for clock in wanted if clock.code not in known]
