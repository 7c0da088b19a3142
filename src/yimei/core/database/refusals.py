"""Whether everything that the models say the database refuses really stands in it, each piece of it."""

import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection

from yimei.core.database.constraints import Guard

PIECE = re.compile(r'(?:TRIGGER|INDEX|CONSTRAINT) "([^"]+)"')
"""What a statement of a guard makes."""
BETWEEN = re.compile(r"\b(?:OR|AND|WHEN|BEGIN)\b")
IN_POSTGRESQL = (
    "SELECT conname FROM pg_constraint WHERE convalidated"
    " UNION SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'"
    " UNION SELECT relname FROM pg_class WHERE relkind = 'i'"
)


def wanted() -> dict[str, str]:
    """Each piece by its name, with the statement that made it; a plain constraint without one.

    A guard is several triggers: one of them taken away alone would leave its name behind.
    """
    # read, never executed
    editor: Any = connection.schema_editor(collect_sql=True)
    found: dict[str, str] = {}
    for model in apps.get_models():
        if model.__module__.startswith("yimei."):
            for constraint in model._meta.constraints:
                if isinstance(constraint, Guard):
                    found |= dict(_pieces(constraint, model, editor))
                else:
                    found[constraint.name] = ""
    return found


def missing() -> list[str]:
    """The names of what is gone, switched off, or says something else than the models do."""
    there = _present()
    return sorted(
        name
        for name, statement in wanted().items()
        if name not in there or (statement and there[name] and not says_the_same(there[name], statement))
    )


def says_the_same(one: str, other: str) -> bool:
    """Whether two triggers refuse the same: a table that grew names its columns in another order."""
    return _terms(one) == _terms(other)


def _terms(statement: str) -> list[str]:
    return sorted(each.strip("() ") for each in BETWEEN.split(statement))


def _pieces(guard: Guard, model: Any, editor: Any) -> Iterator[tuple[str, str]]:
    for statement in map(str, guard.statements(model, editor)):
        if piece := PIECE.search(statement):
            yield piece[1], statement


def _present() -> dict[str, str]:
    """What stands in the database; SQLite keeps the words as they were given, PostgreSQL its own."""
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            cursor.execute(IN_POSTGRESQL)
            return {name: "" for (name,) in cursor.fetchall()}
        cursor.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master")
        rows = cursor.fetchall()
    inside = {name: "" for _kind, _name, sql in rows for name in re.findall(r'CONSTRAINT "([^"]+)"', sql)}
    return inside | {name: sql for _kind, name, sql in rows}
