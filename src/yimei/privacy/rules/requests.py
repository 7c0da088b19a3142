"""How a request moves, by when it must be answered, and what must be proved first (PIPL 44–50)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from yimei.core.clock import local_date, local_day
from yimei.core.errors import Missing, RuleBroken
from yimei.hospital.enums import DayKind
from yimei.hospital.rules.calendar import add_workdays
from yimei.privacy.enums import Decision, IdentityMethod, Refusal, Requester, RequestKind, Unit
from yimei.privacy.enums import RequestStatus as Status
from yimei.privacy.rules.erasure import add_months

MOVES: Mapping[Status, frozenset[Status]] = {
    Status.RECEIVED: frozenset({Status.VERIFIED, Status.UNPROVED, Status.CANCELLED, Status.OUTGROWN}),
    Status.VERIFIED: frozenset({Status.DECIDED, Status.CANCELLED, Status.OUTGROWN}),
    Status.DECIDED: frozenset({Status.ANSWERED, Status.VERIFIED, Status.CANCELLED, Status.OUTGROWN}),
}
OPEN = frozenset(MOVES)
"""The clock runs."""

ERASING = frozenset({RequestKind.DELETE, RequestKind.CLOSE})
SHARED = frozenset(
    {
        RequestKind.CORRECT,
        RequestKind.DELETE,
        RequestKind.RESTRICT,
        RequestKind.WITHDRAW,
        RequestKind.CLOSE,
    }
)
"""What every handler of the same data must do as well."""
GIVING = frozenset({RequestKind.ACCESS, RequestKind.COPY})

PROOFS: Mapping[Requester, frozenset[IdentityMethod]] = {
    Requester.SELF: frozenset({IdentityMethod.ID_CARD, IdentityMethod.CALL_BACK}),
    Requester.GUARDIAN: frozenset({IdentityMethod.GUARDIAN_PAPERS}),
    Requester.RELATIVE: frozenset({IdentityMethod.KINSHIP_PAPERS}),
    Requester.AGENT: frozenset({IdentityMethod.MANDATE}),
}
LIGHT = frozenset({RequestKind.WITHDRAW, RequestKind.EXPLAIN, RequestKind.RESTRICT, RequestKind.COMPLAIN})
"""Harm nobody when the wrong person asks: a call back to the registered number is proof enough."""

BY_CODE = frozenset({IdentityMethod.CODE, IdentityMethod.CODE_ID})
"""What the privacy centre has proved by itself; never chosen by hand."""

OF_THE_DEAD = frozenset({RequestKind.ACCESS, RequestKind.COPY, RequestKind.CORRECT, RequestKind.DELETE})
"""What close relatives may ask for (PIPL 49)."""

REMEDY_ARTICLE = "《个人信息保护法》第五十条、第六十五条"
REFUSAL_ARTICLES: Mapping[Refusal, str] = {
    Refusal.NOT_YOURS: "《网络数据安全管理条例》第二十五条",
    Refusal.EXCESSIVE: "《网络数据安全管理条例》第二十五条",
    Refusal.NOT_HELD: "《个人信息保护法》第四十五条",
    Refusal.ACCURATE: "《个人信息保护法》第四十六条",
    Refusal.ARRANGED: "《个人信息保护法》第四十九条",
    Refusal.DISPUTE: "《个人信息保护法》第四十七条第二款",
}
CORRECTABLE = ("name", "phone", "id_no", "birth_date", "sex")
"""What the identity itself holds; everything else in a record is set right by an addendum."""


@dataclass(frozen=True)
class Deadline:
    """One line of the table of deadlines."""

    value: int
    hard_stop: int
    unit: Unit


@dataclass(frozen=True)
class Clock:
    """When a request must be answered, when it may not wait any longer, and how sure that is (T-2)."""

    due_at: datetime
    hard_stop_at: datetime
    is_provisional: bool


def one_with(kind: RequestKind) -> frozenset[RequestKind]:
    """Return the kinds of which one may run at a time: deleting and closing the account end in the same."""
    return ERASING if kind in ERASING else frozenset({kind})


def open_moves(status: Status) -> frozenset[Status]:
    return MOVES.get(status, frozenset())


def check_move(old: Status, new: Status) -> None:
    if new not in open_moves(old):
        text = _("请求不能从「%(old)s」变为「%(new)s」。")
        raise RuleBroken(text % {"old": old.label, "new": new.label}, code="request-move")


def due(received_at: datetime, rule: Deadline, table: Mapping[date, DayKind] | None = None) -> Clock:
    """Return when to answer and the hard stop: the end of that local day.

    ``table`` is the State Council's calendar; a year that it does not hold makes the clock provisional.
    """
    day, known = local_date(received_at), table or {}
    (first, is_guessed), (last, is_guessed_later) = (
        _later(day, count, rule.unit, known) for count in (rule.value, rule.hard_stop)
    )
    return Clock(local_day(first)[1], local_day(last)[1], is_guessed or is_guessed_later)


def check_extension(
    until: date, *, due_at: datetime, hard_stop_at: datetime, reason: str, now: datetime
) -> None:
    """Refuse an extension that comes too late, says nothing, or goes beyond the hard stop."""
    if not reason.strip():
        raise RuleBroken(_("请写明延长的理由，答复时须告知本人。"), code="reason")
    if now >= due_at:
        raise RuleBroken(_("已超过期限，不能再延长，请立即答复。"), code="until")
    end = local_day(until)[1]
    if not due_at < end <= hard_stop_at:
        text = _("只能延长到 %(day)s 之前（含当日）。")
        last = local_date(hard_stop_at - timedelta(seconds=1))
        raise RuleBroken(text % {"day": f"{last:%Y-%m-%d}"}, code="until")


def methods_for(kind: RequestKind, requester: Requester) -> list[IdentityMethod]:
    """Which proofs suffice; what hands out or destroys data asks for papers."""
    allowed = PROOFS[requester]
    if requester != Requester.SELF:
        return [method for method in IdentityMethod if method in allowed]
    if kind not in LIGHT:
        allowed -= {IdentityMethod.CALL_BACK}
    return [method for method in IdentityMethod if method in allowed]


def check_identity(kind: RequestKind, requester: Requester, method: IdentityMethod) -> None:
    if method not in methods_for(kind, requester):
        words = "、".join(str(allowed.label) for allowed in methods_for(kind, requester))
        raise RuleBroken(_("这类请求须以下列方式核验身份：%(how)s。") % {"how": words}, code="method")


def suffices(kind: RequestKind, method: IdentityMethod) -> bool:
    """Whether what the centre proved is enough: a code for what harms nobody, the number for the rest."""
    return method == IdentityMethod.CODE_ID or (method == IdentityMethod.CODE and kind in LIGHT)


def check_requester(
    requester: Requester, *, kind: RequestKind, proof: str, statement: str, is_minor: bool, has_guardian: bool
) -> None:
    """Say what somebody who speaks for another must bring (PIPL 31, 49)."""
    if requester == Requester.RELATIVE and kind not in OF_THE_DEAD:
        text = _("近亲属可以请求查阅、复制、更正、删除（个人信息保护法第四十九条）。")
        raise RuleBroken(text, code="kind")
    missing = []
    if requester != Requester.SELF and not proof.strip():
        missing.append(Missing(_("请求人的姓名与证明材料"), "《个人信息保护法》第四十九条、第五十条"))
    if requester == Requester.RELATIVE and not statement.strip():
        missing.append(Missing(_("近亲属自身的合法、正当利益"), "《个人信息保护法》第四十九条"))
    if requester == Requester.GUARDIAN and not (is_minor and has_guardian):
        missing.append(Missing(_("客户未成年，且监护人已登记并核对"), "《个人信息保护法》第三十一条"))
    if missing:
        raise RuleBroken(_("请求还不能受理。"), missing=missing, code="requester")


def check_not_restricted(since: datetime | None) -> None:
    """A restriction that stands already has stopped everything that another could stop."""
    if since is not None:
        text = _("已自 %(day)s 起限制处理：可选用途已经停止，还在办理的事项办完后自动封存，不用再次提出。")
        raise RuleBroken(text % {"day": f"{local_date(since):%Y-%m-%d}"}, code="kind")


def check_still_guardian(requester: Requester, *, is_minor: bool) -> None:
    """A guardian's rights end on the eighteenth birthday, also in the middle of a request (T-4, M-4)."""
    if requester == Requester.GUARDIAN and not is_minor:
        text = _(
            "本人已年满 18 周岁，监护人不再代为行使权利；请撤销本请求，由本人另行提出"
            "（《民法典》第十七条、第十八条）。"
        )
        raise RuleBroken(text, code="guardian")


