"""What a plan says, its fingerprint, and what changed between two versions."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.core.money import format_yuan
from yimei.journey.enums import PlanStatus
from yimei.people.rules.capacity import GUARDIAN_CONSENT, Capacity

MOVES: Mapping[PlanStatus, frozenset[PlanStatus]] = {
    PlanStatus.DRAFT: frozenset({PlanStatus.FINAL}),
    PlanStatus.FINAL: frozenset({PlanStatus.CHOSEN, PlanStatus.SUPERSEDED}),
    PlanStatus.CHOSEN: frozenset({PlanStatus.SUPERSEDED, PlanStatus.FINAL}),
}
"""A chosen option is only offered again when the customer takes another one."""

OPTIONS = ("A", "B", "C")
"""As many as somebody can weigh against each other."""
IMPLANT_SLOTS = ("name", "maker", "model", "size", "count")
MAX_ITEMS = 3
MAX_IMPLANTS = 4


@dataclass(frozen=True)
class Content:
    """All that a signature under a plan covers, in words."""

    procedure: str
    side: str
    anaesthesia: str
    surgeon: str
    surgeon_id: UUID
    sites: str
    also: str
    implants: str
    alternatives: str
    doing_nothing: str
    risks: str
    price: Decimal


@dataclass(frozen=True)
class Difference:
    """One item that reads differently in two versions."""

    label: str
    old: str
    new: str


def labels() -> dict[str, str]:
    return {
        "procedure": _("项目"),
        "side": _("部位侧"),
        "anaesthesia": _("麻醉"),
        "surgeon": _("主诊医师"),
        "sites": _("部位与设计"),
        "also": _("同台项目"),
        "implants": _("植入物与材料"),
        "alternatives": _("替代方案"),
        "doing_nothing": _("不做手术"),
        "risks": _("主要风险"),
        "price": _("价格"),
    }


def fingerprint(content: Content, *, version: int) -> str:
    """SHA-256 over the canonical JSON of one version; any change of content changes it."""
    body = {key: str(value) for key, value in asdict(content).items()} | {"version": version}
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def differences(old: Content, new: Content) -> tuple[Difference, ...]:
    return tuple(
        Difference(label, shown(old, name) or _("无"), shown(new, name) or _("无"))
        for name, label in labels().items()
        if getattr(old, name) != getattr(new, name)
    )


def shown(content: Content, name: str) -> str:
    """Return one item in words; blank where there is nothing."""
    value = getattr(content, name)
    return format_yuan(value) if isinstance(value, Decimal) else str(value)


def prefill(sections: Sequence[Mapping[str, Any]], words: Sequence[str]) -> str:
    """Return the paragraphs of a document's sections whose title holds one of the words."""
    found = [section for section in sections if any(word in str(section["title"]) for word in words)]
    return "\n".join(str(text) for section in found for text in section["paragraphs"])


def check_move(old: PlanStatus, new: PlanStatus) -> None:
    if new not in MOVES.get(old, frozenset()):
        text = _("方案不能从「%(old)s」变为「%(new)s」。")
        raise RuleBroken(text % {"old": old.label, "new": new.label})


def check_complete(content: Content) -> None:
    """Alternatives and risks must be told (民法典 第一千二百一十九条)."""
    empty = [
        label
        for name, label in labels().items()
        if name in {"alternatives", "doing_nothing", "risks"} and not getattr(content, name)
    ]
    if empty:
        raise RuleBroken(_("请先写明：%(what)s（民法典第一千二百一十九条）。") % {"what": "、".join(empty)})


def check_fresh(written_against: int | None, newest: int) -> None:
    """A version is written with the newest one in sight."""
    if written_against is not None and written_against != newest:
        text = _("您编写期间，方案已更新为 v%(newest)d。请看与您所见版本的差别，核对后再定稿。")
        raise RuleBroken(text % {"newest": newest}, code="stale")


def check_option(option: str, *, known: set[str]) -> None:
    """Options are opened one after the other: B beside A, C beside A and B."""
    if option not in OPTIONS or (option not in known and option != OPTIONS[min(len(known), 2)]):
        raise RuleBroken(_("选项只能按 A、B、C 依次添加。"), code="option")


