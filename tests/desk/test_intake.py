"""Gates of other programs and files of enquiries, through their addresses."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.desk.front import Front, at_time, url
from tests.journey.clinic import EIGHT
from yimei.audit.models import Entry
from yimei.growth.actions import reference
from yimei.growth.models import Gate
from yimei.growth.queries.intake import secret_of

pytestmark = pytest.mark.django_db


def file(content: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("x.csv", content.encode())


def test_a_gate_is_opened_and_its_secret_shown_to_whoever_runs_growth() -> None:
    front = Front()
    reference.load(at=EIGHT)
    client, other = front.client(front.staff("marketing", "运营主管")), front.client(front.online)
    with at_time(EIGHT):
        assert client.post(url("gates"), {"name": "合作小程序", "source": "partner"}).status_code == 302
        again = client.post(url("gates"), {"name": "合作小程序", "source": "partner"})
        gate = Gate.objects.get()
        page = client.get(url("gates")).content.decode()
        shown = client.post(url("gate-secret", gate.public_id)).content.decode()
        client.post(url("gate-renew", gate.public_id))
        client.post(url("gate-stop", gate.public_id))
        doors = [other.get(url("gates")), other.post(url("gate-secret", gate.public_id))]
    assert (again.status_code, "合作小程序" in page) == (422, True)
    assert secret_of(gate) in shown
    assert secret_of(gate) not in page
    assert Entry.objects.filter(action="growth.gate.reveal").count() == 1
    gate.refresh_from_db()
    assert (gate.generation, gate.stopped_at) == (2, EIGHT)
    assert [one.status_code for one in doors] == [404, 404]


def test_a_file_says_what_it_did_not_take() -> None:
    front = Front()
    reference.load(at=EIGHT)
    client, other = front.client(front.staff("marketing", "运营主管")), front.client(front.online)
    with at_time(EIGHT):
        wrong = client.post(url("leads-file"), {"source": "platform", "file": file("x")})
        good = file("称呼,手机\n林女士,12900000001\n坏行,1")
        assert client.post(url("leads-file"), {"source": "platform", "file": good}).status_code == 302
        page = client.get(url("leads-file")).content.decode()
        door = other.get(url("leads-file"))
    assert (wrong.status_code, "称呼" in wrong.content.decode()) == (422, True)
    assert "第 3 行" in page
    assert door.status_code == 404
