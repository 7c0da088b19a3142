"""A restriction: what is optional stops at once, what runs goes on, and the seal follows by itself."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from tests.factories.hospital import RoomFactory
from tests.factories.journey import BookingFactory, CaseFactory
from tests.factories.people import PatientFactory, StaffFactory
from tests.privacy.looking import forget_ledger_rows
from tests.privacy.test_requests import answered, asked, decided
from yimei.audit.models import Entry
from yimei.core.errors import RuleBroken
from yimei.hospital.models import Campus
from yimei.journey.models import AftercareTask, Booking, Plan, Surgery
from yimei.outbox.actions import batches, messages
from yimei.outbox.enums import MessageStatus
from yimei.outbox.models import Message, Template
from yimei.people.access import open_patient
from yimei.people.models import Patient, Staff
from yimei.people.queries import search
from yimei.privacy import tasks
from yimei.privacy.actions import consents, erasure, holds, restoring
from yimei.privacy.actions.requests import answering
from yimei.privacy.enums import ChipState, HoldEnd, HoldKind, RequestKind
from yimei.privacy.models import Erasure, Outcome, RightsRequest
from yimei.privacy.queries import consent_chips, has_consent, pending_asks
from yimei.privacy.queries.erasure import plan, still_running
from yimei.privacy.queries.requests import letters, proposals

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def own_var(tmp_path: Path, settings: Any) -> None:
    settings.VAR_DIR = tmp_path


@pytest.fixture
def officer(campus: Campus) -> Staff:
    return StaffFactory(role="privacy", campus=campus)


@pytest.fixture
def patient(campus: Campus) -> Patient:
    return PatientFactory(campus=campus, registered=True)


@pytest.fixture
def booking(patient: Patient, now: datetime) -> Booking:
    return BookingFactory(case__patient=patient, starts_at=now + 3 * DAY)


def fresh(patient: Patient) -> Patient:
    return Patient.objects.with_person().get(pk=patient.pk)


def call_off(booking: Booking) -> None:
    Booking.objects.filter(pk=booking.pk).update(status="cancelled")


def test_what_is_optional_stops_at_once_and_the_booking_goes_on(
    patient: Patient, booking: Booking, officer: Staff, now: datetime
) -> None:
    consents.give(patient, "marketing", now=now)
    request = answered(patient, RequestKind.RESTRICT, officer, now)
    she = fresh(patient)
    assert (she.restricted_at, she.sealed_at) == (now, None)
    assert has_consent(she, "marketing", now) is None
    assert search(she.person.name, by=officer) == [she]
    assert open_patient(she.public_id, by=officer) == she
    kept = {line.holding: (line.outcome, line.why) for line in Outcome.objects.filter(request=request)}
    assert kept["journey.booking"][0] == "running"
    assert "的预约还没有结束" in kept["journey.booking"][1]
    assert kept["people.identity"] == ("stopped", "可选用途立即停止；在办事项办完后只作存储")
    assert "办完为止" in str(letters.letter_of(request))
    assert "不需要再次提出" in str(letters.letter_of(request))
    assert Entry.objects.filter(action="privacy.erasure.restricted").count() == 1


def test_the_seal_follows_when_the_booking_is_called_off(
    patient: Patient, booking: Booking, officer: Staff, now: datetime
) -> None:
    request = answered(patient, RequestKind.RESTRICT, officer, now)
    assert erasure.complete_restrictions(now=now + DAY) == 0
    waiting = proposals.restriction_of(RightsRequest.objects.get(pk=request.pk), now=now)
    assert waiting is not None
    assert [one.where for one in waiting.running] == [f"desk:booking:{booking.public_id}"]
    call_off(booking)
    with time_machine.travel(now + DAY, tick=False):
        assert tasks.complete_restrictions() == 1
    she = fresh(patient)
    assert she.is_sealed
    assert she.restricted_at == now
    assert not she.person.vault_key.is_destroyed
    assert search(she.person.name, by=officer) == []
    assert erasure.complete_restrictions(now=now + DAY) == 0
    assert Entry.objects.filter(action="privacy.erasure.completed").count() == 1


def test_the_seal_follows_when_the_visit_is_over(
    patient: Patient, booking: Booking, officer: Staff, now: datetime
) -> None:
    answered(patient, RequestKind.RESTRICT, officer, now)
    assert erasure.complete_restrictions(now=booking.starts_at) == 0
    times = {"arrived_at": booking.starts_at, "visit_kind": "first", "served_at": booking.ends_at}
    Booking.objects.filter(pk=booking.pk).update(status="served", **times)
    assert erasure.complete_restrictions(now=booking.ends_at + DAY) == 1


def test_an_open_complaint_is_answered_first(patient: Patient, officer: Staff, now: datetime) -> None:
    complaint = asked(patient, RequestKind.COMPLAIN, officer, now, details="拍照没有告诉我")
    request = answered(patient, RequestKind.RESTRICT, officer, now)
    assert fresh(patient).is_restricted
    assert not fresh(patient).is_sealed
    lines = Outcome.objects.filter(request=request, outcome="running")
    assert list(lines.values_list("holding", "why")) == [("privacy.request", "个人信息投诉还没有答复")]
    decided(complaint, officer, now, reply="已核实并道歉，照片已从设备删除")
    answering.answer(complaint.public_id, by=officer, now=now)
    assert erasure.complete_restrictions(now=now + DAY) == 1


def operated(patient: Patient, at: datetime) -> Surgery:
    """Somebody who went home after her operation."""
    case = CaseFactory(patient=patient, campus=patient.campus)
    by = StaffFactory(role="surgeon", campus=patient.campus)
    agreed = Plan.objects.create(
        case=case, version=1, procedure=case.procedure, surgeon=by, anaesthesia="local", price=1, by=by, at=at
    )
    hours = {"starts_at": at, "ends_at": at + timedelta(hours=2)}
    room = RoomFactory(campus=patient.campus)
    return Surgery.objects.create(
        case=case, plan=agreed, campus=patient.campus, room=room, created_at=at, created_by=by,
        status="discharged", **hours,
    )  # fmt: skip


def test_aftercare_goes_on_until_it_is_done_or_its_time_is_over(
    patient: Patient, officer: Staff, now: datetime
) -> None:
    surgery = operated(patient, now - DAY)
    values = {"case": surgery.case, "surgery": surgery, "title": "电话回访"}
    call = AftercareTask.objects.create(kind="call", due_at=now + DAY, late_at=now + 3 * DAY, **values)
    survey = {"kind": "survey", "due_at": now + 30 * DAY, "late_at": now + 40 * DAY}
    AftercareTask.objects.create(**values, **survey)
    request = answered(patient, RequestKind.RESTRICT, officer, now)
    lines = Outcome.objects.filter(request=request, outcome="running")
    assert [why[:14] for why in lines.values_list("why", flat=True)] == ["术后回访与复查还有 1 项，"]
    assert erasure.complete_restrictions(now=now + DAY) == 0
    assert still_running(plan(patient, now), call.late_at) == (), "its time is over"
    AftercareTask.objects.filter(pk=call.pk).update(status="cancelled")
    assert erasure.complete_restrictions(now=now + DAY) == 1


def test_a_legal_hold_keeps_everything_and_only_storing_goes_on(
    patient: Patient, booking: Booking, officer: Staff, now: datetime
) -> None:
    words = {"ground": "医疗纠纷，患方申请封存", "parties": "患方王某，院方李某"}
    hold = holds.open_for(patient.file_no or "", kind=HoldKind.SEALING, **words, by=officer, now=now)
    answered(patient, RequestKind.RESTRICT, officer, now)
    call_off(booking)
    assert erasure.complete_restrictions(now=now + DAY) == 1
    assert erasure.finish_due(now=now.replace(year=2070)) == 0
    she = fresh(patient)
    assert (she.is_sealed, she.sealed_until, she.person.vault_key.is_destroyed) == (True, None, False)
    holds.release(hold.public_id, reason=HoldEnd.SETTLED, note="调解书已生效履行", by=officer, now=now + DAY)
    assert erasure.finish_due(now=now + 2 * DAY) == 0, "she asked for no deletion"
    assert erasure.finish_due(now=now.replace(year=2070)) == 1, "a seal without an end ends with the period"
    assert fresh(patient).person.vault_key.is_destroyed
    assert erasure.finish_due(now=now.replace(year=2071)) == 0


def test_a_second_request_is_told_that_the_first_stands(
    patient: Patient, booking: Booking, officer: Staff, now: datetime
) -> None:
    first = asked(patient, RequestKind.RESTRICT, officer, now)
    with pytest.raises(RuleBroken, match=first.number):
        asked(patient, RequestKind.RESTRICT, officer, now)
    decided(first, officer, now)
    answering.answer(first.public_id, by=officer, now=now)
    with pytest.raises(RuleBroken, match="起限制处理：可选用途已经停止"):
        asked(patient, RequestKind.RESTRICT, officer, now + DAY)
    copy = asked(patient, RequestKind.COPY, officer, now + DAY)
    assert copy.status == "received", "her other rights stay"


def test_a_deletion_may_follow_a_restriction(
    patient: Patient, booking: Booking, officer: Staff, now: datetime
) -> None:
    consents.give(patient, "marketing", now=now)
    answered(patient, RequestKind.RESTRICT, officer, now)
    request = asked(patient, RequestKind.DELETE, officer, now + DAY)
    with pytest.raises(RuleBroken, match="还有未结束的事项"):
        decided(request, officer, now + DAY)
    call_off(booking)
    erasure.carry_out(fresh(patient), now=now + DAY)
    assert fresh(patient).person.vault_key.is_destroyed


def test_nobody_asks_for_what_was_stopped_and_everything_may_be_taken_back(
    patient: Patient, booking: Booking, officer: Staff, now: datetime
) -> None:
    consents.give(patient, "marketing", now=now)
    answered(patient, RequestKind.RESTRICT, officer, now)
    she = fresh(patient)
    assert {ask.purpose.code for ask in pending_asks(she, now)} <= {"care.health", "image.clinical"}
    with pytest.raises(RuleBroken, match="停止使用；本人要求恢复之后"):
        consents.give(she, "marketing", now=now)
    with pytest.raises(RuleBroken, match="停止使用；本人要求恢复之后"):
        consents.show(she, "automated", now=now)
    consents.give(she, "care.health", now=now)
    assert has_consent(she, "care.health", now)
    consents.withdraw(she, "marketing", now=now)
    chips = {chip.code: chip.state for chip in consent_chips(she, now)}
    assert chips["marketing"] == ChipState.WITHDRAWN


def test_taking_it_off_brings_back_what_was_agreed_to(
    patient: Patient, booking: Booking, officer: Staff, now: datetime
) -> None:
    consents.give(patient, "marketing", now=now)
    request = answered(patient, RequestKind.RESTRICT, officer, now)
    answering.resume(request.public_id, by=officer, now=now + DAY)
    she = fresh(patient)
    assert not she.is_restricted
    assert has_consent(she, "marketing", now + DAY)
    call_off(booking)
    assert erasure.complete_restrictions(now=now + 2 * DAY) == 0
    with pytest.raises(RuleBroken, match="没有可以恢复的限制"):
        answering.resume(request.public_id, by=officer, now=now + 2 * DAY)
    assert Entry.objects.filter(action__in=["privacy.erasure.lifted", "privacy.request.resumed"]).count() == 2


def test_a_seal_takes_two_people_to_lift(patient: Patient, officer: Staff, now: datetime) -> None:
    request = answered(patient, RequestKind.RESTRICT, officer, now)
    assert fresh(patient).is_sealed
    with pytest.raises(RuleBroken, match="封存资料"):
        answering.resume(request.public_id, by=officer, now=now + DAY)


def test_the_answer_reaches_her_and_an_advertisement_does_not(
    patient: Patient, booking: Booking, officer: Staff, now: datetime
) -> None:
    consents.give(patient, "marketing", now=now)
    advert = Template.objects.get(code="greeting.birthday")
    words = dict.fromkeys(messages.places_of(advert.code), "颐美")
    before = messages.send(advert.code, patient=patient, params=words, key="before", now=now)
    assert before.status == MessageStatus.QUEUED
    answered(patient, RequestKind.RESTRICT, officer, now)
    batches.deliver_some(list(Message.objects.values_list("public_id", flat=True)), now=now)
    before.refresh_from_db()
    assert (before.status, before.reason) == ("refused", "本人已要求限制处理，这个用途已经停止。")
    after = messages.send(advert.code, patient=fresh(patient), params=words, key="after", now=now)
    assert after.status == MessageStatus.REFUSED
    told = Message.objects.get(template__code="request.answered")
    assert told.status == MessageStatus.SENT


def test_a_backup_that_is_put_back_is_restricted_again(
    patient: Patient, booking: Booking, now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        erasure.restrict(patient, now=now)
    Patient.objects.update(restricted_at=None)
    forget_ledger_rows()
    assert restoring.catch_up(now=now + DAY) == 1
    she = fresh(patient)
    assert (she.restricted_at, she.is_sealed) == (now, False)
    assert Erasure.objects.get().is_restriction
    assert restoring.catch_up(now=now + DAY) == 0
    call_off(booking)
    assert erasure.complete_restrictions(now=now + DAY) == 1


def test_a_backup_does_not_restrict_again_who_took_it_off(
    patient: Patient, booking: Booking, now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        erasure.restrict(patient, now=now)
        erasure.lift(fresh(patient), now=now + DAY)
    forget_ledger_rows()
    restoring.catch_up(now=now + 2 * DAY)
    assert not fresh(patient).is_restricted


def test_the_database_knows_no_seal_without_a_restriction(patient: Patient, now: datetime) -> None:
    with pytest.raises(IntegrityError, match="patient_sealed_is_restricted"), transaction.atomic():
        Patient.objects.filter(pk=patient.pk).update(sealed_at=now)
