"""The eighteenth birthday: what guardians held ends at midnight, and only the person may say yes again."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.people import GuardianFactory, PatientFactory, StaffFactory
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.models import Campus
from yimei.outbox.actions import batches, messages
from yimei.outbox.enums import MessageStatus
from yimei.outbox.models import Message, Notification
from yimei.people.actions import capacity, patients, tokens
from yimei.people.enums import CapacityKind
from yimei.people.models import Guardian, Patient, SearchToken, Staff
from yimei.people.rules.sessions import key_hash
from yimei.privacy.actions import centre, consents, doors, majority, packages, posture
from yimei.privacy.actions.requests import answering, deciding, proving, receiving
from yimei.privacy.enums import (
    Audience,
    Decision,
    IdentityMethod,
    RequestChannel,
    Requester,
    RequestKind,
    RequestStatus,
)
from yimei.privacy.models import CentreCode, CentreSession, ComingOfAge, ControlRun, RightsRequest
from yimei.privacy.queries import chip, has_consent
from yimei.privacy.queries import majority as queries
from yimei.privacy.queries.centre.visits import holder_of
from yimei.privacy.queries.register import audience_of

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
BORN = date(2008, 6, 17)
MIDNIGHT = datetime(2026, 6, 16, 16, 0, tzinfo=UTC)
"""The birthday begins in Beijing."""
EVE = MIDNIGHT - timedelta(seconds=1)
MOTHERS, OWN = "+8612000000021", "+8612000000001"


@pytest.fixture
def officer(campus: Campus) -> Staff:
    return StaffFactory(role="privacy", campus=campus)


@pytest.fixture
def child(campus: Campus) -> Patient:
    child = PatientFactory(
        campus=campus, registered=True, person__birth_date=BORN, person__phone=OWN, person__name="林小满"
    )
    return Patient.objects.with_person().get(pk=child.pk)


@pytest.fixture
def mother(child: Patient) -> Guardian:
    mother = GuardianFactory(patient=child, person__phone=MOTHERS)
    tokens.write_guardian(mother)
    return mother


def again(patient: Patient) -> Patient:
    return Patient.objects.with_person().get(pk=patient.pk)


def texts(template: str) -> list[Message]:
    return list(Message.objects.select_related("patient__person__vault_key").filter(template__code=template))


def test_both_are_told_a_month_before_and_once(child: Patient, mother: Guardian, officer: Staff) -> None:
    assert not majority.run(now=MIDNIGHT - 31 * DAY)
    assert majority.run(now=MIDNIGHT - 30 * DAY) == {"reminded": 1}
    assert not majority.run(now=MIDNIGHT - 29 * DAY)
    [to_mother] = texts("privacy.majority.soon")
    [to_child] = texts("privacy.majority.soon.own")
    assert (to_mother.guardian, to_child.guardian) == (mother, None)
    assert "2026-06-17年满18周岁" in (to_mother.body or "")
    assert {to_mother.status, to_child.status} == {MessageStatus.QUEUED}
    assert Notification.objects.filter(staff=officer, where="desk:majority").count() == 1


def test_a_consent_of_the_guardian_ends_at_midnight_and_rests_until_she_answers(
    child: Patient, mother: Guardian
) -> None:
    consents.give(child, "care.health", now=EVE - DAY, guardian=mother)
    assert has_consent(child, "care.health", EVE) is not None
    assert has_consent(child, "care.health", MIDNIGHT) is None
    assert queries.unconfirmed(child, EVE) == []
    assert len(queries.unconfirmed(child, MIDNIGHT)) == 1
    with pytest.raises(RuleBroken, match="由本人同意"):
        consents.give(child, "care.health", now=MIDNIGHT, guardian=mother)
    found = chip(child, "care.health", MIDNIGHT)
    assert found is not None
    assert found.is_outgrown
    consents.give(child, "care.health", now=MIDNIGHT)
    assert has_consent(child, "care.health", MIDNIGHT) is not None
    assert queries.unconfirmed(child, MIDNIGHT) == []


def test_marketing_waits_for_her_own_word_though_the_law_lets_it_ask_now(
    child: Patient, mother: Guardian
) -> None:
    with pytest.raises(RuleBroken):
        consents.give(child, "marketing", now=EVE, guardian=mother)
    assert has_consent(child, "marketing", MIDNIGHT) is None
    assert audience_of(child, date(2026, 6, 16)) == Audience.MINOR
    assert audience_of(child, date(2026, 6, 17)) == Audience.ADULT
    consents.give(child, "marketing", now=MIDNIGHT)
    assert has_consent(child, "marketing", MIDNIGHT) is not None


def guardians_request(child: Patient, officer: Staff, *, answered: bool) -> RightsRequest:
    asked = receiving.receive(
        child.public_id,
        kind=RequestKind.COPY,
        requester=Requester.GUARDIAN,
        channel=RequestChannel.DESK,
        proof="林芳，户口簿",
        by=officer,
        now=EVE - DAY,
    )
    proving.verify(asked.public_id, method=IdentityMethod.GUARDIAN_PAPERS, by=officer, now=EVE - DAY)
    if answered:
        deciding.decide(asked.public_id, decision=Decision.GRANTED, by=officer, now=EVE - DAY)
        answering.answer(asked.public_id, by=officer, now=EVE - DAY)
    return asked


def test_what_the_guardian_asked_ends_with_a_reason_and_the_person_may_ask_it_herself(
    child: Patient, mother: Guardian, officer: Staff
) -> None:
    asked = guardians_request(child, officer, answered=False)
    assert majority.run(now=MIDNIGHT) == {"handed": 1}
    asked.refresh_from_db()
    assert asked.status == RequestStatus.OUTGROWN
    assert list(asked.moves.values_list("new", "by"))[-1] == ("outgrown", None)
    [to_mother] = texts("privacy.majority.ended")
    assert to_mother.guardian == mother
    assert asked.number in (to_mother.body or "")
    assert "起诉" in (to_mother.body or "")
    with pytest.raises(RuleBroken):
        deciding.decide(asked.public_id, decision=Decision.GRANTED, by=officer, now=MIDNIGHT)
    own = receiving.receive(
        child.public_id,
        kind=RequestKind.COPY,
        requester=Requester.SELF,
        channel=RequestChannel.DESK,
        by=officer,
        now=MIDNIGHT,
    )
    assert own.status == RequestStatus.RECEIVED


def test_a_copy_that_the_guardian_was_given_opens_no_more(
    child: Patient, mother: Guardian, officer: Staff
) -> None:
    asked = guardians_request(child, officer, answered=True)
    assert packages.fetch(asked.public_id, shape="json", by=officer, now=EVE)
    with pytest.raises(RuleBroken, match="已年满 18 周岁"):
        packages.fetch(asked.public_id, shape="json", by=officer, now=MIDNIGHT)
    majority.run(now=MIDNIGHT)
    asked.refresh_from_db()
    assert asked.package_expires_at == MIDNIGHT
    assert asked.package is not None
    assert asked.package.size == 0


def test_the_guardian_gets_in_a_second_before_midnight_and_not_after(
    child: Patient, mother: Guardian
) -> None:
    on_eve, on_day = date(2026, 6, 16), date(2026, 6, 17)
    found = holder_of(MOTHERS, BORN, on=on_eve)
    assert found is not None
    assert found.guardian == mother
    assert holder_of(MOTHERS, BORN, on=on_day) is None
    assert (own := holder_of(OWN, BORN, on=on_day)) is not None
    assert own.guardian is None
    majority.run(now=MIDNIGHT)
    assert not SearchToken.objects.filter(person=mother.person).exists()
    assert ComingOfAge.objects.get(patient=child).ended == {"words": 1}


def test_an_open_visit_of_the_guardian_ends(child: Patient, mother: Guardian) -> None:
    CentreSession.objects.create(
        patient=child, guardian=mother, key_hash=key_hash("hers"), started_at=EVE, seen_at=EVE
    )
    code = doors.ask_code(MOTHERS, BORN, ip="203.0.113.9", now=EVE)
    assert code.guardian == mother
    assert centre.visit("hers", now=EVE)
    with pytest.raises(NotFound):
        centre.visit("hers", now=MIDNIGHT)
    majority.run(now=MIDNIGHT)
    assert CentreSession.objects.get(guardian=mother).ended_at == MIDNIGHT
    assert CentreCode.objects.get(pk=code.pk).expires_at == MIDNIGHT


def test_a_message_that_waits_for_the_guardian_is_not_sent(
    child: Patient, mother: Guardian, officer: Staff
) -> None:
    params = {"kind": "复制", "number": "A1", "phone": "021", "link": "https://x/"}
    waiting = messages.send(
        "request.answered", patient=child, guardian=mother, params=params, key="k1", now=EVE
    )
    assert waiting.status == MessageStatus.QUEUED
    batches.deliver_some([waiting.public_id], now=MIDNIGHT)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.article) == (MessageStatus.REFUSED, "《民法典》第十七条、第十八条")
    late = messages.send(
        "request.answered", patient=child, guardian=mother, params=params, key="k2", now=MIDNIGHT
    )
    assert late.status == MessageStatus.REFUSED
    held = messages.send("request.answered", patient=child, guardian=mother, params=params, key="k3", now=EVE)
    majority.run(now=MIDNIGHT)
    held.refresh_from_db()
    assert held.status == MessageStatus.REFUSED
    assert ComingOfAge.objects.get(patient=child).ended["messages"] == 1


def test_her_messages_no_longer_go_to_the_number_her_mother_gave(
    child: Patient, mother: Guardian, campus: Campus
) -> None:
    child.person.phone = MOTHERS
    child.person.save()
    child, desk = again(child), StaffFactory(role="reception", campus=campus)
    params = {"kind": "复制", "number": "A1", "phone": "021", "link": "https://x/"}

    def told(key: str, now: datetime) -> Message:
        return messages.send("request.answered", patient=child, params=params, key=key, now=now)

    assert told("k1", EVE).status == MessageStatus.QUEUED
    assert told("k2", MIDNIGHT).status == MessageStatus.REFUSED
    with pytest.raises(RuleBroken, match="尚未成年"):
        majority.keep_number(child.public_id, by=desk, now=EVE)
    assert majority.run(now=MIDNIGHT) == {"handed": 1}
    assert texts("privacy.majority.own") == []
    majority.keep_number(child.public_id, by=desk, now=MIDNIGHT)
    assert told("k3", MIDNIGHT).status == MessageStatus.QUEUED


def test_who_was_found_without_capacity_keeps_her_guardian(
    child: Patient, mother: Guardian, campus: Campus, officer: Staff
) -> None:
    desk = StaffFactory(role="reception", campus=campus)
    consents.give(child, "care.health", now=EVE, guardian=mother)
    assert majority.run(now=MIDNIGHT) == {"handed": 1}
    capacity.record(
        child.public_id, kind=CapacityKind.LIMITED, evidence="（2026）沪 0101 民特 9 号", by=desk, at=MIDNIGHT
    )
    assert has_consent(child, "care.health", MIDNIGHT) is not None
    assert majority.run(now=MIDNIGHT + DAY) == {"returned": 1}
    assert SearchToken.objects.filter(person=mother.person).exists()
    assert not majority.run(now=MIDNIGHT + 2 * DAY)


def test_a_birth_date_set_right_gives_the_rights_back(
    child: Patient, mother: Guardian, campus: Campus
) -> None:
    desk = StaffFactory(role="reception", campus=campus)
    majority.run(now=MIDNIGHT)
    patients.correct(child.public_id, birth_date=date(2009, 6, 17), by=desk, at=MIDNIGHT)
    assert majority.run(now=MIDNIGHT + DAY) == {"returned": 1}
    assert not ComingOfAge.objects.exists()
    assert majority.run(now=MIDNIGHT + 365 * DAY) == {"handed": 1}


def test_who_came_of_age_years_ago_is_handed_over_in_silence(child: Patient, mother: Guardian) -> None:
    assert majority.run(now=MIDNIGHT + 700 * DAY) == {"handed": 1}
    assert not Message.objects.exists()


def test_the_page_of_truth_turns_red_when_a_night_was_missed(
    child: Patient, mother: Guardian, officer: Staff
) -> None:
    def state(now: datetime) -> str:
        posture.run(now=now, by=officer)
        return ControlRun.objects.filter(code="majority").latest("pk").state

    assert state(MIDNIGHT) == "good"
    assert state(MIDNIGHT + DAY) == "bad"
    majority.run(now=MIDNIGHT + DAY)
    assert state(MIDNIGHT + DAY) == "good"


def test_the_page_asks_as_much_of_the_database_for_many_as_for_one(campus: Campus, officer: Staff) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as found:
            queries.lists(by=officer, now=MIDNIGHT)
        return len(found)

    def one() -> None:
        ward = PatientFactory(campus=campus, registered=True, person__birth_date=BORN)
        mother = GuardianFactory(patient=ward)
        consents.give(ward, "care.health", now=EVE, guardian=mother)

    one()
    majority.run(now=MIDNIGHT)
    count()  # what is read once for the reader is read
    before = count()
    for _ward in range(3):
        one()
    majority.run(now=MIDNIGHT)
    assert count() == before


def test_a_customer_of_another_campus_is_no_ones_to_find(child: Patient, mother: Guardian) -> None:
    stranger = StaffFactory(role="reception")
    with pytest.raises(NotFound):
        majority.keep_number(child.public_id, by=stranger, now=MIDNIGHT)
