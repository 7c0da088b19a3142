"""When a customer is left alone: the medical quiet period, told to the outbox."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yimei.journey.enums import CaseStage, ClavienDindo, SurgeryStatus
from yimei.journey.models import Case, Review, Surgery
from yimei.outbox import registry

QUIET_AFTER = timedelta(days=14)
"""No advertisement so soon before or after an operation (a default: 待临床确认)."""


@registry.quiet_reason
def medical_quiet(patients: Collection[int], now: datetime) -> dict[int, str]:
    """Say why no marketing goes to these customers now: in treatment, just operated, with a complication."""
    cases = Case.objects.filter(patient__in=patients).open()
    latest = dict(
        Review.objects.filter(case__in=cases)
        .order_by("at", "pk")
        .values_list("case__patient", "complication")
    )
    troubled = [pk for pk, complication in latest.items() if complication != ClavienDindo.NONE]
    near = Surgery.objects.filter(
        case__patient__in=patients, starts_at__range=(now - QUIET_AFTER, now + QUIET_AFTER)
    ).exclude(status=SurgeryStatus.CANCELLED)
    inside = cases.filter(stage__in=[CaseStage.IN_SURGERY, CaseStage.RECOVERING])
    return (
        dict.fromkeys(troubled, _("并发症处理中"))
        | dict.fromkeys(near.values_list("case__patient", flat=True), _("手术前后 14 天内"))
        | dict.fromkeys(inside.values_list("patient", flat=True), _("手术后尚未离院"))
    )
