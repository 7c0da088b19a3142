import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from tests.factories.people import StaffFactory
from tests.factories.ui import sign_in
from tests.ui.pages import CASE
from yimei.ui.middleware import new_reference

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.ui.pages")]

HTMX = {"HX-Request": "true"}
JSON = {"Accept": "application/json"}


def test_a_refusal_becomes_a_notice_for_htmx(client: Client) -> None:
    response = sign_in(client, StaffFactory.create()).post("/gate", headers=HTMX)
    text = response.content.decode()
    assert response.status_code == 422
    assert response["HX-Retarget"] == "#notices"
    assert response["HX-Reswap"] == "innerHTML"
    assert "<html" not in text
    assert "手术同意书 v3" in text
    assert "民法典 第一千二百一十九条" in text
    assert f'href="/desk/case/{CASE}"' in text
    assert text.count("去补齐") == 1, "what has no place to fix it has no link"


def test_a_refusal_becomes_a_page_with_the_way_back(client: Client) -> None:
    response = client.post("/gate", headers={"Referer": "http://testserver/desk/today"})
    text = response.content.decode()
    assert response.status_code == 422
    assert "<html" in text
    assert 'href="/desk/today"' in text
    assert response["X-Request-ID"] in text


def test_a_refusal_becomes_a_problem_for_a_program(client: Client) -> None:
    response = client.post("/gate", headers=JSON)
    body = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert body["status"] == response.status_code == 422
    assert body["code"] == "surgery.gate"
    assert body["missing"][0]["where"] == f"/desk/case/{CASE}"
    assert body["missing"][1]["where"] == ""
    assert body["reference"] == response["X-Request-ID"]


def test_a_conflict_says_when_it_is_free(client: Client) -> None:
    assert client.post("/taken", headers=JSON).json()["next_free"]
    response = client.post("/taken", headers=HTMX)
    assert response.status_code == 409
    assert "最近的空档" in response.content.decode()


def test_what_is_not_there_is_404_in_every_form(client: Client) -> None:
    assert client.get("/gone").status_code == 404
    assert client.get("/gone", headers=JSON).json()["code"] == "not_found"
    assert client.get("/no-such-page", headers=HTMX)["HX-Retarget"] == "#notices"
    assert "没有找到" in client.get("/no-such-page").content.decode()


def test_a_bug_gives_its_reference_and_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    client = Client(raise_request_exception=False)
    response = client.get("/broken")
    assert response.status_code == 500
    assert response["X-Request-ID"] in response.content.decode()
    assert response["X-Request-ID"] in caplog.text
    assert "ZeroDivisionError" not in response.content.decode()
    assert client.get("/broken", headers=HTMX)["HX-Retarget"] == "#notices"


def test_a_stale_form_is_told_what_to_do() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/form", {"name": "林"})
    assert response.status_code == 403
    assert "刷新页面" in response.content.decode()
    assert client.post("/form", headers=HTMX)["HX-Retarget"] == "#notices"


def test_every_answer_has_a_reference_that_can_be_read_aloud(client: Client) -> None:
    assert re.fullmatch(r"[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}", client.get("/form")["X-Request-ID"])
    assert new_reference() != new_reference()
    assert "geolocation=()" in client.get("/form")["Permissions-Policy"]


def test_the_audit_log_learns_where_a_request_came_from(client: Client) -> None:
    sign_in(client, StaffFactory())
    session, ip, device = client.get("/origin").content.decode().split("|")
    assert session
    assert session != client.session.session_key
    assert ip == "127.0.0.1"
    assert device == client.cookies["ym_device"].value
    assert client.get("/origin").content.decode().split("|")[2] == device


def test_a_stranger_gets_no_device_cookie(client: Client) -> None:
    client.get("/form")
    assert "ym_device" not in client.cookies


def test_a_mark_changes_with_what_the_reader_does_and_not_with_what_she_looks_at(client: Client) -> None:
    sign_in(client, StaffFactory())
    client.get("/desk/today")
    assert "ym_acted" not in client.cookies
    client.post("/form", headers={"X-Unattended": "yes"})
    assert "ym_acted" not in client.cookies
    client.post("/form")
    first = client.cookies["ym_acted"].value
    client.post("/form")
    assert len({first, client.cookies["ym_acted"].value, ""}) == 3


def test_a_stranger_leaves_no_mark(client: Client) -> None:
    client.post("/form")
    assert "ym_acted" not in client.cookies


def test_a_forged_device_cookie_is_replaced(client: Client) -> None:
    client.cookies["ym_device"] = "<script>"
    assert "<script>" not in client.get("/origin").content.decode()


def test_what_staff_saw_is_not_kept_by_the_browser(client: Client) -> None:
    sign_in(client, StaffFactory())
    assert "no-store" in client.get("/desk/today")["Cache-Control"]


def test_an_idle_session_ends_with_a_sentence_and_the_way_back(client: Client) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        sign_in(client, StaffFactory())
        assert client.get("/desk/today").status_code == 200
    with time_machine.travel(start + timedelta(minutes=31), tick=False):
        response = client.get("/desk/today?day=1")
        assert response["Location"] == "/desk/sign-in?next=%2Fdesk%2Ftoday%3Fday%3D1"
        assert [str(message) for message in get_messages(response.wsgi_request)] == [
            "登录已过期，请重新登录。"
        ]
        assert client.get("/desk/today").status_code == 302


def test_a_busy_session_ends_when_its_day_is_over(client: Client) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        sign_in(client, StaffFactory())
        for _step in range(35):
            clock.shift(timedelta(minutes=20))
            assert client.get("/desk/today").status_code == 200
        clock.shift(timedelta(minutes=25))
        assert client.get("/desk/today").status_code == 302


def test_an_ended_session_answers_a_program_with_401(client: Client) -> None:
    client.force_login(StaffFactory())
    response = client.get("/desk/today", headers=JSON)
    assert response.status_code == 401
    assert response.json()["code"] == "session"


def test_an_ended_session_takes_an_htmx_page_to_the_door(client: Client) -> None:
    client.force_login(StaffFactory())
    response = client.get("/desk/today", headers=HTMX)
    assert response["HX-Redirect"].startswith("/desk/sign-in")


def test_a_toast_travels_with_the_fragment_or_waits_for_the_next_page(client: Client) -> None:
    assert '"undo": "/desk/undo"' in client.post("/done", headers=HTMX)["HX-Trigger"]
    assert "HX-Trigger" not in client.post("/done")
    response = client.post("/moved", headers=HTMX)
    assert response["HX-Redirect"] == "/desk/today"
    assert "HX-Trigger" not in response
    waiting = list(get_messages(response.wsgi_request))
    assert [(str(message), message.extra_tags) for message in waiting][-1] == ("已改期。", "undo:/desk/undo")
    assert client.post("/moved")["Location"] == "/desk/today"
