from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.factories.hospital import CampusFactory
from tests.factories.people import GuardianFactory, PatientFactory, StaffFactory
from yimei.audit.models import Entry
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.models import Campus
from yimei.people.models import Patient, Staff
from yimei.privacy.actions import consents
from yimei.privacy.actions.consents import Evidence
from yimei.privacy.enums import ConsentAct, ConsentChannel
from yimei.privacy.models import Consent, Notice, Purpose
from yimei.privacy.queries import has_consent

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def patient(campus: Campus) -> Patient:
    return PatientFactory(campus=campus)


@pytest.fixture
def child(campus: Campus) -> Patient:
    return PatientFactory(campus=campus, person__birth_date=date(2012, 6, 17))


@pytest.fixture
def staff(campus: Campus) -> Staff:
    return StaffFactory(campus=campus)


def test_a_yes_keeps_what_the_law_asks_for(patient: Patient, staff: Staff, now: datetime) -> None:
    consents.show(patient, "care.health", by=staff, now=now - timedelta(minutes=3))
    consent = consents.give(patient, "care.health", by=staff, now=now, device="前台平板 1")
    notice = Notice.objects.get(code="customer")
    assert (consent.notice, consent.notice_sha256) == (notice, notice.sha256)
    assert (consent.act, consent.mode, consent.language) == ("given", "separate", "zh-hans")
    assert (consent.shown_at, consent.at) == (now - timedelta(minutes=3), now)
    assert (consent.by, consent.device) == (staff, "前台平板 1")
    assert has_consent(patient, "care.health", now) == consent


def test_a_second_click_adds_nothing_and_a_signature_does(patient: Patient, now: datetime) -> None:
    first = consents.give(patient, "care.health", now=now)
    assert consents.give(patient, "care.health", now=now + timedelta(seconds=1)) == first
    signed = consents.give(patient, "care.health", now=now + DAY, evidence=Evidence(b"%PDF-1.7", "a.pdf"))
    assert signed != first
    assert has_consent(patient, "care.health", now + DAY) == signed


def test_each_act_is_on_record_by_key_and_never_by_name(
    patient: Patient, staff: Staff, now: datetime
) -> None:
    consents.give(patient, "marketing", by=staff, now=now)
    entry = Entry.objects.get(action="privacy.consent.given")
    assert entry.subject_key == patient.person.vault_key.public_id
    assert entry.purpose == "marketing"
    assert patient.person.name not in str(entry.detail) + entry.reason


def test_a_person_may_answer_alone(patient: Patient, now: datetime) -> None:
    consent = consents.give(patient, "marketing", now=now, channel=ConsentChannel.PORTAL)
    assert consent.by is None


def test_staff_of_another_campus_find_nobody(patient: Patient, now: datetime) -> None:
    stranger = StaffFactory(campus=CampusFactory())
    with pytest.raises(NotFound):
        consents.give(patient, "marketing", by=stranger, now=now)
    assert not Consent.objects.exists()


def test_taking_back_ends_it_at_once_and_keeps_the_history(
    patient: Patient, staff: Staff, now: datetime
) -> None:
    given = consents.give(patient, "marketing", by=staff, now=now)
    taken_back = consents.withdraw(patient, "marketing", now=now + DAY, channel=ConsentChannel.PORTAL)
    assert has_consent(patient, "marketing", now + DAY) is None
    assert has_consent(patient, "marketing", now + timedelta(hours=1)) == given
    assert taken_back.notice == given.notice
    assert list(Consent.objects.values_list("act", flat=True)) == ["withdrawn", "given"]


def test_there_is_nothing_to_take_back_twice(patient: Patient, now: datetime) -> None:
    consents.give(patient, "marketing", now=now)
    consents.withdraw(patient, "marketing", now=now + DAY)
    with pytest.raises(RuleBroken, match="没有可以撤回"):
        consents.withdraw(patient, "marketing", now=now + 2 * DAY)


def test_a_clear_no_is_not_asked_again_for_half_a_year(patient: Patient, staff: Staff, now: datetime) -> None:
    consents.refuse(patient, "marketing", by=staff, now=now)
    with pytest.raises(RuleBroken, match="180 天"):
        consents.show(patient, "marketing", by=staff, now=now + 179 * DAY)
    assert consents.show(patient, "marketing", by=staff, now=now + 180 * DAY).act == ConsentAct.SHOWN


def test_who_said_no_may_say_yes_at_any_time(patient: Patient, now: datetime) -> None:
    consents.refuse(patient, "marketing", now=now)
    given = consents.give(patient, "marketing", now=now + DAY, channel=ConsentChannel.PORTAL)
    assert has_consent(patient, "marketing", now + DAY) == given


