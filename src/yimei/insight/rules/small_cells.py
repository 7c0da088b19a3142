"""Small cells: what so few people stand behind that a figure would point at them is hidden, and so is what
would give it away by subtraction."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence

LEAST = 10
"""Fewer people than this behind a figure: the figure is hidden."""

Cell = tuple[Hashable, ...]


def hidden(people: Mapping[Cell, int], least: int = LEAST) -> frozenset[Cell]:
    """Return the cells to hide, given how many people stand behind each.

    Every line of the table (cells that differ in one place only) is shown with its total. A line with hidden
    cells must hide at least two, and at least ``least`` people together, or the total gives them away; until
    then the next smallest of the line is hidden too. Empty cells need no hiding: nobody stands behind them.
    """
    gone = {cell for cell, count in people.items() if 0 < count < least}
    lines = _lines(people)
    again = True
    while again:
        again = False
        for line in lines:
            inside = [cell for cell in line if cell in gone]
            together = sum(people[cell] for cell in inside)
            if not inside or (len(inside) > 1 and together >= least):
                continue
            rest = sorted(
                (cell for cell in line if cell not in gone and people[cell]),
                key=lambda cell: (people[cell], repr(cell)),
            )
            if rest:
                gone.add(rest[0])
                again = True
    return frozenset(gone)


def hidden_in_any(parts: Iterable[Mapping[Cell, int]]) -> frozenset[Cell]:
    """Return the cells to hide of figures that tell of several kinds of people, as a share of its two parts.

    What is hidden for one part is hidden for the others too. That opens no line of theirs: what they hide
    themselves still stands together, and any other cell of theirs is of nobody or of enough.
    """
    return frozenset[Cell]().union(*map(hidden, parts))


def _lines(people: Mapping[Cell, int]) -> Sequence[Sequence[Cell]]:
    found: dict[tuple[int, Cell], list[Cell]] = defaultdict(list)
    for cell in people:
        for place in range(len(cell)):
            found[place, (*cell[:place], *cell[place + 1 :])].append(cell)
    return list(found.values())


def total_is_hidden(people: Mapping[Cell, int], whole: int, least: int = LEAST) -> bool:
    """Whether even the total is of too few, or would lay a line open in which nothing is left to hide."""
    if 0 < whole < least:
        return True
    gone = hidden(people, least)
    together = sum(people[cell] for cell in gone)
    return bool(gone) and together < least
