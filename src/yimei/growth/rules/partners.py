"""Partners: what may be paid for, when codes count, what a month comes to. Plain values only."""

from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.errors import Missing, RuleBroken
from yimei.core.money import format_yuan, yuan
from yimei.growth.enums.partners import (
    AgreementStatus,
    PaperKind,
    PartnerBasis,
    PartnerKind,
    StatementStatus,
)

UNITS = frozenset({PartnerBasis.LEAD, PartnerBasis.VISIT})
LEAST_SHOWN = 5
"""A partner reads no count below this: it knows whom it sent, one customer would be recognised."""
MOST_FEE = Decimal(1_000_000)
"""Of a month; what a head may cost at most is the house's own number."""

HOUSE = gettext_lazy("院方默认，未核实：医托、回扣与商业贿赂的界限由法务确认")
REFUSED_BASES: Mapping[str, tuple[Promise, Promise]] = {
    "percent": (gettext_lazy("按客户消费的比例返佣"), HOUSE),
    "surgery": (gettext_lazy("按手术台数、项目金额给奖励"), HOUSE),
    "doctor": (gettext_lazy("给介绍客户的医务人员或其他个人"), HOUSE),
    "cash": (gettext_lazy("现金或账外支付；只付到合同所写的单位账户，如实入账"), HOUSE),
}
"""Ways of paying that the program has no field for, with the reason that the page shows."""

STATEMENT_MOVES: Mapping[StatementStatus, frozenset[StatementStatus]] = {
    StatementStatus.PROPOSED: frozenset({StatementStatus.APPROVED, StatementStatus.REFUSED}),
    StatementStatus.APPROVED: frozenset({StatementStatus.PAID}),
}
NEEDED: Mapping[PartnerKind, tuple[PaperKind, ...]] = {
    PartnerKind.BEAUTY: (PaperKind.LICENCE, PaperKind.HYGIENE, PaperKind.PROMISE),
}


def needed_papers(kind: PartnerKind) -> tuple[PaperKind, ...]:
    return NEEDED.get(kind, (PaperKind.LICENCE, PaperKind.PROMISE))


@dataclass(frozen=True)
class Agreement:
    """One version of what is paid, for the days on which it stands."""

    id: int
    basis: PartnerBasis
    fee: Decimal
    valid_from: date
    valid_to: date
    status: AgreementStatus = AgreementStatus.APPROVED

    def covers(self, day: date) -> bool:
        return self.status != AgreementStatus.DRAFT and self.valid_from <= day <= self.valid_to


@dataclass(frozen=True)
class Standing:
    """Everything that decides whether a partner's codes count on a day."""

    kind: PartnerKind
    papers: Mapping[PaperKind, date]
    agreements: Sequence[Agreement]
    is_ended: bool = False
    passes_data: bool = False
    party_refusal: str = ""
    units_allowed: bool = True
    """Whether the house lets a partner be paid by the head on that day."""


def missing(standing: Standing, day: date) -> list[Missing]:
    """Why customers who come by this partner would stand in no statement; nothing when they do."""
    found = []
    if standing.is_ended:
        found.append(Missing(_("合作已终止"), _("合同")))
    if not any(one.covers(day) for one in standing.agreements):
        found.append(Missing(_("在有效期内、经另一人批准的合同"), _("合同")))
    if is_unit_withdrawn(standing, day):
        found.append(Missing(_("院方现在不允许按人数付费，请改签按月的固定费用"), _("合同")))
    for paper in needed_papers(standing.kind):
        until = standing.papers.get(paper)
        if until is None:
            found.append(Missing(_("%(paper)s没有登记") % {"paper": paper.label}, _("资质")))
        elif until < day:
            words = {"paper": paper.label, "day": until.isoformat()}
            found.append(Missing(_("%(paper)s已于 %(day)s 到期") % words, _("资质")))
    if standing.passes_data and standing.party_refusal:
        found.append(Missing(standing.party_refusal, "《个人信息保护法》第二十三条", "desk:parties"))
    return found


def is_unit_withdrawn(standing: Standing, day: date) -> bool:
    """Whether the agreement of the day pays by the head although the house no longer lets it."""
    covering = [one for one in standing.agreements if one.covers(day)]
    return not standing.units_allowed and any(one.basis in UNITS for one in covering)


def check_terms(
    basis: PartnerBasis, fee: Decimal, start: date, end: date, *, units_allowed: bool, unit_most: Decimal
) -> None:
    """Refuse a basis or a fee that the house does not allow, and amounts and days that cannot be."""
    if basis in UNITS and not units_allowed:
        what = str(basis.label)
        raise RuleBroken(
            _("现在不允许按人数付费。可以约定按月的固定服务费或广告发布费。"),
            missing=[
                Missing(what, _("院方默认，未核实：院长可在增长设置里放开「渠道：允许按人数的推广费」"))
            ],
            code="basis",
        )
    if basis in UNITS and fee > unit_most:
        text = _("按人数的推广费每位最多 %(most)s。")
        raise RuleBroken(
            text % {"most": format_yuan(unit_most)},
            missing=[
                Missing(
                    _("不超过院方定的上限"),
                    _("院方默认，未核实：院长可在增长设置里改「渠道：按人数的推广费每位最多」"),
                )
            ],
            code="fee",
        )
    if not Decimal(0) < fee <= MOST_FEE:
        raise RuleBroken(_("请填写金额，最多 %(most)s。") % {"most": format_yuan(MOST_FEE)}, code="fee")
    if end < start:
        raise RuleBroken(_("到期日不能早于生效日。"), code="valid_to")


def month_of(day: date) -> tuple[date, date]:
    """First and last day of a month."""
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def next_month(day: date) -> date:
    return month_of(day)[1] + timedelta(days=1)


def fixed_fee(agreement: Agreement, month: date, standing_days: Collection[date]) -> Decimal:
    """The month's fee by the days on which contract and papers stood."""
    first, last = month_of(month)
    days = sum(1 for one in standing_days if first <= one <= last and agreement.covers(one))
    return yuan(agreement.fee * days / last.day) if days else Decimal(0)


def close(carried_in: Decimal, lines: Iterable[Decimal]) -> tuple[Decimal, Decimal, Decimal]:
    """Return the sum of a month, what is paid out, and what is carried on; nobody is billed for a minus."""
    total = sum(lines, Decimal(0))
    rest = carried_in + total
    return total, max(rest, Decimal(0)), min(rest, Decimal(0))


def check_statement_move(old: StatementStatus, new: StatementStatus) -> None:
    if new not in STATEMENT_MOVES.get(old, frozenset()):
        text = _("结算单是「%(old)s」，不能变为「%(new)s」。")
        raise RuleBroken(text % {"old": old.label, "new": new.label}, code="status")


def suppressed(counts: Sequence[int], *, least: int = LEAST_SHOWN) -> list[int | None]:
    """Counts as a partner may read them: small ones hidden, and never exactly one, or a sum would tell it."""
    shown: list[int | None] = [None if 0 < one < least else one for one in counts]
    hidden = [n for n, one in enumerate(shown) if one is None]
    if len(hidden) == 1:
        others = [(one, n) for n, one in enumerate(shown) if one]
        if others:
            shown[min(others)[1]] = None
    return shown


def shown_sum(counts: Sequence[int], *, least: int = LEAST_SHOWN) -> int | None:
    """The sum beside them; hidden when it is small, or when it would tell the one count that is hidden."""
    total, shown = sum(counts), suppressed(counts, least=least)
    if 0 < total < least or shown.count(None) == 1:
        return None
    return total
