"""Asks the mart for the figures of a question as they are, before anything is hidden."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yimei.insight.gateways.reader import MOST_ROWS
from yimei.insight.queries import mart
from yimei.insight.rules.metrics.dims import Dim
from yimei.insight.rules.metrics.metric import Kind, Metric
from yimei.insight.rules.metrics.sql import figures, of_customers
from yimei.insight.rules.questions import MEASURED, Question
from yimei.insight.rules.small_cells import LEAST

Keys = tuple[Any, ...]
ADDS = frozenset({Kind.COUNT, Kind.SHARE})
"""Figures whose total is the whole numbers of their cells added up: it needs no query of its own."""
DRAWN = frozenset({Kind.RATIO, Kind.MEDIAN, Kind.P90})
"""Figures whose interval depends on how many people there are."""


@dataclass(frozen=True)
class Raw:
    """One row of a metric's query."""

    value: float | None
    num: float | None
    den: float | None
    sq: float | None
    people: tuple[int, ...]
    """Those whom the figure counts; of a share or a ratio those of its denominator, then of its numerator."""
    spread: tuple[float, ...] = ()
    """Of a ratio over whole customers, what the delta method needs."""

    @property
    def n(self) -> int:
        return max(self.people, default=0)


NOTHING = Raw(None, None, None, None, (0,))


@dataclass(frozen=True)
class Way:
    """How much of an answer is wanted."""

    sure: bool = True
    """With how sure each figure is."""
    roughly: bool = False
    """Of the people behind a figure only that they are enough, as no page of tiles says how many."""


def read(question: Question, campus: int | None, by: Sequence[Dim], way: Way) -> dict[Keys, Raw]:
    """Ask the mart; people are counted one by one only where they may be few, or their number matters."""
    metric, cut = question.metric, question.slice(campus)
    size = mart.size(metric)
    if way.roughly and question.chart not in MEASURED and _counts_only_to_hide(metric):
        found = _asked(figures(metric, cut, by, size=size, roughly=True), len(by))
        if not any(0 < count < LEAST for raw in found.values() for count in raw.people):
            return found
    if way.sure and size and _varies(metric):
        return _asked(of_customers(metric, cut, by, size=size), len(by))
    return _asked(figures(metric, cut, by, size=size), len(by))


def added(question: Question, cells: Mapping[Keys, Raw], way: Way) -> Raw | None:
    """The total of a split, where its cells hold it and it only has to be known that its people are enough.

    Those of any one cell are enough in all. Where some cell has few, the total is asked by itself.
    """
    metric, found = question.metric, cells.values()
    if not way.roughly or question.chart in MEASURED or not metric.is_personal or metric.kind not in ADDS:
        return None
    if not 0 < len(cells) < MOST_ROWS or any(0 < count < LEAST for raw in found for count in raw.people):
        return None
    num, den = sum(raw.num or 0 for raw in found), sum(raw.den or 0 for raw in found)
    people = tuple(map(max, zip(*(raw.people for raw in found), strict=True)))
    if metric.kind is Kind.COUNT:
        return Raw(num, num, None, None, people)
    return Raw(num / den if den else None, num, den, None, people)


def _counts_only_to_hide(metric: Metric) -> bool:
    """Whether nothing but the hiding of small cells asks how many people stand behind a figure."""
    return metric.is_personal and not (metric.has_chance and metric.kind in DRAWN)


def _varies(metric: Metric) -> bool:
    """Whether its interval is that of a ratio over whole customers."""
    return metric.kind is Kind.RATIO and metric.has_chance


def _asked(sql: str, depth: int) -> dict[Keys, Raw]:
    return {tuple(row[:depth]): _plain(row[depth:]) for row in mart.ask(sql).rows}


def _plain(row: Sequence[Any]) -> Raw:
    value, num, den, sq, n, part, *spread = (None if cell is None else float(cell) for cell in row)
    people = (int(n or 0),) if part is None else (int(n or 0), int(part))
    return Raw(value, num, den, sq, people, tuple(cell or 0.0 for cell in spread))
