"""What the database itself refuses, written once for each engine.

Each is an ordinary entry of Meta.constraints. Its statements wait in the schema editor's deferred list, tied
to their table, so that they follow the table when SQLite remakes it and are dropped with it.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NoReturn

from django.core import checks
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models.constraints import BaseConstraint
from django.utils.translation import gettext_lazy as _

from yimei.core.database.owners import LIVING_FUNCTION, question

EMPTY = "('', '{}', '[]', 'null')"
"""What an erased value may look like, as text."""
REFUSE_FUNCTION = """
CREATE OR REPLACE FUNCTION yimei_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'check_violation', MESSAGE = TG_ARGV[0], CONSTRAINT = TG_ARGV[0], TABLE = TG_TABLE_NAME;
END $$
"""


class Guard(BaseConstraint, ABC):
    """A constraint made of statements that run once the table is there."""

    @abstractmethod
    def statements(
        self, model: type[models.Model], editor: BaseDatabaseSchemaEditor
    ) -> Iterable[Statement | str]:
        """Return what makes the guard, in order."""

    @abstractmethod
    def drops(self, table: str) -> str:
        """Return what takes it away on PostgreSQL; on SQLite the table is remade without it."""

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        schema_editor.deferred_sql.extend(self.statements(model, schema_editor))

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        self.constraint_sql(model, schema_editor)

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        return self.drops(schema_editor.quote_name(model._meta.db_table))

    def refuse(self) -> NoReturn:
        raise ValidationError(self.get_violation_error_message(), code=self.violation_error_code)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash((type(self), self.name))

    def __repr__(self) -> str:
        arguments = ", ".join(f"{key}={value!r}" for key, value in self.deconstruct()[2].items())
        return f"{type(self).__name__}({arguments})"


class _Frozen(Guard):
    """Refuses to change or remove rows, all of them or those that `field` has closed.

    What is in `erasable` may become empty and nothing else: a person's words go, the line stays.
    """

    def __init__(
        self,
        *,
        name: str,
        field: str = "",
        allow: Sequence[str] = (),
        erasable: Sequence[str] = (),
        deletable: bool = False,
    ) -> None:
        super().__init__(name=name)
        self.field, self.allow, self.deletable = field, tuple(allow), deletable
        self.erasable = tuple(erasable)

    def statements(
        self, model: type[models.Model], editor: BaseDatabaseSchemaEditor
    ) -> Iterable[Statement | str]:
        def trigger(end: str, event: str, condition: str, then: str) -> Statement:
            head = f'CREATE TRIGGER "{self.name}_{end}" BEFORE {event} ON '.replace("%", "%%")
            tail = f" FOR EACH ROW WHEN ({condition}) {then}".replace("%", "%%")
            return Statement(f"{head}%(table)s{tail}", table=table)

        table = Table(model._meta.db_table, editor.quote_name)
        closed = self._closed(model, editor)
        on_sqlite = editor.connection.vendor == "sqlite"
        if on_sqlite:
            changed, then = self._changed_sqlite(model, editor), _abort(self.name)
        else:
            changed, then = self._changed_postgresql(model), f"EXECUTE FUNCTION yimei_refuse('{self.name}')"
            yield REFUSE_FUNCTION
        yield trigger("u", "UPDATE", f"{closed} AND ({changed})", then)
        if self.deletable:
            return
        gone = "" if on_sqlite else question(model, editor)
        if gone:
            yield LIVING_FUNCTION
            query = gone.replace("'", "''")
            living = f"EXECUTE FUNCTION yimei_refuse_living('{self.name}', '{query}')"
            yield trigger("d", "DELETE", closed, living)
        else:
            yield trigger("d", "DELETE", closed, then)
        if not on_sqlite:
            truncate = (
                f'CREATE TRIGGER "{self.name}_t" BEFORE TRUNCATE ON %(table)s FOR EACH STATEMENT {then}'
            )
            yield Statement(truncate, table=table)

    def drops(self, table: str) -> str:
        return "; ".join(f'DROP TRIGGER IF EXISTS "{self.name}_{end}" ON {table}' for end in "udt")

    def _closed(self, model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> str:
        if not self.field:
            return "1 = 1"
        return f"OLD.{editor.quote_name(_column(model, self.field))} IS NOT NULL"

    def _changed_sqlite(self, model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> str:
        if not self.allow and not self.erasable:
            return "1 = 1"
        free = {*self.allow, *self.erasable}
        guarded = [f.name for f in model._meta.local_concrete_fields if f.name not in free]
        quoted = (editor.quote_name(_column(model, name)) for name in guarded)
        erasable = (editor.quote_name(_column(model, name)) for name in self.erasable)
        return " OR ".join(
            [
                *(f"OLD.{column} IS NOT NEW.{column}" for column in quoted),
                *(
                    f"(OLD.{column} IS NOT NEW.{column} AND CAST(NEW.{column} AS TEXT) NOT IN {EMPTY})"
                    for column in erasable
                ),
            ]
        )

    def _changed_postgresql(self, model: type[models.Model]) -> str:
        if not self.allow and not self.erasable:
            return "1 = 1"
        free = ", ".join(f"'{_column(model, name)}'" for name in (*self.allow, *self.erasable))
        old, new = (f"(to_jsonb({row}.*) - ARRAY[{free}])" for row in ("OLD", "NEW"))
        columns = (f'"{_column(model, name)}"' for name in self.erasable)
        return " OR ".join(
            [
                f"{old} IS DISTINCT FROM {new}",
                *(
                    f"(OLD.{column} IS DISTINCT FROM NEW.{column} AND NEW.{column}::text NOT IN {EMPTY})"
                    for column in columns
                ),
            ]
        )

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: Any = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        if instance._state.adding or self.allow or self.erasable:
            return
        rows = model._base_manager.using(using).filter(pk=instance.pk)
        if (rows.exclude(**{self.field: None}) if self.field else rows).exists():
            self.refuse()


class AppendOnly(_Frozen):
    """Rows are written once: no UPDATE, no DELETE (unless deletable), no TRUNCATE; `allow` may change."""

    default_violation_error_message = _("这条记录只能新增，不能修改或删除。")

    def __init__(
        self,
        *,
        name: str,
        deletable: bool = False,
        allow: Sequence[str] = (),
        erasable: Sequence[str] = (),
    ) -> None:
        super().__init__(name=name, deletable=deletable, allow=allow, erasable=erasable)

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        if self.deletable:
            kwargs["deletable"] = True
        if self.allow:
            kwargs["allow"] = list(self.allow)
        if self.erasable:
            kwargs["erasable"] = list(self.erasable)
        return path, args, kwargs


class FrozenOnce(_Frozen):
    """A row closes for good when `field` is filled (signed, finished); the fields in `allow` may change."""

    default_violation_error_message = _("已签署或已完成，不能再修改或删除。")

    def __init__(
        self,
        *,
        name: str,
        field: str = "signed_at",
        allow: Sequence[str] = (),
        erasable: Sequence[str] = (),
    ) -> None:
        super().__init__(name=name, field=field, allow=allow, erasable=erasable)

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        kwargs["field"] = self.field
        if self.allow:
            kwargs["allow"] = list(self.allow)
        if self.erasable:
            kwargs["erasable"] = list(self.erasable)
        return path, args, kwargs


class NoOverlap(Guard):
    """No two rows with the same keys share an instant of [start, end) while `where_null` is empty."""

    default_violation_error_message = _("这段时间已被占用。")

    def __init__(
        self,
        *,
        name: str,
        keys: Sequence[str],
        start: str = "starts_at",
        end: str = "ends_at",
        where_null: str = "released_at",
    ) -> None:
        super().__init__(name=name)
        self.keys, self.start, self.end, self.where_null = tuple(keys), start, end, where_null

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        kwargs |= {
            "keys": list(self.keys),
            "start": self.start,
            "end": self.end,
            "where_null": self.where_null,
        }
        return path, args, kwargs

    def statements(
        self, model: type[models.Model], editor: BaseDatabaseSchemaEditor
    ) -> Iterable[Statement | str]:
        def quoted(field: str) -> str:
            return editor.quote_name(_column(model, field)).replace("%", "%%")

        table = Table(model._meta.db_table, editor.quote_name)
        keys, start, end = [quoted(key) for key in self.keys], quoted(self.start), quoted(self.end)
        released = quoted(self.where_null) if self.where_null else ""
        if editor.connection.vendor == "sqlite":
            yield from self._sqlite(table, keys, start, end, released)
            return
        yield "CREATE EXTENSION IF NOT EXISTS btree_gist"
        same = "".join(f"{key} WITH =, " for key in keys)
        where = f" WHERE ({released} IS NULL)" if released else ""
        yield Statement(
            f'ALTER TABLE %(table)s ADD CONSTRAINT "{self.name}" '
            f"EXCLUDE USING gist ({same}tstzrange({start}, {end}, '[)') WITH &&){where}",
            table=table,
        )

    def _sqlite(
        self, table: Table, keys: list[str], start: str, end: str, released: str
    ) -> Iterable[Statement | str]:
        live_new = f"NEW.{released} IS NULL AND " if released else ""
        live_old = f" AND {released} IS NULL" if released else ""
        same = "".join(f"{key} = NEW.{key} AND " for key in keys)
        clash = (
            f"{live_new}NEW.{start} < NEW.{end} AND EXISTS (SELECT 1 FROM %(table)s WHERE {same}"
            f"{end} > NEW.{start} AND {start} < NEW.{end} AND {start} < {end}{live_old}"
        )
        refuse = _abort(self.name)
        where = f" WHERE {released} IS NULL" if released else ""
        yield Statement(
            f'CREATE INDEX "{self.name}_x" ON %(table)s ({", ".join([*keys, end, start])}){where}',
            table=table,
        )
        yield Statement(
            f'CREATE TRIGGER "{self.name}_i" BEFORE INSERT ON %(table)s FOR EACH ROW WHEN {clash}) {refuse}',
            table=table,
        )
        yield Statement(
            f'CREATE TRIGGER "{self.name}_u" BEFORE UPDATE ON %(table)s FOR EACH ROW '
            f"WHEN {clash} AND rowid <> OLD.rowid) {refuse}",
            table=table,
        )

    def drops(self, table: str) -> str:
        return f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS "{self.name}"'

    def _check(self, model: type[models.Model], connection: Any) -> list[checks.CheckMessage]:
        nullable = [n for n in (*self.keys, self.start, self.end) if model._meta.get_field(n).null]
        return [
            checks.Error(f"NoOverlap needs {name!r} to be NOT NULL", obj=model, id="core.E001")
            for name in nullable
        ]

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: Any = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        if self.where_null and getattr(instance, self.where_null) is not None:
            return
        values = {name: getattr(instance, name) for name in (*self.keys, self.start, self.end)}
        if any(value is None or name in (exclude or ()) for name, value in values.items()):
            return
        start: datetime = values.pop(self.start)
        end: datetime = values.pop(self.end)
        live = {self.where_null: None} if self.where_null else {}
        clash = model._base_manager.using(using).filter(
            **values, **live, **{f"{self.end}__gt": start, f"{self.start}__lt": end}
        )
        if clash.exclude(pk=instance.pk).exists():
            self.refuse()


def renew_deletes(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """For a migration on PostgreSQL: make the guards against DELETE anew, as they are made today."""
    for model in apps.get_models():
        for guard in model._meta.constraints:
            if not isinstance(guard, _Frozen) or guard.deletable:
                continue
            table = editor.quote_name(model._meta.db_table)
            editor.execute(f'DROP TRIGGER IF EXISTS "{guard.name}_d" ON {table}')
            for statement in guard.statements(model, editor):
                text = str(statement)
                if "CREATE OR REPLACE" in text or f'"{guard.name}_d"' in text:
                    editor.execute(statement, params=None)


def _abort(name: str) -> str:
    return f"BEGIN SELECT RAISE(ABORT, '{name}'); END"


def _column(model: type[models.Model], name: str) -> str:
    return str(model._meta.get_field(name).column)  # type: ignore[union-attr]
