"""Two answers subtracted: whether so few people make the difference that it would point at them.

A figure counts rows, and its people are dealt into buckets by their pseudonyms. The rows in each bucket say,
without naming anybody, what two figures have in common. Of two figures of which one holds all rows of the
other, every person who makes the difference changes just one bucket: fewer than ten people never change ten
buckets, and one never changes none. So nothing that differs by one to nine people is taken for more.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from yimei.insight.rules.small_cells import LEAST

SIZES = (256, 64)
BUCKETS = SIZES[0]
"""Into so many buckets the people of a question are dealt; into fewer where it has very many cells."""
ROUGH = 16
AT_ONCE = 2_000_000

Counts = NDArray[np.int64]


def fold(counts: Counts, size: int) -> Counts:
    """Return the same counts in fewer buckets: each joins those that are equal modulo the fewer."""
    folded: Counts = counts.reshape(len(counts), counts.shape[1] // size, size).sum(axis=1)
    return folded


def is_near(new: Counts, old: Counts, *, is_swap: bool = False, least: int = LEAST) -> bool:
    """Whether some figure of one question and one of another differ by one to ``least - 1`` people.

    Figures of which neither holds the other tell little when subtracted, unless (``is_swap``) they are of the
    same days: then somebody was put in another's place.
    """
    if not len(new) or not len(old):
        return False
    size = min(new.shape[1], old.shape[1])
    new, old = fold(new, size), fold(old, size)
    rough_new, rough_old = fold(new, ROUGH), fold(old, ROUGH)
    step = max(1, AT_ONCE // (len(old) * ROUGH))
    for first in range(0, len(new), step):
        rough = rough_new[first : first + step, None, :] - rough_old[None, :, :]
        mine, theirs = np.nonzero(_few(rough, is_swap=is_swap, least=least))
        for begin in range(0, len(mine), AT_ONCE // size):
            pick = slice(begin, begin + AT_ONCE // size)
            exact = new[first + mine[pick]] - old[theirs[pick]]
            if np.any(_few(exact, is_swap=is_swap, least=least) & np.any(exact != 0, axis=-1)):
                return True
    return False


def _few(difference: Counts, *, is_swap: bool, least: int) -> Any:
    """Where fewer than ``least`` buckets differ, and one side may hold the other."""
    more, fewer = np.count_nonzero(difference > 0, axis=-1), np.count_nonzero(difference < 0, axis=-1)
    few = more + fewer < least
    return few if is_swap else few & ((more == 0) | (fewer == 0))
