"""The slow thief: a few people each day with whom nothing happens, week after week.

No single day is odd. What is counted up is how much more the days hold than the work of the same role brings
by accident: a cumulative sum of log-likelihood ratios (Page 1954) of a Poisson count of the role's usual
against one with two more a day. It falls back to nothing when days are ordinary, and crosses its line else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import log
from statistics import quantiles

MORE = 2.0
"""The excess a day that the sum is built to find."""
LINE = 7.0
"""Ordinary days cross it about once in e^7 = 1,100 of a reader's days, at most (Lorden's bound)."""
MOST_A_DAY = 5
"""One odd day counts no more than this; six and more are an alarm of that day already."""
LEAST_DAYS = 3
"""Days with such looks before anything is said: slow is what repeats itself."""
LEAST = 0.25
"""So many a day happen to anybody: a wrong hit, a mistyped number."""
SHARE = 0.02
"""The usual share of such looks in a role of too few readers to say; a default of the house, unverified."""
LEAST_MATES, LEAST_OPENED = 4, 20


@dataclass(frozen=True, slots=True)
class Day:
    """What one reader opened on one day: people, and those of them with whom nothing happens."""

    day: date
    opened: int
    strangers: int


@dataclass(frozen=True, slots=True)
class Drip:
    """What the days add up to, and what the same work usually brings."""

    since: date
    until: date
    seen: int
    usual: int
    days: int
    opened: int


def share_of(days: Iterable[Day]) -> float | None:
    """A reader's share of such looks; of too few looks nothing can be said."""
    known = list(days)
    opened = sum(one.opened for one in known)
    return sum(one.strangers for one in known) / opened if opened >= LEAST_OPENED else None


def usual_share(mates: Sequence[float]) -> float:
    """What is usual in a role: more than three of four of its other readers have, so that one thief does not
    make herself usual, and nobody is suspected for being a little above the middle.
    """
    if len(mates) < LEAST_MATES:
        return SHARE
    return max(SHARE / 2, quantiles(mates, n=4)[2])


def drip(days: Sequence[Day], *, share: float) -> Drip | None:
    """Add up the days, in order, and return what crosses the line."""
    total, first = 0.0, 0
    for place, one in enumerate(days):
        usual = max(LEAST, share * one.opened)
        total += min(one.strangers, MOST_A_DAY) * log((usual + MORE) / usual) - MORE
        if total <= 0:
            total, first = 0.0, place + 1
            continue
        since = days[first : place + 1]
        touched = sum(each.strangers > 0 for each in since)
        if total > LINE and touched >= LEAST_DAYS:
            rest = days[first:]
            return Drip(
                since=days[first].day,
                until=days[-1].day,
                seen=sum(each.strangers for each in rest),
                usual=max(1, round(sum(max(LEAST, share * each.opened) for each in rest))),
                days=sum(each.strangers > 0 for each in rest),
                opened=sum(each.opened for each in rest),
            )
    return None
