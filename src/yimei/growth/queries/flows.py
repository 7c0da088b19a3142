"""Flows as pages show them: what they may name, their figures, what they brought about, their tasks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.db.models import DateTimeField as When
from django.utils.translation import gettext as _

from yimei.billing.enums import PaymentKind
from yimei.billing.models import Payment
from yimei.core import names
from yimei.growth import registry
from yimei.growth.enums.flows import Goal, NodeKind, RunEnd, StepResult, TaskOwner, TriggerKind
from yimei.growth.models import Flow, FlowRun, FlowStep, FlowTask, FlowVersion, Segment, Tag
from yimei.growth.rules import flow_drawing
from yimei.growth.rules import segments as trees
from yimei.growth.rules.flows.graphs import BIRTHDAY, KNOWN_WORDS, Giving, Graph, Node, Surroundings
from yimei.growth.rules.lift import LEAST, Lift, Rate, people_until_enough
from yimei.growth.rules.lift import lift as lift_of
from yimei.growth.rules.segment_fields import FIELDS
from yimei.journey.models import Booking
from yimei.outbox.models import Template
from yimei.outbox.rules.texts import places
from yimei.people.models import Staff


@dataclass(frozen=True)
class Figures:
    """Where everybody of a flow is, and what each step came to."""

    entered: int
    inside: int
    done: int
    held_out: int
    left: int
    by_node: Mapping[str, int]
    results: Mapping[str, list[tuple[str, int]]]
    """Step → word of the result and how often."""


@dataclass(frozen=True)
class Effect:
    """Goal by treated and held out, and by the arms of each split."""

    treated: Rate
    held: Rate
    lift: Lift | None
    arms: list[tuple[str, str, Rate]]
    running: int
    """Whose days to the goal are not over yet; they are not counted."""
    needed: int
    """How many have to be through until the two sides can be compared."""
    least: int = LEAST


def listed(*, by: Staff) -> list[Flow]:
    rows = Flow.objects.visible_to(by).select_related("campus")
    return list(
        rows.annotate(entered=Count("runs"), inside=Count("runs", filter=Q(runs__ended_at=None))).order_by(
            "name", "pk"
        )
    )


def surroundings(campus: int | None, today: date) -> Surroundings:
    """What a flow of this campus may name today."""
    templates = Template.objects.filter(is_active=True)
    return Surroundings(
        templates={one.code: (one.message_class, places(one.body)) for one in templates},
        segments=dict(segments_for(campus).values_list("name", "use")),
        tags=frozenset(Tag.objects.filter(is_active=True).values_list("code", flat=True)),
        grants={
            code: Giving(
                frozenset(value for value, _label in one.choices(campus, today)) if one.choices else None,
                one.is_marketing,
            )
            for code, one in registry.grants().items()
        },
    )


def segments_for(campus: int | None) -> QuerySet[Segment]:
    """The segments that a flow of this campus may use: its own and the group's."""
    rows = Segment.objects.living().order_by("name")
    return rows.filter(campus=None) if campus is None else rows.filter(Q(campus=campus) | Q(campus=None))


def template_choices() -> list[tuple[str, str]]:
    rows = Template.objects.filter(is_active=True).order_by("message_class", "code")
    return [(one.code, f"{one.name} · {one.get_message_class_display()}") for one in rows]


def grant_choices(campus: int | None, today: date) -> list[tuple[str, str]]:
    """Everything that a step may give, as kind and value: `points` alone asks for a number."""
    found = []
    for code, one in registry.grants().items():
        if one.choices is None:
            found.append((code, str(one.label)))
            continue
        found += [(f"{code}|{value}", f"{one.label} · {name}") for value, name in one.choices(campus, today)]
    return found


def template_body(code: str) -> tuple[str, list[str]]:
    """The text of a template and the places that the flow must fill."""
    found = Template.objects.filter(code=code).first()
    if found is None:
        return "", []
    return found.body, [name for name in places(found.body) if name not in KNOWN_WORDS]


def figures(flow: Flow) -> Figures:
    """Three queries, whatever the number of people."""
    ends = dict(
        FlowRun.objects.filter(flow=flow).order_by().values_list("ended_because").annotate(n=Count("pk"))
    )
    rows = FlowStep.objects.filter(run__flow=flow).order_by()
    by_node: dict[str, int] = {}
    results: dict[str, list[tuple[str, int]]] = {}
    for node, result, word, n in rows.values_list("node", "result", "word").annotate(n=Count("pk")):
        by_node[node] = by_node.get(node, 0) + n
        said = word or str(StepResult(result).label)
        results.setdefault(node, []).append((said, n))
    return Figures(
        entered=sum(ends.values()),
        inside=ends.get("", 0),
        done=ends.get(RunEnd.DONE, 0),
        held_out=ends.get(RunEnd.HELD_OUT, 0),
        left=ends.get(RunEnd.LEFT, 0) + ends.get(RunEnd.STOPPED, 0),
        by_node=by_node,
        results={node: sorted(found, key=lambda one: -one[1]) for node, found in results.items()},
    )


