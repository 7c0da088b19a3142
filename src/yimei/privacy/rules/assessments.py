"""When an impact assessment is needed, what it must say, how risk is scored (PIPL 55, 56)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from yimei.core.errors import Missing, RuleBroken
from yimei.privacy.enums import Basis, Trigger
from yimei.privacy.enums.parties import PartyKind

ARTICLE = "《个人信息保护法》第五十五条、第五十六条"
HIGHEST = 5
TOO_HIGH = 15
"""Likelihood times severity: what remains at 15 or above may not go live. A choice of the house."""
FARTHEST = 90
"""Days to which the last day of a purpose without a signature may be moved. A choice of the house."""
REASON_MIN = 10
SECTIONS = ("necessity", "impact", "measures")
BY_PURPOSE: Mapping[str, Trigger] = {
    "automated": Trigger.AUTOMATED,
    "sharing.partner": Trigger.SHARE,
    "image.publicity": Trigger.PUBLISH,
    "abroad": Trigger.ABROAD,
}
BY_PARTY: Mapping[PartyKind, Trigger] = {
    PartyKind.PROCESSOR: Trigger.ENTRUST,
    PartyKind.RECIPIENT: Trigger.SHARE,
    PartyKind.JOINT: Trigger.SHARE,
}


def kind_of(subject: str) -> str:
    """Say what an assessment is about, by the word before the colon of its code."""
    kinds = {"purpose": _("处理目的"), "party": _("合作方"), "transfer": _("个人信息出境")}
    return kinds.get(subject.partition(":")[0], subject)


@dataclass(frozen=True)
class Risk:
    """One thing that may go wrong, scored before and after what is done about it."""

    what: str
    likelihood: int
    severity: int
    measure: str
    likelihood_after: int
    severity_after: int

    @property
    def before(self) -> int:
        return self.likelihood * self.severity

    @property
    def after(self) -> int:
        return self.likelihood_after * self.severity_after


def triggers_of_purpose(
    code: str, *, is_sensitive: bool, declared: Collection[str] = (), is_new: bool = False
) -> frozenset[Trigger]:
    """Which of the situations of PIPL 55 a purpose is; what the hospital adds or changes is one by itself."""
    found = {BY_PURPOSE[code]} if code in BY_PURPOSE else set()
    found |= {Trigger(each) for each in declared}
    found |= {Trigger.SENSITIVE} if is_sensitive else set()
    return frozenset(found | ({Trigger.NEW} if is_new else set()))


def may_stop(*, is_necessary: bool, basis: str) -> bool:
    """Not what care needs, and not what the law bids."""
    return not is_necessary and basis != Basis.DUTY


def check_stop(name: str, *, is_necessary: bool, basis: str) -> None:
    """Refuse to stop what care needs or what the law bids."""
    if is_necessary:
        raise RuleBroken(_("「%(name)s」为提供服务所必需，不能停用。") % {"name": name}, code="purpose")
    if not may_stop(is_necessary=is_necessary, basis=basis):
        raise RuleBroken(_("「%(name)s」是法定职责所要求的，不能停用。") % {"name": name}, code="purpose")


def read_risks(rows: Sequence[Mapping[str, Any]]) -> list[Risk]:
    """Keep the rows that say something; refuse a score outside 1 to 5."""
    found = []
    for row in rows:
        if not str(row.get("what", "")).strip():
            continue
        scores = [row.get(name) for name in ("likelihood", "severity", "likelihood_after", "severity_after")]
        if not all(isinstance(score, int) and 1 <= score <= HIGHEST for score in scores):
            raise RuleBroken(_("每项风险的可能性与严重性都填 1 至 5。"), code="risks")
        found.append(
            Risk(
                what=str(row["what"]).strip()[:200],
                likelihood=int(row["likelihood"]),
                severity=int(row["severity"]),
                measure=str(row.get("measure", "")).strip()[:300],
                likelihood_after=int(row["likelihood_after"]),
                severity_after=int(row["severity_after"]),
            )
        )
    return found


def score(risks: Sequence[Risk]) -> tuple[int, int]:
    """The worst risk before and after; nothing is averaged away."""
    return max((risk.before for risk in risks), default=0), max((risk.after for risk in risks), default=0)


def check_whole(*, texts: Mapping[str, str], risks: Sequence[Risk], triggers: Collection[str]) -> None:
    """The three sections of PIPL 56, at least one trigger, and a scored risk with its measure."""
    labels = {
        "necessity": _("目的与方式是否合法、正当、必要"),
        "impact": _("对个人权益的影响与安全风险"),
        "measures": _("保护措施是否合法、有效并与风险相适应"),
    }
    missing = [
        Missing(labels[name], "《个人信息保护法》第五十六条")
        for name in SECTIONS
        if len(texts[name].strip()) < 10
    ]
    if not triggers:
        missing.append(Missing(_("至少一种触发情形"), "《个人信息保护法》第五十五条"))
    if not risks or any(not risk.measure for risk in risks):
        missing.append(Missing(_("至少一项风险，每项写明措施"), "《个人信息保护法》第五十六条"))
    if any(risk.after > risk.before for risk in risks):
        missing.append(Missing(_("措施之后的风险不能高于之前"), "《个人信息保护法》第五十六条"))
    if missing:
        raise RuleBroken(_("评估还不完整。"), missing=missing, code="whole")


def closes_on(*, is_new: bool, is_empty: bool, days: int, on: date) -> date:
    """From which day nothing is collected for what nobody signed: at once where nobody was asked yet."""
    return on if is_new or is_empty else on + timedelta(days=days)


def check_postpone(*, until: date, reason: str, on: date, before: date | None, times: int) -> str:
    """Another last day, once, while there still is one: tomorrow to three months from now, for a reason."""
    if before is None or before <= on:
        raise RuleBroken(_("没有可以改的期限：已签署，或已停止收集。"), code="until")
    if times:
        raise RuleBroken(_("签署期限只能改一次；请在现在的期限内签署，或停用这个目的。"), code="until")
    if not on < until <= on + timedelta(days=FARTHEST):
        raise RuleBroken(_("新的期限应在明天到 %(n)d 天之内。") % {"n": FARTHEST}, code="until")
    words = " ".join(reason.replace("\0", "").split())
    if len(words) < REASON_MIN:
        raise RuleBroken(_("请写明理由，至少 %(n)d 个字。") % {"n": REASON_MIN}, code="reason")
    return words[:200]


def check_sign(*, prepared_by: int | None, has_read: bool, risks: Sequence[Risk]) -> None:
    """Who signs what the program drafted stands for having read it; what a person wrote, another approves."""
    if prepared_by is not None:
        raise RuleBroken(_("这份评估有人改过，请提交给另一人批准。"), code="state")
    if not has_read:
        raise RuleBroken(_("请逐段读完，核对与本院实际相符，再勾选并签署。"), code="has_read")
    check_residual(risks)


def check_approve(*, prepared_by: int | None, approver: int, risks: Sequence[Risk]) -> None:
    if prepared_by == approver:
        raise RuleBroken(_("编写人不能批准自己的评估，请由另一人批准。"), code="remark")
    check_residual(risks)


def check_residual(risks: Sequence[Risk]) -> None:
    """What remains too risky goes live for nobody."""
    if score(risks)[1] >= TOO_HIGH:
        text = _("剩余风险 %(n)d 仍为高风险（15 及以上），不得上线；请加强措施后重新提交。")
        raise RuleBroken(text % {"n": score(risks)[1]}, code="remark")


def missing_for(
    wanted: Collection[Trigger],
    approved: Sequence[tuple[Collection[str], date]],
    *,
    on: date,
    name: str,
    where: str = "",
) -> list[Missing]:
    """Name each situation that no approved, unexpired assessment covers (P-1)."""
    covered = {trigger for triggers, valid_to in approved if valid_to >= on for trigger in triggers}
    return [
        Missing(
            _("「%(name)s」的影响评估：%(trigger)s") % {"name": name, "trigger": trigger.label},
            ARTICLE,
            where,
        )
        for trigger in sorted(wanted)
        if trigger.value not in covered
    ]
