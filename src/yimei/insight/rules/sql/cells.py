"""The outermost block of a question about people: its cells, and what is said with them."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from yimei.insight.rules.sql.blocks import EACH, MARKS, WORD, Ground, Source, is_distinct, parts_of
from yimei.insight.rules.sql.tree import (
    OURS,
    PERSON,
    SIMPLE,
    bare,
    check_scalar,
    is_number,
    is_person,
    refuse,
    tried,
)


@dataclass(frozen=True)
class Measure:
    """One number of a cell: what is summed over people; ``noise`` names whose chance it shares."""

    x: str
    kind: str
    noise: str
    condition: str
    count: str = ""


@dataclass(frozen=True)
class Plan:
    """What is run. Without ``cells`` nothing in it is about people and ``after`` is the whole of it."""

    after: str
    cells: str = ""
    typical: str = ""
    keys: int = 0
    measures: tuple[Measure, ...] = ()


class Cells:
    """The outermost block: cells, their numbers, and what is said with them afterwards."""

    def __init__(self, ground: Ground, select: Any) -> None:
        self.select, self.ground = select, ground
        self.keys: list[Any] = []
        self.measures: list[Measure] = []

    def plan(self) -> Plan:
        from sqlglot import exp

        who = self.ground.who
        if who is None:
            raise refuse("shape", _("请直接从有客户的表汇总。"))
        group = self.select.args.get("group")
        self.keys = list(group.expressions) if group is not None else []
        for key in self.keys:
            check_scalar(key)
        if not self.keys and not all(one.find(exp.AggFunc) for one in self.select.expressions):
            raise refuse(
                "rows", _("结果是一人一行。请用 COUNT、SUM、AVG 汇总，再按组列出；要看到人，请到客户页。")
            )
        picks = [f'{self.after(one.unalias())} AS "{_quoted(one)}"' for one in self.select.expressions]
        having, order = self.select.args.get("having"), self.select.args.get("order")
        after = f"SELECT {', '.join(picks)} FROM told"
        if having is not None:
            after += f" WHERE {self.after(having.this)}"
        if order is not None:
            after += f" ORDER BY {', '.join(self.ordered(one) for one in order.expressions)}"
        for part in ("limit", "offset"):
            node = self.select.args.get(part)
            if node is not None and not is_number(node.expression):
                raise refuse("part", _("LIMIT 与 OFFSET 里写数字。"))
            after += f" {part.upper()} {node.expression.sql()}" if node is not None else ""
        return Plan(after, self.cells(who), self.typical(who), len(self.keys), tuple(self.measures))

    def cells(self, who: Source) -> str:
        """One line for each person of a cell, and then the cell."""
        keys = [f"{tried(key)} AS d{number}" for number, key in enumerate(self.keys, 1)]
        inner, outer = [*keys, f"{who.alias}.who{OURS} AS who"], [f"d{n}" for n in range(1, len(keys) + 1)]
        outer.append("COUNT(*)")
        for number, one in enumerate(self.measures, 1):
            inner.append(f"{one.x} AS x{number}")
            mark = f"SUM(DISTINCT {who.alias}.mark{OURS}){one.condition}"
            if one.kind == "people":  # whichever table they were counted in
                mark = f"CASE WHEN {one.x} > 0 THEN hash({who.alias}.who{OURS}) % {MARKS} END"
            inner.append(f"CAST({mark} AS HUGEINT) AS h{number}")
            inner.append(f"{one.count or 'NULL'} AS c{number}")
            x = f"x{number}"
            outer += [
                f"SUM({x})",
                f"COUNT(*) FILTER (WHERE {x} <> 0)",
                f"MAX(ABS({x})) FILTER (WHERE who IS NOT NULL)",
                f"CAST(COALESCE(SUM(h{number}), 0) AS VARCHAR)",
                f"SUM(c{number})",
            ]
        by = ", ".join(str(n) for n in range(1, len(keys) + 2))
        again = f" GROUP BY {', '.join(f'd{n}' for n in range(1, len(keys) + 1))}" if keys else ""
        one_each = f"SELECT {', '.join(inner)} FROM {self.ground.sql}{self.ground.where} GROUP BY {by}"
        return f"SELECT {', '.join(outer)} FROM ({one_each}) AS each{again}"

    def typical(self, who: Source) -> str:
        """What the larger people of all have, whatever was asked: noise must not tell who was left out."""
        picks = [f"{one.x.replace(one.condition, '')} AS x{n}" for n, one in enumerate(self.measures, 1)]
        if not picks:
            return ""
        shares = [f"QUANTILE_CONT(ABS(x{n}), 0.99)" for n in range(1, len(picks) + 1)]
        inner = f"SELECT {', '.join(picks)} FROM {self.ground.sql} GROUP BY {who.alias}.who{OURS}"
        return f"SELECT {', '.join(shares)} FROM ({inner}) AS everybody"

    def after(self, node: Any) -> str:
        """An expression over the cells that may be told."""
        from sqlglot import exp

        def swap(one: Any) -> Any:
            for number, key in enumerate(self.keys, 1):
                if one == key:
                    return exp.column(f"d{number}")
            if isinstance(one, exp.Filter | exp.AggFunc):
                return exp.column(f"m{self.measure(one)}")
            return one

        said = node.copy().transform(swap)
        for column in said.find_all(exp.Column):
            if column.table or column.name.lower() in {PERSON, "nth"}:
                text = _("「%(name)s」既没有分组，也没有汇总。") % {"name": column.sql(dialect="duckdb")[:60]}
                raise refuse("rows", text)
        check_scalar(said)
        words: str = said.sql(dialect="duckdb")
        return words

    def ordered(self, one: Any) -> str:
        from sqlglot import exp

        names = {each.alias_or_name: _quoted(each) for each in self.select.expressions}
        what = one.this
        if isinstance(what, exp.Column) and not what.table and what.name in names:
            said = f'"{names[what.name]}"'
        else:
            said = what.sql() if is_number(what) else self.after(what)
        way, nulls = one.args.get("desc"), one.args.get("nulls_first")
        return f"{said}{' DESC' if way else ''} NULLS {'FIRST' if nulls else 'LAST'}"

    def measure(self, node: Any) -> int:
        """Return the place of a number among those of the cells."""
        called, arg, condition = parts_of(node)
        filtered = f" FILTER (WHERE {tried(condition)})" if condition is not None else ""
        if called == "Count":
            found = self.counted(node, arg, filtered)
        elif called in {"Sum", "Avg"} and not is_distinct(node):
            columns = self.summed(arg)
            x = f"SUM(TRY(CAST({arg.sql(dialect='duckdb')} AS DOUBLE))){filtered}"
            count = f"COUNT({tried(arg)}){filtered}" if called == "Avg" else ""
            found = Measure(x, called.lower(), f"sum:{columns}", filtered, count)
        else:
            text = _("可以用的汇总是 COUNT、SUM、AVG；「%(part)s」会让某一个人的数值露出来。")
            raise refuse("aggregate", text % {"part": node.sql(dialect="duckdb")[:60]})
        if found not in self.measures:
            self.measures.append(found)
        return self.measures.index(found) + 1

    def counted(self, node: Any, arg: Any, filtered: str) -> Measure:
        if not is_distinct(node):
            what = "*" if arg is None or is_person(arg) else tried(arg)
            return Measure(f"COUNT({what}){filtered}", "count", "count", filtered)
        if arg is not None and is_person(arg):
            return Measure(f"CAST(COUNT(*){filtered} > 0 AS INTEGER)", "people", "people", filtered)
        if arg is not None and bare(arg).name.lower() == "episode":
            return Measure(f"COUNT(DISTINCT {tried(arg)}){filtered}", "count", "episode", filtered)
        raise refuse("aggregate", _("COUNT(DISTINCT …) 里可以写 customer 或 episode。"))

    def summed(self, arg: Any) -> str:
        """Refuse a sum that somebody's value could be hidden in; return the columns it is made of."""
        from sqlglot import exp

        inner = bare(arg)
        if isinstance(inner, exp.Column):
            parts = [inner]
        elif type(inner).__name__ in SIMPLE:
            parts = [bare(side) for side in (inner.left, inner.right) if not is_number(side)]
        else:
            parts = []
        kinds = [self.ground.kind_of(one) if isinstance(one, exp.Column) else WORD for one in parts]
        if not kinds or WORD in kinds or (len(kinds) > 1 and EACH in kinds):
            text = _("SUM 与 AVG 里写一列，或两列、一列与一个数的加减乘除；条件请写在 FILTER 或 WHERE 里。")
            raise refuse("measure", text)
        return ",".join(sorted({one.name.lower() for one in parts}))


def _quoted(one: Any) -> str:
    name: str = one.alias_or_name or one.sql(dialect="duckdb")
    return name.replace('"', "'")[:60]
