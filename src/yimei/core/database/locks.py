"""Locks that last as long as the transaction."""

from django.db import connection, transaction


def lock(*keys: str) -> None:
    """Let one transaction at a time hold each name; taken in sorted order so that nobody waits in a circle.

    SQLite's IMMEDIATE transactions already stand in one line, so there only the transaction is asked for.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a lock needs a transaction to belong to")
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for key in sorted(set(keys)):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
