"""公海 without a database: the dated example of domain 7.6, limits, recycling, and draws that repeat."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.core.errors import RuleBroken
from yimei.growth.enums import AssignRule, EndReason
from yimei.growth.rules import draw, pool

EXAMPLE = pool.Protection(first=10, activity=3, most=20, idle=0)
CLAIMED = date(2019, 3, 25)
DAY = date(2026, 6, 16)


@pytest.mark.parametrize(
    ("active", "due"),
    [
        ([], "2019-04-04"),
        (["2019-03-28"], "2019-04-04"),
        (["2019-03-28", "2019-04-02"], "2019-04-05"),
        (["2019-03-28", "2019-04-02", "2019-04-05"], "2019-04-08"),
        (["2019-04-02", "2019-04-05", "2019-04-08", "2019-04-11", "2019-04-13"], "2019-04-14"),
        (["2019-04-05"], "2019-04-04"),
    ],
)
def test_protection_follows_the_dated_example(active: list[str], due: str) -> None:
    days = [date.fromisoformat(each) for each in active]
    assert pool.due_on(CLAIMED, days, EXAMPLE) == date.fromisoformat(due)


@settings(max_examples=50)
@given(
    st.lists(st.integers(0, 40), max_size=8),
    st.integers(1, 20),
    st.integers(0, 10),
    st.integers(1, 40),
)
def test_protection_never_ends_after_the_most_and_never_shrinks(
    active: list[int], first: int, activity: int, most: int
) -> None:
    rule = pool.Protection(first, activity, most, 0)
    days = [CLAIMED + timedelta(days=n) for n in active]
    due = pool.due_on(CLAIMED, days, rule)
    assert due <= CLAIMED + timedelta(days=most)
    assert due >= min(CLAIMED + timedelta(days=first), CLAIMED + timedelta(days=most))


@pytest.mark.parametrize(
    ("active", "due"),
    [("2019-04-12", "2019-04-14"), ("2019-04-13", "2019-04-14"), ("2019-04-09", "2019-04-13")],
)
def test_one_more_contact_never_protects_beyond_the_most(active: str, due: str) -> None:
    found = pool.extended(date(2019, 4, 13), CLAIMED, date.fromisoformat(active), EXAMPLE)
    assert found == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("due", "contact", "idle", "because"),
    [
        (DAY, DAY, 7, None),
        (DAY - timedelta(days=1), DAY, 7, EndReason.EXPIRED),
        (DAY, DAY - timedelta(days=7), 7, None),
        (DAY, DAY - timedelta(days=8), 7, EndReason.IDLE),
        (DAY, DAY - timedelta(days=30), 0, None),
    ],
)
def test_a_lead_goes_back_the_day_after(
    due: date, contact: date, idle: int, because: EndReason | None
) -> None:
    rule = pool.Protection(idle=idle)
    assert pool.recycle_reason(due=due, last_contact=contact, on=DAY, rule=rule) == because
    left = pool.days_left(due=due, last_contact=contact, on=DAY, rule=rule)
    stays = [DAY + timedelta(days=n) for n in range(max(left, 0))]
    goes = [pool.recycle_reason(due=due, last_contact=contact, on=day, rule=rule) for day in stays]
    assert not any(goes), "told exactly before it goes"


@pytest.mark.parametrize(
    ("claimed", "holding", "ended", "code"),
    [
        (9, 59, None, ""),
        (10, 0, None, "day"),
        (0, 60, None, "holding"),
        (0, 0, DAY - timedelta(days=2), "ban"),
        (0, 0, DAY - timedelta(days=3), ""),
    ],
)
def test_claims_have_limits(claimed: int, holding: int, ended: date | None, code: str) -> None:
    given_ = {"claimed_today": claimed, "holding": holding, "last_ended": ended, "on": DAY}
    if not code:
        pool.check_claim(**given_, limits=pool.Limits())  # type: ignore[arg-type]
        return
    with pytest.raises(RuleBroken) as refused:
        pool.check_claim(**given_, limits=pool.Limits())  # type: ignore[arg-type]
    assert refused.value.code == code


TEAM = [draw.Candidate("a", 3, 100), draw.Candidate("b", 1, 300), draw.Candidate("c", 1, 200)]


def test_each_rule_chooses_by_its_own_measure() -> None:
    assert draw.draw(AssignRule.ROUND_ROBIN, TEAM, "seed").code == "a"  # type: ignore[union-attr]
    assert draw.draw(AssignRule.LEAST_BUSY, TEAM, "seed").code == "c"  # type: ignore[union-attr]
    assert draw.draw(AssignRule.LEAST_BUSY, [], "seed") is None


def test_a_draw_repeats_from_its_log_whatever_the_order() -> None:
    even = [draw.Candidate(code) for code in "abcdef"]
    logged = [one.plain() for one in even]
    for seed in map(str, range(20)):
        first = draw.repeat("round_robin", logged, seed)
        assert first == draw.repeat("round_robin", logged[::-1], seed)
    assert len({draw.repeat("round_robin", logged, str(n)) for n in range(60)}) == len(even)
