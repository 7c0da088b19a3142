"""Who earned a deal: facts and one version of the rules give shares with reasons, to the fen.

Every yuan that came and stayed is somebody's, the hospital's when nobody else's; a refund takes back from
those who had it, in the parts in which they had it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.core.money import split
from yimei.growth.enums import CreditOrigin, CreditParty, DeedKind
from yimei.growth.rules.credit_rules import SHARED, CreditRules, occasion_label

Party = CreditParty
ONLINE = (DeedKind.HELD_ONLINE, DeedKind.TALKED, DeedKind.BOOKED)
ONSITE = (DeedKind.HELD_ONSITE, DeedKind.CONSULTED, DeedKind.QUOTED)
ZERO = Decimal(0)


@dataclass(frozen=True)
class Deed:
    """One thing that somebody did for a customer; a stretch of ownership has an end or none yet."""

    kind: DeedKind
    staff: str
    at: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class Paid:
    """Money that moved; negative is a refund."""

    code: str
    at: datetime
    amount: Decimal


@dataclass(frozen=True)
class Deal:
    """One order with everything that speaks about whose it is."""

    code: str
    at: datetime
    due: Decimal
    source: str
    known_at: datetime
    is_first: bool
    deeds: tuple[Deed, ...]
    paid: tuple[Paid, ...]

    @property
    def net(self) -> Decimal:
        return sum((one.amount for one in self.paid), ZERO)


@dataclass(frozen=True)
class Line:
    """Who gets how many per cent of a deal, and why; nobody as ``staff`` is the channel or the hospital."""

    party: CreditParty
    staff: str
    percent: Decimal
    reason: str

    @property
    def holder(self) -> tuple[str, str]:
        return str(self.party), self.staff


@dataclass(frozen=True)
class Share:
    """One line's part of one payment; without a moment it waits for the whole price."""

    payment: str
    at: datetime | None
    line: Line
    amount: Decimal


def credit(deal: Deal, rules: CreditRules, ruling: Sequence[Line] = ()) -> list[Share]:
    """Share every payment of a deal among those who earned it; a ruling stands above the rules."""
    among = list(ruling) or lines(deal, rules)
    check_whole(among)
    had = [ZERO] * len(among)
    settled = _settled(deal, rules)
    found = []
    for paid in sorted(deal.paid, key=lambda one: (one.at, one.code)):
        weights = [one.percent for one in among]
        if paid.amount < 0 and sum(had) > 0:
            weights = had
        parts = split(paid.amount, weights)
        had = [before + part for before, part in zip(had, parts, strict=True)]
        at = max(paid.at, settled) if settled else None
        found += [Share(paid.code, at, line, part) for line, part in zip(among, parts, strict=True) if part]
    return found


def lines(deal: Deal, rules: CreditRules) -> list[Line]:
    """Who gets how much of a deal by the rules alone."""
    origin = rules.origin_of(deal.source)
    occasion = "first" if deal.is_first else "again"
    wanted = {party: part for party in SHARED if (part := rules.percents[occasion, origin][party])}
    head = _("%(occasion)s · %(origin)s") % {"occasion": occasion_label(occasion), "origin": origin.label}
    found, missing = [], {}
    for party, percent in wanted.items():
        claim = _claims(party, deal, rules, origin)
        if claim is None:
            missing[party] = percent
        else:
            staff, why = claim
            found.append(Line(party, staff, Decimal(percent), f"{head}：{why}"))
    return _with_unclaimed(found, missing, rules, head)


def check_whole(among: Iterable[Line]) -> None:
    percents = [one.percent for one in among]
    if sum(percents) != 100 or min(percents) <= 0:
        raise RuleBroken(_("各方比例合计应为 100%%，每一方都大于 0。") % {}, code="percents")


def by_holder(shares: Iterable[Share]) -> dict[tuple[str, str], Decimal]:
    """What each got in all, of shares that count."""
    total: dict[tuple[str, str], Decimal] = {}
    for one in shares:
        if one.at is not None:
            total[one.line.holder] = total.get(one.line.holder, ZERO) + one.amount
    return total


def difference(
    old: Mapping[tuple[str, str], Decimal], new: Mapping[tuple[str, str], Decimal]
) -> list[tuple[tuple[str, str], Decimal, Decimal]]:
    """Who would have had what by old and new rules, the greatest change first; changes add up to nothing."""
    rows = [(one, old.get(one, ZERO), new.get(one, ZERO)) for one in old.keys() | new.keys()]
    return sorted(rows, key=lambda row: (-abs(row[2] - row[1]), row[0]))


