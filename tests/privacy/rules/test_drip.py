"""Many small days add up; a busy one, an honest month and a role's usual do not."""

from datetime import date, timedelta
from random import Random

import pytest

from yimei.privacy.rules.drip import MOST_A_DAY, Day, drip, share_of, usual_share
from yimei.rehearsal.bench.drip import months

FIRST = date(2026, 6, 1)


def days(*strangers: int, opened: int = 15) -> list[Day]:
    return [Day(FIRST + timedelta(days=at), opened, count) for at, count in enumerate(strangers)]


def test_three_a_day_are_seen_within_the_week_and_said_with_what_is_usual() -> None:
    found = drip(days(0, 3, 3, 3), share=0.02)
    assert found is not None
    assert (found.since, found.seen, found.usual, found.days) == (FIRST + timedelta(days=1), 9, 1, 3)


def test_one_odd_day_is_not_slow() -> None:
    assert drip(days(0, 40, 0, 0, 0), share=0.02) is None
    assert drip(days(MOST_A_DAY, MOST_A_DAY), share=0.02) is None, "slow is what repeats itself"


def test_a_month_of_single_strangers_now_and_then_is_ordinary() -> None:
    assert drip(days(*([1, 0, 0, 0] * 6)), share=0.02) is None
    assert drip(days(*([2, 1] * 12), opened=60), share=0.03) is None, "so much is usual in this role"


def test_what_is_usual_comes_from_the_others_and_one_thief_does_not_move_it() -> None:
    assert usual_share([0.01, 0.01, 0.02]) == 0.02, "too few to say"
    calm = [0.01, 0.01, 0.012, 0.014, 0.015, 0.016, 0.018]
    assert abs(usual_share([*calm, 0.3]) - usual_share([*calm, 0.02])) < 0.01
    assert share_of(days(1, 1, opened=2)) is None
    assert share_of(days(1, 1, opened=20)) == 0.05


@pytest.mark.slow(reason="simulates some hundreds of months")
def test_slow_thieves_are_found_and_honest_months_left_alone_on_a_seed_never_tuned_to() -> None:
    told = months(150, chance=Random(FIRST.toordinal()))
    assert told["detection"]["two_to_five_a_day"]["by_day_10"] > 0.9
    assert told["false_alarms_per_staff_month"] < 0.08
