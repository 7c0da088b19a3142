"""The hospital's numbers about leads, of the register or as shipped; a change counts from its day on."""

from datetime import date, timedelta

from yimei.growth.rules.feedback import Clocks
from yimei.growth.rules.pool import Limits, Protection
from yimei.growth.rules.rfm import Steps
from yimei.journey.queries.visits import number

TOKEN = "lead.phone"
"""The kind of blind index under which a lead's number is kept."""
SHIPPED, SHIPPED_LIMITS = Protection(), Limits()


def protection(on: date) -> Protection:
    return Protection(
        first=number("lead.protect_days", on, SHIPPED.first),
        activity=number("lead.protect_activity", on, SHIPPED.activity),
        most=number("lead.protect_most", on, SHIPPED.most),
        idle=number("lead.idle_days", on, SHIPPED.idle),
    )


def limits(on: date) -> Limits:
    return Limits(
        per_day=number("lead.claims_per_day", on, SHIPPED_LIMITS.per_day),
        holding=number("lead.holding_most", on, SHIPPED_LIMITS.holding),
        ban_days=number("lead.reclaim_days", on, SHIPPED_LIMITS.ban_days),
    )


def response(on: date) -> timedelta:
    return timedelta(minutes=number("lead.response_minutes", on, 5))


def link_life(on: date) -> timedelta:
    """How long a partner's own address opens."""
    return timedelta(days=number("partner.link_days", on, 90))


def overdue_after(on: date) -> timedelta:
    return timedelta(hours=number("lead.overdue_hours", on, 24))


def rfm_steps(on: date) -> Steps:
    shipped = Steps()
    return Steps(
        recent_days=number("rfm.recent_days", on, shipped.recent_days),
        lost_days=number("rfm.lost_days", on, shipped.lost_days),
        often=number("rfm.often", on, shipped.often),
        much=number("rfm.much", on, shipped.much // 10_000) * 10_000,
    )


def clocks(on: date) -> Clocks:
    shipped = Clocks()
    return Clocks(**{name: number(f"feedback.{name}", on, value) for name, value in vars(shipped).items()})
