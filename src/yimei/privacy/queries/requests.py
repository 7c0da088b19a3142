"""Requests with their clocks, what a decision would do, the letter and the copy of a person's data."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core import names
from yimei.core.clock import local_date
from yimei.core.errors import Missing
from yimei.people.models import Guardian, Patient, Staff
from yimei.people.queries import proved_guardians
from yimei.people.roles import Permission
from yimei.privacy import registry
from yimei.privacy.enums import (
    Answer,
    Decision,
    OutcomeKind,
    RecordKind,
    Refusal,
    Requester,
    RequestKind,
    RequestStatus,
    UnsealReason,
)
from yimei.privacy.models import DeadlineRule, Outcome, RightsRequest, Unsealing
from yimei.privacy.queries import automated
from yimei.privacy.queries.erasure import IDENTITY, Plan, Run, plan, still_running
from yimei.privacy.queries.sections import sections_of
from yimei.privacy.rules import requests as rules
from yimei.privacy.rules import restriction

WHY = 200
"""How long a reason may be, as it is kept."""
STEPS = (RequestStatus.RECEIVED, RequestStatus.VERIFIED, RequestStatus.DECIDED, RequestStatus.ANSWERED)
AMBER, RED = timedelta(days=7), timedelta(days=3)
"""Warn a week before the end, call out three days before it: a choice of the house."""

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
class Clock:
    """How much time is left, in a word and a colour."""

    text: str
    tone: str
    is_late: bool


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


def open_requests(by: Staff) -> QuerySet[RightsRequest]:
    """What waits, the most urgent first."""
    return RightsRequest.objects.visible_to(by).open().with_people().order_by("due_at", "id")


def closed_requests(by: Staff) -> QuerySet[RightsRequest]:
    done = [status for status in RequestStatus if status not in rules.OPEN]
    return RightsRequest.objects.visible_to(by).filter(status__in=done).with_people().order_by("-id")


def late_count(by: Staff, now: datetime) -> int:
    """How many are red; one cheap query for the rail."""
    waiting = RightsRequest.objects.visible_to(by).open()
    return waiting.filter(due_at__lte=now + RED).exclude(extended_to__gt=now + RED).count()


def requests_of(patient: Patient) -> QuerySet[RightsRequest]:
    files = Patient.objects.files_of(patient)
    return RightsRequest.objects.filter(patient__in=files).with_people().order_by("-id")


def steps(request: RightsRequest) -> list[tuple[str, str]]:
    """Where the request stands; one that ended early shows its end."""
    status = RequestStatus(request.status)
    if status not in STEPS:
        return [(_("已收到"), "done"), (str(status.label), "blocked")]
    words = (_("受理"), _("身份核验"), _("决定"), _("答复并执行"))
    at = STEPS.index(status) + 1
    return [
        (word, "done" if place < at else "current" if place == at else "todo")
        for place, word in enumerate(words)
    ]


def clock(request: RightsRequest, now: datetime) -> Clock | None:
    """The time left of a request that runs."""
    if request.status not in rules.OPEN:
        return None
    left = request.ends_at - now
    if left <= timedelta(0):
        return Clock(_("逾期 %(days)d 天") % {"days": max(1, -left.days)}, "danger", True)
    words = _("还有 %(days)d 天") % {"days": left.days} if left.days else _("今天到期")
    tone = "danger" if left <= RED else "warn" if left <= AMBER else ""
    return Clock(words, tone, False)


def guardian_of(request: RightsRequest) -> Guardian | None:
    """Who asked for somebody and is to be answered: a proved guardian."""
    patient = request.patient
    if request.requester != Requester.GUARDIAN or patient.person.vault_key.is_destroyed:
        return None
    return next((one for one in proved_guardians(patient) if one.person.phone), None)


def outcomes(request: RightsRequest) -> list[Outcome]:
    """The lines of the decision that stands."""
    if request.decided_at is None:
        return []
    return list(Outcome.objects.filter(request=request, decided_at=request.decided_at))


def title_of(holding: str) -> str:
    found = registry.find(holding)
    return found.title if found else holding


def unsealings(by: Staff) -> QuerySet[Unsealing]:
    return Unsealing.objects.visible_to(by).with_people()[:50]


def unseal_reasons() -> Sequence[tuple[str, str]]:
    return [(reason.value, str(reason.label)) for reason in UnsealReason]


def sealed_count(by: Staff) -> int:
    """How many persons are sealed, never who they are."""
    reach = Patient.objects.reachable(by, Permission.PATIENT_VIEW).exclude(sealed_at=None)
    return reach.filter(person__vault_key__destroyed_at=None).count()


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


def letter_of(request: RightsRequest) -> dict[str, Any]:
    """What the answer says: per holding what was done, until when, under which article, and the remedy."""
    lines = outcomes(request)
    sections = [
        {"title": _("结论"), "paragraphs": _conclusion(request, lines)},
        *_grouped(lines),
        *([{"title": _("说明"), "paragraphs": [request.reply]}] if request.reply else []),
        *(
            [{"title": _("延长答复期限"), "paragraphs": [request.extension_reason]}]
            if request.extended_to
            else []
        ),
        {"title": _("救济途径"), "paragraphs": [rules.remedy()]},
    ]
    decided = request.decided_at or request.received_at
    return {
        **head_of(request),
        "date": decided,
        "opening": _("您于 %(day)s 提出的「%(kind)s」请求，本院已核验身份并审查完毕，答复如下。")
        % {"day": _day(request.received_at), "kind": request.get_kind_display()},
        "sections": sections,
        "closing": f"{request.patient.campus.name}\n{_('个人信息保护负责人')}\n{_day(decided)}",
    }


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


def head_of(request: RightsRequest) -> dict[str, Any]:
    patient = request.patient
    is_known = not patient.person.vault_key.is_destroyed
    return {
        "hospital": patient.campus.name,
        "facts": [
            (_("请求编号"), request.number),
            (_("当事人"), patient.person.name if is_known else _("（资料已删除）")),
            (_("请求人"), str(request.get_requester_display())),
            (_("身份核验"), str(request.get_identity_method_display()) if request.identity_method else "—"),
        ],
        "foot": _("本答复书按类别写明处理结果、期限与依据，请妥善保存。"),
    }


def _conclusion(request: RightsRequest, lines: Sequence[Outcome]) -> list[str]:
    counted = Counter(str(line.get_outcome_display()) for line in lines)
    words = "，".join(f"{word} {count} 类" for word, count in counted.items())
    said = [f"{request.get_decision_display()}：{words}。"]
    untils = [line.until for line in lines if line.until]
    if untils:
        said.append(
            _("封存期间只作存储与必要的保护，不再用于其他目的；期满后由系统自动删除，最晚为 %(day)s 之后。")
            % {"day": f"{max(untils):%Y-%m-%d}"}
        )
    if any(line.outcome == OutcomeKind.RUNNING for line in lines):
        said.append(
            _(
                "营销、分群、统计分析、故事展示等可选用途自本答复起全部停止。标为「办完为止」的事项照常进行，"
                "您仍可就诊并使用手机门户；全部办完或取消之后，由系统自动转为只作存储，不需要再次提出。"
                "届时手机门户不再开放，本答复书请保存纸质件；要恢复处理，请联系本院。"
            )
        )
    if any(line.outcome == OutcomeKind.HELD for line in lines):
        said.append(
            _("争议、保全或投诉终结之前只作存储；终结之后由系统自动完成删除或者封存，不需要再次提出。")
        )
    return said


def _grouped(lines: Sequence[Outcome]) -> list[dict[str, Any]]:
    """One section for each result and day, one paragraph for each article: what, why, on which ground."""
    groups: dict[str, dict[str, list[Outcome]]] = {}
    for line in lines:
        until = f" {_('至')} {line.until:%Y-%m-%d}" if line.until else ""
        by_article = groups.setdefault(f"{line.get_outcome_display()}{until}", {})
        by_article.setdefault(line.article, []).append(line)
    return [
        {"title": title, "paragraphs": [_paragraph(article, same) for article, same in by_article.items()]}
        for title, by_article in groups.items()
    ]


def _paragraph(article: str, lines: Sequence[Outcome]) -> str:
    said = "；".join(
        f"{title_of(line.holding)}（{line.why}）" if line.why else title_of(line.holding) for line in lines
    )
    return f"{said}。{_('依据')}：{article}。" if article else f"{said}。"


def _day(moment: datetime) -> str:
    return f"{local_date(moment):%Y-%m-%d}"


def deadline_rules() -> QuerySet[DeadlineRule]:
    """Every law's clock, those that count first."""
    return DeadlineRule.objects.order_by("-is_active", "code", "-effective_from")


def wanted_of(request: RightsRequest) -> list[tuple[str, str, str]]:
    """What a correction changes: label, before, after; nothing once nobody is known any more."""
    person = request.patient.person
    if person.vault_key.is_destroyed or not request.wanted:
        return []
    labels = {"name": _("姓名"), "phone": _("手机"), "id_no": _("证件号"), "birth_date": _("出生日期")}
    return [
        (labels[name], str(getattr(person, name) or "—"), value)
        for name, value in request.wanted.items()
        if name in labels
    ]


def supplements_of(request: RightsRequest) -> list[str]:
    """Which records a correction wants added to; they are never rewritten (PIPL 46)."""
    words = request.scope if request.kind == RequestKind.CORRECT else ()
    return [str(RecordKind(word).label) for word in words if word in RecordKind]


def shown_name(request: RightsRequest) -> str:
    """The masked name for lists; a dash once nobody is known any more."""
    person = request.patient.person
    return "—" if person.vault_key.is_destroyed else names.mask(person.name)


def outcome_label(outcome: str, *, is_decided: bool) -> str:
    """What was done, or before the decision what would be."""
    kind = OutcomeKind(outcome)
    return str(kind.label) if is_decided else str(WOULD.get(kind, kind.label))
