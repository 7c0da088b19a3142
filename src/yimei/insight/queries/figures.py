"""Answers a question: figures with their uncertainty, small cells hidden, compared with another period."""

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from django.utils.translation import get_language

from yimei.core.errors import NotFound
from yimei.insight import registry
from yimei.insight.queries import mart, told
from yimei.insight.queries.cuts import of_question
from yimei.insight.queries.labels import labels
from yimei.insight.queries.raw import DRAWN, NOTHING, Keys, Raw, Way, added, read
from yimei.insight.queries.rights import campus_of, is_watched, may_open, may_see
from yimei.insight.rules import intervals
from yimei.insight.rules.dashboards import Ready
from yimei.insight.rules.intervals import Difference, Interval
from yimei.insight.rules.mart.derived import AGE_BANDS
from yimei.insight.rules.metrics.metric import Kind, Metric
from yimei.insight.rules.metrics.sql import spread, units
from yimei.insight.rules.questions import Question, coarser, parse
from yimei.insight.rules.small_cells import hidden_in_any, total_is_hidden
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.rules.deidentify.figures import Figure, check_figures

MOST_CELLS = 2000
MOST_UNITS = 3000
"""Of more customers a ratio's interval is computed from sums, and a median's is too narrow to show."""
KEPT = 1000
ENOUGH = 0.5
"""Of fewer groups shown than this a page asks the question of more people at a time."""
AGES = {label: place for place, (_low, label) in enumerate(AGE_BANDS)}


@dataclass(frozen=True)
class Cell:
    """One figure: its keys and their words, its value, and how sure it is. A hidden one has no value."""

    keys: Keys
    names: tuple[str, ...]
    value: float | None
    n: int | None
    interval: Interval | None = None
    before: float | None = None
    change: Difference | None = None
    is_hidden: bool = False
    people: tuple[int, ...] = ()
    """All whom it tells of; ``n`` are the most."""


@dataclass(frozen=True)
class Answer:
    """What the explorer shows."""

    question: Question
    cells: Sequence[Cell]
    total: Cell
    hidden_count: int
    is_cut: bool = False
    refused: str = ""
    """Why it was withheld as a whole: with an earlier answer it would point at somebody."""


@dataclass(frozen=True)
class Then:
    """The same figure in the period compared with."""

    raw: Raw
    interval: Interval | None


_lock = threading.Lock()
_kept: dict[tuple[Any, ...], Answer] = {}


def answer(
    question: Question,
    *,
    by: Staff,
    sure: bool = True,
    roughly: bool = False,
    page: Ready | None = None,
) -> Answer:
    """Return the figures of a question as far as the reader's right reaches.

    On a ready ``page`` of his own work a reader sees its tiles without the right to all figures. Answered
    ``roughly``, ``n`` and ``people`` are at least so many; all else is the same.

    Kept until the next mart, under all that decides them: the question, the campus, names, and the language.
    """
    campus = _reach(question, by, page)
    return _as_told(_made(question, campus, by, Way(sure, roughly)), campus, by)


def finest(questions: Sequence[Question], *, by: Staff, page: Ready | None = None) -> Answer:
    """Answer the first of several questions of which enough is shown, else the one of which most is.

    People are counted roughly. Only what is answered counts as told: the others were never seen.
    """
    best, most = None, 0.0
    for question in questions:
        campus = _reach(question, by, page)
        found = _made(question, campus, by, Way(roughly=True))
        share = _shown(found)
        if share >= ENOUGH:
            return _as_told(found, campus, by)
        if best is None or share > most:
            best, most = (found, campus), share
    if best is None:
        raise NotFound
    return _as_told(*best, by)


def look_ahead(questions: Sequence[Question], *, by: Staff, page: Ready | None = None) -> None:
    """Ask the mart, two questions at a time, for what several answers will need; it remembers what it said.

    A question over few days is worked on by one core only, and a page waits for all of its tiles.
    """
    names, way = by.may(Permission.INSIGHT_STAFF), Way(roughly=True)
    asked = [(question, _reach(question, by, page)) for question in questions]
    with _lock:
        wanted = [one for one in asked if _key(*one, names, way) not in _kept]
    looks: list[Callable[[], object]] = [partial(_asked, *one, way) for one in wanted]
    if is_watched(by):
        personal = [one for one in asked if one[0].metric.is_personal]
        looks += told.ahead([(of_question(*one), one[1]) for one in personal], by=by)
    if len(looks) > 1:
        with ThreadPoolExecutor(max_workers=2, thread_name_prefix="mart") as pool:
            wait([pool.submit(look) for look in looks])


def _asked(question: Question, campus: int | None, way: Way) -> None:
    for one in (question, question.before()) if question.versus else (question,):
        _whole(one, campus, way, _raw(one, campus, way))


def _key(question: Question, campus: int | None, names: bool, way: Way) -> tuple[Any, ...]:
    return (mart.path(), question.query(), question.start, question.end, campus, names, get_language(), way)


