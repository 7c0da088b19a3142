"""What the queue calls: each reads the clock and calls one action."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.utils import timezone

from yimei.core import jobs
from yimei.core.clock import local_date
from yimei.privacy.actions import (
    alarms,
    centre,
    erasure,
    exports,
    letters,
    majority,
    openings,
    packages,
    posture,
    remains,
    restoring,
    successions,
    transfers,
)
from yimei.privacy.actions.requests import deadlines
from yimei.privacy.queries import alarms as queries

jobs.every("yimei.privacy.retention", "yimei.privacy.tasks.retention", cron="30 2 * * *")


def retention() -> int:
    """At night: what is over goes, and copies that nobody fetched."""
    now = timezone.now()
    restoring.catch_up(now=now)
    packages.drop_expired(now=now)
    deadlines.settle_provisional(now=now)
    centre.forget_old(now=now)
    remains.forget_jobs(now=now)
    erasure.complete_restrictions(now=now)
    done = erasure.finish_due(now=now)
    return done + remains.sweep(now=now)


jobs.every("yimei.privacy.restrictions", "yimei.privacy.tasks.complete_restrictions", minutes=5)


def complete_restrictions() -> int:
    """A restriction that waited for a booking, a payment or an answer is sealed once nothing runs."""
    return erasure.complete_restrictions(now=timezone.now())


jobs.every("yimei.privacy.restored", "yimei.privacy.tasks.notice_restore", minutes=5)


def notice_restore() -> int:
    """A backup that was put back under a running program."""
    return restoring.catch_up(now=timezone.now())


@jobs.handler("privacy.letters", atomic=False)
def hand_over_letters(payload: Mapping[str, Any]) -> None:
    """What affected persons are told leaves by the one gate for messages."""
    letters.hand_over(UUID(payload["incident"]), by_id=UUID(payload["by"]), now=timezone.now())


@jobs.handler("privacy.succession", atomic=False)
def tell_of_succession(payload: Mapping[str, Any]) -> None:
    """Everybody learns who receives their data (PIPL 22)."""
    successions.tell(UUID(payload["succession"]), now=timezone.now())


jobs.every("yimei.privacy.majority", "yimei.privacy.tasks.come_of_age", cron="5 0 * * *")


def come_of_age() -> int:
    """Just after midnight: rights pass to those who are eighteen today; who soon will be is told."""
    return majority.run(now=timezone.now()).total()


jobs.every("yimei.privacy.exports", "yimei.privacy.tasks.drop_exports", minutes=15)


def drop_exports() -> int:
    return exports.drop_expired(now=timezone.now())


jobs.every("yimei.privacy.alarms", "yimei.privacy.tasks.scan_alarms", minutes=5)


def scan_alarms() -> int:
    """What is usual is read from a month of the log, once a day."""
    now = timezone.now()
    key = f"privacy.usual:{local_date(now)}"
    usual = cache.get(key) or queries.usual(now)
    cache.set(key, usual, timeout=24 * 3600)
    return len(alarms.scan(now=now, usual=usual))


jobs.every("yimei.privacy.drips", "yimei.privacy.tasks.scan_month", cron="40 4 * * *")


def scan_month() -> int:
    """What no single day shows; once a night."""
    return len(alarms.scan_month(now=timezone.now()))


jobs.every("yimei.privacy.posture", "yimei.privacy.tasks.posture_of_the_night", cron="10 3 * * *")


def posture_of_the_night() -> int:
    """Live tests, counters, purposes that nobody signed for, working days of years whose table has come."""
    now = timezone.now()
    transfers.settle_provisional(now=now)
    openings.look(now=now)
    posture.count(now=now)
    return posture.run(now=now)
