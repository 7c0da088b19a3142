"""Whether a flow can run, and may: checked as a graph, against what it names and what it is for."""

from django.utils.translation import gettext as _

from yimei.growth.enums import SegmentUse
from yimei.growth.enums.flows import NodeKind, TriggerKind
from yimei.growth.rules import segments
from yimei.growth.rules.flows.graphs import (
    KNOWN_WORDS,
    Graph,
    Node,
    Surroundings,
    bad,
    cycle,
    order,
    tests_of,
)
from yimei.growth.rules.segment_fields import FIELDS
from yimei.outbox.enums import MessageClass

MOST_GIVEN = 1_000


def check(graph: Graph, around: Surroundings) -> None:
    """Refuse a flow that cannot run, or must not; the first thing wrong is named."""
    if graph.start not in graph.nodes:
        raise bad(_("没有开始的步骤「%(node)s」") % {"node": graph.start})
    for node in graph.nodes.values():
        for word, to in node.ways:
            if to and to not in graph.nodes:
                words = {"node": node.label, "to": to, "word": word}
                raise bad(_("步骤「%(node)s」指向不存在的「%(to)s」") % words)
    if ring := cycle(graph):
        names = " → ".join(graph.nodes[code].label for code in ring)
        raise bad(_("步骤绕成了圈：%(ring)s。流程必须能走到头") % {"ring": names})
    reached = set(order(graph))
    if lost := [node.label for code, node in graph.nodes.items() if code not in reached]:
        raise bad(_("走不到的步骤：%(nodes)s") % {"nodes": "、".join(lost)})
    _check_named(graph, around)
    for node in graph.nodes.values():
        if node.kind == NodeKind.MESSAGE:
            _check_message(graph, node, around)
    if graph.use == SegmentUse.MARKETING:
        segments.check_use(tests_of(graph), SegmentUse.MARKETING)
        code = str(graph.trigger.get("field", ""))
        if code in FIELDS and FIELDS[code].is_sensitive:
            raise bad(
                _("营销旅程不能按「%(field)s」触发（个人信息保护法第二十八条）")
                % {"field": FIELDS[code].label}
            )


def _check_named(graph: Graph, around: Surroundings) -> None:
    if graph.trigger["kind"] == TriggerKind.SEGMENT:
        use = around.segments.get(graph.trigger["segment"])
        if use is None:
            raise bad(_("没有「%(name)s」这个分群") % {"name": graph.trigger["segment"]})
        if use != graph.use:
            raise bad(_("分群「%(name)s」的用途与旅程不同") % {"name": graph.trigger["segment"]})
    for node in graph.nodes.values():
        if node.kind == NodeKind.TAG and node.values["tag"] not in around.tags:
            raise bad(_("没有「%(tag)s」这个标签") % {"tag": node.values["tag"]})
        if node.kind == NodeKind.GRANT:
            _check_grant(graph, node, around)
        if node.kind == NodeKind.CHECK:
            for test in segments.tests(segments.parse(node.values["rules"])):
                if test.field.code == "tags" and isinstance(test.value, tuple):
                    for tag in set(test.value) - around.tags:
                        raise bad(_("没有「%(tag)s」这个标签") % {"tag": tag})


def _check_grant(graph: Graph, node: Node, around: Surroundings) -> None:
    giving = around.grants.get(node.values["what"])
    if giving is None:
        raise bad(_("没有「%(what)s」这种权益可以发放") % {"what": node.values["what"]})
    value = node.values["value"]
    if giving.values is not None and value not in giving.values:
        raise bad(
            _("步骤「%(node)s」要发的不在可发之列：活动须已批准并在期内，权益须在现行会员规则里")
            % {"node": node.label}
        )
    if giving.values is None and not (value.isdecimal() and 1 <= int(value) <= MOST_GIVEN):
        words = {"node": node.label, "n": MOST_GIVEN}
        raise bad(_("步骤「%(node)s」的数量应为 1 到 %(n)d") % words)
    if giving.is_marketing and graph.use != SegmentUse.MARKETING:
        raise bad(_("服务关怀旅程不能发券「%(node)s」，请把用途改为营销活动") % {"node": node.label})


def _check_message(graph: Graph, node: Node, around: Surroundings) -> None:
    found = around.templates.get(node.values["template"])
    if found is None:
        raise bad(_("没有启用的消息模板「%(code)s」") % {"code": node.values["template"]})
    message_class, places = found
    words = node.values["words"]
    if missing := [
        name for name in places if name not in KNOWN_WORDS and not str(words.get(name, "")).strip()
    ]:
        names = {"node": node.label, "names": "、".join(missing)}
        raise bad(_("消息「%(node)s」的模板缺少变量：%(names)s") % names)
    if unknown := sorted(set(words) - set(places)):
        names = {"node": node.label, "names": "、".join(unknown)}
        raise bad(_("消息「%(node)s」的模板没有这些占位：%(names)s") % names)
    if message_class == MessageClass.MARKETING and graph.use != SegmentUse.MARKETING:
        raise bad(_("服务关怀旅程不能发营销消息「%(node)s」，请把用途改为营销活动") % {"node": node.label})
    if message_class == MessageClass.MEDICAL and graph.holdout:
        raise bad(_("医疗消息「%(node)s」不能为了对照而不发，请把对照比例设为 0") % {"node": node.label})
