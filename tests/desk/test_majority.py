"""The birthday as the officer, the reception and the person herself see it."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.factories import shipped
from tests.factories.people import GuardianFactory, PatientFactory, StaffFactory
from tests.factories.ui import sign_in
from yimei.outbox.models import Message
from yimei.people.actions import tokens
from yimei.people.models import Guardian, Patient, Staff
from yimei.privacy.actions import consents, majority

pytestmark = pytest.mark.django_db

BORN, MOTHERS, OWN = date(2008, 6, 17), "+8612000000021", "+8612000000001"
MIDNIGHT = datetime(2026, 6, 16, 16, 0, tzinfo=UTC)
DAY, EVE = timedelta(days=1), MIDNIGHT - timedelta(seconds=1)


@pytest.fixture
def officer(now: datetime) -> Staff:
    return shipped.officer(now.replace(month=1))


@pytest.fixture
def child(officer: Staff) -> Patient:
    child = PatientFactory(campus=officer.campus, registered=True, person__birth_date=BORN, person__phone=OWN)
    return Patient.objects.with_person().get(pk=child.pk)


@pytest.fixture
def mother(child: Patient) -> Guardian:
    mother = GuardianFactory(patient=child, person__phone=MOTHERS)
    tokens.write_guardian(mother)
    consents.give(child, "care.health", now=EVE - 40 * DAY, guardian=mother)
    return mother


def read(client: Client, name: str, *args: object) -> str:
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_the_officer_sees_who_soon_waits_and_has_answered(
    client: Client, child: Patient, mother: Guardian, officer: Staff
) -> None:
    with time_machine.travel(MIDNIGHT - 10 * DAY, tick=False):
        sign_in(client, officer)
        body = read(client, "desk:majority")
        assert "还有 10 天" in body
        assert "今夜告知" in body
        client.post(reverse("desk:majority-run"))
        assert "已提前告知" in read(client, "desk:majority")
    with time_machine.travel(MIDNIGHT, tick=False):
        sign_in(client, officer)
        client.post(reverse("desk:majority-run"))
        assert "请本人确认" in read(client, "desk:majority")
        page = read(client, "desk:patient-consents", child.public_id)
        assert "监护人此前同意的不再作数" in page
        consents.give(child, "care.health", now=MIDNIGHT)
        assert "已由本人答复" in read(client, "desk:majority")
        assert "不再作数" not in read(client, "desk:patient-consents", child.public_id)


def test_reception_settles_a_number_that_is_still_the_mothers(
    client: Client, child: Patient, mother: Guardian, officer: Staff
) -> None:
    child.person.phone = MOTHERS
    child.person.save()
    desk = StaffFactory(role="reception", campus=officer.campus)
    with time_machine.travel(EVE, tick=False):
        sign_in(client, desk)
        assert "号码还是原监护人的" not in read(client, "desk:patient-guardians", child.public_id)
        refused = client.post(reverse("desk:number-keep", args=[child.public_id]))
        assert refused.status_code == 422
    with time_machine.travel(MIDNIGHT + DAY, tick=False):
        sign_in(client, desk)
        assert "号码还是原监护人的" in read(client, "desk:patient-guardians", child.public_id)
        assert client.post(reverse("desk:number-keep", args=[child.public_id])).status_code == 302
        assert "号码还是原监护人的" not in read(client, "desk:patient-guardians", child.public_id)
    consultant = StaffFactory(role="analyst", campus=officer.campus)
    with time_machine.travel(MIDNIGHT + DAY, tick=False):
        sign_in(client, consultant)
        assert client.get(reverse("desk:majority")).status_code == 404


def enter(phone: str) -> tuple[Client, int]:
    """Knock at the privacy centre; who was sent a code uses it."""
    client = Client()
    before = Message.objects.filter(template__code="centre.code").count()
    door = client.post(reverse("portal:centre-door"), {"phone": phone, "birth_date": "20080617"})
    codes = Message.objects.select_related("patient__person__vault_key").filter(template__code="centre.code")
    if codes.count() == before:
        return client, 0
    found = re.search(r"验证码是 (\d{6})", codes.latest("pk").body or "")
    assert found
    return client, client.post(door.url, {"code": found[1]}).status_code


@pytest.mark.slow(reason="walks two people through the privacy centre")
def test_on_the_phone_the_guardian_is_out_and_the_person_is_asked_anew(
    child: Patient, mother: Guardian
) -> None:
    with time_machine.travel(EVE, tick=False) as clock:
        hers, status = enter("120 0000 0021")
        assert status == 302
        assert "2026-06-17" in read(hers, "portal:centre")
        assert "您以监护人身份" in read(hers, "portal:centre")
        clock.move_to(MIDNIGHT)
        assert hers.get(reverse("portal:centre")).status_code != 200
        majority.run(now=MIDNIGHT)
        assert enter("120 0000 0021")[1] == 0
        own, status = enter("120 0000 0001")
        assert status == 302
        assert "您已成年" in read(own, "portal:centre")
        said = read(own, "portal:centre-consents")
        assert "由监护人作出" in said
        assert "须本人重新同意" in said
        assert "告知已变更" not in said
        answered = own.post(reverse("portal:centre-consent", args=["care.health"]), {"act": "refuse"})
        assert answered.status_code == 302
        assert "您已成年" not in read(own, "portal:centre")
