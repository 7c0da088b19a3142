"""Rows of somebody erased leave tables whose rows are written once (ADR 91)."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def rows_may_go(tables: Collection[str]) -> Iterator[None]:
    """Within a transaction: let rows be deleted from these tables, and guard them again before it ends.

    PostgreSQL asks for itself whether the person of each row is erased (``yimei_refuse_living``). SQLite has
    no such question: there the guards against DELETE are laid down and taken up again in one transaction,
    so that nobody else ever sees the tables without them, and a crash leaves them as they were.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'trigger'")
        guards = [
            (name, sql) for name, sql, table in cursor.fetchall() if table in tables and " DELETE " in sql
        ]
        for name, _sql in guards:
            cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")
        yield
        for _name, sql in guards:
            cursor.execute(sql)