def _shown(found: Answer) -> float:
    """How many of the groups that hold anybody are shown; one alone is no comparison."""
    if not found.question.by:
        return float(not found.total.is_hidden)
    if not found.hidden_count:
        return 1.0
    shown = sum(bool(cell.n) for cell in found.cells)
    return shown / (shown + found.hidden_count) if shown > 1 else 0.0


def _reach(question: Question, by: Staff, page: Ready | None) -> int | None:
    """Of which campus the reader is answered, if at all."""
    if page is not None and not by.may(Permission.INSIGHT_VIEW):
        if not may_open(page, by) or not _is_on(page, question):
            raise NotFound
        return campus_of(by, Permission.INSIGHT_PAGE)
    if may_see(question.metric, by):
        return campus_of(by)
    raise NotFound


def _made(question: Question, campus: int | None, by: Staff, way: Way) -> Answer:
    """The figures themselves, read as a stranger would; nobody has them yet."""
    key = _key(question, campus, by.may(Permission.INSIGHT_STAFF), way)
    with _lock:
        kept = _kept.get(key)
    if kept is not None:
        return kept
    found = _answer(question, campus, by, way)
    check(found)
    with _lock:
        if len(_kept) >= KEPT or any(known[0] != key[0] for known in _kept):
            _kept.clear()
        _kept[key] = found
    return found


def _as_told(found: Answer, campus: int | None, by: Staff) -> Answer:
    """Withhold all figures of an answer that, less one told before, would be of too few people."""
    if not found.question.metric.is_personal or not is_watched(by):
        return found
    refused = registry.tell(of_question(found.question, campus), campus=campus, by=by)
    if not refused:
        return found
    nothing = Cell((), (), None, None, is_hidden=True)
    return replace(found, cells=(), total=nothing, hidden_count=0, is_cut=False, refused=refused)


def check(answer: Answer) -> dict[str, int]:
    """Read the figures as a stranger would; refuse what points at somebody.

    No answer comes into being without it: pages, tiles, reports, links, feeds and files all begin here.
    The words of a metric are ours and are not read: for one of them a dictionary of names would be opened.
    """
    question = answer.question
    named = [place for place, dim in enumerate(question.by) if not dim.is_time]
    return check_figures(
        [
            Figure(tuple(cell.names[at] for at in named), _fewest(cell), cell.is_hidden)
            for cell in answer.cells
        ],
        Figure((), _fewest(answer.total), answer.total.is_hidden),
        is_personal=question.metric.is_personal,
    )


def _fewest(cell: Cell) -> int:
    """The fewest of whom a figure tells; that nobody is among them may be said."""
    return min((count for count in cell.people if count), default=0)


def _is_on(page: Ready, question: Question) -> bool:
    """Whether a page asks this, or the same of more people at a time, however its address is written."""
    asked = question.query()
    tiles = [parse(dict(parse_qsl(text)), today=question.last) for text in page.asked]
    return any(asked == one.query() for tile in tiles for one in (tile, *coarser(tile)))


def forget() -> None:
    """Let go of all answers; for tests and for those who measure from cold."""
    with _lock:
        _kept.clear()


def _answer(question: Question, campus: int | None, by: Staff, way: Way) -> Answer:
    cells, metric = _raw(question, campus, way), question.metric
    whole = _whole(question, campus, way, cells)
    gone = _hidden(metric, cells)
    no_total = _no_total(metric, cells, whole)
    ranges = _ranges(question, campus, cells) if way.sure else {}
    earlier = _earlier(question, campus, way) if question.versus else None
    is_in_time = any(dim.is_time for dim in question.by)
    say = [labels(dim, metric.fact, by) for dim in question.by]
    found = [
        _cell(
            metric,
            keys,
            tuple(word(key) for word, key in zip(say, keys, strict=True)),
            raw,
            ranges.get(keys),
            None if earlier is None or is_in_time else earlier[0].get(keys),
            is_hidden=keys in gone,
        )
        for keys, raw in list(cells.items())[:MOST_CELLS]
    ]
    total_range = _ranges(_undivided(question), campus, {(): whole}).get(()) if way.sure else None
    total = _cell(metric, (), (), whole, total_range, earlier and earlier[1], is_hidden=no_total)
    return Answer(question, found, total, len(gone), is_cut=len(cells) > MOST_CELLS)


def _undivided(question: Question) -> Question:
    return replace(question, by=())


def _raw(question: Question, campus: int | None, way: Way) -> dict[Keys, Raw]:
    if not question.by:
        return {}
    found = read(question, campus, question.by, way)
    return dict(sorted(found.items(), key=lambda item: _order(question, item)))


def _whole(question: Question, campus: int | None, way: Way, cells: Mapping[Keys, Raw]) -> Raw:
    return added(question, cells, way) or read(question, campus, (), way).get((), NOTHING)


def _order(question: Question, item: tuple[Keys, Raw]) -> tuple[Any, ...]:
    """Time and numbers run by themselves; anything else from large to small.

    Split by two, the first is what a chart's axis runs along.
    """
    keys, raw = item
    if question.by[0].is_time or question.by[0].code in {"weekday", "hour", "grade", "age"}:
        return tuple((key is None, _place(key)) for key in keys)
    return (raw.value is None, -(raw.value or 0), *(str(key) for key in keys))


