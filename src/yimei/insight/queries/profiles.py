"""What a profile says of each column, in words for a screen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from yimei.insight.models import ImportBatch
from yimei.insight.rules.imports.templates import TEMPLATES


@dataclass(frozen=True)
class ColumnView:
    """One column of a table that was brought, as a reader sees it."""

    heading: str
    means: str
    kind: str
    rows: int
    missing: int
    distinct: int
    is_exact: bool
    span: str
    middle: str
    frequent: Sequence[tuple[str, int, int]]
    shapes: Sequence[tuple[str, int, int]]
    odd: Sequence[tuple[str, str]]

    @property
    def missing_share(self) -> float:
        return self.missing / self.rows if self.rows else 0.0

    @property
    def filled(self) -> int:
        return round(100 - 100 * self.missing_share)


def columns_of(batch: ImportBatch) -> list[ColumnView]:
    """Return the columns of the last trial; none when the file is gone or was never tried."""
    found = (batch.report or {}).get("profile") if batch.cleared_at is None else None
    return [_view(one, batch.template) for one in found or ()]


def odd_count(columns: Sequence[ColumnView]) -> int:
    return sum(bool(column.odd) for column in columns)


def _view(one: Mapping[str, Any], template: str) -> ColumnView:
    column = TEMPLATES[template].column(one["column"])
    said = max(one["rows"] - one["missing"], 1)
    span, middle = _span(one)
    return ColumnView(
        heading=one["heading"] or f"#{one['place'] + 1}",
        means=str(column.words) if column else "",
        kind=_kinds()[one["kind"]],
        rows=one["rows"],
        missing=one["missing"],
        distinct=one["distinct"],
        is_exact=one["is_exact"],
        span=span,
        middle=middle,
        frequent=[(word, count, round(100 * count / said)) for word, count in one["frequent"][:5]],
        shapes=[(word, count, round(100 * count / said)) for word, count in one["shapes"][:4]],
        odd=_odd(one),
    )


def _span(one: Mapping[str, Any]) -> tuple[str, str]:
    if one["kind"] == "number" and one.get("quantiles"):
        low, high, at = one["low"], one["high"], one["quantiles"]
        words = {"low": figure(at[2]), "middle": figure(at[3]), "high": figure(at[4])}
        return f"{figure(low)} – {figure(high)}", _("中位 %(middle)s，一半在 %(low)s – %(high)s") % words
    if one["kind"] == "date" and one.get("first"):
        return f"{one['first']} – {one['last']}", ""
    return "", ""


def figure(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def _odd(one: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with its tone; a negative figure is wrong only where none may be."""
    words = {
        "bad_date": (_("%(count)d 个不是日期"), "danger"),
        "future": (_("%(count)d 个在今天之后"), "danger"),
        "unsure": (_("%(count)d 个分不清日和月"), "warn"),
        "mixed_order": (_("%(count)d 个与同列其他日期的日月先后相反"), "warn"),
        "not_number": (_("%(count)d 个不是数字"), "danger"),
        "negative": (_("%(count)d 个负数"), "danger" if "too_old" in one["odd"] or one["is_age"] else "warn"),
        "too_old": (_("%(count)d 个大于 120"), "danger"),
    }
    return [
        (words[name][0] % {"count": count}, words[name][1])
        for name, count in one["odd"].items()
        if name in words
    ]


def _kinds() -> Mapping[str, str]:
    return {"number": _("数字"), "date": _("日期"), "text": _("文字"), "empty": _("全空")}
