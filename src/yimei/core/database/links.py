"""A row that points at another of its table, one step and no further, whoever writes at the same time."""

from collections.abc import Iterable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import Guard

FUNCTION = """
CREATE OR REPLACE FUNCTION yimei_one_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    target bigint := (to_jsonb(NEW) ->> TG_ARGV[1])::bigint;
    onward bigint;
    follower bigint;
BEGIN
    IF target IS NULL THEN
        RETURN NEW;
    END IF;
    EXECUTE format('SELECT %I FROM %I.%I WHERE id = $1 FOR NO KEY UPDATE',
                   TG_ARGV[1], TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO onward USING target;
    EXECUTE format('SELECT id FROM %I.%I WHERE %I = $1 LIMIT 1',
                   TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_ARGV[1]) INTO follower USING NEW.id;
    IF target = NEW.id OR onward IS NOT NULL OR follower IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', MESSAGE = TG_ARGV[0], CONSTRAINT = TG_ARGV[0], TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$
"""


class OneStep(Guard):
    """A row may point at a row that points nowhere, and only while nobody points at itself: no chains.

    On PostgreSQL the row pointed at is locked before it is looked at, so that two links made at once cannot
    become a chain either; whoever writes locks both rows first, in one order, or meets a deadlock.
    """

    default_violation_error_message = _("这条记录已经指向另一条，或已被另一条指向。")

    def __init__(self, *, name: str, field: str) -> None:
        super().__init__(name=name)
        self.field = field

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "field": self.field}

    def statements(
        self, model: type[models.Model], editor: BaseDatabaseSchemaEditor
    ) -> Iterable[Statement | str]:
        table = Table(model._meta.db_table, editor.quote_name)
        column = str(model._meta.get_field(self.field).column)  # type: ignore[union-attr]
        if editor.connection.vendor != "sqlite":
            yield FUNCTION
            yield Statement(
                f'CREATE TRIGGER "{self.name}_s" BEFORE INSERT OR UPDATE OF "{column}" ON %(table)s '
                f"FOR EACH ROW EXECUTE FUNCTION yimei_one_step('{self.name}', '{column}')",
                table=table,
            )
            return
        link = editor.quote_name(column)
        clash = (
            f"NEW.{link} IS NOT NULL AND (NEW.{link} = NEW.id "
            f"OR EXISTS (SELECT 1 FROM %(table)s WHERE id = NEW.{link} AND {link} IS NOT NULL) "
            f"OR EXISTS (SELECT 1 FROM %(table)s WHERE {link} = NEW.id))"
        )
        for end, event in (("i", "INSERT"), ("u", f"UPDATE OF {link}")):
            yield Statement(
                f'CREATE TRIGGER "{self.name}_{end}" BEFORE {event} ON %(table)s FOR EACH ROW '
                f"WHEN {clash} BEGIN SELECT RAISE(ABORT, '{self.name}'); END",
                table=table,
            )

    def drops(self, table: str) -> str:
        return f'DROP TRIGGER IF EXISTS "{self.name}_s" ON {table}'

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: Any = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        target = getattr(instance, f"{self.field}_id")
        if target is None:
            return
        rows = model._base_manager.using(using)
        onward = rows.filter(pk=target).exclude(**{self.field: None}).exists()
        if target == instance.pk or onward or rows.filter(**{self.field: instance.pk}).exists():
            self.refuse()
