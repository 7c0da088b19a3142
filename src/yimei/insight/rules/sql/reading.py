"""From an analyst's text to what is run: a question about people becomes cells, never rows.

What is run is written anew from what was understood, so that parser and database cannot read two different
things. A question about people is taken apart: within each cell one line for every person first, and
then the cell; thus the gate knows how many people stand behind every number, and how large the largest is.
"""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from yimei.insight.rules.sql.blocks import Reader, Schema
from yimei.insight.rules.sql.cells import Cells, Plan
from yimei.insight.rules.sql.tree import refuse

ROWS = frozenset({"range", "generate_series", "unnest", "generateseries", "explodinggenerateseries"})


def read(text: str, *, schema: Schema, personal: frozenset[str], today: date) -> Plan:
    """Take one SELECT apart, or refuse it with the reason."""
    try:
        return _read(text, schema, personal, today)
    except RecursionError:
        raise refuse("syntax", _("语句嵌套太深，请拆开。")) from None


def _read(text: str, schema: Schema, personal: frozenset[str], today: date) -> Plan:
    import sqlglot
    from sqlglot import errors, exp

    try:
        tree = sqlglot.parse_one(text, read="duckdb")
    except errors.SqlglotError:
        raise refuse("syntax", _("语句有误，请检查括号、引号与逗号。")) from None
    if not isinstance(tree, exp.Query):
        raise refuse("not-a-select", _("这里只能查询（SELECT），不能修改、设置、装载或导出。"))
    names = _tables(tree, schema)
    if not names & personal:
        return Plan(after=tree.sql(dialect="duckdb"))
    if not isinstance(tree, exp.Select):
        raise refuse("shape", _("涉及客户的查询一次写一条 SELECT … GROUP BY，不能用 UNION。"))
    tree = tree.transform(lambda node: _as_of(node, today))
    _spell_out(tree)
    _name_all(tree)
    try:
        from sqlglot.optimizer.qualify import qualify

        tree = qualify(
            tree,
            schema={name: dict(columns) for name, columns in schema.items()},
            dialect="duckdb",
            quote_identifiers=False,
            validate_qualify_columns=True,
        )
    except errors.SqlglotError as fault:
        words = {"fault": str(fault).splitlines()[0][:200]}
        raise refuse("syntax", _("语句有误：%(fault)s") % words) from None
    return Cells(Reader(schema, personal).outermost(tree), tree).plan()


def _tables(tree: Any, schema: Schema) -> set[str]:
    """Every table that is read; functions that open something are refused."""
    from sqlglot import exp

    named = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
    found = set()
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier):
            called = (table.this.name or type(table.this).__name__).lower()
            if called not in ROWS and type(table.this).__name__.lower() not in ROWS:
                raise refuse(
                    "source", _("不能从「%(name)s」读取，只能查询数据集市的表。") % {"name": called[:40]}
                )
            continue
        name = table.name.lower()
        if table.args.get("catalog") or table.db not in {"", "main"}:
            raise refuse("source", _("只能查询数据集市的表，不写库名。"))
        if name in named:
            continue
        if name not in schema:
            raise refuse(
                "source", _("没有「%(name)s」这张表；左边列出了全部的表。") % {"name": table.name[:40]}
            )
        found.add(name)
    return found


def _as_of(node: Any, today: date) -> Any:
    from sqlglot import exp

    if isinstance(node, exp.Subquery) and node.sql(dialect="duckdb").lower() == "(select as_of from about)":
        return exp.cast(exp.Literal.string(today.isoformat()), "date")
    return node


def _name_all(tree: Any) -> None:
    """Give every column of the answer the name that its reader wrote."""
    from sqlglot import exp

    named = [
        one if isinstance(one, exp.Alias | exp.Column) else exp.alias_(one.copy(), _said(one), quoted=True)
        for one in tree.expressions
    ]
    tree.set("expressions", named)


def _said(node: Any) -> str:
    words: str = node.sql(dialect="duckdb")
    return words[:60]


def _spell_out(tree: Any) -> None:
    """Write GROUP BY ALL as what it means."""
    from sqlglot import exp

    for select in tree.find_all(exp.Select):
        group = select.args.get("group")
        if group is not None and group.args.get("all"):
            keys = [one.unalias() for one in select.expressions if not one.find(exp.AggFunc)]
            select.set("group", exp.Group(expressions=[key.copy() for key in keys]) if keys else None)
        if group is not None and any(group.args.get(part) for part in ("cube", "rollup", "grouping_sets")):
            raise refuse("shape", _("涉及客户的查询不能用 CUBE、ROLLUP、GROUPING SETS。"))
