"""A sentence in the languages that a questionnaire speaks, and the small readers of its file."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
LONGEST = 400


@dataclass(frozen=True)
class Words:
    """Chinese always, English where it was written; read in the language of whoever reads."""

    zh: str = ""
    en: str = ""

    def __str__(self) -> str:
        return self.en if self.en and (get_language() or "").startswith("en") else self.zh

    def __bool__(self) -> bool:
        return bool(self.zh)


NOTHING = Words()
"""Words that were not written."""


def wrong(where: str, what: str) -> RuleBroken:
    """Say what is wrong in a definition and where it stands."""
    return RuleBroken(
        _("问卷定义有误（%(where)s）：%(what)s") % {"where": where, "what": what}, code="definition"
    )


def mapping(value: Any, where: str, *, known: Iterable[str]) -> Mapping[str, Any]:
    """Return an object of the file; a key that nobody reads is a slip of its author and refused."""
    if not isinstance(value, dict):
        raise wrong(where, _("应是一个对象"))
    if unknown := sorted(set(value) - set(known)):
        raise wrong(where, _("不认识的键 %(keys)s") % {"keys": "、".join(map(str, unknown))})
    return value


def rows(value: Any, where: str, *, most: int, least: int = 0) -> list[Any]:
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise wrong(where, _("应是 %(least)d 到 %(most)d 项的列表") % {"least": least, "most": most})
    return value


def words(value: Any, where: str, *, required: bool = True) -> Words:
    if value in (None, "") and not required:
        return Words()
    if isinstance(value, str):
        value = {"zh": value}
    found = mapping(value, where, known=("zh", "en"))
    zh, en = (found.get(language, "") for language in ("zh", "en"))
    if not isinstance(zh, str) or not isinstance(en, str) or not zh.strip():
        raise wrong(where, _("缺少中文"))
    if max(len(zh), len(en)) > LONGEST:
        raise wrong(where, _("文字超过 %(most)d 个字") % {"most": LONGEST})
    return Words(zh.strip(), en.strip())


def name(value: Any, where: str) -> str:
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise wrong(where, _("编号只用小写字母、数字与下划线，以字母开头"))
    return value


def number(value: Any, where: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise wrong(where, _("应是一个数"))
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        raise wrong(where, _("应是一个数")) from None
    if not found.is_finite() or abs(found) > 10**9:
        raise wrong(where, _("数超出范围"))
    return found


def flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise wrong(where, _("应是 true 或 false"))
    return value
