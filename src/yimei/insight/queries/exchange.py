"""An answer as a table for other programs."""

from django.utils.translation import gettext as _

from yimei.insight.queries.figures import Answer
from yimei.insight.rules import writing
from yimei.insight.rules.exchange import Column, Table, coded
from yimei.insight.rules.metrics.metric import Metric


def table_of(answer: Answer) -> Table:
    """Return the figures with their intervals; what is hidden has no number, only a mark that it is."""
    question, cells = answer.question, answer.cells or [answer.total]
    metric = question.metric
    columns = []
    for place, dim in enumerate(question.by if answer.cells else ()):
        codes, labels = coded([cell.names[place] for cell in cells])
        columns.append(Column(dim.code, str(dim.words), codes, labels))
    shown = [None if cell.is_hidden else cell for cell in cells]
    values = [cell.value if cell else None for cell in shown]
    lows = [cell.interval.low if cell and cell.interval else None for cell in shown]
    highs = [cell.interval.high if cell and cell.interval else None for cell in shown]
    people = [cell.n if cell else None for cell in shown]
    columns += [
        Column("value", _head(metric), values),
        Column("low", _("95% 下限"), lows),
        Column("high", _("95% 上限"), highs),
        Column("people", str(metric.behind), people, is_whole=True),
        Column("hidden", writing.not_shown(), [int(cell.is_hidden) for cell in cells], is_whole=True),
    ]
    return Table(metric.code, str(metric.words), columns)


def _head(metric: Metric) -> str:
    """The name of a figure with its unit; a share goes out as 0.36, which would not be so many percent."""
    return str(metric.words) if metric.unit in {"", "%"} else f"{metric.words}（{metric.unit}）"
