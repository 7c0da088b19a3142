"""Reads about face and body maps: the figures, one map, the visit before, totals."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from yimei.core.database.rows import only
from yimei.journey import registry
from yimei.journey.enums import MapView
from yimei.journey.models import Case, TreatmentMap
from yimei.journey.registry import Look, TimelineItem
from yimei.journey.rules import maps as rules
from yimei.people.models import Patient

WIDTH, HEIGHT = 300, 420
"""The size in which every figure is drawn."""
COMMON_PRODUCTS = ("A 型肉毒毒素", "透明质酸钠", "利多卡因", "自体脂肪", "胶原蛋白", "透明质酸酶")


@cache
def figure(view: MapView) -> str:
    """The drawing of a view as SVG, our own."""
    folder = resources.files("yimei.journey") / "data" / "figures"
    return (folder / f"{view.value}.svg").read_text(encoding="utf-8").strip()


@cache
def figure_body(view: MapView) -> SafeString:
    """What stands inside the drawing, to be laid under points; our own file, so markup as it is."""
    return SafeString(re.sub(r"^<svg[^>]*>|</svg>$", "", figure(view)))


def _maps(case: Case | None = None) -> Any:
    rows = TreatmentMap.objects.select_related(
        "case__patient__person__vault_key",
        "case__patient__campus",
        "case__campus",
        "case__procedure",
        "started_by",
        "completed_by",
    )
    return rows.filter(case=case) if case else rows


def of_case(case: Case) -> list[TreatmentMap]:
    return list(_maps(case).order_by("-on", "-started_at", "-id"))


def find(public_id: UUID) -> TreatmentMap:
    """Return a map, whoever may read it; its reader is asked for by the caller."""
    row: TreatmentMap = only(_maps(), public_id)
    return row


def points(row: TreatmentMap) -> list[rules.Point]:
    return rules.points_of(row.points)


def before(row: TreatmentMap) -> TreatmentMap | None:
    """The finished map of the visit before, of the same customer and kind."""
    earlier = _maps().filter(case__patient=row.case.patient_id, kind=row.kind, superseded_by=None)
    earlier = earlier.exclude(completed_at=None).exclude(pk__in=[row.pk, row.supersedes_id or 0])
    found: TreatmentMap | None = (
        earlier.filter(Q(on__lt=row.on) | Q(on=row.on, started_at__lt=row.started_at))
        .order_by("-on", "-started_at", "-id")
        .first()
    )
    return found


@dataclass(frozen=True)
class Drawn:
    """One point where it lies on its figure, with its number on the map."""

    number: int
    point: rules.Point
    x: float
    y: float


@dataclass(frozen=True)
class Sheet:
    """One figure with the points of this visit and, hollow, those of the visit before."""

    view: MapView
    body: SafeString
    points: Sequence[Drawn]
    earlier: Sequence[Drawn]


def drawn(marks: Sequence[rules.Point]) -> list[Drawn]:
    return [
        Drawn(number, point, round(float(point.x) * WIDTH / 100, 2), round(float(point.y) * HEIGHT / 100, 2))
        for number, point in enumerate(marks, start=1)
    ]


def sheets(marks: Sequence[rules.Point], earlier: Sequence[rules.Point] = ()) -> list[Sheet]:
    """Return the figures that carry a point, in the order of the views."""
    here, there = drawn(marks), drawn(earlier)
    return [
        Sheet(
            view=view,
            body=figure_body(view),
            points=[one for one in here if one.point.view == view],
            earlier=[one for one in there if one.point.view == view],
        )
        for view in MapView
        if any(one.point.view == view for one in (*here, *there))
    ]


def products(case: Case) -> list[str]:
    """Names to choose from: what this customer had before, then what is common."""
    known = [
        point.product
        for row in _maps().filter(case__patient__in=Patient.objects.files_of(case.patient))[:10]
        for point in points(row)
    ]
    return list(dict.fromkeys([name for name in known if name] + list(COMMON_PRODUCTS)))


@registry.timeline_source(TreatmentMap)
def marked(look: Look) -> Iterator[TimelineItem]:
    """One line for each finished map, with what it comes to."""
    if not look.sees_clinical:
        return
    rows = TreatmentMap.objects.filter(superseded_by=None, completed_at__isnull=False)
    for row in look.hand(rows.select_related("completed_by")):
        assert row.completed_at is not None
        assert row.completed_by is not None
        said = " · ".join(f"{total.product} {total.dose}" for total in rules.totals(points(row)))
        yield TimelineItem(
            at=row.completed_at,
            kind="map",
            title=_("%(kind)s标记图") % {"kind": row.get_kind_display()},
            text=said,
            by_name=row.completed_by.name,
            where=f"desk:map:{row.public_id}",
            tone="good",
        )
