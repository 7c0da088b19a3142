"""A visitor books by herself: the same engine, a proved number, no word on who is a customer."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from tests.desk.front import sign_in
from tests.factories import shipped
from tests.factories.hospital import ProcedureFactory
from tests.factories.people import PersonFactory
from tests.journey.clinic import EIGHT, HALF_HOUR, TEN, Clinic
from yimei.audit.models import Entry
from yimei.core import jobs
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.growth.enums import LeadStatus
from yimei.growth.models import Lead, Touch
from yimei.journey.actions import online
from yimei.journey.enums import BookingChannel, BookingStatus, HoldStatus
from yimei.journey.models import Booking, BookingMove, OnlineCode, OnlineHold, ResourceClaim
from yimei.outbox.gateways.console import FileGateway
from yimei.outbox.models import Message, Notification, NumberMessage
from yimei.people.actions import tokens
from yimei.people.models import Patient
from yimei.vault.models import DataKey

pytestmark = pytest.mark.django_db
NUMBER = "12000000001"
HOUR = timedelta(hours=1)
PHONE = {"HTTP_USER_AGENT": "Mozilla/5.0 (iPhone) Mobile/15E148 MicroMessenger/8"}


@pytest.fixture
def clinic() -> Clinic:
    clinic = Clinic()
    shipped.register(EIGHT - timedelta(days=1))
    return clinic


@pytest.fixture
def clock(clinic: Clinic) -> Iterator[Any]:
    with time_machine.travel(EIGHT, tick=False) as clock:
        yield clock


class Visitor:
    """Somebody at the website, with a browser of her own."""

    def __init__(self, clinic: Clinic, **extra: str) -> None:
        self.clinic = clinic
        self.client = Client(**extra)  # type: ignore[arg-type]

    def choose(self, at: datetime = TEN, **values: Any) -> Any:
        asked = {
            "campus": str(self.clinic.campus.public_id),
            "procedure": str(self.clinic.procedure.public_id),
            "at": at.strftime("%Y-%m-%dT%H:%M:%S%z"),
        }
        return self.client.post(reverse("site:booking-hold"), asked | values)

    def keep(self, at: datetime = TEN) -> "Visitor":
        response = self.choose(at)
        assert response.status_code == 302, response.content.decode()
        self.page = response.url
        return self

    def ask(self, name: str = "林小雨", phone: str = NUMBER) -> Any:
        self.name, self.phone = name, phone
        response = self.client.post(self.page, {"act": "code", "name": name, "phone": phone})
        found = re.search(r'name="notice" value="([\w-]+)"', response.content.decode())
        self.notice = found[1] if found else ""
        return response

    def book(self, **values: Any) -> Any:
        asked = {
            "act": "book",
            "name": self.name,
            "phone": self.phone,
            "code": code(),
            "agreed": "on",
            "notice": self.notice,
        }
        return self.client.post(self.page, asked | values)

    def all(self, at: datetime = TEN, name: str = "林小雨", phone: str = NUMBER) -> Any:
        self.keep(at)
        response = self.ask(name, phone)
        assert response.status_code == 200, response.content.decode()
        return self.book()


def code() -> str:
    """The digits of the newest code, as they lie sealed until they are sent."""
    found = re.search(r"验证码是 (\d{6})", NumberMessage.objects.latest("pk").body or "")
    assert found
    return found[1]


def known(clinic: Clinic, name: str = "林小雨") -> Patient:
    patient = clinic.patient(person=PersonFactory(name=name, phone=f"+86{NUMBER}"))
    tokens.write(patient)
    return patient


# ---- the whole way ------------------------------------------------------------------------------


def test_a_stranger_books_and_everybody_sees_by_which_way(clinic: Clinic, clock: Any) -> None:
    visitor = Visitor(clinic)
    shown = visitor.client.get(
        reverse("site:booking"), {"procedure": clinic.procedure.public_id, "day": "2026-06-16"}
    ).content.decode()
    assert ">10:00<" in shown
    assert clinic.consultants[0].name not in shown, "who works when is not told to everybody"
    response = visitor.all()
    assert response.status_code == 302
    assert response.url.startswith("/my/visit/")
    booking = Booking.objects.get()
    assert (booking.status, booking.channel, booking.created_by) == ("confirmed", "website", None)
    assert booking.patient.person.name == "林小雨"
    assert (booking.patient.source, booking.patient.created_by) == ("website", None)
    assert booking.patient.online == clinic.online, "the draw of the leads says who looks after her"
    first = booking.moves.order_by("pk").first()
    assert first is not None
    assert "客户自己预约（官网），已读《" in first.note
    lead = Lead.objects.get()
    assert (lead.status, lead.source, lead.patient) == (LeadStatus.BOOKED, "website", booking.patient)
    assert Message.objects.filter(patient=booking.patient, template__code="booking.confirmed").exists()
    assert Notification.objects.filter(staff=clinic.online, where__endswith=str(booking.public_id)).exists()
    page = visitor.client.get(response.url).content.decode()
    assert "改到这个时间" in page
    assert "林小雨" not in page


def test_a_telephone_is_told_from_a_computer(clinic: Clinic, clock: Any) -> None:
    assert Visitor(clinic, **PHONE).all().status_code == 302
    assert Booking.objects.get().channel == BookingChannel.MOBILE


def test_the_number_is_sent_its_code_and_forgotten(clinic: Clinic, clock: Any) -> None:
    visitor = Visitor(clinic).keep()
    visitor.ask()
    assert NUMBER not in str(list(OnlineCode.objects.values()) + list(OnlineHold.objects.values()))
    digits = code()
    jobs.run_waiting()
    sent = NumberMessage.objects.get()
    assert (sent.status, sent.phone, sent.body) == ("sent", None, None)
    assert DataKey.objects.get(pk=sent.vault_key_id).wrapped is None
    assert digits in FileGateway.path().read_text()
    online.forget_old(now=EIGHT + timedelta(days=2))
    assert OnlineHold.objects.exists(), "what is still kept is not forgotten"


def words(page: str) -> set[str]:
    """The different words of a page without figures, secrets and what was typed."""
    text = re.sub(r"<(script|style|template).*?</\1>|<[^>]*>|\d", " ", page, flags=re.DOTALL)
    return set(text.split())


def test_known_or_not_every_answer_is_the_same(clinic: Clinic, clock: Any) -> None:
    mine = known(clinic)
    said = []
    for name, phone, hours in (("林小雨", NUMBER, 0), ("王大山", NUMBER, 1), ("赵新", "12000000009", 2)):
        visitor = Visitor(clinic).keep(TEN + hours * HOUR)
        asked = visitor.ask(name, phone).content.decode()
        booked = visitor.book()
        page = visitor.client.get(booked.url).content.decode()
        said.append((booked.status_code, words(asked), words(page)))
    assert said[0] == said[1] == said[2]
    same, other, fresh = Booking.objects.order_by("starts_at")
    assert same.patient == mine
    assert other.patient != mine
    assert fresh.patient.person.phone == "+8612000000009"


def test_a_number_of_somebody_else_is_put_before_the_desk(clinic: Clinic, clock: Any) -> None:
    known(clinic)
    Visitor(clinic).all(name="林女士")
    booking = Booking.objects.get()
    told = Notification.objects.filter(where=f"desk:booking:{booking.public_id}")
    assert any("建档前请先核对" in one.text for one in told)
    client = sign_in(Client(), clinic.reception)
    page = client.get(reverse("desk:booking", args=[booking.public_id])).content.decode()
    assert "这个号码已有其他客户登记" in page
    assert "官网" in page
    day = client.get(reverse("desk:bookings"), {"day": "2026-06-16"}).content.decode()
    assert "网约 · 官网" in day


def test_a_second_enquiry_is_a_touch_of_the_first_lead(clinic: Clinic, clock: Any) -> None:
    Visitor(clinic).all()
    Visitor(clinic).all(at=TEN + HOUR)
    first, second = Lead.objects.order_by("pk")
    assert (second.status, second.duplicate_of) == (LeadStatus.LINKED, first)
    assert Touch.objects.filter(lead=first).count() == 2
    assert Patient.objects.count() == 1
    assert first.status == LeadStatus.BOOKED


# ---- what is refused ----------------------------------------------------------------------------


def test_what_is_kept_is_taken_for_everybody_else_until_it_lapses(clinic: Clinic, clock: Any) -> None:
    for _room in clinic.rooms:
        Visitor(clinic).keep()
    late = Visitor(clinic).choose()
    assert late.status_code == 409
    assert "刚被别人约走" in late.content.decode()
    with pytest.raises(Conflict):
        clinic.request(staff=None, room=None)
    clock.shift(timedelta(minutes=10))
    assert online.expire(now=EIGHT + timedelta(minutes=10)) == 2
    assert not ResourceClaim.objects.filter(released_at=None).exists()
    clinic.request(staff=None, room=None)


def test_after_the_time_nothing_is_written_and_all_else_stays(clinic: Clinic, clock: Any) -> None:
    visitor = Visitor(clinic).keep()
    visitor.ask()
    clock.shift(timedelta(minutes=11))
    online.expire(now=EIGHT + timedelta(minutes=11))
    response = visitor.book()
    assert response.status_code == 422
    assert "保留的时间已到" in response.content.decode()
    assert str(clinic.procedure.public_id) in response.content.decode()
    assert not Patient.objects.filter(person__created_at__gte=EIGHT).exists()
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"code": "000000"}, "验证码不对"),
        ({"agreed": ""}, "请先阅读告知并勾选"),
        ({"notice": str(uuid4())}, "告知刚刚更新"),
        ({"name": " "}, "请填写称呼"),
        ({"phone": "12000000002"}, "请先获取验证码"),
        ({"phone": "021-55550000"}, "请先获取验证码"),
    ],
)
def test_a_bad_form_writes_nobody_down(clinic: Clinic, clock: Any, change: dict[str, str], said: str) -> None:
    visitor = Visitor(clinic).keep()
    visitor.ask()
    response = visitor.book(**change)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Booking.objects.exists()
    assert not Patient.objects.exists()
    assert not Lead.objects.exists()


def test_a_notice_that_changed_is_read_again_without_a_new_code(clinic: Clinic, clock: Any) -> None:
    visitor = Visitor(clinic).keep()
    visitor.ask()
    assert visitor.book(notice=str(uuid4())).status_code == 422
    assert visitor.book(code="000000").status_code == 302, "the number is proved already"


def test_guessing_ends_with_the_fifth_try(clinic: Clinic, clock: Any) -> None:
    visitor = Visitor(clinic).keep()
    visitor.ask()
    digits = code()
    wrong = "000000" if digits != "000000" else "111111"
    said = [visitor.book(code=wrong).content.decode() for _try in range(5)]
    assert "还可以试 4 次" in said[0]
    assert "已用完次数" in said[4]
    assert visitor.book().status_code == 422
    assert not Booking.objects.exists()


def test_codes_are_few_for_a_number_and_times_few_for_an_address(clinic: Clinic, clock: Any) -> None:
    visitor = Visitor(clinic).keep()
    for _turn in range(3):
        assert visitor.ask().status_code == 200
    fourth = visitor.ask()
    assert fourth.status_code == 422
    assert "获取验证码过于频繁" in fourth.content.decode()
    assert NumberMessage.objects.count() == 3
    for _turn in range(11):
        online.give_up(visitor.page.split("/")[-2], now=EIGHT)
        visitor.keep()
    assert "选择时间过于频繁" in visitor.choose(at=TEN + HOUR).content.decode()


def test_a_landline_or_a_number_abroad_gets_no_text(clinic: Clinic, clock: Any) -> None:
    visitor = Visitor(clinic).keep()
    for phone in ("021-55550000", "+44 20 7946 0018", "12", "１"):
        assert visitor.ask(phone=phone).status_code == 422
    assert not NumberMessage.objects.exists()


def test_one_number_keeps_two_times_to_come(clinic: Clinic, clock: Any) -> None:
    for hours in (0, 1):
        assert Visitor(clinic).all(at=TEN + hours * HOUR).status_code == 302
    third = Visitor(clinic).all(at=TEN + 2 * HOUR)
    assert third.status_code == 422
    assert "已有 2 个还没到的网上预约" in third.content.decode()


def test_who_stayed_away_too_often_is_called_before_anything_is_confirmed(clinic: Clinic, clock: Any) -> None:
    mine = known(clinic)
    for days in (1, 2):
        booking = clinic.confirmed(mine, starts_at=TEN + days * HOUR)
        Booking.objects.filter(pk=booking.pk).update(
            status=BookingStatus.NO_SHOW, starts_at=TEN - timedelta(days=days), ends_at=TEN
        )
        booking.claims.update(released_at=EIGHT)
    response = Visitor(clinic).all()
    booking = Booking.objects.get(channel="website")
    assert (response.status_code, booking.status) == (302, BookingStatus.REQUESTED)
    page = Client().get(response.url).content.decode()
    assert "须先交预约定金 ¥200.00" in page


@pytest.mark.parametrize(("minutes", "days"), [(15, 0), (-120, 0), (0, 20), (-90, 0)])
def test_times_that_are_not_offered_are_not_kept(clinic: Clinic, clock: Any, minutes: int, days: int) -> None:
    at = TEN + timedelta(minutes=minutes, days=days)
    assert Visitor(clinic).choose(at).status_code in {409, 422}
    assert not OnlineHold.objects.exists()


def test_forged_ids_and_secrets_open_nothing(clinic: Clinic, clock: Any) -> None:
    visitor = Visitor(clinic)
    assert visitor.choose(procedure=str(uuid4())).status_code == 404
    assert visitor.choose(campus=str(uuid4())).status_code == 404
    assert visitor.choose(procedure="x").status_code == 422
    assert visitor.client.get("/book/" + "a" * 32 + "/").status_code == 404
    visitor.keep()
    assert visitor.client.post(visitor.page, {"act": "x"}).status_code == 404
    with pytest.raises(NotFound):
        online.ask_code("b" * 32, phone=NUMBER, ip="", now=EIGHT)


def test_each_refusal_is_said_on_her_page_and_writes_nobody_down(clinic: Clinic, clock: Any) -> None:
    """One hospital for all; each visitor has a time of her own."""
    far = Visitor(clinic).choose(TEN + timedelta(days=14))
    assert (far.status_code, "网上只能预约最近 14 天" in far.content.decode()) == (422, True)

    landline = Visitor(clinic).keep().ask(phone="021-55550000")
    assert (landline.status_code, "请填写能收短信的国内手机号" in landline.content.decode()) == (422, True)

    unproved = Visitor(clinic).keep(TEN + HOUR)
    unproved.ask()
    other = unproved.book(phone="12000000002")
    assert "请先获取验证码" in other.content.decode(), "another number than the one that has the code"

    worn = Visitor(clinic).keep(TEN + 2 * HOUR)
    worn.ask()
    clock.shift(timedelta(minutes=5, seconds=30))
    late = worn.book()
    assert (late.status_code, "这个验证码已经失效" in late.content.decode()) == (422, True)
    clock.shift(-timedelta(minutes=5, seconds=30))

    used = Visitor(clinic).keep(TEN + 3 * HOUR)
    used.ask(phone="12000000003")
    first = code()
    assert used.book(notice=str(uuid4())).status_code == 422, "proved, not booked"
    used.ask(phone="12000000004")
    assert used.book(notice=str(uuid4())).status_code == 422
    back = used.book(phone="12000000003", code=first)
    assert (back.status_code, "这个验证码已经失效" in back.content.decode()) == (422, True)
    assert not Booking.objects.exists()
    assert not Patient.objects.exists()
    assert not Lead.objects.exists()


def test_what_is_booked_already_asks_for_no_other_code(clinic: Clinic, clock: Any) -> None:
    visitor = Visitor(clinic)
    visitor.all()
    token, sent = visitor.page.split("/")[-2], NumberMessage.objects.count()
    with pytest.raises(Conflict, match="这个时间您已经约上了"):
        online.ask_code(token, phone=NUMBER, ip="", now=EIGHT)
    again = visitor.ask()
    assert "预约已收到" in again.content.decode()
    assert (NumberMessage.objects.count(), Booking.objects.count()) == (sent, 1)


def test_only_a_proved_number_begins(clinic: Clinic, clock: Any) -> None:
    """No form comes here: the page proves the number in the same click before it begins."""
    visitor = Visitor(clinic).keep()
    with pytest.raises(RuleBroken, match="请先用验证码核验这个手机号"):
        online.begin(visitor.page.split("/")[-2], phone=NUMBER, is_current=True, now=EIGHT)


def test_toxic_drugs_are_not_named_in_public(clinic: Clinic, clock: Any) -> None:
    toxic = ProcedureFactory(name="肉毒毒素注射（咬肌）")
    page = Client().get(reverse("site:booking")).content.decode()
    assert clinic.procedure.name in page
    assert "肉毒" not in page
    assert Visitor(clinic).choose(procedure=str(toxic.public_id)).status_code == 404


def test_two_clicks_book_once(clinic: Clinic, clock: Any) -> None:
    visitor = Visitor(clinic)
    visitor.all()
    again = visitor.book(code="000000")
    assert "预约已收到" in again.content.decode()
    assert Booking.objects.count() == Lead.objects.count() == 1
    hold = OnlineHold.objects.get()
    assert hold.status == HoldStatus.BOOKED
    with pytest.raises(Conflict):
        online.begin(visitor.page.split("/")[-2], phone=NUMBER, is_current=True, now=EIGHT)


def test_a_click_while_the_first_is_at_work_waits(clinic: Clinic, clock: Any) -> None:
    visitor = Visitor(clinic).keep()
    visitor.ask()
    token = visitor.page.split("/")[-2]
    online.verify(token, phone=NUMBER, digits=code(), now=EIGHT)
    online.begin(token, phone=NUMBER, is_current=True, now=EIGHT)
    with pytest.raises(Conflict, match="正在为您预约"):
        online.begin(token, phone=NUMBER, is_current=True, now=EIGHT + timedelta(seconds=29))
    online.begin(token, phone=NUMBER, is_current=True, now=EIGHT + timedelta(seconds=30))


def test_letting_go_gives_the_time_back(clinic: Clinic, clock: Any) -> None:
    visitor = Visitor(clinic).keep()
    response = visitor.client.post(visitor.page, {"act": "leave"})
    assert response.url.startswith("/book/?campus=")
    assert not ResourceClaim.objects.filter(released_at=None).exists()
    assert "没有留下您的任何信息" in visitor.client.get(visitor.page).content.decode()


def test_only_she_herself_books_without_a_name_of_the_house(clinic: Clinic) -> None:
    booking = clinic.request()
    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.filter(pk=booking.pk).update(created_by=None)


# ---- afterwards ---------------------------------------------------------------------------------


def test_she_moves_it_herself_a_few_times_and_cancels(clinic: Clinic, clock: Any) -> None:
    visitor = Visitor(clinic)
    page = visitor.all().url
    assert "刚被约走" in visitor.client.post(page, {"act": "reschedule", "at": str(TEN)}).content.decode()
    for turn in range(1, 4):
        at = TEN + turn * HALF_HOUR
        response = visitor.client.post(page, {"act": "reschedule", "at": at.isoformat()})
        assert response.status_code == 200, response.content.decode()
        booking = Booking.objects.get()
        assert booking.starts_at == at
    assert booking.staff == clinic.consultants[0], "the same person where she can"
    last = BookingMove.objects.filter(booking=booking).last()
    assert last is not None
    assert last.note.startswith("客户自己改期")
    fourth = visitor.client.post(page, {"act": "reschedule", "at": (TEN + 4 * HOUR).isoformat()})
    assert (fourth.status_code, "已自己改期 3 次" in fourth.content.decode()) == (422, True)
    for bad in ("", "morgen", "2026-06-16T10:00:00", "9" * 60):
        assert visitor.client.post(page, {"act": "reschedule", "at": bad}).status_code == 422
    assert visitor.client.post(page, {"act": "cancel"}).status_code == 200
    booking.refresh_from_db()
    assert booking.status == BookingStatus.CANCELLED
    assert not ResourceClaim.objects.filter(released_at=None).exists()


def test_the_log_keeps_every_step_and_no_name(clinic: Clinic, clock: Any) -> None:
    Visitor(clinic).all()
    lines = Entry.objects.filter(action__startswith="journey.online")
    actions = list(lines.order_by("pk").values_list("action", flat=True))
    assert actions == ["journey.online.held", "journey.online.code", "journey.online.verified"]
    assert not re.search(f"林小雨|{NUMBER}", str(list(Entry.objects.values())))


def test_marketing_never_goes_to_a_bare_number(clinic: Clinic) -> None:
    from yimei.outbox.actions import codes
    from yimei.outbox.models import Template

    Template.objects.filter(code="online.code").update(message_class="marketing")
    with pytest.raises(RuleBroken, match="营销"):
        codes.send("online.code", phone=f"+86{NUMBER}", params={}, key="x", now=EIGHT)
