"""What in a day of looking is worth a question: rules that can be explained, on plain values.

Each rule compares what was done with what this person and her role usually do. A rule says how much it saw
and where its line lies; nothing is scored that cannot be said in a sentence.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import mean, pstdev

from yimei.audit.enums import Look
from yimei.core.clock import SHANGHAI
from yimei.privacy.enums.watch import AlarmKind, AlarmSeverity

DAY, HOUR = timedelta(hours=24), timedelta(hours=1)
OPENING = frozenset({Look.VIEW, Look.REVEAL, Look.PHOTO_VIEW, Look.PHOTO_DOWNLOAD, Look.DOWNLOAD, Look.PRINT})
"""Looks at one person; a search or a list is not one."""
KINDS = frozenset(Look.values)
NIGHT_FROM, NIGHT_TO = 22, 7
RATE_LEAST, BREADTH_LEAST, NIGHT_LEAST, NOT_OWN_LEAST, SEQUENCE_LEAST, REVEAL_LEAST = 15, 30, 4, 6, 8, 10
SPREAD = 4
"""How many standard deviations above the usual are worth a question. House rules: no law gives these."""
NEIGHBOURS = 3
"""Files whose numbers lie this close were opened one after the other."""


@dataclass(frozen=True, slots=True)
class Event:
    """One look, with what makes it ordinary."""

    at: datetime
    subject: int | None
    """The person's place in the order of registration; None when the look is at nobody in particular."""
    kind: str
    is_own: bool = True
    """The reader cares for her, or something happened with her in these days."""
    is_on_duty: bool = False
    is_canary: bool = False
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Usual:
    """What a member of staff, or all of her role, do on other days."""

    daily: Sequence[int] = ()
    """Persons a day, on days with any."""
    hourly: Sequence[int] = ()
    """The busiest hour of each of those days."""
    nights: float = 0.0
    """The share of looks at night."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth a question."""

    kind: AlarmKind
    severity: AlarmSeverity
    since: datetime
    until: datetime
    seen: int
    usual: int
    facts: Mapping[str, int | str] = field(default_factory=dict)
    subject: int | None = None


def find(events: Sequence[Event], *, own: Usual, role: Usual, law: int) -> list[Finding]:
    """Return what one reader's last day holds, its ``events`` in order; ``law`` is the law's number."""
    found = [finding for rule in RULES for finding in rule(events, own, role)]
    return [*found, *_breadth(events, own, role, law)]


def line(values: Sequence[int], role: Sequence[int], *, least: int) -> int:
    """Where the unusual begins: far above her own days, or her role's while she has too few."""
    known = values if len(values) >= 5 else (*values, *role)
    if not known:
        return least
    return max(least, round(mean(known) + SPREAD * max(pstdev(known), 1.0)))


def _rate(events: Sequence[Event], own: Usual, role: Usual) -> Iterator[Finding]:
    """Very many people within an hour."""
    most = line(own.hourly, role.hourly, least=RATE_LEAST)
    opened = [event for event in events if event.kind in OPENING and event.subject is not None]
    best: tuple[int, datetime, datetime] | None = None
    start, counts = 0, dict[int, int]()
    for event in opened:
        counts[_subject(event)] = counts.get(_subject(event), 0) + 1
        while event.at - opened[start].at > HOUR:
            left = _subject(opened[start])
            counts[left] -= 1
            if not counts[left]:
                del counts[left]
            start += 1
        if len(counts) > most and (best is None or len(counts) > best[0]):
            best = len(counts), opened[start].at, event.at
    if best:
        yield Finding(AlarmKind.RATE, AlarmSeverity.WARN, best[1], best[2], best[0], most)


def _breadth(events: Sequence[Event], own: Usual, role: Usual, law: int) -> Iterator[Finding]:
    """Very many people within a day; at the law's number at once."""
    opened = [
        event for event in events if event.subject is not None and event.kind in {*OPENING, Look.EXPORT}
    ]
    people = {event.subject for event in opened}
    most = min(line(own.daily, role.daily, least=BREADTH_LEAST), law - 1)
    if len(people) > most:
        severity = AlarmSeverity.SEVERE if len(people) >= law else AlarmSeverity.WARN
        yield Finding(AlarmKind.BREADTH, severity, opened[0].at, opened[-1].at, len(people), most)


def _hours(events: Sequence[Event], own: Usual, role: Usual) -> Iterator[Finding]:
    """People opened at night by somebody who is not on duty and does not usually work then."""
    if own.nights > 0.15:
        return
    night = [
        event
        for event in events
        if event.kind in OPENING and event.subject is not None and not event.is_on_duty and is_night(event.at)
    ]
    people = {event.subject for event in night}
    if len(people) >= NIGHT_LEAST:
        yield Finding(
            AlarmKind.HOURS, AlarmSeverity.WARN, night[0].at, night[-1].at, len(people), NIGHT_LEAST - 1
        )


