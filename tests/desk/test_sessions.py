"""The door of the desk: password, second factor, lockout, the way back, the way out."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django_otp.oath import hotp

from tests.factories.people import PASSWORD, TOTP_SECRET, StaffFactory
from tests.factories.ui import sign_in
from yimei.people.models import Staff, StaffSession

pytestmark = pytest.mark.django_db

SIGN_IN = reverse("desk:sign-in")
TODAY = reverse("desk:today")


def enter(client: Client, staff: Staff, password: str = PASSWORD, **more: str) -> int:
    response = client.post(SIGN_IN, {"username": staff.username, "password": password, **more})
    return response.status_code


def code_at(now: datetime, secret: bytes = b"12345678901234567890") -> str:
    return f"{hotp(secret, int(now.timestamp()) // 30):06d}"


def test_a_right_password_opens_the_desk(client: Client) -> None:
    staff = StaffFactory()
    response = client.post(SIGN_IN, {"username": staff.username, "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, TODAY)
    assert client.get(TODAY).status_code == 200
    assert StaffSession.objects.get(staff=staff).ended_at is None


def test_the_way_back_is_kept_and_a_strange_address_is_not(client: Client) -> None:
    staff, wanted = StaffFactory(), reverse("desk:account")
    response = client.post(SIGN_IN, {"username": staff.username, "password": PASSWORD, "next": wanted})
    assert response["Location"] == wanted
    other = Client()
    response = other.post(
        SIGN_IN, {"username": staff.username, "password": PASSWORD, "next": "https://evil.example/x"}
    )
    assert response["Location"] == TODAY


def test_a_closed_page_leads_to_the_door_with_the_way_back(client: Client) -> None:
    response = client.get(reverse("desk:patients"))
    assert response["Location"] == f"{SIGN_IN}?next=%2Fdesk%2Fpatients%2F"


def test_ten_wrong_passwords_lock_and_say_until_when(client: Client) -> None:
    staff = StaffFactory()
    words = []
    for _try in range(10):
        response = client.post(SIGN_IN, {"username": staff.username, "password": "wrong"})
        assert response.status_code == 422
        words.append(response.content.decode())
    assert "还可以试 4 次" in words[0]
    assert all("尝试次数过多" in text for text in words[4:])
    assert enter(client, staff) == 422


def test_an_unknown_name_is_refused_in_the_same_words(client: Client) -> None:
    staff = StaffFactory()
    known = client.post(SIGN_IN, {"username": staff.username, "password": "wrong"}).content.decode()
    unknown = client.post(SIGN_IN, {"username": "nobody", "password": "wrong"}).content.decode()
    assert "用户名或密码不对，还可以试 4 次。" in known
    assert "用户名或密码不对，还可以试 4 次。" in unknown


def test_the_second_step_asks_for_the_code_and_takes_it_once(client: Client, now: datetime) -> None:
    staff = StaffFactory(role="director")
    with time_machine.travel(now, tick=False):
        response = client.post(SIGN_IN, {"username": staff.username, "password": PASSWORD})
        assert response["Location"] == reverse("desk:sign-in-totp")
        assert client.get(TODAY).status_code == 302
        wrong = client.post(reverse("desk:sign-in-totp"), {"totp": "000000"})
        assert wrong.status_code == 422
        assert "动态口令不对或已用过" in wrong.content.decode()
        right = client.post(reverse("desk:sign-in-totp"), {"totp": code_at(now)})
        assert right["Location"] == TODAY
        assert client.get(TODAY).status_code == 200


def test_the_second_step_without_the_first_is_the_door(client: Client, now: datetime) -> None:
    StaffFactory(role="director")
    response = client.post(reverse("desk:sign-in-totp"), {"totp": code_at(now)})
    assert response["Location"] == SIGN_IN


def test_the_second_step_waits_five_minutes(client: Client, now: datetime) -> None:
    staff = StaffFactory(role="director")
    with time_machine.travel(now, tick=False) as clock:
        assert enter(client, staff) == 302
        clock.shift(timedelta(minutes=5))
        response = client.post(reverse("desk:sign-in-totp"), {"totp": code_at(now + timedelta(minutes=5))})
    assert response["Location"] == SIGN_IN


def test_a_role_that_needs_a_code_opens_nothing_before_it_has_one(client: Client, now: datetime) -> None:
    staff = StaffFactory(role="privacy", totp_confirmed_at=None, totp_secret="")
    sign_in(client, staff)
    assert client.get(TODAY)["Location"] == reverse("desk:sign-in-totp")
    shown = client.post(reverse("desk:sign-in-totp"), {"begin": "1"}).content.decode()
    staff.refresh_from_db()
    assert staff.totp_secret in shown
    assert "data:image/svg+xml;base64," in shown
    assert staff.totp_secret not in client.get(reverse("desk:sign-in-totp")).content.decode()


def test_a_temporary_password_must_be_changed_first(client: Client) -> None:
    staff = StaffFactory(must_change_password=True)
    sign_in(client, staff)
    change = reverse("desk:password-change")
    assert client.get(reverse("desk:patients"))["Location"] == change
    new = "a-quiet-room-in-spring"
    short = client.post(change, {"old_password": PASSWORD, "password": "short", "again": "short"})
    assert short.status_code == 422
    assert "至少 12 个字符" in short.content.decode()
    unlike = client.post(change, {"old_password": PASSWORD, "password": new, "again": "other"})
    assert "两次输入的新密码不一样" in unlike.content.decode()
    response = client.post(change, {"old_password": PASSWORD, "password": new, "again": new})
    assert response["Location"] == reverse("desk:account")
    assert client.get(reverse("desk:patients")).status_code == 200


def test_a_new_password_signs_out_the_other_browsers(client: Client) -> None:
    staff, other, new = StaffFactory(), Client(), "a-quiet-room-in-spring"
    sign_in(client, staff)
    sign_in(other, staff)
    client.post(reverse("desk:password-change"), {"old_password": PASSWORD, "password": new, "again": new})
    assert client.get(TODAY).status_code == 200
    assert other.get(TODAY).status_code == 302


def test_a_session_that_idled_says_so_and_keeps_the_way_back(client: Client, now: datetime) -> None:
    with time_machine.travel(now, tick=False) as clock:
        sign_in(client, StaffFactory())
        clock.shift(timedelta(minutes=31))
        response = client.get(reverse("desk:patients"))
        assert response["Location"] == f"{SIGN_IN}?next=%2Fdesk%2Fpatients%2F"
        assert "登录已过期，请重新登录。" in client.get(response["Location"]).content.decode()


def test_signing_out_ends_the_session_and_needs_a_post(client: Client) -> None:
    staff = StaffFactory()
    sign_in(client, staff)
    assert client.get(reverse("desk:sign-out")).status_code == 405
    assert client.post(reverse("desk:sign-out"))["Location"] == SIGN_IN
    assert client.get(TODAY).status_code == 302
    assert StaffSession.objects.get(staff=staff).end_reason == "signed_out"


def test_signing_out_everywhere_ends_every_session(client: Client) -> None:
    staff, other = StaffFactory(), Client()
    sign_in(client, staff)
    sign_in(other, staff)
    client.post(reverse("desk:sign-out-everywhere"))
    assert other.get(TODAY).status_code == 302
    assert not StaffSession.objects.filter(staff=staff, ended_at=None).exists()


def test_the_demo_accounts_are_offered_only_where_a_rehearsal_left_them(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.VAR_DIR, settings.DEVELOPMENT = tmp_path, True
    assert "演示账号" not in client.get(SIGN_IN).content.decode()
    account = {"role": "前台", "name": "周婷", "username": "zhouting", "password": "public", "totp": ""}
    (tmp_path / "demo.json").write_text(json.dumps({"accounts": [account]}))
    assert "?as=zhouting" in client.get(SIGN_IN).content.decode()
    assert 'value="zhouting"' in client.get(f"{SIGN_IN}?as=zhouting").content.decode()
    settings.DEVELOPMENT = False
    assert "演示账号" not in client.get(SIGN_IN).content.decode()


def test_no_password_is_ever_written_into_a_page(client: Client) -> None:
    response = client.post(SIGN_IN, {"username": "somebody", "password": "very-secret-words"})
    assert "very-secret-words" not in response.content.decode()


def test_a_password_of_ten_megabytes_is_refused_in_words(client: Client) -> None:
    staff = StaffFactory()
    response = client.post(SIGN_IN, {"username": staff.username, "password": "x" * 10_000_000})
    assert response.status_code == 422
    assert TOTP_SECRET not in response.content.decode()
