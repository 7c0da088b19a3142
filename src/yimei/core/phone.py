"""Telephone numbers in one written form: +, country code, digits."""

import re
import unicodedata

import phonenumbers
from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken

MOBILE = re.compile(r"1[2-9]\d{9}")
LANDLINE = re.compile(r"0[1-9]\d{1,2}[2-9]\d{6,7}")


def normalise(text: str) -> str:
    """Return the number as +8613800000000; refuse what nobody could dial."""
    compact = re.sub(r"[\s\-‐-―()./·]", "", unicodedata.normalize("NFKC", text))
    national = re.sub(r"^(?:\+86|0086|86(?=1\d{10}$))", "", compact)
    if MOBILE.fullmatch(national):
        return f"+86{national}"
    if LANDLINE.fullmatch(national):
        return f"+86{national[1:]}"
    if compact.startswith(("+", "00")) and national == compact:
        return _abroad("+" + compact.removeprefix("+").removeprefix("00"))
    raise _refused()


def _abroad(number: str) -> str:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        raise _refused() from None
    if not phonenumbers.is_possible_number(parsed):
        raise _refused()
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _refused() -> RuleBroken:
    text = _("电话号码不正确：请填写 11 位手机号、带区号的座机号，或以 + 开头的国外号码。")
    return RuleBroken(text, code="phone")


def takes_texts(number: str) -> bool:
    """Whether a normalised number is a mobile of this country, to which a text message may be sent."""
    return number.startswith("+86") and MOBILE.fullmatch(number.removeprefix("+86")) is not None


def mask(phone: str) -> str:
    digits = phone.removeprefix("+86").removeprefix("+")
    if len(digits) < 8:
        return "*" * len(digits)
    return f"{digits[:3]}****{digits[-4:]}"


def last4(phone: str) -> str:
    return phone[-4:]
