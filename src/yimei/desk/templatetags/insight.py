"""How a figure is written: by its metric's unit, with what surrounds it."""

from decimal import Decimal

from django import template
from django.utils.safestring import SafeString, mark_safe

from yimei.insight.gateways.office.shared import shown_head, shown_rows
from yimei.insight.queries.figures import Cell
from yimei.insight.rules import writing
from yimei.insight.rules.metrics import Metric, Way
from yimei.insight.rules.reports.document import Figure
from yimei.insight.rules.reports.drawing import draw

register = template.Library()


register.simple_tag(writing.not_shown)
register.simple_tag(writing.why_not_shown)
register.simple_tag(writing.none_shown)


@register.filter
def figure(value: float | None, metric: Metric) -> str:
    """Write a figure in its unit; nothing is a dash."""
    return writing.figure(value, metric.unit, metric.decimals)


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
    return writing.change(cell.change.value, metric.unit, metric.decimals)


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


@register.filter
def drawn(figure: Figure) -> SafeString:
    """The chart of a report's figure; every word in it was escaped where it was drawn."""
    return mark_safe(draw(figure))


@register.filter
def heads(figure: Figure) -> list[tuple[str, bool]]:
    """The columns of the table behind a figure, and which hold numbers."""
    head = shown_head(figure)
    return [(words, place >= len(head) - 3) for place, words in enumerate(head)]


@register.filter
def lines(figure: Figure) -> list[list[tuple[str, bool]]]:
    return [[(words, at >= len(row) - 3) for at, words in enumerate(row)] for row in shown_rows(figure)]


@register.filter
def is_figure(value: object) -> bool:
    """Whether a cell of a query's answer is a number, which stands to the right."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
