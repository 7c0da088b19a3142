"""The copy for another hospital is FHIR as the standard's own models read it, not only as we mean it."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from tests.factories.people import AlertFactory, PatientFactory
from tests.factories.privacy import ConsentFactory
from yimei.hospital.models import Campus
from yimei.people.enums import AlertKind
from yimei.privacy.enums import ConsentMode
from yimei.privacy.models import Notice, Purpose
from yimei.privacy.queries import fhir

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(campus: Campus, now: datetime) -> dict[str, Any]:
    """The bundle of somebody with an alert of every kind and two consents."""
    patient = PatientFactory(campus=campus, person__name="欧阳𠮷<b>")
    for kind in AlertKind.values:
        AlertFactory(patient=patient, kind=kind, text="青霉素 & 海鲜")
    for code in ("care.health", "image.teaching"):
        ConsentFactory(
            patient=patient,
            purpose=Purpose.objects.get(code=code),
            notice=Notice.objects.filter(code="customer").latest("version"),
            mode=ConsentMode.SEPARATE,
            at=now - timedelta(days=1),
        )
    rows = [{"项目": "双眼皮", "说明": "<script>"}, {"项目": None, "说明": 3}]
    found = fhir.bundle(patient, [("journey.record", "病历", rows), ("billing.money", "收费", [])], now=now)
    return json.loads(json.dumps(found, ensure_ascii=False))  # type: ignore[no-any-return]


@pytest.mark.slow(reason="loads a library to compare with, when it is the first to")
def test_the_bundle_and_every_resource_in_it_are_valid(made: dict[str, Any]) -> None:
    from fhir.resources.R4B.bundle import Bundle

    read = Bundle.model_validate(made)
    kinds = {entry.resource.get_resource_type() for entry in read.entry}
    assert {"Composition", "Patient", "Organization", "AllergyIntolerance", "Condition", "Consent"} <= kinds
    assert read.entry[0].resource.get_resource_type() == "Composition", "a document begins with it"


def test_every_reference_leads_to_an_entry(made: dict[str, Any]) -> None:
    there = {entry["fullUrl"] for entry in made["entry"]}

    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            own = [value["reference"]] if isinstance(value.get("reference"), str) else []
            return own + [each for one in value.values() for each in references(one)]
        return [each for one in value for each in references(one)] if isinstance(value, list) else []

    found = set(references(made))
    assert found
    assert found <= there


@pytest.mark.parametrize("broken", ["status", "type", "section"])
def test_the_reader_would_find_a_fault(made: dict[str, Any], broken: str) -> None:
    from fhir.resources.R4B.bundle import Bundle

    made["entry"][0]["resource"][broken] = {"no": "such thing"}
    with pytest.raises(ValidationError):
        Bundle.model_validate(made)