def check_wish(kind: RequestKind, *, wanted: Mapping[str, str], about: Collection[str], details: str) -> None:
    """A correction says what is wrong and what is right; a complaint and an addendum say it in words."""
    if unknown := set(wanted) - set(CORRECTABLE):
        raise RuleBroken(
            _("不能更正的资料：%(names)s。") % {"names": "、".join(sorted(unknown))}, code="wanted"
        )
    if kind == RequestKind.CORRECT and not wanted and not about:
        raise RuleBroken(_("请填写要更正的资料，或选择要补充的病历。"), code="wanted")
    if (about or kind == RequestKind.COMPLAIN) and not details.strip():
        raise RuleBroken(_("请写明哪里不对、应当是什么。"), code="details")


def check_decision(kind: RequestKind, decision: Decision, *, refusal: str, reply: str) -> None:
    """A refusal gives its reason; an explanation and a correction say in words what was done."""
    if (decision == Decision.REFUSED) != bool(refusal):
        raise RuleBroken(_("不同意时须选择理由，同意时不选。"), code="refusal")
    speaks = decision == Decision.REFUSED or kind in {
        RequestKind.EXPLAIN,
        RequestKind.CORRECT,
        RequestKind.COMPLAIN,
    }
    if speaks and not reply.strip():
        raise RuleBroken(_("请用平实的话写给请求人：依据、结论与做法。"), code="reply")


def remedy() -> str:
    """What every answer tells the person (PIPL 50)."""
    return _(
        "您对本答复不服的，可以向履行个人信息保护职责的部门投诉、举报，也可以依法向人民法院提起诉讼"
        "（%(article)s）。"
    ) % {"article": REMEDY_ARTICLE}


def _later(day: date, count: int, unit: Unit, table: Mapping[date, DayKind]) -> tuple[date, bool]:
    """Return the day a while later, and whether a year without a calendar had to be guessed."""
    if unit == Unit.WORKDAYS:
        return add_workdays(day, count, table)
    return (add_months(day, count) if unit == Unit.MONTHS else day + timedelta(days=count)), False
