"""What the holder of a link may see: what to fill in and her own draft; no name, nothing complete."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from yimei.core.errors import NotFound
from yimei.journey.models import AnswerSet, QuestionnaireLink
from yimei.journey.queries import questionnaires
from yimei.journey.rules import questionnaires as rules
from yimei.journey.rules import tokens
from yimei.privacy.queries import has_consent


@dataclass(frozen=True)
class Asked:
    """One questionnaire of a link."""

    code: str
    definition: rules.Definition
    is_done: bool
    is_begun: bool


def link_of(token: str, *, now: datetime, code: str = "") -> QuestionnaireLink:
    """Return a link that is still good; unknown, withdrawn and worn-out ones are all not found."""
    rows = QuestionnaireLink.objects.filter(
        token_hash=tokens.token_hash(token), case__patient__sealed_at=None
    )
    link = rows.select_related("case__campus", "case__patient__person__vault_key", "created_by").first()
    if link is None or link.revoked_at is not None or (code and code not in link.codes):
        raise NotFound
    if now >= link.expires_at or link.case.closed_at is not None:
        raise NotFound(_("这个链接已过期，请到院填写，或致电医院。"))
    return link


def is_done(link: QuestionnaireLink, code: str) -> bool:
    """Whether it was completed since the link was sent, by her or at the desk."""
    since = link.case.answer_sets.complete().filter(questionnaire__code=code)
    return since.filter(completed_at__gte=link.created_at).exists()


def draft_of(link: QuestionnaireLink, code: str) -> AnswerSet | None:
    """Return her own draft; what staff began for her is not shown through a link."""
    rows = link.case.answer_sets.filter(questionnaire__code=code, completed_at=None, link__isnull=False)
    return rows.with_people().select_related("link__created_by").first()


def asked(link: QuestionnaireLink, *, now: datetime) -> list[Asked]:
    patient = link.case.patient
    offered = {
        one.row.code: definition
        for one in questionnaires.newest_versions()
        if (definition := questionnaires.needed(one.definition, patient, now=now)).questions
    }
    return [
        Asked(
            code=code,
            definition=offered[code],
            is_done=is_done(link, code),
            is_begun=draft_of(link, code) is not None,
        )
        for code in link.codes
        if code in offered
    ]


def has_agreed(link: QuestionnaireLink, *, now: datetime) -> bool:
    return has_consent(link.case.patient, questionnaires.CARE, now) is not None
