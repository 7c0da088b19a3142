"""Safety flags of a customer."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.errors import NotFound, RuleBroken
from yimei.people.access import open_alert, open_patient
from yimei.people.enums import AlertKind
from yimei.people.models import Alert, Patient, Staff
from yimei.people.queries import may_see_alerts

TEXT_LIMIT = 500


@transaction.atomic
def add(patient_id: UUID, *, kind: str, text: str, by: Staff, at: datetime, is_severe: bool = False) -> Alert:
    patient = open_patient(patient_id, by=by, lock=True)
    words = " ".join(text.replace("\0", "").split())
    if not words or len(words) > TEXT_LIMIT:
        raise RuleBroken(_("请填写提醒内容，不超过 %(limit)d 个字。") % {"limit": TEXT_LIMIT}, code="text")
    alert = Alert.objects.create(
        patient=patient,
        kind=AlertKind(kind),
        text=words,
        is_severe=is_severe,
        recorded_at=at,
        recorded_by=by,
    )
    log.record("people.alert.add", at=at, by=by, target=alert, subject=patient.person.vault_key)
    return alert


def take_down(
    patient: Patient, *, kind: str, text: str, is_severe: bool, by: Staff, at: datetime
) -> Alert | None:
    """Add a flag that follows from answers, for a part above that has opened the patient itself; once."""
    words = " ".join(text.replace("\0", "").split())[:TEXT_LIMIT]
    standing = Alert.objects.open().filter(patient=patient, kind=kind)
    if not words or any(one.text == words for one in standing.select_related("patient__person__vault_key")):
        return None
    alert = Alert.objects.create(
        patient=patient,
        kind=AlertKind(kind),
        text=words,
        is_severe=is_severe,
        recorded_at=at,
        recorded_by=by,
    )
    log.record("people.alert.add", at=at, by=by, target=alert, subject=patient.person.vault_key)
    return alert


@transaction.atomic
def end(alert_id: UUID, *, by: Staff, at: datetime) -> Alert:
    """Close a flag; it stays in the history."""
    alert = open_alert(alert_id, by=by, lock=True)
    if not may_see_alerts(alert.patient, by=by, now=at):
        raise NotFound
    if alert.ended_at is not None:
        raise RuleBroken(_("该提醒已结束。"))
    alert.ended_at = at
    alert.save(update_fields=["ended_at"])
    log.record("people.alert.end", at=at, by=by, target=alert, subject=alert.patient.person.vault_key)
    return alert
