"""What a hospital may thank with, who counts as a friend, when thanks are earned; no database."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.core.errors import RuleBroken
from yimei.growth.enums.referrals import ReferralFlag, ReferralStatus, ThanksSide
from yimei.growth.rules import referrals as rules
from yimei.growth.rules.referrals import Facts, Money

NOON = datetime(2026, 6, 15, 4, tzinfo=UTC)
D, F, S = Decimal, ReferralFlag, ReferralStatus


def content(**values: Any) -> dict[str, Any]:
    return {
        "referrer": {"kind": "points", "value": "200"},
        "friend": {"kind": "points", "value": "100"},
        "cooling_days": 7,
        "min_paid": "100.00",
        "window_days": 180,
        "owed_days": 90,
        "per_year": 12,
        "code_days": 365,
    } | values


def test_points_benefits_and_coupons_are_read() -> None:
    policy = rules.read(content(friend={"kind": "none"}))
    assert set(policy.gifts) == {ThanksSide.REFERRER}
    assert (policy.min_paid, policy.cooling_days) == (D("100.00"), 7)


@pytest.mark.parametrize(
    ("change", "what", "why"),
    [
        ({"referrer": {"kind": "cash", "value": "200"}}, "现金", "未核实"),
        ({"referrer": {"kind": "percent", "value": "5"}}, "提成", "未核实"),
        ({"condition": "good_review"}, "好评", "《广告法》第二十八条"),
        ({"levels": 2}, "再推荐", "《禁止传销条例》第七条"),
        ({"friend": {"kind": "gold", "value": "1"}}, "现金", "未核实"),
    ],
)
def test_a_forbidden_form_is_named_with_its_reason(change: dict[str, Any], what: str, why: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.read(content(**change))
    [missing] = refused.value.missing
    assert what in missing.what
    assert why in missing.why


@pytest.mark.parametrize(
    "change",
    [
        {"referrer": {"kind": "points", "value": "1001"}},
        {"referrer": {"kind": "points", "value": "-5"}},
        {"referrer": {"kind": "none"}, "friend": {"kind": "none"}},
        {"cooling_days": 0},
        {"per_year": True},
        {"min_paid": "NaN"},
        {"min_paid": "-1"},
        {"min_paid": "一百"},
    ],
)
def test_numbers_out_of_bounds_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(RuleBroken):
        rules.read(content(**change))


@pytest.mark.parametrize(
    ("facts", "flags", "status"),
    [
        (Facts(), [], S.OPEN),
        (Facts(same_person=True), [F.SELF], S.REFUSED),
        (Facts(known_before=True, same_phone=True), [F.KNOWN, F.SAME_PHONE], S.REFUSED),
        (Facts(is_circle=True), [F.CIRCLE], S.REFUSED),
        (Facts(depth=3), [F.DEEP], S.REFUSED),
        (Facts(depth=2), [], S.OPEN),
        (Facts(same_phone=True), [F.SAME_PHONE], S.REVIEW),
        (Facts(has_staff=True), [F.STAFF], S.REVIEW),
        (Facts(from_place=2), [F.PLACE], S.REVIEW),
        (Facts(from_place=1, within_day=4), [], S.OPEN),
        (Facts(within_day=5), [F.BURST], S.REVIEW),
    ],
)
def test_what_is_certain_closes_and_what_is_doubtful_waits_for_a_person(
    facts: Facts, flags: list[F], status: S
) -> None:
    assert rules.flags_of(facts) == flags
    assert rules.first_status(flags) == status


def test_thanks_wait_for_visit_money_and_days_to_think() -> None:
    policy, tied = rules.read(content()), NOON
    paid = Money(NOON + timedelta(days=3), D(500), True)

    def due(money: Money, days: float) -> bool:
        return rules.is_due(money, policy, tied_at=tied, now=NOON + timedelta(days=days))

    assert due(paid, 10)
    assert not due(paid, 9.9)
    assert not due(Money(paid.first_paid_at, D(500), False), 10)
    assert not due(Money(paid.first_paid_at, D("99.99"), True), 10)
    assert not due(Money(None, D(0), True), 10)
    assert not due(Money(NOON - timedelta(minutes=1), D(500), True), 10)
    assert not due(Money(NOON + timedelta(days=181), D(500), True), 400)
    assert rules.is_undone(Money(NOON, D("99.99"), True), policy.min_paid)
    assert rules.is_undone(Money(NOON, D(0), True), D(0))
    assert not rules.is_undone(paid, policy.min_paid)


def test_a_wait_ends_when_no_payment_can_come_in_time_any_more() -> None:
    policy = rules.read(content())
    window, cool = policy.window_days, policy.cooling_days

    def over(money: Money, days: float) -> bool:
        return rules.is_over(money, policy, tied_at=NOON, now=NOON + timedelta(days=days))

    in_time, late = NOON + timedelta(days=window), NOON + timedelta(days=window + 1)
    assert not over(rules.NOTHING_PAID, window + cool)
    assert over(rules.NOTHING_PAID, window + cool + 0.1)
    assert over(Money(late, D(500), True), window + cool + 0.1)
    assert over(Money(in_time, D(0), True), window + cool + 0.1)
    assert not over(Money(in_time, D(1), True), 2 * window + cool)
    assert over(Money(in_time, D(1), True), 2 * window + cool + 0.1)
    assert not over(Money(in_time, D(500), True), 2 * window + cool + 9), "it is due: thanks come, no end"


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 40))
def test_a_referrer_never_reads_a_count_that_names_one_person(count: int) -> None:
    shown = rules.shown_count(count)
    assert (str(count) == shown) == (count == 0 or count >= rules.LEAST_SHOWN)


def test_what_is_over_stays_over() -> None:
    for end in (S.REVERSED, S.ENDED):
        for new in S:
            with pytest.raises(RuleBroken):
                rules.check_move(end, new)
    with pytest.raises(RuleBroken):
        rules.check_move(S.REFUSED, S.THANKED)
