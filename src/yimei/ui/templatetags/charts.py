"""Small charts as SVG, each with words for a reader who does not see it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from yimei.ui.rules import charts

register = template.Library()
SPARK_WIDTH, SPARK_HEIGHT = 120, 32
TREND_WIDTH, TREND_HEIGHT = 480, 120


@register.simple_tag
def bar_chart(points: Iterable[Sequence[Any]], *, label: str, unit: str = "") -> SafeString:
    """Draw horizontal bars from (label, value, note, is_point); grey stands for context."""
    rows = []
    for name, value, *rest in points:
        rows.append(
            {"label": name, "value": value, "note": rest[0] if rest else "", "point": rest[1:2] != [False]}
        )
    scale = charts.Scale(0, max((float(row["value"]) for row in rows), default=0) or 1, 100)
    for row in rows:
        row["length"] = scale(max(0.0, float(row["value"])))
    return render_to_string("ui/pieces/bar_chart.html", {"rows": rows, "label": label, "unit": unit})


@register.simple_tag
def sparkline(values: Sequence[float | None], *, label: str) -> SafeString:
    """Draw the shape of a series in a line of text; a gap stays a gap."""
    numbers = [None if value is None else float(value) for value in values]
    lines = charts.sparkline(numbers, width=SPARK_WIDTH, height=SPARK_HEIGHT)
    values_ = {"lines": lines, "label": label, "width": SPARK_WIDTH, "height": SPARK_HEIGHT}
    return render_to_string("ui/pieces/sparkline.html", values_)


@register.simple_tag
def trend(
    series: Iterable[tuple[datetime, Any]],
    *,
    label: str,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
) -> SafeString:
    """Draw measured values over time with their normal band, and the same as a table."""
    points = [(at, float(value)) for at, value in series]
    drawn = charts.trend(points, low=low, high=high, width=TREND_WIDTH, height=TREND_HEIGHT)
    values = {"trend": drawn, "label": label, "unit": unit, "low": low, "high": high}
    return render_to_string("ui/pieces/trend.html", values)
