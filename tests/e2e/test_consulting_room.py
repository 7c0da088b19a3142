"""Two physicians over one plan, and a customer who fills in her questionnaire on her own phone."""

import re
from datetime import date
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.e2e.desk import DESK, PHONE, House, Person
from tests.factories.people import CareRelationFactory, LicenceFactory, PrivilegeFactory
from tests.factories.privacy import LimitFactory
from tests.stories.hospital import HOUR, TEN, Customer, Hospital
from yimei.journey.actions import questionnaires
from yimei.journey.models import AnswerSet, Plan
from yimei.outbox.models import Message

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow(reason="drives several real browsers"),
]


def write(desk: Person, **values: str) -> Person:
    """Fill in the plan as it stands open and finalise it."""
    return desk.fill(**values).press("定稿并给客户选择")


def test_the_second_writer_is_told_sees_the_difference_and_loses_nothing(house: House) -> None:
    house.clock.at(TEN)
    at = Hospital()
    she = Customer(at)
    she.walk_in()
    she.refer()
    she.assess()
    other = at.staff("surgeon", "林医生")
    LicenceFactory(staff=other)
    PrivilegeFactory(staff=other)
    CareRelationFactory(patient=she.patient, staff=other)
    mine, theirs = (house.person(one).open("case-plan", she.case.public_id) for one in (at.surgeon, other))
    both = {"side": "both", "anaesthesia": "local", "alternatives": "埋线法。", "doing_nothing": "维持现状。"}
    write(theirs, **both, price="7800", sites="双侧 7 mm", risks="出血、感染、血肿。").told("方案 v1 已定稿")
    write(mine, **both, price="8800", sites="双侧 6 mm，去皮", risks="出血、不对称。")
    mine.sees("方案已更新为 v1", "林医生", "出血、感染、血肿。").look("两人同写", DESK, PHONE)
    expect(mine.page.locator("[name=sites]")).to_have_value("双侧 6 mm，去皮")
    expect(mine.page.locator("[name=price]")).to_have_value(re.compile("^8800"))
    mine.press("定稿并给客户选择").told("方案 v2 已定稿").look("两版的差别")
    newest = Plan.objects.select_related("case__patient__person__vault_key").get(superseded_at=None)
    assert (newest.version, newest.sites, newest.risks) == (2, "双侧 6 mm，去皮", "出血、不对称。")
    mine.open("plan-choose", newest.public_id).pick("how", "口头").fill(words="就选这个")
    mine.pick("witness", "林医生").press("记录客户选定").gate(
        "术前检查"
    )  # the empty pad keeps nobody from asking


def test_a_customer_fills_in_beforehand_on_her_phone(house: House) -> None:
    house.clock.at(TEN - HOUR)
    at = Hospital()
    at.now = TEN - HOUR
    questionnaires.load_shipped(now=at.now)
    LimitFactory(code="questionnaire.link_days", value=7)
    she = Customer(at, born=date(1995, 3, 8))
    she.call()
    she.confirm()
    she.register()
    desk = house.person(at.online).open("case-questionnaires", she.case.public_id)
    for box in desk.page.locator("[name=codes]").all():
        box.set_checked(box.get_attribute("value") == "smoking-medication")
    desk.press("发送链接").told("链接已交给发件箱")
    message = Message.objects.get(patient=she.patient, template__code="questionnaire.invite")
    phone = house.page(PHONE)
    phone.goto(house.url + urlsplit((message.params or {})["link"]).path)
    house.look(phone, "先同意", PHONE)
    hand = Person.__new__(Person)
    hand.house, hand.page, hand.staff = house, phone, at.online
    hand.draw()
    phone.get_by_role("button", name="同意，开始填写").click()
    phone.get_by_role("link", name=re.compile("吸烟")).first.click()
    expect(phone.get_by_text("平均每天几支？")).to_be_hidden()
    phone.get_by_label("吸", exact=True).check()
    phone.get_by_label("平均每天几支？").fill("10")
    phone.get_by_label("吸了多少年？").fill("3")
    phone.locator("#q-alcohol").get_by_label("不饮").check()
    phone.locator("#q-medicine").get_by_label("否").check()
    hand.draw()
    house.look(phone, "手机上填问卷", PHONE)
    phone.get_by_role("button", name="提交", exact=True).click()
    expect(phone.get_by_text("已填完")).to_be_visible()
    row = AnswerSet.objects.get()
    assert row.completed_at is not None
    assert row.completed_by is None
