"""When a patient may leave the recovery room: score, vital signs steady long enough, escort, written advice.

Limits are unverified defaults of the field (Aldrete ≥ 9, SpO₂ > 95 %, steady ≥ 30 minutes): 待临床确认.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _

from yimei.core.errors import Missing, RuleBroken


class Vitals(Protocol):
    """One observation; pressures in mmHg, rates per minute, temperature in °C, pain 0–10, score 0–10."""

    @property
    def at(self) -> datetime: ...
    @property
    def systolic(self) -> int: ...
    @property
    def diastolic(self) -> int: ...
    @property
    def pulse(self) -> int: ...
    @property
    def respiration(self) -> int: ...
    @property
    def spo2(self) -> int: ...
    @property
    def temperature(self) -> Decimal: ...
    @property
    def pain(self) -> int: ...

    @property
    def aldrete(self) -> int: ...


@dataclass(frozen=True)
class Limits:
    """The band in which vital signs count as steady, and for how long they must stay in it."""

    aldrete: int = 9
    spo2: int = 96
    systolic: tuple[int, int] = (90, 160)
    diastolic: tuple[int, int] = (50, 100)
    pulse: tuple[int, int] = (50, 110)
    respiration: tuple[int, int] = (10, 24)
    temperature: tuple[Decimal, Decimal] = (Decimal("36.0"), Decimal("37.8"))
    pain: int = 4
    steady_for: timedelta = timedelta(minutes=30)
    longest_gap: timedelta = timedelta(minutes=20)
    freshest: timedelta = timedelta(minutes=20)


DEFAULTS = Limits()
WHY = "恢复室离室标准（待临床确认）"


def out_of_band(vitals: Vitals, limits: Limits = DEFAULTS) -> list[str]:
    """Return what is outside the band, in words; empty when all is steady."""
    bands = (
        (_("收缩压"), vitals.systolic, limits.systolic),
        (_("舒张压"), vitals.diastolic, limits.diastolic),
        (_("脉搏"), vitals.pulse, limits.pulse),
        (_("呼吸"), vitals.respiration, limits.respiration),
        (_("体温"), vitals.temperature, limits.temperature),
    )
    said = [f"{name} {value}" for name, value, (low, high) in bands if not low <= value <= high]
    if vitals.spo2 < limits.spo2:
        said.append(f"SpO₂ {vitals.spo2} %")
    if vitals.pain > limits.pain:
        said.append(_("疼痛 %(pain)d") % {"pain": vitals.pain})
    return said


def steady_since(observations: Sequence[Vitals], limits: Limits = DEFAULTS) -> datetime | None:
    """Return the start of the unbroken run of in-band observations that ends with the newest, if any."""
    start: datetime | None = None
    later: datetime | None = None
    for vitals in sorted(observations, key=lambda each: each.at, reverse=True):
        too_far = later is not None and later - vitals.at > limits.longest_gap
        if too_far or out_of_band(vitals, limits):
            break
        start = later = vitals.at
    return start


def missing(
    observations: Sequence[Vitals], *, now: datetime, where: str = "", limits: Limits = DEFAULTS
) -> list[Missing]:
    """Return what keeps the patient in the recovery room."""
    if not observations:
        return [Missing(_("恢复室观察记录"), WHY, where)]
    newest = max(observations, key=lambda each: each.at)
    said: list[Missing] = []
    if now - newest.at > limits.freshest:
        said.append(Missing(_("最近 20 分钟内的观察（上次已过时）"), WHY, where))
    if newest.aldrete < limits.aldrete:
        what = _("Aldrete 评分 %(score)d，须达到 %(limit)d") % {
            "score": newest.aldrete,
            "limit": limits.aldrete,
        }
        said.append(Missing(what, WHY, where))
    outside = out_of_band(newest, limits)
    if outside:
        said.append(Missing(_("生命体征未稳：%(what)s") % {"what": "、".join(outside)}, WHY, where))
    since = steady_since(observations, limits)
    steady = newest.at - since if since else timedelta()
    if steady < limits.steady_for:
        minutes = int(steady.total_seconds() // 60)
        what = _("生命体征连续稳定 30 分钟（目前 %(minutes)d 分钟）") % {"minutes": minutes}
        said.append(Missing(what, WHY, where))
    return said


def missing_at_door(*, escort_name: str, escort_phone: str, advice_given: bool) -> list[Missing]:
    """Return what else the way home needs."""
    said = []
    if not escort_name.strip() or not escort_phone.strip():
        said.append(Missing(_("陪同人姓名与电话"), WHY))
    if not advice_given:
        said.append(Missing(_("书面术后注意事项已交付"), WHY))
    return said


def check_override(*, reason: str, first: object, second: object | None) -> None:
    """A gate of recovery is overruled only by two different names and a reason."""
    if second is None or second == first:
        raise RuleBroken(_("越过离院标准须两名医护人员共同确认，请由另一人输入账号密码。"))
    if len(reason.strip()) < 10:
        raise RuleBroken(_("请写明越过离院标准的医学理由（至少 10 个字）。"))


def check_observation(vitals: Vitals, *, now: datetime, left_at: datetime | None) -> None:
    if vitals.at > now:
        raise RuleBroken(_("观察时间不能在现在之后。"))
    if left_at is not None and vitals.at < left_at.replace(second=0, microsecond=0):
        raise RuleBroken(_("观察时间早于离开手术间的时间，请核对。"))
    if not 30 <= vitals.temperature <= 43:
        raise RuleBroken(_("体温 %(value)s ℃ 超出可能范围，请核对。") % {"value": vitals.temperature})
    if not (40 <= vitals.systolic <= 260 and 20 <= vitals.diastolic < vitals.systolic):
        raise RuleBroken(
            _("血压 %(s)d/%(d)d 超出可能范围，请核对。") % {"s": vitals.systolic, "d": vitals.diastolic}
        )
    if not (20 <= vitals.pulse <= 250 and 4 <= vitals.respiration <= 60 and 50 <= vitals.spo2 <= 100):
        raise RuleBroken(_("脉搏、呼吸或血氧超出可能范围，请核对。"))
