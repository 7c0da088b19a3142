"""Reads: the gates of a campus with what has come by them, the files that were read."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max

from yimei.growth.models import Gate, Intake, LeadFile
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


def files(*, by: Staff) -> list[LeadFile]:
    return list(LeadFile.objects.filter(campus=by.campus_id).select_related("by")[:FILES])
