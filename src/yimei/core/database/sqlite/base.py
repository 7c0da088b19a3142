"""Django's SQLite engine with a fair line of writers, guarded tables and a flush that knows the guards."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import OperationalError, models
from django.db.backends.sqlite3 import base, operations, schema

from yimei.core.database.constraints import Guard
from yimei.core.database.rows import filled
from yimei.core.database.sqlite.line import Line, line_for


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    """Remakes a guarded table whenever its columns change, so that its guards name the new columns."""

    def add_field(self, model: type[models.Model], field: "models.Field[Any, Any]") -> None:
        if _is_guarded(model) and not field.many_to_many:
            self._remake_table(model, create_field=field)  # type: ignore[attr-defined]
        else:
            super().add_field(model, field)

    def remove_field(self, model: type[models.Model], field: "models.Field[Any, Any]") -> None:
        if _is_guarded(model) and not field.many_to_many:
            self._remake_table(model, delete_field=field)  # type: ignore[attr-defined]
        else:
            super().remove_field(model, field)


def _is_guarded(model: type[models.Model]) -> bool:
    return any(isinstance(constraint, Guard) for constraint in model._meta.constraints)


@lru_cache(maxsize=10_000)
def _quoted(name: str) -> str:
    return name if name.startswith('"') and name.endswith('"') else f'"{name}"'


class DatabaseOperations(operations.DatabaseOperations):
    compiler_module = "yimei.core.database.sqlite.compiler"

    def quote_name(self, name: str) -> str:
        return _quoted(name)

    def sql_flush(
        self, style: Any, tables: Sequence[str], *, reset_sequences: bool = False, allow_cascade: bool = False
    ) -> list[str]:
        """Empty the tables (tests and `flush`, never the program) by taking their guards away and back."""
        if not reset_sequences:
            tables = filled(self.connection, tables)
        deletes = super().sql_flush(
            style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade
        )
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'trigger'")
            guards = [(name, sql) for name, sql, table in cursor.fetchall() if table in tables]
        drops = [f"DROP TRIGGER {self.quote_name(name)}" for name, _sql in guards]
        return [*drops, *deletes, *(sql for _name, sql in guards)]


LONG_STATEMENT = 8_000
"""Longer ones carry many values and differ each time."""


@lru_cache(maxsize=2_000)
def _with_places(query: str) -> str:
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class Cursor(base.SQLiteCursorWrapper):
    """Writes a statement's places as SQLite wants them once, not each time it is asked."""

    def convert_query(self, query: str, *, param_names: list[str] | None = None) -> str:
        if param_names is None and len(query) < LONG_STATEMENT:
            return _with_places(query)
        return str(super().convert_query(query, param_names=param_names))


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes a place in the file's line before BEGIN IMMEDIATE and leaves it when the transaction ends."""

    SchemaEditorClass = DatabaseSchemaEditor
    ops_class = DatabaseOperations

    _held: Line | None = None

    def get_new_connection(self, conn_params: Any) -> Any:
        if not self.is_in_memory_db():
            Path(self.settings_dict["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        return super().get_new_connection(conn_params)

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=Cursor)

    def _start_transaction_under_autocommit(self) -> None:
        if self.is_in_memory_db() or self._held:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
            return
        line = line_for(self.settings_dict["NAME"])
        if not line.acquire(self.settings_dict["OPTIONS"].get("timeout", 5)):
            raise OperationalError("database is locked: other writers of this process did not finish in time")
        self._held = line
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        finally:
            self._leave_line()

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]
        finally:
            self._leave_line()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._leave_line()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._leave_line(closed=True)

    def _leave_line(self, *, closed: bool = False) -> None:
        """Step out once no transaction is open; a failed COMMIT keeps the place until its ROLLBACK."""
        if self._held and (closed or self.connection is None or not self.connection.in_transaction):
            line, self._held = self._held, None
            line.release()
