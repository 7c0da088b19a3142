"""When a customer is left alone: the medical quiet period, told to the outbox."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yimei.journey.enums import CaseStage, ClavienDindo, SurgeryStatus
from yimei.journey.models import Case, Review, Surgery
from yimei.outbox import registry
from yimei.people.models import Patient

QUIET_AFTER = timedelta(days=14)
"""No advertisement so soon before or after an operation (a default: 待临床确认)."""


@registry.quiet_reason
def medical_quiet(patient: Patient, now: datetime) -> str | None:
    """Say why no marketing goes to this customer now: in treatment, just operated, or with a complication."""
    cases = Case.objects.filter(patient=patient).open()
    if cases.filter(stage__in=[CaseStage.IN_SURGERY, CaseStage.RECOVERING]).exists():
        return _("手术后尚未离院")
    near = Surgery.objects.filter(
        case__patient=patient, starts_at__range=(now - QUIET_AFTER, now + QUIET_AFTER)
    )
    if near.exclude(status=SurgeryStatus.CANCELLED).exists():
        return _("手术前后 14 天内")
    latest = Review.objects.filter(case__in=cases).order_by("-at").first()
    if latest is not None and latest.complication != ClavienDindo.NONE:
        return _("并发症处理中")
    return None
