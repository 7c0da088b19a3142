"""The officer's year before her screens, and a person with her phone: the real pages, read by axe too."""

import re
from datetime import date, timedelta
from typing import Literal

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.e2e.desk import DESK, PHONE, House
from tests.factories.hospital import CampusFactory
from tests.factories.journey import BookingFactory, CaseFactory
from tests.factories.people import AlertFactory, PatientFactory, PersonFactory, StaffFactory
from tests.factories.ui import sign_in
from tests.portal.test_centre import inside
from yimei.growth.models import Profile
from yimei.outbox.actions import reference as outbox_reference
from yimei.outbox.models import Message
from yimei.people.actions import looks, tokens
from yimei.people.models import Patient, Staff
from yimei.portal.views.door import COOKIE, PATH
from yimei.privacy.actions import packs, reference
from yimei.privacy.actions.requests import answering, deciding, receiving
from yimei.privacy.enums import Decision, RequestChannel, Requester, RequestKind
from yimei.privacy.models import Consent, RightsRequest, Succession

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow(reason="drives a real browser"),
]
NUMBER, TAIL = "12000000001", "08002X"
READY: Literal["domcontentloaded"] = "domcontentloaded"
"""Our scripts have run by then; pictures and fonts may come later."""


@pytest.fixture
def officer(house: House) -> Staff:
    now = house.clock.now
    campus = CampusFactory(name="颐美示范医院", address="上海市示范路 1 号", phone="021-00000000")
    reference.load(now.replace(month=1))
    outbox_reference.load(now.replace(month=1))
    packs.load_shipped(now=now)
    made: Staff = StaffFactory(role="privacy", campus=campus, name="欧阳晓明")
    return made


@pytest.fixture
def woman(officer: Staff) -> Patient:
    person = PersonFactory(
        name="林晓雨", phone=f"+86{NUMBER}", birth_date=date(1995, 3, 8), id_no="11010119950308002X"
    )
    made: Patient = PatientFactory(campus=officer.campus, registered=True, person=person)
    tokens.write(made)
    AlertFactory(patient=made, text="青霉素过敏")
    Profile.objects.create(
        patient=made, is_customer=True, campus=officer.campus, source="douyin", rfm="risk", paid_times=2,
        visits=3, read_at=made.created_at, known_on=made.created_at.date(), agrees_profiling=True,
    )  # fmt: skip
    return made


def seat(house: House, staff: Staff) -> Page:
    """A browser in which somebody has signed in."""
    page = house.page()
    take_seat(house, page, staff)
    return page


def take_seat(house: House, page: Page, staff: Staff) -> None:
    """Sign in, in a browser that is open: its session, if it had one, is over."""
    key = sign_in(Client(), staff).session.session_key
    assert key is not None
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": house.url}])


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).first.click()


def test_the_officers_desk(house: House, officer: Staff, woman: Patient) -> None:
    asked = receiving.receive(
        woman.public_id, kind=RequestKind.ACCESS, requester=Requester.SELF, channel=RequestChannel.DESK,
        by=officer, now=house.clock.now,
    )  # fmt: skip
    page = seat(house, officer)

    def go(name: str, *args: object) -> Page:
        page.goto(house.url + reverse(f"desk:{name}", args=args))
        return page

    go("request", asked.public_id)
    page.locator('[name="method"][value="id_card"]').check()
    press(page, "身份已核验")
    press(page, "记录决定")
    press(page, "已答复并执行")
    with page.expect_navigation():
        page.locator("[data-ym-confirm-yes]").click()
    expect(page.locator("main")).to_contain_text("答复书")
    assert RightsRequest.objects.get().answered_at

    go("succession-new")
    page.locator('[name="kind"][value="merger"]').check()
    for name, value in (("recipient", "颐华集团"), ("contact", "400-000-0000"), ("what", "病历与联系方式")):
        page.locator(f'[name="{name}"]').fill(value)
    page.locator('[name="effective_on"]').fill("2099-01-01")
    press(page, "登记")
    page.wait_for_url("**/successions/*/")
    assert Succession.objects.exists()
    house.look(page, "接收方变更", DESK)

    for name in ("minimise", "leads-forget"):
        go(name)
        house.look(page, name, DESK)


