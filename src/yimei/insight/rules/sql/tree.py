"""The parts of SQL that may stand in a question about people: everything else is refused, not guessed."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken

PERSON = "customer"
KEPT_FROM_USE = frozenset({PERSON, "nth"})
"""Columns that number people: good for counting and joining, never for choosing."""
OURS = "__"
"""Names that end so are our own, in what is run."""
SCALAR = frozenset(
    """
    Column Identifier Literal Boolean Null Var Paren And Or Not EQ NEQ GT GTE LT LTE NullSafeEQ NullSafeNEQ
    Between In Tuple Is Like ILike SimilarTo Add Sub Mul Div IntDiv Mod Neg Case If Cast TryCast DataType
    Coalesce Nullif Greatest Least Abs Round Floor Ceil Interval CurrentDate DateTrunc TimestampTrunc Extract
    Year Quarter Month Week Day DayOfWeek DayOfWeekIso DayOfMonth DateAdd DateSub DateDiff Lower Upper Length
    Substring Left Right Concat DPipe Trim StartsWith Contains TimeToStr TsOrDsToDate Date
    """.split()  # noqa: SIM905 - eighty words read badly one a line
)
SIMPLE = ("Add", "Sub", "Mul", "Div")


def children(select: Any, name: str) -> Any:
    """Read a part of a statement under the name it has in this version of the parser or the last."""
    return select.args.get(name) or select.args.get(f"{name}_")


def refuse(code: str, text: str) -> RuleBroken:
    return RuleBroken(text, code=code)


def check_scalar(node: Any) -> None:
    """Refuse an expression that could choose a person by number or reach beyond its row."""
    for each in node.walk():
        kind = type(each).__name__
        if kind not in SCALAR:
            text = _("涉及客户的查询里不能用「%(part)s」。") % {"part": each.sql(dialect="duckdb")[:60]}
            raise refuse("part", text)
        if kind == "Column" and each.name.lower() in KEPT_FROM_USE:
            text = _("「%(name)s」只能用来计数（COUNT(DISTINCT customer)）、关联和按人分组，不能用来挑人。")
            raise refuse("person", text % {"name": each.name})


def is_person(node: Any) -> bool:
    """Whether an expression is just the number of a person."""
    kind = type(node).__name__
    if kind == "Coalesce":
        return all(is_person(each) for each in (node.this, *node.expressions))
    return kind == "Column" and node.name.lower() == PERSON


def conjuncts(node: Any) -> Iterator[Any]:
    kind = type(node).__name__
    if kind == "Paren":
        yield from conjuncts(node.this)
    elif kind == "And":
        yield from conjuncts(node.left)
        yield from conjuncts(node.right)
    else:
        yield node


def tried(node: Any) -> str:
    """An expression that gives nothing where it fails: whether it failed must not tell of a row."""
    return f"TRY({node.sql(dialect='duckdb')})"


def bare(node: Any) -> Any:
    """What lies within brackets and casts."""
    while type(node).__name__ in {"Paren", "Cast", "TryCast"}:
        node = node.this
    return node


def is_number(node: Any) -> bool:
    inner = bare(node)
    if type(inner).__name__ == "Neg":
        inner = inner.this
    return type(inner).__name__ == "Literal" and not inner.is_string
