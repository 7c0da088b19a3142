"""Refusing takes one step, by whichever way, and ends advertising everywhere; appointments go on."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests.factories.people import PatientFactory
from tests.outbox.actions.test_messages import BOOKED, SPRING
from tests.outbox.conftest import Channelled
from yimei.core import jobs
from yimei.core.errors import NotFound
from yimei.core.rules.signatures import sign
from yimei.outbox import access
from yimei.outbox.actions import messages, optouts
from yimei.outbox.enums import MessageStatus
from yimei.outbox.gateways.mail import MailGateway
from yimei.outbox.models import Message, NumberStop, Template
from yimei.people.actions import tokens
from yimei.people.models import Patient
from yimei.privacy.actions import consents
from yimei.privacy.enums import ConsentChannel
from yimei.privacy.models import Consent

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SECRET = "a secret of the provider"


@pytest.fixture(autouse=True)
def frozen(now: datetime) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def agreed(patient: Patient, campaign: Template, now: datetime) -> Patient:
    consents.give(patient, "marketing", now=now)
    return patient


def advertise(patient: Patient, now: datetime, key: str = "k") -> Message:
    return messages.send("campaign.spring", patient=patient, params=SPRING, key=key, now=now)


def ways() -> list[tuple[str, str]]:
    return list(Consent.objects.order_by("pk").values_list("act", "channel"))


def test_an_answer_by_sms_stops_what_is_queued_and_what_would_come(
    agreed: Patient, now: datetime, line: Channelled
) -> None:
    queued = advertise(agreed, now)
    assert optouts.by_reply(agreed.person.phone, "td", ref="1", now=now + HOUR)
    queued.refresh_from_db()
    assert queued.status == MessageStatus.REFUSED, "at once, before a worker looks"
    with time_machine.travel(now + HOUR, tick=False):
        jobs.run_waiting()
    assert line.sent == []
    later = advertise(agreed, now + 2 * HOUR, key="l")
    assert later.reason == "本人已退订或拒绝，立即停止发送。"
    booked = messages.send("booking.confirmed", patient=agreed, params=BOOKED, key="b", now=now + 2 * HOUR)
    assert booked.status == MessageStatus.QUEUED
    assert ways()[-1] == ("withdrawn", "sms")


def test_the_same_answer_twice_and_other_words_change_nothing(agreed: Patient, now: datetime) -> None:
    number = agreed.person.phone
    assert not optouts.by_reply(number, "谢谢", ref="0", now=now)
    ends = [optouts.by_reply(number, "R", ref="1", now=now + HOUR) for _n in range(2)]
    assert (ends, NumberStop.objects.count()) == ([True, False], 1)
    assert [act for act, _way in ways()] == ["shown", "given", "withdrawn"][-len(ways()) :]


def test_a_number_that_was_nobodys_stays_stopped_until_she_agrees_herself(
    patient: Patient, campaign: Template, now: datetime
) -> None:
    consents.give(patient, "marketing", now=now)
    tokens.erase(patient.person)  # nobody is found by the number: only the number itself is known
    assert optouts.stop_number(patient.person.phone, channel=ConsentChannel.PHONE, ref="x", now=now + HOUR)
    assert "退订" in advertise(patient, now + 2 * HOUR).reason
    consents.withdraw(patient, "marketing", now=now + 3 * HOUR)
    consents.give(patient, "marketing", now=now + 4 * HOUR)
    assert advertise(patient, now + 5 * HOUR, key="l").status == MessageStatus.QUEUED


def test_a_family_with_one_number_is_left_alone_together(agreed: Patient, now: datetime) -> None:
    mother = PatientFactory(campus=agreed.campus, person__phone=agreed.person.phone)
    consents.give(mother, "marketing", now=now)
    optouts.by_reply(agreed.person.phone, "退订", ref="1", now=now + HOUR)
    assert "退订" in advertise(mother, now + 2 * HOUR).reason


def test_a_page_with_one_button_or_the_post_of_a_mail_program(
    agreed: Patient, now: datetime, client: Client
) -> None:
    address = reverse("portal:stop", args=[access.token_of(advertise(agreed, now))])
    page = client.get(address)
    assert (page.status_code, len(ways())) == (200, len(ways()))
    assert Consent.objects.filter(act="withdrawn").count() == 0
    for _twice in range(2):
        done = Client(enforce_csrf_checks=True).post(address, {"List-Unsubscribe": "One-Click"})
        assert done.status_code == 200
    assert Consent.objects.filter(act="withdrawn", channel="email").count() == 1
    assert "已退订" in done.content.decode()


def test_a_made_up_address_opens_nothing(agreed: Patient, now: datetime, client: Client) -> None:
    message = advertise(agreed, now)
    for token in ("x", f"{message.public_id}:x", access.token_of(message)[:-1]):
        assert client.post(reverse("portal:stop", args=[token])).status_code == 404
        with pytest.raises(NotFound):
            optouts.by_link(token, channel=ConsentChannel.LINK, now=now)
    assert not Consent.objects.filter(act="withdrawn").exists()


def test_a_mail_carries_the_address_in_its_head(agreed: Patient, now: datetime) -> None:
    stop = access.link_of(advertise(agreed, now))
    MailGateway().send("a@example.test", "标题", "正文", stop)
    MailGateway().send("a@example.test", "标题", "正文")
    first, second = mail.outbox
    assert first.extra_headers["List-Unsubscribe"] == f"<{stop}>"
    assert first.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "List-Unsubscribe" not in second.extra_headers


def test_only_advertisements_are_handed_over_with_that_address(
    agreed: Patient, now: datetime, line: Channelled
) -> None:
    advertise(agreed, now)
    messages.send("booking.confirmed", patient=agreed, params=BOOKED, key="b", now=now)
    jobs.run_waiting()
    assert [bool(stop) for stop in line.stops] == [True, False]


def test_the_provider_tells_of_an_answer_once_and_only_if_it_signs(
    agreed: Patient, now: datetime, client: Client, settings: object
) -> None:
    body = f'{{"id": "7", "from": "{agreed.person.phone}", "text": "退订"}}'
    address, at = reverse("hooks:sms-reply"), str(int(now.timestamp()))

    def call(signature: str, at: str = at, content: str = body) -> object:
        head = {"X-Timestamp": at, "X-Signature": signature}
        answer = client.post(address, content, content_type="application/json", headers=head)
        return answer.status_code, answer.json()

    good = sign(SECRET, body.encode(), at=at)
    assert call(good)[0] == 403  # type: ignore[index]
    settings.SMS_HOOK_SECRET = SECRET  # type: ignore[attr-defined]
    old = str(int((now - HOUR).timestamp()))
    for signature, moment in (
        ("", at),
        ("0" * 64, at),
        (good, str(int(at) + 1)),
        (sign(SECRET, body.encode(), at=old), old),
    ):
        assert call(signature, moment)[0] == 403  # type: ignore[index]
    assert call(good) == (200, {"stopped": True})
    assert call(good) == (200, {"stopped": False})
    odd = '["x"]'
    assert call(sign(SECRET, odd.encode(), at=at), content=odd) == (200, {"stopped": False})
