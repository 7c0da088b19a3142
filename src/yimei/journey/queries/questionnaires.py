"""Reads about questionnaires: versions, drafts, complete sets, and who may read an answer."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from importlib import resources
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yimei.core.database.rows import only
from yimei.core.errors import Missing, NotFound
from yimei.journey import registry
from yimei.journey.access import ASKING
from yimei.journey.enums import QuestionKind
from yimei.journey.models import AnswerSet, Case, Questionnaire, QuestionnaireLink, Referral
from yimei.journey.registry import Look, TimelineItem
from yimei.journey.rules import questionnaires as rules
from yimei.people.access import cares_for, may_see_clinical
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy.models import Purpose
from yimei.privacy.queries import has_consent, needs
from yimei.privacy.registry import for_model

CARE = "care.health"
INVITERS = (Permission.BOOKING_WRITE, *ASKING)
"""Any of these sends a customer a link."""
DATA = "yimei.journey"


# ---- what there is to ask --------------------------------------------------------------------------


@cache
def shipped() -> Sequence[Mapping[str, Any]]:
    """The questionnaires that ship, in our own words."""
    folder = resources.files(DATA) / "data" / "questionnaires"
    paths = sorted(
        (path for path in folder.iterdir() if path.name.endswith(".json")), key=lambda path: path.name
    )
    return tuple(json.loads(path.read_text(encoding="utf-8")) for path in paths)


@dataclass(frozen=True)
class Slot:
    """A scale that somebody else owns: only its name, until the hospital brings its licence and its items."""

    code: str
    name: str
    owner: str
    note: str


@cache
def slots() -> Sequence[Slot]:
    text = (resources.files(DATA) / "data" / "licensed_scales.json").read_text(encoding="utf-8")
    return tuple(Slot(**row) for row in json.loads(text))


def is_licensed_slot(code: str) -> bool:
    return any(slot.code == code for slot in slots())


def newest_version(code: str) -> Questionnaire | None:
    return Questionnaire.objects.filter(code=code).order_by("-version").first()


@dataclass(frozen=True)
class Offered:
    """A questionnaire in its newest version."""

    row: Questionnaire
    definition: rules.Definition


def newest_versions() -> list[Offered]:
    """Return every questionnaire in the version that is asked now; one query."""
    newest: dict[str, Questionnaire] = {}
    for row in Questionnaire.objects.order_by("code", "version"):
        newest[row.code] = row
    return [Offered(row, definition_in(row)) for row in newest.values()]


def versions_of(code: str) -> list[Questionnaire]:
    return list(Questionnaire.objects.filter(code=code).select_related("published_by").order_by("-version"))


def definition_in(row: Questionnaire) -> rules.Definition:
    """The definition of a version; read once in a process, for a version never changes."""
    return _read(row.sha256, json.dumps(row.content, ensure_ascii=False))


@lru_cache(maxsize=64)
def _read(_sha256: str, text: str) -> rules.Definition:
    return rules.read_definition(json.loads(text))


def definition_of(answers: AnswerSet) -> rules.Definition:
    """What this customer's answers are read by: her version, without what is not asked of her sex."""
    return definition_in(answers.questionnaire).for_sex(answers.case.patient.person.sex)


def asked_of(answers: AnswerSet, *, now: datetime) -> rules.Definition:
    """What she may be asked today: of that, what a purpose in force needs (PIPL 6, 19)."""
    return needed(definition_of(answers), answers.case.patient, now=now)


def needed(definition: rules.Definition, patient: Patient, *, now: datetime) -> rules.Definition:
    return definition.for_purposes(needs.in_force(definition.purposes, patient, now))


def need_questions(definition: rules.Definition, title: object) -> None:
    """Refuse where no purpose in force needs any question."""
    if not definition.questions:
        raise needs.refusal(str(title))


def purposes() -> tuple[str, ...]:
    """What questions may serve: the purposes for which the data map says that answers are kept."""
    return for_model(AnswerSet).purpose_codes


def purposes_in_words() -> list[tuple[str, str, bool]]:
    """Code, name, and whether it is in force; for who writes a version."""
    rows = Purpose.objects.filter(code__in=purposes()).order_by("id")
    return [(row.code, row.name, row.is_in_force) for row in rows]


@dataclass(frozen=True)
class Tie:
    """A purpose with the questions of one version that serve it."""

    name: str
    is_stopped: bool
    questions: Sequence[rules.Question]


def ties(definition: rules.Definition) -> list[Tie]:
    """Return for what a version asks, in the words of the register; one query."""
    named = [one for one in definition.questions if one.kind != QuestionKind.SIGNATURE]
    rows = Purpose.objects.filter(code__in=definition.purposes).order_by("id")
    return [
        Tie(row.name, not row.is_in_force, [one for one in named if row.code in one.purposes]) for row in rows
    ]


def missing_to_ask(case: Case, *, now: datetime) -> list[Missing]:
    if has_consent(case.patient, CARE, now) is not None:
        return []
    return [
        Missing(
            what=_("健康信息单独同意"),
            why=_("个人信息保护法第二十九条"),
            where=f"desk:patient-consents:{case.patient.public_id}",
        )
    ]


# ---- who may read -----------------------------------------------------------------------------------


def may_read(patient: Patient, *, by: Staff, now: datetime) -> bool:
    """Answers are for the chart's readers and for the consultant who cares for her; one look, two queries."""
    if may_see_clinical(by, patient, now):
        return True
    return by.may(Permission.CONSULT_WRITE) and not patient.is_sealed and cares_for(by, patient)


