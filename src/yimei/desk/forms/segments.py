"""A segment's tree in a form: read from its fields, changed by its buttons, drawn row by row.

Every node has a path (0, 0.0, 0.1 …) and stands in the form as kind.PATH, field.PATH, op.PATH and value.PATH:
the whole tree travels with each click, and nothing is kept between two.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.errors import RuleBroken
from yimei.growth.enums import FieldKind, Operator, SegmentUse
from yimei.growth.rules import segments as rules
from yimei.growth.rules.segment_fields import FIELDS, RELATIVE, WITHOUT_VALUE, FieldSpec, by_group

MOST_PARTS, DEEPEST = 40, 4
KINDS = {"all": gettext_lazy("全部满足"), "any": gettext_lazy("任一满足"), "none": gettext_lazy("都不满足")}
FIRST = "last_visit_on"
"""The field with which a new condition begins."""


class Posted(Protocol):
    """What a form sent: one value by name, or all of them."""

    def get(self, key: str, /) -> Any: ...
    def getlist(self, key: str, /) -> list[str]: ...
    def __contains__(self, key: object, /) -> bool: ...


@dataclass
class Draft:
    """One node while it is being edited; a value may still be missing."""

    kind: str
    parts: list["Draft"] = field(default_factory=list)
    code: str = FIRST
    op: str = ""
    values: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """One node as the page draws it."""

    path: str
    kind: str
    depth: int
    parts: list["Row"]
    spec: FieldSpec | None = None
    op: str = ""
    operators: list[tuple[str, str]] = field(default_factory=list)
    choices: list[tuple[str, str, bool]] = field(default_factory=list)
    value: str = ""
    unit: str = ""
    error: str = ""

    @property
    def is_group(self) -> bool:
        return self.kind != "test"

    @property
    def shape(self) -> str:
        """Which control holds the value."""
        if self.is_group or self.op in WITHOUT_VALUE:
            return ""
        return "choices" if self.choices else "number"


class SegmentForm(forms.Form):
    """What a segment is called and what it is for."""

    name = forms.CharField(
        label=gettext_lazy("名称"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    use = forms.TypedChoiceField(
        label=gettext_lazy("用途"),
        choices=SegmentUse.choices,
        coerce=SegmentUse,
        initial=SegmentUse.CARE,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("营销活动只含已同意接收的成年人，且不能按医疗健康信息挑人。"),
    )


class PersonForm(forms.Form):
    """Whose membership is asked about; posted, so that no address holds a number."""

    text = forms.CharField(
        label=gettext_lazy("档案号或线索手机"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class TagForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("标签名称"),
        max_length=20,
        help_text=gettext_lazy("写服务偏好，例如「周末方便」；不写病情与身体特征。"),
    )


def read(posted: Posted, path: str = "0", depth: int = 0) -> Draft:
    """Read the tree that a form sent; what is odd becomes a condition that still has to be filled in."""
    kind = str(posted.get(f"kind.{path}") or "")
    if kind not in KINDS or depth > DEEPEST:
        code = str(posted.get(f"field.{path}") or FIRST)
        code = code if code in FIELDS else FIRST
        op = str(posted.get(f"op.{path}") or "")
        known = op in Operator.values and Operator(op) in FIELDS[code].operators
        values = [one for one in posted.getlist(f"value.{path}")[:MOST_PARTS] if one.strip()]
        return Draft("test", code=code, op=op if known else FIELDS[code].operators[0], values=values)
    parts = []
    for number in range(MOST_PARTS):
        if f"kind.{path}.{number}" not in posted:
            break
        parts.append(read(posted, f"{path}.{number}", depth + 1))
    return Draft(kind, parts=parts)


def from_tree(tree: Mapping[str, Any]) -> Draft:
    """The draft of a saved tree; the root is always a group."""
    found = _from_node(rules.parse(tree))
    return found if found.kind in KINDS else Draft("all", parts=[found])


def _from_node(node: rules.Node) -> Draft:
    if isinstance(node, rules.Group):
        return Draft("all" if node.is_all else "any", parts=[_from_node(part) for part in node.parts])
    if isinstance(node, rules.Not):
        inner = node.part
        if isinstance(inner, rules.Group) and not inner.is_all:
            return Draft("none", parts=[_from_node(part) for part in inner.parts])
        return Draft("none", parts=[_from_node(inner)])
    values = list(node.value) if isinstance(node.value, tuple) else []
    if isinstance(node.value, int | Decimal):
        values = [str(rules.plain(node)["value"])]
    return Draft("test", code=node.field.code, op=node.op.value, values=values)


def tree_of(draft: Draft) -> dict[str, Any]:
    """The tree that a draft stands for, as ``rules.parse`` reads it."""
    if draft.kind == "test":
        spec, op = FIELDS[draft.code], Operator(draft.op)
        found: dict[str, Any] = {"field": spec.code, "op": op.value}
        if op not in WITHOUT_VALUE:
            many = spec.kind in {FieldKind.CHOICE, FieldKind.TAG}
            found["value"] = draft.values if many else (draft.values or [""])[0]
        return found
    parts = [tree_of(part) for part in draft.parts]
    return {"not": {"any": parts}} if draft.kind == "none" else {draft.kind: parts}


def act(draft: Draft, what: str) -> Draft:
    """Do what a button says: add a condition or a group under a path, or drop what stands there."""
    verb, _colon, path = what.partition(":")
    steps = [int(step) for step in path.split(".")[1:] if step.isdecimal()]
    if verb == "drop" and steps:
        parent = _at(draft, steps[:-1])
        if parent and steps[-1] < len(parent.parts):
            parent.parts.pop(steps[-1])
        return draft
    chosen = _at(draft, steps)
    if chosen is None or chosen.kind == "test" or len(chosen.parts) >= MOST_PARTS:
        return draft
    if verb == "test":
        chosen.parts.append(Draft("test", op=FIELDS[FIRST].operators[0]))
    elif verb == "group" and len(steps) < DEEPEST:
        chosen.parts.append(Draft("any", parts=[Draft("test", op=FIELDS[FIRST].operators[0])]))
    return draft


def _at(draft: Draft, steps: list[int]) -> Draft | None:
    for step in steps:
        if step >= len(draft.parts):
            return None
        draft = draft.parts[step]
    return draft


def rows(
    draft: Draft, tags: Mapping[str, str], *, is_checked: bool = False, path: str = "0", depth: int = 0
) -> Row:
    """Dress a draft for the page; with `is_checked`, each condition says what is wrong with it."""
    if draft.kind != "test":
        parts = [
            rows(part, tags, is_checked=is_checked, path=f"{path}.{n}", depth=depth + 1)
            for n, part in enumerate(draft.parts)
        ]
        return Row(path, draft.kind, depth, parts)
    spec, op = FIELDS[draft.code], Operator(draft.op)
    options = tags.items() if spec.kind == FieldKind.TAG else spec.choices
    choices = [(str(code), str(label), str(code) in draft.values) for code, label in options]
    return Row(
        path,
        "test",
        depth,
        [],
        spec=spec,
        op=op.value,
        operators=[(one.value, _said(one)) for one in spec.operators],
        choices=choices,
        value="" if choices or not draft.values else draft.values[0],
        unit=_("天") if op in RELATIVE else str(spec.unit),
        error=_error(draft) if is_checked else "",
    )


def groups() -> Iterator[tuple[str, list[FieldSpec]]]:
    for label, specs in by_group():
        yield str(label), specs


def _said(op: Operator) -> str:
    short: dict[Operator, Callable[[], str]] = {
        Operator.LAST: lambda: _("在最近"),
        Operator.AGO: lambda: _("已超过"),
        Operator.NEXT: lambda: _("在今后"),
    }
    return short[op]() if op in short else str(op.label)


def _error(draft: Draft) -> str:
    try:
        rules.parse(tree_of(draft))
    except RuleBroken as refusal:
        return refusal.message
    return ""
