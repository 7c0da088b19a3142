"""Points on a figure: where, what, how much, from which lot; and what they come to."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from yimei.core.errors import Missing, RuleBroken
from yimei.journey.enums import Depth, DoseUnit, MapKind, MapView

MOST_POINTS = 200
LARGEST = {DoseUnit.UNITS: Decimal(500), DoseUnit.MILLILITRES: Decimal(1000)}
"""More than this at one point is a slip of the finger."""
LOT = re.compile(r"[A-Za-z0-9][A-Za-z0-9./_-]{1,39}")
TEXTS = {"product": 60, "lot": 40, "technique": 80}
KEYS = frozenset({"view", "x", "y", "unit", "amount", "depth", *TEXTS})


@dataclass(frozen=True)
class Point:
    """One mark: its place in per cent of the figure, from the left and from the top."""

    view: MapView
    x: Decimal
    y: Decimal
    product: str = ""
    amount: Decimal | None = None
    unit: DoseUnit = DoseUnit.UNITS
    lot: str = ""
    depth: str = ""
    technique: str = ""

    @property
    def as_data(self) -> dict[str, str]:
        return {
            "view": self.view.value,
            "x": f"{self.x:f}",
            "y": f"{self.y:f}",
            "product": self.product,
            "amount": "" if self.amount is None else f"{self.amount:f}",
            "unit": self.unit.value,
            "lot": self.lot,
            "depth": self.depth,
            "technique": self.technique,
        }

    @property
    def dose(self) -> str:
        return "" if self.amount is None else f"{self.amount:f} {self.unit.value}"

    @property
    def depth_label(self) -> str:
        return str(Depth(self.depth).label) if self.depth else ""


@dataclass(frozen=True)
class Total:
    """What one product comes to, with its lots."""

    product: str
    unit: DoseUnit
    amount: Decimal
    points: int
    lots: tuple[str, ...]

    @property
    def dose(self) -> str:
        return f"{self.amount:f} {self.unit.value}"


@dataclass(frozen=True)
class Change:
    """One product against the visit before."""

    product: str
    unit: DoseUnit
    before: Decimal
    after: Decimal

    @property
    def difference(self) -> Decimal:
        return self.after - self.before


def read_points(text: str) -> list[Point]:
    """Return the points that a browser posted; what is no point is refused whole."""
    if len(text) > 200_000:
        raise _broken()
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise _broken() from None
    return points_of(found)


def points_of(found: Any) -> list[Point]:
    if not isinstance(found, list):
        raise _broken()
    if len(found) > MOST_POINTS:
        raise RuleBroken(_("一张图最多 %(most)d 个点。") % {"most": MOST_POINTS}, code="points")
    return [_point(row, number) for number, row in enumerate(found, start=1)]


def _point(row: Any, number: int) -> Point:
    if not isinstance(row, dict) or set(row) - KEYS or row.get("view") not in MapView:
        raise _broken()
    texts = {name: " ".join(str(row.get(name) or "").replace("\0", "").split()) for name in TEXTS}
    for name, limit in TEXTS.items():
        if len(texts[name]) > limit:
            raise RuleBroken(_("第 %(number)d 点的文字过长。") % {"number": number}, code="points")
    unit, depth = row.get("unit") or DoseUnit.UNITS, row.get("depth") or ""
    if unit not in DoseUnit or (depth and depth not in Depth):
        raise _broken()
    x, y = (_decimal(row.get(axis), places=2) for axis in ("x", "y"))
    if x is None or y is None or not 0 <= x <= 100 or not 0 <= y <= 100:
        raise _broken()
    amount = _decimal(row.get("amount"), places=3)
    if row.get("amount") not in (None, "") and amount is None:
        raise RuleBroken(_("第 %(number)d 点的剂量不是数字。") % {"number": number}, code="points")
    if amount is not None and not 0 < amount <= LARGEST[DoseUnit(unit)]:
        values = {"number": number, "most": LARGEST[DoseUnit(unit)], "unit": unit}
        text = _("第 %(number)d 点的剂量须大于 0，且不超过 %(most)s %(unit)s。")
        raise RuleBroken(text % values, code="points")
    return Point(MapView(row["view"]), x, y, amount=amount, unit=DoseUnit(unit), depth=depth, **texts)


def _decimal(value: Any, *, places: int) -> Decimal | None:
    if isinstance(value, bool) or value in (None, ""):
        return None
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    if not found.is_finite() or abs(found) > 10**6:
        return None
    return round(found, places).normalize() + 0


def _broken() -> RuleBroken:
    return RuleBroken(_("图上的标记没有完整收到，请刷新后再试；已保存的还在。"), code="points")


def missing(points: Sequence[Point], *, kind: MapKind) -> list[Missing]:
    """Name what a finished map still needs, point by point."""
    if not points:
        return [Missing(_("图上还没有标记"), _("至少标一个点"))]
    found = []
    for number, point in enumerate(points, start=1):
        lacking = []
        if not point.product:
            lacking.append(_("产品"))
        if point.amount is None:
            lacking.append(_("剂量"))
        if kind == MapKind.DONE and not point.lot:
            lacking.append(_("批号"))
        if lacking:
            what = _("第 %(number)d 点（%(view)s）缺%(what)s")
            values = {"number": number, "view": point.view.label, "what": "、".join(lacking)}
            found.append(Missing(what % values, _("注射须可追溯到产品与批号") if point.product else ""))
        if point.lot and not LOT.fullmatch(point.lot):
            words = {"number": number, "lot": point.lot}
            found.append(
                Missing(_("第 %(number)d 点的批号「%(lot)s」不像批号") % words, _("只有字母、数字与 . / - _"))
            )
    return found


def check_complete(points: Sequence[Point], *, kind: MapKind) -> None:
    lacking = missing(points, kind=kind)
    if lacking:
        text = _("还不能完成，有 %(count)d 处要补。")
        raise RuleBroken(text % {"count": len(lacking)}, missing=lacking, code="incomplete")


def totals(points: Iterable[Point]) -> list[Total]:
    """Add up each product and unit, in the order in which they first appear."""
    found: dict[tuple[str, DoseUnit], list[Point]] = {}
    for point in points:
        if point.product:
            found.setdefault((point.product, point.unit), []).append(point)
    return [
        Total(
            product=product,
            unit=unit,
            amount=sum((point.amount or Decimal(0) for point in mine), Decimal(0)),
            points=len(mine),
            lots=tuple(dict.fromkeys(point.lot for point in mine if point.lot)),
        )
        for (product, unit), mine in found.items()
    ]


def compare(before: Iterable[Point], after: Iterable[Point]) -> list[Change]:
    """Return each product of either visit with what it came to in both."""
    sums: list[Mapping[tuple[str, DoseUnit], Decimal]] = [
        {(total.product, total.unit): total.amount for total in totals(points)} for points in (before, after)
    ]
    return [
        Change(
            product, unit, sums[0].get((product, unit), Decimal(0)), sums[1].get((product, unit), Decimal(0))
        )
        for product, unit in dict.fromkeys([*sums[0], *sums[1]])
    ]
