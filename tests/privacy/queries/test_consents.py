from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.factories.people import GuardianFactory, PatientFactory
from yimei.hospital.models import Campus
from yimei.people.models import Patient
from yimei.privacy.actions import consents, notices
from yimei.privacy.enums import Audience, ChipState
from yimei.privacy.queries import consent_chips, has_consent, missing_for_care, pending_asks
from yimei.privacy.queries.register import shipped

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def patient(campus: Campus) -> Patient:
    return PatientFactory(campus=campus)


def publish_again(campus: Campus, at: datetime, *, is_material: bool) -> None:
    row = shipped("notices")[0]
    notices.publish(
        "customer",
        audience=Audience.ADULT,
        title=row["title"],
        sections=row["sections"],
        purpose_codes=row["purposes"],
        campus=campus,
        at=at,
        is_material=is_material,
    )


def states(patient: Patient, at: datetime) -> dict[str, ChipState]:
    return {chip.code: chip.state for chip in consent_chips(patient, at)}


def test_a_material_change_of_the_notice_asks_for_a_new_consent(
    campus: Campus, patient: Patient, now: datetime
) -> None:
    given = consents.give(patient, "marketing", now=now)
    publish_again(campus, now + DAY, is_material=False)
    assert has_consent(patient, "marketing", now + 2 * DAY) == given
    publish_again(campus, now + 3 * DAY, is_material=True)
    assert has_consent(patient, "marketing", now + 4 * DAY) is None
    assert has_consent(patient, "marketing", now + 2 * DAY) == given
    assert states(patient, now + 4 * DAY)["marketing"] == ChipState.OUTDATED
    assert "marketing" in {ask.purpose.code for ask in pending_asks(patient, now + 4 * DAY)}
    again = consents.give(patient, "marketing", now=now + 5 * DAY)
    assert has_consent(patient, "marketing", now + 5 * DAY) == again


def test_a_consent_ends_when_its_time_is_over(patient: Patient, now: datetime) -> None:
    given = consents.give(patient, "research", now=now, valid_to=now + DAY)
    assert has_consent(patient, "research", now) == given
    assert has_consent(patient, "research", now + DAY) is None
    assert states(patient, now + DAY)["research"] == ChipState.EXPIRED


def test_being_shown_the_question_is_not_an_answer(patient: Patient, now: datetime) -> None:
    consents.show(patient, "marketing", now=now)
    assert states(patient, now)["marketing"] == ChipState.UNASKED
    assert has_consent(patient, "marketing", now) is None


def test_chips_show_every_purpose_that_rests_on_consent_and_no_other(patient: Patient, now: datetime) -> None:
    consents.give(patient, "care.health", now=now)
    consents.refuse(patient, "marketing", now=now)
    found = states(patient, now)
    assert found["care.health"] == ChipState.GIVEN
    assert found["marketing"] == ChipState.REFUSED
    assert found["image.teaching"] == ChipState.UNASKED
    assert "care.identity" not in found
    assert "money" not in found


def test_chips_cost_the_same_however_many_answers(
    patient: Patient, now: datetime, django_assert_num_queries: Any
) -> None:
    for code in ("care.health", "marketing", "image.clinical", "automated"):
        consents.give(patient, code, now=now)
    with django_assert_num_queries(3):
        assert len([chip for chip in consent_chips(patient, now) if chip.is_given]) == 4


def test_refused_questions_rest_and_open_ones_come_with_their_notice(patient: Patient, now: datetime) -> None:
    consents.refuse(patient, "marketing", now=now)
    asks = {ask.purpose.code: ask.notice.code for ask in pending_asks(patient, now + DAY)}
    assert asks["care.health"] == "customer"
    assert "marketing" not in asks
    assert "marketing" in {ask.purpose.code for ask in pending_asks(patient, now + 180 * DAY)}


def test_a_minor_is_only_asked_what_the_rules_for_minors_tell(campus: Campus, now: datetime) -> None:
    child = PatientFactory(campus=campus, person__birth_date=date(2010, 1, 1))
    asks = {ask.purpose.code: ask.notice.code for ask in pending_asks(child, now)}
    assert asks["care.health"] == "minor"
    assert not asks.keys() & {"marketing", "automated", "image.publicity"}


def test_care_asks_for_health_data_and_never_for_pictures_or_marketing(
    patient: Patient, now: datetime
) -> None:
    missing = missing_for_care(patient, now, where=f"desk:patient:{patient.public_id}")
    assert {item.what for item in missing} == {"「诊疗中的健康信息」的同意"}
    consents.give(patient, "care.health", now=now)
    consents.refuse(patient, "image.clinical", now=now)
    consents.refuse(patient, "marketing", now=now)
    assert missing_for_care(patient, now) == ()


def test_a_guardian_answers_for_a_child(campus: Campus, now: datetime) -> None:
    child = PatientFactory(campus=campus, person__birth_date=date(2012, 1, 1))
    consents.give(child, "care.health", now=now, guardian=GuardianFactory(patient=child))
    assert has_consent(child, "care.health", now) is not None
