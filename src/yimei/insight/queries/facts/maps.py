"""What was injected: every point of the finished maps that nothing has corrected since."""

from collections.abc import Iterator, Sequence

from yimei.insight.queries.facts.keys import episode_key
from yimei.journey.enums import MapKind
from yimei.journey.models import TreatmentMap

POINTS = 1000
"""More points than a map may have; row = map × this + point."""


def uses(patients: Sequence[int]) -> Iterator[tuple[object, ...]]:
    rows = TreatmentMap.objects.filter(
        case__patient__in=patients, kind=MapKind.DONE, completed_at__isnull=False, superseded_by=None
    )
    for row in rows.select_related("case__patient__person__vault_key").order_by("pk"):
        for place, point in enumerate(row.points):
            amount = point.get("amount")
            yield (
                row.pk * POINTS + place,
                row.case.patient_id,
                row.case.campus_id,
                episode_key(row.case.public_id),
                row.case.procedure_id,
                row.completed_by_id,
                row.on,
                point.get("product") or None,
                point.get("unit") or None,
                float(amount) if amount else None,
                bool(point.get("lot")),
            )
