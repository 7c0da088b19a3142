"""Turns answers into what a chart is drawn from: names and values in words, hidden figures blank."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from yimei.insight.enums import Chart
from yimei.insight.queries import mart
from yimei.insight.queries.cells import groups
from yimei.insight.queries.cuts import bins, measured
from yimei.insight.queries.figures import Answer, Cell
from yimei.insight.queries.labels import labels
from yimei.insight.queries.rights import campus_of
from yimei.insight.rules import writing
from yimei.insight.rules.metrics.dims import TABLES, Dim
from yimei.insight.rules.metrics.metric import Kind, Metric
from yimei.insight.rules.provinces import PLACES, PROVINCES
from yimei.insight.rules.questions import MEASURED, Question, after
from yimei.people.models import Staff

ORDERED = {"weekday", "hour", "grade", "age"}
MOST_BARS = 24
MOST_SPANS = 800


def drawing(answer: Answer, *, by: Staff) -> dict[str, Any] | None:
    """Return what to draw, or nothing for a number or a table."""
    question = answer.question
    if answer.refused or question.chart in {Chart.NUMBER, Chart.TABLE}:
        return None
    spec: dict[str, Any] = {
        "kind": question.chart.value,
        "unit": question.metric.unit,
        "decimals": question.metric.decimals,
        "words": {"hidden": _("已隐藏或没有"), "days": _days(), "months": [f"{n}" for n in range(1, 13)]},
        "names": [],
        "series": [],
        "beside": "",
        "isOrdered": bool(question.by) and (question.by[0].is_time or question.by[0].code in ORDERED),
    }
    if question.chart == Chart.HISTOGRAM:
        return spec | {"unit": "", "decimals": 0} | histogram(question, by)
    if question.chart == Chart.BOX:
        return spec | {"unit": "", "decimals": 1} | boxes(question, by)
    if question.chart == Chart.SCATTER:
        return spec | scatter(answer, by)
    if question.chart == Chart.MAP:
        return spec | _mapped(answer)
    if len(question.by) == 2:
        return spec | _crossed(_without_holes(answer, by) if question.by[0].is_time else answer.cells)
    if question.chart in {Chart.BAR, Chart.LINE} and question.by[0].is_time:
        answer = replace(answer, cells=_without_holes(answer, by))
    cells = list(answer.cells)
    if not spec["isOrdered"]:
        cells = [cell for cell in cells if not cell.is_hidden][:MOST_BARS]
    if question.chart in {Chart.PIE, Chart.FUNNEL}:
        cells = [cell for cell in cells if cell.value]
    if question.chart == Chart.PIE or (question.metric.is_additive and not spec["isOrdered"]):
        cells = _with_rest(answer, cells)
    return spec | {"names": [cell.names[0] for cell in cells], "series": [_series(question.metric, cells)]}


def _without_holes(answer: Answer, by: Staff) -> list[Cell]:
    """The figures of every week, month … from first to last; of one without rows, nought or nothing."""
    question, dim = answer.question, answer.question.by[0]
    known = [cell.keys[0] for cell in answer.cells if isinstance(cell.keys[0], date)]
    if not known:
        return list(answer.cells)
    span, say = dim.span, labels(dim, question.metric.fact, by)
    days, seen = [min(known)], set(known)
    while days[-1] < max(known) and len(days) < MOST_SPANS:
        days.append(after(days[-1], span))
    empty = 0.0 if question.metric.is_additive or question.metric.kind is Kind.PEOPLE else None
    like = answer.cells[0]
    holes = [
        Cell((day, *like.keys[1:]), (say(day), *like.names[1:]), None if len(question.by) > 1 else empty, 0)
        for day in days
        if day not in seen
    ]
    return sorted([*answer.cells, *holes], key=lambda cell: (cell.keys[0] is None, str(cell.keys[0])))


def _with_rest(answer: Answer, shown: list[Cell]) -> list[Cell]:
    """Parts of a whole: the hidden ones together, at least two of them and enough people, make the rest.

    It is what a reader reckons from the total, and says nothing more.
    """
    total, chart = answer.total.value, answer.question.chart
    if chart not in {Chart.PIE, Chart.BAR} or not answer.hidden_count or total is None or answer.is_cut:
        return shown
    rest = total - sum(cell.value or 0 for cell in answer.cells)
    if rest < 0 or not any(cell.value for cell in shown):
        return shown
    name = _("其余 %(n)d 组") % {"n": answer.hidden_count}
    return [*shown, Cell((), (name,), rest, None)]


def _series(metric: Metric, cells: Sequence[Cell], name: str = "") -> dict[str, Any]:
    return {
        "name": name or str(metric.words),
        "values": [cell.value for cell in cells],
        "lows": [cell.interval.low if cell.interval else None for cell in cells],
        "highs": [cell.interval.high if cell.interval else None for cell in cells],
    }


def _mapped(answer: Answer) -> dict[str, Any]:
    """Every province at its place, those without a figure as well."""
    known = {str(cell.keys[0]): cell for cell in answer.cells}
    cells = [known.get(code, Cell((code,), (str(PROVINCES[code]),), None, None)) for code in PLACES]
    return _elsewhere(answer) | {
        "names": [cell.names[0] for cell in cells],
        "places": list(PLACES.values()),
        "series": [_series(answer.question.metric, cells)],
    }


def _elsewhere(answer: Answer) -> dict[str, Any]:
    """Who is on no map, since nobody knows from which province she comes."""
    cell = next((cell for cell in answer.cells if cell.keys[0] is None), None)
    metric = answer.question.metric
    if cell is None:
        return {}
    if cell.is_hidden or cell.value is None:
        return {"beside": _("没有登记省份的不在图上。")}
    text = writing.figure(cell.value, metric.unit, metric.decimals)
    said = {"metric": metric.words, "value": text}
    if len(answer.cells) == 1:
        return {"beside": _("都没有登记省份，画不了地图：%(metric)s %(value)s。") % said}
    return {"beside": _("没有登记省份的不在图上：%(metric)s %(value)s。") % said}


def _crossed(cells: Sequence[Cell]) -> dict[str, Any]:
    """Two dimensions: the first along the axis, one series per value of the second."""
    first = list(dict.fromkeys(cell.names[0] for cell in cells))
    last = sorted(cells, key=lambda cell: (cell.keys[1] is None, isinstance(cell.keys[1], str), cell.keys[1]))
    second = list(dict.fromkeys(cell.names[1] for cell in last))
    known = {cell.names: cell.value for cell in cells}
    return {
        "names": first,
        "series": [
            {
                "name": two,
                "values": [known.get((one, two)) for one in first],
                "lows": [None] * len(first),
                "highs": [None] * len(first),
            }
            for two in second
        ],
    }


def histogram(question: Question, by: Staff) -> dict[str, Any]:
    """How many rows lie in each stretch of a measure; stretches of too few people are blank."""
    stretches = bins(question, campus_of(by))
    if stretches is None:
        return {}
    cut, width = stretches.cut, stretches.width
    whom = "COUNT(DISTINCT customer)" if question.metric.is_personal else "COUNT(*)"
    known, gone = groups(
        f"SELECT {cut.keys[0]} AS b, {whom}, COUNT(*) FROM {cut.fact}"
        f" WHERE {cut.condition} GROUP BY b ORDER BY b",
        is_personal=question.metric.is_personal,
    )
    found = {int(bin_): None for bin_ in gone} | {int(bin_): count for bin_, (count,) in known.items()}
    if not found:
        return {}
    shown = range(min(found), max(found) + 1)
    values = [found.get(bin_, 0) for bin_ in shown]
    names = [f"{bin_ * width:g}" for bin_ in shown]
    blank: list[None] = [None] * len(values)
    return {"names": names, "series": [{"name": _("行数"), "values": values, "lows": blank, "highs": blank}]}


def boxes(question: Question, by: Staff) -> dict[str, Any]:
    """The 5th, 25th, 50th, 75th and 95th of a hundred: no single row shows."""
    x, fact, split = question.measure, question.metric.fact, question.by[:1]
    key = split[0].sql() if split else "1"
    quantiles = ", ".join(f"QUANTILE_CONT(CAST({x} AS DOUBLE), {q})" for q in (0.05, 0.25, 0.5, 0.75, 0.95))
    people = "COUNT(DISTINCT customer)" if question.metric.is_personal else "COUNT(*)"
    condition = measured(question, campus_of(by))
    known, _gone = groups(
        f"SELECT {key} AS k, {people}, {quantiles} FROM {fact} WHERE {condition} GROUP BY k ORDER BY 5 DESC",
        is_personal=question.metric.is_personal,
    )
    say = labels(split[0], fact, by) if split else (lambda value: _("全部"))
    shown = list(known.items())[:MOST_BARS]
    return {
        "names": [say(key) for key, _row in shown],
        "boxes": [list(map(float, row)) for _key, row in shown],
    }


def scatter(answer: Answer, by: Staff) -> dict[str, Any]:
    """One point per group: the mean of a measure across, the figure upward, the size its people."""
    question = answer.question
    if not question.by:
        return {"points": []}
    key, x = question.by[0].sql(), question.measure
    people = "COUNT(DISTINCT customer)" if question.metric.is_personal else "COUNT(*)"
    across, _gone = groups(
        f"SELECT {key} AS k, {people}, AVG(CAST({x} AS DOUBLE)) FROM {question.metric.fact}"
        f" WHERE {measured(question, campus_of(by))} GROUP BY k",
        is_personal=question.metric.is_personal,
    )
    points = [
        [across[cell.keys[0]][0], cell.value, cell.n, cell.names[0]]
        for cell in answer.cells
        if cell.value is not None and cell.keys[0] in across
    ]
    words = next((column.words for column in TABLES[question.metric.fact].columns if column.name == x), x)
    return {"points": points, "across": str(words)}


def drawable(spec: Mapping[str, Any] | None) -> bool:
    """Whether a chart would show anything: not when every figure of it is hidden."""
    return spec is not None and bool(spec.get("points") or spec.get("boxes") or _values(spec))


def compares(spec: Mapping[str, Any] | None, hidden: int) -> bool:
    """Whether a tile is worth its chart: one bar beside hidden ones, or noughts, say less than the total."""
    if spec is None or not hidden:
        return drawable(spec)
    return sum(map(bool, _values(spec))) > 1


def _values(spec: Mapping[str, Any]) -> list[float]:
    return [value for series in spec["series"] for value in series["values"] if value is not None]


def numbers_of(spec: Mapping[str, Any] | None) -> tuple[list[str], list[list[str]]] | None:
    """The numbers of a picture of rows, as a table: stretches of a histogram, boxes."""
    if not spec or spec["kind"] not in {Chart.HISTOGRAM, Chart.BOX} or not spec["names"]:
        return None
    if spec["kind"] == Chart.BOX:
        heads = [_("分组"), "5%", "25%", _("中位"), "75%", "95%"]
        return heads, [
            [name, *(f"{value:g}" for value in box)]
            for name, box in zip(spec["names"], spec["boxes"], strict=True)
        ]
    counts = spec["series"][0]["values"]
    return [_("从"), _("行数")], [
        [name, writing.not_shown() if count is None else str(count)]
        for name, count in zip(spec["names"], counts, strict=True)
    ]


def says(answer: Answer) -> str:
    """One sentence for a reader who does not see the chart."""
    shown = [cell for cell in answer.cells if cell.value is not None]
    title = f"{answer.question.metric.words}"
    if answer.question.chart in MEASURED or not shown:
        return title
    best = max(shown, key=lambda cell: cell.value or 0)
    least = min(shown, key=lambda cell: cell.value or 0)
    text = _("%(title)s，共 %(count)d 组；最高 %(best)s，最低 %(least)s。")
    return text % {
        "title": title,
        "count": len(shown),
        "best": " · ".join(best.names),
        "least": " · ".join(least.names),
    }


def _days() -> list[str]:
    return [_("日"), _("一"), _("二"), _("三"), _("四"), _("五"), _("六")]


def values_of(dim: Dim, fact: str, by: Staff, most: int = 30) -> list[tuple[str, str]]:
    """Return the values by which a reader may narrow, the most frequent first, each with its words."""
    campus = campus_of(by)
    scope = f" WHERE campus = {campus}" if campus is not None else ""
    rows = mart.ask(
        f"SELECT {dim.sql()} AS k, COUNT(*) AS c FROM {fact}{scope} GROUP BY k ORDER BY c DESC LIMIT {most}"
    ).rows
    say = labels(dim, fact, by)
    return [("~" if key is None else str(key), say(key)) for key, _count in rows]
