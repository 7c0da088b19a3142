"""The director's figures: counted right, scoped, nameless, by a number of queries that does not grow."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.hospital import CampusFactory
from tests.factories.journey import CaseFactory
from tests.factories.people import StaffFactory
from yimei.insight import queries
from yimei.journey.actions import cases
from yimei.journey.enums import CaseStage, ClavienDindo
from yimei.journey.models import Case, Review, Survey
from yimei.people.models import Staff

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def director() -> Staff:
    staff: Staff = StaffFactory(role="director")
    assert staff.role.scopes
    return staff


def queries_of(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def survey(case: Case, at: datetime, score: int | None = None, comment: str = "") -> Survey:
    return Survey.objects.create(
        case=case,
        token_hash=f"{Survey.objects.count():064d}",
        created_at=at,
        expires_at=at + 14 * DAY,
        answered_at=at if score is not None else None,
        score=score,
        comment=comment,
    )


def test_every_stage_is_named_even_at_zero(director: Staff) -> None:
    CaseFactory.create_batch(2)
    CaseFactory(stage=CaseStage.REVIEWED)
    counts = {row.stage: row.count for row in queries.stage_counts(by=director)}
    assert list(counts) == list(CaseStage)
    assert {stage: count for stage, count in counts.items() if count} == {
        CaseStage.BOOKED: 2,
        CaseStage.REVIEWED: 1,
    }


def test_figures_stay_within_the_readers_scope(now: datetime) -> None:
    case = CaseFactory()
    survey(case, now, 9)
    here = StaffFactory(role="marketing", campus=case.campus)
    there = StaffFactory(role="marketing", campus=CampusFactory())
    nurse = StaffFactory(role="nurse", campus=case.campus)
    for staff, seen in ((here, 1), (there, 0), (nurse, 0)):
        assert sum(row.count for row in queries.stage_counts(by=staff)) == seen
        assert queries.satisfaction(by=staff, now=now).answered == seen
        assert len(queries.satisfaction(by=staff, now=now).comments) == seen


def test_a_wait_is_shown_from_five_on(director: Staff, now: datetime) -> None:
    for n in range(5):
        case = CaseFactory(opened_at=now - DAY)
        cases.move(
            case, to=CaseStage.ARRIVED, by=case.opened_by, now=now - DAY + (n + 1) * timedelta(hours=1)
        )
        if n < 4:
            cases.move(case, to=CaseStage.CONSULTED, by=case.opened_by, now=now)
    found = {(wait.old, wait.new): wait for wait in queries.waits(by=director, now=now)}
    first = found[CaseStage.BOOKED, CaseStage.ARRIVED]
    assert (first.n, first.median, first.p90) == (5, timedelta(hours=3), timedelta(hours=5))
    second = found[CaseStage.ARRIVED, CaseStage.CONSULTED]
    assert (second.n, second.median, second.p90) == (4, None, None)


def test_satisfaction_counts_the_window_and_shows_the_newest_words(director: Staff, now: datetime) -> None:
    survey(CaseFactory(), now - 91 * DAY, 0, "很久以前")
    survey(CaseFactory(), now - DAY)
    survey(CaseFactory(), now - 2 * DAY, 9, "细心")
    found = queries.satisfaction(by=director, now=now)
    assert (found.sent, found.answered) == (2, 1)
    assert found.score is not None
    assert (found.score.value, found.promoter) == (9, None), "一份答卷说不出净推荐值"
    assert [each.comment for each in found.comments] == ["细心", "很久以前"]
    for days in range(3, 7):
        survey(CaseFactory(), now - days * DAY, 10)
    found = queries.satisfaction(by=director, now=now)
    assert found.promoter is not None
    assert (found.answered, found.promoter.value) == (5, 100)


def test_complications_are_a_share_of_reviews(director: Staff, now: datetime) -> None:
    case = CaseFactory()
    assert queries.outcome(by=director, now=now).complication is None
    for grade in (ClavienDindo.NONE, ClavienDindo.NONE, ClavienDindo.NONE, ClavienDindo.TWO):
        Review.objects.create(
            case=case, by=case.opened_by, at=now, findings="好", complication=grade, goal_reached=8
        )
    found = queries.outcome(by=director, now=now)
    assert found.reviews == 4
    assert found.complication is not None
    assert found.complication.value == 0.25


def test_the_number_of_queries_does_not_grow(director: Staff, now: datetime) -> None:
    def look() -> object:
        return (
            queries.stage_counts(by=director),
            queries.waits(by=director, now=now),
            [each.comment for each in queries.satisfaction(by=director, now=now).comments],
            queries.outcome(by=director, now=now),
        )

    survey(CaseFactory(), now, 8, "一")
    few = queries_of(look)
    for _each in range(6):
        survey(CaseFactory(), now, 8, "多")
    assert queries_of(look) == few <= 8
