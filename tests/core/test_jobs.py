from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import transaction
from django_q.models import OrmQ, Schedule

from yimei.core import jobs, tasks
from yimei.core.enums import JobStatus
from yimei.core.models import Job

NOW = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr(jobs, "_handlers", {})

    @jobs.handler("probe.note")
    def note(payload: Mapping[str, Any]) -> None:
        seen.append(dict(payload))

    @jobs.handler("probe.break")
    def break_(payload: Mapping[str, Any]) -> None:
        Job.objects.create(key=f"half:{uuid4()}", name="half", status=JobStatus.DONE, enqueued_at=NOW)
        raise ValueError("林晓雨 13800000000")

    @jobs.handler("probe.long", atomic=False)
    def long(payload: Mapping[str, Any]) -> None:
        jobs.progress(payload, 3, 10)
        seen.append({"atomic": transaction.get_connection().savepoint_ids})

    with time_machine.travel(NOW, tick=False):
        yield seen


def test_the_same_key_is_done_once(calls: list[dict[str, Any]]) -> None:
    jobs.enqueue("probe.note", {"id": 1}, key="note:1")
    jobs.enqueue("probe.note", {"id": 2}, key="note:1")
    assert jobs.run_waiting() == 1
    assert jobs.run_waiting() == 0
    jobs.run(str(Job.objects.get().public_id))
    assert [call["id"] for call in calls] == [1]
    job = Job.objects.get()
    assert (job.status, job.attempts, job.finished_at, job.lease_until) == (JobStatus.DONE, 1, NOW, None)


def test_what_is_asked_for_later_is_done_later(calls: list[dict[str, Any]]) -> None:
    later = NOW + timedelta(hours=3)
    jobs.enqueue("probe.note", {"id": 1}, key="note:1", not_before=later)
    assert jobs.run_waiting() == 0
    assert jobs.sweep(now=later - timedelta(seconds=1)) == 0
    assert jobs.sweep(now=later) == 1
    with time_machine.travel(later, tick=False):
        assert jobs.run_waiting() == 1
    assert [call["id"] for call in calls] == [1]


def test_nothing_is_asked_for_when_the_callers_transaction_fails(calls: list[dict[str, Any]]) -> None:

    @transaction.atomic
    def act() -> None:
        jobs.enqueue("probe.note", {}, key="note:1")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()
    assert jobs.run_waiting() == 0
    assert not calls


def test_an_unknown_name_is_an_error_at_once(calls: list[dict[str, Any]]) -> None:
    with pytest.raises(LookupError, match=r"probe\.typo"):
        jobs.enqueue("probe.typo", {}, key="x")


def test_two_handlers_for_one_name_are_an_error(calls: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match="two handlers"):
        jobs.handler("probe.note")(lambda payload: None)


