"""Audit rounds: the checklist from the rules in force, samples, the report, the ten measures."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.audit.models import Entry
from yimei.core.clock import local_day
from yimei.people.models import Staff
from yimei.privacy import registry
from yimei.privacy.enums import CheckResult, ProofState, RoundKind
from yimei.privacy.models import (
    AuditCheck,
    AuditRound,
    Consent,
    ControlRun,
    RightsRequest,
    Rule,
)
from yimei.privacy.queries import controls, counters, packs
from yimei.privacy.queries.samples import described, minute
from yimei.privacy.rules import audits as rules

MINOR_RULES = ("M-", "C-8", "B-1", "S-1", "D-3")
SAMPLES = {
    "consents": gettext_lazy("同意记录"),
    "requests": gettext_lazy("主体权利请求"),
    "looks": gettext_lazy("查看记录"),
}
MEASURES = (
    gettext_lazy("目的与同意"),
    gettext_lazy("最小必要"),
    gettext_lazy("安全保护"),
    gettext_lazy("透明与途径"),
    gettext_lazy("跨境传输"),
    gettext_lazy("主体权利"),
    gettext_lazy("泄露通知"),
    gettext_lazy("合规审计"),
    gettext_lazy("员工培训"),
    gettext_lazy("合作方管理"),
)


@dataclass(frozen=True)
class Tested:
    """One live test with its newest result."""

    control: registry.Control
    run: ControlRun | None
    state: ProofState
    is_stale: bool


@dataclass(frozen=True)
class Measure:
    """One of the ten measures: green only where every test passed lately."""

    number: int
    title: str
    state: ProofState
    at: datetime | None
    evidence: int
    tests: tuple[Tested, ...]


def posture(now: datetime) -> list[Measure]:
    """The ten measures, each as good as its worst live test."""
    latest = controls.latest()
    found = []
    for number, title in enumerate(MEASURES, 1):
        tests = tuple(
            _tested(one, latest.get(one.code), now) for one in registry.controls() if one.measure == number
        )
        times = [test.run.at for test in tests if test.run]
        found.append(
            Measure(
                number=number,
                title=str(title),
                state=rules.worst(test.state for test in tests),
                at=min(times) if times else None,
                evidence=sum(test.run.count for test in tests if test.run),
                tests=tests,
            )
        )
    return found


def _tested(control: registry.Control, run: ControlRun | None, now: datetime) -> Tested:
    if run is None:
        return Tested(control, None, ProofState.NONE, True)
    is_stale = now - run.at > rules.FRESH
    return Tested(control, run, ProofState.NONE if is_stale else ProofState(run.state), is_stale)


def rounds() -> QuerySet[AuditRound]:
    return AuditRound.objects.select_related("lead", "signed_by")


def checks(one: AuditRound) -> QuerySet[AuditCheck]:
    return one.checks.select_related("owner", "verified_by")


def open_actions() -> QuerySet[AuditCheck]:
    """Corrective actions that nobody has verified yet."""
    waiting = AuditCheck.objects.filter(result__in=[CheckResult.PARTLY, CheckResult.NO], verified_at=None)
    return waiting.exclude(due_on=None).select_related("round", "owner").order_by("due_on")


def rules_for(kind: RoundKind, on: date) -> list[Rule]:
    found = list(packs.rules_in_force(on))
    if kind == RoundKind.MINORS:
        return [rule for rule in found if rule.code.startswith(MINOR_RULES)]
    return [rule for rule in found if not rule.code.startswith("T-")]


def evidence_of(rule_code: str, latest: Mapping[str, ControlRun], now: datetime) -> list[dict[str, Any]]:
    """What the live tests of a rule found last, with their time."""
    return [
        {
            "code": one.code,
            "title": str(one.title),
            "state": test.state.value,
            "text": test.run.text if test.run else "",
            "at": test.run.at.isoformat() if test.run else "",
        }
        for one in controls.of_rules([rule_code])
        if (test := _tested(one, latest.get(one.code), now))
    ]


def population(kind: str, start: date, end: date) -> list[str]:
    """The ids from which a sample is drawn, in the period of the round."""
    since, until = local_day(start)[0], local_day(end)[1]
    if kind == "consents":
        rows = Consent.objects.filter(at__gte=since, at__lt=until)
        return [str(pk) for pk in rows.values_list("public_id", flat=True)]
    if kind == "requests":
        asked = RightsRequest.objects.filter(received_at__gte=since, received_at__lt=until)
        return [str(pk) for pk in asked.values_list("public_id", flat=True)]
    looks = Entry.objects.filter(at__gte=since, at__lt=until).exclude(subject_key=None)
    return [f"{seq:012d}" for seq in looks.filter(action__endswith=".view").values_list("seq", flat=True)]


def staff_choices() -> list[Staff]:
    return list(Staff.objects.active().order_by("name"))


def summary(one: AuditRound) -> Counter[str]:
    return Counter(one.checks.values_list("result", flat=True))


def report(one: AuditRound, *, by: Staff, now: datetime, signer: str) -> Mapping[str, Any]:
    """The report as it is printed and signed."""
    counted = summary(one)
    gauges = {gauge.code: gauge.value for gauge in counters.gauges()}
    words = "；".join(f"{CheckResult(code).label} {n}" for code, n in sorted(counted.items()))
    scope = [
        _("审计期间：%(start)s 至 %(end)s。") % {"start": one.period_from, "end": one.period_to},
        _("检查要点 %(n)d 项：%(words)s。") % {"n": sum(counted.values()), "words": words},
    ]
    if one.kind == RoundKind.MINORS:
        young, older = gauges.get("minors14"), gauges.get("minors18")
        scope.append(
            _("持有未成年人信息：不满十四周岁 %(a)s 人，十四至十七周岁 %(b)s 人。")
            % {"a": "—" if young is None else young, "b": "—" if older is None else older}
        )
    return {
        "date": now,
        "hospital": one.lead.campus.name,
        "facts": [
            [_("类别"), str(one.get_kind_display())],
            [_("审计负责人"), one.lead.name],
            [_("签署人"), by.name],
            [_("电子签名"), signer or _("未配置签名证书，以文件摘要为准")],
        ],
        "sections": [
            {"title": _("一、范围与结论"), "paragraphs": scope},
            {"title": _("二、抽样"), "paragraphs": list(_sampled(one)) or [_("未抽样。")]},
            {"title": _("三、检查要点"), "paragraphs": []},
        ],
        "table": {
            "head": [_("规则"), _("结论"), _("系统证据"), _("发现与整改")],
            "widths": [5, 2, 4, 4],
            "rows": [
                [
                    f"{check.rule_code} {check.question}"[:160],
                    str(check.get_result_display()) + (_("（系统验证）") if check.is_automatic else ""),
                    _proved(check),
                    _finding(check),
                ]
                for check in checks(one)
            ],
        },
        "signatures": [{"label": _("审计负责人"), "name": by.name}, {"label": _("单位（盖章）")}],
        "foot": _("依据《个人信息保护法》第五十四条、《个人信息保护合规审计管理办法》（二手资料）"),
    }


def _sampled(one: AuditRound) -> Iterator[str]:
    """What was drawn, how it can be drawn again, and each row that did not comply."""
    for sample in one.samples.all():
        yield _("%(kind)s：总体 %(all)d，抽取 %(n)d，不合格 %(bad)d；种子 %(seed)s，可复现。") % {
            "kind": SAMPLES.get(sample.kind, sample.kind),
            "all": sample.population,
            "n": len(sample.ids),
            "bad": len(sample.bad),
            "seed": f"{one.seed}:{sample.kind}",
        }
        for row in described(sample):
            if row.why:
                yield _("不合格：%(row)s（%(key)s）——%(why)s") % {
                    "row": row.text,
                    "key": row.key[:13],
                    "why": row.why,
                }


def _proved(check: AuditCheck) -> str:
    """What the live tests found when the round began, with the minute of each."""
    lines = [
        f"{each['title']}：{each['text'] or '—'}（{minute(datetime.fromisoformat(each['at']))}）"
        for each in check.evidence
        if each["at"]
    ]
    return "\n".join(lines) or "—"


def _finding(check: AuditCheck) -> str:
    if not check.finding:
        return "—"
    owner = check.owner.name if check.owner else "—"
    text = _("%(finding)s　责任人 %(owner)s，%(due)s 前整改")
    return text % {"finding": check.finding, "owner": owner, "due": check.due_on or "—"}
