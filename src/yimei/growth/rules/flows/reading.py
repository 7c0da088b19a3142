"""A flow read strictly from plain data and written back: one clear sentence for whatever is wrong."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from django.utils.translation import gettext as _

from yimei.growth.enums import SegmentUse
from yimei.growth.enums.flows import FlowEvent, Goal, NodeKind, Reentry, TaskOwner, TriggerKind
from yimei.growth.rules import segments
from yimei.growth.rules.flows.graphs import BIRTHDAY, Graph, Node, bad
from yimei.growth.rules.segment_fields import FIELDS

MOST_NODES, MOST_ARMS, MOST_DAYS, MOST_HOLDOUT = 60, 5, 400, 50
TEXT_LENGTH, NAME_LENGTH = 80, 40
OWN = {
    NodeKind.WAIT: {"days", "hours", "at"},
    NodeKind.CHECK: {"rules", "yes", "no"},
    NodeKind.SPLIT: {"arms"},
    NodeKind.MESSAGE: {"template", "words"},
    NodeKind.TASK: {"text", "owner", "hours"},
    NodeKind.TAG: {"tag", "off"},
    NodeKind.OWNER: set(),
    NodeKind.STAGE: set(),
    NodeKind.GRANT: {"what", "value"},
}


def parse(data: Any) -> Graph:
    """Read a flow from plain data; what it names is looked up by ``check``."""
    if not isinstance(data, Mapping):
        raise bad(_("应为一张表，含 trigger、reentry、goal、start、nodes"))
    known = {"use", "trigger", "reentry", "holdout", "goal", "start", "nodes"}
    _only(data, known, _("旅程"))
    nodes = data.get("nodes")
    if not isinstance(nodes, Mapping) or not nodes:
        raise bad(_("至少要有一个步骤"))
    if len(nodes) > MOST_NODES:
        raise bad(_("最多 %(n)d 个步骤") % {"n": MOST_NODES})
    reentry, goal = _mapping(data, "reentry"), _mapping(data, "goal")
    _only(reentry, {"mode", "days"}, "reentry")
    _only(goal, {"event", "days"}, "goal")
    mode = _one_of(Reentry, reentry.get("mode"), _("请写明能否再次进入（reentry.mode）"))
    return Graph(
        use=_one_of(SegmentUse, data.get("use"), _("请写明用途（use）")),
        trigger=_trigger(_mapping(data, "trigger")),
        reentry=mode,
        reentry_days=_whole(reentry, "days", 1, MOST_DAYS) if mode == Reentry.AFTER else 0,
        holdout=_whole({"holdout": data.get("holdout", 0)}, "holdout", 0, MOST_HOLDOUT),
        goal=_one_of(Goal, goal.get("event"), _("请写明目标（goal.event）")),
        goal_days=_whole(goal, "days", 1, MOST_DAYS),
        start=str(data.get("start") or ""),
        nodes={str(code): _node(str(code), one) for code, one in nodes.items()},
    )


def _trigger(data: Mapping[str, Any]) -> Mapping[str, Any]:
    kind = _one_of(TriggerKind, data.get("kind"), _("请写明怎样进入（trigger.kind）"))
    if kind == TriggerKind.EVENT:
        _only(data, {"kind", "event"}, "trigger")
        return {
            "kind": kind.value,
            "event": _one_of(FlowEvent, data.get("event"), _("没有这种事件")).value,
        }
    if kind == TriggerKind.SEGMENT:
        _only(data, {"kind", "segment"}, "trigger")
        return {"kind": kind.value, "segment": str(data.get("segment") or "")}
    if kind == TriggerKind.INACTIVE:
        _only(data, {"kind", "days"}, "trigger")
        return {"kind": kind.value, "days": _whole(data, "days", 1, MOST_DAYS * 2)}
    _only(data, {"kind", "field", "days"}, "trigger")
    code = str(data.get("field") or "")
    if code != BIRTHDAY and (code not in FIELDS or FIELDS[code].kind != "date"):
        raise bad(_("没有「%(field)s」这个日期") % {"field": code})
    return {"kind": kind.value, "field": code, "days": _whole(data, "days", -MOST_DAYS, MOST_DAYS * 2)}


def _node(code: str, data: Any) -> Node:
    if not isinstance(data, Mapping):
        raise bad(_("步骤「%(node)s」应为一张表") % {"node": code})
    kind = _one_of(NodeKind, data.get("kind"), _("步骤「%(node)s」没有写明做什么（kind）") % {"node": code})
    _only(data, {"kind", "label", "next"} | OWN[kind], code)
    label = str(data.get("label") or kind.label)[:NAME_LENGTH]
    after = str(data.get("next") or "")
    if kind == NodeKind.CHECK:
        ways = {"yes": str(data.get("yes") or ""), "no": str(data.get("no") or "")}
        return Node(
            code, kind, label, {"rules": segments.plain(segments.parse(data.get("rules")))}, branches=ways
        )
    if kind == NodeKind.SPLIT:
        return _split(code, label, data)
    return Node(code, kind, label, _values(code, kind, data), next=after)


def _split(code: str, label: str, data: Mapping[str, Any]) -> Node:
    arms = data.get("arms")
    if not isinstance(arms, Mapping) or not 2 <= len(arms) <= MOST_ARMS:
        raise bad(_("分流「%(node)s」应有 2 到 %(n)d 支") % {"node": code, "n": MOST_ARMS})
    shares, ways = {}, {}
    for name, arm in arms.items():
        if not isinstance(arm, Mapping):
            raise bad(_("分流「%(node)s」的每一支应写明比例与下一步") % {"node": code})
        _only(arm, {"share", "next"}, code)
        shares[str(name)[:20]] = _whole(arm, "share", 1, 99)
        ways[str(name)[:20]] = str(arm.get("next") or "")
    if sum(shares.values()) != 100:
        words = {"node": code, "sum": sum(shares.values())}
        raise bad(_("分流「%(node)s」各支之和应为 100，现在是 %(sum)d") % words)
    return Node(code, NodeKind.SPLIT, label, {"shares": shares}, branches=ways)


def _values(code: str, kind: NodeKind, data: Mapping[str, Any]) -> dict[str, Any]:
    if kind == NodeKind.WAIT:
        found: dict[str, Any] = {
            "days": _whole({"days": data.get("days", 0)}, "days", 0, MOST_DAYS),
            "hours": _whole({"hours": data.get("hours", 0)}, "hours", 0, 23),
        }
        if at := data.get("at"):
            found["at"] = _hour(code, at)
        if not any(found.values()):
            raise bad(_("等待「%(node)s」没有写明等多久") % {"node": code})
        return found
    if kind == NodeKind.MESSAGE:
        words = data.get("words") or {}
        if not isinstance(words, Mapping):
            raise bad(_("消息「%(node)s」的 words 应为「占位: 文字」") % {"node": code})
        return {
            "template": str(data.get("template") or ""),
            "words": {str(name): str(text)[:TEXT_LENGTH] for name, text in words.items()},
        }
    if kind == NodeKind.TASK:
        text = str(data.get("text") or "").replace("\0", "").strip()
        if not text or len(text) > TEXT_LENGTH:
            raise bad(_("任务「%(node)s」要写做什么，不超过 %(n)d 字") % {"node": code, "n": TEXT_LENGTH})
        return {
            "text": text,
            "owner": _one_of(TaskOwner, data.get("owner", "consultant"), _("任务派给谁")).value,
            "hours": _whole({"hours": data.get("hours", 24)}, "hours", 1, 24 * 30),
        }
    if kind == NodeKind.TAG:
        return {"tag": str(data.get("tag") or ""), "off": bool(data.get("off", False))}
    if kind == NodeKind.GRANT:
        return {"what": str(data.get("what") or ""), "value": str(data.get("value") or "")[:40]}
    return {}


def plain(graph: Graph) -> dict[str, Any]:
    """Write a flow as plain data; ``parse`` gives it back."""
    reentry: dict[str, Any] = {"mode": graph.reentry.value}
    if graph.reentry == Reentry.AFTER:
        reentry["days"] = graph.reentry_days
    return {
        "use": graph.use.value,
        "trigger": dict(graph.trigger),
        "reentry": reentry,
        "holdout": graph.holdout,
        "goal": {"event": graph.goal.value, "days": graph.goal_days},
        "start": graph.start,
        "nodes": {code: plain_node(node) for code, node in graph.nodes.items()},
    }


def plain_node(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": node.kind.value, "label": node.label}
    if node.kind == NodeKind.CHECK:
        return {**found, "rules": node.values["rules"], **node.branches}
    if node.kind == NodeKind.SPLIT:
        shares = node.values["shares"]
        return {**found, "arms": {n: {"share": shares[n], "next": way} for n, way in node.branches.items()}}
    kept = {name: value for name, value in node.values.items() if value not in (0, False, {}, "")}
    return {**found, **kept, "next": node.next}


def _only(data: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := sorted(str(name) for name in set(data) - known):
        raise bad(_("「%(where)s」里不认识 %(names)s") % {"where": where, "names": "、".join(unknown)})


def _mapping(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    if not isinstance(found, Mapping):
        raise bad(_("缺少 %(name)s") % {"name": name})
    return found


def _one_of(words: Any, value: Any, text: str) -> Any:
    if not isinstance(value, str) or value not in words.values:
        raise bad(text)
    return words(value)


def _whole(data: Mapping[str, Any], name: str, low: int, high: int) -> int:
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise bad(_("%(name)s 应为 %(low)d 到 %(high)d 的整数") % {"name": name, "low": low, "high": high})
    return value


def _hour(code: str, value: Any) -> str:
    try:
        return time.fromisoformat(str(value)).strftime("%H:%M")
    except ValueError:
        raise bad(_("等待「%(node)s」的时刻写作 10:00") % {"node": code}) from None
