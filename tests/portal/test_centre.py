"""A person on her phone: the code, the visit, what she sees, takes back, asks for and fetches."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.factories import shipped
from tests.factories.journey import BookingFactory
from tests.factories.people import AlertFactory, GuardianFactory, PatientFactory, PersonFactory, StaffFactory
from tests.privacy.actions.test_gates import abroad, agree, assessed, tell
from yimei.audit.models import Entry
from yimei.core.clock import local_date
from yimei.outbox.actions import batches
from yimei.outbox.gateways.console import FileGateway
from yimei.outbox.models import Message
from yimei.people.actions import capacity, guardians, looks, tokens
from yimei.people.enums import CapacityKind
from yimei.people.models import Guardian, Patient, SearchToken, Staff
from yimei.people.queries import search
from yimei.portal.views.door import COOKIE
from yimei.privacy.actions import consents, erasure, transfers
from yimei.privacy.actions.requests import answering, deciding
from yimei.privacy.enums import Decision, RequestStatus
from yimei.privacy.models import CentreCode, CentreSession, Consent, RightsRequest
from yimei.privacy.queries import has_consent

pytestmark = pytest.mark.django_db

NUMBER, BIRTHDAY = "+8612000000001", date(1995, 3, 8)
THEN = datetime(2026, 1, 5, 2, tzinfo=UTC)


@pytest.fixture
def officer(now: datetime) -> Staff:
    campus = shipped.campus(now.replace(month=1), **shipped.HOSPITAL)
    return StaffFactory(role="privacy", campus=campus, name="欧阳晓明")


@pytest.fixture
def patient(officer: Staff) -> Patient:
    return somebody(officer)


@pytest.fixture
def clock(now: datetime) -> Any:
    with time_machine.travel(now, tick=False) as clock:
        yield clock


def somebody(officer: Staff, **values: Any) -> Patient:
    given = {
        "name": "林晓雨",
        "phone": NUMBER,
        "birth_date": BIRTHDAY,
        "id_no": "11010119950308002X",
        **values,
    }
    patient = PatientFactory(campus=officer.campus, registered=True, person=PersonFactory(**given))
    tokens.write(patient)
    return patient


def knock(client: Client, phone: str = "120 0000 0001", birth_date: str = "19950308") -> Any:
    return client.post(reverse("portal:centre-door"), {"phone": phone, "birth_date": birth_date})


def code_in_message() -> str:
    found = re.search(r"验证码是 (\d{6})", Message.objects.latest("pk").body or "")
    assert found
    return found[1]


def inside(client: Client) -> Client:
    response = knock(client)
    assert client.post(response.url, {"code": code_in_message()}).status_code == 302
    return client


def page(client: Client, name: str, *args: object) -> str:
    response = client.get(reverse(f"portal:{name}", args=args))
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_the_right_code_opens_a_short_visit_once(client: Client, patient: Patient, clock: Any) -> None:
    response = knock(client)
    digits = code_in_message()
    entered = client.post(response.url, {"code": f" {digits[:3]} {digits[3:]} "})
    cookie = entered.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/my/data/")
    assert cookie.value not in str(CentreSession.objects.values())
    assert "林**" in page(client, "centre")
    again = Client().post(response.url, {"code": digits})
    assert again.status_code == 422
    assert "已经失效" in again.content.decode()


def test_a_strangers_number_gets_the_same_answer_and_no_message(
    client: Client, patient: Patient, clock: Any
) -> None:
    for phone, day in (("12000000009", "19950308"), ("12000000001", "19950309")):
        response = knock(client, phone, day)
        assert response.status_code == 302
        assert "已经发到登记的手机" in client.get(response.url).content.decode()
        assert client.post(response.url, {"code": "000000"}).status_code == 422
    assert not Message.objects.exists()
    assert CentreCode.objects.filter(patient=None).count() == 2
    assert "12000000009" not in str(CentreCode.objects.values())


def test_guessing_ends_with_the_fifth_try(client: Client, patient: Patient, clock: Any) -> None:
    response = knock(client)
    digits = code_in_message()
    wrong = "000000" if digits != "000000" else "111111"
    said = [client.post(response.url, {"code": wrong}).content.decode() for _try in range(5)]
    assert "还可以试 4 次" in said[0]
    assert "已用完次数" in said[4]
    assert client.post(response.url, {"code": digits}).status_code == 422
    assert not CentreSession.objects.exists()


def test_a_code_is_over_after_ten_minutes(client: Client, patient: Patient, clock: Any) -> None:
    response = knock(client)
    clock.shift(timedelta(minutes=10))
    assert client.post(response.url, {"code": code_in_message()}).status_code == 422


def test_asking_again_and_again_is_refused_known_or_not(client: Client, patient: Patient, clock: Any) -> None:
    for phone in ("12000000001", "12000000009"):
        assert [knock(client, phone).status_code for _try in range(4)] == [302, 302, 302, 422]
    clock.shift(timedelta(hours=1))
    assert knock(client).status_code == 302


def test_a_visit_ends_by_idling_by_leaving_and_by_an_erasure(
    client: Client, patient: Patient, clock: Any, now: datetime
) -> None:
    home = reverse("portal:centre")
    inside(client)
    clock.shift(timedelta(minutes=14))
    assert client.get(home).status_code == 200
    clock.shift(timedelta(minutes=15))
    assert client.get(home).status_code == 302
    inside(client)
    client.post(reverse("portal:centre-leave"))
    assert client.get(home).status_code == 302
    inside(client)
    erasure.carry_out(patient, now=now + timedelta(hours=1))
    assert client.get(home).status_code == 302
    assert not CentreSession.objects.exists()


def test_nobody_is_let_in_without_a_visit(client: Client, patient: Patient, clock: Any) -> None:
    for name in ("centre", "centre-kept", "centre-looks", "centre-consents", "centre-requests"):
        assert client.get(reverse(f"portal:{name}")).status_code == 302
    client.cookies[COOKIE] = "x" * 43
    assert client.get(reverse("portal:centre")).status_code == 302


def test_she_sees_what_is_kept_and_who_looked(
    client: Client, patient: Patient, officer: Staff, clock: Any, now: datetime, settings: Any
) -> None:
    AlertFactory(patient=patient, text="青霉素过敏")
    looks.record(patient, page="patient", by=officer, at=now)
    inside(client)
    kept = page(client, "centre-kept")
    assert "安全提示" in kept
    assert "未经您单独同意" in kept
    assert "青霉素" not in kept
    seen = page(client, "centre-looks")
    assert "个人信息保护负责人" in seen
    assert "欧阳晓明" not in seen
    settings.CENTRE_STAFF_NAMES = "full"
    assert "欧阳晓明" in page(client, "centre-looks")
    settings.CENTRE_STAFF_NAMES = "role"
    assert "欧阳" not in page(client, "centre-looks")


def test_she_reads_who_abroad_may_receive_what_and_whether_it_happened(
    client: Client, patient: Patient, officer: Staff, clock: Any, now: datetime
) -> None:
    director = StaffFactory(role="director", campus=officer.campus)
    inside(client)
    assert "不向境外提供" in page(client, "centre-kept")
    made = abroad(officer, director, now, rights="邮件联系海外云")
    assert "海外云" not in page(client, "centre-kept"), "nothing may leave yet"
    assessed("transfer:case.sg", "abroad", officer, director, now)
    transfers.release(made.public_id, by=director, now=now)
    kept = page(client, "centre-kept")
    assert "不向境外提供" not in kept
    for words in ("海外云", "SG", "客服 400", "邮件联系海外云", "本人单独同意", "标准合同备案", "第三十九条"):
        assert words in kept
    assert "没有提供过您的信息；未经您单独同意不会提供" in kept
    tell(officer, now, "abroad")
    agree(patient, "abroad", now)
    assert "还没有提供过您的信息" in page(client, "centre-kept")
    transfers.allow("case.sg", [patient], by=officer, now=now)
    assert f"{local_date(now)} 提供过您的信息" in page(client, "centre-kept")
    transfers.stop(made.public_id, by=officer, now=now)
    stopped = page(client, "centre-kept")
    assert "提供过您的信息，现已停止" in stopped, "what went is told for good"


def test_many_looks_come_page_by_page_and_none_is_left_out(
    client: Client, patient: Patient, officer: Staff, clock: Any, now: datetime
) -> None:
    for minute in range(31):
        looks.record(patient, page="patient", by=officer, at=now - timedelta(minutes=minute))
    inside(client)
    first = page(client, "centre-looks")
    second = client.get(reverse("portal:centre-looks"), {"page": "2"}).content.decode()
    assert (first.count("list-line"), second.count("list-line")) == (30, 1)
    assert "page=2" in first


def test_taking_back_takes_no_more_steps_than_agreeing(
    client: Client, patient: Patient, clock: Any, now: datetime
) -> None:
    inside(client)
    asking = reverse("portal:centre-consent", args=["marketing"])
    assert "活动与优惠信息" in client.get(asking).content.decode()
    assert client.post(asking, {"act": "give"}).status_code == 302
    given = has_consent(patient, "marketing", now)
    assert given
    assert (given.channel, given.capacity, given.by) == ("portal", "adult", None)
    assert given.terms["categories"]
    assert Consent.objects.filter(act="shown").count() == 1
    withdraw = reverse("portal:centre-withdraw", args=["marketing"])
    assert withdraw in page(client, "centre-consents")
    assert client.post(withdraw).status_code == 302
    assert not has_consent(patient, "marketing", now)


@pytest.mark.slow(reason="walks a request from the phone to the packed copy")
def test_a_request_is_followed_to_the_download(
    client: Client, patient: Patient, officer: Staff, clock: Any, now: datetime
) -> None:
    inside(client)
    made = client.post(reverse("portal:centre-request-new", args=["copy"]), {"details": ""})
    asked = RightsRequest.objects.get()
    assert (asked.status, asked.received_by) == (RequestStatus.RECEIVED, None)
    assert "还要核对证件号后六位" in client.get(made.url).content.decode()
    prove = reverse("portal:centre-prove")
    assert client.post(prove, {"tail": "000000"}).status_code == 422
    assert client.post(prove, {"tail": "08002x"}).status_code == 302
    asked.refresh_from_db()
    assert (asked.status, asked.identity_method, asked.identity_by) == ("verified", "code_id", None)
    deciding.decide(asked.public_id, decision=Decision.GRANTED, by=officer, now=now)
    answering.answer(asked.public_id, by=officer, now=now)
    assert Message.objects.latest("pk").template.code == "request.answered"
    assert "我的信息（PDF）" in client.get(made.url).content.decode()
    copy = client.get(reverse("portal:centre-copy", args=[asked.public_id, "json"]))
    assert json.loads(copy.content)["holdings"]["people.identity"]["rows"][0]["姓名"] == "林晓雨"
    assert client.get(reverse("portal:centre-letter", args=[asked.public_id])).content.startswith(b"%PDF")
    assert Entry.objects.filter(action="privacy.request.fetched").count() == 2
    fresh = inside(Client())
    bounced = fresh.get(reverse("portal:centre-copy", args=[asked.public_id, "json"]))
    assert bounced.url == f"{prove}?request={asked.public_id}"


@pytest.mark.slow(reason="walks a restriction from the phone to the letter and back")
def test_a_restriction_says_what_goes_on_and_she_takes_it_off_herself(
    client: Client, patient: Patient, officer: Staff, clock: Any, now: datetime
) -> None:
    BookingFactory(case__patient=patient, starts_at=now + timedelta(days=3))
    consents.give(patient, "marketing", now=now)
    inside(client)
    new = reverse("portal:centre-request-new", args=["restrict"])
    assert "的预约还没有结束" in client.get(new).content.decode()
    made = client.post(new, {"details": ""})
    asked = RightsRequest.objects.get()
    deciding.decide(asked.public_id, decision=Decision.GRANTED, by=officer, now=now)
    answering.answer(asked.public_id, by=officer, now=now)
    page = client.get(made.url).content.decode()
    assert "还在办理，办完为止" in page
    assert "恢复使用" in page
    assert "提交请求" not in client.get(new).content.decode()
    letter = client.get(reverse("portal:centre-letter", args=[asked.public_id]))
    assert letter.content.startswith(b"%PDF")
    assert has_consent(Patient.objects.get(pk=patient.pk), "marketing", now) is None
    assert client.post(reverse("portal:centre-resume")).status_code == 302
    assert has_consent(Patient.objects.get(pk=patient.pk), "marketing", now)
    assert "恢复使用" not in client.get(made.url).content.decode()


def test_another_persons_request_is_not_there(
    client: Client, patient: Patient, officer: Staff, clock: Any, now: datetime
) -> None:
    other = somebody(officer, phone="+8612000000002", id_no="110101199503080070")
    inside(client)
    client.post(reverse("portal:centre-request-new", args=["explain"]), {"details": "为什么给我发短信"})
    mine = RightsRequest.objects.get()
    knocked = knock(fresh := Client(), "12000000002")
    fresh.post(knocked.url, {"code": code_in_message()})
    assert CentreSession.objects.latest("pk").patient == other
    for name in ("centre-request", "centre-letter", "centre-take-back"):
        address = reverse(f"portal:{name}", args=[mine.public_id])
        method = fresh.post if name == "centre-take-back" else fresh.get
        assert method(address).status_code == 404
    mine.refresh_from_db()
    assert mine.status == RequestStatus.VERIFIED


@pytest.mark.parametrize(("kind", "later"), [("delete", "delete"), ("delete", "close"), ("close", "delete")])
def test_a_second_request_while_one_runs_names_the_first(
    client: Client, patient: Patient, clock: Any, kind: str, later: str
) -> None:
    inside(client)
    address, other = (reverse("portal:centre-request-new", args=[word]) for word in (kind, later))
    assert "提交以后会怎样" in client.get(address).content.decode()
    client.post(address, {"details": ""})
    first = RightsRequest.objects.get()
    again = client.post(other, {"details": ""})
    assert again.status_code == 422
    for page in (again, client.get(other)):
        said = f"{first.get_kind_display()}请求 {first.number} 正在办理，请在那里继续。"
        assert said in page.content.decode()
    assert client.post(reverse("portal:centre-take-back", args=[first.public_id])).status_code == 302
    assert client.post(address, {"details": ""}).status_code == 302


def test_a_correction_says_what_is_right(client: Client, patient: Patient, clock: Any) -> None:
    inside(client)
    address = reverse("portal:centre-request-new", args=["correct"])
    assert client.post(address, {"details": "名字错了"}).status_code == 422
    assert client.post(address, {"wanted_name": "林小雨", "details": "名字错了"}).status_code == 302
    assert RightsRequest.objects.get().wanted == {"name": "林小雨"}
    assert client.get(reverse("portal:centre-request-new", args=["withdraw"])).status_code == 404
    assert client.get(reverse("portal:centre-request-new", args=["x"])).status_code == 404


def guarded(officer: Staff, born: date) -> Patient:
    child = somebody(officer, birth_date=born, id_no="")
    mother = PersonFactory(name="林母", phone=NUMBER, birth_date=date(1980, 1, 1), id_no="110101198001010027")
    GuardianFactory(patient=child, person=mother, verified_at=THEN, verified_by=officer)
    return child


def test_a_guardian_acts_until_the_eighteenth_birthday_and_not_a_minute_longer(
    client: Client, officer: Staff, clock: Any, now: datetime
) -> None:
    child = guarded(officer, date(2008, 6, 17))
    response = knock(client, birth_date="20080617")
    client.post(response.url, {"code": code_in_message()})
    assert CentreSession.objects.get().guardian is not None
    assert "以监护人身份" in page(client, "centre")
    client.post(reverse("portal:centre-consent", args=["image.clinical"]), {"act": "give"})
    given = has_consent(child, "image.clinical", now)
    assert given
    assert given.capacity == "guardian"
    clock.move_to(now.replace(hour=15, minute=50))
    knock(client, birth_date="20080617")
    clock.move_to(now.replace(hour=16, minute=1))
    assert client.get(reverse("portal:centre")).status_code == 302
    before = Message.objects.count()
    assert knock(Client(), birth_date="20080617").status_code == 302
    assert Message.objects.count() == before
    assert not has_consent(child, "image.clinical", now + timedelta(days=1))


OWN_NUMBER = "+8612000000077"


def mother_of(child: Patient, officer: Staff, *, is_proved: bool = True) -> Guardian:
    """A mother with a number of her own, written down and proved as the desk does it."""
    desk = StaffFactory(role="reception", campus=officer.campus)
    made = guardians.link(
        child.public_id,
        name="林母",
        phone=OWN_NUMBER,
        relation="mother",
        proof="户口簿 12 号",
        id_no="110101198001010029",
        by=desk,
        at=THEN,
    )
    return guardians.verify(made.public_id, by=desk, at=THEN) if is_proved else made


def test_a_guardian_with_a_number_of_her_own_reaches_the_child(
    client: Client, officer: Staff, clock: Any, now: datetime, settings: Any, tmp_path: Path
) -> None:
    settings.VAR_DIR = tmp_path
    child = somebody(officer, birth_date=date(2010, 1, 1), id_no="")
    mother_of(child, officer)
    response = knock(client, OWN_NUMBER, "20100101")
    batches.deliver_some([Message.objects.get().public_id], now=now)
    assert f'"to": "{OWN_NUMBER}"' in FileGateway.path().read_text()
    assert client.post(response.url, {"code": code_in_message()}).status_code == 302
    assert "以监护人身份" in page(client, "centre")
    client.post(reverse("portal:centre-consent", args=["image.clinical"]), {"act": "give"})
    given = has_consent(child, "image.clinical", now)
    assert given
    assert given.capacity == "guardian"
    client.post(reverse("portal:centre-request-new", args=["access"]), {"details": ""})
    assert RightsRequest.objects.get().requester == "guardian"
    erasure.carry_out(child, now=now)
    assert not SearchToken.objects.exists(), "nobody finds her by her number any more"
    assert client.get(reverse("portal:centre")).status_code == 302


def test_her_own_number_opens_nothing_before_it_is_proved_and_nothing_after_eighteen(
    client: Client, officer: Staff, clock: Any, now: datetime
) -> None:
    child = somebody(officer, birth_date=date(2008, 6, 17), id_no="")
    mother = mother_of(child, officer, is_proved=False)
    assert knock(client, OWN_NUMBER, "20080617").status_code == 302
    assert not Message.objects.exists()
    desk = StaffFactory(role="reception", campus=officer.campus)
    guardians.verify(mother.public_id, by=desk, at=THEN)
    response = knock(client, OWN_NUMBER, "20080617")
    assert client.post(response.url, {"code": code_in_message()}).status_code == 302
    clock.move_to(now.replace(hour=16, minute=1))
    assert client.get(reverse("portal:centre")).status_code == 302
    assert knock(Client(), OWN_NUMBER, "20080617").status_code == 302
    assert Message.objects.count() == 1


def test_a_mother_who_is_a_customer_reaches_herself_by_her_birthday_and_the_child_by_the_childs(
    client: Client, officer: Staff, clock: Any
) -> None:
    child = somebody(officer, birth_date=date(2010, 1, 1), id_no="")
    mother_of(child, officer)
    mother = somebody(
        officer, name="林母", phone=OWN_NUMBER, birth_date=date(1980, 1, 1), id_no="110101198001010029"
    )
    for born, whose in (("19800101", mother), ("20100101", child)):
        response = knock(client, OWN_NUMBER, born)
        client.post(response.url, {"code": code_in_message()})
        assert CentreSession.objects.latest("pk").patient == whose
    assert list(search(OWN_NUMBER, by=officer)) == [mother], "the desk does not find the child by it"


def test_an_adult_of_limited_capacity_is_represented_by_her_guardian(
    client: Client, officer: Staff, clock: Any, now: datetime
) -> None:
    woman = guarded(officer, date(1990, 6, 17))
    assert knock(client, birth_date="19900617").status_code == 302
    assert not Message.objects.exists(), "an adult answers for herself; nobody else has her number"
    reception = StaffFactory(role="reception", campus=officer.campus)
    capacity.record(
        woman.public_id, kind=CapacityKind.LIMITED, evidence="民特 12 号判决", by=reception, at=now
    )
    response = knock(client, birth_date="19900617")
    client.post(response.url, {"code": code_in_message()})
    assert CentreSession.objects.get().guardian is not None


def test_a_minor_alone_may_say_no_but_not_yes(client: Client, officer: Staff, clock: Any) -> None:
    somebody(officer, birth_date=date(2010, 1, 1), id_no="")
    response = knock(client, birth_date="20100101")
    client.post(response.url, {"code": code_in_message()})
    asking = reverse("portal:centre-consent", args=["image.clinical"])
    assert "须由已核对的监护人" in client.get(asking).content.decode()
    refused = client.post(asking, {"act": "give"})
    assert refused.status_code == 422
    assert "监护人的同意" in refused.content.decode()
    assert client.post(asking, {"act": "refuse"}).status_code == 302


def test_twins_on_one_number_are_led_to_the_desk(client: Client, officer: Staff, clock: Any) -> None:
    somebody(officer)
    somebody(officer, name="林晓雪", id_no="110101199503080070")
    assert knock(client).status_code == 302
    assert not Message.objects.exists()


def test_notices_are_read_and_kept_by_everybody(client: Client, officer: Staff, clock: Any) -> None:
    listed = page(client, "notices")
    assert "个人信息处理告知" in listed
    assert "员工个人信息处理告知" not in listed
    address = re.search(r"/my/notices/[0-9a-f-]+/", listed)
    assert address
    text = client.get(address[0]).content.decode()
    assert "收集清单" in text
    assert "逐类列在收集清单里" in text
    assert client.get(f"{address[0]}notice.pdf").content.startswith(b"%PDF")


def test_the_door_asks_for_both(client: Client, officer: Staff, clock: Any) -> None:
    assert knock(client, "12", "19950308").status_code == 422
    assert knock(client, "12000000001", "春天").status_code == 422
