"""A dispute, an order or a complaint holds everything back; what waited completes by itself."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.people import AlertFactory, PatientFactory, StaffFactory
from tests.factories.ui import sign_in
from tests.privacy.test_requests import answered, asked, decided, visited
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.models import Campus
from yimei.people.models import Patient, Staff
from yimei.people.queries import search
from yimei.privacy.actions import erasure, holds, unsealings
from yimei.privacy.actions.requests import answering
from yimei.privacy.enums import Decision, HoldEnd, HoldKind, RequestKind, RequestStatus, UnsealReason
from yimei.privacy.models import Erasure, LegalHold, Outcome
from yimei.privacy.queries import holds as queries
from yimei.privacy.queries.erasure import plan

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def officer(campus: Campus) -> Staff:
    return StaffFactory(role="privacy", campus=campus)


@pytest.fixture
def patient(campus: Campus) -> Patient:
    return PatientFactory(campus=campus, registered=True)


def sealed(patient: Patient, by: Staff, now: datetime, kind: HoldKind = HoldKind.SEALING) -> LegalHold:
    words = {"ground": "医疗纠纷，患方申请封存", "parties": "患方王某，院方李某"}
    return holds.open_for(patient.file_no or "", kind=kind, **words, by=by, now=now)


def test_a_deletion_waits_for_the_dispute_and_completes_by_itself(
    patient: Patient, officer: Staff, now: datetime
) -> None:
    name = patient.person.name
    hold = sealed(patient, officer, now)
    request = answered(patient, RequestKind.DELETE, officer, now)
    assert request.decision == Decision.PARTLY
    assert set(Outcome.objects.filter(request=request).values_list("outcome", flat=True)) <= {"held", "kept"}
    waiting = Patient.objects.with_person().get()
    assert (waiting.is_sealed, waiting.sealed_until) == (True, None)
    assert waiting.person.name == name
    assert search(name, by=officer) == []
    assert erasure.finish_due(now=now.replace(year=2070)) == 0
    holds.release(hold.public_id, reason=HoldEnd.SETTLED, note="调解书已生效履行", by=officer, now=now + DAY)
    assert erasure.finish_due(now=now + 2 * DAY) == 1
    assert Patient.objects.with_person().get().person.vault_key.is_destroyed
    assert erasure.finish_due(now=now + 3 * DAY) == 0


def test_after_the_dispute_the_record_is_sealed_for_its_years(
    patient: Patient, officer: Staff, now: datetime
) -> None:
    visited(patient, now - 3 * DAY)
    hold = sealed(patient, officer, now)
    answered(patient, RequestKind.DELETE, officer, now)
    holds.release(hold.public_id, reason=HoldEnd.SETTLED, note="调解书已生效履行", by=officer, now=now + DAY)
    assert erasure.finish_due(now=now + 2 * DAY) == 1
    assert Patient.objects.get().sealed_until == (now - 3 * DAY).date().replace(year=2041)


def test_an_open_complaint_lets_nothing_go(patient: Patient, officer: Staff, now: datetime) -> None:
    complaint = asked(patient, RequestKind.COMPLAIN, officer, now, details="拍照没有告诉我")
    assert plan(patient, now).is_held
    request = decided(asked(patient, RequestKind.DELETE, officer, now), officer, now)
    assert {line.outcome for line in Outcome.objects.filter(request=request)} <= {"held", "kept"}
    decided(complaint, officer, now, reply="已核实并道歉，照片已从设备删除")
    answering.answer(complaint.public_id, by=officer, now=now)
    with pytest.raises(RuleBroken, match="重新决定"):
        answering.answer(request.public_id, by=officer, now=now)


def test_a_period_that_ends_during_a_dispute_takes_nothing(
    patient: Patient, officer: Staff, now: datetime
) -> None:
    visited(patient, now)
    sealed(patient, officer, now, HoldKind.PRESERVATION)
    assert erasure.finish_due(now=now.replace(year=2045)) == 0
    assert not Patient.objects.get().is_sealed


def test_restricting_alone_never_turns_into_deleting(patient: Patient, officer: Staff, now: datetime) -> None:
    hold = sealed(patient, officer, now)
    answered(patient, RequestKind.DELETE, officer, now)
    back_to_life(patient, officer, now + DAY)
    answered(patient, RequestKind.RESTRICT, officer, now + 2 * DAY)
    holds.release(
        hold.public_id, reason=HoldEnd.SETTLED, note="调解书已生效履行", by=officer, now=now + 3 * DAY
    )
    assert erasure.finish_due(now=now + 4 * DAY) == 0


def back_to_life(patient: Patient, officer: Staff, now: datetime) -> None:
    asked_for = unsealings.ask(
        patient.file_no or "",
        reason=UnsealReason.PERSON,
        text="本人回院就诊，要求恢复档案",
        by=officer,
        now=now,
    )
    director = StaffFactory(role="director", campus=patient.campus)
    unsealings.judge(asked_for.public_id, is_granted=True, by=director, now=now)
    unsealings.resume(asked_for.public_id, by=officer, now=now)


def test_who_comes_back_is_found_again_and_the_end_moves_with_the_new_visit(
    patient: Patient, officer: Staff, now: datetime
) -> None:
    visited(patient, now - 3 * DAY)
    answered(patient, RequestKind.DELETE, officer, now)
    back_to_life(patient, officer, now + DAY)
    assert search(patient.person.name, by=officer) == [patient]
    visited(patient, now + 9 * DAY)
    answered(patient, RequestKind.DELETE, officer, now + 10 * DAY)
    assert Patient.objects.get().sealed_until == (now + 9 * DAY).date().replace(year=2041)


def test_a_restore_does_not_seal_again_who_came_back(patient: Patient, officer: Staff, now: datetime) -> None:
    visited(patient, now - 3 * DAY)
    answered(patient, RequestKind.DELETE, officer, now)
    back_to_life(patient, officer, now + DAY)
    assert erasure.reapply(now=now + 2 * DAY) == 0
    assert not Patient.objects.get().is_sealed
    assert list(Erasure.objects.values_list("is_lifted", flat=True)) == [False, True]


def test_only_the_persons_own_wish_takes_the_seal_off(
    patient: Patient, officer: Staff, now: datetime
) -> None:
    visited(patient, now - 3 * DAY)
    answered(patient, RequestKind.DELETE, officer, now)
    claim = unsealings.ask(
        patient.file_no or "",
        reason=UnsealReason.CLAIM,
        text="法院调取函 123 号，须手术记录",
        by=officer,
        now=now,
    )
    director = StaffFactory(role="director", campus=patient.campus)
    unsealings.judge(claim.public_id, is_granted=True, by=director, now=now)
    with pytest.raises(RuleBroken, match="本人请求"):
        unsealings.resume(claim.public_id, by=officer, now=now)
    with pytest.raises(NotFound):
        unsealings.resume(claim.public_id, by=director, now=now)


@pytest.mark.slow(reason="digests a whole chart three times and prints its list")
def test_the_list_says_what_was_there_and_what_came_later(
    patient: Patient, officer: Staff, now: datetime
) -> None:
    AlertFactory(patient=patient, text="青霉素过敏")
    hold = sealed(patient, officer, now)
    assert "青霉素" not in str(hold.manifest)
    assert all(item.is_same for item in queries.items_of(hold))
    AlertFactory(patient=patient, text="怀孕")
    changed = {item.title for item in queries.items_of(hold) if not item.is_same}
    assert changed == {"安全提示"}
    assert holds.print_sheet(hold.public_id, by=officer, now=now).startswith(b"%PDF")
    assert hold.manifest_sha256 == queries.digest_of(hold.manifest)


def test_a_hold_is_opened_once_and_only_by_the_officer(
    patient: Patient, officer: Staff, now: datetime
) -> None:
    sealed(patient, officer, now)
    with pytest.raises(RuleBroken, match="已有进行中"):
        sealed(patient, officer, now)
    with pytest.raises(NotFound):
        sealed(patient, StaffFactory(role="nurse", campus=patient.campus), now, HoldKind.INQUIRY)
    with pytest.raises(RuleBroken, match="档案号"):
        holds.open_for(
            "ZX99999999",
            kind=HoldKind.SEALING,
            ground="医疗纠纷，患方申请",
            parties="患方王某，院方李某",
            by=officer,
            now=now,
        )


def test_a_hold_is_released_once_with_a_reason(patient: Patient, officer: Staff, now: datetime) -> None:
    hold = sealed(patient, officer, now)
    with pytest.raises(RuleBroken, match="2029-06-16"):
        holds.release(hold.public_id, reason=HoldEnd.LAPSED, note="三年无请求开启", by=officer, now=now + DAY)
    holds.release(hold.public_id, reason=HoldEnd.SETTLED, note="调解书已生效履行", by=officer, now=now)
    with pytest.raises(RuleBroken, match="已经解除"):
        holds.release(hold.public_id, reason=HoldEnd.SETTLED, note="调解书已生效履行", by=officer, now=now)


@pytest.mark.slow(reason="sets a copy of all that is known")
def test_a_copy_handed_out_before_is_revoked_by_a_deletion_that_only_seals(
    patient: Patient, officer: Staff, now: datetime
) -> None:
    visited(patient, now - 3 * DAY)
    copy = answered(patient, RequestKind.COPY, officer, now)
    path = copy.package and copy.package.path
    assert path
    answered(patient, RequestKind.DELETE, officer, now)
    copy.refresh_from_db()
    assert copy.package_expires_at == now
    assert copy.status == RequestStatus.ANSWERED


@pytest.mark.slow(reason="sets the sheet that both sides sign")
def test_the_screen_seals_prints_and_releases(
    client: Client, patient: Patient, officer: Staff, now: datetime
) -> None:
    desk = sign_in(client, officer)
    words = {"file_no": patient.file_no, "kind": "sealing", "ground": "纠纷", "parties": "患方王某，院方李某"}
    assert desk.post(reverse("desk:holds"), words).status_code == 422
    response = desk.post(reverse("desk:holds"), {**words, "ground": "医疗纠纷，患方申请封存"})
    assert response.status_code == 302
    hold = LegalHold.objects.get()
    assert hold.number in desk.get(reverse("desk:holds")).content.decode()
    page = desk.get(reverse("desk:hold", args=[hold.public_id])).content.decode()
    assert "与封存时一致" in page
    assert desk.get(reverse("desk:hold-sheet", args=[hold.public_id])).content.startswith(b"%PDF")
    end = {"release_reason": "lapsed", "release_note": "三年内没有争议请求"}
    assert desk.post(reverse("desk:hold", args=[hold.public_id]), end).status_code == 422
    end = {"release_reason": "settled", "release_note": "调解书已生效履行"}
    assert desk.post(reverse("desk:hold", args=[hold.public_id]), end).status_code == 302
    assert "没有进行中" in desk.get(reverse("desk:holds")).content.decode()
    director = StaffFactory(role="director", campus=patient.campus)
    reader = sign_in(Client(), director)
    assert reader.post(reverse("desk:holds"), words).status_code == 200
    assert LegalHold.objects.count() == 1
