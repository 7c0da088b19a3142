"""A flow as data: read strictly, checked as a graph, one clear sentence for whatever is wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _

from yimei.core.clock import SHANGHAI
from yimei.core.errors import RuleBroken
from yimei.growth.enums import FlowEvent, Goal, NodeKind, Reentry, SegmentUse, TaskOwner, TriggerKind
from yimei.growth.rules import segments
from yimei.growth.rules.segment_fields import FIELDS
from yimei.outbox.enums import MessageClass

MOST_NODES, MOST_ARMS, MOST_DAYS, MOST_HOLDOUT = 60, 5, 400, 50
TEXT_LENGTH, NAME_LENGTH, MOST_GIVEN = 80, 40, 1_000
KNOWN_WORDS = frozenset({"sender", "hospital", "phone"})
"""Places of a template that the flow itself fills: the campus's name and telephone."""
BIRTHDAY = "birthday"

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


# ---- reading --------------------------------------------------------------------------------------


def parse(data: Any) -> Graph:
    """Read a flow from plain data; what it names is looked up by ``check``."""
    if not isinstance(data, Mapping):
        raise _bad(_("应为一张表，含 trigger、reentry、goal、start、nodes"))
    known = {"use", "trigger", "reentry", "holdout", "goal", "start", "nodes"}
    _only(data, known, _("旅程"))
    nodes = data.get("nodes")
    if not isinstance(nodes, Mapping) or not nodes:
        raise _bad(_("至少要有一个步骤"))
    if len(nodes) > MOST_NODES:
        raise _bad(_("最多 %(n)d 个步骤") % {"n": MOST_NODES})
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
        raise _bad(_("没有「%(field)s」这个日期") % {"field": code})
    return {"kind": kind.value, "field": code, "days": _whole(data, "days", -MOST_DAYS, MOST_DAYS * 2)}


def _node(code: str, data: Any) -> Node:
    if not isinstance(data, Mapping):
        raise _bad(_("步骤「%(node)s」应为一张表") % {"node": code})
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
        raise _bad(_("分流「%(node)s」应有 2 到 %(n)d 支") % {"node": code, "n": MOST_ARMS})
    shares, ways = {}, {}
    for name, arm in arms.items():
        if not isinstance(arm, Mapping):
            raise _bad(_("分流「%(node)s」的每一支应写明比例与下一步") % {"node": code})
        _only(arm, {"share", "next"}, code)
        shares[str(name)[:20]] = _whole(arm, "share", 1, 99)
        ways[str(name)[:20]] = str(arm.get("next") or "")
    if sum(shares.values()) != 100:
        words = {"node": code, "sum": sum(shares.values())}
        raise _bad(_("分流「%(node)s」各支之和应为 100，现在是 %(sum)d") % words)
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
            raise _bad(_("等待「%(node)s」没有写明等多久") % {"node": code})
        return found
    if kind == NodeKind.MESSAGE:
        words = data.get("words") or {}
        if not isinstance(words, Mapping):
            raise _bad(_("消息「%(node)s」的 words 应为「占位: 文字」") % {"node": code})
        return {
            "template": str(data.get("template") or ""),
            "words": {str(name): str(text)[:TEXT_LENGTH] for name, text in words.items()},
        }
    if kind == NodeKind.TASK:
        text = str(data.get("text") or "").replace("\0", "").strip()
        if not text or len(text) > TEXT_LENGTH:
            raise _bad(_("任务「%(node)s」要写做什么，不超过 %(n)d 字") % {"node": code, "n": TEXT_LENGTH})
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


# ---- judging --------------------------------------------------------------------------------------


def check(graph: Graph, around: Surroundings) -> None:
    """Refuse a flow that cannot run, or must not; the first thing wrong is named."""
    if graph.start not in graph.nodes:
        raise _bad(_("没有开始的步骤「%(node)s」") % {"node": graph.start})
    for node in graph.nodes.values():
        for word, to in node.ways:
            if to and to not in graph.nodes:
                words = {"node": node.label, "to": to, "word": word}
                raise _bad(_("步骤「%(node)s」指向不存在的「%(to)s」") % words)
    if ring := cycle(graph):
        names = " → ".join(graph.nodes[code].label for code in ring)
        raise _bad(_("步骤绕成了圈：%(ring)s。流程必须能走到头") % {"ring": names})
    reached = set(order(graph))
    if lost := [node.label for code, node in graph.nodes.items() if code not in reached]:
        raise _bad(_("走不到的步骤：%(nodes)s") % {"nodes": "、".join(lost)})
    _check_named(graph, around)
    for node in graph.nodes.values():
        if node.kind == NodeKind.MESSAGE:
            _check_message(graph, node, around)
    if graph.use == SegmentUse.MARKETING:
        segments.check_use(tests_of(graph), SegmentUse.MARKETING)
        code = str(graph.trigger.get("field", ""))
        if code in FIELDS and FIELDS[code].is_sensitive:
            raise _bad(
                _("营销旅程不能按「%(field)s」触发（个人信息保护法第二十八条）")
                % {"field": FIELDS[code].label}
            )


