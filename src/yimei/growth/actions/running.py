"""Lets people into flows and moves them on; a worker that dies on the way leaves nothing half done.

One transaction moves one batch: its steps, its messages and everybody's place stand together or not at all.
Each step of a run exists once in the database, each message has a key made of run and step, and the outbox's
gate decides about every one of them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import connection, transaction

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.errors import RuleBroken
from yimei.growth import registry
from yimei.growth.actions import leads, owning, profiles, segments, tags
from yimei.growth.enums import LeadLoss, LeadStatus
from yimei.growth.enums.flows import FlowStatus, NodeKind, RunEnd, StepResult, TaskOwner, TriggerKind
from yimei.growth.models import Flow, FlowRun, FlowStep, FlowTask, FlowVersion, Lead, Profile, Tag
from yimei.growth.queries import triggers
from yimei.growth.queries.owners import responsible
from yimei.growth.queries.segments import facts_of
from yimei.growth.rules import segments as trees
from yimei.growth.rules.flows import reading, running
from yimei.growth.rules.flows.graphs import Graph, Node
from yimei.outbox.actions import batches, enquiries, messages
from yimei.outbox.enums import MessageStatus
from yimei.outbox.models import EnquiryMessage, Message, Template
from yimei.outbox.rules.texts import places

BATCH = 200
BATCHES = 200
"""Most batches of one flow in one call; the rest waits for the next."""
LOCKING = frozenset({NodeKind.OWNER, NodeKind.STAGE, NodeKind.GRANT})
"""Steps that lock rows of others: taken before anything of their transaction is in the log (ADR 7)."""
TOGETHER = 5_000
"""How many are asked about in one query on their way in."""
STALE = timedelta(days=7)
"""What happened longer ago brings nobody in, whatever kept the worker: nobody is asked about last month."""
RESULTS = {MessageStatus.HELD: StepResult.HELD, MessageStatus.REFUSED: StepResult.REFUSED}


@dataclass
class _Work:
    """What a batch writes at its end."""

    steps: list[FlowStep] = field(default_factory=list)
    wanted: list[tuple[FlowStep, Message | EnquiryMessage]] = field(default_factory=list)
    templates: dict[str, Template] = field(default_factory=dict)
    tags: dict[str, Tag] = field(default_factory=dict)
    is_logged: bool = False
    """Whether something of this transaction is in the log, whose lock is held from then on."""


def tick(*, now: datetime) -> int:
    """Let in and move on everybody who is due, in every running flow; return how many steps were taken."""
    profiles.refresh(now=now)
    segments.sync_all(now=now)
    taken = 0
    for pk in list(Flow.objects.running().order_by("pk").values_list("pk", flat=True)):
        enter(pk, now=now)
        taken += advance(pk, now=now)
    return taken


@transaction.atomic
def enter(flow_id: int, *, now: datetime) -> int:
    """Let in whoever the trigger brings since the last look; return how many."""
    lock(f"growth.flow:{flow_id}")
    flow = Flow.objects.running().filter(pk=flow_id).select_related("segment").first()
    if flow is None:
        return 0
    version = flow.versions.get(number=flow.number)
    graph = reading.parse(version.graph)
    rest, entered = iter(_comers(flow, graph, now=now)), 0
    while comers := list(islice(rest, TOGETHER)):
        able = triggers.admissible(graph, flow.campus_id).filter(pk__in=[one.profile for one in comers])
        allowed = set(able.values_list("pk", flat=True))
        entering = triggers.returning(flow, graph, [c for c in comers if c.profile in allowed], now=now)
        runs = [_run(flow, version, graph, comer, now=now) for comer in entering]
        FlowRun.objects.bulk_create(runs, batch_size=1000)
        entered += len(runs)
    if entered:
        log.record("growth.flow.entered", at=now, target=flow, rows=entered)
    return entered


def advance(flow_id: int, *, now: datetime, batches: int = BATCHES) -> int:
    """Move on everybody of a flow who is due, batch by batch; return how many steps were taken."""
    taken = 0
    for _number in range(batches):
        moved, steps = _advance(flow_id, now=now)
        taken += steps
        if moved == 0:
            break
    return taken


@transaction.atomic
def _advance(flow_id: int, *, now: datetime) -> tuple[int, int]:
    due = FlowRun.objects.filter(
        flow=flow_id, flow__status=FlowStatus.RUNNING, ended_at=None, wake_at__lte=now
    ).order_by("wake_at", "pk")
    if connection.vendor == "postgresql":
        due = due.select_for_update(of=("self",), skip_locked=True)
    chosen = list(due.values_list("pk", flat=True)[:BATCH])
    if not chosen:
        return 0, 0
    rows = FlowRun.objects.filter(pk__in=chosen).order_by("pk")
    runs = list(rows.select_related("flow__campus", "version", "profile__campus"))
    graphs = {run.version_id: reading.parse(run.version.graph) for run in runs}
    runs = _together(runs, graphs)
    patients = sorted({one.profile.patient_id for one in runs if one.profile and one.profile.patient_id})
    lock(*(f"outbox.patient:{pk}" for pk in patients))
    known = _known(runs, graphs, patients, now=now)
    work = _Work(
        tags={tag.code: tag for tag in Tag.objects.filter(is_active=True)},
        templates={one.code: one for one in Template.objects.filter(is_active=True)},
    )
    for run in runs:
        _walk(run, graphs[run.version_id], known.get(run.profile_id or 0), work, now=now)
    _send(work, now=now)
    FlowStep.objects.bulk_create(work.steps)
    _keep_places(runs)
    log.record("growth.flow.advanced", at=now, target=runs[0].flow, rows=len(work.steps))
    return len(runs), len(work.steps)


def _keep_places(runs: Sequence[FlowRun]) -> None:
    """Write where everybody stands: most of a batch stand at the same place, and are written at once."""
    places: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for run in runs:
        places[run.node, run.wake_at, run.ended_at, run.ended_because].append(run.pk)
    for (node, wake_at, ended_at, because), pks in places.items():
        FlowRun.objects.filter(pk__in=pks).update(
            node=node, wake_at=wake_at, ended_at=ended_at, ended_because=because
        )


def _together(runs: list[FlowRun], graphs: Mapping[int, Graph]) -> list[FlowRun]:
    """Who moves in one transaction: somebody before a locking step alone, all others together."""

    def is_before_lock(run: FlowRun) -> bool:
        node = graphs[run.version_id].nodes.get(run.node)
        return node is not None and node.kind in LOCKING

    return runs[:1] if is_before_lock(runs[0]) else [run for run in runs if not is_before_lock(run)]


def _known(
    runs: Sequence[FlowRun], graphs: Mapping[int, Graph], patients: list[int], *, now: datetime
) -> dict[int, Profile]:
    """The profiles of a batch, read anew where a condition may be asked; without sealed people."""
    asks = any(node.kind == NodeKind.CHECK for graph in graphs.values() for node in graph.nodes.values())
    if asks and patients:
        profiles.read_now(patients, now=now)
    rows = Profile.objects.living().filter(pk__in=[run.profile_id for run in runs if run.profile_id])
    return {
        one.pk: one for one in rows.select_related("campus", "patient__person__vault_key", "lead__vault_key")
    }


def _comers(flow: Flow, graph: Graph, *, now: datetime) -> list[triggers.Comer]:
    """Whom the trigger brings since the last look; moves the flow's own place."""
    kind, today = graph.trigger["kind"], local_date(now)
    if kind == TriggerKind.EVENT:
        comers, flow.seq = triggers.by_event(graph.trigger["event"], after=flow.seq, upto=triggers.log_end())
        flow.save(update_fields=["seq"])
        return [comer for comer in comers if comer.at > now - STALE]
    if kind == TriggerKind.SEGMENT:
        return triggers.by_segment(flow, since=flow.versions.get(number=flow.number).at)
    start = flow.checked_on or today - timedelta(days=1)
    days = [start + timedelta(days=n + 1) for n in range(min((today - start).days, 14))]
    if not days:
        return []
    flow.checked_on = today
    flow.save(update_fields=["checked_on"])
    return triggers.by_days(graph, days, now=now)


