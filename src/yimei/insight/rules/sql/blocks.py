"""The blocks of a question about people: what is read, joined and kept apart person by person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from yimei.insight.rules.sql.tree import (
    OURS,
    PERSON,
    bare,
    check_scalar,
    children,
    conjuncts,
    is_number,
    is_person,
    refuse,
    tried,
)

MARKS = 2**40
Schema = Mapping[str, Mapping[str, str]]
BASE, EACH, WORD = "base", "each", "word"
"""What a column is: as the mart has it; computed for each person; anything else, good for splitting only."""


@dataclass
class Source:
    """One thing that is read, with the kind of each of its columns."""

    alias: str
    sql: str
    kinds: Mapping[str, str]
    has_people: bool


@dataclass
class Ground:
    """FROM and WHERE of one block."""

    sql: str
    where: str
    sources: list[Source] = field(default_factory=list)

    @property
    def who(self) -> Source | None:
        return next((one for one in self.sources if one.has_people), None)

    def kind_of(self, column: Any) -> str:
        for one in self.sources:
            if one.alias == column.table:
                return one.kinds.get(column.name.lower(), WORD)
        return WORD


class Reader:
    """Reads the blocks of one statement from the inside out."""

    def __init__(self, schema: Schema, personal: frozenset[str]) -> None:
        self.schema, self.personal = schema, personal
        self.named: dict[str, Any] = {}

    def outermost(self, select: Any) -> Ground:
        """Remember what the statement names first, and read the ground of its outermost block."""
        with_ = children(select, "with")
        for cte in with_.expressions if with_ is not None else ():
            if with_.args.get("recursive"):
                raise refuse("shape", _("涉及客户的查询不能递归。"))
            self.named[cte.alias_or_name] = cte.this
        return self.ground(select)

    def ground(self, select: Any) -> Ground:
        """Read FROM, the joins and WHERE."""
        from sqlglot import exp

        for part in ("distinct", "qualify", "windows", "sample", "laterals", "pivots", "into", "match"):
            if select.args.get(part):
                raise refuse("shape", _("涉及客户的查询不能用 %(part)s。") % {"part": part.upper()})
        from_ = children(select, "from")
        if from_ is None:
            raise refuse("shape", _("请写明从哪张表（FROM）。"))
        first = self.source(from_.this)
        ground = Ground(f"{first.sql} AS {first.alias}", "", [first])
        for join in select.args.get("joins") or ():
            side, kind = (join.side or "").upper(), (join.kind or "").upper()
            on = join.args.get("on")
            if side not in {"", "LEFT"} or kind not in {"", "INNER", "OUTER"} or on is None:
                raise refuse("join", _("关联只能写 JOIN … ON 或 LEFT JOIN … ON。"))
            source = self.source(join.this)
            self.check_join(list(conjuncts(on)), ground, source)
            ground.sources.append(source)
            how = "LEFT JOIN" if side else "JOIN"
            ground.sql += f" {how} {source.sql} AS {source.alias} ON {on.sql(dialect='duckdb')}"
        where = select.args.get("where")
        if where is not None:
            check_scalar(where.this)
            ground.where = f" WHERE {tried(where.this)}"
        assert isinstance(select, exp.Select)
        return ground

    def check_join(self, parts: Sequence[Any], ground: Ground, source: Source) -> None:
        """Two tables of people are joined person by person; all else as one likes."""
        same = [
            one
            for one in parts
            if type(one).__name__ == "EQ" and is_person(one.left) and is_person(one.right)
        ]
        if source.has_people and ground.who is not None and not same:
            raise refuse("join", _("两张有客户的表要按 customer 相等来关联。"))
        for one in parts:
            if one not in same:
                check_scalar(one)

    def source(self, node: Any) -> Source:
        """Read a table or a query within; a query within keeps its people apart."""
        from sqlglot import exp

        alias = node.alias_or_name
        if alias.endswith(OURS):
            raise refuse("name", _("名称不能以两个下划线结尾。"))
        inner = node.this if isinstance(node, exp.Subquery) else self.named.get(node.name)
        if inner is not None:
            return self.within(inner, alias)
        columns = self.schema[node.name.lower()]
        kinds = dict.fromkeys(columns, BASE)
        if node.name.lower() not in self.personal:
            return Source(alias, node.name, kinds, has_people=False)
        day = "day" if "day" in columns else PERSON
        mark = f"CAST(hash({PERSON}, {day}) % {MARKS} AS BIGINT) AS mark{OURS}"
        sql = f"(SELECT *, {PERSON} AS who{OURS}, {mark} FROM {node.name})"
        return Source(alias, sql, kinds, has_people=True)

    def within(self, select: Any, alias: str) -> Source:
        from sqlglot import exp

        if not isinstance(select, exp.Select):
            raise refuse("shape", _("涉及客户的子查询一次写一条 SELECT。"))
        for part in ("order", "limit", "offset", "having"):
            if select.args.get(part):
                raise refuse("shape", _("涉及客户的子查询不能用 %(part)s。") % {"part": part.upper()})
        ground = self.ground(select)
        names = {one.alias_or_name.lower(): one.unalias() for one in select.expressions}
        who = ground.who
        if any(name.endswith(OURS) for name in names):
            raise refuse("name", _("名称不能以两个下划线结尾。"))
        if who is not None and not (PERSON in names and is_person(names[PERSON])):
            raise refuse("within", _("子查询要带上 customer（一人一行），汇总放在最外层。"))
        group = select.args.get("group")
        keys = list(group.expressions) if group is not None else []
        is_grouped = bool(keys) or any(one.find(exp.AggFunc) for one in names.values())
        if who is not None and is_grouped and not any(is_person(key) for key in keys):
            raise refuse("within", _("子查询要按 customer 分组，汇总放在最外层。"))
        for key in keys:
            if not is_person(key):
                check_scalar(key)
        picks, kinds = [], {}
        for name, one in names.items():
            said, kinds[name] = self.pick(one, ground)
            picks.append(f"{said} AS {name}")
        if who is not None:
            mark = f"{who.alias}.mark{OURS}"
            picks.append(f"{'ANY_VALUE' if is_grouped else ''}({who.alias}.who{OURS}) AS who{OURS}")
            picks.append(f"CAST({f'SUM(DISTINCT {mark})' if is_grouped else mark} AS HUGEINT) AS mark{OURS}")
        by = ", ".join(key.sql(dialect="duckdb") if is_person(key) else tried(key) for key in keys)
        sql = f"(SELECT {', '.join(picks)} FROM {ground.sql}{ground.where}{f' GROUP BY {by}' if by else ''})"
        return Source(alias, sql, kinds, has_people=who is not None)

    def pick(self, one: Any, ground: Ground) -> tuple[str, str]:
        """One column of a query within, and its kind."""
        from sqlglot import exp

        if is_person(one):
            return one.sql(dialect="duckdb"), WORD
        if isinstance(one, exp.Column):
            check_scalar(one)
            return one.sql(dialect="duckdb"), ground.kind_of(one)
        if one.find(exp.AggFunc):
            called, arg, condition = parts_of(one)
            if called not in {"Count", "Sum", "Avg", "Min", "Max"}:
                raise refuse("part", _("按人汇总可以用 COUNT、SUM、AVG、MIN、MAX。"))
            said = (
                "*"
                if arg is None
                else ("DISTINCT " if is_distinct(one) else "")
                + (arg.sql(dialect="duckdb") if is_person(arg) else tried(arg))
            )
            filtered = f" FILTER (WHERE {tried(condition)})" if condition is not None else ""
            return f"{called.upper()}({said}){filtered}", EACH
        check_scalar(one)
        return tried(one), WORD


def parts_of(node: Any) -> tuple[str, Any, Any]:
    """Return an aggregate's name, its argument (nothing for all rows) and its condition, each checked."""
    from sqlglot import exp

    node, condition = bare(node), None
    if isinstance(node, exp.Filter):
        node, condition = node.this, node.expression.this
    if isinstance(node, exp.CountIf):
        node, condition = exp.Count(this=exp.Star()), node.this
    if condition is not None:
        check_scalar(condition)
    if not isinstance(node, exp.Count | exp.Sum | exp.Avg | exp.Min | exp.Max):
        text = _("可以用的汇总是 COUNT、SUM、AVG；「%(part)s」会让某一个人的数值露出来。")
        raise refuse("aggregate", text % {"part": node.sql(dialect="duckdb")[:60]})
    arg = node.this
    if isinstance(arg, exp.Distinct):
        if len(arg.expressions) != 1:
            raise refuse("part", _("COUNT(DISTINCT …) 里只写一列。"))
        arg = arg.expressions[0]
    arg = None if arg is None or isinstance(arg, exp.Star) or is_number(arg) else arg
    if arg is None and not isinstance(node, exp.Count):
        raise refuse("part", _("SUM 与 AVG 里要写一列，不能是常数。"))
    if arg is not None and not is_person(arg):
        check_scalar(arg)
    return type(node).__name__, arg, condition


def is_distinct(node: Any) -> bool:
    from sqlglot import exp

    return node.find(exp.Distinct) is not None
