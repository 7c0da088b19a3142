"""Reads: the gates of a campus with what has come by them, the files that were read."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max

from yimei.core.enums import JobStatus
from yimei.core.models import Job
from yimei.growth.models import Gate, Intake, LeadFile, LeadFileLine
from yimei.people.models import Staff
from yimei.vault import ciphers
from yimei.vault.keys import system_secret

SECRET = "growth.gate"
FILES = 20


@dataclass(frozen=True)
class GateRow:
    gate: Gate
    came: int
    last: datetime | None


def secret_of(gate: Gate) -> str:
    """The secret of a gate's present generation, computed from a key of the house."""
    algorithm, secret = system_secret(SECRET)
    return ciphers.mac(algorithm, secret, f"{gate.public_id}:{gate.generation}".encode()).hex()


def gates(*, by: Staff) -> list[GateRow]:
    rows = list(Gate.objects.visible_to(by).order_by("stopped_at", "name", "pk"))
    counted = Intake.objects.filter(gate__in=rows).order_by().values_list("gate")
    came = {pk: (n, at) for pk, n, at in counted.annotate(n=Count("pk"), at=Max("at"))}
    return [GateRow(one, *came.get(one.pk, (0, None))) for one in rows]


@dataclass(frozen=True)
class FileRow:
    """One file with how far it is."""

    file: LeadFile
    done: int
    has_stopped: bool
    may_fetch: bool

    @property
    def percent(self) -> int:
        return 100 * self.done // max(self.file.rows, 1)

    @property
    def is_running(self) -> bool:
        return not self.file.is_finished and not self.has_stopped


def files(*, by: Staff) -> list[FileRow]:
    """The newest files of a campus; three queries."""
    rows = list(LeadFile.objects.filter(campus=by.campus_id).select_related("by")[:FILES])
    open_ = [one for one in rows if not one.is_finished]
    lines = LeadFileLine.objects.filter(file__in=open_).order_by().values_list("file")
    done = dict(lines.annotate(n=Count("pk")))
    alive = set(
        Job.objects.filter(
            name="growth.leads.bring", status__in=[JobStatus.WAITING, JobStatus.RUNNING]
        ).values_list("payload__file", flat=True)
    )
    return [
        FileRow(
            one,
            one.rows if one.is_finished else done.get(one.pk, 0),
            has_stopped=not one.is_finished and str(one.public_id) not in alive,
            may_fetch=bool(one.refused) and one.file_id is not None and one.cleared_at is None,
        )
        for one in rows
    ]
