"""Visits of several services, decided without a database; every answer compared with trying each start."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.core.errors import RuleBroken
from yimei.journey.enums import ResourceKind
from yimei.journey.rules import visits
from yimei.journey.rules.bookings import Length
from yimei.journey.rules.claims import Need, Resource, Stretch, covers, overlaps
from yimei.journey.rules.visits import Part, Pool

DAY = datetime(2026, 6, 16, tzinfo=UTC)
STEP = timedelta(minutes=15)
STAFF, ROOM, DEVICE = ResourceKind.STAFF, ResourceKind.ROOM, ResourceKind.DEVICE


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def part(offset: int, length: int, *, staff: int = 1, room: int = 1, device: int | None = None) -> Part:
    around = Length(minutes(length), minutes(10), minutes(20))
    return Part(f"项目{offset}", staff, room, around, minutes(offset), device)


def test_a_visit_holds_the_patient_throughout_and_each_resource_for_its_part() -> None:
    holds = visits.holds_of([part(0, 30), part(30, 60, staff=2, room=2, device=9)], DAY, patient=7)
    assert {(hold.resource, hold.starts_at - DAY, hold.ends_at - DAY) for hold in holds} == {
        ((ResourceKind.PATIENT, 7), minutes(0), minutes(90)),
        ((STAFF, 1), minutes(0), minutes(30)),
        ((STAFF, 2), minutes(30), minutes(90)),
        ((ROOM, 1), minutes(-10), minutes(50)),
        ((ROOM, 2), minutes(20), minutes(110)),
        ((DEVICE, 9), minutes(20), minutes(110)),
    }


def test_two_parts_in_one_room_hold_it_once() -> None:
    holds = visits.holds_of([part(0, 30), part(30, 30)], DAY, patient=7)
    rooms = [hold for hold in holds if hold.kind == ROOM]
    assert [(hold.starts_at - DAY, hold.ends_at - DAY) for hold in rooms] == [(minutes(-10), minutes(80))]


def test_what_is_taken_is_named_with_the_service_it_is_for() -> None:
    services = visits.services_of([part(0, 30), part(30, 30, staff=2)])
    assert services == {(STAFF, 1): "项目0", (STAFF, 2): "项目30", (ROOM, 1): "项目0、项目30"}


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ([], "至少选择一个项目"),
        ([part(10, 30)], "从到院时间开始"),
        ([part(0, 30), part(15, 30)], "不能由同一人"),
        ([part(0, 30, device=3), part(15, 30, staff=2, device=3)], "同一台设备"),
        ([part(0, 30), part(15, 30, staff=2, room=2)], "须在同一房间"),
        ([part(0, 13 * 60)], "不能超过 12 小时"),
        ([part(i * 30, 30) for i in range(9)], "最多安排 8 个"),
    ],
)
def test_a_visit_that_cannot_be_is_refused(parts: list[Part], sentence: str) -> None:
    with pytest.raises(RuleBroken, match=sentence):
        visits.check_parts(parts)


def test_two_hands_in_one_room_or_one_hand_in_two_rooms_are_fine() -> None:
    visits.check_parts([part(0, 30), part(15, 30, staff=2)])
    visits.check_parts([part(0, 30), part(30, 30, room=2)])


@st.composite
def busy(draw: st.DrawFn) -> list[Stretch]:
    pairs = draw(st.lists(st.tuples(st.integers(0, 23), st.integers(1, 6)), max_size=3))
    return [(DAY + a * STEP, DAY + (a + length) * STEP) for a, length in pairs]


@st.composite
def visit(draw: st.DrawFn) -> tuple[list[Pool], timedelta]:
    spans = draw(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3)), min_size=1, max_size=2))
    duration = max(begins + length for begins, length in spans) * STEP
    taken = {(kind, pk): draw(busy()) for kind in (STAFF, ROOM) for pk in (1, 2)}
    pools = []
    for begins, length in spans:
        start, end = begins * STEP, (begins + length) * STEP
        for kind in (STAFF, ROOM):
            candidates: list[tuple[Resource, Need]] = [
                (
                    (kind, pk),
                    Need([(DAY, DAY + 24 * STEP)], taken[kind, pk], before=-start, after=-(duration - end)),
                )
                for pk in draw(st.sampled_from([[1], [2], [1, 2]]))
            ]
            pools.append(Pool(candidates, start, end))
    return pools, duration


@pytest.mark.slow(reason="a hundred visits, each start tried with each choice")
@settings(deadline=None)
@given(visit())
def test_the_search_finds_exactly_what_trying_everything_finds(asked: tuple[list[Pool], timedelta]) -> None:
    pools, duration = asked

    def works(at: datetime, choice: tuple[tuple[Resource, Need], ...]) -> bool:
        for (_one, need), pool in zip(choice, pools, strict=True):
            inner = (at + pool.begins, at + pool.ends)
            if overlaps(need.busy, inner) or not covers(need.open, inner):
                return False
        for i, pool in enumerate(pools):
            for j in range(i):
                together = pool.begins < pools[j].ends and pools[j].begins < pool.ends
                one, other = choice[i][0], choice[j][0]
                if together and one[0] == other[0] and (one == other) != (one[0] == ROOM):
                    return False
        return True

    window = (DAY, DAY + 24 * STEP)
    starts = [DAY + i * STEP for i in range(24 - duration // STEP + 1)]
    every = list(product(*(pool.candidates for pool in pools)))
    wanted = [at for at in starts if any(works(at, choice) for choice in every)]
    found = list(visits.fits(pools, duration=duration, window=window))
    assert [at for at, _chosen in found] == wanted
    needs = [dict(pool.candidates) for pool in pools]
    for at, chosen in found:
        assert works(at, tuple((one, need[one]) for one, need in zip(chosen, needs, strict=True)))


CONSULT = visits.Wish("面诊", "诊室", frozenset({1, 2}), frozenset({10}), timedelta(0), timedelta(minutes=30))


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (replace(CONSULT, title="光子", room_kind="治疗室", rooms=frozenset({20})), "不能同时在两个房间"),
        (replace(CONSULT, title="光子", rooms=frozenset({11})), "须在同一房间"),
        (replace(CONSULT, title="光子", staff=frozenset({1, 2})), ""),
        (replace(CONSULT, title="光子", room_kind="治疗室", begins=CONSULT.ends, ends=CONSULT.ends * 2), ""),
    ],
)
def test_what_no_room_could_hold_at_once_is_said_before_any_search(other: visits.Wish, said: str) -> None:
    with pytest.raises(RuleBroken, match=said) if said else nullcontext():
        visits.check_side_by_side([CONSULT, other])


def test_one_person_does_not_do_two_things_at_once() -> None:
    alone = replace(CONSULT, staff=frozenset({1}))
    with pytest.raises(RuleBroken, match="不能由同一人"):
        visits.check_side_by_side([alone, replace(alone, title="光子")])
