"""What a purpose must say, what changes it at heart, and what that undoes (PIPL 6, 13, 14, 55)."""

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.errors import Missing, RuleBroken
from yimei.privacy.enums import Basis, ConsentMode, PurposeStanding, Trigger

DECLARED = (Trigger.AUTOMATED, Trigger.SHARE, Trigger.PUBLISH, Trigger.ABROAD, Trigger.MAJOR)
"""What a hospital says of a purpose; sensitive data and a new purpose are seen by the program itself."""
ALWAYS = ("basis", "mode", "is_sensitive", "triggers")
"""Another ground, another kind of consent, more sensitive data, another situation: another processing."""
WORDS = ("name", "description")
"""How a purpose is told; the rest is what is told."""
LABELS: Mapping[str, Any] = {
    "name": gettext_lazy("名称"),
    "description": gettext_lazy("说明"),
    "basis": gettext_lazy("法律依据"),
    "mode": gettext_lazy("同意方式"),
    "is_sensitive": gettext_lazy("涉及敏感个人信息"),
    "triggers": gettext_lazy("须评估的情形"),
    "retention": gettext_lazy("保存期限"),
    "article": gettext_lazy("条款"),
}


def check_code(code: str) -> str:
    word = code.strip().lower()
    if not re.fullmatch(r"[a-z][a-z0-9._-]{1,39}", word):
        text = _("编码用 2 至 40 个小写字母、数字、点或横线，以字母开头，例如 face.queue。")
        raise RuleBroken(text, code="code")
    return word


def check(values: Mapping[str, Any]) -> None:
    """A purpose says plainly what for, and rests on exactly one ground with its article."""
    missing = []
    if len(values["name"].strip()) < 2:
        missing.append(Missing(_("名称"), "《个人信息保护法》第六条"))
    if len(values["description"].strip()) < 10:
        missing.append(Missing(_("用来做什么，至少 10 个字"), "《个人信息保护法》第六条、第十七条"))
    if not values["article"].strip():
        missing.append(Missing(_("依据的条款"), "《个人信息保护法》第十三条"))
    if missing:
        raise RuleBroken(_("目的还不完整。"), missing=missing, code="whole")
    if values["basis"] != Basis.CONSENT and values["mode"]:
        text = _("不以同意为依据的，不写同意方式（个人信息保护法第十三条第二款）。")
        raise RuleBroken(text, code="mode")
    if unknown := set(values["triggers"]) - set(DECLARED):
        raise RuleBroken(
            _("没有这种情形：%(what)s。") % {"what": "、".join(sorted(unknown))}, code="triggers"
        )
    wanted = {Trigger.SHARE, Trigger.PUBLISH, Trigger.ABROAD} & set(values["triggers"])
    if values["basis"] == Basis.CONSENT and wanted and values["mode"] == ConsentMode.GENERAL:
        text = _("「%(what)s」须取得单独同意（个人信息保护法第二十三条、第二十五条、第三十九条）。")
        raise RuleBroken(
            text % {"what": "、".join(str(Trigger(each).label) for each in sorted(wanted))}, code="mode"
        )


def standing(*, is_active: bool, assess_by: date | None, closed_at: datetime | None) -> PurposeStanding:
    """Switched off, in use, in use until a day unless its assessment is signed, or closed since that day."""
    if not is_active:
        return PurposeStanding.OFF
    if closed_at is not None:
        return PurposeStanding.CLOSED
    return PurposeStanding.LIVE if assess_by is None else PurposeStanding.WAITS


def is_material(changed: Collection[str], *, only_words: bool) -> bool:
    """Whether the processing is another one; a new description is, unless somebody stands for its words."""
    return bool(set(ALWAYS) & set(changed)) or ("description" in changed and not only_words)
