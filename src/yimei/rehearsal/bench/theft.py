"""Thieves among honest staff: which patterns the alarms find, and how often they cry without cause."""

import resource
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from time import perf_counter
from typing import Any

from yimei.audit.enums import Look
from yimei.core.clock import SHANGHAI
from yimei.privacy.enums.watch import AlarmSeverity
from yimei.privacy.rules.alarms import Event, Finding, Usual, find
from yimei.rehearsal.bench.drip import months

SEED = 20260616
PEOPLE, CANARIES = 20_000, 60
LAW = 250
DAYS_BEFORE = 20
MIDNIGHT = datetime(2026, 6, 16, tzinfo=SHANGHAI)


@dataclass(frozen=True)
class Job:
    """What a role does on an ordinary day."""

    persons: tuple[int, int]
    opens: tuple[int, int]
    strangers: float
    """The share of looks at people with whom nothing happens: a wrong hit, an old acquaintance."""
    reveals: float
    nights: float
    """The share of days with a night duty."""


JOBS: Mapping[str, Job] = {
    "nurse": Job((8, 22), (1, 4), 0.01, 0.0, 0.15),
    "reception": Job((25, 60), (1, 2), 0.02, 0.05, 0.0),
    "consultant": Job((4, 12), (1, 4), 0.02, 0.15, 0.0),
    "aftercare": Job((15, 40), (1, 2), 0.01, 0.25, 0.0),
    "surgeon": Job((4, 15), (1, 5), 0.01, 0.0, 0.1),
}

Theft = Callable[[Random], Iterator[Event]]