def implant_lines(items: Sequence[Mapping[str, str]]) -> list[str]:
    """Return each implant in one line: name, maker, model, size, how many."""
    lines = []
    for item in items:
        words = [item.get(name, "") for name in ("name", "maker", "model", "size")]
        count = _("× %(count)s") % {"count": item["count"]} if item.get("count") else ""
        lines.append(" ".join(word for word in (*words, count) if word))
    return lines


def check_implants(items: Sequence[Mapping[str, str]]) -> None:
    """What stays in a body has a maker, a model and a size before anybody signs for it."""
    for item in items:
        lacking = [name for name in ("name", "maker", "model", "size") if not item.get(name, "").strip()]
        if lacking:
            words = {"name": _("名称"), "maker": _("厂家"), "model": _("型号"), "size": _("规格")}
            told = "、".join(words[name] for name in lacking)
            raise RuleBroken(_("植入物还缺：%(what)s。") % {"what": told}, code="implants")


def read_budget(text: str) -> Decimal | None:
    """Return the sum in what a customer said of her budget (一万左右, 2 万以内), None where there is none."""
    plain = "".join(text.split()).replace(",", "").replace("，", "").lower()
    found = [_sum(each) for each in BUDGET.finditer(plain)]
    sums = [each for each in found if each is not None and each >= 100]
    return max(sums, default=None)


BUDGET = re.compile(r"(\d+(?:\.\d+)?|[一二两三四五六七八九十]+)(万|千|w|k)?")
DIGITS = {word: number for number, word in enumerate("一二三四五六七八九十", start=1)} | {"两": 2}
UNITS = {"万": 10000, "w": 10000, "千": 1000, "k": 1000}


def _sum(found: re.Match[str]) -> Decimal | None:
    number, unit = found[1], found[2] or ""
    if number[0].isdigit():
        return Decimal(number) * UNITS.get(unit, 1)
    if not unit:
        return None
    tens, _ten, ones = number.rpartition("十") if "十" in number else ("", "", number)
    if "十" in number:
        value = (DIGITS.get(tens, 1) if tens else 1) * 10 + (DIGITS.get(ones, 0) if ones else 0)
    else:
        value = DIGITS.get(number[-1], 0)  # 三五千: at most the last of them
    return Decimal(value * UNITS[unit])


def check_budget(price: Decimal, budget: Decimal | None, *, is_told: bool) -> None:
    """Nobody chooses above her own budget without having been told so (反强制消费)."""
    if budget is not None and price > budget and not is_told:
        text = _("方案价格 %(price)s 超出客户说过的预算 %(budget)s，请当面说明后勾选「已说明超出预算」。")
        told = {"price": format_yuan(price), "budget": format_yuan(budget)}
        raise RuleBroken(text % told, code="told_over_budget")


def check_chooser(
    capacity: Capacity, *, is_signed: bool, has_guardian: bool, words: str, is_spoken: bool = False
) -> None:
    """Who may not decide alone does not choose by word of mouth: the guardian signs, and she is heard.

    《医疗美容服务管理办法》第二十条; her own will counts as far as she can form one (民法典 第三十五条).
    """
    if capacity == Capacity.FULL:
        return
    if is_spoken or not is_signed:
        text = _("客户不具有完全民事行为能力，不能口头选定：须由监护人签名选定（%(article)s）。")
        raise RuleBroken(text % {"article": GUARDIAN_CONSENT}, code="signature")
    if not has_guardian:
        raise RuleBroken(_("请选择是哪一位监护人签名。"), code="guardian_id")
    if capacity == Capacity.LIMITED and not words.strip():
        text = _("请记下客户本人的意愿：监护人作决定须尊重其真实意愿（民法典第三十五条）。")
        raise RuleBroken(text, code="words")


def check_talk(*, talked_at: datetime, finalised_at: datetime, now: datetime) -> None:
    """The talk is about a finished plan and before the signature."""
    if talked_at < finalised_at:
        raise RuleBroken(_("谈话时间早于方案定稿，请在方案定稿后谈话。"))
    if talked_at > now:
        raise RuleBroken(_("谈话时间不能在现在之后。"))
