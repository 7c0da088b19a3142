"""Reference rows that ship with the program: what is missing is added, what is there stays."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Model


def add_missing(
    model: type[Model], rows: Iterable[Mapping[str, Any]], *, key: Sequence[str] = ("code",)
) -> int:
    """Add the rows whose ``key`` the table lacks, in two statements; return how many."""
    table = model._default_manager
    fields: list[Any] = [model._meta.get_field(name) for name in key]
    known = set(table.values_list(*key))
    new = (row for row in rows if tuple(each.to_python(row[each.name]) for each in fields) not in known)
    return len(table.bulk_create(model(**row) for row in new))
