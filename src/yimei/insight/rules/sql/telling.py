"""What may be told of the cells of an analyst's question: enough people, and some chance in every number.

The chance is drawn from the rows behind a number and a key of the house, never from the question: who asks
the same in other words gets the same number, and who leaves one person out gets another that tells nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from yimei.insight.rules.small_cells import LEAST
from yimei.insight.rules.sql.cells import Measure

COUNTS = 2.0
"""A count is moved by at most so many people, or by the largest person's rows."""
PARTS = 5
"""Columns of a cell for each measure: sum, people behind it, largest person, mark and count of its rows."""
FIGURES = 6
"""Digits of a sum or a mean: more would only be noise."""

Chance = Callable[[str], float]
"""From words to a number between -1 and 1, nearer to 0 more often."""


@dataclass(frozen=True)
class Told:
    """Columns of the cells that may be told, by name; how many numbers were too small to tell."""

    columns: dict[str, list[Any]]
    hidden: int


def tell(
    rows: Sequence[Sequence[Any]],
    keys: int,
    measures: Sequence[Measure],
    typical: Sequence[float | None],
    chance: Chance,
    least: int = LEAST,
) -> Told:
    """Return the cells of enough people.

    Cells of too few are left out without a word of how many, for their number would be an answer as well:
    nobody learns whether one person is such or not from a cell that is not there.
    """
    told: dict[str, list[Any]] = {f"d{n}": [] for n in range(1, keys + 1)}
    told |= {f"m{n}": [] for n in range(1, len(measures) + 1)}
    hidden = 0
    for row in rows:
        if row[keys] < least:
            continue
        for number in range(keys):
            told[f"d{number + 1}"].append(row[number])
        for number, one in enumerate(measures):
            parts = row[keys + 1 + number * PARTS : keys + 1 + (number + 1) * PARTS]
            value = _value(one, parts, typical[number] if number < len(typical) else None, chance, least)
            hidden += value is None
            told[f"m{number + 1}"].append(value)
    return Told(told, hidden)


def _value(
    one: Measure, parts: Sequence[Any], typical: float | None, chance: Chance, least: int
) -> float | None:
    total, people, largest, mark, counted = parts
    if total is None or people < least:
        return None
    drawn = chance(f"{one.noise}|{mark}")
    largest = float(largest or 0)
    if one.kind in {"people", "count"}:
        width = COUNTS if one.kind == "people" else max(COUNTS, largest)
        return max(least, round(float(total) + drawn * width))
    value = float(total) + drawn * max(largest, float(typical or 0))
    if one.kind == "avg":
        if not counted:
            return None
        value /= float(counted)
    return float(f"{value:.{FIGURES}g}")
