"""Signing in: passwords, locks, the second factor, and how a session ends."""

from base64 import b32decode
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from xml.etree import ElementTree

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection
from django_otp.oath import hotp

from tests.factories.crowd import at_once
from tests.factories.people import PASSWORD, TOTP_SECRET, StaffFactory
from yimei.audit.models import Entry
from yimei.core.errors import RuleBroken
from yimei.people import queries
from yimei.people.actions import sessions
from yimei.people.models import SignInAttempt, Staff, StaffSession

MINUTE = timedelta(minutes=1)
NEW_PASSWORD = "quiet-river-under-stars"


def sign_in(username: str, password: str, now: datetime, totp: str = "", *, ip: str = "10.0.0.1") -> Staff:
    return sessions.sign_in(username, password, totp, ip=ip, device="test", session_key="key", now=now)


def refusal(
    username: str, password: str, now: datetime, totp: str = "", *, ip: str = "10.0.0.1"
) -> RuleBroken:
    with pytest.raises(RuleBroken) as caught:
        sign_in(username, password, now, totp, ip=ip)
    return caught.value


def code_at(now: datetime, secret: str = TOTP_SECRET) -> str:
    return f"{hotp(b32decode(secret), int(now.timestamp()) // 30):06d}"


@pytest.mark.django_db
class TestPassword:
    def test_the_right_password_opens_a_session(self, now: datetime) -> None:
        staff = StaffFactory(username="lin")
        assert sign_in(" LIN ", PASSWORD, now) == staff
        [session] = queries.open_sessions(staff)
        assert (session.ip, session.device, session.started_at) == ("10.0.0.1", "test", now)
        assert session.key_hash != "key"
        entry = Entry.objects.get(action="people.session.start")
        assert (entry.actor, entry.result) == (staff.public_id, "ok")

    def test_wrong_passwords_and_unknown_users_hear_the_same(self, now: datetime) -> None:
        StaffFactory(username="lin")
        StaffFactory(username="gone", is_active=False)
        for i in range(10):
            at = now + i * timedelta(seconds=1)
            heard = {
                (error.message, error.code)
                for error in (
                    refusal("lin", "wrong", at, ip="10.0.0.1"),
                    refusal("nobody", "wrong", at, ip="10.0.0.2"),
                    refusal("gone", PASSWORD, at, ip="10.0.0.3"),
                )
            }
            assert len(heard) == 1
            [(sentence, code)] = heard
            if i < 4:
                assert sentence == f"用户名或密码不对，还可以试 {4 - i} 次。"
            else:
                assert (sentence, code) == ("尝试次数过多，请在 10:15:04 之后再试。", "locked")

    def test_a_lock_holds_against_the_right_password_and_then_opens(self, now: datetime) -> None:
        StaffFactory(username="lin")
        for _ in range(5):
            refusal("lin", "wrong", now)
        assert refusal("lin", PASSWORD, now + 15 * MINUTE - timedelta(seconds=1)).code == "locked"
        assert sign_in("lin", PASSWORD, now + 15 * MINUTE).username == "lin"

    def test_trying_while_locked_does_not_lengthen_the_lock(self, now: datetime) -> None:
        StaffFactory(username="lin")
        for i in range(10):
            refusal("lin", "wrong", now + i * MINUTE)
        assert sign_in("lin", PASSWORD, now + 19 * MINUTE).username == "lin"

    def test_a_success_forgets_the_failures_before_it(self, now: datetime) -> None:
        StaffFactory(username="lin")
        for _ in range(4):
            refusal("lin", "wrong", now)
        sign_in("lin", PASSWORD, now)
        assert "还可以试 4 次" in refusal("lin", "wrong", now).message

    @pytest.mark.slow(reason="thirty failures, each with its line in the log")
    def test_one_address_cannot_try_every_user(self, now: datetime) -> None:
        StaffFactory(username="lin")
        for i in range(30):
            refusal(f"user{i}", "wrong", now)
        assert refusal("lin", PASSWORD, now).code == "locked"
        assert sign_in("lin", PASSWORD, now, ip="10.0.0.2").username == "lin"

    @pytest.mark.parametrize(
        ("username", "password"),
        [("", ""), ("\0", "\0"), ("林" * 100_000, "x" * 10_000_000), ("' OR 1=1 --", "x"), ("𠮷", "😀")],
    )
    def test_strange_input_is_one_more_wrong_password(
        self, now: datetime, username: str, password: str
    ) -> None:
        assert refusal(username, password, now).code == "sign_in"

    def test_the_log_says_who_failed_without_the_name(self, now: datetime) -> None:
        staff = StaffFactory(username="lin")
        refusal("lin", "secret-guess", now)
        entry = Entry.objects.get(action="people.session.refuse")
        assert (entry.result, entry.object_id) == ("refused", str(staff.public_id))
        assert "lin" not in entry.detail["user"]
        assert "secret-guess" not in str(entry.__dict__)


