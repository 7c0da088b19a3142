"""From an id to one row, locked when it will be written."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection as default
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, QuerySet

from yimei.core.errors import NotFound

Row = TypeVar("Row", bound=Model)


def only(rows: QuerySet[Row], public_id: UUID, *, lock: bool = False) -> Row:
    """Return the one row of these with this id; unknown and forbidden are both NotFound."""
    rows = rows.filter(public_id=public_id)
    if lock:
        lock_rows(rows)
    rows.query.clear_ordering(force=True)  # sorting one row costs Django more than the row itself
    rows.query.set_limits(high=1)
    row = next(iter(rows), None)
    if row is None:
        raise NotFound
    return row


def lock_rows(rows: QuerySet[Row]) -> None:
    """Lock rows in order of age, without the rows they point at, and leave the reading to a query after it.

    Locked and joined in one query, PostgreSQL would compare a row that changed during the wait with the old
    neighbours of its snapshot, and lose it or its names. ``no_key`` lets others point a new row at a
    locked one. SQLite has one writer at a time and nothing to lock.
    """
    if not connections[rows.db].features.has_select_for_update:
        return
    bare = rows.select_related(None).prefetch_related(None).order_by("pk").only("pk")
    list(bare.select_for_update(of=("self",), no_key=True))


def told_by(models: Iterable[type[Model]], parents: Collection[int], *, by: str) -> frozenset[type[Model]]:
    """Return those of these tables that hold a row of one of these parents; one query for all of them.

    Written by hand: Django takes longer to word so many questions than a database to answer them.
    """
    asked = list(dict.fromkeys(models))
    if not asked or not parents:
        return frozenset()
    marks = ", ".join(["%s"] * len(parents))
    quote = default.ops.quote_name
    words = [
        f"SELECT {number} WHERE EXISTS (SELECT 1 FROM {quote(model._meta.db_table)}"
        f" WHERE {quote(by)} IN ({marks}))"
        for number, model in enumerate(asked)
    ]
    with default.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(words), [*parents] * len(asked))
        return frozenset(asked[number] for (number,) in cursor.fetchall())


def filled(connection: BaseDatabaseWrapper, tables: Sequence[str]) -> list[str]:
    """Return those of these tables that hold a row."""
    with connection.cursor() as cursor:
        return [table for table in tables if _holds_row(cursor, connection.ops.quote_name(table))]


def _holds_row(cursor: Any, quoted: str) -> bool:
    cursor.execute(f"SELECT 1 FROM {quoted} LIMIT 1")
    return cursor.fetchone() is not None
