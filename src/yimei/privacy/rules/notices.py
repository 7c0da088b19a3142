"""What a notice must say before anybody may see it (PIPL 17, NDR 21), and its canonical text."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TypedDict

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.errors import Missing, RuleBroken
from yimei.privacy.enums import Audience


class Section(TypedDict):
    code: str
    title: str
    paragraphs: list[str]


ORDER = (
    "brief", "handler", "guardian", "purposes", "methods", "collected", "sensitive",
    "retention", "period_end", "shared", "rights", "voluntary", "incident",
)  # fmt: skip

WRITTEN = frozenset({"brief", "purposes", "retention", "collected", "shared"})
"""What nobody types: it follows from the register and the data map."""

RECEIVERS = "接收方："
"""What stands in a purpose's printed line before those outside the house who receive the data."""

NEVER_ABROAD = "不向境外提供"
"""What the shipped notices say; true only while no transfer is released."""

ITEMS: Mapping[str, object] = {
    "brief": gettext_lazy("一分钟摘要"),
    "handler": gettext_lazy("处理者的名称与联系方式"),
    "purposes": gettext_lazy("处理目的"),
    "methods": gettext_lazy("处理方式"),
    "collected": gettext_lazy("收集清单（个人信息的种类）"),
    "sensitive": gettext_lazy("处理敏感个人信息的必要性与对个人的影响"),
    "retention": gettext_lazy("保存期限"),
    "period_end": gettext_lazy("期满后的处理"),
    "shared": gettext_lazy("共享清单（接收方）"),
    "rights": gettext_lazy("行使权利的方式"),
}
FOR_MINORS: Mapping[str, object] = {"guardian": gettext_lazy("监护人同意与专门规则")}


def missing_items(sections: Sequence[Section], audience: Audience) -> tuple[Missing, ...]:
    """Name every item that the law asks for and the text does not have."""
    said = {section["code"] for section in sections if any(text.strip() for text in section["paragraphs"])}
    law = _("《个人信息保护法》第十七条；《网络数据安全管理条例》第二十一条")
    missing = [Missing(str(name), law) for code, name in ITEMS.items() if code not in said]
    if audience == Audience.MINOR:
        child_law = _("《个人信息保护法》第三十一条")
        missing += [Missing(str(name), child_law) for code, name in FOR_MINORS.items() if code not in said]
    return tuple(missing)


def check_complete(sections: Sequence[Section], audience: Audience, *, abroad: Sequence[str] = ()) -> None:
    missing = missing_items(sections, audience) + contradictions(sections, abroad)
    if missing:
        text = _("告知还不能发布，缺少：%(what)s。") % {"what": "；".join(item.what for item in missing)}
        raise RuleBroken(text, missing=missing, code="notice-incomplete")


def renews(
    old: Sequence[Section],
    new: Sequence[Section],
    lines: Mapping[str, str],
    collected: Mapping[str, Sequence[str]],
) -> tuple[str, ...] | None:
    """Which purposes must be agreed to anew: whose line reads differently, or that collect a category more.

    ``lines`` is the line of each purpose as it is now, in the words of the old text where only words were
    changed since; ``collected`` is what each that was told before collects now. Another method concerns
    them all: None. What is no longer collected, and who no longer receives, asks nobody.
    """
    was, now = ({one["code"]: one["paragraphs"] for one in body} for body in (old, new))
    if sorted(was.get("methods", ())) != sorted(now.get("methods", ())):
        return None
    told, known = was.get("purposes", ()), _kinds(was.get("collected", ()))
    return tuple(
        code
        for code, line in lines.items()
        if not _is_told(line, told) or _kinds(collected.get(code, ())) - known
    )


def _is_told(line: str, told: Sequence[str]) -> bool:
    """Whether a purpose was told in these words, with at least these receivers."""
    words, _mark, receivers = line.partition(RECEIVERS)
    return any(
        words == before and _each(receivers) <= _each(known)
        for before, _mark, known in (one.partition(RECEIVERS) for one in told)
    )


def _each(receivers: str) -> set[str]:
    return set(receivers.removesuffix("。").split("；")) - {""}


def _kinds(lines: Sequence[str]) -> set[str]:
    """What a list says is collected, without what for and how long: those have lines of their own."""
    return {line.split("；用于")[0] for line in lines}


def contradictions(sections: Sequence[Section], abroad: Sequence[str]) -> tuple[Missing, ...]:
    """A text that denies what the register of transfers lets happen (PIPL 17, 39)."""
    if not abroad or not any(NEVER_ABROAD in text for one in sections for text in one["paragraphs"]):
        return ()
    text = _("改掉「%(words)s」：%(what)s 已放行")
    what = text % {"words": NEVER_ABROAD, "what": "、".join(f"「{title}」" for title in abroad)}
    return (Missing(what, "《个人信息保护法》第十七条、第三十九条", "desk:transfers"),)


def in_order(sections: Sequence[Section]) -> list[Section]:
    """Put the sections in the order in which people read them; unknown ones come last."""
    place = {code: index for index, code in enumerate(ORDER)}
    return sorted(sections, key=lambda section: place.get(section["code"], len(place)))


def digest(
    *,
    code: str,
    version: int,
    audience: str,
    title: str,
    sections: Sequence[Section],
    purposes: Sequence[str],
) -> str:
    """Return the sha256 of the one written form of a notice."""
    written = {
        "audience": audience,
        "code": code,
        "purposes": sorted(purposes),
        "sections": list(sections),
        "title": title,
        "version": version,
    }
    text = json.dumps(written, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
