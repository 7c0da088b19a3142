"""When a set of resources is free together: arithmetic on stretches of time, half open [start, end)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from yimei.core.clock import SHANGHAI
from yimei.journey.enums import ResourceKind

Stretch = tuple[datetime, datetime]
Resource = tuple[ResourceKind, int]

STEP = timedelta(minutes=15)
OFFERED = 3
HORIZON = timedelta(days=14)
NOTHING = timedelta(0)


@dataclass(frozen=True)
class Hold:
    """One resource for one stretch, preparation and clean-up included."""

    kind: ResourceKind
    resource_id: int
    starts_at: datetime
    ends_at: datetime

    @property
    def resource(self) -> Resource:
        return self.kind, self.resource_id


@dataclass(frozen=True)
class Need:
    """What one resource gives: when it is open, when it is taken, how much room it wants around a slot.

    A negative ``before`` or ``after`` means that it is needed for an inner part of the slot only.
    """

    open: Sequence[Stretch]
    busy: Sequence[Stretch] = ()
    before: timedelta = NOTHING
    after: timedelta = NOTHING


def free_slots(
    needs: Iterable[Need], *, duration: timedelta, window: Stretch, step: timedelta = STEP
) -> list[Stretch]:
    """Return every slot on the grid of ``step`` that suits all needs at once, in order of time."""
    free: list[Stretch] = [(window[0], window[1] - duration)]
    for need in needs:
        free = both(free, starts_of(need, duration))
    return [(at, at + duration) for at in on_grid(free, step)]


def starts_of(need: Need, duration: timedelta) -> list[Stretch]:
    """Return when a slot may begin for one need: from the first to the last instant, both included."""
    late, early = max(-need.before, NOTHING), max(-need.after, NOTHING)
    possible = [(start - late, end - duration + early) for start, end in merge(need.open)]
    taken = sorted(
        (start - need.after - duration, end + need.before) for start, end in need.busy if start < end
    )
    free: list[Stretch] = []
    first = 0
    for at, last in possible:
        while first < len(taken) and taken[first][1] <= at:
            first += 1
        for taken_from, taken_to in taken[first:]:
            if taken_from >= last:
                break
            if taken_from >= at:
                free.append((at, taken_from))
            at = max(at, taken_to)
        if at <= last:
            free.append((at, last))
    return free


def both(one: Sequence[Stretch], other: Sequence[Stretch]) -> list[Stretch]:
    """Return the instants that two sorted lists of closed stretches share; one pass over each."""
    shared = []
    i = j = 0
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if start <= end:
            shared.append((start, end))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return shared


def either(lists: Iterable[Sequence[Stretch]]) -> list[Stretch]:
    """Return the instants that lie in any of the lists of closed stretches."""
    joined: list[Stretch] = []
    for start, end in sorted(stretch for stretches in lists for stretch in stretches):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def on_grid(starts: Iterable[Stretch], step: timedelta = STEP) -> Iterator[datetime]:
    """Yield the round steps of the local clock within closed stretches, whatever these begin with."""
    for first, last in starts:
        midnight = first.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
        at = first + (midnight - first) % step
        while at <= last:
            yield at
            at += step


def apart(slots: Iterable[Stretch], count: int = OFFERED) -> list[Stretch]:
    """Return the first few slots that do not touch each other: a choice, not one hour told three times."""
    chosen: list[Stretch] = []
    for slot in slots:
        if not chosen or slot[0] >= chosen[-1][1]:
            chosen.append(slot)
        if len(chosen) == count:
            break
    return chosen


def covers(stretches: Iterable[Stretch], wanted: Stretch) -> bool:
    return any(start <= wanted[0] and wanted[1] <= end for start, end in merge(stretches))


def overlaps(stretches: Iterable[Stretch], wanted: Stretch) -> bool:
    return any(start < wanted[1] and wanted[0] < end for start, end in stretches)


def merge(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Join stretches that overlap or touch."""
    merged: list[Stretch] = []
    for start, end in sorted(stretches):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        elif start < end:
            merged.append((start, end))
    return merged


def hours_text(stretches: Iterable[Stretch]) -> str:
    """``09:00–12:00、13:00–18:00`` in the hospital's time."""
    return "、".join(f"{_clock(start)}–{_clock(end)}" for start, end in stretches)


def _clock(instant: datetime) -> str:
    return f"{instant.astimezone(SHANGHAI):%H:%M}"
