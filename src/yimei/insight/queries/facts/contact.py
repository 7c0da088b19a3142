"""Surveys, messages, the waiting list and those who were turned away."""

from collections.abc import Iterator, Sequence

from yimei.core.clock import local_date
from yimei.insight.queries.facts.keys import episode_key
from yimei.journey.enums import WaitingStatus
from yimei.journey.models import Survey, TurnAway, WaitingEntry
from yimei.outbox.models import Message

DIMENSIONS = ("service", "doctor", "comfort", "result", "aftercare")


def surveys(patients: Sequence[int]) -> Iterator[tuple[object, ...]]:
    rows = Survey.objects.filter(case__patient__in=patients)
    for row in rows.select_related("case__patient__person__vault_key").order_by("pk"):
        said = row.dimensions if row.answered_at else {}
        yield (
            row.pk,
            row.case.patient_id,
            row.case.campus_id,
            episode_key(row.case.public_id),
            row.case.procedure_id,
            row.case.surgeon_id,
            local_date(row.created_at),
            row.answered_at is not None,
            row.score,
            *(said.get(name) for name in DIMENSIONS),
        )


def messages(patients: Sequence[int]) -> Iterator[tuple[object, ...]]:
    rows = Message.objects.filter(patient__in=patients).order_by("pk")
    for row in rows.values_list(
        "pk", "patient", "patient__campus", "template__code", "message_class", "channel", "status", "verdict",
        "created_at",
    ):  # fmt: skip
        *told, at = row
        yield (*told, local_date(at))


def waiting(patients: Sequence[int]) -> Iterator[tuple[object, ...]]:
    for row in WaitingEntry.objects.filter(patient__in=patients).order_by("pk"):
        waited = (row.ended_at - row.created_at).total_seconds() / 86400 if row.ended_at else None
        yield (
            row.pk,
            row.patient_id,
            row.campus_id,
            row.procedure_id,
            row.kind,
            row.status,
            local_date(row.created_at),
            row.status == WaitingStatus.BOOKED,
            waited,
        )


def turn_aways(patients: Sequence[int]) -> Iterator[tuple[object, ...]]:
    for row in TurnAway.objects.filter(patient__in=patients).order_by("pk"):
        yield _turned_away(row)


def nameless_turn_aways() -> Iterator[tuple[object, ...]]:
    for row in TurnAway.objects.filter(patient=None).order_by("pk"):
        yield _turned_away(row)


def _turned_away(row: TurnAway) -> tuple[object, ...]:
    return (
        row.pk,
        row.patient_id,
        row.campus_id,
        row.procedure_id,
        row.kind,
        row.reason,
        local_date(row.at),
    )
