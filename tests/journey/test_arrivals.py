"""Arrivals by code: genuine, of today, of this campus; no personal data; wrong tries counted."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.desk.front import Front, at_time, url
from tests.journey.clinic import EIGHT, TEN
from yimei.core.errors import NotFound, RuleBroken
from yimei.journey.actions import arrivals, bookings
from yimei.journey.enums import BookingStatus, VisitKind
from yimei.journey.models import Booking, BookingLink
from yimei.journey.queries import arrivals as queries
from yimei.journey.queries.visits import WaitLimits
from yimei.journey.rules import arrivals as rules
from yimei.journey.rules import tokens

DAY = date(2026, 6, 16)
BEFORE = TEN - timedelta(minutes=10)


def test_a_code_names_one_booking_on_one_day_and_nobody() -> None:
    booking = uuid4()
    shown = rules.make_pass("secret", booking, DAY)
    assert rules.read_pass(f" {shown}\n") == booking
    rules.check_pass(shown, "secret", booking, DAY)
    for other in (("other", booking, DAY), ("secret", uuid4(), DAY), ("secret", booking, date(2026, 6, 17))):
        with pytest.raises(RuleBroken, match="不是本院"):
            rules.check_pass(shown, *other)


@pytest.mark.parametrize("text", ["", "YM1.", "YM1.!!", "https://x.example/", "YM1." + "A" * 200, "𠮷" * 40])
def test_what_is_no_code_is_said_so(text: str) -> None:
    with pytest.raises(RuleBroken, match="不是本院"):
        rules.read_pass(text)


def test_the_code_of_the_desk_changes_with_day_and_campus() -> None:
    campus = uuid4()
    codes = {rules.desk_code("s", campus, DAY + timedelta(days=n)) for n in range(20)}
    assert len(codes) > 18
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert rules.desk_code("s", campus, DAY) != rules.desk_code("s", uuid4(), DAY)
    with pytest.raises(RuleBroken, match="到院码不对"):
        rules.check_desk_code("１２３", "s", campus, DAY)


@pytest.fixture
def front() -> Front:
    return Front()


def link_to(booking: Booking) -> str:
    token = uuid4().hex
    BookingLink.objects.create(
        booking=booking, token_hash=tokens.token_hash(token), created_at=EIGHT, expires_at=booking.ends_at
    )
    return token


@pytest.mark.django_db
def test_the_desk_scans_and_she_has_arrived(front: Front) -> None:
    booking = front.confirmed()
    client, shown = front.client(front.reception, BEFORE), queries.pass_of(booking)
    with at_time(BEFORE):
        assert client.post(url("reception-scan"), {"code": shown}).status_code == 302
        again = client.post(url("reception-scan"), {"code": shown})
    booking.refresh_from_db()
    assert booking.status == BookingStatus.ARRIVED
    assert again.status_code == 409, "a code is good for one arrival"


@pytest.mark.django_db
def test_who_has_no_file_is_led_to_her_booking(front: Front) -> None:
    booking = front.confirmed(visit_kind=None)
    with at_time(BEFORE):
        client = front.client(front.reception, BEFORE)
        answer = client.post(url("reception-scan"), {"code": queries.pass_of(booking)})
    assert answer.headers["Location"] == url("booking", booking.public_id)
    booking.refresh_from_db()
    assert booking.status == BookingStatus.CONFIRMED


@pytest.mark.django_db
def test_another_day_another_campus_and_no_right_are_refused(front: Front) -> None:
    booking = front.confirmed()
    shown = queries.pass_of(booking)
    with pytest.raises(RuleBroken, match="6 月 16 日"):
        arrivals.scan(shown, by=front.reception, now=BEFORE - timedelta(days=1))
    with pytest.raises(RuleBroken, match="其他院区"):
        arrivals.scan(shown, by=front.stranger, now=BEFORE)
    with pytest.raises(NotFound):
        arrivals.scan(shown, by=front.consultants[0], now=BEFORE)
    bookings.reschedule(booking.public_id, starts_at=TEN + timedelta(hours=1), by=front.reception, now=EIGHT)
    assert arrivals.scan(shown, by=front.reception, now=BEFORE) == booking, "the same day, another hour"


@pytest.mark.django_db
def test_she_says_herself_that_she_is_here(front: Front) -> None:
    ready, unready = front.confirmed(), front.confirmed(staff=None, room=None, visit_kind=None)
    code = queries.desk_code(front.campus.public_id, BEFORE)
    arrivals.announce(link_to(ready), code=code, now=BEFORE)
    arrivals.announce(link_to(unready), code=f" {code[:3]} {code[3:]} ", now=BEFORE)
    ready.refresh_from_db()
    unready.refresh_from_db()
    assert (ready.status, ready.arrived_at) == (BookingStatus.ARRIVED, BEFORE)
    with at_time(BEFORE):
        again = Client().get(f"/my/visit/{link_to(ready)}/").text
    assert "您已签到，请在休息区稍候" in again
    assert "不能再通过链接" not in again
    assert (unready.status, unready.announced_at) == (BookingStatus.CONFIRMED, BEFORE)
    with at_time(BEFORE + timedelta(minutes=3)):
        page = front.client(front.reception, BEFORE).get(url("reception")).text
    assert "已签到，待登记" in page
    arrived = bookings.arrive(unready.public_id, visit_kind=VisitKind.FIRST, by=front.reception, now=TEN)
    assert arrived.arrived_at == BEFORE, "she has waited since she came"


@pytest.mark.django_db
def test_five_wrong_codes_send_her_to_the_desk(front: Front) -> None:
    booking = front.confirmed()
    token, right = link_to(booking), queries.desk_code(front.campus.public_id, BEFORE)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _try in range(rules.MOST_TRIES):
        with pytest.raises(RuleBroken, match="到院码不对"):
            arrivals.announce(token, code=wrong, now=BEFORE)
    with pytest.raises(RuleBroken, match="前台"):
        arrivals.announce(token, code=right, now=BEFORE)
    booking.refresh_from_db()
    assert booking.announced_at is None


@pytest.mark.django_db
def test_the_page_of_the_link_shows_the_code_on_the_day_only(front: Front) -> None:
    booking = front.confirmed(front.patient(person__name="林晓月"))
    token = link_to(booking)
    address = reverse("portal:visit", args=[token])
    with at_time(EIGHT - timedelta(days=1)):
        assert "到院二维码" not in Client().get(address).text
    with at_time(BEFORE):
        page = Client().get(address).text
        code = queries.desk_code(front.campus.public_id, BEFORE)
        wrong = Client().post(address, {"act": "here", "code": "1"})
        done = Client().post(address, {"act": "here", "code": code})
    assert "到院二维码" in page
    assert "林晓月" not in page
    assert (wrong.status_code, done.status_code) == (422, 200)
    assert settings.SECRET_KEY not in page
    booking.refresh_from_db()
    assert booking.status == BookingStatus.ARRIVED


def test_a_wait_turns_amber_and_red_at_its_limits() -> None:
    limits = WaitLimits(amber=10, red=20)
    minutes = [0, 9.9, 10, 19.9, 20, 90]
    tones = [limits.tone(TEN, TEN + timedelta(minutes=each)) for each in minutes]
    assert tones == ["accent", "accent", "warn", "warn", "danger", "danger"]
    assert limits.tone(None, TEN) == "accent"
