"""Personal details in Chinese text: found with their places, and masked."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from yimei.privacy.rules.pii.addresses import find_addresses
from yimei.privacy.rules.pii.entities import Entity, Kind, without_overlaps
from yimei.privacy.rules.pii.names import find_names
from yimei.privacy.rules.pii.numbers import find_numbers

__all__ = ["Entity", "Kind", "find", "mask"]

LABELS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.NAME: "姓名",
        Kind.PHONE: "电话",
        Kind.LANDLINE: "座机",
        Kind.ID_NO: "身份证号",
        Kind.PASSPORT: "护照号",
        Kind.HM_PERMIT: "通行证号",
        Kind.BANK_CARD: "银行卡号",
        Kind.EMAIL: "邮箱",
        Kind.ADDRESS: "地址",
        Kind.WECHAT: "微信号",
        Kind.PLATE: "车牌",
        Kind.RECORD_NO: "病历号",
        Kind.DATE_OF_BIRTH: "出生日期",
    }
)

SURE_NUMBER = 0.9


def find(text: str, *, at_least: float = 0.5) -> list[Entity]:
    """Return what points at a person, in order of place, without overlaps.

    伍, 陆 and 柒 are surnames as well: inside a number that is sure they are digits.
    """
    numbers = list(find_numbers(text))
    is_digit = bytearray(len(text))
    for one in numbers:
        if one.score >= SURE_NUMBER:
            is_digit[one.start : one.end] = b"\1" * (one.end - one.start)
    names = [one for one in find_names(text) if not all(is_digit[one.start : one.end])]
    found = [*numbers, *find_addresses(text), *names]
    return [entity for entity in without_overlaps(found) if entity.score >= at_least]


def mask(text: str, *, only: Collection[Kind] = tuple(Kind), at_least: float = 0.5) -> str:
    """Return the text with each detail replaced by what it was: 〔姓名〕, 〔电话〕."""
    pieces, at = [], 0
    for entity in find(text, at_least=at_least):
        if entity.kind in only:
            pieces += [text[at : entity.start], f"〔{LABELS[entity.kind]}〕"]
            at = entity.end
    return "".join([*pieces, text[at:]])
