"""What a version of the members' rules says: tiers, points, benefits; the same for everybody (PIPL 24)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.utils.translation import gettext as _

from yimei.core.clock import add_years
from yimei.core.errors import Missing, RuleBroken
from yimei.core.money import yuan

MOST_TIERS, MOST_BENEFITS, MOST_TIMES = 8, 12, 99
GRACE_DAYS = 30
"""Points that come back are good for at least so long."""


@dataclass(frozen=True)
class Benefit:
    """Something a tier gives so many times a year."""

    code: str
    name: str
    times: int


@dataclass(frozen=True)
class Tier:
    """One step: from which spending, how many per cent of the points, which benefits."""

    code: str
    name: str
    threshold: Decimal
    rate: int
    benefits: tuple[Benefit, ...] = ()


@dataclass(frozen=True)
class Policy:
    """One version of the rules; tiers from the lowest up."""

    tiers: tuple[Tier, ...]
    window_months: int
    points_per_yuan: int
    points_to_yuan: int
    most_percent: int
    valid_months: int

    def tier(self, code: str) -> Tier:
        return next((one for one in self.tiers if one.code == code), self.tiers[0])

    def tier_of(self, spent: Decimal) -> Tier:
        return [one for one in self.tiers if one.threshold <= max(spent, Decimal(0))][-1]

    def next_tier(self, code: str) -> Tier | None:
        place = self.tiers.index(self.tier(code))
        return self.tiers[place + 1] if place + 1 < len(self.tiers) else None

    def is_above(self, code: str, other: str) -> bool:
        return self.tiers.index(self.tier(code)) > self.tiers.index(self.tier(other))

    def points_of(self, amount: Decimal, tier_code: str) -> int:
        """Points of money that stayed; parts of a point are dropped, for her never against her twice."""
        exact = max(amount, Decimal(0)) * self.points_per_yuan * self.tier(tier_code).rate / 100
        return int(exact.to_integral_value(ROUND_DOWN))

    def worth(self, points: int) -> Decimal:
        return yuan((Decimal(points) / self.points_to_yuan).quantize(Decimal("0.01"), ROUND_DOWN))

    def most_points(self, amount: Decimal, balance: int) -> int:
        """How many points a bill can take: a share of it, and whole fen only."""
        share = (amount * self.most_percent / 100).quantize(Decimal("0.01"), ROUND_DOWN)
        step = self.step
        return min(int(share * self.points_to_yuan), balance) // step * step

    @property
    def step(self) -> int:
        """The fewest points that make whole fen."""
        return max(1, self.points_to_yuan // 100)


@dataclass(frozen=True)
class Lot:
    """Points that came together and what is left of them."""

    id: int
    rest: int
    expires_on: date


def read(content: Mapping[str, Any]) -> Policy:
    """Read a version; everything that is wrong with it is named at once."""
    faults: list[str] = []
    tiers: list[Tier] = []
    for row in content.get("tiers", []):
        benefits = tuple(
            Benefit(str(b.get("code", "")), str(b.get("name", "")).strip(), _whole(b.get("times")))
            for b in row.get("benefits", [])
        )
        tiers.append(
            Tier(
                code=str(row.get("code", "")),
                name=str(row.get("name", "")).strip(),
                threshold=yuan(str(row.get("from", 0))),
                rate=_whole(row.get("rate")),
                benefits=benefits,
            )
        )
    policy = Policy(
        tiers=tuple(tiers),
        window_months=_whole(content.get("window_months")),
        points_per_yuan=_whole(content.get("points_per_yuan")),
        points_to_yuan=_whole(content.get("points_to_yuan")),
        most_percent=_whole(content.get("most_percent")),
        valid_months=_whole(content.get("valid_months")),
    )
    faults += _faults(policy)
    if faults:
        missing = [Missing(fault, _("会员规则")) for fault in faults]
        raise RuleBroken(_("会员规则还不能发布。"), missing=missing, code="policy")
    return policy


def _faults(policy: Policy) -> Iterable[str]:
    tiers = policy.tiers
    if not 1 <= len(tiers) <= MOST_TIERS:
        yield _("等级应有 1 到 %(most)d 个") % {"most": MOST_TIERS}
        return
    if tiers[0].threshold != 0:
        yield _("最低一级的消费门槛应为 0，人人可以入会")
    if [one.threshold for one in tiers] != sorted({one.threshold for one in tiers}):
        yield _("各级的消费门槛应逐级升高")
    if len({one.code for one in tiers}) < len(tiers) or not all(one.code for one in tiers):
        yield _("等级编码不能为空或重复")
    for tier in tiers:
        if not 0 < len(tier.name) <= 20:
            yield _("每个等级要有 20 字以内的名称")
        if not 1 <= tier.rate <= 1000:
            yield _("「%(name)s」的积分倍率应在 1% 到 1000% 之间").replace("%(name)s", tier.name)
        if len(tier.benefits) > MOST_BENEFITS:
            yield _("「%(name)s」的权益最多 %(most)d 项") % {"name": tier.name, "most": MOST_BENEFITS}
        codes = [one.code for one in tier.benefits]
        if len(set(codes)) < len(codes) or not all(codes):
            yield _("「%(name)s」的权益编码不能为空或重复") % {"name": tier.name}
        for one in tier.benefits:
            if not 0 < len(one.name) <= 30 or not 1 <= one.times <= MOST_TIMES:
                yield _("「%(name)s」的每项权益要有名称，每年 1 到 %(most)d 次") % {
                    "name": tier.name,
                    "most": MOST_TIMES,
                }
                break
    if not 1 <= policy.window_months <= 60:
        yield _("统计消费的时间应在 1 到 60 个月之间")
    if not 0 <= policy.points_per_yuan <= 100:
        yield _("每元积分应在 0 到 100 之间")
    if not 1 <= policy.points_to_yuan <= 100_000:
        yield _("多少积分抵一元应在 1 到 100000 之间")
    if not 0 <= policy.most_percent <= 100:
        yield _("积分抵扣的上限应在 0 到 100% 之间")
    if not 1 <= policy.valid_months <= 120:
        yield _("积分有效期应在 1 到 120 个月之间")


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else -1


def allocate(lots: Sequence[Lot], wanted: int) -> list[tuple[int, int]]:
    """Take points from what expires first; (lot, points) pairs that add up to what is wanted."""
    taken = []
    for lot in sorted(lots, key=lambda lot: (lot.expires_on, lot.id)):
        part = min(lot.rest, wanted)
        if part > 0:
            taken.append((lot.id, part))
            wanted -= part
    if wanted > 0:
        raise RuleBroken(_("积分不足。"), code="points")
    return taken


def check_spend(points: int, *, policy: Policy, amount: Decimal, balance: int) -> None:
    if points <= 0:
        raise RuleBroken(_("请填写要使用的积分。"), code="points")
    if points > balance:
        raise RuleBroken(_("积分不足，现有 %(balance)d 分。") % {"balance": balance}, code="points")
    if points % policy.step:
        raise RuleBroken(_("积分须是 %(step)d 的倍数。") % {"step": policy.step}, code="points")
    most = policy.most_points(amount, balance)
    if points > most:
        text = _("这份报价最多可用 %(most)d 分（不超过金额的 %(percent)d%%）。")
        raise RuleBroken(text % {"most": most, "percent": policy.most_percent}, code="points")


def fair_end(day: date, today: date, days: int = GRACE_DAYS) -> date:
    """The last day of points that come back: as it was, or a while from today."""
    return max(day, date.fromordinal(today.toordinal() + days))


def months_on(day: date, months: int) -> date:
    """The same day some months later, or the last of that month; the period includes the day before it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has a 28th")


def year_on(day: date) -> date:
    return add_years(day, 1)
