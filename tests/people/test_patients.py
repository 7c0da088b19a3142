"""Pre-registration, file, correction, ownership, duplicates and revealing a number."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

import pytest

from tests.factories.hospital import CampusFactory
from tests.factories.people import CareRelationFactory, PatientFactory, StaffFactory
from yimei.audit.models import Entry
from yimei.core.errors import NotFound, RuleBroken
from yimei.people import queries
from yimei.people.actions import patients
from yimei.people.enums import CareReason, RevealPurpose, Sex, SourceKind, TokenKind
from yimei.people.models import Patient, SearchToken, Staff
from yimei.people.roles import Permission, Scope
from yimei.vault import keys

pytestmark = pytest.mark.django_db

ID_NO = "11010519491231002X"


def call(by: Staff, at: datetime, **given: Any) -> Patient:
    values: dict[str, Any] = {
        "name": "林晓雨",
        "phone": "120 0000 0001",
        "source": SourceKind.PHONE,
        "campus": by.campus,
    }
    return patients.create(**{**values, **given}, by=by, at=at)


def last_entry() -> Entry:
    entry = Entry.objects.order_by("-seq").first()
    assert entry is not None
    return entry


def test_a_call_becomes_a_patient_without_a_file_number(now: datetime) -> None:
    by = StaffFactory(role="reception")
    patient = call(by, now)
    assert patient.person.name == "林晓雨"
    assert patient.person.phone == "+8612000000001"
    assert patient.file_no is None
    assert not patient.is_registered
    assert not patient.care_relations.exists()
    entry = last_entry()
    assert (entry.action, entry.subject_key) == ("people.patient.create", patient.person.vault_key.public_id)


def test_who_answers_the_call_owns_the_customer(now: datetime) -> None:
    by = StaffFactory(role="online")
    patient = call(by, now)
    assert patient.online == by
    assert patient.care_relations.get().reason == CareReason.ONLINE
    assert queries.search("林晓雨", by=by) == [patient]


def test_a_consultant_who_may_register_owns_whom_she_writes_down(now: datetime) -> None:
    by = StaffFactory(role="consultant")
    by.role.grants.create(permission=Permission.PATIENT_WRITE, scope=Scope.OWN)
    patient = call(Staff.objects.get(pk=by.pk), now, online=StaffFactory(role="online"))
    assert patient.consultant == by
    assert {r.reason for r in patient.care_relations.all()} == {CareReason.ONLINE, CareReason.CONSULTANT}


def test_an_identity_number_fills_birth_date_and_sex(now: datetime) -> None:
    person = call(StaffFactory(), now, id_no=ID_NO.lower()).person
    person.refresh_from_db()
    assert (person.id_no, person.birth_date, person.sex) == (ID_NO, date(1949, 12, 31), Sex.FEMALE)


def test_nothing_readable_lies_in_the_tables(now: datetime) -> None:
    from django.db import connection

    patient = call(StaffFactory(), now, id_no=ID_NO)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, phone, id_no, birth_date FROM people_person WHERE id = %s", [patient.person_id]
        )
        sealed = b"".join(bytes(value) for value in cursor.fetchone())
    for word in ("林晓雨", "12000000001", ID_NO, "1949"):
        assert word.encode() not in sealed
    assert all(len(bytes(row.token)) == 16 for row in SearchToken.objects.all())


@pytest.mark.parametrize("role", ["surgeon", "cashier", "admin", "director", "auditor"])
def test_without_the_right_nobody_writes_a_customer_down(now: datetime, role: str) -> None:
    with pytest.raises(NotFound):
        call(StaffFactory(role=role), now)
    assert not Patient.objects.exists()


def test_reception_writes_down_customers_of_its_own_campus_only(now: datetime) -> None:
    with pytest.raises(RuleBroken, match="本院区"):
        call(StaffFactory(), now, campus=CampusFactory())


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"birth_date": date(2026, 6, 17)}, "不能晚于今天"),
        ({"id_no": "110105194912310021"}, "校验位"),
        ({"name": "林" * 5_000_000}, "不能超过"),
        ({"phone": "110"}, "电话号码"),
    ],
)
def test_a_refused_call_leaves_no_trace(now: datetime, given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RuleBroken, match=sentence):
        call(StaffFactory(), now, **given)
    assert not Patient.objects.exists()
    assert not SearchToken.objects.exists()


def test_today_is_the_day_in_shanghai(now: datetime) -> None:
    """At 17:00 UTC it is tomorrow in Shanghai: a child born there today has no future birthday."""
    assert call(StaffFactory(), now.replace(hour=17), birth_date=date(2026, 6, 17)).pk


def test_one_identity_number_is_one_customer(now: datetime) -> None:
    by = StaffFactory()
    call(by, now, id_no=ID_NO)
    with pytest.raises(RuleBroken, match="已有客户"):
        call(by, now, id_no=ID_NO)
    other = call(by, now)
    with pytest.raises(RuleBroken, match="已有客户"):
        patients.correct(other.public_id, by=by, at=now, id_no=ID_NO)


def test_registration_gives_the_next_number_of_the_year(now: datetime) -> None:
    by = StaffFactory()
    numbers = []
    for i in range(3):
        patient = call(by, now, phone=f"1200000000{i}", birth_date=date(1990, 1, 1), sex=Sex.FEMALE)
        numbers.append(patients.register(patient.public_id, by=by, at=now).file_no)
    assert numbers == ["ZX2026000001", "ZX2026000002", "ZX2026000003"]
    next_year = call(by, now, name="王芳", birth_date=date(1990, 1, 1), sex=Sex.FEMALE)
    registered = patients.register(
        next_year.public_id, by=by, at=datetime.fromisoformat("2026-12-31T16:00:00Z")
    )
    assert registered.file_no == "ZX2027000001"
    assert queries.search("zx2027000001", by=by) == [registered]


def test_a_file_names_everything_it_lacks_and_uses_up_no_number(now: datetime) -> None:
    by = StaffFactory()
    patient = call(by, now, phone="")
    with pytest.raises(RuleBroken) as refusal:
        patients.register(patient.public_id, by=by, at=now)
    assert [m.what for m in refusal.value.missing] == ["手机", "出生日期", "性别"]
    done = patients.register(patient.public_id, by=by, at=now, phone="12000000001", id_no=ID_NO, is_vip=True)
    assert (done.file_no, done.is_vip) == ("ZX2026000001", True)


def test_a_file_is_opened_once(now: datetime) -> None:
    patient = PatientFactory(registered=True)
    with pytest.raises(RuleBroken, match=patient.file_no):
        patients.register(patient.public_id, by=StaffFactory(campus=patient.campus), at=now)


def test_a_correction_moves_the_words_and_logs_no_values(now: datetime) -> None:
    patient = PatientFactory()
    by = StaffFactory(campus=patient.campus)
    patients.correct(patient.public_id, by=by, at=now, name="𠮷㛃·买买提", phone="12000009999")
    assert queries.search("林晓雨", by=by) == []
    assert queries.search("𠮷㛃", by=by) == [patient]
    assert queries.search("9999", by=by) == [patient]
    entry = last_entry()
    assert entry.fields == ["name", "phone"]
    assert "𠮷" not in str(entry.detail)


def test_a_correction_that_changes_nothing_is_no_event(now: datetime) -> None:
    patient = PatientFactory()
    before = Entry.objects.count()
    patients.correct(patient.public_id, by=StaffFactory(campus=patient.campus), at=now, name="林晓雨")
    assert Entry.objects.count() == before


def test_a_registered_customer_keeps_a_phone(now: datetime) -> None:
    patient = PatientFactory(registered=True)
    with pytest.raises(RuleBroken, match="不能缺少"):
        patients.correct(patient.public_id, by=StaffFactory(campus=patient.campus), at=now, phone="")


def test_a_new_identity_number_outranks_what_was_said_before(now: datetime) -> None:
    patient = PatientFactory(person__birth_date=date(1950, 1, 1))
    by = StaffFactory(campus=patient.campus)
    corrected = patients.correct(patient.public_id, by=by, at=now, id_no=ID_NO)
    assert corrected.person.birth_date == date(1949, 12, 31)


def test_ownership_moves_with_its_care_relation(now: datetime) -> None:
    patient = PatientFactory()
    by = StaffFactory(campus=patient.campus)
    first, second = StaffFactory(role="consultant"), StaffFactory(role="consultant")
    patients.assign(patient.public_id, consultant=first, by=by, at=now)
    assert queries.search("林", by=first) == [patient]
    patients.assign(patient.public_id, consultant=second, by=by, at=now)
    assert queries.search("林", by=first) == []
    assert queries.search("林", by=second) == [patient]
    assert patient.care_relations.filter(until=now).get().staff == first


def test_only_a_clinician_in_service_becomes_the_surgeon(now: datetime) -> None:
    patient = PatientFactory()
    by = StaffFactory(campus=patient.campus)
    with pytest.raises(RuleBroken, match="不是医护人员"):
        patients.assign(patient.public_id, surgeon=StaffFactory(role="cashier"), by=by, at=now)
    gone = StaffFactory(role="surgeon", is_active=False)
    with pytest.raises(RuleBroken, match="已停用"):
        patients.assign(patient.public_id, surgeon=gone, by=by, at=now)


def test_a_reveal_is_logged_with_its_purpose(now: datetime) -> None:
    patient = PatientFactory(person__phone="+8612000000001")
    by = StaffFactory(campus=patient.campus)
    assert (
        patients.reveal_phone(patient.public_id, purpose=RevealPurpose.BOOKING, by=by, at=now)
        == "+8612000000001"
    )
    entry = last_entry()
    assert (entry.action, entry.purpose, entry.actor) == ("people.patient.reveal", "booking", by.public_id)
    assert entry.subject_key == patient.person.vault_key.public_id


@pytest.mark.parametrize("purpose", ["", "curiosity"])
def test_a_reveal_needs_a_purpose(now: datetime, purpose: str) -> None:
    patient = PatientFactory()
    with pytest.raises(RuleBroken, match="用途"):
        patients.reveal_phone(
            patient.public_id, purpose=purpose, by=StaffFactory(campus=patient.campus), at=now
        )


def test_seeing_a_customer_is_not_the_right_to_her_number(now: datetime) -> None:
    relation = CareRelationFactory()
    with pytest.raises(NotFound):
        patients.reveal_phone(relation.patient.public_id, purpose="booking", by=relation.staff, at=now)


@pytest.mark.parametrize("verb", ["register", "correct", "assign", "set_vip", "reveal_phone"])
def test_another_campus_and_a_forged_id_look_the_same(now: datetime, verb: str) -> None:
    extra: dict[str, Any] = {"set_vip": {"is_vip": True}, "reveal_phone": {"purpose": "booking"}}.get(
        verb, {}
    )
    by = StaffFactory()
    sentences = set()
    for public_id in (PatientFactory().public_id, uuid4()):
        with pytest.raises(NotFound) as refusal:
            getattr(patients, verb)(public_id, by=by, at=now, **extra)
        sentences.add(str(refusal.value))
    assert len(sentences) == 1


def test_an_erased_person_cannot_be_changed_or_called(now: datetime) -> None:
    patient = PatientFactory()
    by = StaffFactory(campus=patient.campus)
    keys.destroy(patient.person.vault_key, at=now)
    with pytest.raises(RuleBroken, match="已按要求删除"):
        patients.correct(patient.public_id, by=by, at=now, name="王芳")
    with pytest.raises(RuleBroken, match="已按要求删除"):
        patients.reveal_phone(patient.public_id, purpose="booking", by=by, at=now)


def test_duplicates_are_named_by_their_strongest_sign(now: datetime) -> None:
    by = StaffFactory()
    strong = call(by, now, id_no=ID_NO, phone="12000000001")
    same_phone = call(by, now, name="王芳", phone="12000000002")
    same_name = call(by, now, phone="12000000003")
    found = queries.possible_duplicates("120 0000 0002", "林晓雨", ID_NO, by=by)
    assert [(d.public_id, d.reasons) for d in found] == [
        (strong.public_id, (TokenKind.ID_NO, TokenKind.NAME)),
        (same_phone.public_id, (TokenKind.PHONE,)),
        (same_name.public_id, (TokenKind.NAME,)),
    ]
    assert (found[0].name, found[0].phone) == ("林**", "120****0001")


def test_a_name_alone_tells_nothing_about_other_peoples_customers(now: datetime) -> None:
    PatientFactory(person__name="杨幂", person__phone="+8612000000005")
    stranger = StaffFactory(role="online")
    assert queries.possible_duplicates("", "杨幂", "", by=stranger) == []
    assert queries.possible_duplicates("", "杨幂", "") == []
    [found] = queries.possible_duplicates("12000000005", "杨幂", "", by=stranger)
    assert found.reasons == (TokenKind.PHONE, TokenKind.NAME)


def test_one_person_has_one_file(now: datetime) -> None:
    by = StaffFactory()
    born: dict[str, Any] = {"birth_date": date(1995, 3, 8), "sex": "F", "by": by, "at": now}
    first = patients.register(call(by, now).public_id, **born)
    again, other = call(by, now), call(by, now, name="王芳")
    with pytest.raises(RuleBroken, match=f"已有档案 {first.file_no}.*现场到诊") as refused:
        patients.register(again.public_id, **born)
    assert refused.value.code == "is_other"
    again.refresh_from_db()
    assert again.file_no is None
    assert patients.register(again.public_id, **born, is_other=True).file_no
    assert patients.register(other.public_id, **born).file_no, "a telephone alone is no second file"


def test_a_broken_phone_is_no_duplicate_of_anything(now: datetime) -> None:
    PatientFactory()
    assert queries.possible_duplicates("12", "王芳", "x", by=StaffFactory()) == []
