"""Changes of a flow's draft on plain data: a step put in, taken out, written anew; each gives a new draft."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.growth.enums.flows import NodeKind
from yimei.growth.rules.flows import reading

Draft = dict[str, Any]


def fresh(use: str) -> Draft:
    """A new flow: somebody books, a day later nothing yet."""
    return {
        "use": use,
        "trigger": {"kind": "event", "event": "journey.booking.no_show"},
        "reentry": {"mode": "after", "days": 30},
        "holdout": 0,
        "goal": {"event": "visited", "days": 14},
        "start": "n1",
        "nodes": {"n1": {"kind": "wait", "label": str(NodeKind.WAIT.label), "days": 1, "next": ""}},
    }


def blank(kind: NodeKind, *, template: str = "") -> dict[str, Any]:
    """A step as it is put in: something that can be read, to be filled in next."""
    found: dict[str, Any] = {"kind": kind.value, "label": str(kind.label)}
    if kind == NodeKind.CHECK:
        return {**found, "rules": {"all": []}, "yes": "", "no": ""}
    if kind == NodeKind.SPLIT:
        return {**found, "arms": {"A": {"share": 50, "next": ""}, "B": {"share": 50, "next": ""}}}
    more: dict[NodeKind, dict[str, Any]] = {
        NodeKind.WAIT: {"days": 1},
        NodeKind.MESSAGE: {"template": template},
        NodeKind.TASK: {"text": _("联系客户"), "owner": "consultant", "hours": 24},
        NodeKind.TAG: {"tag": ""},
        NodeKind.GRANT: {"what": ""},
    }
    return {**found, **more.get(kind, {}), "next": ""}


def put_in(
    draft: Mapping[str, Any], *, after: str, way: str, kind: NodeKind, template: str = ""
) -> tuple[Draft, str]:
    """Put a step on a way out of another (or before the first); what came next comes after it."""
    found = deepcopy(dict(draft))
    if len(found["nodes"]) >= reading.MOST_NODES:
        raise RuleBroken(_("最多 %(n)d 个步骤。") % {"n": reading.MOST_NODES}, code="graph")
    code = _free(found["nodes"])
    node = blank(kind, template=template)
    if not after:
        rest, found["start"] = found["start"], code
    else:
        rest = _way(found, after, way)
        _lead(found, after, way, code)
    first = {NodeKind.CHECK: "yes", NodeKind.SPLIT: "A"}.get(kind, "")
    found["nodes"][code] = node
    _lead(found, code, first, rest)
    return found, code


def take_out(draft: Mapping[str, Any], code: str) -> Draft:
    """Take a step out; whoever led to it leads to what came after it, and what nobody reaches goes too."""
    found = deepcopy(dict(draft))
    if code not in found["nodes"]:
        return found
    if len(found["nodes"]) == 1:
        raise RuleBroken(_("至少要有一个步骤。"), code="graph")
    node = found["nodes"][code]
    ways = {"check": "yes", "split": next(iter(node.get("arms") or {"": 0}))}
    rest = _way(found, code, ways.get(node["kind"], ""))
    for other in list(found["nodes"]):
        for way, to in _ways(found["nodes"][other]):
            if to == code:
                _lead(found, other, way, rest)
    if found["start"] == code:
        found["start"] = rest
    del found["nodes"][code]
    if found["start"] not in found["nodes"]:
        raise RuleBroken(_("这是唯一走得到的步骤，不能去掉。"), code="graph")
    reached = _reached(found)
    found["nodes"] = {name: one for name, one in found["nodes"].items() if name in reached}
    return found


def write(draft: Mapping[str, Any], code: str, values: Mapping[str, Any]) -> Draft:
    """Write a step's own values anew; where it leads stays unless the values say otherwise."""
    found = deepcopy(dict(draft))
    if code not in found["nodes"]:
        raise RuleBroken(_("没有这个步骤，可能已被去掉。"), code="graph")
    found["nodes"][code] = {**found["nodes"][code], **values}
    return found


def _ways(node: Mapping[str, Any]) -> list[tuple[str, str]]:
    if node["kind"] == "check":
        return [("yes", node.get("yes") or ""), ("no", node.get("no") or "")]
    if node["kind"] == "split":
        return [(name, arm.get("next") or "") for name, arm in node["arms"].items()]
    return [("", node.get("next") or "")]


def _way(draft: Draft, code: str, way: str) -> str:
    if code not in draft["nodes"]:
        raise RuleBroken(_("没有这个步骤，可能已被去掉。"), code="graph")
    return dict(_ways(draft["nodes"][code])).get(way, "")


def _lead(draft: Draft, code: str, way: str, to: str) -> None:
    node = draft["nodes"][code]
    if node["kind"] == "check":
        node["yes" if way != "no" else "no"] = to
    elif node["kind"] == "split":
        if way in node["arms"]:
            node["arms"][way]["next"] = to
    else:
        node["next"] = to


def _reached(draft: Draft) -> set[str]:
    found: set[str] = set()
    waiting = [draft["start"]]
    while waiting:
        code = waiting.pop()
        if code in draft["nodes"] and code not in found:
            found.add(code)
            waiting += [to for _way_, to in _ways(draft["nodes"][code])]
    return found


def _free(nodes: Mapping[str, Any]) -> str:
    return next(code for n in range(1, reading.MOST_NODES * 3) if (code := f"n{n}") not in nodes)
