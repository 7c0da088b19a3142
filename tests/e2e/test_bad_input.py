"""What people get wrong, or try: each time one clear Chinese sentence, and nothing typed is lost."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.e2e.desk import DESK, PHONE, House, Person
from tests.factories.hospital import CampusFactory
from tests.factories.people import PASSWORD, PatientFactory, StaffFactory
from tests.factories.photos import Studio, drawn
from tests.stories.hospital import TEN
from yimei.journey.models import Photo
from yimei.people.models import Patient, StaffSession
from yimei.privacy.actions import reference as privacy_reference
from yimei.privacy.enums import ConsentAct
from yimei.privacy.models import Consent

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow(reason="drives a real browser"),
]
KEPT = {"name": "欧阳㛃·𠮷", "phone": "12900000066", "birth_date": "1995-03-08"}


@pytest.fixture
def desk(house: House) -> Person:
    """The reception, signed in, on a Tuesday at ten."""
    house.clock.at(TEN)
    return house.person(StaffFactory(role="reception", name="前台小周", campus=CampusFactory()))


def keeps(desk: Person, **values: str) -> None:
    for name, value in values.items():
        expect(desk.page.locator(f'[name="{name}"]')).to_have_value(value)


def new_customer(desk: Person, **values: str) -> Person:
    desk.open("patient-new").fill(**KEPT | {"source": "phone", "sex": "F"} | values)
    return desk.press("登记")


# ---- the door -------------------------------------------------------------------------------------


def test_wrong_passwords_count_down_then_lock_and_say_until_when(house: House, desk: Person) -> None:
    desk.page.goto(f"{house.url}/desk/sign-in/")
    for left in (4, 3, 2, 1):
        desk.sign_in("not-the-password")
        desk.sees(f"用户名或密码不对，还可以试 {left} 次。")
        keeps(desk, username=desk.staff.username, password="")
    for _try in range(6):
        desk.sign_in("not-the-password")
        desk.sees("尝试次数过多，请在 10:15")
    desk.sign_in(PASSWORD)
    desk.sees("尝试次数过多").look("登录已锁定", DESK, PHONE)
    house.clock.later(minutes=16)
    assert not StaffSession.objects.exists()
    desk.sign_in(PASSWORD)
    desk.page.wait_for_url("**/desk/today/")
    assert StaffSession.objects.get().staff == desk.staff


def test_an_expired_session_comes_back_to_the_page_with_what_was_typed(house: House, desk: Person) -> None:
    desk.open("patient-new").fill(**KEPT, source="phone", sex="F")
    house.clock.later(minutes=31)
    desk.press("登记").sees("登录已过期，请重新登录。").look("登录已过期", DESK, PHONE)
    desk.sign_in()
    desk.page.wait_for_url("**/desk/patients/new/")
    keeps(desk, **KEPT)
    desk.look("填过的还在").press("登记").told("已登记新客户")
    assert Patient.objects.get().person.name == KEPT["name"]
    assert StaffSession.objects.filter(ended_at=None).count() == 1


# ---- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["patients/{}/", "cases/{}/", "cases/{}/plan/", "bookings/{}/", "patients/1/"]
)
def test_a_forged_number_in_the_address_is_not_found(house: House, desk: Person, address: str) -> None:
    desk.open("today")
    answer = desk.page.goto(f"{house.url}/desk/{address.format(uuid4())}")
    assert answer is not None
    assert answer.status == 404
    desk.sees("没有找到")
    expect(desk.page.locator("html")).to_have_attribute("lang", re.compile("^zh"))


def test_a_customer_of_another_campus_is_not_found_and_not_named(house: House, desk: Person) -> None:
    other = PatientFactory(campus=CampusFactory(), registered=True, person__name="秘密客户")
    for page in ("", "register/", "consents/", "log/"):
        desk.open("today")
        answer = desk.page.goto(f"{house.url}/desk/patients/{other.public_id}/{page}")
        assert answer is not None
        assert answer.status == 404
        desk.sees("没有找到")
        assert "秘密客户" not in desk.page.content()
    desk.look("没有找到", DESK, PHONE)


# ---- names, numbers, days -------------------------------------------------------------------------


def test_rare_characters_stay_as_they_are(desk: Person) -> None:
    new_customer(desk).told("已登记新客户").sees(KEPT["name"]).look("生僻字姓名", DESK, PHONE)
    assert Patient.objects.get().person.name == KEPT["name"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "苏婉😊"}, "姓名里有不能使用的字符「😊」，请改正。"),
        ({"id_no": "110101199503080022"}, "身份证号码的校验位不对，请逐位核对。"),
        ({"birth_date": "2027-01-01"}, "出生日期不能晚于今天。"),
        ({"birth_date": "2026-02-30"}, "没有这一天，请核对年月日。"),
        ({"phone": "12345"}, "手机"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence_and_nothing_is_lost(
    desk: Person, wrong: dict[str, str], said: str
) -> None:
    new_customer(desk, **wrong).sees(said)
    keeps(desk, **KEPT | wrong)
    field = desk.page.locator(f'[name="{next(iter(wrong))}"]')
    expect(field).to_have_attribute("aria-invalid", "true")
    desk.look(f"不能这样填-{next(iter(wrong))}", DESK, PHONE)
    assert not Patient.objects.exists()
    desk.fill(**{name: KEPT.get(name, "") for name in wrong}).press("登记").told("已登记新客户")


# ---- too much, and not what it says ----------------------------------------------------------------


@pytest.mark.long(reason="a browser needs its time for ten megabytes")
def test_ten_megabytes_of_text_are_refused_by_their_field(desk: Person) -> None:
    desk.open("patient-new").fill(**KEPT, source="phone", sex="F")
    type_much(desk, "y", 10_000_000)
    desk.press("登记")
    expect(desk.page.locator("[name=name]")).to_have_attribute("aria-invalid", "true", timeout=60_000)
    desk.sees("120")
    keeps(desk, phone=KEPT["phone"], birth_date=KEPT["birth_date"])
    assert not Patient.objects.exists()
    desk.fill(name=KEPT["name"]).press("登记").told("已登记新客户")


@pytest.mark.long(reason="a browser needs its time for ten megabytes")
def test_ten_megabytes_of_chinese_are_more_than_a_page_may_send(desk: Person) -> None:
    desk.open("patient-new").fill(**KEPT, source="phone", sex="F")
    type_much(desk, "颐", 10_000_000 // 3)
    desk.press("登记").sees("内容太多，没有保存。").look("内容太多", DESK, PHONE)
    assert not Patient.objects.exists()
    desk.follow("返回上一页")
    keeps(desk, phone=KEPT["phone"], birth_date=KEPT["birth_date"])
    desk.fill(name=KEPT["name"]).press("登记").told("已登记新客户")
    assert Patient.objects.get().person.name == KEPT["name"]


def type_much(desk: Person, sign: str, times: int) -> None:
    """Far more than the field takes, as a paste past its limit; the browser needs its time for it."""
    desk.page.set_default_timeout(60_000)
    desk.page.locator("[name=name]").evaluate(
        "(field, [sign, times]) => { field.value = sign.repeat(times) }", [sign, times]
    )


def test_a_file_that_is_no_picture_is_no_photo(house: House, desk: Person) -> None:
    studio = Studio()
    surgeon = house.person(studio.surgeon).open("photo-take", studio.case.public_id)
    picture = surgeon.page.locator("[name=picture]")
    surgeon.fill(taken_on="2026-06-15")
    for name, content, said in [
        ("face.jpg", b"MZ this is a program", "这不是照片，或文件已损坏"),
        ("face.png", b"%PDF-1.7 a letter", "这是 PDF 文件，不是照片"),
        ("face.jpg", drawn()[:2000], "这不是照片，或文件已损坏"),
    ]:
        picture.set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": content})
        surgeon.press("保存").sees(said)
        keeps(surgeon, taken_on="2026-06-15")
    assert not Photo.objects.exists()
    surgeon.look("不是照片", DESK, PHONE)


def test_what_is_no_drawing_is_no_signature(house: House, desk: Person) -> None:
    patient = PatientFactory(campus=desk.staff.campus, registered=True)
    privacy_reference.load(TEN)
    desk.open("consent-ask", patient.public_id, "care.health").press("同意").sees("还没有签名")
    desk.draw()
    desk.page.locator("[name=signature]").evaluate(
        "field => { field.value = 'data:image/png;base64,' + btoa('a letter, not a drawing') }"
    )
    desk.press("同意").sees("没有收到可用的签名，请重新签名。").look("不是签名", DESK, PHONE)
    assert not Consent.objects.filter(act=ConsentAct.GIVEN).exists()
    desk.draw().press("同意").told("已记录同意")
