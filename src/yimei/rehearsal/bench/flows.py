"""A flow over a hundred thousand people, its worker killed on the way: every message decided once."""

import os
import random
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from yimei.growth.actions import running
from yimei.growth.enums import SegmentUse
from yimei.growth.enums.flows import FlowStatus, Reentry, RunEnd
from yimei.growth.models import Flow, FlowRun, FlowStep, FlowVersion, Profile
from yimei.growth.queries.facts import birthday_token
from yimei.hospital.enums import Grade, InstitutionKind
from yimei.hospital.models import Campus
from yimei.outbox import registry as outbox_registry
from yimei.outbox.actions import batches
from yimei.outbox.actions import reference as outbox
from yimei.outbox.actions.engine import default_channel
from yimei.outbox.enums import MessageStatus
from yimei.outbox.models import Message
from yimei.outbox.tasks import FRESH
from yimei.people.enums import SourceKind
from yimei.people.models import Patient, Person
from yimei.privacy.actions import reference as privacy
from yimei.privacy.enums import Audience, ConsentAct, ConsentChannel, ConsentMode
from yimei.privacy.models import Consent, Notice, Purpose
from yimei.rehearsal.bench.scratch import scratch_database
from yimei.vault.keys import new_key

SEED = 20260616
NOW = datetime(2026, 6, 16, 2, tzinfo=UTC)
MOST = 100_000
BATCH = 2_000
MOST_SENT = 5_000
"""Messages that are also handed to a channel: how long that takes is the channel's own affair."""
WITHDRAWN = 0.3
"""Whose consent ends between entry and message: the gate, not the flow, must notice."""
GRAPH: dict[str, Any] = {
    "use": SegmentUse.MARKETING.value,
    "trigger": {"kind": "date", "field": "birthday", "days": 0},
    "reentry": {"mode": Reentry.NEVER.value},
    "holdout": 10,
    "goal": {"event": "visited", "days": 30},
    "start": "split",
    "nodes": {
        "split": {"kind": "split", "label": "A/B", "arms": {"A": {"share": 50, "next": "a"},
                                                            "B": {"share": 50, "next": "b"}}},
        "a": {"kind": "message", "label": "A", "template": "greeting.birthday", "next": "wait"},
        "b": {"kind": "message", "label": "B", "template": "dormant.hello", "next": "wait"},
        "wait": {"kind": "wait", "label": "等一周", "days": 7, "next": ""},
    },
}  # fmt: skip


def run(n: int) -> dict[str, Any]:
    """Let everybody in, kill the worker after a third, and let another one finish; at most 100,000."""
    n = min(n, MOST)
    with scratch_database():
        flow = _fill(n, random.Random(SEED))
        _tell(_("进入"))
        started = perf_counter()
        entered = running.enter(flow.pk, now=NOW)
        entering = perf_counter() - started
        started = perf_counter()
        killed_at = _killed_worker(flow.pk, FlowRun.objects.filter(ended_at=None).count() // 3)
        while running.advance(flow.pk, now=NOW):
            _tell(f"{FlowStep.objects.filter(node='split').count():,} / {entered:,}")
        seconds = perf_counter() - started
        return {"name": "flows", "n": n, "entered": entered, "entering_seconds": round(entering, 1),
                "killed_after": killed_at, "seconds": round(seconds, 1),
                "per_second": round(Message.objects.count() / seconds), **_judged(flow, entered),
                **_sending()}  # fmt: skip


class _Line:
    """A channel that answers at once and keeps whom it was called for in a file that outlives its worker."""

    party = ""

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, to: str, subject: str, body: str, stop: str = "") -> str:
        with self.path.open("a") as file:
            file.write(f"{to}\n")
        return to

    def called(self) -> list[str]:
        return self.path.read_text().split() if self.path.exists() else []