@pytest.mark.django_db
def test_a_signature_on_a_shared_device_signs_nobody_in_and_locks_like_the_door(now: datetime) -> None:
    nurse = StaffFactory(role="nurse", username="lin")
    assert sessions.verify("lin", PASSWORD, ip="10.0.0.1", now=now) == nurse
    assert not queries.open_sessions(nurse).exists()
    for _ in range(5):
        with pytest.raises(RuleBroken):
            sessions.verify("lin", "wrong", ip="10.0.0.1", now=now)
    assert refusal("lin", PASSWORD, now).code == "locked"


@pytest.mark.django_db(transaction=True)
def test_twenty_tries_at_once_are_twenty_tries(now: datetime) -> None:
    StaffFactory(username="lin")

    at_once([partial(refusal, "lin", f"guess-{number}", now) for number in range(20)])
    assert SignInAttempt.objects.count() == 5


@pytest.mark.django_db
class TestSecondFactor:
    def test_a_confirmed_factor_is_asked_for_and_opens(self, now: datetime) -> None:
        staff = StaffFactory(role="director", username="dean")
        assert refusal("dean", PASSWORD, now).code == "totp_needed"
        assert not SignInAttempt.objects.exists()
        assert sign_in("dean", PASSWORD, now, code_at(now)) == staff

    def test_a_code_opens_once(self, now: datetime) -> None:
        StaffFactory(role="director", username="dean")
        code = code_at(now)
        sign_in("dean", PASSWORD, now, code)
        assert "已用过" in refusal("dean", PASSWORD, now, code).message
        older = code_at(now - timedelta(seconds=30))
        assert refusal("dean", PASSWORD, now, older).code == "totp"
        later = now + timedelta(seconds=30)
        assert sign_in("dean", PASSWORD, later, code_at(later)).username == "dean"

    @pytest.mark.parametrize(("seconds", "opens"), [(-60, False), (-30, True), (30, True), (60, False)])
    def test_a_clock_may_be_one_step_off(self, now: datetime, seconds: int, opens: bool) -> None:
        staff = StaffFactory(role="director", username="dean")
        code = code_at(now + timedelta(seconds=seconds))
        if opens:
            assert sign_in("dean", PASSWORD, now, f"{code[:3]} {code[3:]}") == staff
        else:
            assert refusal("dean", PASSWORD, now, code).code == "totp"

    @pytest.mark.parametrize("code", ["000000", "12345", "1234567", "abcdef", "１２３４５６", "1" * 100_000])
    def test_wrong_codes_lock_like_wrong_passwords(self, now: datetime, code: str) -> None:
        StaffFactory(role="director", username="dean")
        for _ in range(4):
            assert refusal("dean", PASSWORD, now, code).code == "totp"
        assert refusal("dean", PASSWORD, now, code).code == "locked"

    def test_the_code_says_nothing_when_the_password_is_wrong(self, now: datetime) -> None:
        StaffFactory(role="director", username="dean")
        assert refusal("dean", "wrong", now, code_at(now)).code == "sign_in"

    def test_a_role_that_needs_a_factor_enrols_one(self, now: datetime) -> None:
        StaffFactory(role="admin", username="root", totp_secret="", totp_confirmed_at=None)
        staff = sign_in("root", PASSWORD, now)
        assert staff.must_enrol_totp
        enrolment = sessions.begin_totp(by=staff, now=now)
        assert enrolment.uri.startswith("otpauth://totp/Yimei%3Aroot?secret=" + enrolment.secret)
        assert ElementTree.fromstring(enrolment.qr_svg).tag.endswith("svg")
        assert "style" not in enrolment.qr_svg
        with pytest.raises(RuleBroken, match="动态口令不对"):
            sessions.confirm_totp("000000", by=staff, now=now)
        confirmed = sessions.confirm_totp(code_at(now, enrolment.secret), by=staff, now=now)
        assert not confirmed.must_enrol_totp
        assert refusal("root", PASSWORD, now).code == "totp_needed"
        assert refusal("root", PASSWORD, now, code_at(now, enrolment.secret)).code == "totp"

    def test_an_enrolled_factor_is_not_replaced_by_who_sits_at_the_screen(self, now: datetime) -> None:
        with pytest.raises(RuleBroken, match="管理员重置"):
            sessions.begin_totp(by=StaffFactory(role="admin"), now=now)

    def test_the_secret_is_sealed(self, now: datetime) -> None:
        staff = StaffFactory(role="admin")
        with connection.cursor() as cursor:
            cursor.execute("SELECT totp_secret FROM people_staff WHERE id = %s", [staff.pk])
            assert TOTP_SECRET.encode() not in bytes(cursor.fetchone()[0])


