"""The old program of the rehearsal hospital: two years with seasons, brought as people bring them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from tests.factories.people import StaffFactory
from yimei.hospital.actions import reference
from yimei.hospital.enums import Category
from yimei.insight.models import ImportBatch, RejectedRow
from yimei.insight.queries import imports
from yimei.people.roles import RoleCode
from yimei.rehearsal.actions.history import remember
from yimei.rehearsal.actions.world import World
from yimei.rehearsal.rules.history import (
    FINANCE_HEAD,
    MARKET_HEAD,
    OPERATIONS_HEAD,
    PATIENT_HEAD,
    History,
    Site,
    written,
)

SINCE, UNTIL = date(2024, 12, 1), date(2026, 11, 30)
NEW_YEAR = {date(2025, 1, 29), date(2025, 1, 30), date(2025, 1, 31), date(2026, 2, 17), date(2026, 2, 18)}
SPOILT = {"1270000", "2025-02-30", "2020-01-01", "隔壁王姐", "三千多", "1280.005", "未统计", "三月初"}
"""What cannot be read."""
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


def named(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    """The rows that can be read, by the words of their heading."""
    found = [dict(zip(head, row, strict=True)) for row in rows]
    return [row for row in found if not SPOILT & set(row.values()) and row.get("收支类型") != ""]


def months(rows: Sequence[dict[str, Any]], day: str, figure: str) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        found[f"{row[day]:%Y-%m}"] += row[figure]
    return found


def test_the_house_grows_is_shut_at_new_year_and_full_in_summer(two_years: History) -> None:
    days = named(OPERATIONS_HEAD, two_years.days)
    assert not NEW_YEAR & {row["日期"] for row in days}
    visits = months(days, "日期", "到店数")
    assert visits["2026-02"] < visits["2026-03"] < visits["2026-07"]
    assert 1.1 < visits["2026-07"] / visits["2025-07"] < 1.6
    searched = [row for row in named(MARKET_HEAD, two_years.market) if row["数据类型"] == "趋势"]
    eyes, skin = (
        months([row for row in searched if row["关键词"] == topic], "采集日期", "搜索指数")
        for topic in ("双眼皮", "光子嫩肤")
    )
    assert eyes["2026-07"] > eyes["2026-01"]
    assert skin["2026-07"] < skin["2026-01"]
    people = named(PATIENT_HEAD, two_years.patients)
    sources = Counter((row["建档日期"].year, row["来源渠道"]) for row in people)
    assert sources[2025, "抖音"] < sources[2026, "抖音"]
    assert sources[2025, "百度"] > sources[2026, "百度"]


def test_what_each_paid_adds_up_to_the_fen_and_nobody_real_is_there(two_years: History) -> None:
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for row in named(FINANCE_HEAD, two_years.receipts):
        paid[row["手机号"]] += Decimal(row["实收金额"]) * (-1 if row["收支类型"] == "退款" else 1)
    kinds = Counter(row["收支类型"] for row in named(FINANCE_HEAD, two_years.receipts))
    assert 0.01 < kinds["退款"] / kinds["收款"] < 0.05
    people = named(PATIENT_HEAD, two_years.patients)
    assert len(people) > 1_500
    assert all(row["联系电话"].startswith("12") for row in people), "a range that no network serves"
    assert all(paid[row["联系电话"]] == Decimal(row["消费总额"]) for row in people)


def test_equal_seeds_bring_equal_years() -> None:
    since = date(2026, 9, 1)
    assert made(1, since) == made(1, since)
    assert made(1, since) != made(2, since)


@pytest.mark.django_db
@pytest.mark.slow(reason="loads the reference of two campuses and takes four tables in")
def test_an_analyst_brings_it_and_what_nobody_can_read_waits(now: datetime) -> None:
    analyst = StaffFactory(role="analyst")
    other = StaffFactory().campus
    reference.load(campus_codes=[analyst.campus.code, other.code], at=now.replace(year=now.year - 3))
    world = World(analyst.campus, {}, {RoleCode.ANALYST: [analyst]}, studio_since=now)
    remember(world, seed=1, now=now, months=0)
    batches = {batch.template: batch for batch in ImportBatch.objects.all()}
    assert {code: (batch.status, batch.encoding, batch.rejected) for code, batch in batches.items()} == {
        "patient": ("done", "gb18030", 4), "finance": ("done", "gb18030", 3),
        "operations": ("done", "gb18030", 1), "market": ("done", "gb18030", 1),
    }  # fmt: skip
    assert any("不在代码表里" in row.reason for row in RejectedRow.objects.all())
    places = Counter(values[1] for _line, _person, values in imports.facts(batches["operations"]))
    assert set(places) == {analyst.campus.name, other.name}
    assert places[other.name] > 10
    who = [person for _line, person, _values in imports.facts(batches["patient"])]
    homes = {values[-1] for _line, _person, values in imports.facts(batches["patient"])}
    assert homes == {analyst.campus.name, other.name}
    paid = {person for _line, person, _values in imports.facts(batches["finance"])}
    assert paid <= set(who), "each receipt knows whose it is"
