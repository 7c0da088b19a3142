"""When a customer is left alone for reasons of growth's own: money on its way back, a dispute that runs."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yimei.billing.enums import PaymentKind
from yimei.billing.models import Payment
from yimei.outbox import registry
from yimei.people.models import Patient
from yimei.privacy.models import LegalHold

AFTER_REFUND = timedelta(days=30)
"""No advertisement so soon after a refund (院方默认)."""


@registry.quiet_reason
def in_dispute(patient: Patient, now: datetime) -> str | None:
    """Say why no marketing goes to this customer now: a complaint, a dispute, a refund."""
    if LegalHold.objects.filter(patient=patient, released_at=None).exists():
        return _("投诉或争议处理中")
    back = Payment.objects.filter(order__patient=patient, kind=PaymentKind.REFUND, at__gt=now - AFTER_REFUND)
    return _("退款后 30 天内") if back.exists() else None
