"""A segment's rules as data: a small typed tree of all, any, not and single tests.

One reading, two uses: ``queries.segments`` makes a filter of the tree, ``explain`` follows it for one person.
A test about something unknown is false, and so ``not`` of it is true; a property test holds both together.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.growth.enums import FieldKind, Operator, SegmentUse
from yimei.growth.rules.segment_fields import FIELDS, RELATIVE, WITHOUT_VALUE, FieldSpec

DEEPEST, MOST_TESTS, MOST_CHOICES = 5, 60, 40
FARTHEST_DAYS, HIGHEST = 20_000, Decimal(10) ** 9


@dataclass(frozen=True)
class Test:
    """One question: a field, an operator and, for most of them, a value."""

    field: FieldSpec
    op: Operator
    value: int | Decimal | tuple[str, ...] | None = None


@dataclass(frozen=True)
class Group:
    """Several rules together: all of them, or any."""

    is_all: bool
    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Not:
    part: "Node"


Node = Test | Group | Not
EVERYBODY = Group(is_all=True, parts=())


@dataclass(frozen=True)
class Reason:
    """One line of why somebody is in or out, the deeper ones under it."""

    text: str
    holds: bool
    depth: int


# ---- reading and writing ---------------------------------------------------------------------------------


def parse(data: Any, *, depth: int = 0, path: str = "") -> Node:
    """Read a tree from plain data, and refuse what is unknown with the place where it stands."""
    node = _parse(data, depth, path)
    if depth == 0 and sum(1 for _one in tests(node)) > MOST_TESTS:
        raise RuleBroken(_("一个分群最多 %(n)d 条条件。") % {"n": MOST_TESTS}, code="rules")
    return node


def _parse(data: Any, depth: int, path: str) -> Node:
    if depth > DEEPEST:
        raise _bad(path, _("条件最多嵌套 %(n)d 层") % {"n": DEEPEST})
    if not isinstance(data, Mapping):
        raise _bad(path, _("条件应为一组「字段、比较、值」，或 all、any、not"))
    keys = set(data)
    for name in ("all", "any"):
        if name in keys:
            parts = data[name]
            if keys != {name} or not isinstance(parts, Sequence) or isinstance(parts, str):
                raise _bad(path, _("%(name)s 下面应为一列条件") % {"name": name})
            found = tuple(_parse(one, depth + 1, f"{path}/{name}[{n}]") for n, one in enumerate(parts, 1))
            return Group(name == "all", found)
    if "not" in keys:
        if keys != {"not"}:
            raise _bad(path, _("not 不能与别的写在一起"))
        return Not(_parse(data["not"], depth + 1, f"{path}/not"))
    return _parse_test(data, path)


def _parse_test(data: Mapping[str, Any], path: str) -> Test:
    if unknown := sorted(set(data) - {"field", "op", "value"}):
        raise _bad(path, _("不认识「%(words)s」") % {"words": "、".join(map(str, unknown))})
    spec = FIELDS.get(str(data.get("field", "")))
    if spec is None:
        raise _bad(path, _("没有「%(field)s」这个字段") % {"field": data.get("field", "")})
    if data.get("op") not in Operator.values or Operator(data["op"]) not in spec.operators:
        words = {"field": spec.label, "op": data.get("op", "")}
        raise _bad(path, _("「%(field)s」不能用「%(op)s」比较") % words)
    op = Operator(data["op"])
    return Test(spec, op, _value(spec, op, data.get("value"), path))


def _value(spec: FieldSpec, op: Operator, value: Any, path: str) -> int | Decimal | tuple[str, ...] | None:
    if op in WITHOUT_VALUE:
        if value not in (None, "", []):
            raise _bad(path, _("「%(op)s」不需要值") % {"op": op.label})
        return None
    if spec.kind in {FieldKind.CHOICE, FieldKind.TAG}:
        return _choices(spec, value, path)
    number = _number(spec, value, path)
    if op in RELATIVE:
        if number != int(number) or not 0 <= number <= FARTHEST_DAYS:
            raise _bad(
                path,
                _("「%(field)s」的天数应为 0 到 %(n)d 的整数") % {"field": spec.label, "n": FARTHEST_DAYS},
            )
        return int(number)
    return number


def _choices(spec: FieldSpec, value: Any, path: str) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, Sequence) or not listed or not all(isinstance(one, str) for one in listed):
        raise _bad(path, _("请为「%(field)s」选至少一项") % {"field": spec.label})
    if len(listed) > MOST_CHOICES:
        raise _bad(path, _("「%(field)s」最多选 %(n)d 项") % {"field": spec.label, "n": MOST_CHOICES})
    known = {str(code) for code, _label in spec.choices}
    for one in listed:
        if spec.kind == FieldKind.CHOICE and one not in known:
            raise _bad(path, _("「%(field)s」没有「%(value)s」这一项") % {"field": spec.label, "value": one})
    return tuple(dict.fromkeys(listed))


def _number(spec: FieldSpec, value: Any, path: str) -> Decimal:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite() or abs(number) > HIGHEST:
        raise _bad(path, _("请为「%(field)s」填一个数字") % {"field": spec.label})
    return number.quantize(Decimal("0.01"))


def _bad(path: str, text: str) -> RuleBroken:
    where = _("（位置 %(path)s）") % {"path": path.strip("/")} if path else ""
    return RuleBroken(_("条件有误：%(text)s%(where)s。") % {"text": text, "where": where}, code="rules")


def plain(node: Node) -> dict[str, Any]:
    """Write a tree as plain data; ``parse`` gives it back."""
    if isinstance(node, Group):
        return {"all" if node.is_all else "any": [plain(part) for part in node.parts]}
    if isinstance(node, Not):
        return {"not": plain(node.part)}
    written: dict[str, Any] = {"field": node.field.code, "op": node.op.value}
    if isinstance(node.value, tuple):
        written["value"] = list(node.value)
    elif isinstance(node.value, Decimal):
        written["value"] = int(node.value) if node.value == int(node.value) else str(node.value)
    elif node.value is not None:
        written["value"] = node.value
    return written


def tests(node: Node) -> Iterator[Test]:
    """Every single test of a tree."""
    if isinstance(node, Test):
        yield node
    elif isinstance(node, Not):
        yield from tests(node.part)
    else:
        for part in node.parts:
            yield from tests(part)


def is_relative(node: Node) -> bool:
    """Whether the answer changes with the day alone."""
    return any(test.op in RELATIVE for test in tests(node))


def sensitive_fields(node: Node) -> list[FieldSpec]:
    return list({test.field.code: test.field for test in tests(node) if test.field.is_sensitive}.values())


def check_use(node: Node, use: SegmentUse) -> None:
    """Refuse to choose people for advertisements by their health (个人信息保护法第二十八条、第二十九条)."""
    found = sensitive_fields(node)
    if use == SegmentUse.MARKETING and found:
        names = "、".join(f"「{field.label}」" for field in found)
        text = _(
            "营销分群不能使用医疗健康信息：%(names)s（个人信息保护法第二十八条、第二十九条）。"
            "请去掉这些条件，或改为「服务关怀」分群。"
        )
        raise RuleBroken(text % {"names": names}, code="sensitive")


# ---- one person ------------------------------------------------------------------------------------------


def holds(node: Node, facts: Mapping[str, Any], *, on: date) -> bool:
    """Whether somebody with these facts is in."""
    if isinstance(node, Test):
        return _test(node, facts.get(node.field.code), on)
    if isinstance(node, Not):
        return not holds(node.part, facts, on=on)
    answers = (holds(part, facts, on=on) for part in node.parts)
    return all(answers) if node.is_all or not node.parts else any(answers)


def explain(
    node: Node, facts: Mapping[str, Any], *, on: date, labels: Mapping[str, str] | None = None, depth: int = 0
) -> list[Reason]:
    """Say of each rule whether it holds for this person, in the order of the tree."""
    own = Reason(describe(node, labels), holds(node, facts, on=on), depth)
    if isinstance(node, Test):
        return [own]
    parts = (node.part,) if isinstance(node, Not) else node.parts
    return [
        own,
        *(line for part in parts for line in explain(part, facts, on=on, labels=labels, depth=depth + 1)),
    ]


def describe(node: Node, labels: Mapping[str, str] | None = None) -> str:
    """One rule in words; ``labels`` names the tags."""
    if isinstance(node, Group):
        if not node.parts:
            return _("所有人")
        return _("以下全部满足") if node.is_all else _("以下任一满足")
    if isinstance(node, Not):
        return _("以下不满足")
    field, op, value = str(node.field.label), node.op, node.value
    if isinstance(value, tuple):
        names = {str(code): str(label) for code, label in node.field.choices} | dict(labels or {})
        return f"{field} {op.label} " + "、".join(names.get(one, one) for one in value)
    if op in RELATIVE:
        spoken = {
            Operator.LAST: _("%(field)s 在最近 %(n)s 天内"),
            Operator.AGO: _("%(field)s 已超过 %(n)s 天"),
            Operator.NEXT: _("%(field)s 在今后 %(n)s 天内"),
        }
        return spoken[op] % {"field": field, "n": value}
    if value is None:
        return f"{field} {op.label}"
    return f"{field} {op.label} {value:,f}".removesuffix(".00") + (
        f" {node.field.unit}" if node.field.unit else ""
    )


def _test(test: Test, known: Any, on: date) -> bool:
    op, value = test.op, test.value
    if isinstance(value, tuple):
        if test.field.kind == FieldKind.TAG:
            has = bool(set(value) & set(known or ()))
        else:
            has = (known or "") in value
        return has == (op in {Operator.IN, Operator.TAGGED})
    if op in {Operator.FILLED, Operator.EMPTY}:
        return (known is not None) == (op == Operator.FILLED)
    if op in {Operator.YES, Operator.NO}:
        return bool(known) == (op == Operator.YES)
    if known is None or value is None:
        return False
    if op in RELATIVE:
        return _near(op, known, int(value), on)
    number = Decimal(known)
    return {
        Operator.GTE: number >= value, Operator.LTE: number <= value, Operator.EQ: number == value
    }[op]  # fmt: skip


def span(op: Operator, days: int, on: date) -> tuple[date | None, date | None]:
    """First and last day that a relative rule covers, both included; none is open."""
    step = timedelta(days=days)
    if op == Operator.LAST:
        return on - step, on
    if op == Operator.NEXT:
        return on, on + step
    return None, on - step - timedelta(days=1)


def _near(op: Operator, known: date, days: int, on: date) -> bool:
    first, last = span(op, days, on)
    return (first is None or known >= first) and (last is None or known <= last)