def run(n: int, *, seed: int = SEED) -> dict[str, Any]:
    """Simulate ``n`` honest staff-days, 3,000 at most, 200 days of each theft, and months of slow theft."""
    honest_days, thefts = max(min(n, 3000), 50), max(min(n // 5, 200), 20)
    chance = Random(seed)
    begun = perf_counter()
    cries, cried, times = Counter[str](), 0, []
    for number in range(honest_days):
        job = list(JOBS)[number % len(JOBS)]
        own, role = _usual(job, chance), _usual(job, chance, people=6)
        day = honest_day(job, chance)
        started = perf_counter()
        found = serious(find(day, own=own, role=role, law=LAW))
        times.append((perf_counter() - started) * 1000)
        cries.update({finding.kind.value for finding in found})
        cried += bool(found)
    detection = {name: _caught(theft, thefts, chance) for name, theft in THEFTS.items()}
    times.sort()
    return {
        "name": "theft",
        "n": honest_days,
        "seed": seed,
        "thefts_each": thefts,
        "false_alarm_rate": round(cried / honest_days, 4),
        "false_alarms_by_rule": {
            kind: round(count / honest_days, 4) for kind, count in sorted(cries.items())
        },
        "detection": detection,
        "slow": months(max(min(n // 2, 1500), 25), chance=Random(seed + 1)),
        "p50_ms": round(times[len(times) // 2], 3),
        "p95_ms": round(times[int(len(times) * 0.95)], 3),
        "seconds": round(perf_counter() - begun, 1),
        "max_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _caught(theft: Theft, times: int, chance: Random) -> dict[str, Any]:
    """How often a theft hidden in an ordinary day raises an alarm, and by which rules."""
    caught, rules = 0, Counter[str]()
    for number in range(times):
        job = list(JOBS)[number % len(JOBS)]
        own, role = _usual(job, chance), _usual(job, chance, people=6)
        day = sorted([*honest_day(job, chance), *theft(chance)], key=lambda event: event.at)
        found = serious(find(day, own=own, role=role, law=LAW))
        caught += bool(found)
        rules.update({finding.kind.value for finding in found})
    return {
        "rate": round(caught / times, 3),
        "rules": {kind: round(count / times, 3) for kind, count in rules.most_common(3)},
    }


def serious(found: Sequence[Finding]) -> list[Finding]:
    """An emergency look is told, not suspected."""
    return [finding for finding in found if finding.severity != AlarmSeverity.NOTE]


def honest_day(job_name: str, chance: Random) -> list[Event]:
    """One day of work: today's people, opened some times each, a few strangers, a night duty now and then."""
    job = JOBS[job_name]
    is_night = chance.random() < job.nights
    opens = MIDNIGHT + (timedelta(hours=20) if is_night else timedelta(hours=8, minutes=30))
    length = timedelta(hours=11) if is_night else timedelta(hours=9)
    events = []
    for _person in range(chance.randint(*job.persons)):
        subject = chance.randrange(PEOPLE)
        is_own = chance.random() >= job.strangers
        for _time in range(chance.randint(*job.opens)):
            kind = Look.REVEAL if chance.random() < job.reveals else Look.VIEW
            at = opens + length * chance.random()
            events.append(Event(at, subject, kind.value, is_own=is_own, is_on_duty=True))
    if chance.random() < 0.05:  # somebody finishes notes late at home
        late = MIDNIGHT + timedelta(hours=22, minutes=chance.randrange(60))
        events += [
            Event(late + timedelta(minutes=3 * step), chance.randrange(PEOPLE), Look.VIEW.value)
            for step in range(chance.randint(1, 3))
        ]
    return sorted(events, key=lambda event: event.at)


def _usual(job_name: str, chance: Random, *, people: int = 1) -> Usual:
    """The days before, as the log would tell them."""
    job = JOBS[job_name]
    daily = [chance.randint(*job.persons) for _day in range(DAYS_BEFORE * people)]
    return Usual(
        daily=daily,
        hourly=[max(count // 5, 2) for count in daily],
        nights=0.0 if job.nights == 0 else 0.08,
    )


def _looks(
    chance: Random, count: int, start: float, hours: float, *, kind: Look = Look.VIEW, is_own: bool = False
) -> Iterator[Event]:
    for _one in range(count):
        at = MIDNIGHT + timedelta(hours=start + hours * chance.random())
        yield Event(at, chance.randrange(PEOPLE), kind.value, is_own=is_own, is_on_duty=start < 18)


def _vacuum(chance: Random) -> Iterator[Event]:
    return _looks(chance, chance.randint(80, 200), 12, 1.5)


def _whole_day(chance: Random) -> Iterator[Event]:
    return _looks(chance, chance.randint(60, 120), 9, 8)


def _at_night(chance: Random) -> Iterator[Event]:
    return _looks(chance, chance.randint(5, 20), 22.2, 1.5)


def _strangers(chance: Random) -> Iterator[Event]:
    return _looks(chance, chance.randint(8, 15), 9, 8)


def _drip(chance: Random) -> Iterator[Event]:
    return _looks(chance, chance.randint(2, 5), 9, 8)


def _in_order(chance: Random) -> Iterator[Event]:
    first, step = chance.randrange(PEOPLE - 200), chance.choice((1, -1))
    start = MIDNIGHT + timedelta(hours=12, minutes=chance.randrange(30))
    for number in range(chance.randint(10, 25)):
        at = start + timedelta(seconds=25 * number)
        yield Event(at, first + step * number, Look.VIEW.value, is_own=chance.random() < 0.7, is_on_duty=True)


def _phones(chance: Random) -> Iterator[Event]:
    return _looks(chance, chance.randint(15, 40), 17, 0.7, kind=Look.REVEAL, is_own=True)


def _list(chance: Random) -> Iterator[Event]:
    at = MIDNIGHT + timedelta(hours=17)
    for _row in range(chance.randint(60, 240)):
        yield Event(at, chance.randrange(PEOPLE), Look.EXPORT.value, is_on_duty=True)


def _curious(chance: Random) -> Iterator[Event]:
    """Opens people at random, a few at a time; among them lie those who do not exist."""
    decoys = set(range(0, PEOPLE, PEOPLE // CANARIES))
    for event in _looks(chance, 5, 9, 8):
        if event.subject in decoys or chance.random() < 0.2:
            yield Event(event.at, event.subject, event.kind, is_own=False, is_on_duty=True, is_canary=True)
        else:
            yield event


THEFTS: Mapping[str, Theft] = {
    "vacuum_in_an_hour": _vacuum,
    "spread_over_a_day": _whole_day,
    "at_night": _at_night,
    "people_without_business": _strangers,
    "file_after_file": _in_order,
    "telephone_numbers": _phones,
    "exported_list": _list,
    "met_a_canary": _curious,
    "two_to_five_a_day": _drip,
}
