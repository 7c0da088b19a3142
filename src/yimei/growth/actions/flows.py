"""Flows: drawn, published in versions, paused, ended, copied, read from a file."""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.core.names import normalise
from yimei.growth.access import open_flow, open_flow_task
from yimei.growth.actions import segments
from yimei.growth.enums import SegmentUse
from yimei.growth.enums.flows import FlowStatus, RunEnd, TriggerKind
from yimei.growth.models import Flow, FlowRun, FlowTask, FlowVersion, Segment
from yimei.growth.queries import flows as queries
from yimei.growth.queries import triggers
from yimei.growth.rules import flow_edit, flow_files
from yimei.growth.rules.flows import judging, reading
from yimei.growth.rules.flows.graphs import Graph
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission, Scope

NAME_LENGTH = 40


@transaction.atomic
def create(
    *,
    name: str,
    use: SegmentUse,
    by: Staff,
    now: datetime,
    draft: Mapping[str, Any] | None = None,
    whole_group: bool = False,
) -> Flow:
    """Begin a flow of the writer's campus with a first step, or with a given draft."""
    need(by, Permission.GROWTH_WRITE)
    if whole_group and by.scope_of(Permission.GROWTH_WRITE) != Scope.GROUP:
        raise RuleBroken(_("您只能为本院区建立旅程。"), code="campus")
    graph = reading.parse(draft or flow_edit.fresh(use.value))
    flow = Flow.objects.create(
        name=_clean(name),
        use=graph.use,
        campus=None if whole_group else by.campus,
        draft=reading.plain(graph),
        created_at=now,
        created_by=by,
    )
    log.record("growth.flow.create", at=now, by=by, target=flow)
    return flow


@transaction.atomic
def save(
    flow_id: UUID, *, name: str | None = None, draft: Mapping[str, Any], by: Staff, now: datetime
) -> Flow:
    """Keep a draft; what runs goes on by its own version until this one is published."""
    flow = _open(flow_id, by=by)
    graph = reading.parse(draft)
    flow.name = flow.name if name is None else _clean(name)
    flow.use, flow.draft = graph.use, reading.plain(graph)
    flow.save(update_fields=["name", "use", "draft"])
    log.record("growth.flow.draft", at=now, by=by, target=flow)
    return flow


@transaction.atomic
def publish(flow_id: UUID, *, by: Staff, now: datetime) -> FlowVersion:
    """Check the draft whole and let it run as the next version; those inside go on by theirs."""
    flow = _open(flow_id, by=by)
    graph = reading.parse(flow.draft)
    judging.check(graph, queries.surroundings(flow.campus_id, local_date(now)))
    plain = reading.plain(graph)
    digest = sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    newest = flow.versions.first()
    if newest is not None and newest.sha256 == digest and flow.status == FlowStatus.RUNNING:
        return newest
    flow.number = newest.number + 1 if newest else 1
    version = FlowVersion.objects.create(
        flow=flow, number=flow.number, graph=plain, sha256=digest, by=by, at=now
    )
    _follow(flow, graph, now=now)
    flow.status = FlowStatus.RUNNING
    flow.seq, flow.checked_on = triggers.log_end(), local_date(now)
    flow.save(update_fields=["number", "status", "segment", "seq", "checked_on"])
    log.record(
        "growth.flow.publish",
        at=now,
        by=by,
        target=flow,
        detail={"number": flow.number, "sha256": digest},
    )
    return version


@transaction.atomic
def pause(flow_id: UUID, *, by: Staff, now: datetime) -> Flow:
    """Stop letting in and moving on; nobody loses her place."""
    return _turn(flow_id, FlowStatus.RUNNING, FlowStatus.PAUSED, by=by, now=now)


@transaction.atomic
def resume(flow_id: UUID, *, by: Staff, now: datetime) -> Flow:
    """Go on from here; what happened during the pause brings nobody in."""
    flow = _turn(flow_id, FlowStatus.PAUSED, FlowStatus.RUNNING, by=by, now=now)
    flow.seq, flow.checked_on = triggers.log_end(), local_date(now)
    flow.save(update_fields=["seq", "checked_on"])
    return flow


