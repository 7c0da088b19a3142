"""Leads and every contact with them; of whom is no customer yet, only a keyed number stands in the mart."""

from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from yimei.core.clock import SHANGHAI, local_date
from yimei.growth.enums import LeadStatus, Outcome
from yimei.growth.models import Lead, Touch
from yimei.growth.rules.leads import FROM_PERSON, NOT_VALID
from yimei.insight.queries.facts.keys import minutes_between
from yimei.vault import blind

DAY = timedelta(days=1)
REACHED = frozenset({Outcome.REACHED, Outcome.WANTS_VISIT, Outcome.CALL_BACK})
LEAD = (
    "public_id", "patient_id", "campus_id", "owner_id", "source", "interest", "status", "loss", "created_at",
    "first_response_at", "ended_at",
)  # fmt: skip


def lead_key(public_id: UUID) -> int:
    """Return a keyed number of a lead: its contacts belong to it, and nobody finds it by that."""
    return int.from_bytes(blind.token("mart.lead", str(public_id))[:8], "big") >> 2


def living(out: Collection[int]) -> dict[int, tuple[int, int | None]]:
    """Return number, code and customer of every lead that may be counted."""
    rows = Lead.objects.living().order_by("pk").values_list("pk", "public_id", "patient_id")
    return {
        pk: (lead_key(public_id), patient)
        for pk, public_id, patient in rows.iterator(chunk_size=5000)
        if patient not in out
    }


def leads(numbers: Sequence[int]) -> Iterator[tuple[object, ...]]:
    for row in Lead.objects.filter(pk__in=numbers).order_by("pk").only(*LEAD):
        yield (
            row.pk,
            row.patient_id,
            row.campus_id,
            lead_key(row.public_id),
            row.owner_id,
            row.source,
            row.interest or None,
            row.status,
            row.loss or None,
            local_date(row.created_at),
            row.created_at.astimezone(SHANGHAI).hour,
            minutes_between(row.created_at, row.first_response_at),
            (row.ended_at - row.created_at) / DAY if row.ended_at else None,
            row.status == LeadStatus.LINKED,
            row.loss not in NOT_VALID,
            row.first_response_at is not None,
            row.status == LeadStatus.BOOKED,
            row.status == LeadStatus.LOST,
            row.is_in_pool,
        )


def touches(numbers: Sequence[int]) -> Iterator[tuple[object, ...]]:
    rows = Touch.objects.filter(lead__in=numbers).order_by("pk")
    for pk, patient, campus, lead, by, source, kind, outcome, at in rows.values_list(
        "pk", "lead__patient", "lead__campus", "lead__public_id", "by", "source", "kind", "outcome", "at"
    ):
        yield (
            pk,
            patient,
            campus,
            lead_key(lead),
            by,
            source,
            kind,
            outcome,
            local_date(at),
            at.astimezone(SHANGHAI).hour,
            kind in FROM_PERSON,
            outcome in REACHED,
        )