def effect(flow: Flow, graph: Graph, *, now: datetime) -> Effect:
    """How often the goal was reached within its days, by those treated and by those held out."""
    window = timedelta(days=graph.goal_days)
    rows = FlowRun.objects.filter(flow=flow, profile__isnull=False).order_by()
    over = rows.filter(entered_at__lte=now - window).annotate(hit=_reached(graph.goal, window))
    counted = {
        held: Rate(hits, n)
        for held, hits, n in over.values_list("is_held_out").annotate(
            hits=Count("pk", filter=Q(hit=True)), n=Count("pk")
        )
    }
    treated, held = counted.get(False, Rate(0, 0)), counted.get(True, Rate(0, 0))
    arms = []
    for node in graph.nodes.values():
        if node.kind != NodeKind.SPLIT:
            continue
        for arm in node.branches:
            went = FlowStep.objects.filter(run=OuterRef("pk"), node=node.code, word=arm)
            found = over.filter(Exists(went)).aggregate(hits=Count("pk", filter=Q(hit=True)), n=Count("pk"))
            arms.append((node.label, arm, Rate(found["hits"], found["n"])))
    running = rows.filter(entered_at__gt=now - window).count()
    return Effect(
        treated, held, lift_of(treated, held), arms, running, needed=people_until_enough(graph.holdout)
    )


def _reached(goal: Goal, window: timedelta) -> Exists:
    end = ExpressionWrapper(OuterRef("entered_at") + window, output_field=When())
    mine = Booking.objects.filter(patient=OuterRef("profile__patient"))
    if goal == Goal.BOOKED:
        return Exists(mine.filter(created_at__gt=OuterRef("entered_at"), created_at__lte=end))
    if goal == Goal.VISITED:
        return Exists(mine.filter(arrived_at__gt=OuterRef("entered_at"), arrived_at__lte=end))
    paid = Payment.objects.for_bills().filter(order__patient=OuterRef("profile__patient"))
    paid = paid.exclude(kind=PaymentKind.REFUND)
    return Exists(paid.filter(at__gt=OuterRef("entered_at"), at__lte=end))


def picture(graph: Graph, counts: Mapping[str, int] | None = None) -> flow_drawing.Picture:
    named = dict(Template.objects.values_list("code", "name"))
    texts = {code: said(node, named) for code, node in graph.nodes.items()}
    return flow_drawing.draw(graph, texts, {"yes": _("是"), "no": _("否")}, counts)


def said(node: Node, templates: Mapping[str, str]) -> str:
    """One step in few words."""
    values = node.values
    if node.kind == NodeKind.WAIT:
        parts = [_("%(n)d 天") % {"n": values["days"]}] if values["days"] else []
        parts += [_("%(n)d 小时") % {"n": values["hours"]}] if values["hours"] else []
        parts += [_("到 %(at)s") % {"at": values["at"]}] if values.get("at") else []
        return " ".join(parts)
    if node.kind == NodeKind.CHECK:
        found = [trees.describe(test) for test in trees.tests(trees.parse(values["rules"]))]
        return "；".join(found) or _("所有人")
    if node.kind == NodeKind.SPLIT:
        return " / ".join(f"{name} {share}%" for name, share in values["shares"].items())
    if node.kind == NodeKind.TASK:
        return f"{values['text']} · {TaskOwner(values['owner']).label}"
    if node.kind == NodeKind.MESSAGE:
        return templates.get(values["template"], values["template"])
    if node.kind == NodeKind.GRANT:
        benefit = registry.grants().get(values["what"])
        return f"{benefit.label} {benefit.said(values['value'])}" if benefit else values["what"]
    return str(values.get("tag", ""))


def trigger_said(graph: Graph) -> str:
    """How somebody comes in, in words."""
    from yimei.growth.enums.flows import FlowEvent

    trigger = graph.trigger
    kind = TriggerKind(trigger["kind"])
    if kind == TriggerKind.EVENT:
        return str(FlowEvent(trigger["event"]).label)
    if kind == TriggerKind.SEGMENT:
        return _("进入分群「%(name)s」") % {"name": trigger["segment"]}
    if kind == TriggerKind.INACTIVE:
        return _("%(n)d 天没有到诊，也没有预约") % {"n": trigger["days"]}
    code, days = str(trigger["field"]), int(trigger["days"])
    label = _("生日") if code == BIRTHDAY else str(FIELDS[code].label)
    if days < 0:
        return _("%(label)s前 %(n)d 天") % {"label": label, "n": -days}
    return _("%(label)s后 %(n)d 天") % {"label": label, "n": days} if days else label


def versions(flow: Flow) -> list[FlowVersion]:
    return list(flow.versions.select_related("by"))


@dataclass(frozen=True)
class TaskRow:
    """One task with whom it is about, named as the reader may read it."""

    task: FlowTask
    who: str
    where: str


def tasks(*, by: Staff) -> list[TaskRow]:
    """The open tasks of a reader, the most urgent first."""
    rows = (
        FlowTask.objects.visible_to(by)
        .open()
        .select_related("profile__patient__person__vault_key", "profile__lead__vault_key", "staff")
    )
    return [task_row(one) for one in rows.filter(profile__patient__restricted_at=None)[:200]]


def task_row(task: FlowTask) -> TaskRow:
    profile = task.profile
    if profile is None:
        return TaskRow(task, "—", "")
    if profile.patient is not None:
        return TaskRow(
            task, names.mask(profile.patient.person.name), f"desk:patient:{profile.patient.public_id}"
        )
    assert profile.lead is not None
    return TaskRow(task, names.mask(profile.lead.name), f"desk:lead:{profile.lead.public_id}")


def open_task_count(staff: Staff) -> int:
    return FlowTask.objects.filter(staff=staff).open().count()
