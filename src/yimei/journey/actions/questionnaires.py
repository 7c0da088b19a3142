"""Writes of questionnaires: publish a version, begin, keep a draft, complete; what is complete is frozen."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import SHANGHAI, age_on, local_date
from yimei.core.documents import render_pdf
from yimei.core.errors import Conflict, Missing, NotFound, RuleBroken
from yimei.core.language import in_house
from yimei.journey.access import lock_case, open_answers, open_case_to_ask
from yimei.journey.actions import referrals
from yimei.journey.actions.signatures import read_signature
from yimei.journey.enums import CaseStage
from yimei.journey.models import AnswerSet, Case, Questionnaire, QuestionnaireLink
from yimei.journey.queries import questionnaires as queries
from yimei.journey.rules import questionnaires as rules
from yimei.journey.rules.cases import check_is_open
from yimei.journey.rules.drafts import Page, check_not_overtaken
from yimei.journey.rules.stops import READ
from yimei.people.access import need
from yimei.people.actions import alerts
from yimei.people.enums import Sex
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.queries.needs import lasting
from yimei.vault import files

Raw = Mapping[str, Sequence[str]]
ALERT_LENGTH = 200


# ---- versions --------------------------------------------------------------------------------------


@transaction.atomic
def publish(content: Any, *, by: Staff, now: datetime) -> Questionnaire:
    """Add the next version of a questionnaire; the versions before it stay as they were answered."""
    need(by, Permission.CATALOGUE_WRITE)
    definition = rules.read_definition(content)
    rules.check_purposes(definition, known=queries.purposes(), lasting=lasting(), watched=READ)
    if queries.is_licensed_slot(definition.code) and definition.licence is None:
        text = _("「%(code)s」是需要授权的量表，请在定义里写明名称、权利人与本院的授权编号（licence）。")
        raise RuleBroken(text % {"code": definition.code}, code="licence")
    known = Questionnaire.objects.filter(code=definition.code).order_by("-version").first()
    if known is not None and known.sha256 == fingerprint(content):
        raise RuleBroken(_("与现行第 %(version)d 版完全相同。") % {"version": known.version}, code="same")
    row = _add(definition.code, content, by=by, now=now)
    log.record(
        "journey.questionnaire.published",
        target=row,
        by=by,
        at=now,
        detail={"code": row.code, "version": row.version},
    )
    return row


def load_shipped(*, now: datetime) -> int:
    """Publish what ships and is new; a questionnaire that the hospital took over is left alone."""
    added = 0
    for content in queries.shipped():
        definition = rules.read_definition(content)
        versions = Questionnaire.objects.filter(code=definition.code)
        newest = versions.order_by("-version").first()
        if newest is None or (newest.published_by_id is None and newest.sha256 != fingerprint(content)):
            _add(definition.code, content, by=None, now=now)
            added += 1
    if added:
        log.record("journey.questionnaire.loaded", at=now, rows=added)
    return added


def fingerprint(content: Any) -> str:
    return hashlib.sha256(_canonical(content)).hexdigest()


def _add(code: str, content: Any, *, by: Staff | None, now: datetime) -> Questionnaire:
    newest = (
        Questionnaire.objects.filter(code=code).order_by("-version").values_list("version", flat=True).first()
    )
    return Questionnaire.objects.create(
        code=code,
        version=(newest or 0) + 1,
        content=content,
        sha256=fingerprint(content),
        published_at=now,
        published_by=by,
    )


# ---- answers of staff ------------------------------------------------------------------------------


@transaction.atomic
def begin(case_id: UUID, *, code: str, by: Staff, now: datetime) -> AnswerSet:
    """Return the draft of a questionnaire, beginning one if there is none.

    Where one is complete already the new draft starts from its answers and will supersede it.
    """
    case = lock_case(open_case_to_ask(case_id, by=by).pk)
    return begin_for(case, code=code, by=by, link=None, now=now)


@transaction.atomic
def save(answers_id: UUID, *, raw: Raw, page: Page, by: Staff, now: datetime) -> AnswerSet:
    """Keep what has been typed so far, whole or not; branches that are not asked are not kept."""
    return keep(_open(answers_id, by=by), raw=raw, page=page, now=now)


@transaction.atomic
def complete(
    answers_id: UUID, *, raw: Raw, page: Page, signature: str = "", by: Staff, now: datetime
) -> AnswerSet:
    """Freeze a set of answers, taken down by a member of staff."""
    return finish(_open(answers_id, by=by), raw=raw, page=page, signature=signature, by=by, now=now)


@transaction.atomic
def discard(answers_id: UUID, *, by: Staff, now: datetime) -> Case:
    """Throw a draft away; what is complete stays."""
    row = _open(answers_id, by=by)
    case = row.case
    log_target = row.public_id
    row.delete()
    log.record(
        "journey.questionnaire.discarded",
        subject=case.subject,
        by=by,
        at=now,
        detail={"answers": str(log_target)},
    )
    return case


# ---- what staff and customers share; the case is locked --------------------------------------------


def begin_for(
    case: Case, *, code: str, by: Staff | None, link: QuestionnaireLink | None, now: datetime
) -> AnswerSet:
    """Begin or go on, once the caller has opened and locked the case."""
    check_may_collect(case, now=now)
    draft = case.answer_sets.filter(questionnaire__code=code, completed_at=None).first()
    if draft is not None:
        return draft
    newest = queries.newest_version(code)
    if newest is None:
        raise NotFound
    definition = queries.needed(queries.definition_in(newest), case.patient, now=now)
    queries.need_questions(definition, definition.title)
    known = case.answer_sets.in_force().filter(questionnaire__code=code).with_people().first()
    row = AnswerSet(
        case=case,
        questionnaire=newest,
        link=link,
        started_at=now,
        started_by=by,
        saved_at=now,
        supersedes=known,
    )
    if known is not None and link is None:
        row.draft = {
            name: value if isinstance(value, list) else [value]
            for name, value in known.answers.items()
            if name in {question.code for question in definition.questions}
        }
    row.save(force_insert=True)
    log.record("journey.questionnaire.begun", target=row, subject=case.subject, by=by, at=now)
    return row


def check_may_collect(case: Case, *, now: datetime) -> None:
    """Nothing of health is kept without the separate consent to it (个人信息保护法 29), nor after the end."""
    check_is_open(CaseStage(case.stage))
    missing = queries.missing_to_ask(case, now=now)
    if missing:
        raise RuleBroken(_("客户还没有同意处理健康信息，不能填写问卷。"), missing=missing, code="gate")


def keep(row: AnswerSet, *, raw: Raw, page: Page, now: datetime) -> AnswerSet:
    if row.completed_at is not None:
        raise Conflict(_("这份问卷已经完成，不能再改；需要更正请新填一份。"))
    check_not_overtaken(page, revision=row.revision, writer=row.writer)
    check_may_collect(row.case, now=now)
    reading = rules.read(queries.asked_of(row, now=now), raw, today=local_date(now))
    row.draft, row.saved_at = dict(reading.raw), now
    row.revision, row.writer = row.revision + 1, page.name
    row.save(update_fields=["draft", "saved_at", "revision", "writer"])
    return row


def finish(
    row: AnswerSet, *, raw: Raw, page: Page, signature: str, by: Staff | None, now: datetime
) -> AnswerSet:
    """Check every question that is asked, freeze the answers with their hash, and draw the consequences."""
    if row.completed_at is not None:
        raise Conflict(_("这份问卷已经完成，不能再改；需要更正请新填一份。"))
    check_not_overtaken(page, revision=row.revision, writer=row.writer)
    check_may_collect(row.case, now=now)
    definition = queries.asked_of(row, now=now)
    queries.need_questions(definition, definition.title)
    drawn = read_signature(signature) if signature else b""
    reading = rules.read(definition, raw, today=local_date(now), is_signed=bool(drawn))
    if not reading.is_complete:
        labels = {question.code: question.label for question in reading.asked}
        missing = [Missing(what=str(labels[code]), why=error) for code, error in reading.errors.items()]
        text = _("还有 %(count)d 题没有答完，填过的都在。")
        raise RuleBroken(text % {"count": len(missing)}, missing=missing, code="incomplete")
    scored = rules.score_all(definition, reading.values)
    row.answers, row.draft = dict(reading.values), {}
    row.scores = {one.score.code: f"{one.value:f}" for one in scored if one.value is not None}
    row.language = (get_language() or "")[:10]
    key = row.case.patient.person.vault_key
    record = _canonical(_record_of(row, drawn, by=by, now=now))
    pdf = _pdf(row, definition, reading, scored, drawn, by=by, now=now)
    if drawn:
        row.signature = files.store(drawn, key=key, name_hint="signature.png")
    row.record = files.store(record, key=key, content_type="application/json")
    row.pdf = files.store(pdf, key=key, name_hint="answers.pdf")
    row.record_sha256, row.pdf_sha256 = (hashlib.sha256(data).hexdigest() for data in (record, pdf))
    row.saved_at, row.completed_at, row.completed_by = now, now, by
    row.revision += 1
    row.save()
    _raise_alerts(row, definition, reading, scored, by=by, now=now)
    referrals.raise_for(row, definition, reading.values, scored, now=now)
    log.record("journey.questionnaire.completed", target=row, subject=row.case.subject, by=by, at=now)
    return row


def _open(answers_id: UUID, *, by: Staff) -> AnswerSet:
    known = open_answers(answers_id, by=by)
    case = lock_case(known.case_id)
    row = AnswerSet.objects.with_people().filter(pk=known.pk, completed_at=None).first()
    if row is None:
        raise Conflict(_("这份问卷已经完成，不能再改；需要更正请新填一份。"))
    row.case = case
    return row


def _canonical(content: Any) -> bytes:
    """Equal content gives equal bytes, so that a hash means something."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _record_of(row: AnswerSet, drawn: bytes, *, by: Staff | None, now: datetime) -> Mapping[str, Any]:
    return {
        "format": "yimei.answers/1",
        "answers_id": str(row.public_id),
        "case": str(row.case.public_id),
        "questionnaire": {
            "code": row.questionnaire.code,
            "version": row.questionnaire.version,
            "sha256": row.questionnaire.sha256,
        },
        "language": row.language,
        "answers": row.answers,
        "scores": row.scores,
        "signature_sha256": hashlib.sha256(drawn).hexdigest() if drawn else "",
        "supersedes": str(row.supersedes.public_id) if row.supersedes else "",
        "completed_at": now.isoformat(),
        "taken_down_by": str(by.public_id) if by else "customer",
    }


