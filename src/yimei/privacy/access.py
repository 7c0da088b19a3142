"""The gates from an id in a URL to a row."""

from uuid import UUID

from yimei.core.errors import NotFound
from yimei.people.models import Staff
from yimei.privacy.models import Consent, Notice


def open_consent(consent_id: UUID, *, by: Staff) -> Consent:
    """Return one act of a patient whom the reader may find."""
    rows = Consent.objects.visible_to(by).select_related("purpose", "notice", "patient__person__vault_key")
    consent = rows.filter(public_id=consent_id).first()
    if consent is None:
        raise NotFound
    return consent


def open_notice(notice_id: UUID) -> Notice:
    """Return a published notice; notices are public (PIPL 17)."""
    notice = Notice.objects.filter(public_id=notice_id).first()
    if notice is None:
        raise NotFound
    return notice
