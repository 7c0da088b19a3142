"""Reference rows that ship with the program: what is missing is added, what is there stays."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model


def add_missing(model: type[Model], rows: Iterable[Mapping[str, Any]], *, key: tuple[str, ...] = ("code",)) -> int:
    """Add the rows whose ``key`` the table does not have, in two statements, and return how many they were."""
    table = model._default_manager
    fields = [model._meta.get_field(name) for name in key]
    known = set(table.values_list(*key))
    missing = [row for row in rows if tuple(field.to_python(row[field.name]) for field in fields) not in known]
    return len(table.bulk_create(model(**row) for row in missing))
