"""A resource timeline cut into five-minute slots, so that a bar is placed by a class and not by a style."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

SLOT = timedelta(minutes=5)
LONGEST = timedelta(hours=24)


@dataclass(frozen=True)
class Bar:
    """One stretch of time in a row."""

    start: datetime
    end: datetime
    label: str
    tone: str = ""
    href: str = ""
    detail: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Row:
    """One room, person or device, with what claims it."""

    label: str
    note: str = ""
    key: str = ""
    bars: Sequence[Bar] = field(default_factory=tuple)


@dataclass(frozen=True)
class PlacedBar:
    """A bar with its first slot and its number of slots inside the board."""

    bar: Bar
    first: int
    span: int


@dataclass(frozen=True)
class Board:
    """The day of several resources between two whole hours."""

    start: datetime
    end: datetime
    rows: Sequence[Row]
    now: datetime | None = None

    @property
    def slots(self) -> int:
        return min(self.end - self.start, LONGEST) // SLOT

    @property
    def hours(self) -> int:
        return -(-self.slots // 12)

    @property
    def hour_marks(self) -> list[datetime]:
        return [self.start + timedelta(hours=n) for n in range(self.hours)]

    @property
    def now_slot(self) -> int | None:
        if self.now is None or not self.start <= self.now < self.end:
            return None
        return (self.now - self.start) // SLOT

    def placed(self, row: Row) -> list[PlacedBar]:
        """Return the row's bars that touch the board, cut at its edges, in order of time."""
        found = []
        for bar in sorted(row.bars, key=lambda bar: bar.start):
            first = max(0, (bar.start - self.start) // SLOT)
            last = min(self.slots, -((self.start - bar.end) // SLOT))
            if first < last:
                found.append(PlacedBar(bar, first, last - first))
        return found

    @property
    def lanes(self) -> list[tuple[Row, list[PlacedBar]]]:
        return [(row, self.placed(row)) for row in self.rows]
