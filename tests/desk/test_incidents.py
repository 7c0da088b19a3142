"""The incident room through its addresses."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import shipped
from tests.factories.people import StaffFactory
from tests.factories.ui import sign_in
from yimei.people.models import Staff
from yimei.privacy.models import Incident

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Staff:
    return shipped.officer_since()


def test_from_a_nurse_who_saw_something_to_the_end(client: Client, officer: Staff) -> None:
    nurse = sign_in(Client(), StaffFactory(role="nurse", campus=officer.campus))
    asked = {"kind": "misuse", "title": "有人翻看档案", "what": "午休时前台电脑没有锁屏，有人翻看。"}
    assert nurse.post(reverse("desk:incident-report"), asked | {"title": "x"}).status_code == 422
    assert nurse.post(reverse("desk:incident-report"), asked).status_code == 302
    incident = Incident.objects.get()
    page = reverse("desk:incident", args=[incident.public_id])
    assert "有人翻看" in nurse.get(page).content.decode()
    assert nurse.get(reverse("desk:incidents")).status_code == 404
    assert sign_in(Client(), StaffFactory(role="nurse")).get(page).status_code == 404

    desk = sign_in(client, officer)
    assert "待研判" in desk.get(reverse("desk:incidents")).content.decode()
    triage = reverse("desk:incident-triage", args=[incident.public_id])
    judged = {"kind": "misuse", "level": "minor", "persons": "2", "minors": "3", "loss_wan": "0"}
    assert desk.post(triage, judged).status_code == 422
    assert desk.post(triage, judged | {"minors": "1"}).status_code == 302
    text = desk.get(page).content.decode()
    assert "义务与时钟" in text
    assert "已过" in text
    closing = desk.post(reverse("desk:incident-move", args=[incident.public_id]), {"to": "closed"})
    assert closing.status_code == 422
    duty = incident.duties.get(code="pipl.authority")
    done = {"do": "fulfil", "evidence": "网信办回执 2026-77"}
    assert desk.post(reverse("desk:incident-duty", args=[duty.public_id]), done).status_code == 302
    assert desk.post(reverse("desk:incident-duty", args=[duty.public_id]), done).status_code == 422
    assert desk.post(reverse("desk:incident-duty", args=[duty.public_id]), {"do": "fly"}).status_code == 404
    assert desk.get(reverse("desk:incident-report-pdf", args=[incident.public_id])).content.startswith(
        b"%PDF"
    )
