"""Writes of the satisfaction survey."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction

from yimei.audit import log
from yimei.core.database.rows import lock_rows
from yimei.core.errors import NotFound
from yimei.journey.models import Case, Survey
from yimei.journey.rules import surveys as rules
from yimei.outbox.actions import messages
from yimei.people.models import Staff
from yimei.privacy.queries import needs


def invite(case: Case, *, by: Staff, now: datetime) -> Survey:
    """Make a survey with a link that only its holder knows, and hand it to the outbox; the case is locked."""
    token = secrets.token_urlsafe(24)
    survey = Survey.objects.create(
        case=case,
        token_hash=rules.token_hash(token),
        created_at=now,
        expires_at=now + rules.VALID_FOR,
    )
    messages.send(
        "survey.invite",
        patient=case.patient,
        params={"link": settings.SURVEY_LINK.format(token=token)},
        key=f"survey:{survey.public_id}",
        now=now,
        by=by,
    )
    log.record("journey.survey.invited", target=survey, subject=case.subject, by=by, at=now)
    return survey


@transaction.atomic
def answer(token: str, *, score: int, dimensions: Mapping[str, int], comment: str, now: datetime) -> Survey:
    """Take the answer of the person who holds the link; once only."""
    rows = Survey.objects.filter(token_hash=rules.token_hash(token))
    lock_rows(rows)
    survey = rows.select_related("case__patient__person__vault_key").first()
    if survey is None:
        raise NotFound
    needs.need("journey.Survey")
    rules.check_open(expires_at=survey.expires_at, answered_at=survey.answered_at, now=now)
    rules.check_answer(score=score, dimensions=dimensions, comment=comment)
    survey.score, survey.answered_at = score, now
    survey.dimensions, survey.comment = dict(dimensions), comment.strip()
    survey.save(update_fields=["score", "dimensions", "comment", "answered_at"])
    log.record("journey.survey.answered", target=survey, subject=survey.case.subject, at=now)
    return survey
