"""Fills an empty database with the rehearsal hospital, step by step in the order of time."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.hospital.queries import campuses
from yimei.rehearsal.actions import world as worlds
from yimei.rehearsal.actions.walks import Walk
from yimei.rehearsal.rules import shapes
from yimei.rehearsal.rules.people import somebody

SIZES = {"s": 300}
RECENT_SHARE = 0.45
"""Of the small hospital's customers, this share called within the last three weeks, so that every screen has life."""
SPAN = timedelta(days=730)


@dataclass(frozen=True)
class Filled:
    """What was made."""

    customers: int
    steps: int
    refusals: int


def fill(
    *, size: str, seed: int, now: datetime, accounts: Path, progress: Callable[[float], None] = lambda share: None
) -> Filled:
    """Make the hospital up to ``now``: what would come later has not happened yet and stays open.

    A gate that refuses a step ends that customer's way, as it would in life; refusals are counted and returned.
    """
    if size not in SIZES:
        raise RuleBroken(_("彩排规模目前只有 s（约 300 位客户）。"))
    if campuses().exists():
        raise RuleBroken(_("数据库里已有院区，彩排只用于空数据库。"))
    until, since = local_date(now), local_date(now - SPAN)
    world = worlds.build(since=since, until=until, now=now)
    worlds.write_accounts(world, accounts)
    steps = refusals = 0
    begun = now - SPAN
    queue: list[tuple[datetime, int, Iterator[datetime]]] = []
    for n in range(SIZES[size]):
        rng = Random(f"{seed}:{n}")
        who = somebody(n, rng, today=until)
        first = shapes.calls_at(rng, since=since, until=until, recent=rng.random() < RECENT_SHARE)
        way = Walk(world, who, rng, n=n, first_call=first).steps()
        heapq.heappush(queue, (next(way), n, way))
    while queue:
        moment, n, way = heapq.heappop(queue)
        if moment > now:
            break
        try:
            following = next(way, None)
        except RuleBroken:
            refusals += 1
            continue
        steps += 1
        if following is not None:
            heapq.heappush(queue, (following, n, way))
        progress((moment - begun) / SPAN)
    return Filled(customers=SIZES[size], steps=steps, refusals=refusals)