def check_appeal(*, staff: str, deal: Deal, rules: CreditRules, now: datetime) -> None:
    """Whoever did something for this customer may appeal, as long as the days run."""
    if all(one.staff != staff for one in deal.deeds):
        raise RuleBroken(_("成交前没有您跟进或接待这位客户的记录，不能申诉。"), code="party")
    if not deal.paid:
        raise RuleBroken(_("这笔订单还没有收款，没有可申诉的业绩。"), code="party")
    last = max(one.at for one in deal.paid)
    if now > last + timedelta(days=rules.appeal_days):
        text = _("最后一笔收退款已过 %(n)d 天，申诉期已过。")
        raise RuleBroken(text % {"n": rules.appeal_days}, code="party")


def _settled(deal: Deal, rules: CreditRules) -> datetime | None:
    """From when on the money of a deal counts: at once, or when the whole price was there."""
    if not deal.paid or rules.deposits == "at_once":
        return min((one.at for one in deal.paid), default=None)
    run = ZERO
    for paid in sorted(deal.paid, key=lambda one: (one.at, one.code)):
        run += paid.amount
        if run >= deal.due:
            return paid.at
    return None


def _claims(
    party: CreditParty, deal: Deal, rules: CreditRules, origin: CreditOrigin
) -> tuple[str, str] | None:
    if party == Party.ONLINE:
        return _online(deal, rules)
    if party == Party.ONSITE:
        return _onsite(deal, rules)
    days = rules.channel_days if party == Party.CHANNEL else rules.referral_days
    if deal.at <= deal.known_at + timedelta(days=days):
        words = {"day": _day(deal.known_at), "n": days, "origin": origin.label}
        return "", _("%(day)s 由%(origin)s带来，成交在 %(n)d 天内") % words
    return None


def _online(deal: Deal, rules: CreditRules) -> tuple[str, str] | None:
    near = _near(deal, ONLINE, rules.online_days)
    if not near:
        return None
    booked = [one for one in near if one.kind == DeedKind.BOOKED]
    if rules.online_by == "booked" and booked:
        last = max(booked, key=_late)
        return last.staff, _("%(day)s 由其约来到诊") % {"day": _day(last.at)}
    if rules.online_by == "first":
        first = min(near, key=lambda one: (one.at, one.staff))
        return first.staff, _("%(day)s 起最先跟进") % {"day": _day(first.at)}
    last = max(near, key=_late)
    return last.staff, _("成交前最后跟进的网电（%(day)s 起）") % {"day": _day(last.at)}


def _onsite(deal: Deal, rules: CreditRules) -> tuple[str, str] | None:
    near = _near(deal, ONSITE, rules.onsite_days)
    if not near:
        return None
    if rules.onsite_by == "closing":
        quoted = [one for one in near if one.kind == DeedKind.QUOTED]
        last = max(quoted or near, key=_late)
        words = {"day": _day(last.at), "kind": last.kind.label}
        return last.staff, _("%(day)s %(kind)s") % words
    met = [one for one in near if one.kind == DeedKind.CONSULTED] or near
    first = min(met, key=lambda one: (one.at, one.staff))
    shown = {"day": _day(first.at), "n": rules.onsite_days}
    return first.staff, _("首诊制：%(day)s 首次接待，成交在 %(n)d 天内") % shown


def _near(deal: Deal, kinds: tuple[DeedKind, ...], days: int) -> list[Deed]:
    """What was done before the deal and not too long ago; what one still held counts until the deal."""
    start = deal.at - timedelta(days=days)
    return [
        one
        for one in deal.deeds
        if one.kind in kinds and one.at <= deal.at and (_end(one) or deal.at) >= start
    ]


def _end(deed: Deed) -> datetime | None:
    is_stretch = deed.kind in {DeedKind.HELD_ONLINE, DeedKind.HELD_ONSITE}
    return deed.until if is_stretch else deed.at


def _late(deed: Deed) -> tuple[datetime, str]:
    return deed.at, deed.staff


def _with_unclaimed(
    found: list[Line], missing: Mapping[CreditParty, int], rules: CreditRules, head: str
) -> list[Line]:
    """Give what nobody can claim to those who can, or to the hospital."""
    left = sum(missing.values())
    if not left:
        return found
    names = "、".join(str(party.label) for party in missing)
    if rules.unclaimed == "house" or not found:
        why = _("没有够条件的%(names)s，这部分归院方") % {"names": names}
        return [*found, Line(Party.HOUSE, "", Decimal(left), f"{head}：{why}")]
    parts = split(Decimal(left), [one.percent for one in found])
    why = _("没有够条件的%(names)s，其份额按比例分给其余各方") % {"names": names}
    return [
        Line(one.party, one.staff, one.percent + part, f"{one.reason}；{why}")
        for one, part in zip(found, parts, strict=True)
    ]


def _day(moment: datetime) -> str:
    return f"{local_date(moment):%Y-%m-%d}"