@pytest.mark.django_db
class TestSession:
    @pytest.fixture
    def staff(self, now: datetime) -> Staff:
        StaffFactory(username="lin")
        return sign_in("lin", PASSWORD, now)

    @pytest.fixture(autouse=True)
    def limits(self, settings: Any) -> None:
        settings.SESSION_IDLE = timedelta(minutes=30)
        settings.SESSION_ABSOLUTE = timedelta(hours=12)

    def test_a_touched_session_lives_on(self, staff: Staff, now: datetime) -> None:
        for minutes in range(0, 12 * 60, 20):
            assert sessions.touch("key", now + minutes * MINUTE)
        assert not sessions.touch("key", now + 12 * 60 * MINUTE)
        assert StaffSession.objects.get().end_reason == "absolute"

    def test_an_idle_session_ends_for_good(self, staff: Staff, now: datetime) -> None:
        assert not sessions.touch("key", now + 30 * MINUTE)
        assert not sessions.touch("key", now)
        assert StaffSession.objects.get().end_reason == "idle"
        assert Entry.objects.get(action="people.session.end").detail == {"why": "idle"}

    def test_what_a_page_asks_by_itself_keeps_no_session_awake(self, staff: Staff, now: datetime) -> None:
        for minutes in range(30):
            assert sessions.touch("key", now + minutes * MINUTE, is_attended=False)
        assert not sessions.touch("key", now + 30 * MINUTE, is_attended=False)
        assert StaffSession.objects.get().end_reason == "idle"

    def test_being_seen_is_written_once_a_minute(self, staff: Staff, now: datetime) -> None:
        sessions.touch("key", now + 59 * timedelta(seconds=1))
        assert StaffSession.objects.get().seen_at == now
        sessions.touch("key", now + MINUTE)
        assert StaffSession.objects.get().seen_at == now + MINUTE

    def test_an_unknown_key_is_nobody(self, staff: Staff, now: datetime) -> None:
        assert not sessions.touch("another", now)

    def test_who_left_the_hospital_is_out_at_once(self, staff: Staff, now: datetime) -> None:
        Staff.objects.filter(pk=staff.pk).update(is_active=False)
        assert not sessions.touch("key", now)

    def test_signing_out_ends_this_browser(self, staff: Staff, now: datetime) -> None:
        sessions.start(staff, session_key="phone", ip=None, device="phone", now=now)
        sessions.sign_out("key", now=now)
        sessions.sign_out("never-there", now=now)
        assert not sessions.touch("key", now)
        assert sessions.touch("phone", now)

    def test_signing_out_everywhere_keeps_the_browser_at_hand(self, staff: Staff, now: datetime) -> None:
        for key in ("phone", "tablet"):
            sessions.start(staff, session_key=key, ip=None, device=key, now=now)
        assert sessions.sign_out_everywhere(by=staff, now=now, except_key="key") == 2
        assert sessions.touch("key", now)
        assert not sessions.touch("phone", now)

    def test_a_changed_password_ends_the_other_browsers(self, staff: Staff, now: datetime) -> None:
        sessions.start(staff, session_key="phone", ip=None, device="phone", now=now)
        changed = sessions.change_password(
            by=staff, old=PASSWORD, new=NEW_PASSWORD, now=now, session_key="key"
        )
        assert check_password(NEW_PASSWORD, changed.password)
        assert (changed.must_change_password, changed.password_changed_at) == (False, now)
        assert sessions.touch("key", now)
        assert not sessions.touch("phone", now)
        assert refusal("lin", PASSWORD, now).code == "sign_in"

    @pytest.mark.parametrize(
        ("new", "sentence"),
        [
            ("short", "至少 12 个字符"),
            ("password1234", "常见"),
            (PASSWORD, "不能与原密码相同"),
            ("my-name-is-LIN-ok", "用户名或姓名"),
            ("林晓雨的密码有十二个字呢", "用户名或姓名"),
            ("x" * 1025, "1024"),
        ],
    )
    def test_a_weak_password_is_refused_with_its_reason(
        self, staff: Staff, now: datetime, new: str, sentence: str
    ) -> None:
        Staff.objects.filter(pk=staff.pk).update(name="林晓雨")
        with pytest.raises(RuleBroken, match=sentence):
            sessions.change_password(by=staff, old=PASSWORD, new=new, now=now)

    @pytest.mark.parametrize("new", ["all lower case words", "春天的花都开了我们去看看", "éèàùçœ🙂 paris 75"])
    def test_length_counts_and_no_kind_of_character_is_forced(
        self, staff: Staff, now: datetime, new: str
    ) -> None:
        assert sessions.change_password(by=staff, old=PASSWORD, new=new, now=now).check_password(new)

    def test_the_old_password_is_asked_for(self, staff: Staff, now: datetime) -> None:
        with pytest.raises(RuleBroken, match="原密码不对"):
            sessions.change_password(by=staff, old="wrong", new=NEW_PASSWORD, now=now)