def _place(key: Any) -> str:
    """What runs by itself, as a text that sorts so: numbers by size, ages from young to old."""
    key = AGES.get(key, key)
    return f"{key:06d}" if isinstance(key, int) else str(key)


def _people(cells: Mapping[Keys, Raw]) -> list[dict[Keys, int]]:
    """How many people stand behind each cell, once for each part of its figure."""
    parts = max((len(raw.people) for raw in cells.values()), default=0)
    return [{keys: raw.people[part] for keys, raw in cells.items()} for part in range(parts)]


def _hidden(metric: Metric, cells: Mapping[Keys, Raw]) -> frozenset[Keys]:
    return hidden_in_any(_people(cells)) if metric.is_personal else frozenset()


def _no_total(metric: Metric, cells: Mapping[Keys, Raw], whole: Raw) -> bool:
    """Whether the total is of too few people in some part of its figure, or gives hidden cells away."""
    parts = _people(cells) or [{} for _count in whole.people]
    return metric.is_personal and any(
        total_is_hidden(people, count) for people, count in zip(parts, whole.people, strict=True)
    )


def _ranges(question: Question, campus: int | None, cells: Mapping[Keys, Raw]) -> dict[Keys, Interval | None]:
    """The interval of each figure: Wilson, t, or drawn from whole customers."""
    metric = question.metric
    if not cells or not metric.has_chance:
        return {}
    if metric.is_share:
        return {keys: intervals.wilson(raw.num or 0, raw.den or 0) for keys, raw in cells.items()}
    if metric.kind is Kind.MEAN:
        return {
            keys: intervals.within(intervals.mean_t(raw.num or 0, raw.den or 0, raw.sq or 0), metric.bounds)
            for keys, raw in cells.items()
            if raw.num is not None
        }
    if metric.kind not in DRAWN:
        return {}
    depth = len(question.by)
    if sum(raw.n for raw in cells.values()) > MOST_UNITS:
        if metric.kind is not Kind.RATIO:
            return {}
        if all(raw.spread for raw in cells.values()):
            return {keys: intervals.delta(*raw.spread) for keys, raw in cells.items()}
        rows = mart.ask(spread(metric, question.slice(campus), question.by, size=mart.size(metric))).rows
        return {
            tuple(row[:depth]): intervals.delta(*(float(value or 0) for value in row[depth:])) for row in rows
        }
    parts: dict[Keys, list[tuple[float, float]]] = defaultdict(list)
    for row in mart.ask(units(metric, question.slice(campus), question.by, size=mart.size(metric))).rows:
        parts[tuple(row[:depth])].append((float(row[depth] or 0), float(row[depth + 1] or 0)))
    if metric.kind is Kind.RATIO:
        return {keys: intervals.bootstrap_ratio(drawn) for keys, drawn in parts.items()}
    q = 0.5 if metric.kind is Kind.MEDIAN else 0.9
    return {keys: intervals.bootstrap_quantile([x for x, _one in drawn], q) for keys, drawn in parts.items()}


def _earlier(question: Question, campus: int | None, way: Way) -> tuple[dict[Keys, Then], Then]:
    before = question.before()
    cells = _raw(before, campus, way)
    whole = _whole(before, campus, way, cells)
    gone = _hidden(question.metric, cells)
    ranges = _ranges(before, campus, cells)
    total = _ranges(_undivided(before), campus, {(): whole}).get(())
    no_total = _no_total(question.metric, cells, whole)
    found = {keys: Then(raw, ranges.get(keys)) for keys, raw in cells.items() if keys not in gone}
    return found, Then(NOTHING if no_total else whole, total)


def _cell(
    metric: Metric,
    keys: Keys,
    names: tuple[str, ...],
    raw: Raw,
    interval: Interval | None,
    then: Then | None,
    *,
    is_hidden: bool,
) -> Cell:
    if is_hidden:
        return Cell(keys, names, None, None, is_hidden=True)
    before = then.raw.value if then else None
    change = _change(metric, raw, interval, then) if then and then.raw.value is not None else None
    return Cell(keys, names, raw.value, raw.n, interval, before, change, people=raw.people)


def _change(metric: Metric, raw: Raw, interval: Interval | None, then: Then) -> Difference | None:
    old = then.raw
    if raw.value is None or old.value is None:
        return None
    if metric.is_share:
        return intervals.share_difference((raw.num or 0, raw.den or 0), (old.num or 0, old.den or 0))
    if metric.kind is Kind.MEAN:
        return intervals.mean_difference(
            (raw.num or 0, raw.den or 0, raw.sq or 0), (old.num or 0, old.den or 0, old.sq or 0)
        )
    if metric.kind in {Kind.COUNT, Kind.PEOPLE}:
        return intervals.count_difference(raw.value, old.value)
    return intervals.interval_difference(raw.value, interval, old.value, then.interval)
