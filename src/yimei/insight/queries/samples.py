"""Rows of the mart for a statistical question: the columns it needs, without groups of too few people."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from yimei.core.errors import NotFound, RuleBroken
from yimei.insight import registry
from yimei.insight.queries import mart
from yimei.insight.queries.cuts import Asked, known, of_statistics
from yimei.insight.queries.labels import labels
from yimei.insight.queries.rights import campus_of, is_watched
from yimei.insight.rules import statistics
from yimei.insight.rules.metrics.dims import DIMS, TABLES, dims_of, measures_of
from yimei.insight.rules.metrics.sql import Slice, where
from yimei.insight.rules.small_cells import LEAST, hidden
from yimei.insight.rules.statistics import Curve, Finding, Model
from yimei.insight.rules.words import Words
from yimei.people.models import Staff
from yimei.people.roles import Permission

MOST = 100_000
MOST_GROUPS = 12
STEPS = (30, 60, 90, 180, 365)
"""The days after a first visit by which the table says who came back."""
FINANCE = {"payment"}
SETS = (
    "booking",
    "episode",
    "consultation",
    "quote",
    "sale",
    "surgery",
    "review",
    "aftercare",
    "survey",
    "customer",
    "lead",
    "touch",
    "stock_use",
)


@dataclass(frozen=True)
class Found:
    """What came out; ``left_out`` names the groups of too few people."""

    tests: Sequence[Finding] = ()
    model: Model | None = None
    curves: Sequence[Curve] = ()
    groups: Sequence[tuple[str, int, float | None, float | None]] = ()
    table: tuple[Sequence[str], Sequence[tuple[str, Sequence[int]]]] | None = None
    left_out: Sequence[str] = ()
    n: int = 0


def columns_of(fact: str) -> tuple[dict[str, Words], dict[str, Words]]:
    """Return the columns that are numbers, and those that are yes or no."""
    known = {column.name: column for column in TABLES[fact].columns}
    numbers = {name: known[name].words for name in measures_of(fact)}
    flags = {name: column.words for name, column in known.items() if column.kind == "BOOLEAN"}
    return numbers, flags


def find(asked: Asked, *, by: Staff) -> Found:
    """Run the question on the rows that the reader's right reaches."""
    if asked.fact in FINANCE and not by.may(Permission.INSIGHT_FINANCE):
        raise NotFound
    found = KINDS[asked.kind](asked, by)
    if is_watched(by):
        campus = campus_of(by)
        refused = registry.tell(of_statistics(asked, campus), campus=campus, by=by)
        if refused:
            raise RuleBroken(refused, code="near")
    return found


def _groups(asked: Asked, by: Staff, *, need: int = 2) -> tuple[Found, Mapping[str, list[float]]]:
    dim = DIMS[asked.group]
    rows = _rows(asked, by, [dim.sql(), f"CAST({asked.outcome} AS DOUBLE)"])
    say = labels(dim, asked.fact, by)
    people: dict[str, set[Any]] = defaultdict(set)
    values: dict[str, list[float]] = defaultdict(list)
    for customer, key, value in rows:
        people[say(key)].add(customer)
        values[say(key)].append(float(value))
    small = _small({(name,): len(who) for name, who in people.items()})
    kept = {name: values[name] for name in sorted(values, key=lambda n: -len(values[n])) if name not in small}
    kept = dict(list(kept.items())[:MOST_GROUPS])
    if len(kept) < need:
        raise RuleBroken(_("至少要有 %(need)d 组各不少于 10 人，请放宽时间或换一个分组。") % {"need": need})
    told = [(name, len(v), _mean(v), _deviation(v)) for name, v in kept.items()]
    return Found(groups=told, left_out=small, n=sum(map(len, kept.values()))), kept


def _compare(asked: Asked, by: Staff) -> Found:
    base, groups = _groups(asked, by)
    if all(len(set(values)) < 2 for values in groups.values()):
        raise RuleBroken(_("这个数值在各组之内都没有变化，不能检验。"))
    if len(groups) == 2:
        a, b = groups.values()
        tests = [statistics.welch(a, b), statistics.mann_whitney(a, b)]
    else:
        tests = [statistics.anova(groups), statistics.kruskal(groups)]
    return Found(tests=tests, groups=base.groups, left_out=base.left_out, n=base.n)


