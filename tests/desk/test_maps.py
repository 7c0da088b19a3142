"""Expectations and maps through their addresses, and the map's editor in a browser."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.desk.front import HTMX, at_time, url
from tests.desk.ward import signature
from tests.factories.ui import sign_in
from tests.journey import test_expectations as agreed
from tests.journey import test_maps as marked
from tests.journey.clinic import TEN
from tests.journey.test_maps import POINT, Room
from yimei.journey.models import Expectation, TreatmentMap
from yimei.people.models import Staff

pytestmark = pytest.mark.django_db
AGREEMENT = {
    "goal0-text": "自然一点",
    "goal0-reach": "part",
    "goal0-range": "六到七成",
    "unreachable": "疤不会消失",
    "how": "spoken",
    "written_against": "0",
}


@pytest.fixture
def room() -> Room:
    return Room()


def client(staff: Staff) -> Client:
    with at_time(TEN):
        return sign_in(Client(), staff)


def test_an_agreement_is_made_and_shown_with_what_cannot_be(room: Room) -> None:
    desk, address = client(room.surgeon), url("case-expectations", room.case.public_id)
    with at_time(TEN):
        refused = desk.post(address, AGREEMENT | {"unreachable": "", "goal1-text": "第二个"})
        signed = desk.post(address, AGREEMENT | {"how": "signed", "signature": ""})
        done = desk.post(address, AGREEMENT | {"how": "signed", "signature": signature()})
        page = desk.get(address).content.decode()
        plan = desk.get(url("case-plan", room.case.public_id)).content.decode()
    assert "自然一点" in plan
    assert (refused.status_code, signed.status_code, done.status_code) == (422, 422, 302)
    assert "第二个" in refused.content.decode()
    assert "请客户签名" in signed.content.decode()
    assert "疤不会消失" in page
    assert Expectation.objects.get().by == room.surgeon


def test_scores_are_taken_on_the_page_when_their_month_has_come() -> None:
    room = agreed.Room()
    room.agree()
    desk, address = client(room.surgeon), url("expectation-score", room.case.public_id)
    later = TEN + agreed.MONTH
    answer = {"month": "1", "score0": "7", "score1": "3", "overall": "6", "note": "还不错"}
    with at_time(TEN):
        assert desk.post(address, answer).status_code == 422
    with at_time(later):
        desk = sign_in(Client(), room.surgeon)
        assert desk.post(address, answer | {"score1": "11"}).status_code == 422
        assert desk.post(address, answer).status_code == 302
        page = desk.get(url("case-expectations", room.case.public_id)).content.decode()
    assert "「还不错」" in page
    assert "sparkline" in page
    assert page.count('<td class="num" data-label="1 月">') == 3, "on a phone each score says its month"


def test_who_neither_reads_charts_nor_cares_finds_neither_page(room: Room) -> None:
    row = room.finish()
    addresses = [url("case-expectations", room.case.public_id), url("map", row.public_id)]
    addresses += [url("map-edit", row.public_id), url("map-pdf", row.public_id)]
    with at_time(TEN):
        for staff in (room.clinic.reception, room.clinic.consultants[1], room.clinic.surgeons[1]):
            for address in addresses:
                assert client(staff).get(address).status_code == 404, (staff.name, address)


def test_a_map_is_kept_finished_shown_and_printed(room: Room) -> None:
    desk = client(room.surgeon)
    data: dict[str, Any] = {"points": json.dumps([POINT]), "note": "", "revision": "0"}
    with at_time(TEN):
        desk.post(reverse("desk:map-begin", args=[room.case.public_id, "done"]))
        row = TreatmentMap.objects.get()
        editor = desk.get(url("map-edit", row.public_id)).content.decode()
        saved = desk.post(url("map-save", row.public_id), data, headers=HTMX).content.decode()
        bad = desk.post(
            url("map-edit", row.public_id),
            data | {"points": json.dumps([POINT | {"lot": ""}]), "revision": "1"},
            headers=HTMX,
        )
        done = desk.post(url("map-edit", row.public_id), data | {"revision": "1"}, headers=HTMX)
        page = desk.get(url("map", row.public_id)).content.decode()
        pdf = desk.get(url("map-pdf", row.public_id))
        broken = desk.post(url("map-save", row.public_id), {"points": "x"}, headers=HTMX)
        listed = desk.get(url("case-maps", room.case.public_id)).content.decode()
    assert 'data-ym-map-figure="face-oblique-left"' in editor
    assert "4 U" in saved
    assert (bad.status_code, bad["HX-Retarget"]) == (422, "#notices")
    assert "缺批号" in bad.content.decode()
    assert done["HX-Redirect"] == url("map", row.public_id)
    assert "C3709" in page
    assert pdf.content.startswith(b"%PDF-")
    assert broken.status_code == 422
    assert "A 型肉毒毒素 4 U" in listed


def test_a_forged_kind_or_correction_begins_nothing(room: Room) -> None:
    desk = client(room.surgeon)
    with at_time(TEN):
        assert desk.post(reverse("desk:map-begin", args=[room.case.public_id, "moon"])).status_code == 404
        address = reverse("desk:map-begin", args=[room.case.public_id, "done"])
        assert desk.post(address, {"corrects": "x"}).status_code == 404
    assert not TreatmentMap.objects.exists()


def test_the_visit_before_stands_hollow_behind_with_its_difference(room: Room) -> None:
    from datetime import timedelta

    room.finish()
    row = room.finish(marked.point(amount="6"), now=TEN + timedelta(days=90))
    with at_time(TEN + timedelta(days=90)):
        page = sign_in(Client(), room.surgeon).get(url("map", row.public_id)).content.decode()
    assert 'class="figure-earlier"><circle' in page
    assert "+2" in page
