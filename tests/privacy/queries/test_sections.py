"""What is kept about one person is read where something is kept, not from every table."""

from typing import Any

import pytest

from tests.factories.people import PatientFactory
from yimei.privacy.queries.holds import manifest_of
from yimei.privacy.queries.sections import sections_of

pytestmark = pytest.mark.django_db


def test_only_tables_that_hold_something_of_her_are_read(django_assert_max_num_queries: Any) -> None:
    patient = PatientFactory(registered=True)
    sections_of(patient)  # the statement that counts is drawn up once a process
    manifest_of(patient)
    with django_assert_max_num_queries(14):
        told = {section.code: section.rows for section in sections_of(patient)}
    assert told["people.identity"][0]["姓名"] == patient.person.name
    with django_assert_max_num_queries(7):
        assert [line["holding"] for line in manifest_of(patient)] == ["people.identity", "people.patient"]