def _sending() -> dict[str, Any]:
    """Hand over what was decided to go, with a worker killed on the way; only the first thousands."""
    ids = list(
        Message.objects.filter(status=MessageStatus.QUEUED)
        .order_by("pk")
        .values_list("public_id", flat=True)[:MOST_SENT]
    )
    with tempfile.TemporaryDirectory(prefix="yimei-bench-") as folder:
        line = _Line(Path(folder) / "called")
        before = outbox_registry.use_gateway(default_channel(), line)
        try:
            started = perf_counter()
            _killed(lambda: _deliver(ids), lambda: len(line.called()), len(ids) // 3)
            _deliver(ids)
            seconds = perf_counter() - started
        finally:
            outbox_registry.use_gateway(default_channel(), before)
        called = line.called()
    unknown = Message.objects.filter(status=MessageStatus.UNKNOWN).count()
    return {
        "handed_over": len(called),
        "handed_over_twice": len(called) - len(set(called)),
        "unknown_after_the_kill": unknown,
        "handed_over_per_second": round(len(called) / seconds),
    }


def _deliver(ids: Sequence[UUID]) -> None:
    for start in range(0, len(ids), FRESH):
        batches.deliver_some(ids[start : start + FRESH], now=NOW)


def _judged(flow: Flow, entered: int) -> dict[str, Any]:
    """Count what must be true of every run, whatever died."""
    treated = FlowRun.objects.filter(flow=flow).exclude(ended_because=RunEnd.HELD_OUT)
    per_person = Message.objects.order_by().values("patient").annotate(n=Count("pk"))
    decided = Counter(Message.objects.order_by().values_list("verdict", flat=True))
    steps = FlowStep.objects.filter(run__flow=flow).order_by()
    twice = steps.values("run", "node").annotate(n=Count("pk")).filter(n__gt=1).count()
    return {
        "held_out": entered - treated.count(),
        "treated": treated.count(),
        "messages": sum(decided.values()),
        "decided": dict(decided),
        "decided_once": sum(decided.values()) == treated.count() and not per_person.filter(n__gt=1).exists(),
        "steps_twice": twice,
        "waiting": treated.filter(ended_at=None, wake_at__gt=NOW).count(),
        "max_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _killed_worker(flow: int, enough: int) -> int:
    """Let a worker of its own move people and kill it once they are enough; return how many it had moved."""

    def work() -> None:
        while running.advance(flow, now=NOW):
            pass

    def moved() -> int:
        return FlowStep.objects.filter(node="split").count()

    _killed(work, moved, enough)
    return moved()


def _killed(work: Callable[[], None], done: Callable[[], int], enough: int) -> None:
    """Start a process for this work and kill it without warning once it has done enough."""
    connection.close()
    pid = os.fork()
    if pid == 0:
        work()
        os._exit(0)
    while (so_far := done()) < enough and os.waitpid(pid, os.WNOHANG)[0] == 0:
        _tell(f"{so_far:,} †")
        time.sleep(0.05)
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _fill(n: int, chance: random.Random) -> Flow:
    """People with real keys, sealed names, consents and profiles; all of them have birthday today."""
    campus = Campus.objects.create(
        code="C", name="颐美示范医院", phone="021-00000000", address="上海市示范路 1 号",
        institution_kind=InstitutionKind.SPECIALIST, max_grade=Grade.FOUR,
    )  # fmt: skip
    privacy.load(NOW - timedelta(days=90))
    outbox.load(NOW - timedelta(days=90))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous = NORMAL")
    purpose = Purpose.objects.get(code="marketing")
    notice = Notice.objects.filter(audience=Audience.ADULT).order_by("-version").first()
    assert notice is not None
    today = birthday_token(NOW.date())
    for start in range(0, n, BATCH):
        with transaction.atomic():
            people = [_person(number) for number in range(start, min(start + BATCH, n))]
            Person.objects.bulk_create(people)
            patients = Patient.objects.bulk_create(
                [
                    Patient(person=one, campus=campus, source=SourceKind.PHONE, created_at=NOW)
                    for one in people
                ]
            )
            given = [
                _act(one, purpose, notice, ConsentAct.GIVEN, NOW - timedelta(days=30)) for one in patients
            ]
            gone = [
                _act(one, purpose, notice, ConsentAct.WITHDRAWN, NOW - timedelta(days=1))
                for one in patients
                if chance.random() < WITHDRAWN
            ]
            Consent.objects.bulk_create([*given, *gone])
            Profile.objects.bulk_create(
                Profile(
                    campus=campus, patient=one, read_at=NOW, is_customer=True, is_adult=True,
                    source=SourceKind.PHONE, known_on=NOW.date(), agrees_marketing=True, birthday=today,
                )
                for one in patients
            )  # fmt: skip
        _tell(f"{start + len(people):,} / {n:,}")
    flow = Flow.objects.create(
        name="bench", use=SegmentUse.MARKETING, campus=campus, status=FlowStatus.RUNNING, number=1,
        draft=GRAPH, checked_on=NOW.date() - timedelta(days=1), created_at=NOW,
    )  # fmt: skip
    FlowVersion.objects.create(flow=flow, number=1, graph=GRAPH, sha256="0" * 64, at=NOW)
    return flow


def _person(number: int) -> Person:
    person = Person(vault_key=new_key(), sex="F", created_at=NOW)
    person.name, person.phone = f"客户{number}", f"+8612{number:09d}"
    person.birth_date = NOW.date().replace(year=1990)
    return person


def _act(patient: Patient, purpose: Purpose, notice: Notice, act: ConsentAct, at: datetime) -> Consent:
    return Consent(
        patient=patient, purpose=purpose, notice=notice, notice_sha256=notice.sha256, act=act,
        mode=ConsentMode.GENERAL, channel=ConsentChannel.TABLET, at=at, shown_at=at,
    )  # fmt: skip


def _tell(text: str) -> None:
    sys.stderr.write(f"\r{text:<40}")
    sys.stderr.flush()
