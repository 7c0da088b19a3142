"""What the old program of the rehearsal hospital knew: two years of both campuses, brought as four tables."""

from datetime import datetime
from decimal import Decimal
from random import Random

from yimei.core.clock import local_date
from yimei.hospital.models import Campus
from yimei.hospital.queries import campuses, catalogue_of, holidays
from yimei.insight.rules.questions import months_later
from yimei.people.roles import RoleCode
from yimei.rehearsal.actions.books import bring
from yimei.rehearsal.actions.world import World
from yimei.rehearsal.rules import history as rules
from yimei.rehearsal.rules.history import Site
from yimei.rehearsal.rules.shapes import MIX

MONTHS = 24
"""Whole months before this one; the old program was used up to yesterday."""
NEW_YEAR = (1, 2)
A_DAY = (15.0, 6.0)
"""How many come to the first campus and to the other on a usual day."""


def remember(world: World, *, seed: int, now: datetime, months: int = MONTHS) -> None:
    """Bring the old tables in as an analyst does: each is tried, then taken; what cannot be read waits."""
    today = local_date(now)
    since = months_later(today.replace(day=1), -months)
    closed = {day for day in holidays(since, today) if day.month in NEW_YEAR and day.timetuple().tm_yday > 5}
    by = world.first(RoleCode.ANALYST)
    sites = [_site(campus, a_day, now) for campus, a_day in zip(_places(world), A_DAY, strict=False)]
    made = rules.written(sites, since=since, until=today, closed=closed, rng=Random(f"{seed}:history"))
    for template, name, head, rows in (
        ("patient", "客户档案.csv", rules.PATIENT_HEAD, made.patients),
        ("finance", "收费流水.csv", rules.FINANCE_HEAD, made.receipts),
        ("operations", "运营日报.csv", rules.OPERATIONS_HEAD, made.days),
        ("market", "市场行情.csv", rules.MARKET_HEAD, made.market),
    ):
        bring(template, name, head, rows, by, now, encoding="gb18030")


def _places(world: World) -> list[Campus]:
    """The campus of the hospital's people first."""
    return sorted(campuses(), key=lambda campus: (campus.pk != world.campus.pk, campus.pk))


def _site(campus: Campus, a_day: float, now: datetime) -> Site:
    menu: dict[str, list[tuple[str, Decimal, bool]]] = {}
    for offer in catalogue_of(campus, local_date(now)):
        procedure = offer.procedure
        if offer.price and procedure.category in MIX:
            dish = procedure.name, offer.price, procedure.grade > 0
            menu.setdefault(procedure.category, []).append(dish)
    return Site(campus.name, a_day, menu)
