"""The synthetic hospital follows its shapes: every marginal of a large sample within a tenth."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from yimei.core import ids
from yimei.core.clock import local_date
from yimei.core.errors import Missing, RuleBroken
from yimei.people.enums import Relation, Sex
from yimei.rehearsal.actions import fill
from yimei.rehearsal.rules import people, shapes

TODAY = date(2026, 6, 16)
MANY = 6_000


def assert_near(seen: Mapping[Any, int], shares: Mapping[Any, float]) -> None:
    whole = sum(seen.values())
    for name, share in shares.items():
        slack = max(0.1 * share, 3 * (share * (1 - share) / whole) ** 0.5)
        assert seen[name] / whole == pytest.approx(share, abs=slack), name


@pytest.fixture(scope="module")
def crowd() -> list[people.Somebody]:
    return [people.somebody(n, Random(f"1:{n}"), today=TODAY) for n in range(MANY)]


def test_people_follow_sex_source_and_age(crowd: list[people.Somebody]) -> None:
    assert_near(Counter(one.sex for one in crowd), {Sex.FEMALE: 0.88, Sex.MALE: 0.12})
    weights = dict(people.SOURCES)
    assert_near(
        Counter(one.source for one in crowd),
        {name: weight / sum(weights.values()) for name, weight in weights.items()},
    )
    twenties = sum(18 <= one.age_on(TODAY) <= 24 for one in crowd) / MANY
    assert twenties == pytest.approx(0.26, abs=0.03)


def test_nobody_real_can_appear(crowd: list[people.Somebody]) -> None:
    assert {one.phone[:2] for one in crowd} == {"12"}
    assert set(people.RARE) <= {one.name for one in crowd}
    assert {one.id_no[:2] for one in crowd} == {"", "99"}, "a region of no place"


def test_an_identity_number_fits_whose_it_is(crowd: list[people.Somebody]) -> None:
    some = [one for one in crowd if one.id_no]
    assert len(some) == MANY / people.NUMBERED
    for one in some:
        assert ids.check_id_no(one.id_no) == one.id_no
        assert (ids.birth_date_of(one.id_no), ids.sex_of(one.id_no)) == (one.birth_date, one.sex)
    assert len({one.id_no for one in some}) == len(some)


def test_who_answers_for_a_minor_has_a_number_too_and_is_of_age(crowd: list[people.Somebody]) -> None:
    minors = [(n, one) for n, one in enumerate(crowd) if one.age_on(TODAY) < 18]
    assert minors
    for n, child in minors:
        found = people.parent(n, child, Random(n))
        sex = Sex.MALE if found.relation == Relation.FATHER else Sex.FEMALE
        assert ids.check_id_no(found.id_no) == found.id_no
        assert found.id_no.startswith(people.NOWHERE)
        assert (ids.birth_date_of(found.id_no), ids.sex_of(found.id_no)) == (found.birth_date, sex)
        assert people.add_years(found.birth_date, 18) < child.birth_date
        assert found.name[1:] in people.PARENTS[sex], "no father by a woman's name"


def test_equal_seeds_give_equal_people() -> None:
    again = [people.somebody(7, Random("1:7"), today=TODAY) for _each in range(2)]
    assert again[0] == again[1] != people.somebody(7, Random("2:7"), today=TODAY)


def test_calls_follow_season_weekday_and_recency() -> None:
    since = TODAY - timedelta(days=730)
    rng = Random(1)
    days = [local_date(shapes.calls_at(rng, since=since, until=TODAY)) for _each in range(MANY)]
    recent = sum(day > TODAY - shapes.RECENT for day in days) / MANY
    assert recent == pytest.approx(shapes.RECENT_SHARE + (1 - shapes.RECENT_SHARE) * 21 / 730, abs=0.05)
    old = [day for day in days if day < TODAY - shapes.RECENT]
    every = [since + timedelta(days=n) for n in range(730 - 21)]
    weights = Counter[int]()
    for day in every:
        weights[day.weekday()] += round(1000 * shapes.MONTHS[day.month] * shapes.WEEKDAYS[day.weekday()])
    assert_near(
        Counter(day.weekday() for day in old),
        {weekday: weight / sum(weights.values()) for weekday, weight in weights.items()},
    )
    february, july = (sum(day.month == month for day in old) for month in (2, 7))
    assert july > 1.4 * february


def test_the_curtain_falls_in_the_middle_of_a_day() -> None:
    morning = datetime(2026, 6, 16, 2, tzinfo=UTC)
    assert shapes.curtain(morning) == morning
    night = datetime(2026, 6, 16, 15, tzinfo=UTC)
    assert shapes.curtain(night) == datetime(2026, 6, 16, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("hour", [0, 2, 8])
def test_whoever_aims_calls_long_before_and_arrives_within_the_hours(hour: int) -> None:
    end = datetime(2026, 6, 16, hour, tzinfo=UTC)
    aims = shapes.aims(end, many=30)
    assert len(aims) == 30
    for aim in aims:
        goal = aim.consults_at or aim.operates_at
        assert goal is not None
        assert aim.calls_at < goal - timedelta(days=1)
        assert 9 * 60 <= goal.hour * 60 + goal.minute <= 17 * 60 + 15


def test_the_truth_names_every_share() -> None:
    truth = shapes.truth()
    for name in ("interest", "age", "source", "score"):
        assert sum(truth[name].values()) == pytest.approx(1)
    assert truth["answers_the_survey"] == shapes.ANSWERS


def test_a_refusal_is_printed_as_one_sentence() -> None:
    missing = [Missing("营业执照没有登记", "资质"), Missing("合同", "合同")]
    assert fill.said(RuleBroken("还不能发码。", missing=missing)) == "还不能发码：营业执照没有登记、合同"
    assert fill.said(RuleBroken("还不能发布：", missing=missing[:1])) == "还不能发布：营业执照没有登记"
    assert fill.said(RuleBroken("这张券已经用过。")) == "这张券已经用过。"
