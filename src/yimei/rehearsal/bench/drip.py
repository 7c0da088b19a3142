"""Months of honest work and of slow theft: how long a thief of a few people a day has, and who is accused."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random, SystemRandom
from time import perf_counter
from typing import Any

from yimei.privacy.rules.drip import Day, drip, share_of, usual_share

WORKDAYS, MATES = 22, 8
FIRST = date(2026, 5, 18)
CANARIES_AMONG = 0.003
"""The share of those who do not exist among all whom a reader may find: sixty in twenty thousand."""


@dataclass(frozen=True)
class Work:
    """A role's ordinary day: people opened, and the middle share of them with whom nothing happens."""

    opened: tuple[int, int]
    share: float


WORKS: Mapping[str, Work] = {
    "nurse": Work((8, 22), 0.01),
    "reception": Work((25, 60), 0.02),
    "consultant": Work((4, 12), 0.02),
    "aftercare": Work((15, 40), 0.01),
    "surgeon": Work((4, 15), 0.01),
}
SLOW: Mapping[str, Callable[[Random, int], int]] = {
    "two_to_five_a_day": lambda chance, _day: chance.randint(2, 5),
    "one_or_two_a_day": lambda chance, _day: chance.randint(1, 2),
    "five_twice_a_week": lambda _chance, day: 5 if day % 5 in {1, 3} else 0,
    "one_a_day": lambda _chance, _day: 1,
}


def run(n: int) -> dict[str, Any]:
    """Simulate ``n`` honest staff-months on a seed that was drawn just now: nothing is tuned to it."""
    seed, begun = SystemRandom().randrange(10**9), perf_counter()
    told = months(max(min(n, 5000), 25), chance=Random(seed))
    return {"name": "drip", "n": n, "seed": seed, **told, "seconds": round(perf_counter() - begun, 1)}


def months(count: int, *, chance: Random) -> dict[str, Any]:
    """Simulate ``count`` honest staff-months and a third as many of each slow theft."""
    accused = Counter[str]()
    for number in range(count):
        role = list(WORKS)[number % len(WORKS)]
        accused[role] += _caught_on(_month(role, chance), _mates(role, chance)) is not None
    return {
        "staff_months": count,
        "false_alarms_per_staff_month": round(sum(accused.values()) / count, 4),
        "false_alarms_by_role": {role: round(accused[role] * len(WORKS) / count, 4) for role in WORKS},
        "detection": {name: _thefts(steal, max(count // 3, 25), chance) for name, steal in SLOW.items()},
    }


def _thefts(steal: Callable[[Random, int], int], count: int, chance: Random) -> dict[str, Any]:
    caught: list[int | None] = []
    met = 0
    for number in range(count):
        role = list(WORKS)[number % len(WORKS)]
        month = _month(role, chance)
        stolen = [steal(chance, at) for at in range(WORKDAYS)]
        month = [
            Day(d.day, d.opened + more, d.strangers + more) for d, more in zip(month, stolen, strict=True)
        ]
        day = _caught_on(month, _mates(role, chance))
        canary = next(
            (
                at + 1
                for at, more in enumerate(stolen)
                if any(chance.random() < CANARIES_AMONG for _ in range(more))
            ),
            None,
        )
        met += canary is not None
        caught.append(min((one for one in (day, canary) if one is not None), default=None))
    known = sorted(day for day in caught if day is not None)
    return {
        **{f"by_day_{by}": round(sum(day <= by for day in known) / count, 3) for by in (1, 5, 10, WORKDAYS)},
        "half_by_day": known[count // 2 - 1] if len(known) >= count // 2 > 0 else None,
        "met_a_canary": round(met / count, 3),
    }


def _month(role: str, chance: Random) -> list[Day]:
    """An honest month: some open more strangers than others, and at times old calls are worked off."""
    work = WORKS[role]
    share = work.share * chance.gammavariate(2.0, 0.5)
    days = []
    for at in range(WORKDAYS):
        opened = chance.randint(*work.opened)
        strangers = sum(chance.random() < share for _ in range(opened))
        if chance.random() < 0.03:
            strangers += chance.randint(2, 5)
        days.append(Day(FIRST + timedelta(days=at + at // 5 * 2), opened, min(strangers, opened)))
    return days


def _mates(role: str, chance: Random) -> Sequence[float]:
    shares = (share_of(_month(role, chance)) for _mate in range(MATES))
    return [share for share in shares if share is not None]


def _caught_on(month: Sequence[Day], mates: Sequence[float]) -> int | None:
    """Return the working day after whose night the alarm rings."""
    usual = usual_share(mates)
    return next((at for at in range(1, len(month) + 1) if drip(month[:at], share=usual)), None)