def _check_named(graph: Graph, around: Surroundings) -> None:
    if graph.trigger["kind"] == TriggerKind.SEGMENT:
        use = around.segments.get(graph.trigger["segment"])
        if use is None:
            raise _bad(_("没有「%(name)s」这个分群") % {"name": graph.trigger["segment"]})
        if use != graph.use:
            raise _bad(_("分群「%(name)s」的用途与旅程不同") % {"name": graph.trigger["segment"]})
    for node in graph.nodes.values():
        if node.kind == NodeKind.TAG and node.values["tag"] not in around.tags:
            raise _bad(_("没有「%(tag)s」这个标签") % {"tag": node.values["tag"]})
        if node.kind == NodeKind.GRANT:
            _check_grant(graph, node, around)
        if node.kind == NodeKind.CHECK:
            for test in segments.tests(segments.parse(node.values["rules"])):
                if test.field.code == "tags" and isinstance(test.value, tuple):
                    for tag in set(test.value) - around.tags:
                        raise _bad(_("没有「%(tag)s」这个标签") % {"tag": tag})


def _check_grant(graph: Graph, node: Node, around: Surroundings) -> None:
    giving = around.grants.get(node.values["what"])
    if giving is None:
        raise _bad(_("没有「%(what)s」这种权益可以发放") % {"what": node.values["what"]})
    value = node.values["value"]
    if giving.values is not None and value not in giving.values:
        raise _bad(
            _("步骤「%(node)s」要发的不在可发之列：活动须已批准并在期内，权益须在现行会员规则里")
            % {"node": node.label}
        )
    if giving.values is None and not (value.isdecimal() and 1 <= int(value) <= MOST_GIVEN):
        words = {"node": node.label, "n": MOST_GIVEN}
        raise _bad(_("步骤「%(node)s」的数量应为 1 到 %(n)d") % words)
    if giving.is_marketing and graph.use != SegmentUse.MARKETING:
        raise _bad(_("服务关怀旅程不能发券「%(node)s」，请把用途改为营销活动") % {"node": node.label})


def _check_message(graph: Graph, node: Node, around: Surroundings) -> None:
    found = around.templates.get(node.values["template"])
    if found is None:
        raise _bad(_("没有启用的消息模板「%(code)s」") % {"code": node.values["template"]})
    message_class, places = found
    words = node.values["words"]
    if missing := [
        name for name in places if name not in KNOWN_WORDS and not str(words.get(name, "")).strip()
    ]:
        names = {"node": node.label, "names": "、".join(missing)}
        raise _bad(_("消息「%(node)s」的模板缺少变量：%(names)s") % names)
    if unknown := sorted(set(words) - set(places)):
        names = {"node": node.label, "names": "、".join(unknown)}
        raise _bad(_("消息「%(node)s」的模板没有这些占位：%(names)s") % names)
    if message_class == MessageClass.MARKETING and graph.use != SegmentUse.MARKETING:
        raise _bad(_("服务关怀旅程不能发营销消息「%(node)s」，请把用途改为营销活动") % {"node": node.label})
    if message_class == MessageClass.MEDICAL and graph.holdout:
        raise _bad(_("医疗消息「%(node)s」不能为了对照而不发，请把对照比例设为 0") % {"node": node.label})


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


# ---- running --------------------------------------------------------------------------------------


def wake(node: Node, *, now: datetime) -> datetime:
    """When somebody who begins to wait now goes on."""
    until = now + timedelta(days=node.values["days"], hours=node.values["hours"])
    at = node.values.get("at")
    if not at:
        return until
    local = until.astimezone(SHANGHAI)
    chosen = datetime.combine(local.date(), time.fromisoformat(at), SHANGHAI)
    return chosen if chosen >= local else chosen + timedelta(days=1)


def lot(seed: str) -> int:
    """A number from 0 to 99 that nobody can choose and everybody can compute again."""
    return int.from_bytes(sha256(seed.encode()).digest()[:8], "big") % 100


def is_held_out(graph: Graph, flow: str, person: int) -> bool:
    """Whether somebody belongs to the hold-out of a flow: the same each time she would enter it."""
    return lot(f"{flow}:holdout:{person}") < graph.holdout


def arm(node: Node, flow: str, person: int) -> str:
    """Which way of a split somebody goes: the same in every run of the same flow."""
    drawn, upto = lot(f"{flow}:{node.code}:{person}"), 0
    for name, share in node.values["shares"].items():
        upto += share
        if drawn < upto:
            return str(name)
    return str(next(iter(node.branches)))


# ---- pieces ---------------------------------------------------------------------------------------


def _bad(text: str) -> RuleBroken:
    return RuleBroken(_("旅程有误：%(text)s。") % {"text": text}, code="graph")


def _only(data: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := sorted(str(name) for name in set(data) - known):
        raise _bad(_("「%(where)s」里不认识 %(names)s") % {"where": where, "names": "、".join(unknown)})


def _mapping(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    if not isinstance(found, Mapping):
        raise _bad(_("缺少 %(name)s") % {"name": name})
    return found


def _one_of(words: Any, value: Any, text: str) -> Any:
    if not isinstance(value, str) or value not in words.values:
        raise _bad(text)
    return words(value)


def _whole(data: Mapping[str, Any], name: str, low: int, high: int) -> int:
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise _bad(_("%(name)s 应为 %(low)d 到 %(high)d 的整数") % {"name": name, "low": low, "high": high})
    return value


def _hour(code: str, value: Any) -> str:
    try:
        return time.fromisoformat(str(value)).strftime("%H:%M")
    except ValueError:
        raise _bad(_("等待「%(node)s」的时刻写作 10:00") % {"node": code}) from None
