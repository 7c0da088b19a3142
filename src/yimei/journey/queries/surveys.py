"""Reads about surveys."""

from datetime import datetime

from yimei.core.errors import NotFound
from yimei.journey.models import Survey
from yimei.journey.rules import surveys as rules
from yimei.privacy.queries import needs


def by_token(token: str, *, now: datetime) -> Survey:
    """Return the open survey behind a link; an unknown, answered or expired one says so."""
    survey = (
        Survey.objects.select_related("case__patient__person__vault_key", "case__procedure", "case__campus")
        .filter(token_hash=rules.token_hash(token))
        .first()
    )
    if survey is None:
        raise NotFound
    needs.need("journey.Survey")
    rules.check_open(expires_at=survey.expires_at, answered_at=survey.answered_at, now=now)
    return survey
