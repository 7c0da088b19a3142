"""What a decision would do to each holding, and what must come first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.errors import Missing
from yimei.privacy.enums import Answer, Decision, OutcomeKind, Refusal, RequestKind
from yimei.privacy.models import RightsRequest
from yimei.privacy.queries import automated
from yimei.privacy.queries.erasure import IDENTITY, Plan, Run, plan, still_running
from yimei.privacy.queries.sections import sections_of
from yimei.privacy.rules import requests as rules
from yimei.privacy.rules import restriction

WHY = 200
"""How long a reason may be, as it is kept."""
OUTCOMES: Mapping[Answer, OutcomeKind] = {
    Answer.ERASE: OutcomeKind.ERASED,
    Answer.SEAL: OutcomeKind.SEALED,
    Answer.KEEP: OutcomeKind.KEPT,
    Answer.HOLD: OutcomeKind.HELD,
}
WOULD = {
    OutcomeKind.ERASED: gettext_lazy("将删除"),
    OutcomeKind.SEALED: gettext_lazy("将封存"),
    OutcomeKind.GIVEN: gettext_lazy("将提供"),
    OutcomeKind.CHANGED: gettext_lazy("将更正"),
    OutcomeKind.STOPPED: gettext_lazy("将停止"),
    OutcomeKind.HELD: gettext_lazy("将暂缓"),
    OutcomeKind.RUNNING: gettext_lazy("办完为止"),
}


@dataclass(frozen=True)
class Line:
    """One holding of a decision, as it is kept and told."""

    holding: str
    outcome: OutcomeKind
    until: date | None
    article: str
    why: str
    rows: int


@dataclass(frozen=True)
class Proposal:
    """What a decision means: the word that sums it up, line by line, and what must come first."""

    decision: Decision
    lines: tuple[Line, ...]
    pending: tuple[Missing, ...]


def proposed(request: RightsRequest, *, decision: Decision, refusal: str, now: datetime) -> Proposal:
    """Say for each holding what this decision would do now."""
    kind = RequestKind(request.kind)
    if decision == Decision.REFUSED:
        return Proposal(decision, _refused(refusal), ())
    if kind in rules.ERASING:
        return _of_plan(plan(request.patient, now))
    if kind == RequestKind.RESTRICT:
        return Proposal(Decision.GRANTED, _restricted(plan(request.patient, now), now), ())
    return Proposal(decision, _granted(request), ())


def outcome_label(outcome: str, *, is_decided: bool) -> str:
    """What was done, or before the decision what would be."""
    kind = OutcomeKind(outcome)
    return str(kind.label) if is_decided else str(WOULD.get(kind, kind.label))


@dataclass(frozen=True)
class Restriction:
    """How far an answered restriction has come: since when, sealed or not yet, and what it waits for."""

    since: datetime
    sealed_at: datetime | None
    running: tuple[Missing, ...]


def restriction_of(request: RightsRequest, *, now: datetime) -> Restriction | None:
    """The same of a request, or what one would wait for before it is answered; nothing of all others."""
    patient = request.patient.head
    if request.kind != RequestKind.RESTRICT or patient.restricted_at is None:
        return None
    runs = () if patient.is_sealed else still_running(plan(patient, now, counted=False), now)
    return Restriction(patient.restricted_at, patient.sealed_at, tuple(run.missing for run in runs))


def _of_plan(today: Plan) -> Proposal:
    lines = tuple(
        Line(line.holding.code, OUTCOMES[line.answer], line.until, line.article, line.why, line.count)
        for line in sorted(today.lines, key=lambda line: list(Answer).index(line.answer))
        if line.count
    )
    seals = any(line.outcome in {OutcomeKind.SEALED, OutcomeKind.HELD} for line in lines)
    return Proposal(Decision.PARTLY if seals else Decision.GRANTED, lines, today.pending)


def _restricted(today: Plan, now: datetime) -> tuple[Line, ...]:
    """What still runs first, by its holding; all the rest stops, and is only stored when nothing runs."""
    runs: dict[str, list[Run]] = {}
    for run in still_running(today, now):
        runs.setdefault(run.holding, []).append(run)
    counts = {line.holding.code: line.count for line in today.lines}
    going = tuple(
        Line(
            holding,
            OutcomeKind.RUNNING,
            None,
            restriction.ARTICLE,
            Truncator("；".join(run.missing.what for run in some)).chars(WHY),
            counts.get(holding, 0),
        )
        for holding, some in runs.items()
    )
    outcome, until, why = OutcomeKind.SEALED, today.until, _("只存储，不再作其他处理")
    if going:
        outcome, until, why = OutcomeKind.STOPPED, None, _("可选用途立即停止；在办事项办完后只作存储")
    stored = tuple(
        Line(line.holding.code, outcome, until, restriction.ARTICLE, why, line.count)
        for line in today.lines
        if line.answer != Answer.KEEP and line.count and line.holding.code not in runs
    )
    return going + stored


def _granted(request: RightsRequest) -> tuple[Line, ...]:
    kind = RequestKind(request.kind)
    if kind in rules.GIVING:
        return tuple(
            Line(section.code, OutcomeKind.GIVEN, None, "《个人信息保护法》第四十五条", "", len(section.rows))
            for section in sections_of(request.patient)
        )
    if kind == RequestKind.WITHDRAW:
        why = _("立即生效；撤回前已进行的处理仍然有效")
        return (
            Line(
                "privacy.consent",
                OutcomeKind.STOPPED,
                None,
                "《个人信息保护法》第十五条",
                why,
                len(request.scope),
            ),
        )
    if kind == RequestKind.CORRECT:
        return tuple(_corrected(request))
    if kind == RequestKind.COMPLAIN:
        article = "《网络数据安全管理条例》第二十条"
        return (Line("privacy.request", OutcomeKind.HANDLED, None, article, _("结论见说明"), 1),)
    return tuple(_explained(request))


def _explained(request: RightsRequest) -> Iterator[Line]:
    """The rules, and each program that judged her: explained, and silent from now on where she asked."""
    article = "《个人信息保护法》第二十四条、第四十八条"
    shown = automated.of_request(request)
    for one in shown:
        words = {"title": one.program.title}
        if one.program.code in request.scope or one.is_by_people:
            why, outcome = _("「%(title)s」不再由程序判断，改由人决定") % words, OutcomeKind.STOPPED
        else:
            why, outcome = _("「%(title)s」的依据、结果与用处见说明") % words, OutcomeKind.GIVEN
        yield Line(one.program.holding, outcome, None, "《个人信息保护法》第二十四条", why, len(one.judged))
    why = _("处理规则见说明") if shown else _("没有程序对您作出过自动判断；处理规则见说明")
    yield Line("privacy.register", OutcomeKind.GIVEN, None, article, why, 1)


def _corrected(request: RightsRequest) -> Iterator[Line]:
    """The identity is changed; what was signed stays, with an addendum beside it (R-6)."""
    article = "《个人信息保护法》第四十六条"
    if wanted := request.wanted or {}:
        yield Line(IDENTITY, OutcomeKind.CHANGED, None, article, _("核实后更正"), len(wanted))
    if request.scope:
        why = _("已签署的病历以补充记录更正，不改动原文")
        yield Line("privacy.addendum", OutcomeKind.CHANGED, None, article, why, len(request.scope))


def _refused(refusal: str) -> tuple[Line, ...]:
    if not refusal:
        return ()
    reason = Refusal(refusal)
    article = rules.REFUSAL_ARTICLES[reason]
    return (Line(IDENTITY, OutcomeKind.REFUSED, None, article, str(reason.label), 0),)
