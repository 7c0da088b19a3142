"""What was agreed and how it was judged: the rules, the rows, the numbers."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.desk.ward import signature
from tests.factories.kept import Kept
from tests.factories.people import GuardianFactory
from tests.journey.clinic import TEN, Clinic
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.journey.actions import expectations as actions
from yimei.journey.enums import AgreedHow, Reach
from yimei.journey.models import Expectation
from yimei.journey.queries import expectations as queries
from yimei.journey.rules import expectations as rules
from yimei.people.actions import capacity
from yimei.people.enums import CapacityKind

GOALS = (rules.Goal("自然一点", Reach.PART, "六到七成"), rules.Goal("像照片里的人", Reach.CANNOT))
MONTH = timedelta(days=30)


@pytest.mark.parametrize(
    ("goals", "unreachable", "said"),
    [
        ((), "疤", "至少一个目标"),
        ((rules.Goal("  ", Reach.FULL, "好"),), "疤", "至少一个目标"),
        ((rules.Goal("自然", Reach.FULL),), "疤", "能达到什么程度"),
        ((rules.Goal("自然", Reach.FULL, "好"),) * 7, "疤", "最多 6 个"),
        ((rules.Goal("自" * 301, Reach.CANNOT),), "疤", "不超过 300"),
        (GOALS, "  ", "不能达到的"),
    ],
)
def test_an_agreement_says_what_can_and_what_cannot_be(
    goals: tuple[rules.Goal, ...], unreachable: str, said: str
) -> None:
    with pytest.raises(RuleBroken, match=said):
        rules.check_goals(goals, unreachable=unreachable)


def test_a_minor_agrees_by_the_signature_of_her_guardian() -> None:
    with pytest.raises(RuleBroken, match="监护人签名"):
        rules.check_agreed(AgreedHow.SPOKEN, has_signature=False, needs_guardian=True)
    with pytest.raises(RuleBroken, match="请客户签名"):
        rules.check_agreed(AgreedHow.SIGNED, has_signature=False, needs_guardian=True)
    rules.check_agreed(AgreedHow.SIGNED, has_signature=True, needs_guardian=True)


def test_a_month_is_judged_when_it_is_nearly_over() -> None:
    since = date(2026, 1, 1)
    assert rules.months_due(since=since, today=since + timedelta(days=15)) == []
    assert rules.months_due(since=since, today=since + timedelta(days=16)) == [1]
    assert rules.months_due(since=since, today=since + timedelta(days=180)) == [1, 3, 6]
    with pytest.raises(RuleBroken, match="还不到第 3 个月"):
        rules.check_month(3, since=since, today=since + MONTH)
    with pytest.raises(RuleBroken, match="第 1、3、6、12"):
        rules.check_month(2, since=since, today=since + 9 * MONTH)


@pytest.mark.parametrize(("scores", "overall"), [([5], 5), ([5, 11], 5), ([5, -1], 5), ([5, 5], 11)])
def test_every_goal_has_a_score_in_range(scores: list[int], overall: int) -> None:
    with pytest.raises(RuleBroken):
        rules.check_scores(scores, goals=2, overall=overall)


class Room(metaclass=Kept):
    def __init__(self) -> None:
        self.clinic = Clinic()
        self.case = self.clinic.arrived(self.clinic.patient()).case
        self.surgeon = self.clinic.surgeons[0]
        self.clinic.cares(self.surgeon, self.case.patient)

    def agree(self, **values: Any) -> Expectation:
        given = {"goals": GOALS, "unreachable": "疤", "how": AgreedHow.SIGNED, "signature": signature()}
        return actions.agree(self.case.public_id, **given | values, by=self.surgeon, now=TEN)


@pytest.fixture
def room(db: None) -> Room:
    return Room()


def test_each_version_stays_and_the_second_writer_is_told(room: Room) -> None:
    first = room.agree()
    with pytest.raises(Conflict, match="第 1 版"):
        room.agree()
    second = room.agree(written_against=1, how=AgreedHow.SPOKEN, signature="")
    assert (first.version, second.version) == (1, 2)
    assert queries.newest(room.case) == second
    assert second.signature is None
    with pytest.raises(IntegrityError), transaction.atomic():
        Expectation.objects.filter(pk=first.pk).update(how="spoken")


def test_for_an_adult_of_limited_capacity_the_guardian_signs(room: Room) -> None:
    capacity.record(
        room.case.patient.public_id,
        kind=CapacityKind.LIMITED,
        evidence="（2026）沪 0101 民特 12 号判决",
        by=room.clinic.reception,
        at=TEN,
    )
    with pytest.raises(RuleBroken, match="监护人"):
        room.agree(how=AgreedHow.SPOKEN, signature="")
    with pytest.raises(RuleBroken, match="核对监护人"):
        room.agree()
    mother = GuardianFactory(patient=room.case.patient)
    assert room.agree().guardian == mother
    aunt = GuardianFactory(patient=room.case.patient)
    with pytest.raises(RuleBroken, match="哪一位监护人"):
        room.agree(written_against=1)
    with pytest.raises(RuleBroken, match="核对监护人"):
        room.agree(written_against=1, guardian_id=GuardianFactory().public_id)
    assert room.agree(written_against=1, guardian_id=aunt.public_id).guardian == aunt


def test_only_a_physician_of_hers_agrees(room: Room) -> None:
    for staff in (room.clinic.consultants[0], room.clinic.surgeons[1], room.clinic.reception):
        with pytest.raises(NotFound):
            actions.agree(
                room.case.public_id, goals=GOALS, unreachable="疤", how=AgreedHow.SPOKEN, by=staff, now=TEN
            )
    with pytest.raises(RuleBroken, match="空白"):
        room.agree(signature=signature(blank=True))
    assert not Expectation.objects.exists()


def test_later_scores_make_a_trend_and_the_newest_of_a_month_counts(room: Room) -> None:
    with pytest.raises(NotFound):
        actions.score(room.case.public_id, month=1, scores=[5, 5], overall=5, by=room.surgeon, now=TEN)
    expectation = room.agree()
    with pytest.raises(RuleBroken, match="还不到"):
        actions.score(room.case.public_id, month=1, scores=[5, 5], overall=5, by=room.surgeon, now=TEN)
    for month, overall in ((1, 5), (1, 6), (3, 8)):
        actions.score(
            room.case.public_id,
            month=month,
            scores=[overall, 4],
            overall=overall,
            note="挺好",
            by=room.surgeon,
            now=TEN + month * MONTH + timedelta(minutes=overall),
        )
    standing = queries.standing(expectation)
    assert standing.overall == [6, 8, None, None]
    assert standing.goals[0].scores == [6, 8, None, None]
    (first, third) = queries.attainment(start=date(2026, 6, 1), end=date(2026, 7, 1))
    assert (first.month, first.count, first.mean) == (1, 1, 6.0)
    assert (third.month, third.mean) == (3, 8.0)
    assert queries.attainment(start=date(2026, 7, 1), end=date(2026, 8, 1)) == []
