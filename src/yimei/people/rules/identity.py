"""What may stand in somebody's identity, and what an identity number says about the rest."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from yimei.core import ids, names, phone
from yimei.core.errors import Missing, RuleBroken
from yimei.people.enums import Sex

NAME_LIMIT = 60
EARLIEST_BIRTH = date(1900, 1, 1)
NAME_PUNCTUATION = frozenset(" ·'’-.〇")
LETTERS = frozenset({"L", "M"})
UNKNOWN_TO_THIS_PYTHON = frozenset({"Cn", "Co"})
"""Characters newer than the Unicode tables at hand, and the private ones of old name systems: kept."""


@dataclass(frozen=True)
class Identity:
    """Who somebody is, every value in its one written form."""

    name: str
    phone: str = ""
    id_no: str = ""
    birth_date: date | None = None
    sex: Sex = Sex.UNKNOWN


def clean(
    *, name: str, phone_no: str, id_no: str, birth_date: date | None, sex: str, today: date
) -> Identity:
    """Return the identity in its written form; the identity number decides birth date and sex."""
    number = ids.check_id_no(id_no) if id_no.strip() else ""
    chosen = Sex(sex) if sex else Sex.UNKNOWN
    if number:
        born, sex_by_number = ids.birth_date_of(number), Sex(ids.sex_of(number))
        if birth_date not in {None, born}:
            raise RuleBroken(_("出生日期与身份证号码不一致，请核对。"), code="birth_date")
        if chosen not in {Sex.UNKNOWN, sex_by_number}:
            raise RuleBroken(_("性别与身份证号码不一致，请核对。"), code="sex")
        birth_date, chosen = born, sex_by_number
    if birth_date is not None:
        check_birth_date(birth_date, today)
    return Identity(
        name=clean_name(name),
        phone=phone.normalise(phone_no) if phone_no.strip() else "",
        id_no=number,
        birth_date=birth_date,
        sex=chosen,
    )


def check_given(wanted: Mapping[str, str], *, today: date) -> None:
    """Refuse single values that no identity can hold; whether they fit the rest is seen later."""
    if "name" in wanted:
        clean_name(wanted["name"])
    if "phone" in wanted:
        phone.normalise(wanted["phone"])
    if "id_no" in wanted:
        ids.check_id_no(wanted["id_no"])
    if "birth_date" in wanted:
        check_birth_date(date.fromisoformat(wanted["birth_date"]), today)


def clean_name(text: str) -> str:
    """Return the name; rare characters stay as they are, what no name can hold is named and refused."""
    if len(text) > 10 * NAME_LIMIT:
        raise _too_long()
    name = names.normalise(text)
    if not name:
        raise RuleBroken(_("请填写姓名。"), code="name")
    if len(name) > NAME_LIMIT:
        raise _too_long()
    for char in name:
        if not _fits_a_name(char):
            raise RuleBroken(_("姓名里有不能使用的字符「%(char)s」，请改正。") % {"char": char}, code="name")
    return name


def check_birth_date(birth_date: date, today: date) -> None:
    if birth_date > today:
        raise RuleBroken(_("出生日期不能晚于今天。"), code="birth_date")
    if birth_date < EARLIEST_BIRTH:
        raise RuleBroken(_("出生日期不能早于 1900 年，请核对。"), code="birth_date")


def check_one_file(files: Sequence[str], *, is_other: bool) -> None:
    """One person has one file: a file with the same name and telephone is looked at first."""
    if files and not is_other:
        text = _(
            "姓名和手机都相同的客户已有档案 %(files)s（一人一档，《医疗机构病历管理规定》第七条）。"
            "是同一位就用原档案现场到诊；是另一位请勾选后建档。"
        )
        raise RuleBroken(text % {"files": "、".join(files)}, code="is_other")


def missing_for_file(identity: Identity) -> list[Missing]:
    """Return what 建档 still needs."""
    why = _("建档必填")
    wanted = [
        (_("手机"), identity.phone),
        (_("出生日期"), identity.birth_date),
        (_("性别"), "" if identity.sex == Sex.UNKNOWN else identity.sex),
    ]
    return [Missing(what, why) for what, value in wanted if not value]


def file_no(year: int, serial: int) -> str:
    return f"ZX{year}{serial:06d}"


def _fits_a_name(char: str) -> bool:
    category = unicodedata.category(char)
    return char in NAME_PUNCTUATION or category[0] in LETTERS or category in UNKNOWN_TO_THIS_PYTHON


def _too_long() -> RuleBroken:
    return RuleBroken(_("姓名不能超过 %(limit)d 个字。") % {"limit": NAME_LIMIT}, code="name")
