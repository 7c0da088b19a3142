"""A frozen questionnaire raises stop rules, shows where it stands, and is answered for by name."""

from datetime import timedelta

import pytest

from tests.desk.front import at_time, url
from tests.desk.test_questionnaires import client
from tests.factories.hospital import StopRuleFactory
from tests.journey.clinic import TEN
from tests.journey.test_questionnaires import HABITS, Room
from yimei.core.clock import local_date
from yimei.journey.actions import stops as actions
from yimei.journey.enums import StopState
from yimei.journey.queries import stops
from yimei.people.models import Alert

pytestmark = pytest.mark.django_db
DAY = local_date(TEN)


@pytest.fixture
def room() -> Room:
    room = Room().agrees()
    StopRuleFactory(code="ANTICOAG", name="抗凝药", words=["华法林"], days=7)
    return room


def test_a_frozen_answer_stands_in_the_way_and_says_where_it_was_said(room: Room) -> None:
    room.begin()
    assert not stops.against(room.case, now=TEN), "a draft says nothing yet"
    answers = room.complete()
    Alert.objects.update(ended_at=TEN)
    finding = stops.against(room.case, now=TEN)[0]
    assert (finding.rule.code, finding.sign.answers_id) == ("ANTICOAG", answers.public_id)
    assert finding.sign.source.startswith("问卷《")
    assert stops.facts_of(room.case, on=DAY, is_final=True)[0].is_blocking
    with at_time(TEN):
        surgeon = client(room.surgeon)
        page = surgeon.get(url("case-stops", room.case.public_id)).content.decode()
        assert finding.sign.source in page
        assert url("questionnaire-answers", answers.public_id) in page
        asked = surgeon.get(url("case-assessment", room.case.public_id)).content.decode()
    assert finding.sign.source in asked, "beside the finding, and beside the question"


def test_a_later_word_counts_and_the_answer_stays_in_sight(room: Room) -> None:
    room.complete()
    later = TEN + timedelta(minutes=5)
    actions.note(
        room.case.public_id,
        rule_code="ANTICOAG",
        state=StopState.NO,
        last_on=None,
        by=room.surgeon,
        now=later,
    )
    assert not stops.against(room.case, now=later)
    line = stops.sheet(room.case, now=later)[0]
    assert [each.state for each in line.against] == [StopState.NOW, StopState.NOW]


def test_a_questionnaire_of_the_afternoon_outweighs_the_morning(room: Room) -> None:
    actions.note(
        room.case.public_id,
        rule_code="ANTICOAG",
        state=StopState.NO,
        last_on=None,
        by=room.surgeon,
        now=TEN - timedelta(minutes=30),
    )
    assert not stops.against(room.case, now=TEN)
    room.complete(raw=HABITS)
    assert stops.against(room.case, now=TEN)
