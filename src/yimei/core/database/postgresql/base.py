"""Django's PostgreSQL engine with a flush that knows the guards."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.postgresql import base, operations


class DatabaseOperations(operations.DatabaseOperations):
    def sql_flush(
        self, style: Any, tables: Sequence[str], *, reset_sequences: bool = False, allow_cascade: bool = False
    ) -> list[str]:
        """Empty the tables (tests and `flush`) with their guards asleep; only their owner is able to."""
        truncates = super().sql_flush(
            style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade
        )
        sleep = [f"ALTER TABLE {self.quote_name(table)} DISABLE TRIGGER USER" for table in tables]
        wake = [f"ALTER TABLE {self.quote_name(table)} ENABLE TRIGGER USER" for table in tables]
        return [*sleep, *truncates, *wake] if truncates else []


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
