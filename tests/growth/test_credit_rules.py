"""Who earned a deal, by the rules alone: no database."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import resources
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.core.errors import RuleBroken
from yimei.growth.enums import CreditParty, DeedKind
from yimei.growth.rules import credit as rules
from yimei.growth.rules import credit_rules
from yimei.growth.rules.credit import Deal, Deed, Line, Paid

DAY = timedelta(days=1)
NOON = datetime(2026, 6, 16, 4, tzinfo=UTC)


def content(**changes: Any) -> dict[str, Any]:
    shipped = json.loads((resources.files("yimei.growth") / "data" / "credit.json").read_text("utf-8"))
    return {**shipped, **changes}


SHIPPED = credit_rules.read(content())


def deal(**changes: Any) -> Deal:
    """Eye surgery for 7,800: ann talked and booked, chen received, zhou quoted."""
    plain = Deal(
        code="deal",
        at=NOON,
        due=Decimal(7800),
        source="douyin",
        known_at=NOON - 20 * DAY,
        is_first=True,
        deeds=(
            Deed(DeedKind.HELD_ONLINE, "ann", NOON - 20 * DAY, NOON - 10 * DAY),
            Deed(DeedKind.HELD_ONLINE, "bo", NOON - 10 * DAY),
            Deed(DeedKind.BOOKED, "ann", NOON - 12 * DAY),
            Deed(DeedKind.CONSULTED, "chen", NOON - 8 * DAY),
            Deed(DeedKind.QUOTED, "zhou", NOON - DAY),
        ),
        paid=(Paid("p1", NOON, Decimal("1000.00")), Paid("p2", NOON + DAY, Decimal("6800.00"))),
    )
    return replace(plain, **changes)


def got(
    one: Deal, by: credit_rules.CreditRules = SHIPPED, ruling: list[Line] | None = None
) -> dict[str, str]:
    found = rules.by_holder(rules.credit(one, by, ruling or []))
    return {f"{party}:{staff}".rstrip(":"): f"{amount:.2f}" for (party, staff), amount in found.items()}


def by(**changes: Any) -> credit_rules.CreditRules:
    return credit_rules.read(content(**changes))


@pytest.mark.parametrize(
    ("changes", "version", "expected"),
    [
        ({}, SHIPPED, {"online:ann": "3120.00", "onsite:zhou": "4680.00"}),
        ({}, by(online={"by": "first", "days": 180}), {"online:ann": "3120.00", "onsite:zhou": "4680.00"}),
        ({}, by(online={"by": "last", "days": 180}), {"online:bo": "3120.00", "onsite:zhou": "4680.00"}),
        ({}, by(onsite={"by": "first", "days": 90}), {"online:ann": "3120.00", "onsite:chen": "4680.00"}),
        ({"is_first": False}, SHIPPED, {"online:ann": "780.00", "onsite:zhou": "7020.00"}),
        ({"source": "walk_in"}, SHIPPED, {"onsite:zhou": "7800.00"}),
        (
            {"source": "partner"},
            SHIPPED,
            {"channel": "2340.00", "online:ann": "780.00", "onsite:zhou": "4680.00"},
        ),
        ({"source": "referral"}, SHIPPED, {"referral": "1560.00", "onsite:zhou": "6240.00"}),
        (
            {"source": "referral", "known_at": NOON - 400 * DAY},
            SHIPPED,
            {"house": "1560.00", "onsite:zhou": "6240.00"},
        ),
        (
            {"source": "referral", "known_at": NOON - 400 * DAY},
            by(unclaimed="others"),
            {"onsite:zhou": "7800.00"},
        ),
        ({"deeds": ()}, SHIPPED, {"house": "7800.00"}),
        ({"deeds": ()}, by(unclaimed="others"), {"house": "7800.00"}),
        ({}, by(online={"by": "booked", "days": 11}), {"online:bo": "3120.00", "onsite:zhou": "4680.00"}),
        ({"paid": (Paid("p1", NOON, Decimal(1000)),)}, by(deposits="when_paid"), {}),
        ({}, by(deposits="when_paid"), {"online:ann": "3120.00", "onsite:zhou": "4680.00"}),
    ],
)
def test_the_table_of_who_earns(changes: Any, version: Any, expected: dict[str, str]) -> None:
    assert got(deal(**changes), version) == expected


def test_a_refund_takes_back_in_the_parts_in_which_it_was_had() -> None:
    back = Paid("p3", NOON + 2 * DAY, Decimal("-3333.33"))
    shares = rules.credit(deal(paid=(*deal().paid, back)), SHIPPED)
    taken = {one.line.staff: one.amount for one in shares if one.payment == "p3"}
    assert taken == {"ann": Decimal("-1333.33"), "zhou": Decimal("-2000.00")}
    rest = Paid("p4", NOON + 3 * DAY, Decimal("-4466.67"))
    assert set(got(deal(paid=(*deal().paid, back, rest))).values()) == {"0.00"}


def test_the_reason_says_rule_day_and_fact() -> None:
    online, onsite = rules.lines(deal(), SHIPPED)
    assert online.reason == "初次成交 · 线上与电话：2026-06-04 由其约来到诊"
    assert onsite.reason == "初次成交 · 线上与电话：2026-06-15 报价成交"


def test_what_happened_after_the_deal_changes_nothing() -> None:
    later = Deed(DeedKind.BOOKED, "late", NOON + DAY)
    assert got(deal(deeds=(*deal().deeds, later))) == got(deal())


def test_a_ruling_stands_above_the_rules() -> None:
    ruling = [
        Line(CreditParty.ONLINE, "bo", Decimal("12.5"), "裁定"),
        Line(CreditParty.ONSITE, "chen", Decimal("87.5"), "裁定"),
    ]
    assert got(deal(), ruling=ruling) == {"online:bo": "975.00", "onsite:chen": "6825.00"}
    with pytest.raises(RuleBroken, match="100%"):
        got(deal(), ruling=ruling[:1])


PAID = st.lists(st.integers(1, 10**7), min_size=1, max_size=4)


@settings(max_examples=50, deadline=None)
@given(paid=PAID, back=st.lists(st.integers(1, 100), max_size=4), kept=st.sampled_from(["house", "others"]))
def test_every_fen_is_somebodys_and_none_is_lent(paid: list[int], back: list[int], kept: str) -> None:
    rows = [Paid(f"p{n}", NOON + n * DAY, Decimal(fen) / 100) for n, fen in enumerate(paid)]
    for n, percent in enumerate(back):
        left = sum(one.amount for one in rows)
        part = (left * percent / 100).quantize(Decimal("0.01"))
        if part > 0:
            rows.append(Paid(f"r{n}", NOON + (20 + n) * DAY, -part))
    one = deal(paid=tuple(rows), source="partner")
    shares = rules.credit(one, by(unclaimed=kept))
    for row in rows:
        assert sum(share.amount for share in shares if share.payment == row.code) == row.amount
    total = rules.by_holder(shares)
    assert sum(total.values()) == one.net
    assert min(total.values()) >= 0


def test_a_replay_takes_from_one_what_it_gives_to_another() -> None:
    old = rules.by_holder(rules.credit(deal(), SHIPPED))
    new = rules.by_holder(rules.credit(deal(), by(online={"by": "last", "days": 180})))
    rows = rules.difference(old, new)
    assert [(who, is_ - was) for (_party, who), was, is_ in rows][:2] == [
        ("ann", Decimal(-3120)),
        ("bo", Decimal(3120)),
    ]
    assert sum(is_ - was for _who, was, is_ in rows) == 0


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"first": content()["first"] | {"online": {"online": 40, "onsite": 50}}}, "合计 90%"),
        ({"first": content()["first"] | {"walk_in": {"channel": 100}}}, "不能分给渠道"),
        ({"again": content()["again"] | {"online": {"doctor": 100}}}, "没有「doctor」"),
        ({"again": content()["again"] | {"online": {"onsite": True, "online": 99}}}, "整数"),
        ({"first": "一半一半"}, "缺少「first」"),
        ({"online": {"by": "mood", "days": 3}}, "booked、first、last"),
        ({"online": {"by": "first", "days": 0}}, "1 到 3650"),
        ({"sources": {"douyin": "moon"}}, "不存在的类别"),
        ({"deposits": "never"}, "at_once"),
    ],
)
def test_rules_that_cannot_be_meant_are_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(RuleBroken, match=says):
        by(**changes)


def test_a_version_is_written_as_it_is_read() -> None:
    assert credit_rules.read(SHIPPED.plain()) == SHIPPED


def test_only_who_worked_may_appeal_and_only_in_time() -> None:
    rules.check_appeal(staff="bo", deal=deal(), rules=SHIPPED, now=NOON + 31 * DAY)
    with pytest.raises(RuleBroken, match="申诉期已过"):
        rules.check_appeal(staff="bo", deal=deal(), rules=SHIPPED, now=NOON + 32 * DAY)
    with pytest.raises(RuleBroken, match="没有您"):
        rules.check_appeal(staff="eve", deal=deal(), rules=SHIPPED, now=NOON)
