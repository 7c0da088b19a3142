"""What a person asks for on her phone: said while she writes, followed to its end, and never a dead end."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.journey import BookingFactory, CaseFactory
from tests.portal.test_centre import clock, inside, officer, page, patient, somebody
from yimei.people.models import Patient, Staff
from yimei.privacy.actions.requests import answering, deciding, receiving
from yimei.privacy.enums import Decision, RequestChannel, Requester, RequestKind
from yimei.privacy.models import RightsRequest

__all__ = ["clock", "officer", "patient"]
pytestmark = pytest.mark.django_db


def ask(client: Client, kind: str, **values: str) -> Any:
    return client.post(reverse("portal:centre-request-new", args=[kind]), {"details": "", **values})


def read(client: Client, address: str) -> str:
    return client.get(address).content.decode()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"wanted_phone": "123"}, "电话号码不正确"),
        ({"wanted_id_no": "11"}, "身份证号码应为 18 位"),
        ({"wanted_birth_date": "春天"}, "日期看不懂"),
        ({"wanted_birth_date": "18990101"}, "不能早于 1900 年"),
        ({"wanted_name": "林@雨"}, "不能使用的字符"),
    ],
)
def test_a_correction_that_could_not_be_carried_out_is_refused_while_she_writes_it(
    client: Client, patient: Patient, clock: Any, values: dict[str, str], says: str
) -> None:
    inside(client)
    refused = ask(client, "correct", **values)
    assert (refused.status_code, says in refused.content.decode()) == (422, True)
    assert not RightsRequest.objects.exists()


def test_what_she_asked_for_stands_in_the_words_in_which_it_was_offered(
    client: Client, patient: Patient, clock: Any
) -> None:
    inside(client)
    values = {"wanted_name": "林小雨", "about": "consent", "details": "名字错了"}
    made = client.post(reverse("portal:centre-request-new", args=["correct"]), values)
    told = read(client, made.url)
    for words in ("<h1>更正或补充</h1>", "林小雨", "知情同意书", "名字错了", "办理进度"):
        assert words in told
    assert "更正或补充" in page(client, "centre-requests")


def test_the_page_of_a_request_that_runs_leads_to_it(client: Client, patient: Patient, clock: Any) -> None:
    inside(client)
    made = ask(client, "copy")
    again = read(client, reverse("portal:centre-request-new", args=["copy"]))
    assert made.url in again
    assert "提交请求" not in again
    assert "提交请求" in read(client, reverse("portal:centre-request-new", args=["access"]))


def test_a_complaint_says_what_happened(client: Client, patient: Patient, clock: Any) -> None:
    inside(client)
    assert "请写明发生了什么。" in ask(client, "complain").content.decode()
    assert ask(client, "complain", details="短信太多").status_code == 302


def test_deletion_with_a_time_agreed_leads_to_where_she_calls_it_off(
    client: Client, patient: Patient, clock: Any, now: datetime
) -> None:
    inside(client)
    address = reverse("portal:centre-request-new", args=["delete"])
    assert "去看预约" not in read(client, address)
    BookingFactory(case=CaseFactory(patient=patient), starts_at=now + timedelta(days=3))
    told = read(client, address)
    for words in ("还在进行的", "去看预约", reverse("portal:visits"), "核实身份后立即删除"):
        assert words in told
    assert "去看预约" in read(client, ask(client, "delete").url)


def test_proving_leads_back_to_the_request_and_to_nobody_elses(
    client: Client, patient: Patient, officer: Staff, clock: Any, now: datetime
) -> None:
    inside(client)
    mine = ask(client, "copy").url
    prove = re.search(r"/my/data/prove/[^\"]+", read(client, mine))
    assert prove
    assert client.post(prove[0], {"tail": "08002X"}).url == mine
    other = somebody(officer, phone="+8612000000002", id_no="110101199503080070")
    hers = receiving.receive(
        other.public_id,
        kind=RequestKind.COPY,
        requester=Requester.SELF,
        channel=RequestChannel.DESK,
        by=officer,
        now=now,
    )
    for asked in (str(hers.public_id), "x", ""):
        back = client.post(f"{reverse('portal:centre-prove')}?request={asked}", {"tail": "08002X"})
        assert back.url == reverse("portal:centre-requests")


@pytest.mark.slow(reason="a deletion is decided, carried out and told")
def test_what_was_done_is_said_once_for_all_kinds_of_data_alike(
    client: Client, patient: Patient, officer: Staff, clock: Any, now: datetime
) -> None:
    inside(client)
    address = ask(client, "copy").url
    assert "结果" not in read(client, address)
    client.post(reverse("portal:centre-prove"), {"tail": "08002X"})
    asked = RightsRequest.objects.get()
    deciding.decide(asked.public_id, decision=Decision.GRANTED, by=officer, now=now)
    answering.answer(asked.public_id, by=officer, now=now)
    told = read(client, address)
    assert asked.outcomes.count() > 1
    assert told.count("已提供") == 1
    assert told.index("我的信息（PDF）") < told.index("已提供"), "the copy before the list"
    later = read(inside(Client()), address)
    assert "下载前核对证件号后六位" in later
    assert "我的信息（PDF）" not in later


def test_without_a_registered_number_she_is_led_to_the_desk_and_not_round_in_a_circle(
    client: Client, officer: Staff, clock: Any
) -> None:
    somebody(officer, id_no="")
    inside(client)
    told = read(client, ask(client, "delete").url)
    assert "没有登记您的证件号" in told
    assert "去核对" not in told
    proving = page(client, "centre-prove")
    assert "没有登记您的证件号" in proving
    assert 'name="tail"' not in proving


def test_what_she_agreed_to_can_be_read_and_taken_back_on_its_page(
    client: Client, patient: Patient, clock: Any
) -> None:
    inside(client)
    asking = reverse("portal:centre-consent", args=["marketing"])
    assert asking in page(client, "centre-consents")
    assert read(client, asking).count("btn-secondary btn-wide") >= 2, "yes and no look the same"
    assert 'value="give"' in read(client, asking)
    client.post(asking, {"act": "give"})
    assert asking in page(client, "centre-consents")
    told = read(client, asking)
    assert "您已同意" in told
    assert reverse("portal:centre-withdraw", args=["marketing"]) in told
    assert 'value="give"' not in told
