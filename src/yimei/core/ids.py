"""Resident identity numbers (GB 11643): check, read, mask."""

import re
from datetime import date

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"


def check_id_no(text: str) -> str:
    """Return the number in its written form; refuse a wrong length, birth date or check digit."""
    number = re.sub(r"\s", "", text).upper()
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", number):
        raise RuleBroken(_("身份证号码应为 18 位，最后一位可以是 X。"), code="id_no")
    try:
        birth_date_of(number)
    except ValueError:
        raise RuleBroken(_("身份证号码里的出生日期不存在，请核对第 7 至 14 位。"), code="id_no") from None
    if number[-1] != check_digit(number[:17]):
        raise RuleBroken(_("身份证号码的校验位不对，请逐位核对。"), code="id_no")
    return number


def check_digit(first17: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(first17, WEIGHTS, strict=True))
    return CHECK_DIGITS[total % 11]


def birth_date_of(id_no: str) -> date:
    return date(int(id_no[6:10]), int(id_no[10:12]), int(id_no[12:14]))


def sex_of(id_no: str) -> str:
    """Return M or F."""
    return "M" if int(id_no[16]) % 2 else "F"


def mask_id_no(id_no: str) -> str:
    return f"{id_no[:3]}{'*' * 11}{id_no[-4:]}" if len(id_no) == 18 else "*" * len(id_no)
