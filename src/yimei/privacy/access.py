"""The gates from an id in a URL to a row."""

from uuid import UUID

from yimei.core.database.rows import only
from yimei.core.errors import NotFound
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.models import (
    Assessment,
    AuditCheck,
    AuditRound,
    Consent,
    Incident,
    IncidentDuty,
    LegalHold,
    Notice,
    NoticeException,
    Party,
    RightsRequest,
    RulePack,
    Succession,
    Transfer,
    Unsealing,
)


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


def open_request(
    request_id: UUID, *, by: Staff, permission: Permission = Permission.PRIVACY_VIEW, lock: bool = False
) -> RightsRequest:
    """Return a request within the reader's scope; sealed and erased persons' requests stay readable."""
    rows = RightsRequest.objects.visible_to(by, permission).with_people()
    return only(rows, request_id, lock=lock)


def open_unsealing(unsealing_id: UUID, *, by: Staff, lock: bool = False) -> Unsealing:
    return only(Unsealing.objects.visible_to(by).with_people(), unsealing_id, lock=lock)


def open_pack(pack_id: UUID) -> RulePack:
    """Return a pack of rules; rules are public."""
    return only(RulePack.objects.select_related("loaded_by", "decided_by"), pack_id)


def open_incident(incident_id: UUID, *, by: Staff, lock: bool = False) -> Incident:
    """Return an incident; its reporter may see it too."""
    return only(Incident.objects.visible_to(by).with_people(), incident_id, lock=lock)


def open_duty(duty_id: UUID, *, by: Staff, lock: bool = False) -> IncidentDuty:
    rows = IncidentDuty.objects.filter(incident__in=Incident.objects.visible_to(by))
    return only(rows.select_related("incident__reported_by__vault_key", "asked_by"), duty_id, lock=lock)


def open_hold(hold_id: UUID, *, by: Staff, lock: bool = False) -> LegalHold:
    """Return a hold within the reader's scope; those of sealed persons stay readable."""
    return only(LegalHold.objects.visible_to(by).with_people(), hold_id, lock=lock)


def open_party(party_id: UUID, *, by: Staff, lock: bool = False) -> Party:
    """Return a party for those who look after personal information."""
    _need_view(by)
    return only(Party.objects.select_related("created_by", "approved_by", "ended_by"), party_id, lock=lock)


def open_succession(succession_id: UUID, *, by: Staff, lock: bool = False) -> Succession:
    _need_view(by)
    return only(Succession.objects.select_related("created_by", "approved_by"), succession_id, lock=lock)


def open_transfer(transfer_id: UUID, *, by: Staff, lock: bool = False) -> Transfer:
    _need_view(by)
    return only(Transfer.objects.select_related("party", "created_by", "released_by"), transfer_id, lock=lock)


def open_assessment(assessment_id: UUID, *, by: Staff, lock: bool = False) -> Assessment:
    _need_view(by)
    return only(Assessment.objects.select_related("prepared_by", "decided_by"), assessment_id, lock=lock)


def open_round(round_id: UUID, *, by: Staff, lock: bool = False) -> AuditRound:
    _need_view(by)
    rows = AuditRound.objects.select_related("lead__campus", "signed_by", "report__key")
    return only(rows, round_id, lock=lock)


def open_check(check_id: UUID, *, by: Staff, lock: bool = False) -> AuditCheck:
    """Return one question of an audit; who must put it right may see it too."""
    rows = AuditCheck.objects.select_related("round", "owner")
    if not (by.may(Permission.PRIVACY_VIEW) or by.may(Permission.PRIVACY_WRITE)):
        rows = rows.filter(owner=by)
    return only(rows, check_id, lock=lock)


def _need_view(by: Staff) -> None:
    if not (by.may(Permission.PRIVACY_VIEW) or by.may(Permission.PRIVACY_WRITE)):
        raise NotFound


def open_exception(exception_id: UUID, *, by: Staff, lock: bool = False) -> NoticeException:
    """Return an exception from a notice, of a patient whom the reader may find."""
    rows = NoticeException.objects.visible_to(by).select_related("patient__person__vault_key", "by")
    return only(rows, exception_id, lock=lock)
