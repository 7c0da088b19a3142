"""A person's copy as a FHIR R4 document bundle (transfer to another hospital, PIPL 45)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from yimei.core.clock import SHANGHAI
from yimei.people.enums import AlertKind, Sex
from yimei.people.models import Alert, Patient
from yimei.privacy.enums import ConsentAct
from yimei.privacy.models import Consent

Rows = Sequence[Mapping[str, object]]
Resource = dict[str, Any]

GENDERS = {Sex.FEMALE: "female", Sex.MALE: "male", Sex.UNKNOWN: "unknown"}
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'
CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
CONDITION = "http://terminology.hl7.org/CodeSystem/condition-clinical"
SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
POLICY = "http://terminology.hl7.org/CodeSystem/consentcategorycodes"
LOINC = "http://loinc.org"


def bundle(patient: Patient, sections: Sequence[tuple[str, str, Rows]], *, now: datetime) -> Resource:
    """Return a document: who it is about, who gives it, what is kept section by section, and what has a form.

    Every row is in the narrative of its section; allergies, conditions and consents are resources as well.
    """
    stamp = now.astimezone(SHANGHAI).isoformat(timespec="seconds")
    person, campus = _person(patient), _campus(patient)
    known = [*_alerts(patient), *_consents(patient)]
    composition: Resource = {
        "resourceType": "Composition",
        "id": str(uuid5(NAMESPACE_URL, f"composition:{patient.public_id}:{stamp}")),
        "status": "final",
        "type": {"coding": [{"system": LOINC, "code": "60591-5", "display": "Patient summary Document"}]},
        "subject": _ref(person),
        "date": stamp,
        "author": [_ref(campus)],
        "title": _("个人信息副本"),
        "section": [_section(title, rows) for _code, title, rows in sections],
    }
    resources = [composition, person, campus, *known]
    return {
        "resourceType": "Bundle",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{composition['id']}"},
        "type": "document",
        "timestamp": stamp,
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources],
    }


def _person(patient: Patient) -> Resource:
    person = patient.person
    found: Resource = {
        "resourceType": "Patient",
        "id": str(patient.public_id),
        "name": [{"use": "official", "text": person.name}],
        "gender": GENDERS[Sex(person.sex)],
    }
    numbers = [
        {"type": {"text": label}, "value": value}
        for label, value in ((_("档案号"), patient.file_no), (_("证件号"), person.id_no))
        if value
    ]
    if numbers:
        found["identifier"] = numbers
    if person.phone:
        found["telecom"] = [{"system": "phone", "value": person.phone, "use": "mobile"}]
    if person.birth_date:
        found["birthDate"] = person.birth_date.isoformat()
    return found


def _campus(patient: Patient) -> Resource:
    campus = patient.campus
    found: Resource = {
        "resourceType": "Organization",
        "id": str(campus.public_id),
        "name": campus.name,
    }
    if campus.phone:
        found["telecom"] = [{"system": "phone", "value": campus.phone}]
    if campus.address:
        found["address"] = [{"text": campus.address}]
    return found


def _alerts(patient: Patient) -> list[Resource]:
    rows = Alert.objects.filter(patient__in=Patient.objects.files_of(patient)).select_related(
        "patient__person__vault_key"
    )
    return [_alert(alert) for alert in rows.order_by("pk")]


def _alert(alert: Alert) -> Resource:
    """Allergies have a resource of their own; everything else that is flagged is a condition."""
    is_allergy = alert.kind == AlertKind.ALLERGY
    status = "active" if alert.ended_at is None else "inactive"
    found: Resource = {
        "resourceType": "AllergyIntolerance" if is_allergy else "Condition",
        "id": str(alert.public_id),
        "clinicalStatus": {"coding": [{"system": CLINICAL if is_allergy else CONDITION, "code": status}]},
        "code": {"text": alert.text},
        "recordedDate": _instant(alert.recorded_at),
    }
    if is_allergy:
        found |= {"patient": _of(alert.patient), "criticality": "high" if alert.is_severe else "low"}
    else:
        found["subject"] = _of(alert.patient)
    return found


def _consents(patient: Patient) -> list[Resource]:
    rows = Consent.objects.filter(patient__in=Patient.objects.files_of(patient)).exclude(act=ConsentAct.SHOWN)
    return [_consent(one) for one in rows.select_related("purpose").order_by("at", "pk")]


def _consent(consent: Consent) -> Resource:
    is_given = consent.act == ConsentAct.GIVEN
    return {
        "resourceType": "Consent",
        "id": str(consent.public_id),
        "status": "active" if is_given else "inactive",
        "scope": {"coding": [{"system": SCOPE, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": POLICY, "code": "npp"}], "text": consent.purpose.name}],
        "patient": _of(consent.patient),
        "dateTime": _instant(consent.at),
        "policy": [{"uri": f"urn:sha256:{consent.notice_sha256}"}],
        "provision": {"type": "permit" if is_given else "deny"},
    }


def _section(title: str, rows: Rows) -> Resource:
    lines = format_html_join(
        "", "<li>{}</li>", (("；".join(f"{label}：{value}" for label, value in row.items()),) for row in rows)
    )
    return {
        "title": title,
        "text": {"status": "generated", "div": format_html(DIV, format_html("<ul>{}</ul>", lines))},
    }


def _ref(resource: Resource) -> dict[str, str]:
    return {"reference": f"urn:uuid:{resource['id']}"}


def _of(patient: Patient) -> dict[str, str]:
    return {"reference": f"urn:uuid:{patient.public_id}"}


def _instant(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")
