"""When a set of resources is free together: arithmetic on stretches of time, half open [start, end)."""

from collections.abc import Iterable, Sequence
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
    """What one resource gives: when it is open, when it is taken, how much room it wants around a slot."""

    open: Sequence[Stretch]
    busy: Sequence[Stretch] = ()
    before: timedelta = NOTHING
    after: timedelta = NOTHING


def free_slots(
    needs: Iterable[Need], *, duration: timedelta, window: Stretch, step: timedelta = STEP
) -> list[Stretch]:
    """Return every slot on the grid of ``step`` that suits all needs at once, in order of time."""
    free = [window]
    for need in needs:
        around = [(start - need.after, end + need.before) for start, end in need.busy]
        free = _both(free, _without(merge(need.open), merge(around)))
    return [slot for stretch in free for slot in _grid(stretch, duration, step)]


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


def _both(one: Sequence[Stretch], other: Sequence[Stretch]) -> list[Stretch]:
    shared = ((max(a, c), min(b, d)) for a, b in one for c, d in other)
    return sorted((start, end) for start, end in shared if start < end)


def _without(open_: Sequence[Stretch], busy: Sequence[Stretch]) -> list[Stretch]:
    free = []
    for start, end in open_:
        at = start
        for taken_from, taken_to in busy:
            if taken_from >= end:
                break
            if taken_to <= at:
                continue
            if taken_from > at:
                free.append((at, taken_from))
            at = taken_to
        if at < end:
            free.append((at, end))
    return free


def _grid(stretch: Stretch, duration: timedelta, step: timedelta) -> Iterable[Stretch]:
    """Starts stand on round steps of the local clock, whatever the stretch begins with."""
    start, end = stretch
    midnight = (
        start.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(start.tzinfo)
    )
    at = midnight + -(-(start - midnight) // step) * step
    while at + duration <= end:
        yield at, at + duration
        at += step
