"""The SQL and the values of a query are those that Django makes, with columns that are kept."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models import CompositePrimaryKey, F, QuerySet
from django.db.models.expressions import Col, ColPairs
from django.db.models.sql import compiler

from yimei.core.database.compiling import Column, Compiling, columns_of
from yimei.people.models import CareRelation, Patient, Person, Staff

pytestmark = pytest.mark.django_db


def forward(model: type[models.Model]) -> list[str]:
    return [field.name for field in model._meta.fields if field.many_to_one]


def plain(rows: QuerySet[Any]) -> Any:
    """The compiler of the engine without ours."""
    mine = rows.query.get_compiler(connection=connection)
    theirs = [kind for kind in type(mine).__mro__ if kind.__module__.startswith("django.db.backends")]
    return (theirs or [compiler.SQLCompiler])[0](rows.query.clone(), connection, None)


def queries() -> list[QuerySet[Any]]:
    some = list(apps.get_app_config("people").get_models())
    joined = CareRelation.objects.filter(patient__merged_into__campus__name="甲", staff__campus__name="乙")
    return [
        *(model._default_manager.select_related(*forward(model)) for model in some),
        joined.select_related("patient__merged_into__person", "patient__person", "staff__campus"),
        joined.order_by("patient__merged_into__file_no").distinct().select_related("patient"),
        Patient.objects.filter(person__in=Person.objects.filter(patient__campus=1)).order_by("-created_at"),
        Patient.objects.annotate(when=F("person__created_at")).only("file_no", "person__created_at"),
        Patient.objects.exclude(merged_into__campus__name="甲").values_list("file_no", "campus__name"),
    ]


def test_each_query_reads_as_django_writes_it() -> None:
    for rows in queries():
        mine, theirs = rows.query.get_compiler(connection=connection), plain(rows)
        assert isinstance(mine, Compiling)
        assert not isinstance(theirs, Compiling)
        for _again in range(2):
            assert mine.as_sql() == theirs.as_sql(), rows.model
        selected = [column for column, *_rest in mine.select]
        found, wanted = mine.get_converters(selected), theirs.get_converters(selected)
        assert {place: [each.__qualname__ for each in made] for place, (made, _of) in found.items()} == {
            place: [each.__qualname__ for each in made] for place, (made, _of) in wanted.items()
        }, rows.model


def test_columns_are_made_once() -> None:
    first, again = columns_of(Patient._meta, "people_patient"), columns_of(Patient._meta, "people_patient")
    assert all(one is other for one, other in zip(first, again, strict=True))
    assert all(type(one) is Column for one in first)
    many = len(first)
    first.clear()
    assert len(columns_of(Patient._meta, "people_patient")) == many > 0, "whoever asks gets a list of his own"
    assert columns_of(Patient._meta, "T4") != again


def test_a_kept_column_is_equal_to_one_of_django() -> None:
    field = Patient._meta.get_field("file_no")
    kept = next(each for each in columns_of(Patient._meta, "T4") if each.target is field)
    assert kept == Col("T4", field)
    assert hash(kept) == hash(Col("T4", field))
    assert kept != Col("T5", field)


def test_a_field_that_comes_later_is_selected() -> None:
    class Late(models.Model):
        one = models.IntegerField()

        class Meta:
            app_label = "late"
            apps = type(apps)()

    before = columns_of(Late._meta, "late_late")
    models.IntegerField(default=0).contribute_to_class(Late, "two")
    assert [each.target.name for each in columns_of(Late._meta, "late_late")] == ["id", "one", "two"]
    assert len(before) == 2


def test_a_pair_of_columns_takes_two_places() -> None:
    fields = [Patient._meta.get_field(name) for name in ("created_at", "file_no")]
    pair = ColPairs("people_patient", fields, fields, CompositePrimaryKey("created_at", "file_no"))
    kept = columns_of(Patient._meta, "people_patient")
    after = next(column for column in kept if column.target.name == "public_id")
    rows = Patient.objects.all()
    found = rows.query.get_compiler(connection=connection).get_converters([pair, after])
    assert found.keys() == plain(rows).get_converters([pair, after]).keys()


def test_a_name_of_another_table_is_not_quoted_twice() -> None:
    rows = Staff.objects.filter(campus__in=Staff.objects.values("campus")).order_by()
    assert 'FROM "people_staff" U0' in str(rows.query)
    assert '"U0"' not in str(rows.query)