def _not_own(events: Sequence[Event], own: Usual, role: Usual) -> Iterator[Finding]:
    """People with whom the reader has nothing to do and with whom nothing happens these days."""
    strangers = [
        event
        for event in events
        if event.kind in OPENING and event.subject is not None and not event.is_own and not event.is_canary
    ]
    people = {event.subject for event in strangers}
    if len(people) >= NOT_OWN_LEAST:
        yield Finding(
            AlarmKind.NOT_OWN,
            AlarmSeverity.WARN,
            strangers[0].at,
            strangers[-1].at,
            len(people),
            NOT_OWN_LEAST - 1,
        )


def _sequence(events: Sequence[Event], own: Usual, role: Usual) -> Iterator[Finding]:
    """File after file in the order of their numbers, upward or downward."""
    opened = [event for event in events if event.kind in OPENING and event.subject is not None]
    steps = [event for at, event in enumerate(opened) if at == 0 or opened[at - 1].subject != event.subject]
    run: list[Event] = []
    best: list[Event] = []
    direction = 0
    for event in steps:
        step = _subject(event) - _subject(run[-1]) if run else 0
        heading = (step > 0) - (step < 0)
        if run and abs(step) <= NEIGHBOURS and (len(run) == 1 or heading == direction):
            run.append(event)
        else:
            run = [run[-1], event] if run and abs(step) <= NEIGHBOURS else [event]
        direction = heading
        best = max(best, run, key=len)[:] if len(run) > len(best) else best
    if len(best) >= SEQUENCE_LEAST:
        yield Finding(
            AlarmKind.SEQUENCE, AlarmSeverity.WARN, best[0].at, best[-1].at, len(best), SEQUENCE_LEAST - 1
        )


def _reveal(events: Sequence[Event], own: Usual, role: Usual) -> Iterator[Finding]:
    """Many whole telephone numbers within an hour."""
    shown = [event for event in events if event.kind == Look.REVEAL]
    for at, event in enumerate(shown):
        window = [one for one in shown[at:] if one.at - event.at <= HOUR]
        people = {one.subject for one in window}
        if len(people) > REVEAL_LEAST:
            yield Finding(
                AlarmKind.REVEAL, AlarmSeverity.SEVERE, event.at, window[-1].at, len(people), REVEAL_LEAST
            )
            return


def _export(events: Sequence[Event], own: Usual, role: Usual) -> Iterator[Finding]:
    """A list of more than fifty people left, or several lists did."""
    left = [event for event in events if event.kind == Look.EXPORT]
    people = {event.subject for event in left}
    if len(people) > 50:
        yield Finding(AlarmKind.EXPORT, AlarmSeverity.WARN, left[0].at, left[-1].at, len(people), 50)


def _canary(events: Sequence[Event], own: Usual, role: Usual) -> Iterator[Finding]:
    """Somebody opened a person who does not exist; an export holds its own on purpose and does not count."""
    seen = set()
    for event in events:
        if event.is_canary and event.kind in OPENING and event.subject not in seen:
            seen.add(event.subject)
            yield Finding(
                AlarmKind.CANARY, AlarmSeverity.SEVERE, event.at, event.at, 1, 0, subject=event.subject
            )


def _glass(events: Sequence[Event], own: Usual, role: Usual) -> Iterator[Finding]:
    for event in events:
        if event.kind == Look.BREAK_GLASS:
            yield Finding(
                AlarmKind.GLASS, AlarmSeverity.NOTE, event.at, event.at, 1, 0, subject=event.subject
            )


RULES: tuple[Callable[[Sequence[Event], Usual, Usual], Iterator[Finding]], ...] = (
    _rate,
    _hours,
    _not_own,
    _sequence,
    _reveal,
    _export,
    _canary,
    _glass,
)


def is_business(action: str, *, is_by_somebody: bool) -> bool:
    """Whether a line of the log says that something happened with a person, so that opening her is work.

    A look is not business, nor a message, nor what marketing counts by itself: one campaign would make
    everybody an ordinary reading for two weeks.
    """
    if action.rsplit(".", 1)[-1] in KINDS or action.startswith("outbox."):
        return False
    return is_by_somebody or not action.startswith("growth.")


def is_night(at: datetime) -> bool:
    hour = at.astimezone(SHANGHAI).hour
    return hour >= NIGHT_FROM or hour < NIGHT_TO


def _subject(event: Event) -> int:
    assert event.subject is not None
    return event.subject
