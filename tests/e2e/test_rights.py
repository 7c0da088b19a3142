"""The officer's year before her screens, and a person with her phone: the real pages, read by axe too."""

import re
from datetime import date

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.e2e.desk import DESK, PHONE, House
from tests.factories.hospital import CampusFactory
from tests.factories.people import AlertFactory, PatientFactory, PersonFactory, StaffFactory
from tests.factories.ui import sign_in
from yimei.growth.models import Profile
from yimei.outbox.actions import reference as outbox_reference
from yimei.outbox.models import Message
from yimei.people.actions import looks, tokens
from yimei.people.models import Patient, Staff
from yimei.privacy.actions import packs, reference, requests
from yimei.privacy.enums import RequestChannel, Requester, RequestKind
from yimei.privacy.models import Consent, RightsRequest, Succession

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow(reason="drives a real browser"),
]
NUMBER, TAIL = "12000000001", "08002X"


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
    asked = requests.receive(
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

    page.goto(house.url + reverse("portal:centre-request-new", args=["delete"]))
    house.look(page, "删除", PHONE)
    page.locator('main form[method="post"] button[type="submit"]').last.click()
    page.wait_for_url("**/requests/*/")
    page.get_by_role("link", name="去核对").click()
    page.locator('[name="tail"]').fill(TAIL)
    press(page, "核对")
    page.wait_for_url("**/data/requests/")
    assert RightsRequest.objects.get().status == "verified"
    house.look(page, "请求", PHONE)

    page.goto(house.url + reverse("portal:centre-request-new", args=["explain"]))
    expect(page.locator("main")).to_contain_text("高价值将流失")
    page.locator("label", has_text="客户分层与个性化推荐").click()
    house.look(page, "程序判断", PHONE)
    press(page, "提交请求")
    page.wait_for_url("**/requests/*/")
    expect(page.locator("main")).to_contain_text("程序已停止")
    assert Profile.objects.get().refuses_profiling
