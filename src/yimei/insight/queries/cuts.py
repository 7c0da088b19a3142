"""What a reader is told, as the rows it is told of: those of a fact under a condition, split by some keys.

From the address of a question the same can be drawn up again on later days, for later books.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import parse_qsl, urlencode

from yimei.insight.enums import Chart
from yimei.insight.queries import mart
from yimei.insight.rules.metrics import BY_CODE
from yimei.insight.rules.metrics.dims import DIMS, TABLES
from yimei.insight.rules.metrics.sql import Slice, where
from yimei.insight.rules.questions import MEASURED, Question, parse
from yimei.insight.rules.words import Words

BINS = 20
STATISTICS = "statistics"


@dataclass(frozen=True)
class Cut:
    """Rows of a fact, split by keys: their cells and their total are told."""

    fact: str
    keys: tuple[str, ...]
    condition: str
    own: str = "TRUE"
    """Of it what the metric itself asks of a row: only figures that ask the same are subtracted."""


@dataclass(frozen=True)
class Telling:
    """All that one answer tells, and how to ask for it again."""

    text: str
    fact: str
    start: date
    end: date
    words: str
    cuts: tuple[Cut, ...]
    is_rolling: bool = False
    """Its days move with the calendar: the last 90, not those from one day to another."""


@dataclass(frozen=True)
class Bins:
    """The stretches of a histogram, and which rows lie in any."""

    low: float
    width: float
    cut: Cut


@dataclass(frozen=True)
class Asked:
    """One statistical question: which rows, what is compared, by what."""

    kind: str
    fact: str
    outcome: str
    group: str
    predictors: Sequence[str]
    start: date
    end: date


def of_question(question: Question, campus: int | None) -> Telling:
    """Return what the answer of a question tells, its comparison and its picture included."""
    found = [*_figures(question, campus)]
    if question.versus:
        found += _figures(question.before(), campus)
    picture = _picture(question, campus)
    has_own_rows = question.chart in MEASURED
    return Telling(
        question.query(**({} if has_own_rows else {"c": None, "x": None})),
        question.metric.fact,
        question.start,
        question.end,
        str(question.metric.words),
        (*found, *([picture] if picture else [])),
        is_rolling=question.span != "own",
    )


def of_statistics(asked: Asked, campus: int | None) -> Telling:
    text = urlencode(
        {
            STATISTICS: asked.kind,
            "fact": asked.fact,
            "outcome": asked.outcome,
            "group": asked.group,
            "predictors": ",".join(sorted(asked.predictors)),
            "from": asked.start.isoformat(),
            "to": (asked.end - timedelta(days=1)).isoformat(),
        }
    )
    cut = Cut(asked.fact, keys_of(asked), f"{_days(asked, campus)} AND {known(asked)}")
    return Telling(text, asked.fact, asked.start, asked.end, str(TABLES[asked.fact].words), (cut,))


def again(
    text: str, campus: int | None, *, on: date, days: tuple[date, date] | None = None
) -> Telling | None:
    """Draw up anew what was once told, as it would be on a day, or of the days of which it was told."""
    given = dict(parse_qsl(text))
    if days is not None:
        given |= {"from": days[0].isoformat(), "to": (days[1] - timedelta(days=1)).isoformat(), "span": "own"}
    if given.get("fact") in TABLES and STATISTICS in given:
        predictors = [name for name in given.get("predictors", "").split(",") if name]
        start, end = date.fromisoformat(given["from"]), date.fromisoformat(given["to"]) + timedelta(days=1)
        asked = Asked(
            given[STATISTICS],
            given["fact"],
            given.get("outcome", ""),
            given.get("group", ""),
            predictors,
            start,
            end,
        )
        return of_statistics(asked, campus)
    return of_question(parse(given, today=on), campus) if given.get("m") in BY_CODE else None


def named(text: str) -> Words | None:
    """What a question once told asked for, in both languages; None when there is no such figure now."""
    given = dict(parse_qsl(text))
    if STATISTICS in given:
        return TABLES[given["fact"]].words if given.get("fact") in TABLES else None
    return BY_CODE[given["m"]].words if given.get("m") in BY_CODE else None


def bins(question: Question, campus: int | None) -> Bins | None:
    """Return the stretches of a measure between its 1st and its 99th of a hundred."""
    x, fact = question.measure, question.metric.fact
    condition = measured(question, campus)
    ends = mart.ask(
        f"SELECT QUANTILE_CONT(CAST({x} AS DOUBLE), 0.01), QUANTILE_CONT(CAST({x} AS DOUBLE), 0.99)"
        f" FROM {fact} WHERE {condition}"
    ).rows[0]
    if ends[0] is None:
        return None
    low, high = float(ends[0]), float(ends[1])
    kind = next(column.kind for column in TABLES[fact].columns if column.name == x)
    width = max(_step((high - low) / BINS), 1.0 if kind in {"INTEGER", "BIGINT"} else 0.0)
    key = f"FLOOR(CAST({x} AS DOUBLE) / {width})"
    within = f"{condition} AND {x} BETWEEN {low} AND {high}"
    return Bins(low, width, Cut(fact, (key,), within, question.metric.rows))


def measured(question: Question, campus: int | None) -> str:
    """The rows that a picture of a measure is of: those that the figure counts, in its own days."""
    metric = question.metric
    rows = _among(where(metric.time, question.slice(campus)), metric.rows)
    return f"{rows} AND {question.measure} IS NOT NULL"


def _among(condition: str, own: str) -> str:
    return condition if own == "TRUE" else f"{condition} AND ({own})"


def keys_of(asked: Asked) -> tuple[str, ...]:
    return () if asked.kind in {"correlate", "regress"} else (DIMS[asked.group].sql(),)


def known(asked: Asked) -> str:
    """The rows of which a statistical question knows all it needs."""
    if asked.kind == "revisit":
        return "is_arrived AND visit_no = 1 AND day <= (SELECT as_of FROM about)"
    names = [asked.outcome]
    if asked.kind == "correlate":
        names += asked.predictors[:1]
    if asked.kind == "regress":
        names += asked.predictors
    return " AND ".join(f"{name} IS NOT NULL" for name in names)


def _days(asked: Asked, campus: int | None) -> str:
    return where("day", Slice(asked.start, asked.end, campus))


def _figures(question: Question, campus: int | None) -> list[Cut]:
    """The rows that a figure counts: of a share those of its numerator, and those of its denominator.

    What was spent, on nobody, is no difference between people.
    """
    metric = question.metric
    keys = tuple(dim.sql() for dim in question.by)
    condition = _among(where(metric.time, question.slice(campus)), metric.somebody)
    return [Cut(metric.fact, keys, _among(condition, own), own) for own in dict.fromkeys(metric.parts)]


def _picture(question: Question, campus: int | None) -> Cut | None:
    """The rows of a picture with a query of its own: stretches of a histogram, boxes, points."""
    if question.chart not in MEASURED or not question.measure:
        return None
    if question.chart == Chart.HISTOGRAM:
        found = bins(question, campus)
        return found.cut if found else None
    keys = tuple(dim.sql() for dim in question.by[:1])
    return Cut(question.metric.fact, keys, measured(question, campus), question.metric.rows)


def _step(raw: float) -> float:
    """A width that reads well: 1, 2 or 5 of some power of ten."""
    if raw <= 0:
        return 1.0
    power = 10.0 ** len(str(int(raw))) / 10 if raw >= 1 else 0.1
    return next((power * factor for factor in (1, 2, 5, 10) if power * factor >= raw), power * 10)
