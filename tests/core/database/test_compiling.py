"""Statements are written in Django's words, and their values read by Django's readers."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, models
from django.db.models import Count, F, Q, Value
from django.db.models.expressions import Col
from django.db.models.functions import Lower
from django.db.models.sql.compiler import SQLCompiler

from yimei.core.database.compiling import Compiling
from yimei.journey.models import Booking
from yimei.people.models import Patient

STARTS = Booking._meta.get_field("starts_at")
STATEMENTS: dict[str, Callable[[], "models.QuerySet[Any, Any]"]] = {
    "neighbours in an order of names": lambda: Booking.objects.select_related(
        "patient__person", "staff", "room"
    ).order_by("starts_at", "-pk"),
    "the order of the model": lambda: Booking.objects.filter(status="requested"),
    "the order of a neighbour": lambda: Booking.objects.order_by("patient__person", "room__name"),
    "no order": lambda: Patient.objects.order_by().filter(Q(pk=3) | Q(person__vault_key=4)),
    "one table twice": lambda: (
        Booking.objects.filter(patient__guardians__person=3)
        .filter(patient__guardians__person=4)
        .select_related("patient")
    ),
    "an order by a column itself": lambda: Booking.objects.order_by(Col("journey_booking", STARTS)),
    "an order by what is counted": lambda: Patient.objects.annotate(n=Count("bookings")).order_by("-n", "pk"),
    "an order by what is worked out": lambda: Patient.objects.order_by(
        Lower("file_no"), F("created_at").desc(nulls_last=True)
    ),
    "values in an order of one": lambda: Booking.objects.values_list("status", "starts_at").order_by(
        "status"
    ),
    "a name given to a column": lambda: Booking.objects.values(begins=F("starts_at")).order_by("begins"),
    "two joined to one list": lambda: (
        Booking.objects.order_by()
        .values_list("pk", "starts_at")
        .union(Booking.objects.order_by().values_list("pk", "starts_at"))
        .order_by("starts_at")
    ),
    "a subquery": lambda: Patient.objects.filter(
        pk__in=Booking.objects.filter(room=None).values("patient")
    ).exclude(file_no="100%"),
    "chance": lambda: Booking.objects.order_by("?"),
    "a literal": lambda: Booking.objects.annotate(one=Value("50%")).order_by("one"),
    "some fields only": lambda: Patient.objects.only("file_no").order_by("created_at"),
}


def written(rows: "models.QuerySet[Any, Any]", by: type[SQLCompiler]) -> tuple[Any, ...]:
    compiler = by(rows.query.clone(), connection, "default")
    sql, values = compiler.as_sql()
    selected = [expression for expression, _sql, _alias in compiler.select]
    readers = compiler.get_converters(selected)
    named = {
        place: [str(getattr(one, "__qualname__", one)) for one in ones]
        for place, (ones, _) in readers.items()
    }
    assert all(selected[place] is expression for place, (_ones, expression) in readers.items())
    return sql, tuple(values), named


@pytest.mark.django_db
@pytest.mark.parametrize("kind", STATEMENTS)
def test_a_statement_has_djangos_words_values_and_readers(kind: str) -> None:
    ours = connection.ops.compiler("SQLCompiler")
    django = next(each for each in ours.__mro__[2:] if issubclass(each, SQLCompiler))
    assert issubclass(ours, Compiling)
    assert not issubclass(django, Compiling)
    rows = STATEMENTS[kind]()
    first = written(rows, ours)
    assert first == written(rows, django)
    assert first == written(rows, ours), "what is remembered is the same"


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["SELECT %s", "SELECT '100%%', %s", "SELECT '%%s', %s"])
def test_a_percent_sign_is_one_and_a_place_is_a_place(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, ["a%sb"])
        row = cursor.fetchone()
    assert row[-1] == "a%sb"
    assert row[:-1] == {"SELECT %s": (), "SELECT '100%%', %s": ("100%",)}.get(statement, ("%s",))
