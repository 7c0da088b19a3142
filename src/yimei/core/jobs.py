"""Background work behind one door: ask once, done once, whatever dies in between.

The row is the truth and is written with the caller's transaction; the queue only carries its number. A worker
takes the job under a lease, then does the work and marks it done in one transaction: killed in between,
neither happened.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django_q.models import Schedule
from django_q.tasks import async_task

from yimei.core.enums import JobStatus
from yimei.core.models import Job

logger = logging.getLogger(__name__)

Handler = Callable[[Mapping[str, Any]], None]

MAX_ATTEMPTS = 5
RETRY_AFTER = timedelta(minutes=1)
SWEEP_BATCH = 500

_cluster: dict[str, Any] = settings.Q_CLUSTER


@dataclass(frozen=True)
class _Registered:
    run: Handler
    atomic: bool


_handlers: dict[str, _Registered] = {}
_schedules: dict[str, dict[str, Any]] = {}


def handler(name: str, *, atomic: bool = True) -> Callable[[Handler], Handler]:
    """Register the work of a name; the module must be a part's `tasks`, which every worker imports.

    `atomic=False` is for work that is long or talks to the outside: it runs without a transaction, so that it
    blocks nobody, may call `progress`, and must itself bear being run again after a crash.
    """

    def register(function: Handler) -> Handler:
        known = _handlers.get(name)
        if known and known.run.__qualname__ != function.__qualname__:
            raise ValueError(f"two handlers for {name!r}")
        _handlers[name] = _Registered(function, atomic)
        return function

    return register


def every(name: str, func: str, *, minutes: int = 0, cron: str = "") -> None:
    """Ask for a dotted function to run again and again; `cron` is in the hospital's time."""
    timing = (
        {"schedule_type": Schedule.CRON, "cron": cron, "minutes": None}
        if cron
        else {"schedule_type": Schedule.MINUTES, "minutes": minutes, "cron": None}
    )
    _schedules[name] = {"func": func, "repeats": -1, **timing}


def sync_schedules() -> None:
    """Make the queue's timetable equal to what the parts asked for."""
    Schedule.objects.filter(name__startswith="yimei.").exclude(name__in=_schedules).delete()
    for name, wanted in _schedules.items():
        row, created = Schedule.objects.get_or_create(name=name, defaults=wanted)
        if not created and any(getattr(row, field) != value for field, value in wanted.items()):
            Schedule.objects.filter(pk=row.pk).update(**wanted)


def enqueue(name: str, payload: Mapping[str, Any], *, key: str, not_before: datetime | None = None) -> None:
    """Ask for the work once; the same key again changes nothing. Ids only in the payload.

    What has a ``not_before`` is leased to nobody until then and handed over by the sweeper.
    """
    if name not in _handlers:
        raise LookupError(f"no handler for {name!r}")
    job, is_new = Job.objects.get_or_create(
        key=key,
        defaults={
            "name": name,
            "payload": dict(payload),
            "enqueued_at": timezone.now(),
            "lease_until": not_before,
        },
    )
    if is_new and not_before is None:
        transaction.on_commit(partial(_deliver, job.public_id), robust=True)


def progress(payload: Mapping[str, Any], done: int, total: int) -> None:
    """Say how far a job with `atomic=False` has come."""
    Job.objects.filter(public_id=payload["job"]).update(progress_done=done, progress_total=total)


def run(job_id: str) -> None:
    """Do one job, if it is still to be done; the queue and the sweeper may call it as often as they like."""
    job = _claim(UUID(job_id), now=timezone.now())
    if job is None:
        return
    registered = _handlers[job.name]
    payload = {**job.payload, "job": job_id}
    try:
        if not registered.atomic:
            registered.run(payload)
        with transaction.atomic():
            if not _finish(job, now=timezone.now()):
                return
            if registered.atomic:
                registered.run(payload)
    except Exception as error:  # noqa: BLE001 - the one border where any failure becomes a state
        _note_failure(job, type(error), now=timezone.now())


def run_waiting(limit: int = 1000) -> int:
    """Do what waits in this process, oldest first, and return how many; for tests and commands."""
    for count in range(limit):
        job = _due(timezone.now()).order_by("pk").first()
        if job is None:
            return count
        run(str(job.public_id))
    return limit


def sweep(*, now: datetime) -> int:
    """Hand over again what was never delivered, was lost on the way, or whose worker died."""
    lost = now - 2 * timedelta(seconds=_cluster["retry"])
    never = Q(delivered_at=None) | Q(delivered_at__lt=lost)
    orphaned = Q(status=JobStatus.RUNNING, delivered_at__lt=F("lease_until"))
    Job.objects.filter(status=JobStatus.RUNNING, lease_until__lte=now, attempts__gte=MAX_ATTEMPTS).update(
        status=JobStatus.FAILED, lease_until=None, finished_at=now, error="WorkerLost"
    )
    due = _due(now).filter(never | orphaned).order_by("pk")
    jobs = list(due.values_list("public_id", flat=True)[:SWEEP_BATCH])
    for public_id in jobs:
        _deliver(public_id)
    return len(jobs)


def forget(*, before: datetime) -> int:
    """Remove the rows of work asked for before an instant: their numbers lead to people who may be gone."""
    return Job.objects.filter(enqueued_at__lt=before).delete()[0]


def _due(now: datetime) -> QuerySet[Job]:
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    unfinished = [JobStatus.WAITING, JobStatus.RUNNING]
    return Job.objects.filter(free, status__in=unfinished, attempts__lt=MAX_ATTEMPTS)


def _deliver(public_id: UUID) -> None:
    async_task("yimei.core.jobs.run", str(public_id))
    Job.objects.filter(public_id=public_id).update(delivered_at=timezone.now())


def _claim(public_id: UUID, *, now: datetime) -> Job | None:
    """Take the job under a lease that outlives the worker's time limit but not the queue's patience."""
    limit, retry = _cluster["timeout"], _cluster["retry"]
    lease_until = now + timedelta(seconds=(limit + retry) / 2)
    with transaction.atomic():
        taken = (
            _due(now)
            .filter(public_id=public_id)
            .update(
                status=JobStatus.RUNNING,
                lease_until=lease_until,
                started_at=now,
                attempts=F("attempts") + 1,
            )
        )
        return Job.objects.get(public_id=public_id) if taken else None


def _finish(job: Job, *, now: datetime) -> bool:
    """Mark it done, unless the lease ran out and another worker has taken over."""
    mine = Job.objects.filter(pk=job.pk, status=JobStatus.RUNNING, attempts=job.attempts)
    return bool(mine.update(status=JobStatus.DONE, finished_at=now, lease_until=None, error=""))


def _note_failure(job: Job, error: type[Exception], *, now: datetime) -> None:
    """Keep the class of the error only: its text may hold a name."""
    logger.error("job %s (%s) failed: %s", job.public_id, job.name, error.__name__)
    final = job.attempts >= MAX_ATTEMPTS
    Job.objects.filter(pk=job.pk, status=JobStatus.RUNNING, attempts=job.attempts).update(
        status=JobStatus.FAILED if final else JobStatus.WAITING,
        lease_until=None if final else now + RETRY_AFTER * 2 ** (job.attempts - 1),
        delivered_at=None,
        finished_at=now if final else None,
        error=error.__name__,
    )
