"""A customer's tags through their page: put on, taken off, all gone when she wishes."""

import pytest

from tests.desk.front import Front, at_time, url
from tests.factories.people import CareRelationFactory
from tests.journey.clinic import EIGHT
from yimei.audit.models import Entry
from yimei.growth.actions import tags
from yimei.growth.models import Tagging

pytestmark = pytest.mark.django_db


def test_who_asked_that_nothing_be_done_with_her_data_gets_no_tag() -> None:
    front = Front()
    patient = front.patient(online=front.online)
    CareRelationFactory(patient=patient, staff=front.online)
    tags.create(name="怕痛", by=front.staff("marketing", "运营主管"), now=EIGHT)
    type(patient).objects.filter(pk=patient.pk).update(restricted_at=EIGHT)
    client, address = front.client(front.online), url("patient-tags", patient.public_id)
    with at_time(EIGHT):
        none = client.post(address, {"tags": []})
        some = client.post(address, {"tags": ["怕痛"]})
    assert none.status_code < 500
    assert some.status_code in {404, 409, 422}
    assert not Tagging.objects.exists()


def test_tags_are_put_on_taken_off_and_forgotten() -> None:
    front = Front()
    patient = front.patient(online=front.online)
    CareRelationFactory(patient=patient, staff=front.online)
    manager = front.staff("marketing", "运营主管")
    for name in ("周末方便", "怕痛"):
        tags.create(name=name, by=manager, now=EIGHT)
    client, other = front.client(front.online), front.client(front.cashier)
    address = url("patient-tags", patient.public_id)
    with at_time(EIGHT):
        assert "还没有标签" in client.get(address).content.decode()
        assert client.post(address, {"tags": ["周末方便", "怕痛"]}).status_code == 302
        assert client.post(address, {"tags": ["怕痛"]}).status_code == 302
        kept = list(Tagging.objects.values_list("tag__code", "by"))
        forged = client.post(address, {"tags": ["没有这个"]})
        doors = [other.get(address), other.post(address, {"tags": []})]
        client.post(url("patient-tags-forget", patient.public_id))
        page = client.get(url("patient", patient.public_id)).content.decode()
    assert kept == [("怕痛", front.online.pk)]
    assert (forged.status_code, [one.status_code for one in doors]) == (422, [404, 404])
    assert not Tagging.objects.exists()
    assert Entry.objects.filter(action="growth.tag.set").count() == 2
    assert address in page