def _pdf(
    row: AnswerSet,
    definition: rules.Definition,
    reading: rules.Reading,
    scored: Sequence[rules.Scored],
    drawn: bytes,
    *,
    by: Staff | None,
    now: datetime,
) -> bytes:
    person, local = row.case.patient.person, now.astimezone(SHANGHAI)
    with in_house():
        sections = [
            {
                "title": str(section.title),
                "rows": [
                    [str(question.label), rules.as_said(question, reading.values[question.code])]
                    for question in section.questions
                    if question.code in reading.values
                ],
            }
            for section in definition.sections
        ]
        data = {
            "date": now,
            "hospital": row.case.campus.name,
            "code": definition.code,
            "version": row.questionnaire.version,
            "record": fingerprint(row.answers),
            "patient": {
                "name": person.name,
                "sex": str(Sex(person.sex).label),
                "age": str(age_on(person.birth_date, local_date(now))) if person.birth_date else "—",
                "file_no": row.case.patient.file_no or "—",
            },
            "sections": [section for section in sections if section["rows"]],
            "scores": [
                [str(one.score.label), f"{one.value:f}", str(one.band.label) if one.band else ""]
                for one in scored
                if one.value is not None
            ],
            "taken": _("客户本人通过链接填写") if by is None else _("录入：%(name)s") % {"name": by.name},
            "note": str(definition.source),
            "signatures": [
                {"label": _("客户本人"), "name": person.name, "at": f"{local:%Y-%m-%d %H:%M}", "png": drawn}
            ]
            if drawn
            else [],
        }
        return render_pdf("answers.typ", data, title=str(definition.title))


def _raise_alerts(
    row: AnswerSet,
    definition: rules.Definition,
    reading: rules.Reading,
    scored: Sequence[rules.Scored],
    *,
    by: Staff | None,
    now: datetime,
) -> None:
    """Turn answers into safety flags; the customer's own words are marked as hers."""
    values, scores = reading.values, {one.score.code: one.value for one in scored}
    with in_house():
        said = {
            question.code: rules.as_said(question, values[question.code])
            for question in reading.asked
            if question.code in values
        }
        for rule in definition.alerts:
            if not rules.holds(rule.when, values, scores):
                continue
            text = rules.fill(rule.text, said)[:ALERT_LENGTH]
            alerts.take_down(
                row.case.patient,
                kind=rule.kind,
                text=gettext_noop("%(text)s（客户自填）") % {"text": text} if by is None else text,
                is_severe=rule.is_severe,
                by=by or _sender(row),
                at=now,
            )


def _sender(row: AnswerSet) -> Staff:
    """Who asked a customer by link answers for the flags that follow; the text says that she wrote them."""
    assert row.link is not None
    return row.link.created_by
