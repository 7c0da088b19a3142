"""What a plan says, its fingerprint, and what changed between two versions."""

import hashlib
import json
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

MOVES: Mapping[PlanStatus, frozenset[PlanStatus]] = {
    PlanStatus.DRAFT: frozenset({PlanStatus.FINAL}),
    PlanStatus.FINAL: frozenset({PlanStatus.CHOSEN, PlanStatus.SUPERSEDED}),
    PlanStatus.CHOSEN: frozenset({PlanStatus.SUPERSEDED}),
}


@dataclass(frozen=True)
class Content:
    """All that a signature under a plan covers, in words."""

    procedure: str
    side: str
    anaesthesia: str
    surgeon: str
    surgeon_id: UUID
    sites: str
    implants: str
    alternatives: str
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
        "implants": _("植入物与材料"),
        "alternatives": _("替代方案"),
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
        Difference(label, _shown(old, name), _shown(new, name))
        for name, label in labels().items()
        if getattr(old, name) != getattr(new, name)
    )


def whole(content: Content) -> tuple[Difference, ...]:
    """Return a first version as a difference from nothing."""
    return tuple(Difference(label, _("无"), _shown(content, name)) for name, label in labels().items())


def _shown(content: Content, name: str) -> str:
    value = getattr(content, name)
    return format_yuan(value) if isinstance(value, Decimal) else str(value) or _("无")


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
        if name in {"alternatives", "risks"} and not getattr(content, name)
    ]
    if empty:
        raise RuleBroken(_("请先写明：%(what)s（民法典第一千二百一十九条）。") % {"what": "、".join(empty)})


def check_fresh(written_against: int | None, newest: int) -> None:
    """A version is written with the newest one in sight."""
    if written_against is not None and written_against != newest:
        text = _("您编写期间，方案已更新为 v%(newest)d。请看与您所见版本的差别，核对后再定稿。")
        raise RuleBroken(text % {"newest": newest}, code="stale")


def check_talk(*, talked_at: datetime, finalised_at: datetime, now: datetime) -> None:
    """The talk is about a finished plan and before the signature."""
    if talked_at < finalised_at:
        raise RuleBroken(_("谈话时间早于方案定稿，请在方案定稿后谈话。"))
    if talked_at > now:
        raise RuleBroken(_("谈话时间不能在现在之后。"))
