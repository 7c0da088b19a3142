"""From a question to SQL: one dialect, every literal written here, nothing a reader typed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from yimei.insight.rules.metrics.dims import DIMS, SPAN_DAYS, Dim
from yimei.insight.rules.metrics.metric import NAMELESS, Kind, Metric

Value = str | int | None


@dataclass(frozen=True)
class Slice:
    """Which rows are counted: a span of days [start, end), one campus or all, and values of dimensions."""

    start: date
    end: date
    campus: int | None = None
    only: Mapping[str, Sequence[Value]] = field(default_factory=dict)


def literal(value: Value) -> str:
    """Write a value as SQL."""
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    return "'" + value.replace("'", "''") + "'"


def where(metric_time: str, cut: Slice, *, is_scoped: bool = True) -> str:
    parts = [
        f"{metric_time} >= DATE '{cut.start.isoformat()}'",
        f"{metric_time} < DATE '{cut.end.isoformat()}'",
    ]
    if cut.campus is not None and is_scoped:
        parts.append(f"campus = {int(cut.campus)}")
    parts += [_among(DIMS[code], values) for code, values in sorted(cut.only.items())]
    return " AND ".join(parts)


def _among(dim: Dim, values: Sequence[Value]) -> str:
    known = [value for value in values if value is not None]
    parts = [f"{dim.sql()} IN ({', '.join(_typed(dim, value) for value in known)})"] if known else []
    if None in values:
        parts.append(f"{dim.sql()} IS NULL")
    return f"({' OR '.join(parts)})" if parts else "FALSE"


def _typed(dim: Dim, value: Value) -> str:
    return f"DATE {literal(str(value))}" if dim.is_time else literal(value)


MOST_BITS = 32_000_000 * 8
"""Up to so many bits in all are people of a cell counted by a bit each; else by a set of numbers."""
OF_PEOPLE = re.compile(r"COUNT\(DISTINCT (CASE WHEN .+? THEN )?customer( END)?\)")


def people(expression: str, cut: Slice, by: Sequence[Dim], size: int | None) -> str:
    """Write every count of people in an expression as a count of bits, where that is cheap and exact.

    ``size`` is how many customers the mart knows: each has a place among them (``nth``). Without it, or for
    more cells than bits may be spent on, the portable count of distinct numbers stands.
    """
    if not size or not all(dim.few or (dim.is_time and dim.span != "day") for dim in by):
        return expression
    cells = 1
    for dim in by:
        cells *= dim.few or (cut.end - cut.start).days // SPAN_DAYS[dim.span] + 2
    if cells * size > MOST_BITS:
        return expression
    bits = f"COALESCE(BIT_COUNT(BITSTRING_AGG(\\g<1>nth\\g<2>, 0, {size - 1})), 0)"
    return OF_PEOPLE.sub(bits, expression)


SOME = 32
"""Into so many heaps people are thrown to see whether they are enough: as many people there are at least."""


def some(expression: str, metric: Metric) -> str:
    """Write every count of people as a number that is never too large, and nought only of nobody.

    Each person has one heap, found by the last bits of her number; counted are the heaps that are not empty.
    It costs a tenth of counting her exactly.
    """
    whom = "nth" if metric.has_places else "customer"
    heap = f"CAST(1 AS BIGINT) << ({whom} & {SOME - 1})"
    return OF_PEOPLE.sub(f"COALESCE(BIT_COUNT(BIT_OR(\\g<1>{heap}\\g<2>)), 0)", expression)


def figures(
    metric: Metric, cut: Slice, by: Sequence[Dim] = (), *, size: int | None = None, roughly: bool = False
) -> str:
    """Return the query of a metric: dimensions d1…, then value, num, den, sq, n and part.

    ``n`` is how many people the figure counts; of a share or a ratio those of its denominator, and ``part``
    those of its numerator. Give ``size`` only for facts whose rows have a place (``has_places``). ``roughly``
    says how many people there are at least; every other number is the same.
    """
    keys = [f"{dim.sql()} AS d{number}" for number, dim in enumerate(by, 1)]
    group = f" GROUP BY {', '.join(dim.sql() for dim in by)}" if by else ""
    condition = where(metric.time, cut) + ("" if metric.among == "TRUE" else f" AND {metric.among}")
    if metric.kind is Kind.PER_PERSON:
        return _per_person(metric, condition, by, size)
    value, num, den, sq = _parts(metric)
    behind = [_whom(metric, rows) for rows in metric.parts] if metric.is_personal else ["COUNT(*)"]
    part = behind[0] if len(behind) > 1 else "NULL"
    picks = [*keys, f"{value} AS value", f"{num} AS num", f"{den} AS den", f"{sq} AS sq"]
    counts = f"{behind[-1]} AS n, {part} AS part"
    counts = some(counts, metric) if roughly else counts
    chosen = people(", ".join([*picks, counts]), cut, by, size)
    return f"SELECT {chosen} FROM {metric.fact} WHERE {condition}{group}"


def _whom(metric: Metric, rows: str) -> str:
    """How many people have such rows; where a row may have no name, it is a person of its own."""
    if metric.fact == "customer":
        return "COUNT(*)" if rows == "TRUE" else f"COUNT(*) FILTER (WHERE {rows})"
    known = "COUNT(DISTINCT customer)"
    if rows != "TRUE":
        known = f"COUNT(DISTINCT CASE WHEN {rows} THEN customer END)"
    if metric.fact not in NAMELESS:
        return known
    return f"{known} + COUNT(*) FILTER (WHERE customer IS NULL AND ({rows}))"


def _parts(metric: Metric) -> tuple[str, str, str, str]:
    """Return value, numerator, denominator and sum of squares."""
    value, base = metric.value, metric.base
    match metric.kind:
        case Kind.COUNT:
            count = f"COUNT(*) FILTER (WHERE {value})"
            return count, count, "NULL", "NULL"
        case Kind.PEOPLE:
            count = f"COUNT(DISTINCT CASE WHEN {value} THEN customer END)"
            return count, count, "NULL", "NULL"
        case Kind.SUM:
            return f"COALESCE(SUM({value}), 0)", f"COALESCE(SUM({value}), 0)", "NULL", "NULL"
        case Kind.SHARE:
            num = f"COUNT(*) FILTER (WHERE ({value}) AND ({base}))"
            den = f"COUNT(*) FILTER (WHERE {base})"
            return f"CAST({num} AS DOUBLE) / NULLIF({den}, 0)", num, den, "NULL"
        case Kind.RATIO:
            return f"CAST({value} AS DOUBLE) / NULLIF({base}, 0)", value, base, "NULL"
        case Kind.MEAN:
            x = _counted(value, base)
            return f"AVG({x})", f"SUM({x})", f"COUNT({x})", f"SUM(CAST({x} AS DOUBLE) * ({x}))"
        case Kind.MEDIAN | Kind.P90:
            x, q = _counted(value, base), 0.5 if metric.kind is Kind.MEDIAN else 0.9
            return f"QUANTILE_CONT(CAST({x} AS DOUBLE), {q})", "NULL", f"COUNT({x})", "NULL"
    raise ValueError(metric.kind)


def _counted(value: str, base: str) -> str:
    return f"({value})" if base == "TRUE" else f"CASE WHEN {base} THEN {value} END"


def _per_person(metric: Metric, condition: str, by: Sequence[Dim], size: int | None) -> str:
    keys = [f"{dim.sql()} AS d{number}" for number, dim in enumerate(by, 1)]
    whom = "nth" if size else "customer"
    groups = ", ".join([whom, *(dim.sql() for dim in by)])
    inner = (
        f"SELECT {', '.join([whom, *keys, f'{metric.inner} AS x'])} FROM {metric.fact}"
        f" WHERE {condition} GROUP BY {groups}"
    )
    outer = [f"d{number}" for number in range(1, len(by) + 1)]
    num = f"COUNT(*) FILTER (WHERE ({metric.value}) AND ({metric.base}))"
    den = f"COUNT(*) FILTER (WHERE {metric.base})"
    picks = [
        *outer,
        f"CAST({num} AS DOUBLE) / NULLIF({den}, 0) AS value",
        f"{num} AS num",
        f"{den} AS den",
        "NULL AS sq",
        f"{den} AS n",
        f"{num} AS part",
    ]
    group = f" GROUP BY {', '.join(outer)}" if outer else ""
    return f"SELECT {', '.join(picks)} FROM ({inner}) AS t{group}"


def of_customers(metric: Metric, cut: Slice, by: Sequence[Dim] = (), *, size: int | None = None) -> str:
    """Return, of a ratio, its figures and its spread at once: each customer's rows are put together once."""
    keys = [f"{dim.sql()} AS d{number}" for number, dim in enumerate(by, 1)]
    whom = "nth" if size else "customer"
    sides = ", ".join(
        f"BOOL_OR({rows}) AS {name}" for rows, name in zip(metric.parts, ("above", "below"), strict=True)
    )
    each = [f"{whom} AS who", *keys, f"{metric.value} AS num", f"{metric.base} AS den", sides]
    inner = (
        f"SELECT {', '.join(each)} FROM {metric.fact} WHERE {where(metric.time, cut)}"
        f" GROUP BY {', '.join([whom, *(dim.sql() for dim in by)])}"
    )
    names = [f"d{number}" for number in range(1, len(by) + 1)]
    picks = [
        *names,
        "CAST(SUM(num) AS DOUBLE) / NULLIF(SUM(den), 0) AS value",
        "SUM(num) AS num, SUM(den) AS den, NULL AS sq",
        "COUNT(who) FILTER (WHERE below) AS n, COUNT(who) FILTER (WHERE above) AS part",
        SPREAD,
    ]
    group = f" GROUP BY {', '.join(names)}" if names else ""
    return f"SELECT {', '.join(picks)} FROM ({inner}) AS u{group}"


