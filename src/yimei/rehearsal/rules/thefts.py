"""What honest people look at around what they do, and what thieves take: plans on plain values.

The acts, the roles, the shifts, who cares for whom and whom each may find are the rehearsal hospital's own.
The habits below (wrong hits, late notes, old lists) are assumptions; each makes honest people look worse.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from yimei.audit.enums import Look
from yimei.core.clock import local_date, local_day

OPENS_AGAIN, CARER_LOOKS = 0.6, 0.3
LATE_DAYS, OLD_LISTS = 0.05, 0.03
"""The share of days on which somebody finishes notes at home, and works off an old list."""
WRONG_HITS: Mapping[str, float] = {"reception": 0.02, "consultant": 0.02, "online": 0.02}
"""Of all whom a role opens, the share opened by mistake: a like name, a mistyped number. Others: 1 %."""
REVEALS: Mapping[str, float] = {"aftercare": 0.25, "online": 0.15, "consultant": 0.15, "reception": 0.05}
"""The share of people opened whose number is shown whole, to call them."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that somebody really did with a person."""

    at: datetime
    actor: UUID
    subject: int


@dataclass(frozen=True, slots=True)
class Glance:
    """One look at one person, still to be written into the log."""

    at: datetime
    actor: UUID
    subject: int
    kind: Look = Look.VIEW


@dataclass(frozen=True)
class Reader:
    """Whom a member of staff may find, in the order of registration, and among them those not hers."""

    actor: UUID
    role: str
    reach: Sequence[int]
    others: Sequence[int]
    searched: Sequence[int]
    """As ``reach``, with those who do not exist: search finds them, lists do not."""
    may_reveal: bool = False


def honest(
    acts: Sequence[Act],
    readers: Mapping[UUID, Reader],
    carers: Mapping[int, Iterable[UUID]],
    chance: Random,
) -> list[Glance]:
    """Return the looks that go with these acts: a file is opened before something is done with it."""
    days: dict[tuple[UUID, date], dict[int, datetime]] = defaultdict(dict)
    for act in acts:
        day = local_date(act.at)
        if act.actor in readers:
            opened = act.at - timedelta(minutes=chance.uniform(1, 8))
            days[act.actor, day].setdefault(act.subject, opened)
        for carer in carers.get(act.subject, ()):
            if carer in readers and chance.random() < CARER_LOOKS:
                later = act.at + timedelta(minutes=chance.uniform(5, 90))
                days[carer, day].setdefault(act.subject, later)
    clumsy = {actor: chance.gammavariate(2.0, 0.5) for actor in sorted(readers)}
    found: list[Glance] = []
    for (actor, _day), opened_at in sorted(days.items()):
        found += _day_of(readers[actor], opened_at, clumsy[actor], chance)
    return sorted(found, key=lambda glance: glance.at)


def _day_of(
    reader: Reader, opened: Mapping[int, datetime], clumsy: float, chance: Random
) -> Iterator[Glance]:
    share = WRONG_HITS.get(reader.role, 0.01) * clumsy
    for subject, at in sorted(opened.items()):
        yield Glance(at, reader.actor, subject)
        if chance.random() < OPENS_AGAIN:
            yield Glance(at + timedelta(minutes=chance.uniform(1, 60)), reader.actor, subject)
        if reader.may_reveal and chance.random() < REVEALS.get(reader.role, 0.0):
            yield Glance(at + timedelta(minutes=1), reader.actor, subject, Look.REVEAL)
        if reader.searched and chance.random() < share:
            yield Glance(at - timedelta(minutes=1), reader.actor, chance.choice(reader.searched))
    first = min(opened.values())
    if chance.random() < LATE_DAYS:
        late = _midnight(first) + timedelta(hours=22, minutes=chance.randrange(60))
        for place, subject in enumerate(chance.sample(sorted(opened), min(len(opened), 3))):
            yield Glance(late + timedelta(minutes=3 * place), reader.actor, subject)
    if reader.reach and chance.random() < OLD_LISTS:
        for subject in chance.sample(reader.reach, min(chance.randint(2, 5), len(reader.reach))):
            yield Glance(_midnight(first) + timedelta(hours=9 + 8 * chance.random()), reader.actor, subject)


