"""p values of many comparisons at once."""

from collections.abc import Sequence


def holm(values: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p values (1979), in the order given."""
    order = sorted(range(len(values)), key=lambda place: values[place])
    found, highest = [0.0] * len(values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, values[place] * (len(values) - rank)))
        found[place] = highest
    return found


def benjamini_hochberg(values: Sequence[float]) -> list[float]:
    """Return the adjusted p values of Benjamini and Hochberg (1995), in the order given."""
    order = sorted(range(len(values)), key=lambda place: values[place], reverse=True)
    found, lowest = [0.0] * len(values), 1.0
    for down, place in enumerate(order):
        rank = len(values) - down
        lowest = min(lowest, values[place] * len(values) / rank)
        found[place] = lowest
    return found
