"""k-anonymity, l-diversity, t-closeness: which generalisation loses least, how anonymous a table is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import product

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
WORK = 40_000_000
"""How many cells of tuples may be looked at before the search becomes greedy."""
ROW_LOST = 1.5
"""A row that must go costs more than one of which nothing but its sensitive values is left."""


@dataclass(frozen=True)
class Measure:
    """How anonymous a table is: smallest class, least distinct sensitive values, what attackers can do."""

    rows: int
    classes: int
    k: int
    persons: int
    l_by_column: dict[str, int]
    prosecutor: float
    average: float
    t_by_column: dict[str, float] = field(default_factory=dict)

    @property
    def l(self) -> int:  # noqa: E743 - the letter has this name everywhere
        return min(self.l_by_column.values(), default=0)

    @property
    def t(self) -> float:
        """How far the sensitive values of a class stray from those of all rows, at worst."""
        return max(self.t_by_column.values(), default=0.0)

    @property
    def marketer(self) -> float:
        return self.classes / self.rows if self.rows else 0.0


@dataclass
class Problem:
    """Quasi-identifiers at every level, and what a class must have."""

    levels: list[list[Codes]]
    losses: list[list[float]]
    sensitive: list[Codes]
    person: Codes | None
    k: int
    l: int  # noqa: E741
    weights: list[int] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return len(self.levels[0][0])


def encode(values: Sequence[str]) -> Codes:
    """Return a number for each distinct value."""
    seen: dict[str, int] = {}
    return np.fromiter((seen.setdefault(value, len(seen)) for value in values), np.int64, len(values))


def classes_of(columns: Sequence[Codes], rows: int) -> Codes:
    """Return the number of each row's class: rows that are equal in all columns."""
    found: Codes = np.zeros(rows, np.int64)
    for column in columns:
        width = int(column.max(initial=0)) + 1
        found = np.unique(found * width + column, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return found


def distinct_per_class(group: Codes, values: Codes) -> Codes:
    """Return how many different values each class holds."""
    width = int(values.max(initial=0)) + 1
    pairs = np.unique(group * width + values)
    return np.bincount(pairs // width, minlength=int(group.max(initial=-1)) + 1).astype(np.int64)


def closeness(group: Codes, values: Codes) -> float:
    """Return t: the greatest distance between a class and the whole (Li, Li, Venkatasubramanian 2007).

    The earth mover's distance between words, all equally far from each other: half the sum of differences.
    """
    width = int(values.max(initial=0)) + 1
    classes = int(group.max(initial=0)) + 1
    together = np.bincount(values, minlength=width) / len(values)
    worst = 0.0
    for start in range(0, classes, 2000):  # a piece at a time: classes × values may be many
        inside = (group >= start) & (group < start + 2000)
        rows = min(2000, classes - start)
        counts = np.bincount((group[inside] - start) * width + values[inside], minlength=rows * width)
        table = counts.reshape(rows, width)
        shares = table / table.sum(axis=1, keepdims=True)
        worst = max(worst, float(np.abs(shares - together).sum(axis=1).max() / 2))
    return worst


def measure(
    quasi: Sequence[Sequence[str]],
    sensitive: Mapping[str, Sequence[str]],
    rows: int,
    person: Sequence[str] | None = None,
) -> Measure:
    """Measure columns of text, as anybody who reads the file would."""
    if rows == 0:
        return Measure(0, 0, 0, 0, dict.fromkeys(sensitive, 0), 0.0, 0.0)
    group = classes_of([encode(column) for column in quasi], rows)
    sizes = np.bincount(group)
    persons = sizes if person is None else distinct_per_class(group, encode(person))
    return Measure(
        rows=rows,
        classes=len(sizes),
        k=int(sizes.min()),
        persons=int(persons.min()),
        l_by_column={
            name: int(distinct_per_class(group, encode(cells)).min()) for name, cells in sensitive.items()
        },
        prosecutor=float(1 / persons.min()),
        average=float(len(sizes) / persons.sum()),
        t_by_column={name: closeness(group, encode(cells)) for name, cells in sensitive.items()},
    )


def level_loss(base: Codes, coarse: Codes) -> float:
    """Return the normalised certainty penalty: how large a share of all values a cell could be."""
    whole = int(base.max(initial=0))
    if whole == 0:
        return 0.0
    sizes = distinct_per_class(coarse, base) - 1
    return float((sizes[coarse] / whole).mean())


def lost_rows(problem: Problem, node: Sequence[int]) -> NDArray[np.bool_]:
    """Return which rows lie in a class that is too small or too uniform at this node."""
    group = classes_of([levels[at] for levels, at in zip(problem.levels, node, strict=True)], problem.rows)
    sizes = np.bincount(group) if problem.person is None else distinct_per_class(group, problem.person)
    bad = sizes < problem.k
    for values in problem.sensitive:
        bad |= distinct_per_class(group, values) < problem.l
    result: NDArray[np.bool_] = bad[group]
    return result


def _cost(problem: Problem, node: Sequence[int], lost: float) -> float:
    kept = sum(losses[at] for losses, at in zip(problem.losses, node, strict=True)) / max(len(node), 1)
    return kept * (1 - lost) + ROW_LOST * lost


def search(problem: Problem) -> tuple[tuple[int, ...], NDArray[np.bool_]]:
    """Return the node that loses least, and the rows it cannot keep."""
    sizes = [len(levels) for levels in problem.levels]
    nodes = int(np.prod([float(size) for size in sizes])) if sizes else 1
    cells = max(problem.rows, 1) * max(len(sizes), 1)
    return (
        _whole(problem, sizes) if nodes * cells <= WORK else _greedy(problem, sizes, max(WORK // cells, 40))
    )


def _whole(problem: Problem, sizes: Sequence[int]) -> tuple[tuple[int, ...], NDArray[np.bool_]]:
    """Look at every node that could still be better, cheapest first."""
    queue: list[tuple[float, tuple[int, ...]]] = []
    for node in product(*(range(size) for size in sizes)):
        heappush(queue, (_cost(problem, node, 0.0), node))
    best_cost, best, best_lost = 2.0, tuple(size - 1 for size in sizes), np.ones(problem.rows, np.bool_)
    while queue:
        least, node = heappop(queue)
        if least >= best_cost:
            break
        lost = lost_rows(problem, node)
        cost = _cost(problem, node, float(lost.mean()) if problem.rows else 0.0)
        if cost < best_cost:
            best_cost, best, best_lost = cost, node, lost
    return best, best_lost


def _greedy(problem: Problem, sizes: Sequence[int], budget: int) -> tuple[tuple[int, ...], NDArray[np.bool_]]:
    """Coarsen what helps most for what it costs, then try to take each step back."""
    node = [0] * len(sizes)
    lost = lost_rows(problem, node)
    best_cost, best, best_lost = _cost(problem, node, float(lost.mean())), tuple(node), lost
    while budget > 0 and lost.any():
        choices = []
        for place, size in enumerate(sizes):
            if node[place] + 1 >= size:
                continue
            after = [*node]
            after[place] += 1
            then = lost_rows(problem, after)
            budget -= 1
            price = problem.losses[place][after[place]] - problem.losses[place][node[place]] + 1e-6
            choices.append(((float(lost.mean()) - float(then.mean())) / price, place, then))
        if not choices:
            break
        _gain, place, lost = max(choices, key=lambda choice: (choice[0], -choice[1]))
        node[place] += 1
        cost = _cost(problem, node, float(lost.mean()))
        if cost < best_cost:
            best_cost, best, best_lost = cost, tuple(node), lost
    for place in range(len(sizes)):
        while best[place] > 0 and budget > 0:
            finer = (*best[:place], best[place] - 1, *best[place + 1 :])
            then = lost_rows(problem, finer)
            budget -= 1
            cost = _cost(problem, finer, float(then.mean()))
            if cost >= best_cost:
                break
            best_cost, best, best_lost = cost, finer, then
    return best, best_lost


def subset(problem: Problem, rows: NDArray[np.bool_]) -> Problem:
    """Return the same problem for some rows only."""
    return Problem(
        levels=[[codes[rows] for codes in levels] for levels in problem.levels],
        losses=problem.losses,
        sensitive=[codes[rows] for codes in problem.sensitive],
        person=None if problem.person is None else problem.person[rows],
        k=problem.k,
        l=problem.l,
    )


def solve(problem: Problem, rounds: int = 5) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the level of every cell (rows by quasi-identifiers) and which rows must go.

    Rows that the best node cannot keep are generalised once more among themselves, so that a few unusual
    people do not coarsen everybody.
    """
    count = len(problem.levels)
    levels = np.zeros((problem.rows, count), np.int64)
    waiting = np.ones(problem.rows, np.bool_)
    for _round in range(rounds):
        if not waiting.any():
            break
        here = subset(problem, waiting)
        node, lost = search(here)
        places = np.flatnonzero(waiting)
        if lost.all():
            break
        levels[places] = node
        waiting[:] = False
        waiting[places[lost]] = True
    return levels, waiting
