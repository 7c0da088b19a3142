"""A question to the explorer, as an address holds it: which figure, split how, when, against what."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from urllib.parse import parse_qsl, urlencode

from yimei.core.clock import add_years
from yimei.insight.enums import Chart
from yimei.insight.rules.metrics import BY_CODE, Metric
from yimei.insight.rules.metrics.dims import DIMS, NUMBERS, TABLES, Dim, dims_of, measures_of
from yimei.insight.rules.metrics.metric import Kind
from yimei.insight.rules.metrics.sql import Slice, Value
from yimei.insight.rules.words import Words

SPANS: Mapping[str, tuple[Words, int]] = {
    "30": (Words("近 30 天", "30 days"), 30),
    "90": (Words("近 90 天", "90 days"), 90),
    "180": (Words("近半年", "6 months"), 182),
    "365": (Words("近一年", "1 year"), 365),
    "730": (Words("近两年", "2 years"), 730),
}
VERSUS: Mapping[str, Words] = {
    "": Words("不对比", "nothing"),
    "previous": Words("上一期", "period before"),
    "year": Words("去年同期", "year before"),
}
NOTHING = "~"
"""How an address writes the value of those without one."""
MOST_VALUES = 20
WIDER_SPAN = {"day": "week", "week": "month", "month": "quarter", "quarter": "year"}
FIRST = date(2000, 1, 1)
MEASURED = {Chart.HISTOGRAM, Chart.BOX, Chart.SCATTER}
"""Charts that draw the values of single rows, not figures."""


@dataclass(frozen=True)
class Question:
    """One question; every part is known to the catalogue."""

    metric: Metric
    by: tuple[Dim, ...]
    chart: Chart
    start: date
    end: date
    span: str = "90"
    versus: str = ""
    only: Mapping[str, Sequence[Value]] = field(default_factory=dict)
    measure: str = ""

    def slice(self, campus: int | None) -> Slice:
        return Slice(self.start, self.end, campus, self.only)

    def before(self) -> "Question":
        """The same question about the period to compare with; whole months with whole months."""
        if self.versus == "year":
            return replace(self, start=add_years(self.start, -1), end=add_years(self.end, -1))
        if self.start.day == self.end.day == 1:
            months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month
            return replace(self, start=months_later(self.start, -months), end=self.start)
        return replace(self, start=self.start - (self.end - self.start), end=self.start)

    @property
    def last(self) -> date:
        """The last day that counts; ``end`` is the day after it."""
        return self.end - timedelta(days=1)

    def query(self, **changes: str | None) -> str:
        """Return the address's query, with some parts set anew; None takes one out."""
        parts: dict[str, str] = {"m": self.metric.code, "c": self.chart.value, "span": self.span}
        if self.span == "own":
            parts |= {"from": self.start.isoformat(), "to": self.last.isoformat()}
        parts |= {f"by{number}": dim.code for number, dim in enumerate(self.by, 1)}
        parts |= {"vs": self.versus, "x": self.measure}
        for code, values in sorted(self.only.items()):
            parts[f"f.{code}"] = ",".join(NOTHING if value is None else str(value) for value in values)
        for name, value in changes.items():
            parts[name.replace("__", ".")] = value or ""
        return urlencode({name: value for name, value in parts.items() if value})


def coarser(question: Question) -> list[Question]:
    """The same question asked of more people at a time, the next finer first.

    A number of more days; months in quarters; of two ways to split one; each of more days, too.
    """
    today = question.last
    wider = [span for span, (_words, days) in SPANS.items() if days > (question.end - question.start).days]
    asked = [question.query(span=span) for span in wider]
    if question.by:
        spans = [question.span, *wider[-1:]]
        splits = [tuple(WIDER_SPAN.get(dim.code, dim.code) for dim in question.by)]
        splits += [(code,) for code in splits[0]] if len(question.by) == 2 else []
        asked = [
            question.query(span=span, by1=split[0], by2=split[1] if split[1:] else None)
            for split in splits
            for span in spans
        ]
    found = [parse(dict(parse_qsl(text)), today=today) for text in dict.fromkeys(asked)]
    return [one for one in found if one.query() != question.query()]


