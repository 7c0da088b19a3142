"""Two segments and two flows of the marketing team, begun in the last week and run each day since."""

from datetime import datetime, timedelta

from yimei.growth.actions import flows, running, segments, tags
from yimei.growth.enums import SegmentUse
from yimei.growth.queries import flows as queries
from yimei.people.roles import RoleCode
from yimei.rehearsal.actions.world import World

LAST_DAYS = timedelta(days=6)
STARTED = ("爽约挽回", "到院未成交 24 小时内关怀")
ASKED = (
    ("半年未到院的老客户", SegmentUse.MARKETING, [
        {"field": "last_visit_on", "op": "ago", "value": 180},
        {"field": "paid_times", "op": "gte", "value": 1},
    ]),
    ("到院未成交", SegmentUse.CARE, [
        {"field": "visits", "op": "gte", "value": 1}, {"field": "paid_times", "op": "lte", "value": 0},
    ]),
)  # fmt: skip


def begin(world: World, *, now: datetime) -> None:
    """Ask who is in the segments, and publish copies of two flows that ship."""
    by = world.first(RoleCode.MARKETING)
    tags.create(name="周末方便", by=by, now=now)
    for name, use, tests in ASKED:
        segments.create(name=name, use=use, tree={"all": tests}, by=by, now=now)
    for flow in queries.listed(by=by):
        if flow.name in STARTED and flow.campus is None:
            mine = flows.copy(flow.public_id, by=by, now=now)
            flows.save(mine.public_id, name=flow.name, draft=flow.draft, by=by, now=now)
            flows.publish(mine.public_id, by=by, now=now)


def go_on(*, now: datetime) -> None:
    """Let in and move on whoever is due."""
    running.tick(now=now)
