"""Two files of one person: suspected, judged, joined, found again by every word, parted as they were."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.hospital import CampusFactory
from tests.factories.people import (
    AlertFactory,
    CareRelationFactory,
    GuardianFactory,
    PatientFactory,
    StaffFactory,
    broken_glass,
)
from yimei.audit.models import Entry
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.people import queries
from yimei.people.access import may_see_clinical, open_patient
from yimei.people.actions import care, merges, pairs, patients
from yimei.people.enums import CareReason, Doubt, PairDecision, PairSource, SourceKind
from yimei.people.models import CareRelation, DuplicatePair, Merge, Patient, SearchToken, Staff
from yimei.people.queries import merges as read
from yimei.people.roles import Permission, Scope

pytestmark = pytest.mark.django_db

WHY = "身份证与本人核对一致"


def two_files(**given: Any) -> tuple[Staff, Patient, Patient]:
    """A registered file, and a call under another number by the same woman."""
    by = StaffFactory(role="reception")
    kept = PatientFactory(campus=by.campus, registered=True)
    return by, kept, PatientFactory(campus=by.campus, **given)


def join(kept: Patient, absorbed: Patient, *, by: Staff, now: datetime) -> Merge:
    pair = pairs.propose(kept.public_id, absorbed.public_id, by=by, now=now)
    return merges.ask(pair.public_id, kept_id=kept.public_id, reason=WHY, by=by, now=now)


def undo(merge: Merge, *, by: Staff, now: datetime, is_different: bool = True) -> Merge:
    return merges.undo(merge.public_id, reason="并错了人", is_different=is_different, by=by, now=now)


def fresh(patient: Patient) -> Patient:
    return Patient.objects.with_person().get(pk=patient.pk)


def test_a_call_from_somebody_known_puts_the_pair_down(now: datetime) -> None:
    by = StaffFactory(role="reception")
    known = PatientFactory(campus=by.campus, registered=True)
    new = patients.create(
        name="林小雨", phone="12000000888", source=SourceKind.PHONE, campus=by.campus, by=by, at=now
    )
    assert not DuplicatePair.objects.exists(), "只是同音，不足以打扰"
    patients.register(
        new.public_id, phone=known.person.phone, by=by, at=now, birth_date=date(1995, 3, 8), sex="F"
    )
    pair = DuplicatePair.objects.get()
    assert (pair.one, pair.two, pair.source) == (known, new, PairSource.ENTRY)
    assert read.pairs(by).get() == pair
    assert pair.probability is not None
    assert pair.probability > 0.9


def test_a_couple_on_one_telephone_is_not_put_down(now: datetime) -> None:
    by = StaffFactory(role="reception")
    wife = PatientFactory(campus=by.campus)
    patients.create(
        name="陈建国",
        phone=wife.person.phone,
        source=SourceKind.PHONE,
        campus=by.campus,
        by=by,
        at=now,
        sex="M",
    )
    assert not DuplicatePair.objects.exists()


def test_one_file_is_joined_to_the_other_and_nothing_is_moved(now: datetime) -> None:
    by, kept, absorbed = two_files()
    alert = AlertFactory(patient=absorbed)
    merge = join(kept, absorbed, by=by, now=now)
    assert (merge.made_at, merge.needs_second, merge.doubts) == (now, False, [])
    assert fresh(absorbed).merged_into == kept
    alert.refresh_from_db()
    assert alert.patient == absorbed
    assert alert.text == "青霉素"
    assert DuplicatePair.objects.get().decision == PairDecision.SAME
    lines = Entry.objects.filter(action="people.merge.make")
    keys = {kept.person.vault_key.public_id, absorbed.person.vault_key.public_id}
    assert set(lines.values_list("subject_key", flat=True)) == keys


@pytest.mark.parametrize("which", ["kept", "absorbed"])
def test_files_of_somebody_who_restricted_her_data_are_neither_joined_nor_parted(
    which: str, now: datetime
) -> None:
    by, kept, absorbed = two_files()
    merge = join(kept, absorbed, by=by, now=now)
    one = Patient.objects.filter(pk={"kept": kept, "absorbed": absorbed}[which].pk)
    one.update(restricted_at=now)
    with pytest.raises(RuleBroken, match="限制处理，不能撤销并档"):
        undo(merge, by=by, now=now)
    one.update(restricted_at=None)
    undo(merge, by=by, now=now, is_different=False)
    one.update(restricted_at=now)
    assert not read.pairs(by).exists()
    with pytest.raises(RuleBroken, match="限制处理或删除，不能并档"):
        join(fresh(kept), fresh(absorbed), by=by, now=now)


def test_what_joined_her_files_is_read_in_one_query_until_there_is_something(
    now: datetime, django_assert_num_queries: Any
) -> None:
    by, kept, absorbed = two_files()
    with django_assert_num_queries(1) as asked:
        assert read.merges_of(kept) == []
    assert " JOIN " not in asked[0]["sql"]
    merge, joined = join(kept, absorbed, by=by, now=now), fresh(absorbed)
    with django_assert_num_queries(4):
        (found,) = read.merges_of(joined)
        said = (found.kept.file_no, found.absorbed.file_no, found.asked_by.name)
    assert found == merge
    assert said == (kept.file_no, absorbed.file_no, by.name)


def test_every_word_of_either_file_finds_the_kept_one(now: datetime) -> None:
    by, kept, absorbed = two_files(person__name="林小雨", person__id_no="11010519491231002X")
    numbers = kept.person.phone, absorbed.person.phone
    join(kept, absorbed, by=by, now=now)
    for word in (*numbers, numbers[1][-4:], "林晓雨", "林小", "11010519491231002X"):
        assert queries.search(word, by=by) == [kept], word
    assert [one.public_id for one in queries.possible_duplicates(numbers[1], "", "", by=by)] == [
        kept.public_id
    ]
    assert queries.find_exact(numbers[1], by=StaffFactory(role="nurse")) == kept
    assert not queries.shares_number(fresh(absorbed))


def test_parted_files_are_found_each_by_its_own_words_again(now: datetime) -> None:
    by, kept, absorbed = two_files(person__name="林小雨")
    before = set(SearchToken.objects.values_list("person", "kind", "token", "campus"))
    merge = join(kept, absorbed, by=by, now=now)
    assert set(SearchToken.objects.values_list("person", "kind", "token", "campus")) != before
    undo(merge, by=by, now=now)
    assert set(SearchToken.objects.values_list("person", "kind", "token", "campus")) == before
    assert fresh(absorbed).merged_into is None
    assert DuplicatePair.objects.get().decision == PairDecision.DIFFERENT
    assert Entry.objects.filter(action="people.merge.undo").count() == 2


def test_other_campuses_find_the_person_by_their_own_words(now: datetime) -> None:
    officer, there = StaffFactory(role="privacy"), StaffFactory(role="reception", campus=CampusFactory())
    kept, absorbed = PatientFactory(registered=True), PatientFactory(campus=there.campus)
    assert kept.campus != absorbed.campus
    join(kept, absorbed, by=officer, now=now)
    assert queries.search(absorbed.person.phone, by=there) == [kept]
    assert open_patient(kept.public_id, by=there) == kept
    stranger = StaffFactory(role="reception", campus=CampusFactory())
    with pytest.raises(NotFound):
        open_patient(kept.public_id, by=stranger)


def test_safety_flags_of_both_count_for_both(now: datetime) -> None:
    by, kept, absorbed = two_files()
    nurse = StaffFactory(role="nurse", campus=by.campus)
    AlertFactory(patient=absorbed), AlertFactory(patient=kept, text="阿司匹林")
    merge = join(kept, absorbed, by=by, now=now)
    for patient in (kept, absorbed):
        told = {alert.text for alert in queries.open_alerts(fresh(patient), by=nurse, now=now)}
        assert told == {"青霉素", "阿司匹林"}
    undo(merge, by=by, now=now)
    assert [alert.text for alert in queries.open_alerts(fresh(kept), by=nurse, now=now)] == ["阿司匹林"]


def test_the_age_on_the_kept_papers_counts_for_both(now: datetime) -> None:
    by, kept, absorbed = two_files(person__birth_date=None, person__phone="+8612000000777")
    kept.person.phone = absorbed.person.phone
    kept.person.save(update_fields=["phone"])
    day = now.date()
    assert queries.needs_guardian(absorbed, day)
    join(kept, absorbed, by=by, now=now)
    assert not queries.needs_guardian(fresh(absorbed), day)
    assert fresh(absorbed).is_registered


def test_a_guardian_in_either_file_answers_for_the_person(now: datetime) -> None:
    minor = date(2012, 1, 1)
    by, kept, absorbed = two_files(person__birth_date=minor)
    kept.person.birth_date = minor
    kept.person.save(update_fields=["birth_date"])
    guardian = GuardianFactory(patient=absorbed)
    join(kept, absorbed, by=by, now=now)
    assert queries.guardians_of(fresh(kept)) == [guardian]
    assert queries.proved_guardians(fresh(kept)).get() == guardian


def test_who_cares_for_one_file_cares_for_the_person_and_only_while_they_are_one(now: datetime) -> None:
    by, kept, absorbed = two_files()
    surgeon, online = StaffFactory(role="surgeon", campus=by.campus), StaffFactory(role="online")
    CareRelationFactory(patient=kept, staff=surgeon, reason=CareReason.SURGEON)
    CareRelationFactory(patient=absorbed, staff=online, reason=CareReason.ONLINE)
    merge = join(kept, absorbed, by=by, now=now)
    assert may_see_clinical(surgeon, fresh(absorbed), now)
    assert open_patient(kept.public_id, by=online) == kept
    later = StaffFactory(role="surgeon", campus=by.campus)
    care.begin(fresh(kept), staff=later, reason=CareReason.SURGEON, at=now)
    assert may_see_clinical(later, fresh(absorbed), now)
    care.end(fresh(kept), staff=later, reason=CareReason.SURGEON, at=now)
    assert not may_see_clinical(later, fresh(absorbed), now)
    care.begin(fresh(kept), staff=online, reason=CareReason.ONLINE, at=now)
    undo(merge, by=by, now=now)
    assert not may_see_clinical(surgeon, fresh(absorbed), now)
    assert open_patient(kept.public_id, by=online) == kept, "给保留档案的照护关系留在它上面"
    assert set(CareRelation.objects.filter(until=None).values_list("patient", "staff")) == {
        (kept.pk, surgeon.pk),
        (absorbed.pk, online.pk),
        (kept.pk, online.pk),
    }


def test_three_files_share_care_and_part_one_by_one(now: datetime) -> None:
    by, kept, second = two_files()
    third = PatientFactory(campus=by.campus)
    first_nurse, other = StaffFactory(role="surgeon"), StaffFactory(role="surgeon")
    CareRelationFactory(patient=second, staff=first_nurse, reason=CareReason.TEAM)
    CareRelationFactory(patient=third, staff=other, reason=CareReason.TEAM)
    one, two = join(kept, second, by=by, now=now), join(kept, third, by=by, now=now)
    open_ones = CareRelation.objects.filter(until=None)
    assert open_ones.count() == 6
    undo(one, by=by, now=now)
    assert set(open_ones.values_list("patient", "staff")) == {
        (second.pk, first_nurse.pk),
        (third.pk, other.pk),
        (kept.pk, other.pk),
    }
    undo(two, by=by, now=now)
    assert open_ones.count() == 2


def test_an_emergency_look_at_one_file_is_one_at_the_person(now: datetime) -> None:
    by, kept, absorbed = two_files()
    surgeon = StaffFactory(role="surgeon", campus=by.campus)
    broken_glass(kept, by=surgeon, now=now)
    assert not may_see_clinical(surgeon, absorbed, now)
    join(kept, absorbed, by=by, now=now)
    assert may_see_clinical(surgeon, fresh(absorbed), now)


def test_contradictions_wait_for_a_second_person(now: datetime) -> None:
    by, kept, absorbed = two_files(person__sex="M", person__birth_date=date(1995, 3, 9))
    merge = join(kept, absorbed, by=by, now=now)
    assert (merge.made_at, merge.doubts) == (None, [Doubt.SEX, Doubt.BIRTH, Doubt.WEAK])
    assert fresh(absorbed).merged_into is None
    assert not read.pairs(by).exists(), "等待核准的不再列出"
    with pytest.raises(RuleBroken, match="另一位"):
        merges.approve(merge.public_id, by=by, now=now)
    with pytest.raises(Conflict, match="已经提出并档"):
        pairs.decide(merge.pair.public_id, decision="different", reason="", by=by, now=now)
    second = StaffFactory(role="reception", campus=by.campus)
    assert read.waiting_count(second) == 1
    assert merges.approve(merge.public_id, by=second, now=now).approved_by == second
    assert fresh(absorbed).merged_into == kept
    with pytest.raises(Conflict):
        merges.approve(merge.public_id, by=second, now=now)


def test_a_second_person_may_send_it_back(now: datetime) -> None:
    by, kept, absorbed = two_files(person__sex="M")
    merge = join(kept, absorbed, by=by, now=now)
    second = StaffFactory(role="reception", campus=by.campus)
    merges.refuse(merge.public_id, is_different=True, by=second, now=now)
    assert DuplicatePair.objects.get().decision == PairDecision.DIFFERENT
    with pytest.raises(Conflict):
        merges.approve(merge.public_id, by=second, now=now)


def test_different_is_remembered_and_never_offered_again(now: datetime) -> None:
    by, kept, absorbed = two_files()
    pair = pairs.propose(kept.public_id, absorbed.public_id, by=by, now=now)
    pairs.decide(pair.public_id, decision="later", reason="等本人来院", by=by, now=now)
    assert not read.pairs(by).exists()
    assert read.pairs(by, decision="later").get() == pair
    pairs.decide(pair.public_id, decision="different", reason="母女", by=by, now=now)
    found = [pairs.Found(absorbed.pk, kept.pk, 0.99, [])]
    assert pairs.offer(found, at=now) == 0
    assert not read.pairs(by).exists()
    pair.refresh_from_db()
    assert (pair.decision, pair.reason, pair.decided_by) == (PairDecision.DIFFERENT, "母女", by)


def test_the_same_pair_is_offered_once_whichever_way_round(now: datetime) -> None:
    by, kept, absorbed = two_files()
    evidence: list[list[str | float]] = [["name", "same", 9.5]]
    both = [
        pairs.Found(kept.pk, absorbed.pk, 0.9, evidence),
        pairs.Found(absorbed.pk, kept.pk, 0.9, evidence),
    ]
    assert (pairs.offer(both, at=now), pairs.offer(both, at=now)) == (1, 0)
    shown = read.compared(read.pairs(by).get())
    assert (shown.probability, shown.evidence[0].bits) == (0.9, 9.5)
    assert shown.kept_id == kept.pk


def test_a_file_is_joined_once_and_one_step_far(now: datetime) -> None:
    by, kept, absorbed = two_files()
    third = PatientFactory(campus=by.campus, registered=True)
    join(kept, absorbed, by=by, now=now)
    with pytest.raises(Conflict):
        join(third, absorbed, by=by, now=now)
    with pytest.raises(Conflict):
        join(absorbed, third, by=by, now=now)
    with pytest.raises(RuleBroken) as refused:
        join(third, kept, by=by, now=now)
    assert "已有别的档案并入" in refused.value.missing[0].what


@pytest.mark.parametrize("chain", ["self", "onward", "followed"])
def test_the_database_knows_no_chains(chain: str, now: datetime) -> None:
    by, kept, absorbed = two_files()
    third = PatientFactory(campus=by.campus)
    join(kept, absorbed, by=by, now=now)
    row, target = {
        "self": (third, third),
        "onward": (third, absorbed),
        "followed": (kept, third),
    }[chain]
    with pytest.raises(IntegrityError), transaction.atomic():
        Patient.objects.filter(pk=row.pk).update(merged_into=target, merged_at=now)


def test_identity_is_written_in_the_kept_file_only(now: datetime) -> None:
    by, kept, absorbed = two_files()
    join(kept, absorbed, by=by, now=now)
    for refused in (
        lambda: patients.correct(absorbed.public_id, name="王芳", by=by, at=now),
        lambda: patients.register(absorbed.public_id, by=by, at=now),
        lambda: patients.set_vip(absorbed.public_id, is_vip=True, by=by, at=now),
        lambda: patients.assign(absorbed.public_id, by=by, at=now),
    ):
        with pytest.raises(RuleBroken, match=str(kept.file_no)):
            refused()
    patients.correct(kept.public_id, phone="12000000999", by=by, at=now)
    assert queries.search("12000000999", by=by) == [kept]
    assert queries.search(absorbed.person.phone, by=by) == [kept], "更正不丢并入档案的检索词"


def test_the_number_of_the_joined_file_may_be_given_to_the_kept_one(now: datetime) -> None:
    by, kept, absorbed = two_files(person__id_no="11010519491231002X", person__birth_date=date(1949, 12, 31))
    kept.person.birth_date = date(1949, 12, 31)
    kept.person.save(update_fields=["birth_date"])
    merge = join(kept, absorbed, by=by, now=now)
    patients.correct(kept.public_id, id_no="11010519491231002X", by=by, at=now)
    with pytest.raises(RuleBroken, match="证件号"):
        undo(merge, by=by, now=now)


def test_who_does_not_reach_both_files_joins_nothing(now: datetime) -> None:
    by, kept, _absorbed = two_files()
    elsewhere = PatientFactory()
    with pytest.raises(NotFound):
        pairs.propose(kept.public_id, elsewhere.public_id, by=by, now=now)
    pairs.offer([pairs.Found(kept.pk, elsewhere.pk, 0.9, [])], at=now)
    pair = DuplicatePair.objects.get()
    assert not read.pairs(by).exists()
    for refused in (
        lambda: merges.ask(pair.public_id, kept_id=kept.public_id, reason=WHY, by=by, now=now),
        lambda: pairs.decide(pair.public_id, decision="later", reason="", by=by, now=now),
    ):
        with pytest.raises(NotFound):
            refused()
    with pytest.raises(NotFound):
        join(kept, elsewhere, by=StaffFactory(role="consultant"), now=now)


def test_a_stranger_to_the_pair_cannot_be_forged_in(now: datetime) -> None:
    by, kept, absorbed = two_files()
    third = PatientFactory(campus=by.campus)
    pair = pairs.propose(kept.public_id, absorbed.public_id, by=by, now=now)
    for forged in (third.public_id, uuid4()):
        with pytest.raises(NotFound):
            merges.ask(pair.public_id, kept_id=forged, reason=WHY, by=by, now=now)


def test_two_merges_in_opposite_directions_leave_one(now: datetime) -> None:
    by, kept, absorbed = two_files()
    absorbed = PatientFactory(campus=by.campus, registered=True)
    pair = pairs.propose(kept.public_id, absorbed.public_id, by=by, now=now)
    merges.ask(pair.public_id, kept_id=kept.public_id, reason=WHY, by=by, now=now)
    with pytest.raises(Conflict, match="刚刚并入"):
        merges.ask(pair.public_id, kept_id=absorbed.public_id, reason=WHY, by=by, now=now)


def test_a_role_that_reaches_the_whole_group_may_join_across_campuses(now: datetime) -> None:
    by = StaffFactory(role="privacy")
    assert by.scope_of(Permission.PATIENT_MERGE) == Scope.GROUP
    kept, absorbed = PatientFactory(registered=True), PatientFactory()
    assert join(kept, absorbed, by=by, now=now).made_at == now


@pytest.mark.slow(reason="forty sequences of joining and parting")
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.booleans()), max_size=8))
def test_whatever_is_joined_and_parted_all_is_as_it_was(
    steps: list[tuple[int, int, bool]], now: datetime
) -> None:
    """After parting everything: the same tokens, the same open care, no link left."""
    with transaction.atomic():
        by = StaffFactory(role="reception")
        files = [PatientFactory(campus=by.campus, registered=True) for _ in range(3)]
        for file in files:
            CareRelationFactory(patient=file, staff=StaffFactory(role="surgeon"), reason=CareReason.TEAM)
        before = _state(files)
        for one, two, is_join in steps:
            try:
                with transaction.atomic():
                    if is_join:
                        join(files[one], files[two], by=by, now=now)
                    elif merge := Merge.objects.standing().filter(absorbed=files[one]).first():
                        undo(merge, by=by, now=now, is_different=False)
            except RuleBroken:
                pass
            links = dict(Patient.objects.filter(merged_into__isnull=False).values_list("pk", "merged_into"))
            assert not set(links) & set(links.values())
        for merge in Merge.objects.standing():
            undo(merge, by=by, now=now)
        assert _state(files) == before
        transaction.set_rollback(True)


def _state(files: list[Patient]) -> object:
    people = [file.person_id for file in files]
    return (
        set(SearchToken.objects.filter(person__in=people).values_list("person", "token", "campus")),
        set(CareRelation.objects.filter(until=None).values_list("patient", "staff", "reason", "merge")),
        list(Patient.objects.filter(merged_into__isnull=False)),
    )
