"""Cherry-picking is a share that chance does not explain; few leads, or a small difference, say nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yimei.growth.rules.picking import Count, alarms, by_kind, tail


def test_whoever_drops_far_more_than_the_others_is_named() -> None:
    team = [Count("a", 20, 14), Count("b", 30, 5), Count("c", 25, 4)]
    [found] = alarms(team)
    assert (found.code, found.hit, found.all) == ("a", 14, 20)
    assert found.others == pytest.approx(9 / 55)
    assert found.chance < 0.001


@pytest.mark.parametrize(
    "team",
    [
        [],
        [Count("a", 9, 9), Count("b", 90, 1)],
        [Count("a", 20, 6), Count("b", 20, 4)],
        [Count("a", 20, 20)],
        [Count("a", 200, 60), Count("b", 200, 55)],
        [Count("a", 20, 0), Count("b", 20, 0)],
        [Count("a", 20, 8), Count("b", 20, 4)],
    ],
)
def test_few_leads_or_a_small_difference_say_nothing(team: list[Count]) -> None:
    assert alarms(team) == []


@pytest.mark.slow(reason="loads a library to compare with, when it is the first to")
@given(st.integers(0, 20), st.integers(0, 30), st.integers(1, 20), st.integers(1, 30))
def test_the_chance_is_fishers(mine: int, theirs: int, all_mine: int, all_theirs: int) -> None:
    from scipy.stats import fisher_exact

    mine, theirs = min(mine, all_mine), min(theirs, all_theirs)
    wanted = fisher_exact(
        [[mine, all_mine - mine], [theirs, all_theirs - theirs]], alternative="greater"
    ).pvalue
    assert tail(mine, all_mine, mine + theirs, all_mine + all_theirs) == pytest.approx(wanted, abs=1e-9)


def test_claims_are_turned_round_by_kind() -> None:
    found = by_kind({"a": {"eye": 2, "nose": 1}, "b": {"nose": 4}})
    assert found == {
        "eye": [Count("a", 3, 2), Count("b", 4, 0)],
        "nose": [Count("a", 3, 1), Count("b", 4, 4)],
    }
