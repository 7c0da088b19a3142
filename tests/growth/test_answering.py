"""Messages to people who only asked: their own ground, one cap with customers, one step to end them."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.factories import shipped
from tests.factories.crowd import ends_of
from tests.factories.outbox import TemplateFactory
from tests.factories.people import PatientFactory
from tests.factories.ui import sign_in
from tests.growth.house import House, days
from tests.growth.test_flows import publish
from tests.journey.clinic import EIGHT
from tests.outbox.conftest import Channelled
from yimei.core import jobs
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.actions import answering, asking, erasing, leads, profiles, running, visits
from yimei.growth.enums import EraseReason, LeadLoss, Outcome, TouchKind
from yimei.growth.enums.flows import StepResult
from yimei.growth.models import FlowStep, Lead, LeadConsent, Profile
from yimei.growth.queries import dry
from yimei.growth.queries import flows as flow_queries
from yimei.growth.rules.flows import reading
from yimei.outbox import access, registry
from yimei.outbox.actions import batches, engine, enquiries, messages, optouts
from yimei.outbox.enums import Channel, MessageStatus
from yimei.outbox.models import EnquiryMessage, Message, NumberStop, Template
from yimei.privacy.actions import consents
from yimei.privacy.enums import Audience, ConsentChannel
from yimei.privacy.queries import current_notice

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
NINE = EIGHT + HOUR
SPRING = {"sender": "颐美示范医院", "when": "6月", "phone": "021-00000000"}
SAID = {"hospital": "颐美示范医院", "phone": "021-00000000"}
NUMBER = "12900000001"


class Asked(House):
    """Somebody asked at eight; the register and the templates are there."""

    def __init__(self) -> None:
        super().__init__()
        shipped.register(EIGHT.replace(month=1))
        shipped.texts(EIGHT.replace(month=1))
        self.spring = TemplateFactory(marketing=True)
        self.she = self.lead(phone=NUMBER)

    def agrees(self, lead: Lead | None = None, *, now: datetime = EIGHT, **values: Any) -> LeadConsent:
        said = {"channel": ConsentChannel.PHONE, "is_adult": True, "notice_id": notice(), "by": self.online}
        return answering.agree((lead or self.she).public_id, **{**said, **values}, now=now)

    def send(
        self, *, lead: Lead | None = None, now: datetime = NINE, key: str = "k", is_news: bool = False
    ) -> EnquiryMessage:
        template = self.spring if is_news else Template.objects.get(code="enquiry.received")
        params = SPRING if is_news else SAID
        vault_key = (lead or self.she).vault_key
        wanted = enquiries.prepare(template, vault_key=vault_key, params=params, key=key)
        return engine.send_many(enquiries.KIND, [wanted], now=now)[key]


def notice() -> Any:
    found = current_notice("marketing", Audience.ADULT)
    assert found is not None
    return found.public_id


@pytest.fixture
def house() -> Asked:
    return Asked()


@pytest.fixture
def line() -> Iterator[Channelled]:
    line = Channelled()
    before = registry.use_gateway(Channel.FILE, line)
    yield line
    registry.use_gateway(Channel.FILE, before)


def test_her_question_is_answered_once_and_at_her_number(house: Asked, line: Channelled) -> None:
    first, again = house.send(), house.send()
    assert (first.pk, first.status, first.reason) == (
        again.pk,
        "queued",
        "本人来咨询，回复其咨询，可以发送。",
    )
    with time_machine.travel(NINE, tick=False):
        jobs.run_waiting()
    [(to, _subject, body)] = line.sent
    assert to.endswith(NUMBER)
    assert "已收到您的咨询" in body
    assert line.stops[0], "each one carries the address that ends them"
    first.refresh_from_db()
    assert (first.status, first.sent_at) == (MessageStatus.SENT, NINE)


def test_advertisements_need_what_she_agreed_to_with_version_time_and_way(house: Asked) -> None:
    assert house.send(is_news=True, key="a").reason == "咨询时没有同意接收营销信息。"
    with pytest.raises(RuleBroken, match="已满 18 周岁"):
        house.agrees(is_adult=False)
    with pytest.raises(RuleBroken, match="告知刚刚更新"):
        house.agrees(notice_id=house.she.public_id)
    with pytest.raises(RuleBroken, match="怎样同意"):
        house.agrees(channel=ConsentChannel.SMS)
    with pytest.raises(NotFound):
        house.agrees(by=House().online)
    kept = house.agrees()
    assert (kept.notice.public_id, kept.channel, kept.at, kept.by) == (notice(), "phone", EIGHT, house.online)
    assert house.send(is_news=True, key="b").status == MessageStatus.QUEUED


def test_what_she_ticks_on_the_website_is_kept_with_her_question(house: Asked) -> None:
    said = {
        "name": "周女士", "phone": "12900000009", "interest": "", "note": "", "notice_id": notice(),
        "campus": str(house.campus.public_id),
    }  # fmt: skip
    quiet = asking.ask(**said, now=EIGHT)
    assert quiet is not None
    assert not LeadConsent.objects.exists()
    again = asking.ask(**said, news=True, now=EIGHT + HOUR)
    assert again is not None
    kept = LeadConsent.objects.get()
    assert (kept.lead, kept.channel, kept.by) == (quiet, "portal", None), "beside the first of the number"
    later = {"lead": quiet, "now": EIGHT + 3 * HOUR, "is_news": True}
    assert house.send(**later, key="a").reason == "咨询时没有同意接收营销信息。", "it may be anybody's number"
    leads.touch(
        quiet.public_id, kind=TouchKind.CALL_OUT, outcome=Outcome.REACHED, note="",
        next_due_at=days(1), by=quiet.owner, now=EIGHT + 2 * HOUR,
    )  # fmt: skip
    assert house.send(**later, key="b").status == MessageStatus.QUEUED


@pytest.mark.parametrize("way", ["reply", "link", "desk"])
def test_one_step_ends_everything_until_she_asks_or_agrees_anew(
    house: Asked, line: Channelled, way: str
) -> None:
    house.agrees()
    queued, news = house.send(), house.send(is_news=True, key="n")
    if way == "reply":
        assert optouts.by_reply(NUMBER, "R", ref="1", now=NINE + HOUR)
    elif way == "link":
        token = access.token_of(news)
        with time_machine.travel(NINE + HOUR, tick=False):
            page = Client().post(reverse("portal:stop", args=[token]))
            assert "不会再主动向这个号码发送" in page.content.decode()
    else:
        answering.stop(house.she.public_id, by=house.online, now=NINE + HOUR)
    for one in (queued, news):
        one.refresh_from_db()
        assert (one.status, one.reason) == ("refused", "本人已退订或拒绝，立即停止发送。"), "at once"
    with time_machine.travel(NINE + HOUR, tick=False):
        jobs.run_waiting()
    assert line.sent == []
    assert house.send(now=NINE + 2 * HOUR, key="later").status == MessageStatus.REFUSED
    house.lead(phone=NUMBER, now=NINE + 3 * HOUR)
    assert house.send(now=NINE + 4 * HOUR, key="anew").status == MessageStatus.QUEUED
    assert house.send(now=NINE + 4 * HOUR, key="news", is_news=True).status == MessageStatus.REFUSED
    house.agrees(now=NINE + 5 * HOUR)
    assert house.send(now=NINE + 6 * HOUR, key="news2", is_news=True).status == MessageStatus.QUEUED


def test_whoever_said_never_again_or_is_done_gets_nothing(house: Asked) -> None:
    leads.lose(house.she.public_id, loss=LeadLoss.PRICE, by=house.online, now=NINE)
    assert house.send(now=NINE).reason == "这次咨询已经结束，不再主动联系。"
    other = house.lead(phone="12900000002")
    leads.touch(
        other.public_id, kind=TouchKind.CALL_OUT, outcome=Outcome.REFUSED, note="", next_due_at=None,
        by=house.online, now=NINE,
    )  # fmt: skip
    assert house.send(lead=other, key="o").reason == "对方要求不再联系。"


def test_the_night_holds_what_the_morning_lets_go(house: Asked) -> None:
    night, morning = EIGHT + 15 * HOUR, EIGHT + 24 * HOUR
    house.agrees()
    held, news = house.send(now=night), house.send(now=night, key="n", is_news=True)
    assert (held.status, held.not_before) == ("held", morning)
    assert batches.release_held(now=morning - HOUR) == 0
    other = house.lead(phone="12900000002")
    lost = house.send(lead=other, now=night, key="lost")
    leads.lose(other.public_id, loss=LeadLoss.PRICE, by=house.online, now=night)
    lost.refresh_from_db()
    assert (lost.status, lost.not_before, lost.reason) == (
        "refused",
        None,
        "这次咨询已经结束，不再主动联系。",
    ), "at once, not when the morning comes"
    assert batches.release_held(now=morning) == 2
    for one in (held, news):
        one.refresh_from_db()
        assert one.status == MessageStatus.QUEUED


def test_one_person_has_one_cap_before_and_after_she_becomes_a_customer(house: Asked) -> None:
    """Two advertisements in thirty days: one as somebody who asked, one as a customer, none more."""
    house.agrees()
    assert house.send(is_news=True, key="a").status == MessageStatus.QUEUED
    with time_machine.travel(NINE, tick=False):
        jobs.run_waiting()
    waiting = house.send(key="w")
    patient = visits.become_customer(house.she.public_id, by=house.online, now=NINE + HOUR)
    assert [one.patient for one in EnquiryMessage.objects.all()] == [patient, patient]
    waiting.refresh_from_db()
    assert waiting.status == MessageStatus.REFUSED, "it would be no answer any more"
    patient.person.birth_date = datetime(1990, 1, 1).date()
    patient.person.save(update_fields=["birth_date"])
    consents.give(patient, "marketing", now=NINE + HOUR)
    refused = house.send(is_news=True, key="b", now=NINE + 2 * HOUR)
    assert refused.reason == "已成为客户，改按客户的规则发送。"

    def advertise(key: str, at: datetime) -> str:
        return messages.send("campaign.spring", patient=patient, params=SPRING, key=key, now=at).status

    assert [advertise(key, NINE + 2 * HOUR) for key in ("c", "d")] == ["queued", "refused"]
    patient.person.phone = "12900000077"
    patient.person.save(update_fields=["phone"])
    assert advertise("e", NINE + 3 * HOUR) == "refused", "a new number is no new person"
    assert advertise("f", days(40)) == "queued"


def test_what_customers_at_her_number_got_counts_for_whoever_asks(house: Asked) -> None:
    mother = PatientFactory(campus=house.campus, person__phone=f"+86{NUMBER}")
    consents.give(mother, "marketing", now=EIGHT)
    for key in "ab":
        messages.send("campaign.spring", patient=mother, params=SPRING, key=key, now=NINE)
    house.agrees()
    assert "达到上限" in house.send(is_news=True, key="c").reason
    assert house.send(key="d").status == MessageStatus.QUEUED


def test_erasing_the_enquiry_stops_and_empties_what_was_for_her(house: Asked, line: Channelled) -> None:
    waiting = house.send()
    erasing.erase(house.she.public_id, why=EraseReason.ASKED, by=house.manager, now=NINE)
    with time_machine.travel(NINE, tick=False):
        jobs.run_waiting()
    assert line.sent == []
    waiting.refresh_from_db()
    assert (waiting.status, waiting.reason) == ("refused", "咨询记录已删除。")
    row = EnquiryMessage.objects.values("body", "params", "token").get()
    assert row == {"body": None, "params": None, "token": None}
    address = reverse("portal:stop", args=[access.token_of(waiting)])
    assert Client().get(address).status_code == 404


def test_a_flow_answers_a_lead_and_its_dry_run_says_the_same(house: Asked) -> None:
    say = {"kind": "message", "label": "收到", "template": "enquiry.received", "next": ""}
    flow = publish(house, trigger={"kind": "event", "event": "growth.lead.create"}, nodes={"say": say})
    other = house.lead(phone="12900000002", name="周女士", now=NINE)
    running.tick(now=NINE)
    step = FlowStep.objects.get(run__flow=flow)
    assert step.enquiry is not None
    assert (step.result, step.message, step.enquiry.vault_key) == (StepResult.SENT, None, other.vault_key)
    running.tick(now=NINE + HOUR)
    assert EnquiryMessage.objects.count() == 1
    found = dry.rehearse(flow, reading.parse(flow.draft), now=days(1))
    assert found.results["say"] == {"可以发送": 2}
    effect = flow_queries.effect(flow, reading.parse(flow.draft), now=days(20))
    assert (effect.treated.hits, effect.treated.n) == (0, 1), "whoever never came counts as well"


def test_a_segment_of_marketing_holds_whoever_agreed_and_loses_who_said_no(house: Asked) -> None:
    profiles.refresh(now=EIGHT)
    assert not Profile.objects.get(lead=house.she).agrees_marketing
    house.agrees()
    house.send(is_news=True)
    profiles.refresh(now=NINE)
    she = Profile.objects.get(lead=house.she)
    assert (she.agrees_marketing, she.is_adult) == (True, True)
    optouts.by_reply(NUMBER, "R", ref="1", now=NINE + HOUR)
    profiles.refresh(now=NINE + 2 * HOUR)
    assert not Profile.objects.get(lead=house.she).agrees_marketing


def test_the_page_of_a_lead_says_what_went_and_takes_yes_and_no(house: Asked, client: Client) -> None:
    house.send()
    page, agree, stop = (
        reverse(f"desk:{name}", args=[house.she.public_id]) for name in ("lead", "lead-agree", "lead-stop")
    )
    with time_machine.travel(NINE, tick=False) as clock:
        sign_in(client, house.online)
        assert "本人来咨询，回复其咨询，可以发送。" in client.get(page).content.decode()
        refused = client.post(agree, {"channel": "phone", "notice": notice()})
        assert refused.status_code == 422
        assert "这个字段是必填项" not in refused.content.decode(), "no other form of the page was sent"
        said = {"channel": "phone", "notice": notice(), "is_adult": "on"}
        assert client.post(agree, said).status_code == 302
        clock.shift(HOUR / 6)
        assert "同意接收营销信息" in client.get(page).content.decode()
        assert client.post(stop).status_code == 302
        assert "已拒收" in client.get(page).content.decode()
        stranger = sign_in(Client(), House().online)
        assert [stranger.post(one, said).status_code for one in (agree, stop)] == [404, 404]
    assert NumberStop.objects.count() == 1


@pytest.mark.slow(reason="threads with connections of their own, against a real database")
@pytest.mark.django_db(transaction=True)
def test_eight_workers_send_no_more_than_the_cap_to_one_number() -> None:
    """Four bring advertisements to her as somebody who asked, four to the customer at the same number."""
    house = Asked()
    house.agrees()
    mother = PatientFactory(campus=house.campus, person__phone=f"+86{NUMBER}")
    consents.give(mother, "marketing", now=EIGHT)

    def work(n: int) -> None:
        if n % 2:
            house.send(is_news=True, key=f"k{n}")
        else:
            messages.send("campaign.spring", patient=mother, params=SPRING, key=f"k{n}", now=NINE)

    ends = ends_of([lambda n=n: work(n) for n in range(8)])
    assert ends == ["won"] * 8
    going = [
        *Message.objects.values_list("status", flat=True),
        *EnquiryMessage.objects.values_list("status", flat=True),
    ]
    assert Counter(going) == {"queued": 2, "refused": 6}