SPREAD = (
    "SUM(num), SUM(den), SUM(CAST(num AS DOUBLE) * num), SUM(CAST(num AS DOUBLE) * den),"
    " SUM(CAST(den AS DOUBLE) * den), COUNT(*)"
)
"""What the delta method needs of a ratio, in its order."""


def spread(metric: Metric, cut: Slice, by: Sequence[Dim] = (), *, size: int | None = None) -> str:
    """Return, of a ratio, what the delta method needs: sums, squares and product over whole customers."""
    keys = [f"d{number}" for number in range(1, len(by) + 1)]
    group = f" GROUP BY {', '.join(keys)}" if keys else ""
    inner = units(metric, cut, by, limit=None, size=size)
    return f"SELECT {', '.join([*keys, SPREAD])} FROM ({inner}) AS u{group}"


def units(
    metric: Metric,
    cut: Slice,
    by: Sequence[Dim] = (),
    *,
    limit: int | None = 200_000,
    size: int | None = None,
) -> str:
    """Return one row per customer: dimensions, numerator and denominator; what a bootstrap draws from."""
    if metric.kind in {Kind.MEDIAN, Kind.P90}:
        x = _counted(metric.value, metric.base)
        keys = [f"{dim.sql()} AS d{number}" for number, dim in enumerate(by, 1)]
        picks = ", ".join([*keys, f"CAST({x} AS DOUBLE) AS num", "1 AS den"])
        return (
            f"SELECT {picks} FROM {metric.fact} WHERE {where(metric.time, cut)} AND {x} IS NOT NULL"
            f" LIMIT {limit}"
        )
    keys = [f"{dim.sql()} AS d{number}" for number, dim in enumerate(by, 1)]
    most = f" LIMIT {limit}" if limit else ""
    whom = "nth" if size else metric.unit_of_chance
    groups = ", ".join([whom, *(dim.sql() for dim in by)])
    picks = ", ".join([*keys, f"{metric.value} AS num", f"{metric.base} AS den"])
    return f"SELECT {picks} FROM {metric.fact} WHERE {where(metric.time, cut)} GROUP BY {groups}{most}"
