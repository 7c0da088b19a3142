"""A running account that the database keeps true: every row adds to what the row before it left."""

from collections.abc import Iterable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import Guard

FUNCTION = """
CREATE OR REPLACE FUNCTION yimei_running_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    line jsonb := to_jsonb(NEW);
    number bigint;
    left_over numeric;
BEGIN
    EXECUTE format('SELECT %I, %I FROM %I.%I WHERE %I = $1 ORDER BY %I DESC LIMIT 1',
                   TG_ARGV[2], TG_ARGV[4], TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_ARGV[1], TG_ARGV[2])
        INTO number, left_over USING (line ->> TG_ARGV[1])::bigint;
    IF (line ->> TG_ARGV[2])::bigint <> coalesce(number, 0) + 1
        OR (line ->> TG_ARGV[4])::numeric <> coalesce(left_over, 0) + (line ->> TG_ARGV[3])::numeric
        OR (line ->> TG_ARGV[4])::numeric < 0
    THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', MESSAGE = TG_ARGV[0], CONSTRAINT = TG_ARGV[0], TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$
"""


class RunningBalance(Guard):
    """The n-th row of an account adds its change to the balance of the one before, never below nothing.

    Stands beside AppendOnly and a unique (account, seq): two at once cannot both follow the same row.
    """

    default_violation_error_message = _("余额不足，或账目刚被别人更新，请重试。")

    def __init__(
        self,
        *,
        name: str,
        account: str,
        seq: str = "seq",
        change: str = "change",
        balance: str = "balance",
    ) -> None:
        super().__init__(name=name)
        self.account, self.seq, self.change, self.balance = account, seq, change, balance

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        kwargs |= {
            "account": self.account,
            "seq": self.seq,
            "change": self.change,
            "balance": self.balance,
        }
        return path, args, kwargs

    def statements(
        self, model: type[models.Model], editor: BaseDatabaseSchemaEditor
    ) -> Iterable[Statement | str]:
        table = Table(model._meta.db_table, editor.quote_name)
        names = [str(model._meta.get_field(name).column) for name in self._fields()]  # type: ignore[union-attr]
        if editor.connection.vendor != "sqlite":
            yield FUNCTION
            arguments = ", ".join(f"'{word}'" for word in (self.name, *names))
            yield Statement(
                f'CREATE TRIGGER "{self.name}_i" BEFORE INSERT ON %(table)s FOR EACH ROW '
                f"EXECUTE FUNCTION yimei_running_balance({arguments})",
                table=table,
            )
            return
        account, seq, change, balance = (editor.quote_name(name) for name in names)
        before = f"FROM %(table)s WHERE {account} = NEW.{account} ORDER BY {seq} DESC LIMIT 1"
        yield Statement(
            f'CREATE TRIGGER "{self.name}_i" BEFORE INSERT ON %(table)s FOR EACH ROW WHEN NEW.{balance} < 0 '
            f"OR NEW.{seq} <> COALESCE((SELECT {seq} {before}), 0) + 1 "
            f"OR ROUND(NEW.{balance} * 100) <> "
            f"ROUND((COALESCE((SELECT {balance} {before}), 0) + NEW.{change}) * 100) "
            f"BEGIN SELECT RAISE(ABORT, '{self.name}'); END",
            table=table,
        )

    def drops(self, table: str) -> str:
        return f'DROP TRIGGER IF EXISTS "{self.name}_i" ON {table}'

    def _fields(self) -> tuple[str, str, str, str]:
        return self.account, self.seq, self.change, self.balance

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: Any = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        """Only the database can say what the last row is at the moment of writing."""
