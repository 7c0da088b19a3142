"""What a reader was told before, drawn up on the books of today, and whether a new answer comes too near."""

import hashlib
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache, partial

import numpy as np
from django.db.models import QuerySet

from yimei.insight.gateways import reader
from yimei.insight.models import AnsweredQuestion
from yimei.insight.queries import mart
from yimei.insight.queries.counted import Keys, counted_together, people_together
from yimei.insight.queries.cuts import Cut, Telling, again
from yimei.insight.rules.differencing import BUCKETS, SIZES, Counts, is_near
from yimei.insight.rules.small_cells import LEAST, hidden, total_is_hidden
from yimei.people.models import Staff

MEMORY = timedelta(days=30)
MOST_BYTES = 96_000_000
EARLIER_AT_ONCE = 128
CUTS_AT_ONCE = 512


@dataclass(frozen=True)
class Told:
    """The figures of one cut that are told, each as its rows by buckets of people."""

    cells: Counts
    whole: Counts
    """The total, if it is told: one line or none."""
    rest: Counts
    """What the total tells of the hidden figures together: one line or none."""
    is_too_many: bool = False

    @property
    def all(self) -> Counts:
        return np.concatenate([self.cells, self.whole, self.rest])


_lock = threading.Lock()
_kept: OrderedDict[tuple[str, Cut], Told] = OrderedDict()
_passed: set[tuple[str, int, str]] = set()


def mark_of(new: Telling, campus: int | None) -> str:
    """By what a question is known again."""
    return hashlib.sha256(f"{campus}|{new.start}|{new.end}|{new.text}".encode()).hexdigest()


def mine(by: Staff) -> QuerySet[AnsweredQuestion]:
    """What a reader was told so lately that it still counts."""
    return AnsweredQuestion.objects.filter(by=by, day__gt=mart.as_of() - MEMORY)


def was_let_through(version: str, mark: str, by: Staff) -> bool:
    return (version, by.pk, mark) in _passed


def let_through(version: str, mark: str, by: Staff) -> None:
    """What was let through on these books is let through again: only what came before it counts."""
    with _lock:
        if any(known != version for known, _by, _mark in _passed):
            _passed.clear()
        _passed.add((version, by.pk, mark))


def ahead(asked: Iterable[tuple[Telling, int | None]], *, by: Staff) -> list[Callable[[], object]]:
    """What several questions and all told before them need from the books, as looks to be taken side by side.

    They only fill the memory from which each question is compared, one after the other, as ever.
    """
    version = mart.path().name
    marked = {mark_of(telling, campus): telling for telling, campus in asked}
    new = {mark: telling for mark, telling in marked.items() if not was_let_through(version, mark, by)}
    if not new:
        return []
    on, rows = mart.as_of(), list(mine(by).filter(fact__in={telling.fact for telling in new.values()}))
    cuts = [cut for telling in new.values() for cut in telling.cuts]
    for mark, telling in new.items():
        alike = [row for row in rows if row.fact == telling.fact]
        known = next((row for row in alike if row.mark == mark), None)
        olds = [
            old for row in earlier(alike, known) for old in drawn_up(row, telling, on=on, version=version)
        ]
        cuts += [cut for old in olds for cut in old.cuts]
    groups: dict[tuple[str, tuple[str, ...]], list[Cut]] = defaultdict(list)
    for cut in dict.fromkeys(cuts):
        groups[cut.fact, cut.keys].append(cut)
    return [
        partial(together, group[first : first + CUTS_AT_ONCE])
        for group in groups.values()
        for first in range(0, len(group), CUTS_AT_ONCE)
    ]


def near(new: Telling, earlier: Iterable[AnsweredQuestion], *, on: date) -> AnsweredQuestion | None:
    """Return an earlier answer from which the new one differs by so few people that they would be named."""
    version = mart.path().name
    mine = [(cut.own, told(cut, version)) for cut in new.cuts]
    rows = list(earlier)
    for first in range(0, len(rows), EARLIER_AT_ONCE):
        olds = [
            (row, old)
            for row in rows[first : first + EARLIER_AT_ONCE]
            for old in drawn_up(row, new, on=on, version=version)
        ]
        ready = together(cut for _row, old in olds for cut in old.cuts)
        for row, old in olds:
            same_days = (old.start, old.end) == (new.start, new.end)
            for cut in old.cuts:
                alike = [one for own, one in mine if own == cut.own]
                if any(is_near(one.all, ready[cut].all, is_swap=same_days) for one in alike):
                    return row
    return None


def is_near_itself(new: Telling) -> bool:
    """Whether a total less one figure, or less all that are shown, is of too few people, or none can tell."""
    version = mart.path().name
    return any(
        one.is_too_many or is_near(one.cells, one.whole) or is_near(one.rest, np.zeros_like(one.rest))
        for one in (told(cut, version) for cut in new.cuts)
    )


def drawn_up(row: AnsweredQuestion, new: Telling, *, on: date, version: str) -> list[Telling]:
    """An earlier answer as the books of today have it.

    One that moves with the calendar stands where it stands today; beside a question of fixed days, which
    could be those of long ago, also where it stood when it was told.
    """
    today = _again(version, row.question, row.campus, on)
    found = [today] if today else []
    if today and today.is_rolling and not new.is_rolling and (today.start, today.end) != (row.start, row.end):
        then = _again(version, row.question, row.campus, on, (row.start, row.end))
        found += [then] if then else []
    return found


@lru_cache(maxsize=4096)
def _again(
    _version: str, text: str, campus: int | None, on: date, days: tuple[date, date] | None = None
) -> Telling | None:
    """Drawn up once on the same books: a page compares each of its tiles with the same earlier answers."""
    return again(text, campus, on=on, days=days)


