"""May this member of staff see this field of this person for this purpose? Every role, purpose and column."""

import resource
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from random import Random
from time import perf_counter_ns
from typing import Any

from yimei.people.enums import LookPurpose
from yimei.people.roles import SEED_GRANTS
from yimei.people.rules.access import Reader, Subject, decide
from yimei.privacy.queries.levels import field_facts

SEED = 20260616
NOW = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
BATCH = 100
"""Decisions to one reading of the clock, which would otherwise be a good part of what is measured."""


def run(n: int) -> dict[str, Any]:
    """Decide ``n`` times, warm: the values of a request are in hand, no database is asked."""
    chance = Random(SEED)
    readers = [
        Reader(id=number, campus_id=1, scopes=grants) for number, grants in enumerate(SEED_GRANTS.values())
    ]
    subjects = [
        Subject(
            campus_id=chance.choice((1, 2)),
            cares=chance.random() < 0.3,
            glass_until=NOW + timedelta(hours=1) if chance.random() < 0.05 else None,
            is_sealed=chance.random() < 0.02,
            is_minor=chance.random() < 0.05,
            is_vip=chance.random() < 0.05,
        )
        for _number in range(500)
    ]
    fields, purposes = list(field_facts().values()), list(LookPurpose)
    asked = [
        (chance.choice(readers), chance.choice(subjects), chance.choice(fields), chance.choice(purposes))
        for _number in range(20_000)
    ]
    count = max(n // BATCH, 1)
    endless, times, shown = cycle(asked), [], 0
    for _number in range(count):
        batch = list(islice(endless, BATCH))
        begun = perf_counter_ns()
        answers = [decide(reader, subject, field, purpose, NOW) for reader, subject, field, purpose in batch]
        times.append((perf_counter_ns() - begun) / BATCH)
        shown += sum(answer.may_see for answer in answers)
    times.sort()
    return {
        "name": "access",
        "n": count * BATCH,
        "fields": len(fields),
        "shown": round(shown / (count * BATCH), 3),
        "p50_ms": round(times[len(times) // 2] / 1e6, 6),
        "p95_ms": round(times[int(len(times) * 0.95)] / 1e6, 6),
        "p50_us": round(times[len(times) // 2] / 1e3, 3),
        "p95_us": round(times[int(len(times) * 0.95)] / 1e3, 3),
        "max_us": round(times[-1] / 1e3, 3),
        "max_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
