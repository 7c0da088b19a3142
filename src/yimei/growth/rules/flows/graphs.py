"""A flow as data: its steps, where each leads, and the order in which they are reached."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.growth.enums import SegmentUse
from yimei.growth.enums.flows import Goal, NodeKind, Reentry
from yimei.growth.rules import segments
from yimei.growth.rules.segment_fields import FIELDS

KNOWN_WORDS = frozenset({"sender", "hospital", "phone"})
"""Places of a template that the flow itself fills: the campus's name and telephone."""
BIRTHDAY = "birthday"


@dataclass(frozen=True)
class Node:
    """One step with where it leads: `next`, or the branches of a check or a split."""

    code: str
    kind: NodeKind
    label: str
    values: Mapping[str, Any]
    next: str = ""
    branches: Mapping[str, str] = field(default_factory=dict)

    @property
    def ways(self) -> Iterator[tuple[str, str]]:
        """Every way out: the word on it, and the node it leads to (empty: the end)."""
        yield from self.branches.items() if self.branches else [("", self.next)]


@dataclass(frozen=True)
class Graph:
    """One version of a flow."""

    use: SegmentUse
    trigger: Mapping[str, Any]
    reentry: Reentry
    reentry_days: int
    holdout: int
    goal: Goal
    goal_days: int
    start: str
    nodes: Mapping[str, Node]


@dataclass(frozen=True)
class Surroundings:
    """What a flow may name: templates with class and places, segments with their use, tags, benefits."""

    templates: Mapping[str, tuple[str, list[str]]]
    segments: Mapping[str, str]
    tags: frozenset[str]
    grants: Mapping[str, "Giving"] = field(default_factory=dict)


@dataclass(frozen=True)
class Giving:
    """What a kind of benefit may be: one of these, or a number; and whether only marketing gives it."""

    values: frozenset[str] | None = None
    is_marketing: bool = False


def cycle(graph: Graph) -> list[str]:
    """Return one ring of steps, or nothing."""
    done: set[str] = set()

    def walk(code: str, path: list[str]) -> list[str]:
        if code in path:
            return [*path[path.index(code) :], code]
        if not code or code in done:
            return []
        for _word, to in graph.nodes[code].ways:
            if found := walk(to, [*path, code]):
                return found
        done.add(code)
        return []

    return next((found for code in graph.nodes if (found := walk(code, []))), [])


def order(graph: Graph) -> list[str]:
    """The steps that can be reached, nearest first."""
    found, waiting = [], [graph.start]
    while waiting:
        code = waiting.pop(0)
        if code and code not in found:
            found.append(code)
            waiting += [to for _word, to in graph.nodes[code].ways]
    return found


def tests_of(graph: Graph) -> segments.Group:
    """Every condition of a flow together, to see what it asks about people."""
    checks = [node for node in graph.nodes.values() if node.kind == NodeKind.CHECK]
    return segments.Group(True, tuple(segments.parse(node.values["rules"]) for node in checks))


def is_sensitive(graph: Graph) -> bool:
    """Whether a flow knows people by their health, in a condition or in its trigger."""
    code = str(graph.trigger.get("field", ""))
    return bool(segments.sensitive_fields(tests_of(graph))) or (code in FIELDS and FIELDS[code].is_sensitive)


def bad(text: str) -> RuleBroken:
    return RuleBroken(_("旅程有误：%(text)s。") % {"text": text}, code="graph")
