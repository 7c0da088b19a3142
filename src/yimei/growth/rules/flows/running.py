"""Where somebody in a flow goes next, and when: the same each time it is worked out."""

from datetime import datetime, time, timedelta
from hashlib import sha256

from yimei.core.clock import SHANGHAI
from yimei.growth.rules.flows.graphs import Graph, Node


def wake(node: Node, *, now: datetime) -> datetime:
    """When somebody who begins to wait now goes on."""
    until = now + timedelta(days=node.values["days"], hours=node.values["hours"])
    at = node.values.get("at")
    if not at:
        return until
    local = until.astimezone(SHANGHAI)
    chosen = datetime.combine(local.date(), time.fromisoformat(at), SHANGHAI)
    return chosen if chosen >= local else chosen + timedelta(days=1)


def lot(seed: str) -> int:
    """A number from 0 to 99 that nobody can choose and everybody can compute again."""
    return int.from_bytes(sha256(seed.encode()).digest()[:8], "big") % 100


def is_held_out(graph: Graph, flow: str, person: int) -> bool:
    """Whether somebody belongs to the hold-out of a flow: the same each time she would enter it."""
    return lot(f"{flow}:holdout:{person}") < graph.holdout


def arm(node: Node, flow: str, person: int) -> str:
    """Which way of a split somebody goes: the same in every run of the same flow."""
    drawn, upto = lot(f"{flow}:{node.code}:{person}"), 0
    for name, share in node.values["shares"].items():
        upto += share
        if drawn < upto:
            return str(name)
    return str(next(iter(node.branches)))