def told(cut: Cut, version: str) -> Told:
    """Return the figures of a cut that may be told, from memory while the books stay the same."""
    found = _remembered(cut, version)
    if found is None:
        found = _told(cut)
        _remember({cut: found})
    return found


def together(cuts: Iterable[Cut]) -> Mapping[Cut, Told]:
    """The same of many cuts, in few looks at the books: those that are split alike are counted in one."""
    asked, version = list(dict.fromkeys(cuts)), mart.path().name
    found = {cut: known for cut in asked if (known := _remembered(cut, version)) is not None}
    alike: dict[tuple[str, tuple[str, ...]], list[Cut]] = defaultdict(list)
    for cut in asked:
        if cut not in found:
            alike[cut.fact, cut.keys].append(cut)
    for group in alike.values():
        made = _told_together(group)
        _remember(made)
        found |= made
    return found


def _remembered(cut: Cut, version: str) -> Told | None:
    key = (version, cut)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
        return _kept.get(key)


def _remember(made: Mapping[Cut, Told]) -> None:
    version = mart.path().name
    with _lock:
        for cut, found in made.items():
            _kept[version, cut] = found
        size = sum(one.cells.nbytes for one in _kept.values())
        while len(_kept) > 1 and (size > MOST_BYTES or next(iter(_kept))[0] != version):
            size -= _kept.popitem(last=False)[1].cells.nbytes


def forget() -> None:
    """Let go of what is kept; for tests and for those who measure from cold."""
    with _lock:
        _kept.clear()
        _passed.clear()
    _again.cache_clear()


def _told(cut: Cut) -> Told:
    cells, is_cut = _counted(cut)
    if _is_sure(cells):
        return _made(cut, cells, {}, LEAST, is_cut=is_cut)
    whole = sum(_people(replace(cut, keys=())).values())
    return _made(cut, cells, _people(cut), whole, is_cut=is_cut)


def _is_sure(cells: Mapping[Keys, Counts]) -> bool:
    """Whether enough people are in each cell: there are at least as many as buckets with a row."""
    return all(np.count_nonzero(one) >= LEAST for one in cells.values())


def _made(
    cut: Cut, cells: Mapping[Keys, Counts], people: Mapping[Keys, int], whole: int, *, is_cut: bool = False
) -> Told:
    """Leave out what small cells hide; without ``people`` there are enough everywhere."""
    size = next(iter(cells.values())).size if cells else BUCKETS
    none = np.zeros((0, size), np.int64)
    everybody = np.sum([*cells.values(), np.zeros(size, np.int64)], axis=0)
    gone = hidden(people) if cut.keys else frozenset()
    no_total = total_is_hidden(people if cut.keys else {}, whole)
    lost = [cells[keys] for keys in gone]
    return Told(
        cells=np.stack([cells[keys] for keys in cells if keys not in gone])
        if len(cells) > len(gone)
        else none,
        whole=none if no_total or not cells else everybody[None, :],
        rest=none if no_total or not lost else np.sum(lost, axis=0)[None, :],
        is_too_many=is_cut,
    )


def _told_together(cuts: Sequence[Cut]) -> Mapping[Cut, Told]:
    """What `_told` says of each of some cuts of one fact, split by the same keys."""
    cells = counted_together(cuts)
    unsure = [cut for cut, counts in cells.items() if not _is_sure(counts)]
    people = people_together(unsure)
    wholes = people_together([replace(cut, keys=()) for cut in unsure]) if cuts[0].keys else people
    found = {cut: _made(cut, counts, {}, LEAST) for cut, counts in cells.items() if cut not in people}
    for cut in unsure:
        counted = {name: people[cut].get(name, 0) for name in cells[cut]}
        found[cut] = _made(cut, cells[cut], counted, wholes[replace(cut, keys=())].get((), 0))
    return found | {cut: _told(cut) for cut in cuts if cut not in found}


def _counted(cut: Cut) -> tuple[dict[Keys, Counts], bool]:
    """Return the rows of each cell by buckets of people; of very many cells by fewer buckets."""
    depth = len(cut.keys)
    picks = "".join(f"{key}, " for key in cut.keys)
    places = ", ".join(str(place) for place in range(1, depth + 2))
    for size in SIZES:
        rows = reader.run(
            mart.path(),
            f"SELECT {picks}COALESCE(customer, 0) & {size - 1} AS bucket, COUNT(*)"
            f" FROM {cut.fact} WHERE {cut.condition} GROUP BY {places}",
        )
        if not rows.is_cut:
            break
    cells: dict[Keys, Counts] = {}
    for *keys, bucket, count in rows.rows:
        place = tuple(keys)
        if place not in cells:
            cells[place] = np.zeros(size, np.int64)
        cells[place][bucket] = count
    return cells, rows.is_cut


def _people(cut: Cut) -> dict[Keys, int]:
    """Return how many people are in each cell; asked only where there may be fewer than ten."""
    picks = "".join(f"{key}, " for key in cut.keys)
    groups = f" GROUP BY {', '.join(cut.keys)}" if cut.keys else ""
    rows = reader.run(
        mart.path(), f"SELECT {picks}COUNT(DISTINCT customer) FROM {cut.fact} WHERE {cut.condition}{groups}"
    ).rows
    return {tuple(row[:-1]): row[-1] for row in rows}


def earlier(rows: Sequence[AnsweredQuestion], known: AnsweredQuestion | None) -> list[AnsweredQuestion]:
    """Those told before the first telling of this one: what came first stays told."""
    return [row for row in rows if known is None or row.pk < known.pk]
