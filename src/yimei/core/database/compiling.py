"""What both engines leave out when they write a query: the columns of a model do not change (ADR 0123)."""

from collections.abc import Iterable
from itertools import count
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field
from django.db.models.expressions import Col, ColPairs
from django.db.models.options import Options
from django.db.models.sql import compiler
from django.utils.functional import cached_property

from yimei.core.database.columns import identity

KEPT = "kept_columns"
_numbers = count()


NO_VALUES: list[Any] = []


class Column(Col):
    """A column under one alias, kept with its model: known by a number, and its text by heart."""

    text = ""

    def __init__(self, alias: str, target: Any, output_field: Any = None) -> None:
        super().__init__(alias, target, output_field)
        self.number = next(_numbers)
        plain = getattr(type(self.output_field), "select_format", Field.select_format)
        self.is_selected_plainly = plain is Field.select_format

    @cached_property
    def identity(self) -> tuple[Any, ...]:
        """Equal to a column of Django's."""
        return Col, *identity(self)[1:]

    def select_format(self, compiler: Any, sql: str, params: Any) -> Any:
        return (sql, params) if self.is_selected_plainly else super().select_format(compiler, sql, params)


def columns_of(opts: "Options[Any]", alias: str) -> list[Any]:
    """The columns of a model without parents, made once for each alias."""
    fields = opts.concrete_fields
    of_fields, by_alias = opts.__dict__.get(KEPT, (None, {}))
    if of_fields is not fields:  # the first time, or a field came later
        by_alias = {}
        opts.__dict__[KEPT] = fields, by_alias
    if alias not in by_alias:
        by_alias[alias] = [_kept(field.get_col(alias)) for field in fields]
    return list(by_alias[alias])


def _kept(column: Any) -> Any:
    return Column(column.alias, column.target, column.output_field) if type(column) is Col else column


class Compiling(compiler.SQLCompiler):
    """Mixed into Django's compilers."""

    connection: BaseDatabaseWrapper
    query: Any

    def compile(self, node: Any) -> tuple[str, Any]:
        if type(node) is not Column:
            return super().compile(node)
        if not node.text:
            node.text, _none = super().compile(node)  # an alias is quoted always or never
        return node.text, NO_VALUES

    def get_default_columns(
        self, select_mask: Any, start_alias: Any = None, opts: Any = None, from_parent: Any = None
    ) -> list[Any]:
        model = opts or self.query.get_meta()
        if select_mask or from_parent or model is None or model.parents or model.proxy:
            return super().get_default_columns(select_mask, start_alias, opts, from_parent)
        return columns_of(model, start_alias or self.query.get_initial_alias())

    def get_related_selections(
        self,
        select: Any,
        select_mask: Any,
        opts: Any = None,
        root_alias: Any = None,
        cur_depth: int = 1,
        requested: Any = None,
        restricted: Any = None,
    ) -> list[Any]:
        if restricted and not requested:  # the end of a path: Django would ask each field that points here
            return []
        return super().get_related_selections(
            select, select_mask, opts, root_alias, cur_depth, requested, restricted
        )

    def get_converters(self, expressions: Iterable[Any]) -> dict[int, Any]:
        expressions = list(expressions)
        if any(isinstance(expression, ColPairs) for expression in expressions):
            return super().get_converters(expressions)
        kept = self.connection.__dict__.setdefault("kept_converters", {})
        found = {}
        for place, expression in enumerate(expressions):
            if type(expression) is not Column:
                converters = self._converters(expression) if expression else []
            elif (converters := kept.get(expression.number)) is None:
                converters = kept[expression.number] = self._converters(expression)
            if converters:
                found[place] = (converters, expression)
        return found

    def _converters(self, expression: Any) -> list[Any]:
        of_engine = self.connection.ops.get_db_converters(expression)
        return [*of_engine, *expression.get_db_converters(self.connection)]
