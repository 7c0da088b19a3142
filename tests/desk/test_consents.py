"""Consents on the tablet: shown, given with a signature, refused, taken back."""

from base64 import b64encode
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.hospital import CampusFactory
from tests.factories.people import GuardianFactory, PatientFactory, StaffFactory
from tests.factories.privacy import ConsentFactory, LimitFactory, NoticeFactory, PurposeFactory
from tests.factories.ui import sign_in
from yimei.people.models import Patient
from yimei.people.roles import Permission
from yimei.privacy.enums import Audience, ConsentAct
from yimei.privacy.models import Consent

pytestmark = pytest.mark.django_db

SIGNED = "data:image/png;base64," + b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 64).decode()


def ready(client: Client, **more: Any) -> Patient:
    """A receptionist with a customer before her, and the notice of health data in force."""
    staff = StaffFactory()
    sign_in(client, staff)
    LimitFactory()
    purpose = PurposeFactory(health=True)
    for audience in Audience:
        NoticeFactory(code=f"care-{audience}", purposes=[purpose], audience=audience)
    return PatientFactory(campus=staff.campus, **more)


def ask_url(patient: Patient, code: str = "care.health") -> str:
    return reverse("desk:consent-ask", args=[patient.public_id, code])


def acts() -> list[str]:
    return list(Consent.objects.order_by("id").values_list("act", flat=True))


def test_a_consent_is_shown_signed_and_kept_with_its_proof(client: Client) -> None:
    patient = ready(client)
    page = client.get(ask_url(patient)).content.decode()
    assert "我们是谁" in page
    assert "本人签名" in page
    assert client.post(ask_url(patient), {"act": "give", "signature": SIGNED}).status_code == 302
    assert acts() == [ConsentAct.SHOWN, ConsentAct.GIVEN]
    given = Consent.objects.get(act=ConsentAct.GIVEN)
    assert given.evidence is not None
    assert given.evidence.read().startswith(b"\x89PNG")
    page = client.get(reverse("desk:patient-consents", args=[patient.public_id])).content.decode()
    assert "已同意" in page


@pytest.mark.parametrize(
    "signature", ["", "data:image/png;base64,AAAA", "data:image/png;base64,%%%", "x" * 9000]
)
def test_without_a_signature_there_is_no_separate_consent(client: Client, signature: str) -> None:
    patient = ready(client)
    response = client.post(ask_url(patient), {"act": "give", "signature": signature})
    assert response.status_code == 422
    assert "签名" in response.content.decode()
    assert acts() == []


def test_a_no_asks_for_nothing_and_is_respected(client: Client) -> None:
    patient = ready(client)
    assert client.post(ask_url(patient), {"act": "refuse"}).status_code == 302
    assert acts() == [ConsentAct.REFUSED]
    assert client.get(ask_url(patient)).status_code == 422
    assert client.get(ask_url(patient) + "?by=customer").status_code == 200


@pytest.mark.parametrize(("role", "is_led"), [("aftercare", True), ("reception", False)])
def test_the_consent_of_a_story_is_asked_for_in_the_story(client: Client, role: str, is_led: bool) -> None:
    staff = StaffFactory(role=role)
    staff.role.grants.get_or_create(permission=Permission.CONSENT_WRITE, defaults={"scope": "campus"})
    sign_in(client, staff)
    LimitFactory()
    for audience in Audience:
        NoticeFactory(
            code=f"story-{audience}", purposes=[PurposeFactory(code="story.share")], audience=audience
        )
    patient = PatientFactory(campus=staff.campus)
    page = client.get(reverse("desk:patient-consents", args=[patient.public_id])).content.decode()
    story = reverse("desk:patient-stories", args=[patient.public_id])
    assert (f'href="{story}">征求同意' in page) == is_led
    assert ("在客户故事里征求" in page) != is_led
    assert ask_url(patient, "story.share") not in page
    assert client.get(ask_url(patient, "story.share"))["Location"] == story


def test_taking_back_is_one_click(client: Client) -> None:
    patient = ready(client)
    client.post(ask_url(patient), {"act": "give", "signature": SIGNED})
    url = reverse("desk:consent-withdraw", args=[patient.public_id, "care.health"])
    assert client.post(url).status_code == 302
    assert acts()[-1] == ConsentAct.WITHDRAWN
    assert client.post(url).status_code == 422


def test_a_minor_consents_through_a_verified_guardian(client: Client) -> None:
    patient = ready(client, person__birth_date=date(2012, 5, 1))
    unproved = GuardianFactory(patient=patient, verified_at=None, verified_by=None)
    values = {"act": "give", "signature": SIGNED}
    assert client.post(ask_url(patient), values).status_code == 422
    assert client.post(ask_url(patient), {**values, "guardian": str(unproved.public_id)}).status_code == 422
    assert client.post(ask_url(patient), {**values, "guardian": "mother"}).status_code == 404
    guardian = GuardianFactory(patient=patient)
    client.post(ask_url(patient), {**values, "guardian": str(guardian.public_id)})
    assert Consent.objects.get(act=ConsentAct.GIVEN).guardian == guardian


def test_the_notice_of_then_can_be_read_again(client: Client) -> None:
    patient = ready(client)
    consent = ConsentFactory(patient=patient, notice=NoticeFactory())
    page = client.get(reverse("desk:notice", args=[consent.notice.public_id])).content.decode()
    assert "我们是谁" in page


def test_an_unknown_purpose_or_a_customer_elsewhere_is_not_there(client: Client) -> None:
    patient = ready(client)
    stranger = PatientFactory(campus=CampusFactory())
    assert client.get(ask_url(patient, "no.such")).status_code == 404
    assert client.get(ask_url(stranger)).status_code == 404
    withdraw = reverse("desk:consent-withdraw", args=[stranger.public_id, "care.health"])
    assert client.post(withdraw).status_code == 404
    assert client.get(reverse("desk:patient-consents", args=[stranger.public_id])).status_code == 404


def test_the_cashier_asks_nobody(client: Client) -> None:
    patient = ready(client)
    sign_in(client, StaffFactory(role="cashier", campus=patient.campus))
    assert client.get(ask_url(patient)).status_code == 404
    assert client.post(ask_url(patient), {"act": "refuse"}).status_code == 404
