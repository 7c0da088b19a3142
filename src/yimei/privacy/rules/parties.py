"""What a contract with a processor must hold, and when nothing may be sent (PIPL 20, 21, 23)."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.errors import Missing, RuleBroken
from yimei.privacy.enums.parties import PartyKind, PartyState

ARTICLE = "《个人信息保护法》第二十一条"
TERMS = {
    "purpose": gettext_lazy("处理目的"),
    "term": gettext_lazy("期限"),
    "method": gettext_lazy("处理方式"),
    "categories": gettext_lazy("个人信息种类"),
    "measures": gettext_lazy("保护措施"),
    "duties": gettext_lazy("双方权利义务"),
    "supervision": gettext_lazy("接受监督与审计"),
    "subprocessing": gettext_lazy("未经同意不得转委托"),
    "return": gettext_lazy("终止时返还或删除，不得保留"),
    "incident": gettext_lazy("发现事件立即报告"),
}
"""PIPL 21, NDR 12, and B-8 for the last one."""
DILIGENCE = {
    "licence": gettext_lazy("营业资质与行业许可已核对"),
    "mlps": gettext_lazy("等级保护或信息安全认证在有效期内"),
    "measures": gettext_lazy("加密、访问控制与日志措施已说明"),
    "staff": gettext_lazy("接触数据的人员有保密义务与培训"),
    "history": gettext_lazy("近三年无重大泄露或处罚，或已整改"),
    "location": gettext_lazy("数据存放地点已书面确认"),
    "deletion": gettext_lazy("能按要求返还或删除并出具证明"),
}
DUTIES = {
    "notice": gettext_lazy("告知与取得同意"),
    "requests": gettext_lazy("受理查阅、复制、更正、删除请求"),
    "complaints": gettext_lazy("受理投诉"),
    "security": gettext_lazy("保护措施与访问控制"),
    "incident": gettext_lazy("安全事件的通知与报告"),
    "liability": gettext_lazy("造成损害时的赔付与追偿"),
}
"""What joint handlers must agree on between themselves (PIPL 20)."""
JOINT = "《个人信息保护法》第二十条"
MOVES: Mapping[PartyState, frozenset[PartyState]] = {
    PartyState.DRAFT: frozenset({PartyState.ACTIVE, PartyState.ENDED}),
    PartyState.ACTIVE: frozenset({PartyState.SUSPENDED, PartyState.ENDED}),
    PartyState.SUSPENDED: frozenset({PartyState.ACTIVE, PartyState.ENDED}),
}


@dataclass(frozen=True)
class Facts:
    """What the register says about one party."""

    name: str
    kind: PartyKind
    state: PartyState
    country: str
    valid_to: date | None
    next_review_on: date | None
    has_transfer: bool = False
    """A released transfer abroad covers it."""


def check_code(code: str) -> str:
    """The name by which interfaces ask; the same letters everywhere."""
    word = code.strip().lower()
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,39}", word):
        raise RuleBroken(_("编码用 2 至 40 个小写字母、数字、点或横线，例如 sms.aliyun。"), code="code")
    return word


def check_country(country: str) -> str:
    word = country.strip().upper()
    if not re.fullmatch(r"[A-Z]{2}", word):
        raise RuleBroken(_("国家或地区填两位代码，例如 CN、HK、US。"), code="country")
    return word


def check_move(old: PartyState, new: PartyState) -> None:
    if new not in MOVES.get(old, frozenset()):
        text = _("合作方不能从「%(old)s」变为「%(new)s」。")
        raise RuleBroken(text % {"old": old.label, "new": new.label}, code="state")


def missing_to_start(
    facts: Facts,
    *,
    terms: Collection[str],
    diligence: Collection[str],
    holdings: Collection[str],
    consent_purpose: str,
    on: date,
    duties: Collection[str] = (),
) -> list[Missing]:
    """What must be there before anything is sent."""
    found = []
    absent = [str(TERMS[code]) for code in TERMS if code not in terms]
    if facts.kind != PartyKind.RECIPIENT and absent:
        found.append(Missing(_("合同条款：%(all)s") % {"all": "、".join(absent)}, ARTICLE))
    unasked = [str(DILIGENCE[code]) for code in DILIGENCE if code not in diligence]
    if unasked:
        found.append(Missing(_("尽职调查：%(all)s") % {"all": "、".join(unasked)}, ARTICLE))
    if not holdings:
        found.append(Missing(_("提供哪些信息"), "《个人信息保护法》第二十三条"))
    if facts.valid_to is None or facts.valid_to < on:
        found.append(Missing(_("在有效期内的合同"), ARTICLE))
    if facts.kind == PartyKind.RECIPIENT and not consent_purpose:
        found.append(Missing(_("单独同意的目的"), "《个人信息保护法》第二十三条"))
    unagreed = [str(DUTIES[code]) for code in DUTIES if code not in duties]
    if facts.kind == PartyKind.JOINT and unagreed:
        found.append(Missing(_("约定由谁负责：%(all)s") % {"all": "、".join(unagreed)}, JOINT))
    return found


def not_passed(names: Collection[str]) -> list[Missing]:
    """The joint handlers who have not been told of a request yet: the person may turn to any of them."""
    return [Missing(_("把请求转告共同处理者「%(name)s」") % {"name": name}, JOINT) for name in names]


def not_agreed(titles: Collection[str], *, name: str) -> list[Missing]:
    """The kinds of data that the contract does not name (PIPL 21, 23)."""
    if not titles:
        return []
    what = _("与「%(name)s」约定提供的信息里没有：%(all)s") % {"name": name, "all": "、".join(titles)}
    return [Missing(what, ARTICLE, "desk:parties")]


def not_consented(count: int, *, name: str) -> list[Missing]:
    """The persons who have not agreed to a recipient who decides by itself (PIPL 23)."""
    if not count:
        return []
    what = _("%(count)d 人没有单独同意向「%(name)s」提供，或同意时的告知没有写明它") % {
        "count": count,
        "name": name,
    }
    return [Missing(what, "《个人信息保护法》第二十三条")]


def reason_not_to_send(facts: Facts | None, *, code: str, on: date) -> Missing | None:
    """Why nothing may be sent to this party today; nothing when it may."""
    where = "desk:parties"
    if facts is None:
        return Missing(_("接收方「%(code)s」未登记") % {"code": code}, ARTICLE, where)
    name = {"name": facts.name}
    if facts.state != PartyState.ACTIVE:
        return Missing(_("「%(name)s」未获批准或已停止合作") % name, ARTICLE, where)
    if facts.valid_to is None or facts.valid_to < on:
        return Missing(_("与「%(name)s」的合同已到期") % name, ARTICLE, where)
    if facts.next_review_on is None or facts.next_review_on < on:
        return Missing(_("「%(name)s」的年度复核已逾期") % name, ARTICLE, where)
    if facts.country != "CN" and not facts.has_transfer:
        return Missing(
            _("「%(name)s」存放在境外，没有放行的出境活动") % name,
            "《个人信息保护法》第三十八条、第三十九条",
            "desk:transfers",
        )
    return None
