"""The director's reports of the rehearsal hospital: the last twelve months, signed, and a timetable."""

from datetime import datetime, timedelta

from yimei.core.clock import local_date
from yimei.insight.actions import mart
from yimei.insight.actions.reports import drafts, schedules, signing, talk
from yimei.insight.enums import Cadence
from yimei.insight.rules.questions import months_later
from yimei.insight.rules.reports import periods
from yimei.people.roles import RoleCode
from yimei.rehearsal.actions.world import World


def write_reports(world: World, *, now: datetime) -> None:
    """Build the mart, sign the year, and leave a decision to be carried out."""
    director, today = world.first(RoleCode.DIRECTOR), local_date(now)
    mart.build(now=now)
    month = periods.latest(Cadence.MONTH, today)
    year = drafts.begin(
        "director-month",
        title="院长报告 · 近十二个月",
        starts_on=months_later(month.end, -12),
        last_day=month.last,
        by=director,
        now=now,
    )
    signing.sign(year.public_id, by=director, now=now)
    due = today + timedelta(days=14)
    words = "核对爽约最多的来源，给出提醒办法"
    talk.decide(year.public_id, words, owner=director.public_id, due=due, by=director, now=now)
    schedules.plan(
        "director-month", name="", day=2, recipients=["director"], is_automatic=False, by=director, now=now
    )
