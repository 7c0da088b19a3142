"""Rows laid down without detours: reference data of the program, and lines written at every step."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Field, Model


def add_missing(
    model: type[Model], rows: Iterable[Mapping[str, Any]], *, key: Sequence[str] = ("code",)
) -> int:
    """Add the rows whose ``key`` the table lacks, in two statements; return how many."""
    table = model._default_manager
    fields: list[Any] = [model._meta.get_field(name) for name in key]
    known = set(table.values_list(*key))
    new = (row for row in rows if tuple(each.to_python(row[each.name]) for each in fields) not in known)
    return len(table.bulk_create(model(**row) for row in new))


def append(rows: Sequence[Model]) -> None:
    """Insert rows of one table that are only ever added, by a statement built once; no id is read back.

    Django builds the same statement again for each row, which costs more than the row.
    """
    if not rows:
        return
    fields, statement = _insertion(type(rows[0]))
    values = [
        [field.get_db_prep_save(getattr(row, field.attname), connection=connection) for field in fields]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)


@cache
def _insertion(model: type[Model]) -> "tuple[list[Field[Any, Any]], str]":
    quoted = connection.ops.quote_name
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    names, places = ", ".join(quoted(str(field.column)) for field in fields), ", ".join(["%s"] * len(fields))
    return fields, f"INSERT INTO {quoted(model._meta.db_table)} ({names}) VALUES ({places})"
