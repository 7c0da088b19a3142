"""What a flow would have done with yesterday's people: walked through now, nothing written, nothing sent."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from yimei.core.clock import SHANGHAI, local_date, local_day
from yimei.growth.enums.flows import NodeKind, StepResult, TriggerKind
from yimei.growth.models import Flow, Profile
from yimei.growth.queries import segments, triggers
from yimei.growth.queries.flows import segments_for
from yimei.growth.rules.flows import running
from yimei.growth.rules.flows.graphs import Graph, Node
from yimei.outbox.enums import Channel, MessageClass
from yimei.outbox.models import Template
from yimei.outbox.queries import enquiry_facts, ground_of, limits_of
from yimei.outbox.rules import enquiries
from yimei.outbox.rules.decision import decide

MOST = 300
"""People walked through; more are counted, not walked."""


@dataclass
class Rehearsed:
    """What came of a dry run."""

    on: datetime
    came: int = 0
    admitted: int = 0
    walked: int = 0
    held_out: int = 0
    by_node: Counter[str] = field(default_factory=Counter)
    results: dict[str, Counter[str]] = field(default_factory=dict)

    def note(self, node: str, word: str = "") -> None:
        self.by_node[node] += 1
        if word:
            self.results.setdefault(node, Counter())[word] += 1


def rehearse(flow: Flow, graph: Graph, *, now: datetime) -> Rehearsed:
    """Let yesterday's people through the draft; conditions are asked as things stand now."""
    since, until = local_day(local_date(now) - timedelta(days=1))
    found = Rehearsed(since)
    comers = _comers(flow, graph, since, until)
    found.came = len({comer.profile for comer in comers})
    allowed = triggers.admissible(graph, flow.campus_id).filter(pk__in=[comer.profile for comer in comers])
    found.admitted = allowed.count()
    templates = {one.code: one for one in Template.objects.filter(is_active=True)}
    people = allowed.select_related("patient__person__vault_key", "lead__vault_key", "campus").order_by("pk")[
        :MOST
    ]
    at = {comer.profile: comer.at for comer in comers}
    for profile in people:
        found.walked += 1
        if running.is_held_out(graph, str(flow.pk), profile.pk):
            found.held_out += 1
            continue
        _walk(flow, graph, profile, templates, found, at=max(at[profile.pk], since))
    return found


def _comers(flow: Flow, graph: Graph, since: datetime, until: datetime) -> list[triggers.Comer]:
    kind = graph.trigger["kind"]
    if kind == TriggerKind.EVENT:
        return triggers.by_event_between(graph.trigger["event"], since, until)
    if kind == TriggerKind.SEGMENT:
        segment = segments_for(flow.campus_id).filter(name=graph.trigger["segment"]).first()
        if segment is None:
            return []
        rows = segments.members(segment, on=local_date(since))
        return [triggers.Comer(pk, str(pk), since) for pk in rows.values_list("pk", flat=True)[:5000]]
    return triggers.by_days(graph, [local_date(since)], now=since)


def _walk(
    flow: Flow,
    graph: Graph,
    profile: Profile,
    templates: dict[str, Template],
    found: Rehearsed,
    *,
    at: datetime,
) -> None:
    code, answers = graph.start, triggers.fits(graph, profile, local_date(at))
    while code:
        node = graph.nodes[code]
        if node.kind == NodeKind.WAIT:
            at = running.wake(node, now=at)
            found.note(code, f"{at.astimezone(SHANGHAI):%m-%d %H:00}")
            code = node.next
        elif node.kind == NodeKind.CHECK:
            answer = StepResult.YES if answers[code] else StepResult.NO
            found.note(code, str(answer.label))
            code = node.branches[answer]
        elif node.kind == NodeKind.SPLIT:
            word = running.arm(node, str(flow.pk), profile.pk)
            found.note(code, word)
            code = node.branches[word]
        elif node.kind == NodeKind.MESSAGE:
            found.note(code, _decided(node, profile, templates, at))
            code = node.next
        else:
            found.note(code)
            code = node.next


def _decided(node: Node, profile: Profile, templates: dict[str, Template], at: datetime) -> str:
    """What the outbox would say to this message at that moment."""
    template = templates.get(node.values["template"])
    if template is None:
        return "—"
    message_class = MessageClass(template.message_class)
    if profile.patient is not None:
        ground = ground_of(template, profile.patient, channel=Channel.FILE, now=at)
        decision = decide(message_class, ground.facts, ground.limits)
    elif profile.lead is not None:
        limits, key = limits_of(local_date(at)), profile.lead.vault_key_id
        facts, _counted = enquiry_facts([key], at, limits.cap_days)[key]
        decision = enquiries.decide(message_class, facts, limits)
    else:
        return "—"
    return decision.reason if decision.verdict == "refuse" else str(decision.verdict.label)