@transaction.atomic
def end(flow_id: UUID, *, by: Staff, now: datetime) -> Flow:
    """Give a flow up; whoever is inside stops where she is."""
    flow = _open(flow_id, by=by)
    if flow.status == FlowStatus.ENDED:
        return flow
    if flow.status == FlowStatus.DRAFT:
        raise RuleBroken(_("草稿还没有发布，不需要停用。"))
    flow.status = FlowStatus.ENDED
    _follow(flow, None, now=now)
    flow.save(update_fields=["status", "segment"])
    FlowRun.objects.filter(flow=flow, ended_at=None).update(
        ended_at=now, ended_because=RunEnd.STOPPED, wake_at=None, node=""
    )
    log.record("growth.flow.end", at=now, by=by, target=flow)
    return flow


@transaction.atomic
def back_to(flow_id: UUID, *, number: int, by: Staff, now: datetime) -> Flow:
    """Take an older version as the draft again."""
    flow = _open(flow_id, by=by)
    version = flow.versions.filter(number=number).first()
    if version is None:
        raise RuleBroken(_("没有第 %(n)d 版。") % {"n": number})
    return save(flow_id, draft=version.graph, by=by, now=now)


def copy(flow_id: UUID, *, by: Staff, now: datetime) -> Flow:
    """A flow of one's own campus with the same steps; it shares nothing with the first."""
    flow = open_flow(flow_id, by=by)
    name = _("%(name)s（副本）") % {"name": flow.name[: NAME_LENGTH - 4]}
    return create(name=name, use=SegmentUse(flow.use), draft=flow.draft, by=by, now=now)


def bring_in(text: str, *, by: Staff, now: datetime, flow_id: UUID | None = None) -> Flow:
    """Read a file as a new flow, or as the draft of one that is here."""
    name, draft = flow_files.read(text)
    graph = reading.parse(draft)
    if flow_id is not None:
        return save(flow_id, name=name, draft=reading.plain(graph), by=by, now=now)
    return create(name=name, use=graph.use, draft=reading.plain(graph), by=by, now=now)


@transaction.atomic
def finish_task(task_id: UUID, *, by: Staff, now: datetime) -> FlowTask:
    """Mark what a flow asked for as done; a second click changes nothing."""
    task = open_flow_task(task_id, by=by, lock=True)
    if task.done_at is None:
        task.done_at, task.done_by = now, by
        task.save(update_fields=["done_at", "done_by"])
        log.record("growth.flow.task", at=now, by=by, target=task)
    return task


def _open(flow_id: UUID, *, by: Staff) -> Flow:
    flow = open_flow(flow_id, by=by, lock=True, permission=Permission.GROWTH_WRITE)
    if flow.status == FlowStatus.ENDED:
        raise RuleBroken(_("这条旅程已停用，可以复制一条新的。"))
    return flow


def _turn(flow_id: UUID, old: FlowStatus, new: FlowStatus, *, by: Staff, now: datetime) -> Flow:
    flow = _open(flow_id, by=by)
    if flow.status != old:
        words = {"old": flow.get_status_display(), "new": new.label}
        raise RuleBroken(_("旅程现在是「%(old)s」，不能变为「%(new)s」。") % words)
    flow.status = new
    flow.save(update_fields=["status"])
    log.record(f"growth.flow.{new}", at=now, by=by, target=flow)
    return flow


def _follow(flow: Flow, graph: Graph | None, *, now: datetime) -> None:
    """Let the segment behind a flow keep its members, and let go of one that nothing uses any more."""
    before, flow.segment = flow.segment, None
    if graph is not None and graph.trigger["kind"] == TriggerKind.SEGMENT:
        rows = queries.segments_for(flow.campus_id)
        flow.segment = rows.filter(name=graph.trigger["segment"]).first()
        assert flow.segment is not None
        segments.follow(flow.segment, is_followed=True, now=now)
    if before is not None and before != flow.segment and not _is_used(before, besides=flow):
        segments.follow(before, is_followed=False, now=now)


def _is_used(segment: Segment, *, besides: Flow) -> bool:
    return Flow.objects.filter(segment=segment).exclude(pk=besides.pk).exists()


def _clean(name: str) -> str:
    words = normalise(name.replace("\0", ""))
    if not words or len(words) > NAME_LENGTH:
        raise RuleBroken(_("请填写名称，不超过 %(n)d 字。") % {"n": NAME_LENGTH}, code="name")
    return words
