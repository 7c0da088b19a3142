"""How a statement is written down: Django's words, with less thinking about plain columns (ADR 0123).

Most of what a page asks is rows of wide tables and their neighbours, in an order of named columns. Django
asks each of a hundred columns for its name, its place and its readers as if it could be any expression.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models.expressions import Col, ColPairs
from django.db.models.sql.compiler import SQLCompiler

Readers = dict[int, tuple[list[Any], Any]]


class Compiling(SQLCompiler):
    """Whatever is no plain column goes Django's way."""

    def compile(self, node: Any) -> tuple[str, Any]:
        if type(node) is not Col or not node.alias:
            return super().compile(node)
        known, alias, column = self.quote_cache, node.alias, str(node.target.column)
        table = known.get(alias) or self.quote_name_unless_alias(alias)
        return f"{table}.{known.get(column) or self.quote_name_unless_alias(column)}", []

    def _order_by_pairs(self) -> Any:
        """An order of names alone refers to nothing selected, unless that has a name of its own."""
        django: Any = super()
        if not self._is_ordered_by_names():
            return django._order_by_pairs()
        selected, self.select = self.select, None
        try:
            return list(django._order_by_pairs())
        finally:
            self.select = selected

    def _is_ordered_by_names(self) -> bool:
        query = self.query
        if query.combinator or any(alias for _expression, _sql, alias in self.select or ()):
            return False
        order: Any = query.extra_order_by or query.order_by
        if not order and query.default_ordering and query.model:
            order = query.get_meta().ordering
        return all(type(name) is str for name in order)

    def get_converters(self, expressions: Iterable[Any]) -> Readers:
        """What reads a column's values depends on its field alone, and is asked once a connection."""
        known: dict[int, tuple[Any, list[Any]]] = vars(self.connection.ops).setdefault("_readers", {})
        found: Readers = {}
        place = 0
        for expression in expressions:
            if type(expression) is Col and expression.target is expression.output_field:
                field = expression.target
                readers = known.get(id(field))
                if readers is None:
                    asked = super().get_converters([expression])
                    readers = known[id(field)] = (field, asked[0][0] if asked else [])
                if readers[1]:
                    found[place] = (readers[1], expression)
                place += 1
                continue
            asked = super().get_converters([expression])
            found |= {place + n: readers for n, readers in asked.items()}
            place += len(expression) if isinstance(expression, ColPairs) else 1
        return found
