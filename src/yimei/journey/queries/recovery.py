"""Reads about the recovery room."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from yimei.core.errors import Missing
from yimei.journey.models import Discharge, Observation, Surgery
from yimei.journey.rules import recovery as rules


def observations(surgery: Surgery) -> Sequence[Observation]:
    return list(surgery.observations.select_related("by").order_by("at", "id"))


def missing(surgery: Surgery, *, now: datetime) -> tuple[Missing, ...]:
    """What keeps this patient in the recovery room at ``now``."""
    where = f"desk:case-recovery:{surgery.case.public_id}"
    return tuple(rules.missing(observations(surgery), now=now, where=where))


@dataclass(frozen=True)
class Trend:
    """One vital sign over time with the band in which it counts as steady."""

    label: str
    unit: str
    series: Sequence[tuple[datetime, float]]
    low: float | None = None
    high: float | None = None


def trends(seen: Sequence[Observation], limits: rules.Limits = rules.DEFAULTS) -> Sequence[Trend]:
    """Return the curves of the recovery room; the score first."""

    def curve(name: str) -> list[tuple[datetime, float]]:
        return [(row.at, float(getattr(row, name))) for row in seen]

    def banded(label: str, unit: str, name: str, band: tuple[Decimal | int, Decimal | int]) -> Trend:
        return Trend(label, unit, curve(name), float(band[0]), float(band[1]))

    return [
        banded("Aldrete", _("分"), "aldrete", (limits.aldrete, 10)),
        banded("SpO₂", "%", "spo2", (limits.spo2, 100)),
        banded(_("收缩压"), "mmHg", "systolic", limits.systolic),
        banded(_("脉搏"), _("次/分"), "pulse", limits.pulse),
        banded(_("呼吸"), _("次/分"), "respiration", limits.respiration),
        banded(_("疼痛"), "0–10", "pain", (0, limits.pain)),
    ]


def discharge_of(surgery: Surgery) -> Discharge | None:
    return (
        Discharge.objects.filter(surgery=surgery)
        .select_related("surgery__case__patient__person__vault_key", "by", "second")
        .first()
    )
