"""Where each room of the journey, and each part above, adds to the customer's timeline and to Today.

Modules of ``journey.queries`` are imported at start: a room registers by decorating its own function there.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

from yimei.journey.models import Case
from yimei.people.models import Patient, Staff

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Look:
    """Who looks at whose timeline, at which case (all of them without one), and may the chart be seen."""

    patient: Patient
    by: Staff
    now: datetime
    case: Case | None = None
    sees_clinical: bool = False
    sees_special: bool = False
    """Level 5: results of infection screening, psychological concern."""
    cases: Mapping[int, Case] = field(default_factory=dict)
    """The cases told of, by key, each with all that opens what is written in it."""
    filled: frozenset[type[Model]] = frozenset()
    """What these cases hold a row of: the rest is not asked."""

    @property
    def files(self) -> QuerySet[Patient]:
        """Every file of this person: one timeline, whichever of them something was written in."""
        return Patient.objects.files_of(self.patient)

    def hand(self, rows: "QuerySet[Row, Row]") -> "list[Row]":
        """Return those of these rows that are of the cases told of; each gets its case, read once for all."""
        found = list(rows.filter(case__in=list(self.cases)))
        for row in found:
            of: Any = row
            of.case = self.cases[of.case_id]
        return found


@dataclass(frozen=True)
class TimelineItem:
    """One thing that happened to a customer; ``where`` is a URL name with its id, as in ``Missing``."""

    at: datetime
    kind: str
    title: str
    text: str = ""
    by_name: str = ""
    where: str = ""
    tone: str = ""
    changes: Sequence[tuple[str, str | None, str | None]] = ()
    """What reads differently from before: label, before, after."""


@dataclass(frozen=True)
class TaskItem:
    """One thing to do next and the button that does it; ``who`` and ``tone`` are filled in for all alike."""

    due_at: datetime
    patient: Patient | None
    what: str
    action: str
    where: str
    since: datetime | None = None
    who: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Worklist(Generic[Row]):
    """Rows that wait, when each is due, and how Today says it.

    The badge on every page asks only when: it reads these fields and nobody's name. Both ask the same rows
    and the same ``due``, so that they cannot count differently.
    """

    rows: "QuerySet[Row, Any]"
    fields: tuple[str, ...]
    due: Callable[..., datetime]
    """Of the values of ``fields``."""
    full: Callable[[], "Iterable[Row]"]
    """The same rows with all that the words need."""
    say: Callable[[Row, datetime], TaskItem]

    def __iter__(self) -> Iterator[TaskItem]:
        values = [attrgetter(name.replace("__", ".")) for name in self.fields]
        for row in self.full():
            yield self.say(row, self.due(*(value(row) for value in values)))

    def late(self, now: datetime) -> int:
        rows = self.rows if self.rows.query.is_sliced else self.rows.order_by()
        return sum(self.due(*values) < now for _pk, *values in rows.values_list("pk", *self.fields))


TimelineSource = Callable[[Look], Iterable[TimelineItem]]
"""A number of queries that does not grow with rows; the case comes from the look."""
TodaySource = Callable[[Staff, datetime], Iterable[TaskItem]]
"""A number of queries that does not grow with rows; the patient comes with ``person__vault_key``.

Where rows bring customers, a ``Worklist``.
"""

_timeline: dict[TimelineSource, type[Model]] = {}
_today: list[tuple[frozenset[str], TodaySource]] = []


def timeline_source(of: type[Model]) -> Callable[[TimelineSource], TimelineSource]:
    """Register what a room adds to the timeline: it tells of these rows, and is asked where there are any."""

    def register(source: TimelineSource) -> TimelineSource:
        _timeline[source] = of
        return source

    return register


def timeline_sources() -> Mapping[TimelineSource, type[Model]]:
    return dict(_timeline)


def today_source(*role_codes: str) -> Callable[[TodaySource], TodaySource]:
    """Register what these roles find on Today; without roles, everybody."""

    def register(source: TodaySource) -> TodaySource:
        entry = (frozenset(str(code) for code in role_codes), source)
        if entry not in _today:
            _today.append(entry)
        return source

    return register


def today_sources(role_code: str) -> tuple[TodaySource, ...]:
    return tuple(source for roles, source in _today if not roles or role_code in roles)


def late_of(items: Iterable[TaskItem], now: datetime) -> int:
    """How many things of one source are late."""
    if isinstance(items, Worklist):
        return items.late(now)
    return sum(item.due_at < now for item in items)
