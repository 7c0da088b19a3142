"""Counts too small to publish, and the others that must go with them so that no total gives them away."""

from collections.abc import Mapping, Sequence

Cell = tuple[str, ...]


def suppress(counts: Mapping[Cell, int], *, below: int = 10) -> set[Cell]:
    """Return the cells that must not be shown when the totals of every row and column are.

    A cell is its labels, one for each dimension; all have equally many. Zero is shown. A line (all labels
    equal but one) with exactly one hidden cell would give it away as the difference to its total, so the
    smallest other one is hidden too, until no line does; a line whose hidden cells together stay below the
    limit loses another as well.
    """
    hidden = {cell for cell, count in counts.items() if 0 < count < below}
    lines = _lines(counts)
    changed = True
    while changed:
        changed = False
        for line in lines:
            inside = [cell for cell in line if cell in hidden]
            if not inside or (len(inside) > 1 and sum(counts[cell] for cell in inside) >= below):
                continue
            others = [cell for cell in line if cell not in hidden and (counts[cell] > 0 or len(inside) == 1)]
            if others:
                hidden.add(min(others, key=lambda cell: (counts[cell] == 0, counts[cell], cell)))
                changed = True
    return hidden


def _lines(counts: Mapping[Cell, int]) -> list[Sequence[Cell]]:
    lines: dict[tuple[int, Cell], list[Cell]] = {}
    for cell in sorted(counts):
        for axis in range(len(cell)):
            lines.setdefault((axis, cell[:axis] + cell[axis + 1 :]), []).append(cell)
    return [line for _key, line in sorted(lines.items())]
