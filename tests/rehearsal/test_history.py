"""The old program of the rehearsal hospital: two years with seasons, brought as people bring them."""

from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import Decimal
from random import Random

import pytest

from tests.factories.people import StaffFactory
from yimei.hospital.actions import reference
from yimei.hospital.enums import Category
from yimei.insight.models import ImportBatch, RejectedRow
from yimei.insight.queries import imports
from yimei.people.roles import RoleCode
from yimei.rehearsal.actions.history import remember
from yimei.rehearsal.actions.world import World
from yimei.rehearsal.rules.history import History, Site, written

SINCE, UNTIL = date(2024, 12, 1), date(2026, 11, 30)
NEW_YEAR = {date(2025, 1, 29), date(2025, 1, 30), date(2025, 1, 31), date(2026, 2, 17), date(2026, 2, 18)}
MENU = {
    Category.EYE: [("切开重睑", Decimal("7800.00"), True)],
    Category.LASER: [("强脉冲光嫩肤（单次）", Decimal("2500.00"), False)],
}


def made(seed: int = 1, since: date = SINCE) -> History:
    site = Site("总院", 15.0, MENU)
    return written([site], since=since, until=UNTIL, closed=NEW_YEAR, rng=Random(seed))


@pytest.fixture(scope="module")
def two_years() -> History:
    return made()


def months(rows: list[tuple[date, float]]) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for day, value in rows:
        found[f"{day:%Y-%m}"] += value
    return found


def test_the_house_grows_is_shut_at_new_year_and_full_in_summer(two_years: History) -> None:
    days = [
        (day, visits) for day, _site, _asked, _booked, visits, *_rest in two_years.days if type(visits) is int
    ]
    assert not NEW_YEAR & {day for day, _visits in days}
    by_month = months(days)  # type: ignore[arg-type]
    assert by_month["2026-02"] < by_month["2026-03"] < by_month["2026-07"]
    assert 1.1 < by_month["2026-07"] / by_month["2025-07"] < 1.6
    searched = {
        name: months([(day, index) for _kind, day, topic, *_mid, index in two_years.market if topic == name])  # type: ignore[misc]
        for name in ("双眼皮", "光子嫩肤")
    }
    assert searched["双眼皮"]["2026-07"] > searched["双眼皮"]["2026-01"]
    assert searched["光子嫩肤"]["2026-07"] < searched["光子嫩肤"]["2026-01"]
    sources = Counter(
        (day.year, source)
        for *_who, source, _city, day, _l, _v, _a, _t, _m in two_years.patients
        if type(day) is date
    )
    assert sources[2025, "抖音"] < sources[2026, "抖音"]
    assert sources[2025, "百度"] > sources[2026, "百度"]


def test_what_each_paid_adds_up_to_the_fen_and_nobody_real_is_there(two_years: History) -> None:
    paid: dict[object, Decimal] = defaultdict(Decimal)
    for _day, _site, kind, name, amount, _method, phone in two_years.receipts:
        if name and kind and str(amount).replace(".", "").isdigit() and amount != "1280.005":
            paid[phone] += Decimal(str(amount)) * (-1 if kind == "退款" else 1)
    whole = 0
    for number, _name, phone, *_more, spent, _tier, _may in two_years.patients:
        assert str(phone).startswith("12"), "a range that no network serves"
        if not str(number).startswith("H-"):
            assert paid[phone] == Decimal(str(spent))
            whole += 1
    assert whole > 1_500


def test_equal_seeds_bring_equal_years() -> None:
    since = date(2026, 9, 1)
    assert made(1, since) == made(1, since)
    assert made(1, since) != made(2, since)


@pytest.mark.django_db
def test_an_analyst_brings_it_and_what_nobody_can_read_waits(now: datetime) -> None:
    analyst = StaffFactory(role="analyst")
    other = StaffFactory().campus
    reference.load(campus_codes=[analyst.campus.code, other.code], at=now.replace(year=now.year - 3))
    world = World(analyst.campus, {}, {RoleCode.ANALYST: [analyst]}, studio_since=now)
    remember(world, seed=1, now=now, months=1)
    batches = {batch.template: batch for batch in ImportBatch.objects.all()}
    assert {code: (batch.status, batch.encoding, batch.rejected) for code, batch in batches.items()} == {
        "patient": ("done", "gb18030", 4), "finance": ("done", "gb18030", 3),
        "operations": ("done", "gb18030", 1), "market": ("done", "gb18030", 1),
    }  # fmt: skip
    assert any("不在代码表里" in row.reason for row in RejectedRow.objects.all())
    places = Counter(values[1] for _line, _person, values in imports.facts(batches["operations"]))
    assert set(places) == {analyst.campus.name, other.name}
    assert places[other.name] > 20
    who = [person for _line, person, _values in imports.facts(batches["patient"])]
    paid = {person for _line, person, _values in imports.facts(batches["finance"])}
    assert paid <= set(who), "each receipt knows whose it is"
