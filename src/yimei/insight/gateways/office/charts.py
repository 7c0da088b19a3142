"""A figure as the chart part that PowerPoint and Word share: drawn by them, with its numbers inside."""

from typing import Any

from yimei.core.rules.tables import as_text
from yimei.insight.gateways.office import shared
from yimei.insight.rules.reports.document import Figure

MOST_LABELLED = 12
"""Of more columns side by side the numbers above them lie one upon the other."""


def is_drawn(figure: Figure) -> bool:
    return bool(figure.names) and bool(figure.series) and figure.chart in {"bar", "line"}


def data_of(figure: Figure) -> tuple[Any, Any]:
    """Return the kind of chart and its data."""
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE

    shape = shared.number_format(figure.unit, 0 if figure.unit == "¥" else figure.decimals)
    data: Any = CategoryChartData(number_format=shape)  # type: ignore[no-untyped-call]
    names = list(figure.names)[: shared.MOST_NAMES] if not figure.is_ordered else list(figure.names)
    is_across = figure.chart == "bar" and len(figure.series) == 1 and not figure.is_ordered
    data.categories = [as_text(name) for name in names]
    for series in figure.series:
        data.add_series(as_text(series.name), list(series.values)[: len(names)])
    if figure.chart == "line":
        return XL_CHART_TYPE.LINE_MARKERS, data
    return (XL_CHART_TYPE.BAR_CLUSTERED if is_across else XL_CHART_TYPE.COLUMN_CLUSTERED), data


def dress(chart: Any, figure: Figure) -> None:
    """Give a chart of python-pptx the look of the house."""
    from pptx.enum.chart import XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
    from pptx.util import Pt

    chart.has_title = False
    chart.font.size = Pt(11)
    chart.font.name = shared.FONT
    chart.font.color.rgb = shared.rgb(shared.QUIET)
    chart.has_legend = len(figure.series) > 1
    if chart.has_legend:
        chart.legend.position = XL_LEGEND_POSITION.TOP
        chart.legend.include_in_layout = False
    value, category = chart.value_axis, chart.category_axis
    value.major_gridlines.format.line.color.rgb = shared.rgb("E6E3DC")
    value.format.line.fill.background()
    value.tick_labels.number_format = shared.number_format(figure.unit, 0)
    value.tick_labels.number_format_is_linked = False
    category.format.line.color.rgb = shared.rgb("C9CFC9")
    plot = chart.plots[0]
    if figure.chart == "bar":
        plot.gap_width = 55
        if len(figure.series) == 1 and not figure.is_ordered:
            category.reverse_order = True
            value.tick_label_position = XL_TICK_LABEL_POSITION.HIGH
        if len(figure.series) == 1 and (not figure.is_ordered or len(figure.names) <= MOST_LABELLED):
            plot.has_data_labels = True
            plot.data_labels.number_format = shared.number_format(figure.unit, figure.decimals)
            plot.data_labels.number_format_is_linked = False
            plot.data_labels.font.size = Pt(10)
    for at, series in enumerate(plot.series):
        colour = shared.rgb(shared.SERIES[at % len(shared.SERIES)])
        if figure.chart == "line":
            series.smooth = False
            series.format.line.color.rgb = colour
            series.format.line.width = Pt(2)
            series.marker.format.fill.solid()
            series.marker.format.fill.fore_color.rgb = colour
            series.marker.format.line.color.rgb = colour
            series.marker.size = 5
        else:
            series.format.fill.solid()
            series.format.fill.fore_color.rgb = colour
