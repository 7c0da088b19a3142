"""Aftercare of the rehearsal: what somebody forgot is late, and made good."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

import pytest

from tests.desk.ward import Ward
from yimei.journey.enums import CaseStage, TaskStatus
from yimei.journey.models import AftercareTask
from yimei.people.roles import RoleCode
from yimei.rehearsal.actions.walks import Walk
from yimei.rehearsal.actions.world import World
from yimei.rehearsal.rules import shapes
from yimei.rehearsal.rules.people import somebody

pytestmark = [pytest.mark.django_db, pytest.mark.slow(reason="walks a customer from page to page")]


@pytest.fixture
def ward() -> Iterator[Ward]:
    ward = Ward()
    ward.discharged()
    yield ward
    ward.close()


@pytest.mark.parametrize(("forgets", "is_late"), [(1.0, True), (0.0, False)])
def test_what_was_forgotten_is_made_good_weeks_later(
    ward: Ward, monkeypatch: pytest.MonkeyPatch, forgets: float, is_late: bool
) -> None:
    monkeypatch.setattr(shapes, "FORGETS", forgets)
    world = World(
        campus=ward.campus,
        rooms={},
        staff={RoleCode.AFTERCARE: [ward.carer]},
        studio_since=ward.patient.created_at,
    )
    walk = Walk(
        world,
        somebody(1, Random(1), today=date(2026, 6, 16)),
        Random(1),
        n=1,
        first_call=ward.case.stage_since,
    )
    walk.case, walk.patient = ward.case, ward.patient
    for moment in walk.aftercare(ward.surgeon):
        ward.time.move_to(moment, tick=False)
    tasks = AftercareTask.objects.filter(case=ward.case)
    assert [task.status for task in tasks] == [TaskStatus.DONE, TaskStatus.DONE]
    assert [task.done_at > task.due_at + timedelta(days=2) for task in tasks if task.done_at] == [is_late] * 2
    ward.case.refresh_from_db()
    assert ward.case.stage == CaseStage.CLOSED
