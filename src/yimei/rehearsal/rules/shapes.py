"""Shapes of demand and behaviour (assumptions drawn from published figures; none is a real clinic's)."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from yimei.core.clock import SHANGHAI
from yimei.hospital.enums import Category

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
"""Share of first interests by category; surgery weighs more than by count, for its journey is the longer one."""

MONTHS: Mapping[int, float] = {1: 1.1, 2: 0.7, 3: 0.9, 4: 1, 5: 1, 6: 1.25, 7: 1.25, 8: 1.2, 9: 0.9, 10: 0.9, 11: 1.1, 12: 1.1}
"""Season: the dip around 春节, the summer of students, 双11."""

WEEKDAYS = (0.9, 0.9, 0.95, 1.0, 1.1, 1.35, 1.2)

ARRIVES = 0.80
WINS = 0.55
"""Share of consultations that become an order (published: 35–45 %; higher here so that every screen has life)."""
FORGETS = 0.03
"""Share of steps that somebody leaves undone, so that overdue work exists."""
COMPLICATES = 0.03
ANSWERS = 0.62

OPENS, CLOSES = time(9), time(18)


def calls_at(rng: Random, *, since: date, until: date, recent: bool) -> datetime:
    """Return when a customer first calls: by season and weekday, or within the last three weeks."""
    start = until - timedelta(days=21) if recent else since
    days = (until - start).days
    while True:
        day = start + timedelta(days=rng.randrange(days + 1))
        weight = MONTHS[day.month] * WEEKDAYS[day.weekday()]
        if rng.random() * 1.7 < weight:
            return at(day, 9 * 60 + rng.randrange(9 * 60))


def at(day: date, minute: int) -> datetime:
    """Return an instant by its minute of the local day."""
    return datetime.combine(day, time(minute // 60, minute % 60), SHANGHAI)


def rounded(price: Decimal, percent: int) -> Decimal:
    """Return a price with some percent off, in whole yuan."""
    return (price * (100 - percent) / 100).quantize(Decimal(1)).quantize(Decimal("0.01"))