def months_later(day: date, months: int) -> date:
    """Return the same day so many months on, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def after(day: date, span: str) -> date:
    """Return the first day of the week, month … after the one that begins on a day."""
    months = {"month": 1, "quarter": 3, "year": 12}.get(span)
    return months_later(day, months) if months else day + timedelta(days=7 if span == "week" else 1)


def parse(given: Mapping[str, str], *, today: date) -> Question:
    """Read an address; what it does not know falls back, so that an old link still opens something."""
    metric = BY_CODE.get(given.get("m", ""), BY_CODE["visits"])
    known = {dim.code: dim for dim in dims_of(metric.fact)}
    by: list[Dim] = []
    for name in ("by1", "by2"):
        dim = known.get(given.get(name, ""))
        if dim and dim not in by:
            by.append(dim)
    span, start, end = _span(given, today)
    charts = charts_for(metric, by)
    chart = Chart(given["c"]) if given.get("c") in {chart.value for chart in charts} else charts[0]
    measures = measures_of(metric.fact)
    measure = given.get("x", "") if given.get("x", "") in measures else ""
    if chart in MEASURED and not measure:
        measure = measures[0]
    versus = given.get("vs", "") if given.get("vs", "") in VERSUS else ""
    only = {
        code: values
        for code, dim in known.items()
        if (text := given.get(f"f.{code}")) and (values := _values(dim, metric.fact, text))
    }
    return Question(metric, tuple(by), chart, start, end, span, versus, only, measure)


def charts_for(metric: Metric, by: Sequence[Dim]) -> list[Chart]:
    """Return the charts that can draw an answer, the fittest first."""
    measured = [Chart.HISTOGRAM, Chart.BOX] if measures_of(metric.fact) else []
    scatter = [Chart.SCATTER] if measures_of(metric.fact) else []
    if not by:
        return [Chart.NUMBER, Chart.TABLE, *measured]
    adds = metric.is_additive or metric.kind is Kind.PEOPLE
    if len(by) == 2:
        flow = [Chart.SANKEY] if adds and not any(dim.is_time for dim in by) else []
        lines = [Chart.LINE] if by[0].is_time else []
        return [*lines, Chart.HEAT, Chart.BAR, *flow, Chart.TABLE]
    if by[0].is_time:
        calendar = [Chart.CALENDAR] if by[0].span == "day" else []
        return [*calendar, Chart.LINE, Chart.BAR, Chart.TABLE]
    parts = [Chart.PIE, Chart.FUNNEL] if adds else []
    if by[0].code == "province":
        parts.insert(0, Chart.MAP)
    return [Chart.BAR, *parts, Chart.TABLE, *measured, *scatter]


def _span(given: Mapping[str, str], today: date) -> tuple[str, date, date]:
    start, end = _day(given.get("from", "")), _day(given.get("to", ""))
    if given.get("span") == "own" and start and end and FIRST <= start <= end:
        return "own", start, end + timedelta(days=1)
    span = given.get("span", "") if given.get("span", "") in SPANS else "90"
    return span, today + timedelta(days=1 - SPANS[span][1]), today + timedelta(days=1)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _values(dim: Dim, fact: str, text: str) -> list[Value]:
    found: list[Value] = []
    for word in text.split(",")[:MOST_VALUES]:
        if word == NOTHING:
            found.append(None)
        elif dim.is_time:
            found += [word] if _day(word) else []
        elif _kind(dim, fact) in NUMBERS:
            found += [int(word)] if len(word) < 10 and word.isascii() and word.isdigit() else []
        elif word:
            found.append(word)
    return found


def _kind(dim: Dim, fact: str) -> str:
    return next(column.kind for column in TABLES[fact].columns if column.name == dim.column)


def dim(code: str) -> Dim:
    return DIMS[code]