def open_to_read(public_id: UUID, *, by: Staff, now: datetime) -> AnswerSet:
    """Return a set of answers that its reader may read."""
    row = only(
        AnswerSet.objects.with_people().select_related("record__key", "pdf__key", "case__patient__campus"),
        public_id,
    )
    if not may_read(row.case.patient, by=by, now=now):
        raise NotFound
    return row


# ---- one customer -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One questionnaire of a case: the draft, the set in force, and those that it corrected."""

    offered: Offered
    draft: AnswerSet | None
    current: AnswerSet | None
    earlier: Sequence[AnswerSet]

    @property
    def code(self) -> str:
        return self.offered.row.code

    @property
    def title(self) -> str:
        return str(self.offered.definition.title)

    @property
    def is_outdated(self) -> bool:
        """Answered under an earlier version than the one asked now."""
        return self.current is not None and self.current.questionnaire_id != self.offered.row.pk


def board(case: Case, *, now: datetime) -> list[Line]:
    """Return every questionnaire with what this case holds of it; few queries.

    One that no purpose in force needs is not offered; what was answered before is still shown.
    """
    rows = list(case.answer_sets.with_people().order_by("-started_at", "-id"))
    replaced = {row.supersedes_id for row in rows if row.completed_at is not None}
    found = []
    for offered in newest_versions():
        mine = [row for row in rows if row.questionnaire.code == offered.row.code]
        complete = [row for row in mine if row.completed_at is not None]
        current = next((row for row in complete if row.pk not in replaced), None)
        if not mine and not needed(offered.definition, case.patient, now=now).questions:
            continue
        found.append(
            Line(
                offered=offered,
                draft=next((row for row in mine if row.completed_at is None), None),
                current=current,
                earlier=[row for row in complete if row is not current],
            )
        )
    return found


def links_of(case: Case, *, now: datetime) -> list[QuestionnaireLink]:
    """Return the links that still open, the newest first."""
    rows = case.questionnaire_links.filter(revoked_at=None, expires_at__gt=now)
    return list(rows.select_related("created_by"))


def scored(row: AnswerSet) -> Sequence[rules.Scored]:
    """The scores of a complete set, computed as they were when it froze."""
    return [one for one in rules.score_all(definition_of(row), row.answers) if one.value is not None]


@dataclass(frozen=True)
class Said:
    """One question with its answer in words."""

    question: rules.Question
    text: str


def said(row: AnswerSet) -> list[tuple[str, list[Said]]]:
    """Return a complete set section by section, only what was asked."""
    found = []
    for section in definition_of(row).sections:
        lines = [
            Said(question, rules.as_said(question, row.answers[question.code]))
            for question in section.questions
            if question.code in row.answers
        ]
        if lines:
            found.append((str(section.title), lines))
    return found


# ---- on the timeline, and on a person's own copy ------------------------------------------------------


@registry.timeline_source(AnswerSet)
def completed(look: Look) -> Iterator[TimelineItem]:
    """One line for each complete set, with its band; in words only for those who see the chart."""
    if not look.sees_clinical:
        return
    rows = look.hand(AnswerSet.objects.complete().select_related("questionnaire", "completed_by"))
    referred = Referral.objects.filter(case__in=list(look.cases)).values_list("answers", flat=True)
    asked = set(referred) if Referral in look.filled else set()
    for row in rows:
        assert row.completed_at is not None
        bands = [
            f"{one.score.label} {one.value:f}" + (f" · {one.band.label}" if one.band else "")
            for one in scored(row)
        ]
        yield TimelineItem(
            at=row.completed_at,
            kind="questionnaire",
            title=_("问卷：%(title)s") % {"title": definition_in(row.questionnaire).title},
            text=" · ".join(bands),
            by_name=row.completed_by.name if row.completed_by else _("客户自填"),
            where=f"desk:questionnaire-answers:{row.public_id}",
            tone="danger" if row.pk in asked else "good",
        )


def export(patient: Patient) -> Iterator[Mapping[str, object]]:
    """What a person gets of her own questionnaires: questions and answers in words, drafts as they stand."""
    for row in AnswerSet.objects.filter(case__patient=patient).with_people().order_by("started_at"):
        definition = definition_of(row)
        told: dict[str, object] = {
            "记录": "问卷",
            "问卷": definition.title.zh,
            "版本": row.questionnaire.version,
            "完成时间": row.completed_at.isoformat(timespec="seconds") if row.completed_at else "未完成",
        }
        if row.completed_at is not None:
            told["回答"] = {str(one.question.label): one.text for _title, lines in said(row) for one in lines}
            told["得分"] = {str(one.score.label): f"{one.value:f}" for one in scored(row)}
        else:
            labels = {question.code: str(question.label) for question in definition.questions}
            told["已填"] = {labels.get(name, name): "、".join(values) for name, values in row.draft.items()}
        yield told
    decisions = Referral.objects.filter(case__patient=patient, decisions__isnull=False).distinct()
    for referral in decisions.prefetch_related(
        "decisions__by", "decisions__referral__case__patient__person__vault_key"
    ):
        for decision in referral.decisions.all():
            yield {
                "记录": "筛查决定",
                "决定": str(decision.get_outcome_display()),
                "依据": decision.reason,
                "医师": decision.by.name,
                "时间": decision.at.isoformat(timespec="seconds"),
            }