def _run(flow: Flow, version: FlowVersion, graph: Graph, comer: triggers.Comer, *, now: datetime) -> FlowRun:
    run = FlowRun(flow=flow, version=version, profile_id=comer.profile, key=comer.key[:80], entered_at=now)
    if running.is_held_out(graph, str(flow.pk), comer.profile):
        run.is_held_out, run.ended_at, run.ended_because = True, now, RunEnd.HELD_OUT
    else:
        run.node, run.wake_at = graph.start, now
    return run


def _walk(run: FlowRun, graph: Graph, profile: Profile | None, work: _Work, *, now: datetime) -> None:
    """Take steps until the next wait or the end."""
    while run.node and profile is not None:
        node = graph.nodes[run.node]
        if node.kind in LOCKING and work.is_logged:
            run.wake_at = now
            return
        step = FlowStep(run=run, node=node.code, at=now)
        run.node = _step(run, node, profile, step, work, now=now)
        work.steps.append(step)
        if node.kind == NodeKind.WAIT:
            run.wake_at = running.wake(node, now=now)
            if run.wake_at > now:
                return
    run.wake_at, run.ended_at = None, now
    run.ended_because = RunEnd.DONE if profile is not None else RunEnd.LEFT
    run.node = ""


def _step(run: FlowRun, node: Node, profile: Profile, step: FlowStep, work: _Work, *, now: datetime) -> str:
    """Do one step, note what came of it, and say where it leads."""
    if node.kind == NodeKind.WAIT:
        step.result = StepResult.WAITING
        return node.next
    if node.kind == NodeKind.CHECK:
        tree = trees.parse(node.values["rules"])
        holds = trees.holds(tree, facts_of(profile), on=local_date(now))
        step.result = StepResult.YES if holds else StepResult.NO
        return node.branches[step.result]
    if node.kind == NodeKind.SPLIT:
        step.result = StepResult.ARM
        step.word = running.arm(node, str(run.flow_id), profile.pk)
        return node.branches[step.word]
    acts = {
        NodeKind.MESSAGE: _message,
        NodeKind.TASK: _task,
        NodeKind.TAG: _tag,
        NodeKind.OWNER: _owner,
        NodeKind.STAGE: _stage,
        NodeKind.GRANT: _grant,
    }
    step.result = acts[node.kind](run, node, profile, step, work, now)
    work.is_logged = work.is_logged or node.kind in LOCKING or node.kind == NodeKind.MESSAGE
    return node.next


