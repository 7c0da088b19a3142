"""Questionnaires that a customer answers beforehand, on her own phone, through a link that expires."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import Conflict, RuleBroken
from yimei.journey.access import lock_case, open_case, open_questionnaire_link
from yimei.journey.actions import questionnaires
from yimei.journey.actions.reminders import when_text
from yimei.journey.actions.signatures import read_signature
from yimei.journey.models import AnswerSet, Case, QuestionnaireLink
from yimei.journey.queries import questionnaire_links as queries
from yimei.journey.queries.questionnaires import (
    CARE,
    INVITERS,
    definition_in,
    need_questions,
    needed,
    newest_version,
)
from yimei.journey.rules import tokens
from yimei.journey.rules.drafts import Page
from yimei.outbox.actions import messages
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.queries import needs_guardian
from yimei.privacy.actions import consents
from yimei.privacy.enums import ConsentChannel
from yimei.privacy.queries import has_consent
from yimei.privacy.queries.register import limit


@transaction.atomic
def invite(case_id: UUID, *, codes: Sequence[str], by: Staff, now: datetime) -> tuple[QuestionnaireLink, str]:
    """Send a link to the customer's own phone; the message says nothing of what it asks about."""
    permission = next((right for right in INVITERS if by.may(right)), INVITERS[0])
    need(by, permission)
    case = lock_case(open_case(case_id, by=by, permission=permission).pk)
    wanted = list(dict.fromkeys(codes))
    newest = [newest_version(code) for code in wanted]
    if not wanted or None in newest:
        raise RuleBroken(_("请选要客户填写的问卷。"), code="codes")
    for definition in (definition_in(row) for row in newest if row is not None):
        need_questions(needed(definition, case.patient, now=now), definition.title)
    if case.closed_at is not None:
        raise RuleBroken(_("这次诊疗已经结束，不能再发问卷。"), code="closed")
    if needs_guardian(case.patient, local_date(now)):
        raise RuleBroken(_("客户未满十八周岁或年龄未确认，问卷须由监护人陪同在院内填写。"), code="minor")
    token = secrets.token_urlsafe(24)
    days = limit("questionnaire.link_days", local_date(now))
    link = QuestionnaireLink.objects.create(
        case=case,
        codes=wanted,
        token_hash=tokens.token_hash(token),
        created_at=now,
        created_by=by,
        expires_at=now + timedelta(days=days),
    )
    messages.send(
        "questionnaire.invite",
        patient=case.patient,
        params={
            "link": settings.FORM_LINK.format(token=token),
            "until": when_text(link.expires_at),
            "phone": case.campus.phone,
        },
        key=f"questionnaire:{link.public_id}",
        now=now,
        by=by,
    )
    log.record("journey.questionnaire.invited", target=link, subject=case.subject, by=by, at=now)
    return link, token


@transaction.atomic
def revoke(link_id: UUID, *, by: Staff, now: datetime) -> QuestionnaireLink:
    """Make a link worthless at once; what was answered through it stays."""
    link = open_questionnaire_link(link_id, by=by)
    lock_case(link.case_id)
    if link.revoked_at is None:
        link.revoked_at = now
        link.save(update_fields=["revoked_at"])
        log.record("journey.questionnaire.revoked", target=link, subject=link.case.subject, by=by, at=now)
    return link


@transaction.atomic
def agree(token: str, *, signature: str, now: datetime) -> None:
    """The customer agrees, alone and in writing, that her answers about health are processed."""
    _link, case = _opened(token, now=now)
    if has_consent(case.patient, CARE, now) is not None:
        return
    evidence = consents.Evidence(read_signature(signature), "signature.png")
    consents.give(case.patient, CARE, now=now, channel=ConsentChannel.PORTAL, evidence=evidence)


@transaction.atomic
def begin(token: str, *, code: str, now: datetime) -> AnswerSet:
    link, case = _opened(token, now=now, code=code)
    if queries.is_done(link, code):
        raise Conflict(_("这份问卷您已经填完，谢谢。需要更正请告诉医护人员。"), code="done")
    row = questionnaires.begin_for(case, code=code, by=None, link=link, now=now)
    if row.link_id is None:
        raise Conflict(_("医护人员正在为您填写这份问卷，不需要再填。"), code="done")
    if row.link_id != link.pk:
        row.link = link
        row.save(update_fields=["link"])
    return row


@transaction.atomic
def save(token: str, *, code: str, raw: questionnaires.Raw, page: Page, now: datetime) -> AnswerSet:
    return questionnaires.keep(_draft(token, code, now=now), raw=raw, page=page, now=now)


@transaction.atomic
def complete(
    token: str, *, code: str, raw: questionnaires.Raw, page: Page, signature: str, now: datetime
) -> AnswerSet:
    """Freeze what the customer answered alone."""
    row = _draft(token, code, now=now)
    return questionnaires.finish(row, raw=raw, page=page, signature=signature, by=None, now=now)


def _opened(token: str, *, now: datetime, code: str = "") -> tuple[QuestionnaireLink, Case]:
    link = queries.link_of(token, now=now, code=code)
    return link, lock_case(link.case_id)


def _draft(token: str, code: str, *, now: datetime) -> AnswerSet:
    link, case = _opened(token, now=now, code=code)
    row = queries.draft_of(link, code)
    if row is None:
        raise Conflict(_("这份问卷您已经填完，谢谢。需要更正请告诉医护人员。"), code="done")
    row.case = case
    return row
