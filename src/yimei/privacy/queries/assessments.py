"""Impact assessments: which are valid, what still lacks one, how they read."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yimei.core.errors import Missing
from yimei.privacy.enums import AssessmentState, Trigger
from yimei.privacy.enums.parties import PartyKind, PartyState
from yimei.privacy.models import Assessment, Party, Purpose, Transfer
from yimei.privacy.queries.register import shipped
from yimei.privacy.rules import assessments as rules
from yimei.privacy.rules.assessments import Risk

SOON = timedelta(days=60)


@dataclass(frozen=True)
class Subject:
    """Something that may need an assessment before it goes live."""

    code: str
    name: str
    triggers: frozenset[Trigger]
    is_live: bool
    since: datetime | None = None
    """When it changed at heart: an assessment from before is of something else."""


def listed(*, state: str = "") -> QuerySet[Assessment]:
    rows = Assessment.objects.select_related("prepared_by", "decided_by")
    return rows.filter(state=state) if state else rows


def risks_of(one: Assessment) -> list[Risk]:
    return [Risk(**row) for row in one.risks]


def score(one: Assessment) -> tuple[int, int]:
    return rules.score(risks_of(one))


def missing(
    subject: str, triggers: Collection[Trigger], *, on: date, name: str, since: datetime | None = None
) -> list[Missing]:
    """The gate of P-1: what no approved, unexpired assessment covers, made since the subject changed."""
    rows = Assessment.objects.filter(subject=subject, state=AssessmentState.APPROVED, valid_to__gte=on)
    if since is not None:
        rows = rows.filter(decided_at__gte=since)
    approved = [(row.triggers, row.valid_to or date.min) for row in rows]
    return rules.missing_for(triggers, approved, on=on, name=name, where="desk:assessments")


def missing_of(purpose: Purpose, *, on: date) -> list[Missing]:
    """What a purpose still lacks before it may go live."""
    subject = f"purpose:{purpose.code}"
    return missing(subject, triggers_of(purpose), on=on, name=purpose.name, since=purpose.changed_at)


def unsigned() -> list[Purpose]:
    """Purposes switched on for which nobody ever signed what PIPL 55 asks; one that ran out is told apart."""
    rows = Assessment.objects.filter(state=AssessmentState.APPROVED, subject__startswith="purpose:")
    signed: dict[str, list[tuple[list[str], datetime | None]]] = {}
    for subject, triggers, at in rows.values_list("subject", "triggers", "decided_at"):
        signed.setdefault(subject, []).append((triggers, at))
    return [
        purpose
        for purpose in Purpose.objects.filter(is_active=True)
        if rules.missing_for(
            triggers_of(purpose),
            [
                (triggers, date.max)
                for triggers, at in signed.get(f"purpose:{purpose.code}", [])
                if purpose.changed_at is None or (at and at >= purpose.changed_at)
            ],
            on=date.min,
            name=purpose.name,
        )
    ]


def drafts() -> Mapping[str, Mapping[str, Any]]:
    """The assessments that the program brings along for its own purposes, to be read and signed."""
    return {row["code"]: row for row in shipped("impact")}


def waiting() -> list[tuple[Purpose, UUID | None]]:
    """Purposes that lack a signature, those already closed first, each with the paper to be signed."""
    rows = list(Purpose.objects.filter(is_active=True).exclude(assess_by=None).order_by("assess_by", "code"))
    if not rows:
        return []
    papers = open_papers(f"purpose:{row.code}" for row in rows)
    return [(row, papers.get(f"purpose:{row.code}")) for row in rows]


def waiting_subject(subject: str) -> Purpose | None:
    """The purpose that waits for this paper."""
    code = subject.removeprefix("purpose:")
    return Purpose.objects.filter(code=code, is_active=True).exclude(assess_by=None).first()


def open_papers(subjects: Iterable[str]) -> dict[str, UUID]:
    """The newest assessment of each subject that is not signed yet."""
    rows = Assessment.objects.filter(subject__in=list(subjects)).exclude(state=AssessmentState.APPROVED)
    return dict(rows.order_by("id").values_list("subject", "public_id"))


def triggers_of(purpose: Purpose) -> frozenset[Trigger]:
    return rules.triggers_of_purpose(
        purpose.code,
        is_sensitive=purpose.is_sensitive,
        declared=purpose.triggers,
        is_new=purpose.is_own or purpose.changed_at is not None,
    )


def subjects() -> list[Subject]:
    """Purposes, parties and transfers that are one of the situations of PIPL 55."""
    found = [
        Subject(
            f"purpose:{row.code}",
            row.name,
            triggers_of(row),
            row.is_active,
            row.changed_at,
        )
        for row in Purpose.objects.all()
    ]
    found += [
        Subject(
            f"party:{row.code}",
            row.name,
            frozenset({rules.BY_PARTY[PartyKind(row.kind)]}),
            row.state == PartyState.ACTIVE,
        )
        for row in Party.objects.exclude(state=PartyState.ENDED)
    ]
    found += [
        Subject(f"transfer:{row.code}", row.title, frozenset({Trigger.ABROAD}), row.state == "active")
        for row in Transfer.objects.all()
    ]
    return [subject for subject in found if subject.triggers]


def uncovered(on: date) -> list[tuple[Subject, list[Missing]]]:
    """What is live, or wants to be, without a valid assessment; live ones first."""
    rows = Assessment.objects.filter(state=AssessmentState.APPROVED, valid_to__gte=on)
    approved: dict[str, list[Assessment]] = {}
    for row in rows:
        approved.setdefault(row.subject, []).append(row)
    found = []
    for subject in subjects():
        lacks = rules.missing_for(
            subject.triggers,
            [
                (row.triggers, row.valid_to or date.min)
                for row in approved.get(subject.code, [])
                if subject.since is None or (row.decided_at and row.decided_at >= subject.since)
            ],
            on=on,
            name=subject.name,
            where="desk:assessments",
        )
        if lacks:
            found.append((subject, lacks))
    return sorted(found, key=lambda pair: not pair[0].is_live)


def expiring(on: date) -> list[Assessment]:
    """Valid ones that end within two months and have no successor yet."""
    rows = listed(state=AssessmentState.APPROVED).filter(valid_to__gte=on, valid_to__lt=on + SOON)
    later = dict(
        Assessment.objects.filter(state=AssessmentState.APPROVED, valid_to__gte=on + SOON).values_list(
            "subject", "valid_to"
        )
    )
    return [row for row in rows if row.subject not in later]


def templates() -> list[dict[str, Any]]:
    """Templates of our own, one for each kind of situation."""
    return shipped("assessments")


def template(code: str) -> Mapping[str, Any]:
    return next((row for row in templates() if row["code"] == code), templates()[0])


def template_for(subject: Subject) -> str:
    """The code of the template that fits a subject best."""
    wanted = {trigger.value for trigger in subject.triggers}
    found = (row["code"] for row in templates() if wanted & set(row["triggers"]))
    return str(next(found, "sensitive"))


def subject_named(code: str) -> Subject | None:
    return next((subject for subject in subjects() if subject.code == code), None)


def purposes() -> QuerySet[Purpose]:
    return Purpose.objects.select_related("retention")


def printed(one: Assessment) -> Mapping[str, Any]:
    """The report as it is filed."""
    before, after = score(one)
    author = one.prepared_by or one.decided_by
    return {
        "date": one.decided_at or one.submitted_at or one.prepared_at,
        "hospital": author.campus.name if author else "",
        "facts": [
            [_("评估对象"), subject.name if (subject := subject_named(one.subject)) else one.subject],
            [_("触发情形"), "、".join(str(Trigger(code).label) for code in one.triggers)],
            [_("状态"), str(one.get_state_display())],
            [_("风险"), f"{before} → {after}"],
            [_("有效期至"), f"{one.valid_to:%Y-%m-%d}" if one.valid_to else "—"],
        ],
        "sections": [
            {"title": _("一、目的与方式是否合法、正当、必要"), "paragraphs": [one.necessity]},
            {"title": _("二、对个人权益的影响与安全风险"), "paragraphs": [one.impact]},
            {"title": _("三、保护措施是否合法、有效并与风险相适应"), "paragraphs": [one.measures]},
            {"title": _("四、风险"), "paragraphs": []},
        ],
        "table": {
            "head": [_("风险"), _("之前"), _("措施"), _("之后")],
            "rows": [
                [
                    risk.what,
                    f"{risk.likelihood}×{risk.severity}={risk.before}",
                    risk.measure,
                    f"{risk.likelihood_after}×{risk.severity_after}={risk.after}",
                ]
                for risk in risks_of(one)
            ],
        },
        "closing": _("编写：%(a)s　批准：%(b)s")
        % {
            "a": one.prepared_by.name if one.prepared_by else _("随程序提供"),
            "b": one.decided_by.name if one.decided_by else "—",
        },
        "foot": rules.ARTICLE + _("；至少保存三年"),
    }
