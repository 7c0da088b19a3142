"""What a reader was told before, drawn up on the books of today, and whether a new answer comes too near."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from yimei.insight.gateways import reader
from yimei.insight.models import AnsweredQuestion
from yimei.insight.queries import mart
from yimei.insight.queries.cuts import Cut, Telling, again
from yimei.insight.rules.differencing import BUCKETS, SIZES, Counts, is_near
from yimei.insight.rules.small_cells import LEAST, hidden, total_is_hidden

MOST_BYTES = 96_000_000


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


def near(new: Telling, earlier: Iterable[AnsweredQuestion], *, on: date) -> AnsweredQuestion | None:
    """Return an earlier answer from which the new one differs by so few people that they would be named."""
    mine = [told(cut) for cut in new.cuts]
    for row in earlier:
        for old in drawn_up(row, new, on=on):
            same_days = (old.start, old.end) == (new.start, new.end)
            for theirs in (told(cut) for cut in old.cuts):
                if any(is_near(one.all, theirs.all, is_swap=same_days) for one in mine):
                    return row
    return None


def is_near_itself(new: Telling) -> bool:
    """Whether a total less one figure, or less all that are shown, is of too few people, or none can tell."""
    return any(
        one.is_too_many or is_near(one.cells, one.whole) or is_near(one.rest, np.zeros_like(one.rest))
        for one in (told(cut) for cut in new.cuts)
    )


def drawn_up(row: AnsweredQuestion, new: Telling, *, on: date) -> list[Telling]:
    """An earlier answer as the books of today have it.

    One that moves with the calendar stands where it stands today; beside a question of fixed days, which
    could be those of long ago, also where it stood when it was told.
    """
    today = again(row.question, row.campus, on=on)
    found = [today] if today else []
    if today and today.is_rolling and not new.is_rolling and (today.start, today.end) != (row.start, row.end):
        then = again(row.question, row.campus, on=on, days=(row.start, row.end))
        found += [then] if then else []
    return found


def told(cut: Cut) -> Told:
    """Return the figures of a cut that may be told, from memory while the books stay the same."""
    key = (mart.path().name, cut)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    found = _told(cut)
    with _lock:
        _kept[key] = found
        size = sum(one.cells.nbytes for one in _kept.values())
        while len(_kept) > 1 and (size > MOST_BYTES or next(iter(_kept))[0] != key[0]):
            size -= _kept.popitem(last=False)[1].cells.nbytes
    return found


def forget() -> None:
    """Let go of what is kept; for tests and for those who measure from cold."""
    with _lock:
        _kept.clear()


def _told(cut: Cut) -> Told:
    cells, is_cut = _counted(cut)
    size = next(iter(cells.values())).size if cells else BUCKETS
    none = np.zeros((0, size), np.int64)
    everybody = np.sum([*cells.values(), np.zeros(size, np.int64)], axis=0)
    is_sure = all(np.count_nonzero(one) >= LEAST for one in cells.values())
    people = {} if is_sure else _people(cut)
    gone = hidden(people) if cut.keys else frozenset()
    whole = sum(_people(replace(cut, keys=())).values()) if people else LEAST
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


def _counted(cut: Cut) -> tuple[dict[tuple[object, ...], Counts], bool]:
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
    cells: dict[tuple[object, ...], Counts] = {}
    for *keys, bucket, count in rows.rows:
        place = tuple(keys)
        if place not in cells:
            cells[place] = np.zeros(size, np.int64)
        cells[place][bucket] = count
    return cells, rows.is_cut


def _people(cut: Cut) -> dict[tuple[object, ...], int]:
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