Theft = Callable[[Reader, datetime, Random], Iterator[Glance]]
"""What a thief takes on the day that begins at this midnight."""


def _taken(
    reader: Reader,
    among: Sequence[int],
    count: int,
    start: datetime,
    hours: float,
    chance: Random,
    kind: Look = Look.VIEW,
) -> Iterator[Glance]:
    for subject in chance.sample(among, min(count, len(among))):
        yield Glance(start + timedelta(hours=hours * chance.random()), reader.actor, subject, kind)


def in_an_hour(reader: Reader, midnight: datetime, chance: Random) -> Iterator[Glance]:
    return _taken(reader, reader.reach, chance.randint(80, 200), midnight + timedelta(hours=12), 1.5, chance)


def over_a_day(reader: Reader, midnight: datetime, chance: Random) -> Iterator[Glance]:
    return _taken(reader, reader.reach, chance.randint(60, 120), midnight + timedelta(hours=9), 8, chance)


def at_night(reader: Reader, midnight: datetime, chance: Random) -> Iterator[Glance]:
    return _taken(reader, reader.reach, chance.randint(5, 20), midnight + timedelta(hours=22.2), 1.5, chance)


def not_own(reader: Reader, midnight: datetime, chance: Random) -> Iterator[Glance]:
    """People whom she does not care for; what else goes on with them she does not know."""
    return _taken(reader, reader.others, chance.randint(8, 15), midnight + timedelta(hours=9), 8, chance)


def in_order(reader: Reader, midnight: datetime, chance: Random) -> Iterator[Glance]:
    """File after file as the list shows them, one every 25 seconds."""
    count = min(chance.randint(10, 25), len(reader.reach))
    first = chance.randrange(len(reader.reach) - count + 1)
    picked = list(reader.reach[first : first + count])
    start = midnight + timedelta(hours=12, minutes=chance.randrange(30))
    for place, subject in enumerate(picked if chance.random() < 0.5 else reversed(picked)):
        yield Glance(start + timedelta(seconds=25 * place), reader.actor, subject)


def numbers(reader: Reader, midnight: datetime, chance: Random) -> Iterator[Glance]:
    return _taken(
        reader,
        reader.reach,
        chance.randint(15, 40),
        midnight + timedelta(hours=17),
        0.7,
        chance,
        Look.REVEAL,
    )


def lists(reader: Reader, midnight: datetime, chance: Random) -> Iterator[Glance]:
    """Two lists of at most fifty, so that nobody is asked for leave."""
    picked = chance.sample(reader.reach, min(chance.randint(60, 100), len(reader.reach)))
    for place, subject in enumerate(picked):
        at = midnight + timedelta(hours=17, minutes=30 * (place >= 50))
        yield Glance(at, reader.actor, subject, Look.EXPORT)


def searched(reader: Reader, midnight: datetime, chance: Random) -> Iterator[Glance]:
    """Five people found by search; among them may be one who does not exist."""
    return _taken(reader, reader.searched, 5, midnight + timedelta(hours=9), 8, chance)


QUICK: Mapping[str, Theft] = {
    "rate": in_an_hour,
    "breadth": over_a_day,
    "out_of_hours": at_night,
    "not_own_patients": not_own,
    "sequential_browsing": in_order,
    "telephone_numbers": numbers,
    "bulk_export": lists,
    "five_by_search": searched,
}
SLOW: Mapping[str, Callable[[Random, int], int]] = {
    "two_to_five_a_day": lambda chance, _day: chance.randint(2, 5),
    "five_twice_a_week": lambda _chance, day: 5 if day % 5 in {1, 3} else 0,
    "one_or_two_a_day": lambda chance, _day: chance.randint(1, 2),
}
"""How many people who are not hers a slow thief takes on the n-th working day."""


def slowly(
    reader: Reader, counts: Callable[[Random, int], int], days: Sequence[datetime], chance: Random
) -> list[Glance]:
    """A month of slow theft, on the working days that begin at these midnights."""
    found: list[Glance] = []
    for place, midnight in enumerate(days):
        count = counts(chance, place)
        found += _taken(reader, reader.others, count, midnight + timedelta(hours=9), 8, chance)
    return found


def _midnight(at: datetime) -> datetime:
    return local_day(local_date(at))[0]