def _message(
    run: FlowRun, node: Node, profile: Profile, step: FlowStep, work: _Work, now: datetime
) -> StepResult:
    """Put a message among those that the batch decides about at its end; until then nobody knows."""
    template = work.templates.get(node.values["template"])
    if template is None:
        # A template that somebody turned off since; the flow goes on without it, and its figures say so.
        return StepResult.SKIPPED
    campus = profile.campus
    words: dict[str, str] = {"sender": campus.name, "hospital": campus.name, "phone": campus.phone or "—"}
    params = {name: node.values["words"].get(name) or words.get(name, "") for name in places(template.body)}
    key = f"flow:{run.public_id}:{node.code}"
    try:
        if profile.patient is not None:
            hers = messages.prepare(template, patient=profile.patient, params=params, key=key)
            work.wanted.append((step, hers))
        elif profile.lead is not None:
            answer = enquiries.prepare(template, vault_key=profile.lead.vault_key, params=params, key=key)
            work.wanted.append((step, answer))
    except RuleBroken:
        # A word that the template got since this version was published.
        return StepResult.SKIPPED
    return StepResult.SENT


def _send(work: _Work, *, now: datetime) -> None:
    """Decide about the messages of a batch together, and note beside each step what was decided."""
    if not work.wanted:
        return
    found = batches.send_many([one for _step, one in work.wanted], now=now)
    for step, wanted in work.wanted:
        sent = found[wanted.key]
        if isinstance(sent, Message):
            step.message = sent
        else:
            step.enquiry = sent
        step.result = RESULTS.get(MessageStatus(sent.status), StepResult.SENT)


def _task(
    run: FlowRun, node: Node, profile: Profile, step: FlowStep, work: _Work, now: datetime
) -> StepResult:
    staff = responsible(profile, TaskOwner(node.values["owner"]))
    if staff is None:
        return StepResult.SKIPPED
    FlowTask.objects.get_or_create(
        step_key=f"{run.public_id}:{node.code}",
        defaults={
            "profile": profile,
            "staff": staff,
            "text": node.values["text"],
            "due_at": now + timedelta(hours=node.values["hours"]),
            "created_at": now,
        },
    )
    return StepResult.DONE


def _tag(
    run: FlowRun, node: Node, profile: Profile, step: FlowStep, work: _Work, now: datetime
) -> StepResult:
    tag = work.tags.get(node.values["tag"])
    if tag is None:
        return StepResult.SKIPPED
    if node.values["off"]:
        changed = bool(profile.taggings.filter(tag=tag).delete()[0])
    else:
        changed = tags.put(profile, tag, now=now, flow=run.flow.name)
    return StepResult.DONE if changed else StepResult.SKIPPED


def _owner(
    run: FlowRun, node: Node, profile: Profile, step: FlowStep, work: _Work, now: datetime
) -> StepResult:
    """A lead of the pool finds an owner by the draw."""
    lead = _lead(profile)
    if lead is None or lead.status != LeadStatus.OPEN or lead.owner_id is not None:
        return StepResult.SKIPPED
    owning.assign_new(lead, rule=None, original=None, by=None, now=now)
    return StepResult.DONE if lead.owner_id else StepResult.SKIPPED


def _stage(
    run: FlowRun, node: Node, profile: Profile, step: FlowStep, work: _Work, now: datetime
) -> StepResult:
    """A lost lead is followed again, unless she asked to be left alone."""
    lead = _lead(profile)
    if lead is None or lead.status != LeadStatus.LOST or lead.loss == LeadLoss.REFUSED:
        return StepResult.SKIPPED
    leads.open_again(lead, now=now)
    return StepResult.DONE


def _grant(
    run: FlowRun, node: Node, profile: Profile, step: FlowStep, work: _Work, now: datetime
) -> StepResult:
    benefit = registry.grants().get(node.values["what"])
    if benefit is None or profile.patient is None:
        return StepResult.SKIPPED
    given = benefit.give(profile.patient, node.values["value"], f"flow:{run.public_id}:{node.code}", now)
    return StepResult.DONE if given else StepResult.SKIPPED


def _lead(profile: Profile) -> Lead | None:
    rows = Lead.objects.living().filter(duplicate_of=None)
    own = {"patient": profile.patient_id} if profile.patient_id else {"pk": profile.lead_id}
    mine = rows.filter(**own)
    found = mine.order_by("-created_at").values_list("pk", flat=True).first()
    if found is None:
        return None
    return Lead.objects.select_for_update(of=("self",)).with_people().get(pk=found)
