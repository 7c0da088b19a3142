"""Shapes of demand and behaviour (assumptions drawn from published figures; none is a real clinic's)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import zip_longest
from random import Random
from typing import Any

from yimei.core.clock import SHANGHAI, local_date
from yimei.hospital.enums import Category
from yimei.rehearsal.rules import people

MIX: Mapping[str, int] = {
    Category.EYE: 30,
    Category.NOSE: 14,
    Category.FACE: 12,
    Category.BODY: 8,
    Category.BREAST: 6,
    Category.FACE_BONE: 2,
    Category.INJECTION: 16,
    Category.LASER: 12,
}
"""Share of first interests by category; surgery weighs more than by count, for its way is the longer one."""

MONTHS: Mapping[int, float] = {
    1: 1.1, 2: 0.7, 3: 0.9, 4: 1, 5: 1, 6: 1.25, 7: 1.25, 8: 1.2, 9: 0.9, 10: 0.9, 11: 1.1, 12: 1.1,
}  # fmt: skip
"""Season: the dip around 春节, the summer of students, 双11."""

WEEKDAYS = (0.9, 0.9, 0.95, 1.0, 1.1, 1.35, 1.2)
HEAVIEST = max(MONTHS.values()) * max(WEEKDAYS)

RECENT_SHARE = 0.45
"""Share of customers who called within the last three weeks, so that every screen has life."""
RECENT = timedelta(days=21)

BOOKS = 0.6
"""Share of callers who agree on a time (published: half of all inquiries never reach a consultation)."""
ARRIVES = 0.80
WINS = 0.42
"""Share of consultations that become an order (published: 35–45 %)."""
FORGETS = 0.03
"""Share of steps that somebody leaves undone, so that overdue work exists."""
CANCELS = 0.03
COMPLICATES = 0.03
ANSWERS = 0.62
SIGNS_EARLY = 0.85
AGREES_TO_MARKETING = 0.45
HAS_ALLERGY = 0.08
ABNORMAL = 0.02
LENGTH_SIGMA = 0.18
"""Spread of the logarithm of an operation's length round its median."""

SCORES: Mapping[int, int] = {4: 1, 6: 2, 7: 3, 8: 8, 9: 10, 10: 8}
SCORES_AFTER_COMPLICATION: Mapping[int, int] = {4: 6, 6: 4, 7: 2, 8: 1}
GOALS_REACHED = (6, 7, 8, 9, 10)
GOAL_WEIGHTS = (1, 2, 5, 6, 3)

STUDIO = timedelta(days=9)
"""Whoever came in since then was asked for photographs."""
EVENING = time(16, 30)
GOLDEN = 0.6180339887498949


@dataclass(frozen=True)
class Aim:
    """Where one customer must stand at the end: in a consultation or an operation at about this time."""

    calls_at: datetime
    consults_at: datetime | None = None
    operates_at: datetime | None = None
    interest: Category | None = None


CONSULTS_ROUND = (-5, -40, -95, -15, 45, -140, 90, -60, 130, 20)
"""Minutes from the curtain to the consultations of those who aim at it."""
OPERATES_ROUND = (-60, -30, -75, 40, -90, -160, -65, 100, -220, -130, -15, -260, -80, -115, -145, -190)
"""Minutes from the curtain to operations of the day; every other one is short, to be in recovery."""
OPERATES_IN = (1, 2, 1, 3, 4, 2, 5, 6, 3, 1, 5, 6)
"""Days from the curtain to operations that are coming."""


def curtain(now: datetime) -> datetime:
    """Return when the rehearsal stops: now, or half past four, so that a day is seen in its middle."""
    evening = datetime.combine(local_date(now), EVENING, SHANGHAI)
    return min(now, evening)


def aims(end: datetime, *, many: int) -> list[Aim]:
    """Return so many customers who stand at the desk, in the theatre or on the board at the end."""
    found: list[Aim] = []
    day = local_date(end)
    for n, (consult, operation, days) in enumerate(zip_longest(CONSULTS_ROUND, OPERATES_ROUND, OPERATES_IN)):
        if consult is not None:
            found.append(Aim(calls_at=_call(day, n, back=2), consults_at=_quarter(end, consult)))
        if operation is not None:
            goal, short = _quarter(end, operation), Category.INJECTION if n % 2 == 0 else None
            found.append(Aim(calls_at=_call(day, n, back=11), operates_at=goal, interest=short))
        if days is not None:
            coming = at(day + timedelta(days=days), 9 * 60 + 45 * (n % 8))
            found.append(Aim(calls_at=_call(day, n, back=10), operates_at=coming))
    return found[:many]


def _call(day: date, n: int, *, back: int) -> datetime:
    return at(day - timedelta(days=back + n % 3), 10 * 60 + 37 * n % 420)


def _quarter(end: datetime, minutes: int) -> datetime:
    """The quarter of an hour, within the hours of the house, that lies so far from the end."""
    moment = (end + timedelta(minutes=minutes)).astimezone(SHANGHAI)
    minute = moment.hour * 60 + moment.minute // 15 * 15
    return at(local_date(end), max(9 * 60, min(minute, 17 * 60 + 15)))


def calls_at(rng: Random, *, since: date, until: date) -> datetime:
    """Return when a customer first calls: by season and weekday, many within the last three weeks."""
    start = until - RECENT if rng.random() < RECENT_SHARE else since
    days = (until - start).days
    while True:
        day = start + timedelta(days=rng.randrange(days + 1))
        if rng.random() * HEAVIEST < MONTHS[day.month] * WEEKDAYS[day.weekday()]:
            return at(day, 9 * 60 + rng.randrange(9 * 60))


def at(day: date, minute: int) -> datetime:
    """Return an instant by its minute of the local day."""
    return datetime.combine(day, time(minute // 60, minute % 60), SHANGHAI)


def evenly(n: int, share: float) -> bool:
    """Return whether the n-th of many is among a share of them: spread as evenly as can be (golden ratio)."""
    return n * GOLDEN % 1 < share


def rounded(price: Decimal, percent: int) -> Decimal:
    """Return a price with some percent off, in whole yuan."""
    return (price * (100 - percent) / 100).quantize(Decimal(1)).quantize(Decimal("0.01"))


def truth() -> dict[str, Any]:
    """Return every parameter that the synthetic hospital is drawn from, to check an analysis against."""
    return {
        "interest": _shares(MIX),
        "season": {str(month): weight for month, weight in MONTHS.items()},
        "weekday": list(WEEKDAYS),
        "recent": {"share": RECENT_SHARE, "days": RECENT.days},
        "female": people.FEMALE_SHARE,
        "age": _shares({f"{low}-{high}": weight for low, high, weight in people.AGE_BANDS}),
        "source": _shares(dict(people.SOURCES)),
        "books": BOOKS,
        "arrives": ARRIVES,
        "wins": WINS,
        "forgets_a_step": FORGETS,
        "cancels_the_operation": CANCELS,
        "complicates": COMPLICATES,
        "answers_the_survey": ANSWERS,
        "agrees_to_marketing": AGREES_TO_MARKETING,
        "has_an_allergy": HAS_ALLERGY,
        "a_test_is_abnormal": ABNORMAL,
        "length_sigma": LENGTH_SIGMA,
        "score": _shares(SCORES),
        "score_after_complication": _shares(SCORES_AFTER_COMPLICATION),
    }


def _shares(weights: Mapping[Any, int]) -> dict[str, float]:
    whole = sum(weights.values())
    return {str(name): weight / whole for name, weight in weights.items()}