def test_a_yes_is_neither_asked_again_nor_refused_over(patient: Patient, now: datetime) -> None:
    consents.give(patient, "marketing", now=now)
    with pytest.raises(RuleBroken, match="已经同意"):
        consents.show(patient, "marketing", now=now + DAY)
    with pytest.raises(RuleBroken, match="办理撤回"):
        consents.refuse(patient, "marketing", now=now + DAY)


def test_a_child_needs_a_verified_guardian(child: Patient, staff: Staff, now: datetime) -> None:
    unproved = GuardianFactory(patient=child, verified_at=None, verified_by=None)
    for guardian in (None, unproved):
        with pytest.raises(RuleBroken, match="监护人") as refusal:
            consents.give(child, "care.health", by=staff, now=now, guardian=guardian)
        assert refusal.value.missing
    mother = GuardianFactory(patient=child)
    consent = consents.give(child, "care.health", by=staff, now=now, guardian=mother)
    assert consent.guardian == mother
    assert consent.notice.code == "minor"


def test_the_guardian_of_somebody_else_is_no_guardian(child: Patient, staff: Staff, now: datetime) -> None:
    with pytest.raises(NotFound, match="监护人"):
        consents.give(child, "care.health", by=staff, now=now, guardian=GuardianFactory())


def test_an_unknown_birth_date_counts_as_a_minor(campus: Campus, now: datetime) -> None:
    patient = PatientFactory(campus=campus, person__birth_date=None)
    with pytest.raises(RuleBroken, match="监护人"):
        consents.give(patient, "care.health", now=now)


def test_marketing_is_never_put_to_a_minor(child: Patient, now: datetime) -> None:
    with pytest.raises(RuleBroken, match="还没有面向未成年人"):
        consents.give(child, "marketing", now=now, guardian=GuardianFactory(patient=child))


def test_publicity_needs_a_signed_sheet_and_keeps_its_bytes(
    patient: Patient, staff: Staff, now: datetime
) -> None:
    with pytest.raises(RuleBroken, match="签署件"):
        consents.give(patient, "image.publicity", by=staff, now=now)
    sheet = b"%PDF-1.7 signed"
    consent = consents.give(
        patient, "image.publicity", by=staff, now=now, evidence=Evidence(sheet, "signed.pdf")
    )
    assert consent.evidence is not None
    assert consent.evidence.read() == sheet
    assert consent.evidence.sha256 == consent.evidence_sha256
    assert consent.evidence.key == patient.person.vault_key


def test_separate_purposes_cannot_be_ticked_together(patient: Patient, now: datetime) -> None:
    with pytest.raises(RuleBroken, match="逐项"):
        consents.give_together(patient, ["marketing", "care.health"], now=now)
    assert not Consent.objects.exists()
    with pytest.raises(RuleBroken, match="逐项"):
        consents.give_together(patient, ["marketing", "automated"], now=now)
    Purpose.objects.filter(code="automated").update(mode="general")
    both = consents.give_together(patient, ["marketing", "automated"], now=now)
    assert [consent.purpose.code for consent in both] == ["marketing", "automated"]


def test_a_text_shown_before_the_present_notice_does_not_count(patient: Patient, now: datetime) -> None:
    published = Notice.objects.get(code="customer").published_at
    with pytest.raises(RuleBroken, match="现行版本"):
        consents.give(patient, "marketing", now=now, shown_at=published - DAY)


def test_nobody_agrees_before_being_told(patient: Patient, now: datetime) -> None:
    with pytest.raises(RuleBroken, match="早于告知"):
        consents.give(patient, "marketing", now=now, shown_at=now + timedelta(seconds=1))


def test_a_contract_needs_no_consent_and_an_unknown_purpose_is_not_there(
    patient: Patient, now: datetime
) -> None:
    with pytest.raises(RuleBroken, match="不需要征求同意"):
        consents.give(patient, "care.identity", now=now)
    with pytest.raises(NotFound):
        consents.give(patient, "night.shift", now=now)


def test_the_database_refuses_to_edit_or_delete_an_act(patient: Patient, now: datetime) -> None:
    consents.give(patient, "marketing", now=now)
    rows = Consent.objects.all()
    with pytest.raises(IntegrityError, match="consent_append_only"), transaction.atomic():
        rows.update(act=ConsentAct.REFUSED)
    with pytest.raises(IntegrityError, match="consent_append_only"), transaction.atomic():
        rows._raw_delete(rows.db)
