"""What the clock calls: each reads the time and calls one action."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from yimei.billing.actions import cuts
from yimei.core import jobs
from yimei.growth.actions import (
    bringing,
    coupons,
    enquiries,
    erasing,
    events_after,
    feedback,
    feedback_erasing,
    hearing,
    improvements,
    leaving,
    owning,
    points,
    profiles,
    reminding,
    running,
    scoring,
    segments,
    story_stands,
    thanks,
    tiers,
)

jobs.every("yimei.growth.recycle", "yimei.growth.tasks.recycle", cron="20 1 * * *")
jobs.every("yimei.growth.soon", "yimei.growth.tasks.recycled_soon", cron="30 8 * * *")
jobs.every("yimei.growth.answers", "yimei.growth.tasks.late_answers", minutes=1)
jobs.every("yimei.growth.erase", "yimei.growth.tasks.erase", cron="40 3 * * *")
jobs.every("yimei.growth.leaving", "yimei.growth.tasks.hand_on", minutes=10)
jobs.every("yimei.growth.flows", "yimei.growth.tasks.run_flows", minutes=1)
jobs.every("yimei.growth.score", "yimei.growth.tasks.train_score", cron="10 4 * * 1")
jobs.every("yimei.growth.sweep", "yimei.growth.tasks.sweep_profiles", cron="50 2 * * *")
jobs.every("yimei.growth.members", "yimei.growth.tasks.members", minutes=5)
jobs.every("yimei.growth.members_day", "yimei.growth.tasks.members_day", cron="30 0 * * *")
jobs.every("yimei.growth.birthdays", "yimei.growth.tasks.birthdays", cron="0 8 * * *")
jobs.every("yimei.growth.feedback", "yimei.growth.tasks.feedback_clock", minutes=5)
jobs.every("yimei.growth.events", "yimei.growth.tasks.events", minutes=10)
jobs.every("yimei.growth.stories", "yimei.growth.tasks.stories", minutes=5)
jobs.every("yimei.growth.improvements", "yimei.growth.tasks.improvements_day", cron="10 8 * * *")


def feedback_clock() -> int:
    """Low scores become somebody's; owners are reminded, those above told of what is late."""
    now = timezone.now()
    return hearing.take_surveys(now=now) + feedback.watch(now=now) + hearing.forget_addresses(now=now)


def events() -> int:
    """Whoever comes tomorrow is reminded; what is over makes leads of those who agreed to be called."""
    now = timezone.now()
    return events_after.remind(now=now) + events_after.follow_up(now=now)


def stories() -> int:
    """What no consent carries any more comes down; what is not down in time is told."""
    return story_stands.watch(now=timezone.now())


def improvements_day() -> int:
    """Effects are counted when their days are over; what was said too long ago is erased."""
    now = timezone.now()
    return (
        improvements.count_due(now=now)
        + feedback_erasing.erase_due(now=now)
        + events_after.erase_due(now=now)
    )


def members() -> int:
    """Points, tiers and the thanks of referrals follow the money."""
    now = timezone.now()
    return points.follow(now=now) + thanks.follow(now=now)


def members_day() -> int:
    """What ends with a day: quotes that hold coupons and points, points, years of tiers, late referrals."""
    now = timezone.now()
    done = cuts.undo_expired(now=now) + points.expire_due(now=now) + tiers.review_due(now=now)
    return done + coupons.settle(now=now) + thanks.close_over(now=now)


def birthdays() -> int:
    """Birthday coupons, some days ahead, to those who allowed it."""
    return coupons.issue_birthdays(now=timezone.now())


def recycle() -> int:
    return owning.recycle(now=timezone.now())


def recycled_soon() -> int:
    return reminding.recycled_soon(now=timezone.now())


def late_answers() -> int:
    """The clock of the first answer: whoever lets it run out is told, and her manager."""
    return reminding.late_answers(now=timezone.now())


def hand_on() -> int:
    """Leads and tasks of those who left."""
    return leaving.hand_on(now=timezone.now())


def erase() -> int:
    now = timezone.now()
    return erasing.erase_due(now=now) + enquiries.forget_old(now=now) + bringing.forget_old(now=now)


def run_flows() -> int:
    """Profiles first, then segments, then whoever is due in a flow."""
    return running.tick(now=timezone.now())


def sweep_profiles() -> int:
    now = timezone.now()
    return profiles.sweep(now=now) + segments.recount(now=now)


@jobs.handler("growth.leads.bring", atomic=False)
def bring_leads(payload: Mapping[str, Any]) -> None:
    """Take in a slice of a long file; the next slice is a job of its own."""

    def say(done: int, total: int) -> None:
        if done % 20 == 0:
            jobs.progress(payload, done, total)

    bringing.take(UUID(payload["file"]), now=timezone.now(), most=bringing.SLICE, say=say)


@jobs.handler("growth.score.train")
def train_asked(_payload: Mapping[str, Any]) -> None:
    scoring.train(now=timezone.now())


def train_score() -> int:
    """Learn the lead score anew each week."""
    return scoring.train(now=timezone.now()).rows
