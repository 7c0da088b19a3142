"""Referrals (老带新): what may be thanked with, when, for whom; what looks like fraud. Plain values only."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.errors import Missing, RuleBroken
from yimei.growth.enums.referrals import ReferralFlag, ReferralStatus, ThanksKind, ThanksSide

S, F = ReferralStatus, ReferralFlag
LEVELS = 2
"""Referrer, friend, her friend: nobody stands further down; thanks go to the direct referrer alone."""
MOST_POINTS = 1_000
LEAST_SHOWN = 3
"""Counts below this are not shown to a referrer: one friend alone would be recognised."""

MOVES: Mapping[ReferralStatus, frozenset[ReferralStatus]] = {
    S.OPEN: frozenset({S.REVIEW, S.REFUSED, S.THANKED, S.ENDED}),
    S.REVIEW: frozenset({S.OPEN, S.REFUSED, S.ENDED}),
    S.REFUSED: frozenset({S.ENDED}),
    S.THANKED: frozenset({S.REVERSED, S.ENDED}),
}
HARD = frozenset({F.SELF, F.KNOWN, F.CIRCLE, F.DEEP})
"""What no reviewer may let through."""

PYRAMID = gettext_lazy("《禁止传销条例》第七条（据公开转载，待法务核实）")
REVIEW_LAW = gettext_lazy("《广告法》第二十八条；《医疗广告管理办法》第七条")
BRIBE = gettext_lazy("院方默认，未核实：参照《反不正当竞争法》关于商业贿赂的规定，由法务确认")

REFUSED_THANKS: Mapping[str, tuple[Promise, Promise]] = {
    "cash": (gettext_lazy("现金、红包、转账"), BRIBE),
    "percent": (gettext_lazy("按朋友的消费提成、返佣"), BRIBE),
    "review": (gettext_lazy("以写好评、发图文、配合宣传为条件"), REVIEW_LAW),
    "levels": (gettext_lazy("朋友再推荐的人也算给上一层"), PYRAMID),
}
"""Forms that no policy may have, whoever writes it, with the reason that the page shows."""
CONDITIONS = frozenset({"paid_visit"})


@dataclass(frozen=True)
class Gift:
    """What one side gets; points and benefits need a membership, a coupon an offer that runs."""

    kind: ThanksKind
    value: str


@dataclass(frozen=True)
class Policy:
    """One version of the rules of thanks."""

    gifts: Mapping[ThanksSide, Gift]
    cooling_days: int
    min_paid: Decimal
    window_days: int
    owed_days: int
    per_year: int
    code_days: int


@dataclass(frozen=True)
class Facts:
    """What is known at the moment at which a friend uses a code."""

    same_person: bool = False
    known_before: bool = False
    is_circle: bool = False
    depth: int = 1
    same_phone: bool = False
    has_staff: bool = False
    from_place: int = 0
    within_day: int = 0
    burst: int = 5
    places: int = 2


@dataclass(frozen=True)
class Money:
    """What a friend has paid and got back, and whether she was here."""

    first_paid_at: datetime | None
    net: Decimal
    has_visited: bool


NOTHING_PAID = Money(None, Decimal(0), has_visited=False)

NUMBERS: Mapping[str, tuple[int, int]] = {
    "cooling_days": (1, 90),
    "window_days": (7, 730),
    "owed_days": (7, 365),
    "per_year": (1, 24),
    "code_days": (30, 730),
}


def read(content: Mapping[str, Any]) -> Policy:
    """Read a version; refuse what the law or the house does not let a hospital promise."""
    refuse_forbidden(content)
    numbers = {name: _whole(content, name, *bounds) for name, bounds in NUMBERS.items()}
    gifts = {side: gift for side in ThanksSide if (gift := _gift(content.get(side.value))) is not None}
    if not gifts:
        raise RuleBroken(_("请写明至少一方得到什么。"), code="referrer_kind")
    return Policy(gifts=gifts, min_paid=_yuan(content), **numbers)


def refuse_forbidden(content: Mapping[str, Any]) -> None:
    """Name every forbidden form with its reason; a form that is not known is forbidden too."""
    asked: set[str] = set()
    for side in ThanksSide:
        kind = (content.get(side.value) or {}).get("kind", "none")
        if kind not in {*ThanksKind.values, "none"}:
            asked.add(kind if kind in REFUSED_THANKS else "cash")
    if content.get("condition", "paid_visit") not in CONDITIONS:
        asked.add("review")
    if content.get("levels", 1) != 1:
        asked.add("levels")
    if asked:
        missing = [Missing(str(REFUSED_THANKS[one][0]), str(REFUSED_THANKS[one][1])) for one in sorted(asked)]
        raise RuleBroken(
            _("推荐感谢不能这样给。可以给积分、会员权益或优惠券。"), missing=missing, code="kind"
        )


def flags_of(facts: Facts) -> list[ReferralFlag]:
    """Everything that looks wrong, in a fixed order."""
    wrong = {
        F.SELF: facts.same_person,
        F.KNOWN: facts.known_before,
        F.CIRCLE: facts.is_circle,
        F.DEEP: facts.depth > LEVELS,
        F.SAME_PHONE: facts.same_phone,
        F.STAFF: facts.has_staff,
        F.PLACE: facts.from_place >= facts.places,
        F.BURST: facts.within_day >= facts.burst,
    }
    return [flag for flag in F if wrong[flag]]


def first_status(flags: Collection[ReferralFlag]) -> ReferralStatus:
    """Hard findings close it, soft ones wait for a person; a machine alone refuses nobody for a suspicion."""
    if HARD & set(flags):
        return S.REFUSED
    return S.REVIEW if flags else S.OPEN


def check_move(old: ReferralStatus, new: ReferralStatus) -> None:
    if new not in MOVES.get(old, frozenset()):
        text = _("这条推荐是「%(old)s」，不能变为「%(new)s」。")
        raise RuleBroken(text % {"old": old.label, "new": new.label}, code="status")


def is_due(money: Money, policy: Policy, *, tied_at: datetime, now: datetime) -> bool:
    """Whether thanks are earned: she came, paid enough after the code was used, and has had time to think."""
    paid = money.first_paid_at
    if paid is None or not money.has_visited or paid < tied_at or money.net <= 0:
        return False
    in_time = paid <= tied_at + timedelta(days=policy.window_days)
    return in_time and money.net >= policy.min_paid and now >= paid + timedelta(days=policy.cooling_days)


def is_over(money: Money, policy: Policy, *, tied_at: datetime, now: datetime) -> bool:
    """Whether no thanks can come any more: nothing paid in time, or too little for as long once more."""
    window = timedelta(days=policy.window_days)
    paid = money.first_paid_at
    is_late = paid is None or not tied_at <= paid <= tied_at + window or money.net <= 0
    last = tied_at + (window if is_late else 2 * window) + timedelta(days=policy.cooling_days)
    return now > last and not is_due(money, policy, tied_at=tied_at, now=now)


def is_undone(money: Money, min_paid: Decimal) -> bool:
    """Whether refunds took away what the thanks were for."""
    return money.net <= 0 or money.net < min_paid


def shown_count(count: int) -> str:
    """A count as a referrer may read it."""
    if count == 0:
        return "0"
    return str(count) if count >= LEAST_SHOWN else _("少于 %(n)d 人") % {"n": LEAST_SHOWN}


def _gift(value: Any) -> Gift | None:
    kind = (value or {}).get("kind", "none")
    if kind == "none":
        return None
    text = str(value.get("value", "")).strip()
    if kind == ThanksKind.POINTS and not (text.isdecimal() and 1 <= int(text[:9]) <= MOST_POINTS):
        raise RuleBroken(_("积分应为 1 到 %(most)d。") % {"most": MOST_POINTS}, code="value")
    if not text:
        raise RuleBroken(_("请选择给什么。"), code="value")
    return Gift(ThanksKind(kind), text[:60])


def _whole(content: Mapping[str, Any], name: str, low: int, high: int) -> int:
    value = content.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise RuleBroken(_("应为 %(low)d 到 %(high)d。") % {"low": low, "high": high}, code=name)
    return value


def _yuan(content: Mapping[str, Any]) -> Decimal:
    try:
        amount = Decimal(str(content.get("min_paid", "")))
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or not Decimal(0) <= amount <= Decimal(1_000_000):
        raise RuleBroken(_("请填写金额，0 为不限。"), code="min_paid")
    return amount.quantize(Decimal("0.01"))
