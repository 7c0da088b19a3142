"""Two figures less one another: of one to nine people never let through, of very many hardly ever refused."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.insight.rules.differencing import BUCKETS, SIZES, Counts, is_near

PEOPLE = st.lists(st.integers(0, 2**62), min_size=1, max_size=60, unique=True)
SOME = st.sampled_from(SIZES)


def counted(rows: dict[int, int], size: int = BUCKETS) -> Counts:
    """One figure over so many rows of each person."""
    found = np.zeros((1, size), np.int64)
    for person, number in rows.items():
        found[0, person & (size - 1)] += number
    return found


@settings(max_examples=30, deadline=None)
@given(st.data(), PEOPLE, SOME, SOME, st.integers(1, 9))
def test_rows_of_one_to_nine_people_never_make_the_difference(
    data: st.DataObject, people: list[int], mine: int, theirs: int, few: int
) -> None:
    """Regulars count as well: they have rows on both sides, and more of them on one."""
    inner = {person: data.draw(st.integers(0, 3)) for person in people}
    outer = dict(inner)
    for person in people[:few]:
        outer[person] += data.draw(st.integers(1, 4))
    assert is_near(counted(outer, mine), counted(inner, theirs))
    assert is_near(counted(inner, theirs), counted(outer, mine))


@settings(max_examples=50, deadline=None)
@given(PEOPLE, st.integers(0, 5))
def test_the_same_rows_are_no_difference(people: list[int], more: int) -> None:
    same = counted(dict.fromkeys(people, 1 + more))
    assert not is_near(same, same)
    assert not is_near(same, same, is_swap=True)


def test_ten_people_are_enough() -> None:
    """Who share a bucket are taken for one, so a difference of hardly ten may be refused, never let by."""
    inner = dict.fromkeys(range(0, 200, 7), 1)
    assert not is_near(counted(inner | dict.fromkeys(range(300, 310), 2)), counted(inner))
    assert is_near(counted(inner | dict.fromkeys(range(300, 309), 2)), counted(inner))
    assert is_near(counted(inner | dict.fromkeys((300 + n * BUCKETS for n in range(10)), 2)), counted(inner))


def test_who_was_put_in_anothers_place_is_seen_on_the_same_days_only() -> None:
    stay = dict.fromkeys(range(50), 1)
    one, other = counted(stay | {100: 1}), counted(stay | {200: 1})
    assert not is_near(one, other)
    assert is_near(one, other, is_swap=True)


def test_one_near_pair_among_many_figures_is_found() -> None:
    chance = np.random.default_rng(3)
    many = chance.integers(0, 9, (500, BUCKETS))
    assert not is_near(many, many)
    others = chance.integers(0, 9, (500, BUCKETS))
    assert not is_near(many, others)
    others[317] = many[42]
    others[317, 5] += 1
    assert is_near(many, others)


def test_nothing_told_is_nothing_near() -> None:
    assert not is_near(np.zeros((0, BUCKETS), np.int64), counted({1: 1}))