def _cross(asked: Asked, by: Staff) -> Found:
    dim = DIMS[asked.group]
    rows = _rows(asked, by, [dim.sql(), asked.outcome])
    say = labels(dim, asked.fact, by)
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    people: dict[tuple[str, int], set[Any]] = defaultdict(set)
    for customer, key, flag in rows:
        place = 0 if flag else 1
        counts[say(key)][place] += 1
        people[say(key), place].add(customer)
    small = _small({cell: len(who) for cell, who in people.items()})
    kept = {name: tuple(pair) for name, pair in counts.items() if name not in small}
    table = list(kept.values())
    if len(table) < 2 or not all(sum(column) for column in zip(*table, strict=True)):
        raise RuleBroken(_("至少要有两组的是与否各不少于 10 人（或为零），且是与否都出现过。"))
    test = statistics.cross_table(table)
    if len(kept) > 2:
        pairs = statistics.shares_by_pairs({name: (pair[0], sum(pair)) for name, pair in kept.items()})
        test = replace(test, pairs=pairs, pair_words=Words("比例差", "difference of shares"))
    head = [_("是"), _("否")]
    return Found([test], table=(head, list(kept.items())), left_out=small, n=sum(map(sum, table)))


def _correlate(asked: Asked, by: Staff) -> Found:
    if not asked.predictors:
        raise RuleBroken(_("请再选一个数值。"))
    other = asked.predictors[0]
    rows = _rows(asked, by, [f"CAST({asked.outcome} AS DOUBLE)", f"CAST({other} AS DOUBLE)"])
    a, b = [row[1] for row in rows], [row[2] for row in rows]
    _enough(rows)
    if len(set(a)) < 2 or len(set(b)) < 2:
        raise RuleBroken(_("其中一个数值没有变化，不能计算相关。"))
    return Found([statistics.correlation(a, b), statistics.correlation(a, b, ranked=True)], n=len(a))


def _regress(asked: Asked, by: Staff) -> Found:
    if not asked.predictors:
        raise RuleBroken(_("请选至少一个自变量。"))
    numbers, flags = columns_of(asked.fact)
    picks = [asked.outcome, *asked.predictors]
    rows = _rows(asked, by, [f"CAST({name} AS DOUBLE)" for name in picks])
    _enough(rows)
    y = [row[1] for row in rows]
    words = {**numbers, **flags}
    predictors = {str(words[name]): [row[n] for row in rows] for n, name in enumerate(asked.predictors, 2)}
    fit = statistics.logistic if asked.outcome in flags else statistics.linear
    return Found(model=fit(y, predictors), n=len(y))


def _revisit(asked: Asked, by: Staff) -> Found:
    """How long from the first visit to the next; whoever has not come back yet is still waited for."""
    dim = DIMS[asked.group]
    rows = _rows(asked, by, [dim.sql(), "next_days", "(SELECT as_of FROM about) - day"])
    say = labels(dim, asked.fact, by)
    groups: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    people: dict[tuple[str, bool], set[Any]] = defaultdict(set)
    for customer, key, wait, seen in rows:
        came = wait is not None
        groups[say(key)].append((float(wait if came else seen), came))
        people[say(key), came].add(customer)
    small = _small({cell: len(who) for cell, who in people.items()})
    kept = {name: times for name, times in groups.items() if name not in small}
    kept = dict(sorted(kept.items(), key=lambda item: -len(item[1]))[:6])
    if not kept:
        raise RuleBroken(_("至少要有一组再来和未再来的人各不少于 10 人（或为零），请放宽时间或换一个分组。"))
    tests = [statistics.log_rank(kept)] if len(kept) > 1 else []
    shown = [statistics.told(name, times, STEPS, LEAST) for name, times in kept.items()]
    return Found(tests, curves=shown, left_out=small, n=sum(map(len, kept.values())))


KINDS = {
    "compare": _compare,
    "cross": _cross,
    "correlate": _correlate,
    "regress": _regress,
    "revisit": _revisit,
}


def _rows(asked: Asked, by: Staff, picks: Sequence[str]) -> Sequence[tuple[Any, ...]]:
    cut = Slice(asked.start, asked.end, campus_of(by))
    return mart.ask(
        f"SELECT customer, {', '.join(picks)} FROM {asked.fact} WHERE {where('day', cut)} AND {known(asked)}"
        f" LIMIT {MOST}"
    ).rows


def _small(people: Mapping[tuple[Any, ...], int]) -> list[str]:
    """Name the groups that do not take part: of too few people, or what would give such a group away.

    Their totals stand on other pages, and a test's own number tells of every cell that is in it.
    """
    return sorted({str(cell[0]) for cell in hidden(people)})


def _enough(rows: Sequence[tuple[Any, ...]]) -> None:
    if len({row[0] for row in rows}) < LEAST:
        raise RuleBroken(_("不足 10 人，不能计算。请放宽时间。"))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _deviation(values: Sequence[float]) -> float | None:
    if len(values) < 2:
        return None
    mean = _mean(values)
    return float((sum((x - mean) ** 2 for x in values) / (len(values) - 1)) ** 0.5)


def groups_of(fact: str) -> Sequence[Any]:
    return [dim for dim in dims_of(fact) if not dim.is_time]
