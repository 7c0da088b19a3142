"""Names, birth dates and identity numbers as people type them."""

from datetime import date

import pytest

from yimei.core.errors import RuleBroken
from yimei.people.enums import Sex
from yimei.people.rules import identity

TODAY = date(2026, 6, 16)
ID_NO = "11010519491231002X"
"""The example number of GB 11643: a woman born on 31 December 1949."""


def clean(**given: object) -> identity.Identity:
    values = {"name": "林晓雨", "phone_no": "", "id_no": "", "birth_date": None, "sex": "", "today": TODAY}
    return identity.clean(**{**values, **given})  # type: ignore[arg-type]


def test_an_identity_number_tells_birth_date_and_sex() -> None:
    who = clean(id_no="110105 19491231 002x")
    assert (who.id_no, who.birth_date, who.sex) == (ID_NO, date(1949, 12, 31), Sex.FEMALE)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"id_no": "110105194912310021"}, "校验位"),
        ({"id_no": "110105194913310021"}, "出生日期不存在"),
        ({"id_no": ID_NO, "birth_date": date(1950, 1, 1)}, "出生日期与身份证号码不一致"),
        ({"id_no": ID_NO, "sex": "M"}, "性别与身份证号码不一致"),
        ({"birth_date": date(2026, 6, 17)}, "不能晚于今天"),
        ({"birth_date": date(1899, 12, 31)}, "1900"),
        ({"name": "  "}, "请填写姓名"),
        ({"name": "林" * 61}, "不能超过 60 个字"),
        ({"name": "林" * 10_000_000}, "不能超过 60 个字"),
        ({"name": "林晓雨😀"}, "😀"),
        ({"name": "林<b>"}, "<"),
        ({"phone_no": "12345"}, "电话号码不正确"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(given: dict[str, object], sentence: str) -> None:
    with pytest.raises(RuleBroken, match=sentence):
        clean(**given)


@pytest.mark.parametrize(
    "name", ["𠮷田", "林㛃", "阿依古丽·买买提", "Anna Smith", "O'Neil", "李〇", "\U00031350明", "王\ue863"]
)
def test_rare_characters_stay_as_they_are(name: str) -> None:
    assert clean(name=name).name == name


def test_born_today_is_no_future() -> None:
    assert clean(birth_date=TODAY).birth_date == TODAY


def test_a_file_needs_phone_birth_date_and_sex() -> None:
    assert [m.what for m in identity.missing_for_file(clean())] == ["手机", "出生日期", "性别"]
    assert identity.missing_for_file(clean(phone_no="12000000001", id_no=ID_NO)) == []


def test_file_numbers_carry_year_and_serial() -> None:
    assert identity.file_no(2026, 7) == "ZX2026000007"
    assert identity.file_no(2026, 1_234_567) == "ZX20261234567"
