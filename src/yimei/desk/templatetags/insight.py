"""How a figure is written: by its metric's unit, with what surrounds it."""

from django import template
from django.utils.translation import gettext as _

from yimei.insight.queries.figures import Cell
from yimei.insight.rules.metrics import Metric, Way

register = template.Library()
THIN = "\u202f"


@register.filter
def figure(value: float | None, metric: Metric) -> str:
    """Write a figure in its unit; nothing is a dash."""
    if value is None:
        return "—"
    if metric.unit == "%":
        text = f"{value * 100:.1f}{THIN}%"
    elif metric.unit == "¥":
        text = f"¥{value:,.0f}"
    else:
        places = metric.decimals
        unit = {"x": "", "": ""}.get(metric.unit, f"{THIN}{metric.unit}")
        text = f"{value:,.{places}f}{unit}"
    return text.replace("-", "−")


@register.filter
def interval(cell: Cell, metric: Metric) -> str:
    """Write the 95 % interval, or nothing."""
    if cell.interval is None or cell.value is None:
        return ""
    return f"{figure(cell.interval.low, metric)} – {figure(cell.interval.high, metric)}"


@register.filter
def change(cell: Cell, metric: Metric) -> str:
    """Write what changed, with its sign: shares in percentage points."""
    if cell.change is None:
        return ""
    value = cell.change.value
    sign = "+" if value > 0 else ""
    if metric.unit == "%":
        return f"{sign}{value * 100:.1f}{THIN}{_('个百分点')}".replace("-", "−")
    return f"{sign}{figure(value, metric)}"


@register.filter
def tone(cell: Cell, metric: Metric) -> str:
    """Good or bad only when the change is beyond chance and the metric has a better way."""
    if cell.change is None or not cell.change.is_beyond_chance or metric.way is Way.NONE:
        return ""
    is_better = (cell.change.value > 0) == (metric.way is Way.UP)
    return "good" if is_better else "danger"


@register.filter
def arrow(cell: Cell) -> str:
    """The icon of the way a figure went."""
    if cell.change is None or not cell.change.is_beyond_chance:
        return "minus"
    return "arrow-up" if cell.change.value > 0 else "arrow-down"
