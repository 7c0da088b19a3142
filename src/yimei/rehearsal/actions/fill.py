"""Fills an empty database with the rehearsal hospital, step by step in the order of time."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.core.language import in_house
from yimei.hospital.queries import campuses
from yimei.rehearsal.actions import front, governance, journeys, rights
from yimei.rehearsal.actions import world as worlds
from yimei.rehearsal.actions.books import keep_books
from yimei.rehearsal.actions.enquiries import enquire
from yimei.rehearsal.actions.friends import bring
from yimei.rehearsal.actions.gatherings import gather
from yimei.rehearsal.actions.history import remember
from yimei.rehearsal.actions.loyalty import welcome
from yimei.rehearsal.actions.reports import write_reports
from yimei.rehearsal.actions.street import befriend
from yimei.rehearsal.actions.tales import tell
from yimei.rehearsal.actions.twins import call_again
from yimei.rehearsal.actions.voices import speak
from yimei.rehearsal.actions.walks import Walk
from yimei.rehearsal.actions.watch import leave_traces
from yimei.rehearsal.rules import shapes
from yimei.rehearsal.rules.people import somebody

SIZES = {"xs": 14, "s": 180}
OFFERED = ("s",)
"""The smallest is for tests."""
SPAN = timedelta(days=730)


@dataclass(frozen=True)
class Filled:
    """What was made; ``refusals`` counts the ways that a gate ended, by what it said."""

    customers: int
    steps: int
    refusals: Counter[str] = field(default_factory=Counter)


@in_house()
def fill(
    *,
    size: str,
    seed: int,
    now: datetime,
    accounts: Path,
    progress: Callable[[float], None] = lambda share: None,
) -> Filled:
    """Make the hospital up to ``now``: what would come later has not happened yet and stays open.

    A gate that refuses a step ends that customer's way, as it would in life; refusals are counted.
    """
    if size not in SIZES:
        raise RuleBroken(_("彩排规模目前只有 s（约 180 位客户）。"))
    if campuses().exists():
        raise RuleBroken(_("数据库里已有院区，彩排只用于空数据库。"))
    until, since = local_date(now), local_date(now - SPAN)
    world = worlds.build(since=since, until=until, now=now)
    worlds.write_accounts(world, accounts)
    curtain = shapes.curtain(now)
    aims = shapes.aims(curtain, many=SIZES[size] // 10)
    queue: list[tuple[datetime, int, Iterator[datetime]]] = []
    for n in range(SIZES[size]):
        rng = Random(f"{seed}:{n}")
        who = somebody(n, rng, today=until)
        aim = aims[n] if n < len(aims) else None
        first = aim.calls_at if aim else shapes.calls_at(rng, since=since, until=until)
        way = Walk(world, who, rng, n=n, first_call=first, aim=aim).steps()
        heapq.heappush(queue, (next(way), n, way))
    steps, refusals, begun = 0, Counter[str](), curtain - SPAN
    mornings = iter([curtain - journeys.LAST_DAYS + timedelta(days=day) for day in range(0, 7, 2)])
    morning = next(mornings)
    while queue:
        moment, n, way = heapq.heappop(queue)
        if moment > curtain:
            break
        if moment > morning:
            _daily(world, morning, curtain)
            morning = next(mornings, curtain + SPAN)
        try:
            following = next(way, None)
        except RuleBroken as refusal:
            refusals[said(refusal)] += 1
            continue
        steps += 1
        if following is not None:
            heapq.heappush(queue, (following, n, way))
        progress((moment - begun) / SPAN)
    enquire(world, now=curtain)
    front.furnish(world, now=curtain)
    journeys.go_on(now=curtain)
    welcome(world, now=curtain)
    speak(world, now=curtain)
    tell(world, now=curtain)
    bring(world, now=curtain)
    befriend(world, now=curtain)
    governance.furnish(world, now=curtain)
    rights.ask(world, now=curtain)
    gather(world, now=curtain)
    leave_traces(world, now=curtain)
    if size in OFFERED:
        call_again(world, now=curtain)
        keep_books(world, now=curtain)
        remember(world, seed=seed, now=curtain)
        write_reports(world, now=curtain)
    rights.name_customers(accounts, now=curtain)
    return Filled(customers=SIZES[size], steps=steps, refusals=refusals)


def said(refusal: RuleBroken) -> str:
    """A refusal as one sentence, with what is missing."""
    missing = "、".join(each.what for each in refusal.missing)
    return f"{refusal.message.rstrip('。：')}：{missing}" if missing else refusal.message


def _daily(world: worlds.World, morning: datetime, curtain: datetime) -> None:
    """What the marketing team's flows do in the last days."""
    if morning == curtain - journeys.LAST_DAYS:
        journeys.begin(world, now=morning)
    else:
        journeys.go_on(now=morning)
