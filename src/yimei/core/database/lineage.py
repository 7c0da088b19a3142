"""Who brought whom, kept short by the database: two levels, no ring, nothing for anybody further up."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import Guard


class _Clash(Guard):
    """Refuses an insertion or an update for which a condition over NEW holds."""

    @abstractmethod
    def clashes(self, model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> dict[str, str]:
        """Return the condition for each event, with %(table)s for the table itself."""

    def statements(
        self, model: type[models.Model], editor: BaseDatabaseSchemaEditor
    ) -> Iterable[Statement | str]:
        table = Table(model._meta.db_table, editor.quote_name)
        for end, (event, clash) in enumerate(self.clashes(model, editor).items()):
            if editor.connection.vendor == "sqlite":
                yield Statement(
                    f'CREATE TRIGGER "{self.name}_{end}" BEFORE {event} ON %(table)s FOR EACH ROW '
                    f"WHEN {clash} BEGIN SELECT RAISE(ABORT, '{self.name}'); END",
                    table=table,
                )
                continue
            yield Statement(
                f'CREATE OR REPLACE FUNCTION "yimei_{self.name}_{end}"() RETURNS trigger '
                f"LANGUAGE plpgsql AS $$ BEGIN IF {clash} THEN "
                f"RAISE EXCEPTION USING ERRCODE = 'check_violation', "
                f"MESSAGE = '{self.name}', CONSTRAINT = '{self.name}', TABLE = TG_TABLE_NAME; END IF; "
                "RETURN NEW; END $$",
                table=table,
            )
            yield Statement(
                f'CREATE TRIGGER "{self.name}_{end}" BEFORE {event} ON %(table)s FOR EACH ROW '
                f'EXECUTE FUNCTION "yimei_{self.name}_{end}"()',
                table=table,
            )

    def drops(self, table: str) -> str:
        return "; ".join(f'DROP TRIGGER IF EXISTS "{self.name}_{end}" ON {table}' for end in (0, 1))

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: Any = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        """Only the database can say who stands above whom at the moment of writing."""


def _column(model: type[models.Model], field: str, editor: BaseDatabaseSchemaEditor) -> str:
    return editor.quote_name(str(model._meta.get_field(field).column))  # type: ignore[union-attr]


class Lineage(_Clash):
    """A row stands one step below the row by which its parent came; a parent never becomes a child."""

    default_violation_error_message = _("推荐关系最多两层，也不能成环。")

    def __init__(self, *, name: str, parent: str, child: str, depth: str) -> None:
        super().__init__(name=name)
        self.parent, self.child, self.depth = parent, child, depth

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "parent": self.parent, "child": self.child, "depth": self.depth}

    def clashes(self, model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> dict[str, str]:
        parent, child, depth = (
            _column(model, field, editor) for field in (self.parent, self.child, self.depth)
        )
        above = f"SELECT MAX(one.{depth}) FROM %(table)s one WHERE one.{child} = NEW.{parent}"
        below = (
            f"NEW.{child} IS NOT NULL AND "
            f"EXISTS (SELECT 1 FROM %(table)s one WHERE one.{parent} = NEW.{child})"
        )
        return {
            "INSERT": f"NEW.{depth} <> 1 + COALESCE(({above}), 0) OR ({below})",
            f"UPDATE OF {child}": below,
        }


class OfSide(_Clash):
    """A row's person is the one that its parent row names for its side, and nobody else."""

    default_violation_error_message = _("感谢只能给直接的推荐人和她的朋友本人。")

    def __init__(self, *, name: str, parent: str, person: str, side: str, sides: list[str]) -> None:
        super().__init__(name=name)
        self.parent, self.person, self.side, self.sides = parent, person, side, list(sides)

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        own = {"parent": self.parent, "person": self.person, "side": self.side, "sides": self.sides}
        return path, args, {**kwargs, **own}

    def clashes(self, model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> dict[str, str]:
        above: Any = model._meta.get_field(self.parent).related_model
        parent, person, side = (
            _column(model, field, editor) for field in (self.parent, self.person, self.side)
        )
        table = editor.quote_name(above._meta.db_table)
        allowed = " OR ".join(
            f"(NEW.{side} = '{name}' AND up.{_column(above, name, editor)} = NEW.{person})"
            for name in self.sides
        )
        return {"INSERT": f"NOT EXISTS (SELECT 1 FROM {table} up WHERE up.id = NEW.{parent} AND ({allowed}))"}