def test_the_queue_gets_the_number_after_commit(
    calls: list[dict[str, Any]], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        jobs.enqueue("probe.note", {}, key="note:1")
        assert not OrmQ.objects.exists()
    assert len(callbacks) == 1
    job = Job.objects.get()
    assert job.delivered_at == NOW
    (queued,) = OrmQ.objects.all()
    assert queued.task["func"] == "yimei.core.jobs.run"
    assert queued.task["args"] == (str(job.public_id),)


def test_a_failure_undoes_its_writes_keeps_no_name_and_tries_again_later(
    calls: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    jobs.enqueue("probe.break", {}, key="break:1")
    jobs.run_waiting()
    job = Job.objects.get()
    assert (job.status, job.error, job.attempts) == (JobStatus.WAITING, "ValueError", 1)
    assert job.lease_until == NOW + timedelta(minutes=1)
    assert "ValueError" in caplog.text
    assert "林晓雨" not in caplog.text
    assert jobs.run_waiting() == 0


def test_after_five_attempts_a_job_has_failed(calls: list[dict[str, Any]]) -> None:
    jobs.enqueue("probe.break", {}, key="break:1")
    for hours in range(6):
        with time_machine.travel(NOW + timedelta(hours=hours), tick=False):
            jobs.run_waiting()
    job = Job.objects.get()
    assert (job.status, job.attempts, job.lease_until) == (JobStatus.FAILED, 5, None)
    assert job.finished_at == NOW + timedelta(hours=4)


def test_long_work_runs_without_a_transaction_and_says_how_far_it_is(calls: list[dict[str, Any]]) -> None:
    jobs.enqueue("probe.long", {}, key="long:1")
    outside = transaction.get_connection().savepoint_ids[:]
    jobs.run_waiting()
    assert calls == [{"atomic": outside}]
    job = Job.objects.get()
    assert (job.status, job.progress_done, job.progress_total) == (JobStatus.DONE, 3, 10)


def test_a_job_under_lease_is_left_alone_and_taken_over_when_the_lease_is_out(
    calls: list[dict[str, Any]],
) -> None:
    jobs.enqueue("probe.note", {}, key="note:1")
    public_id = Job.objects.get().public_id
    claimed = jobs._claim(public_id, now=NOW)
    assert claimed is not None
    assert claimed.lease_until is not None
    jobs.run(str(public_id))
    assert not calls
    with time_machine.travel(claimed.lease_until, tick=False):
        jobs.run(str(public_id))
    assert len(calls) == 1
    assert not jobs._finish(claimed, now=NOW), "the first worker came back too late and must not finish it"


def test_the_lease_outlives_the_workers_limit_but_not_the_queues_patience() -> None:
    job = Job.objects.create(key="x", name="x", enqueued_at=NOW)
    claimed = jobs._claim(job.public_id, now=NOW)
    assert claimed is not None
    assert claimed.lease_until is not None
    lease = (claimed.lease_until - NOW).total_seconds()
    assert jobs._cluster["timeout"] < lease < jobs._cluster["retry"]


@pytest.mark.parametrize(
    ("values", "swept"),
    [
        ({"status": "waiting"}, True),
        ({"status": "waiting", "lease_until": NOW + timedelta(seconds=1)}, False),
        ({"status": "waiting", "delivered_at": NOW - timedelta(minutes=1)}, False),
        ({"status": "waiting", "delivered_at": NOW - timedelta(hours=1)}, True),
        ({"status": "running", "delivered_at": NOW - timedelta(hours=1), "lease_until": NOW}, True),
        ({"status": "running", "delivered_at": NOW, "lease_until": NOW - timedelta(minutes=1)}, False),
        ({"status": "running", "delivered_at": NOW, "lease_until": NOW + timedelta(minutes=1)}, False),
        ({"status": "done", "attempts": 1}, False),
        ({"status": "failed", "attempts": 5}, False),
    ],
)
def test_the_sweeper_hands_over_again_only_what_was_lost(values: dict[str, Any], swept: bool) -> None:
    Job.objects.create(key="x", name="x", enqueued_at=NOW - timedelta(hours=2), **values)
    with time_machine.travel(NOW, tick=False):
        assert tasks.sweep_jobs() == int(swept)
        assert tasks.sweep_jobs() == 0
    assert OrmQ.objects.count() == int(swept)


def test_a_job_that_kills_every_worker_is_given_up() -> None:
    Job.objects.create(key="x", name="x", status="running", attempts=5, lease_until=NOW, enqueued_at=NOW)
    assert jobs.sweep(now=NOW) == 0
    job = Job.objects.get()
    assert (job.status, job.error) == (JobStatus.FAILED, "WorkerLost")


def test_the_timetable_follows_the_code() -> None:
    Schedule.objects.create(name="yimei.gone", func="x", schedule_type=Schedule.MINUTES, minutes=1)
    jobs.sync_schedules()
    assert not Schedule.objects.filter(name="yimei.gone").exists()
    sweeper = Schedule.objects.get(name="yimei.core.sweep_jobs")
    assert (sweeper.func, sweeper.minutes, sweeper.repeats) == ("yimei.core.tasks.sweep_jobs", 1, -1)
    Schedule.objects.update(minutes=5)
    jobs.sync_schedules()
    sweeper.refresh_from_db()
    assert sweeper.minutes == 1
