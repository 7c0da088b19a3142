"""Questionnaires through the addresses of the desk and of the customer's link."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from tests.desk.front import HTMX, at_time, queries_of, url
from tests.desk.ward import signature
from tests.factories.people import StaffFactory
from tests.factories.ui import sign_in
from tests.journey.clinic import TEN
from tests.journey.test_questionnaires import CALM, HABITS, MARKED, Room
from yimei.journey.models import AnswerSet, Questionnaire, Referral, ReferralDecision
from yimei.people.models import Staff
from yimei.privacy.models import Consent

pytestmark = pytest.mark.django_db
CODE = "smoking-medication"


@pytest.fixture
def room() -> Room:
    return Room().agrees()


def client(staff: Staff) -> Client:
    with at_time(TEN):
        return sign_in(Client(), staff)


def posted(raw: dict[str, list[str]], revision: int = 0, **values: str) -> dict[str, Any]:
    return {**raw, "revision": str(revision), **values}


def test_begin_fill_and_complete_through_the_page(room: Room) -> None:
    desk = client(room.consultant)
    with at_time(TEN):
        page = desk.get(url("case-questionnaires", room.case.public_id)).content.decode()
        begun = desk.post(reverse("desk:questionnaire-begin", args=[room.case.public_id, CODE]))
        address = begun.headers["Location"]
        form = desk.get(address).content.decode()
        saved = desk.post(
            url("questionnaire-save", AnswerSet.objects.get().public_id), posted(HABITS), headers=HTMX
        )
        done = desk.post(address, posted(HABITS, 1, signature=signature()), headers=HTMX)
    assert "吸烟、饮酒与用药" in page
    assert 'data-ym-show-if="{&quot;question&quot;: &quot;smoking&quot;' in form
    assert "已保存 10:00" in saved.content.decode()
    assert 'id="answers-revision" value="1"' in saved.content.decode()
    assert done["HX-Redirect"] == url("case-questionnaires", room.case.public_id)
    row = AnswerSet.objects.get()
    with at_time(TEN):
        shown = desk.get(url("questionnaire-answers", row.public_id)).content.decode()
        pdf = desk.get(url("questionnaire-pdf", row.public_id))
        record = desk.get(url("questionnaire-record", row.public_id))
    assert "华法林 2.5 mg" in shown
    assert row.record_sha256 in shown
    assert pdf.content.startswith(b"%PDF-")
    assert record.headers["Content-Type"] == "application/json"


def test_a_form_that_is_not_whole_comes_back_with_every_word_and_is_kept(room: Room) -> None:
    desk, row = client(room.consultant), room.begin()
    with at_time(TEN):
        piece = desk.post(
            url("questionnaire-fill", row.public_id), posted(HABITS | {"alcohol": []}), headers=HTMX
        )
        page = desk.post(url("questionnaire-fill", row.public_id), posted(HABITS | {"alcohol": []}, 1))
    assert (piece.status_code, page.status_code) == (422, 422)
    assert '<a href="#q-alcohol">您多久饮一次酒？：请作答。</a>' in piece.content.decode()
    assert 'id="q-alcohol-error" hx-swap-oob="true">请作答。' in piece.content.decode()
    assert "华法林 2.5 mg" in page.content.decode()
    row = AnswerSet.objects.with_people().get()
    assert row.draft["medicine_names"] == ["华法林 2.5 mg"]


@pytest.mark.parametrize("name", ["questionnaire-fill", "questionnaire-save", "questionnaire-discard"])
def test_a_colleague_or_a_forged_id_finds_no_answers(room: Room, name: str) -> None:
    row, colleague = room.begin(), client(room.clinic.consultants[1])
    with at_time(TEN):
        assert colleague.post(url(name, row.public_id), posted({})).status_code == 404
        assert client(room.consultant).post(url(name, uuid4()), posted({})).status_code == 404


@pytest.mark.parametrize("name", ["questionnaire-answers", "questionnaire-pdf", "questionnaire-record"])
def test_answers_are_read_by_those_who_care_and_nobody_else(room: Room, name: str) -> None:
    row = room.complete()
    readers = {room.surgeon: 200, room.consultant: 200, room.clinic.consultants[1]: 404}
    readers |= {room.clinic.reception: 404, room.clinic.surgeons[1]: 404}
    with at_time(TEN):
        for staff, expected in readers.items():
            assert client(staff).get(url(name, row.public_id)).status_code == expected, staff.name


def test_reception_sees_what_is_filled_in_but_no_answer_and_no_band(room: Room) -> None:
    room.complete("body-image", MARKED)
    with at_time(TEN):
        page = client(room.clinic.reception).get(url("case-questionnaires", room.case.public_id))
    text = page.content.decode()
    assert page.status_code == 200
    assert "须医师决定" not in text
    assert "体像关注" not in text
    assert "发送链接" in text


def test_the_surgeon_decides_in_a_dialog_and_a_consultant_cannot(room: Room) -> None:
    room.complete("body-image", MARKED)
    address = url("referral-decide", Referral.objects.get().public_id)
    answer = {"outcome": "proceed", "reason": "当面谈过，期望合理"}
    with at_time(TEN):
        assert client(room.consultant).post(address, answer, headers=HTMX).status_code == 404
        surgeon = client(room.surgeon)
        assert "筛查之后怎么做" in surgeon.get(address, headers=HTMX).content.decode()
        assert surgeon.post(address, answer | {"reason": ""}, headers=HTMX).status_code == 422
        assert surgeon.post(address, answer | {"outcome": "maybe"}, headers=HTMX).status_code == 422
        assert surgeon.post(address, answer, headers=HTMX)["HX-Redirect"]
    assert ReferralDecision.objects.get().by == room.surgeon


def test_the_page_does_not_ask_more_the_more_was_answered(room: Room) -> None:
    desk, address = client(room.surgeon), url("case-questionnaires", room.case.public_id)
    with at_time(TEN):
        room.complete("body-image", MARKED)
        few = queries_of(desk, address)
        for _again in range(3):
            room.complete("body-image", CALM)
        assert queries_of(desk, address) <= few


def test_the_library_shows_versions_and_only_the_administrator_publishes(room: Room) -> None:
    admin, desk = client(StaffFactory(role="admin")), client(room.consultant)
    with at_time(TEN):
        assert "FACE-Q" in desk.get(reverse("desk:questionnaires")).content.decode()
        assert desk.get(reverse("desk:questionnaire", args=["body-image"])).status_code == 200
        assert desk.get(reverse("desk:questionnaire-publish")).status_code == 404
        source = admin.get(reverse("desk:questionnaire-publish") + "?from=expectations")
        assert "最想改变的是什么" in source.content.decode()
        for content, said in (("{", "不是有效的 JSON"), ("[]", "应是一个对象"), ("[" * 9000, "JSON")):
            refused = admin.post(reverse("desk:questionnaire-publish"), {"content": content})
            assert refused.status_code == 422
            assert said in refused.content.decode()
    assert Questionnaire.objects.filter(code="expectations").count() == 1


# ---- the customer's link ----------------------------------------------------------------------------


def test_she_agrees_first_then_fills_in_alone_and_reads_no_name() -> None:
    room = Room()
    from tests.factories.privacy import NoticeFactory, PurposeFactory

    NoticeFactory(purposes=[PurposeFactory(health=True)])
    token, phone = room.invite(CODE), Client(enforce_csrf_checks=True)
    start, form = reverse("portal:forms", args=[token]), reverse("portal:form", args=[token, CODE])
    with at_time(TEN):
        first = phone.get(start)
        assert phone.get(form).headers["Location"] == start
        assert phone.post(start, {"signature": ""}, headers={"origin": "null"}).status_code == 422
        assert phone.post(start, {"signature": signature()}, headers={"origin": "null"}).status_code == 302
        page = phone.get(form)
        refused = phone.post(form, posted({"smoking": ["never"]}), headers={"origin": "null", **HTMX})
        done = phone.post(form, posted(HABITS, 1, signature=signature()), headers={"origin": "null", **HTMX})
        after = phone.get(start).content.decode()
    assert first.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page.headers["Cache-Control"]
    for text in (first.content.decode(), page.content.decode(), after):
        assert room.patient.person.name not in text
    assert refused.status_code == 422
    assert done["HX-Redirect"] == start
    assert "已填完" in after
    assert "华法林" not in after
    consent = Consent.objects.get()
    assert (consent.channel, consent.by) == ("portal", None)


def test_a_link_that_is_not_good_says_so_and_nothing_else(room: Room) -> None:
    token = room.invite(CODE)
    with at_time(TEN):
        for address in (
            reverse("portal:forms", args=["x" * 32]),
            reverse("portal:form", args=[token, "body-image"]),
        ):
            answer = Client().get(address)
            assert answer.status_code == 404
            assert room.patient.person.name not in answer.content.decode()
        stale = Client().post(reverse("portal:form-save", args=[token, CODE]), posted({}), headers=HTMX)
    assert (stale.status_code, stale["HX-Retarget"]) == (404, "#notices")
