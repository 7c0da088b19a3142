"""The officer loads a pack of rules, reads what it changes, and accepts it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.factories import shipped
from tests.factories.people import StaffFactory
from tests.factories.ui import sign_in
from tests.privacy.actions.test_packs import hours
from yimei.privacy.models import RulePack

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client) -> Client:
    return sign_in(client, shipped.officer_since())


@pytest.mark.slow(reason="reads whole packs of rules")
def test_a_pack_is_looked_at_before_it_holds(desk: Client) -> None:
    assert "四小时、一小时报告" in desk.get(reverse("desk:rules"), {"q": "b-4"}).content.decode()
    upload = SimpleUploadedFile("cn.yaml", hours(2))
    response = desk.post(reverse("desk:rules-load"), {"file": upload})
    pack = RulePack.objects.get(version="v2")
    assert response.headers["Location"] == reverse("desk:rule-pack", args=[pack.public_id])
    page = desk.get(reverse("desk:rule-pack", args=[pack.public_id])).content.decode()
    assert "4 小时" in page
    assert "2 小时" in page
    assert (
        desk.post(reverse("desk:rule-pack-decide", args=[pack.public_id]), {"accept": "yes"}).status_code
        == 302
    )
    again = desk.post(reverse("desk:rule-pack-decide", args=[pack.public_id]), {"accept": "yes"})
    assert again.status_code == 422
    assert "已于" in desk.get(reverse("desk:rule-pack", args=[pack.public_id])).content.decode()


def test_a_lying_file_is_refused_beside_its_field(desk: Client) -> None:
    response = desk.post(reverse("desk:rules-load"), {"file": SimpleUploadedFile("x.yaml", b"- 1")})
    assert response.status_code == 422
    assert "规则包须有" in response.content.decode()


def test_the_registers_are_no_place_for_others(client: Client) -> None:
    sign_in(client, StaffFactory(role="surgeon"))
    assert client.get(reverse("desk:rules")).status_code == 404
    assert (
        client.post(reverse("desk:rules-declare"), {"code": "profile.gdpr", "value": "on"}).status_code == 404
    )
