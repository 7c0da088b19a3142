"""Columns are told apart as Django tells them apart."""

from itertools import product
from typing import Any

from django.db.models import CharField, IntegerField
from django.db.models.expressions import Col, Expression

from yimei.core.database.columns import identity
from yimei.people.models import Patient, Person

FILE_NO, CREATED = Patient._meta.get_field("file_no"), Patient._meta.get_field("created_at")
BIRTHS = Person._meta.get_field("created_at")
COLUMNS = [
    Col("people_patient", FILE_NO),
    Col("people_patient", FILE_NO),
    Col("T4", FILE_NO),
    Col(None, FILE_NO),
    Col("people_patient", CREATED),
    Col("people_patient", BIRTHS),
    Col("people_patient", FILE_NO, CREATED),
    Col("people_patient", FILE_NO, CharField()),
    Col("people_patient", FILE_NO, IntegerField()),
]


def as_django(column: Any) -> Any:
    return Expression.identity.func(column)  # type: ignore[attr-defined]


def test_two_columns_are_equal_where_django_says_so() -> None:
    equal = 0
    for one, other in product(COLUMNS, repeat=2):
        is_equal = as_django(one) == as_django(other)
        assert (identity(one) == identity(other)) == (one == other) == is_equal, (one, other)
        assert not is_equal or hash(one) == hash(other)
        equal += is_equal
    assert equal == len(COLUMNS) + 2, "each is itself, and two are one"


def test_a_column_that_names_its_own_field_is_the_same() -> None:
    assert Col("people_patient", FILE_NO, FILE_NO) == Col("people_patient", FILE_NO)


def test_the_program_uses_it() -> None:
    assert Col.identity.func is identity  # type: ignore[attr-defined]
