"""From a figure to the records it counts: only those that the reader may open where they belong.

A served row has no number of its record. It stands at the same place as the stored one, though: both are
written in the order of day and number, so the place leads from one to the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from yimei.core.errors import NotFound
from yimei.insight.enums import Chart
from yimei.insight.gateways.reader import beside_base
from yimei.insight.queries import mart
from yimei.insight.queries.figures import answer
from yimei.insight.queries.records import SOURCES, Line
from yimei.insight.queries.rights import campus_of, is_watched, may_see
from yimei.insight.rules.metrics.metric import Kind, Metric
from yimei.insight.rules.metrics.sql import where
from yimei.insight.rules.questions import Question
from yimei.insight.rules.small_cells import LEAST
from yimei.people.models import Staff
from yimei.people.roles import Permission

MOST = 50
"""No more people in one list than may be listed without a purpose in writing."""


@dataclass(frozen=True)
class Drilled:
    """The records that the reader may open, and how many the figure counts.

    Whoever sees more figures than records learns no number that so few people stand behind (ADR 88).
    """

    lines: Sequence[Line]
    counted: int | None
    permission: Permission | None


def drill(question: Question, *, by: Staff) -> Drilled:
    """Return the records behind a figure; of what the reader may not see only how many there are."""
    metric = question.metric
    if not may_see(metric, by):
        raise NotFound
    source = SOURCES.get(metric.fact)
    condition = f"{where('day', question.slice(campus_of(by)))} AND {metric.among} AND {_counts(metric)}"
    if source is None:
        return Drilled((), 0, None)
    of, columns = source.via or (metric.fact, ())
    picked = f"SELECT {', '.join(columns) or 'rowid AS place'} FROM served.{metric.fact} WHERE {condition}"
    same = " AND ".join(f"b.{name} = p.{name}" for name in columns) or "b.file_row_number = p.place"

    def found(con: Any, base: Path) -> tuple[int, int, list[tuple[date, int]]]:
        counted, people = con.execute(
            f"SELECT COUNT(*), {_people(metric)} FROM served.{metric.fact} WHERE {condition}"
        ).fetchone()
        if not by.may(source.permission):
            return counted, people, []
        numbers = con.execute(
            f"SELECT DISTINCT b.day, b.row FROM ({picked}) AS p"
            f" JOIN read_parquet('{base / of}.parquet', file_row_number=true) AS b ON {same}"
            f" ORDER BY b.day DESC, b.row DESC LIMIT {MOST * 5}"
        ).fetchall()
        return counted, people, numbers

    counted, people, numbers = beside_base(mart.path(), found)
    guesses = metric.is_personal and (is_watched(by) or not by.may(source.permission))
    told = None if guesses and (0 < people < LEAST or _is_withheld(question, by)) else counted
    if not by.may(source.permission):
        return Drilled((), told, source.permission)
    lines = source.read([number for _day, number in numbers], by)
    return Drilled(lines[:MOST], told, source.permission)


def _is_withheld(question: Question, by: Staff) -> bool:
    """Whether the figure itself is not told to this reader."""
    return answer(replace(question, by=(), chart=Chart.NUMBER), by=by, sure=False).total.is_hidden


def _people(metric: Metric) -> str:
    return "COUNT(DISTINCT customer)" if metric.is_personal else "COUNT(*)"


def _counts(metric: Metric) -> str:
    """The rows that make up a figure: those of its numerator, where it is a count."""
    if metric.kind in {Kind.COUNT, Kind.PEOPLE}:
        return f"({metric.value})"
    if metric.kind is Kind.SHARE:
        return f"({metric.value}) AND ({metric.base})"
    if metric.kind in {Kind.MEAN, Kind.MEDIAN, Kind.P90}:
        return f"({metric.value}) IS NOT NULL AND ({metric.base})"
    return "TRUE"