def test_a_person_on_a_phone(house: House, officer: Staff, woman: Patient) -> None:
    looks.record(woman, page="request", by=officer, at=house.clock.now)
    page = house.page(PHONE)
    page.goto(house.url + reverse("portal:centre-door"))
    house.look(page, "门", PHONE)
    page.locator('[name="phone"]').fill(NUMBER)
    page.locator('[name="birth_date"]').fill("19950308")
    press(page, "获取验证码")
    page.wait_for_url("**/door/*/")
    found = re.search(r"\d{6}", Message.objects.get().body or "")
    assert found
    page.locator('[name="code"]').fill(found[0])
    press(page, "进入")
    expect(page.locator("body")).to_contain_text("林**")
    house.look(page, "我的信息", PHONE)
    for tab, words in (("谁看过", "个人信息保护负责人"), ("同意", "诊疗影像留存")):
        page.get_by_role("link", name=tab, exact=True).click()
        expect(page.locator("main")).to_contain_text(words)
        house.look(page, tab, PHONE)

    page.goto(house.url + reverse("portal:centre-consent", args=["image.clinical"]))
    press(page, "同意")
    page.wait_for_url("**/data/consents/")
    press(page, "撤回")
    page.locator("[data-ym-confirm-yes]").click()
    expect(page.locator("main")).to_contain_text("已撤回")
    assert [one.act for one in Consent.objects.order_by("pk") if one.act != "shown"] == ["given", "withdrawn"]

    page.goto(house.url + reverse("portal:centre-request-new", args=["explain"]))
    expect(page.locator("main")).to_contain_text("高价值将流失")
    page.locator("label", has_text="客户分层与个性化推荐").click()
    house.look(page, "程序判断", PHONE)
    press(page, "提交请求")
    page.wait_for_url("**/requests/*/")
    expect(page.locator("main")).to_contain_text("程序已停止")
    assert Profile.objects.get().refuses_profiling


def visitor(house: House) -> Page:
    """A phone in which the code from the message has been typed already."""
    page = house.page(PHONE)
    secret = inside(Client()).cookies[COOKIE].value
    page.context.add_cookies([{"name": COOKIE, "value": secret, "url": f"{house.url}{PATH}"}])
    return page


def test_a_person_asks_on_her_phone_and_takes_what_she_asked_for(
    house: House, officer: Staff, woman: Patient
) -> None:
    now = house.clock.now
    with transaction.atomic():
        case = CaseFactory(patient=woman, campus=officer.campus)
        BookingFactory(case=case, starts_at=now + timedelta(days=9))
    page = visitor(house)
    main = page.locator("main")

    def wish(kind: str) -> None:
        page.goto(house.url + reverse("portal:centre-request-new", args=[kind]), wait_until=READY)

    def send() -> RightsRequest:
        press(page, "提交请求")
        page.wait_for_url(re.compile(r"/requests/[0-9a-f-]{36}/$"), wait_until=READY)
        return RightsRequest.objects.latest("pk")

    wish("correct")
    page.locator('[name="wanted_phone"]').fill("123")
    press(page, "提交请求")
    expect(page.locator("#id_wanted_phone-error")).to_contain_text("电话号码不正确")
    house.look(page, "更正被拒", PHONE)
    page.locator('[name="wanted_phone"]').fill("120 0000 0009")
    send()
    expect(main).to_contain_text("120 0000 0009")

    wish("delete")
    expect(main).to_contain_text("核实身份后立即删除")
    house.look(page, "删除", PHONE)
    deletion = send()
    expect(page.get_by_role("link", name="去看预约")).to_be_visible()
    page.get_by_role("link", name="去核对").click()
    page.locator('[name="tail"]').fill("000000")
    press(page, "核对")
    expect(main).to_contain_text("还可以试 4 次")
    page.locator('[name="tail"]').fill(TAIL)
    press(page, "核对")
    page.wait_for_url(f"**/requests/{deletion.public_id}/")
    house.look(page, "删除请求", PHONE)
    wish("delete")
    expect(main).to_contain_text(deletion.number)
    expect(page.get_by_role("button", name="提交请求")).to_have_count(0)

    wish("copy")
    copy = send()
    assert {one.status for one in RightsRequest.objects.all()} == {"verified"}
    deciding.decide(copy.public_id, decision=Decision.GRANTED, by=officer, now=house.clock.now)
    answering.answer(copy.public_id, by=officer, now=house.clock.now)
    page.reload(wait_until=READY)
    house.look(page, "副本", PHONE)
    with page.expect_download() as taken:
        page.get_by_role("link", name="我的信息（PDF）").click()
    assert taken.value.path().read_bytes().startswith(b"%PDF")
    page.goto(house.url + reverse("portal:centre-requests"), wait_until=READY)
    for words in ("更正或补充", "删除我的信息", "要一份副本，或转到别的医院", "已答复"):
        expect(main).to_contain_text(words)
    house.look(page, "请求", PHONE)
